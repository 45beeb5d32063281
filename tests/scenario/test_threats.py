"""The six of the threat model, each played against the whole program."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.domain.model.audit import verify_chain
from bot.domain.model.cases import CaseState
from bot.domain.model.people import Operator
from storage.database import Database
from tests.fakes.sqlite import url_of
from tests.mail import MailServerStandIn
from tests.office import AUDIT, Office
from tests.scenario.changes import (
    answer_to,
    cause_of_suspension,
    message_to_report,
    report,
    wrong_code,
)

GATE = "Prove that it is you"
SUSPENDED = "Your sign-in is suspended"
OPERATOR = Operator(user="root", host="server")


def test_somebody_who_phones_the_help_desk_as_bob(office: Office) -> None:
    """Alice is taken in. The caller knows Bob's password, and gets no further than the gate."""
    world, caller = office.world, office.browser(address="203.0.113.66")
    office.reset(world.alice, world.bob)
    assert caller.password(world.bob).heading == GATE
    office.deliver()
    for _ in range(5):
        assert caller.set_up_code("AAAA-AAAA").heading == GATE
    assert "Too many" in caller.set_up_code("AAAA-AAAB").error
    assert caller.open("/portal/").path != "/portal/"
    assert office.active(world.bob.id) == 0
    assert "203.0.113.66" in office.dm(world.bob)[-1]
    assert message_to_report(office, world.bob).action_ids[-1] == "reset_report"
    assert any("was reset by Alice Archer" in text for text in office.dm(world.carol))


def test_somebody_who_has_taken_over_an_admin(office: Office) -> None:
    """With Alice's Slack: nothing. With one code of hers, too: one reset, and no sign-in."""
    world = office.world
    for _ in range(5):
        view = office.ask(world.alice, world.bob)
        office.fill(world.alice, view, code=wrong_code(office, world.alice))
    office.deliver()
    assert office.cases(world.bob) == ()
    assert any("wrong codes in the name of Alice" in text for text in office.dm(world.carol))

    office.move(minutes=10)
    phished = world.alice.code(office.clock)
    view = office.ask(world.alice, world.bob)
    assert office.fill(world.alice, view, code=phished).ok
    office.deliver()
    assert office.as_(world.alice).click(office.confirm_block(world.alice), "reset_yes").ok
    office.deliver()
    again = office.fill(world.alice, office.ask(world.alice, world.alan), code=phished)
    assert list(again.errors) == ["code"]
    office.as_(world.alice).close_all()
    assert "higher role" in answer_to(office, world.alice, f"<@{world.carol.slack.user}>")
    assert office.active(world.alan.id) == 1
    assert office.browser().password(world.bob).heading == GATE


def test_somebody_who_has_taken_over_a_subscriber(office: Office) -> None:
    """With Bob's password and Bob's Slack they can enrol; Bob undoes it, in one press."""
    world = office.world
    office.reset(world.alice, world.bob)
    intruder = office.set_up(world.bob)
    assert intruder.open("/portal/").path == "/portal/"
    assert any("An authenticator was added" in text for text in office.dm(world.bob))
    assert report(office, world.bob).ok
    assert intruder.open("/portal/").path == "/portal/sign-in"
    assert office.active(world.bob.id) == 0
    assert office.browser().password(world.bob).heading == SUSPENDED
    assert cause_of_suspension(office, world.bob) is not None


def test_somebody_who_asks_for_a_reset_from_a_stolen_slack_account(tmp_path: Path) -> None:
    """The request changes nothing, is told to Bob outside Slack, and vouches for nobody."""
    with (
        MailServerStandIn() as mail,
        Office(tmp_path, REKEY_SMTP_URL=mail.url(options="?from=rekey@acme.example")) as office,
    ):
        world, alice = office.world, office.as_(office.world.alice)
        thief = office.as_(world.bob)
        assert office.type(world.bob, "ask").ok
        assert "phone" not in thief.modal.shown.lower()
        reason = "My phone is gone, call me on +1 555 0100"
        assert thief.submit(thief.modal, {"account": "acme", "reason": reason}).ok
        thief.close_all()
        office.deliver()
        assert office.active(world.bob.id) == 1
        assert office.cases(world.bob) == ()
        assert "You asked for a reset" in mail.to(world.bob.email)[-1].subject

        offer = next(message for message in alice.dm if "request_take" in message.action_ids)
        assert "555" not in offer.shown
        assert alice.click(offer, "request_take").ok
        assert "which proves nothing" in alice.modal.shown
        assert "+44 20 7946 0100" in alice.modal.shown  # on file; 555 is the thief's
        taken = alice.modal
        assert "proof" in alice.submit(taken, {"code": world.alice.code(office.clock)}).errors
        assert office.fill(world.alice, taken).ok  # she claims a proof that never happened
        office.deliver()
        question = next(message for message in alice.dm if "reset_yes" in message.action_ids)
        assert alice.click(question, "reset_yes").ok
        office.deliver()
        assert "Your 2FA was reset" in mail.to(world.bob.email)[-1].subject
        assert any("was reset by Alice Archer" in text for text in office.dm(world.carol))
        guess = {"username": world.bob.username, "password": "a guess of the thief"}
        assert "wrong" in office.browser().submit("/portal/sign-in", guess).error
        office.deliver()
        assert not any("show_set_up_code" in message.action_ids for message in thief.dm)


def test_an_admin_who_is_in_on_it(office: Office) -> None:
    """Behind Bob's back she cannot let anybody in, nor hide it, nor undo what he says."""
    world = office.world
    office.reset(world.alice, world.bob)
    helper = office.browser()
    assert helper.password(world.bob).heading == GATE
    office.deliver()
    bob = f"<@{world.bob.slack.user}>"
    assert "somebody else" in answer_to(office, world.alice, f"hand-over {bob}")
    (case,) = office.cases(world.bob)
    message = office.as_(world.alan)
    assert office.type(world.alan, f"status {bob}").ok
    message.click(message.ephemerals[-1], "case_take_over")
    office.deliver()
    assert office.cases(world.bob)[0].taken_over_by == world.alan.id
    assert "somebody else" in answer_to(office, world.alice, f"hand-over {bob}")
    assert any("was reset by Alice Archer" in text for text in office.dm(world.carol))
    report(office, world.bob)
    assert "somebody else" in answer_to(office, world.alice, f"{bob} it was fine")
    assert office.cases(world.bob)[0].state is CaseState.VETOED
    assert case.admin_id == world.alice.id


def test_an_operator_who_wants_to_act_in_silence(office: Office, tmp_path: Path) -> None:
    """Commands are told of; what is done to the file does not fit a head kept elsewhere."""
    world = office.world
    office.suspensions.suspend(world.bob.email, reason="Says so", operator=OPERATOR)
    office.sweep()
    for told in (office.dm(world.bob), office.dm(world.carol)):
        assert any("The operator" in text for text in told)
    heads = [m for m in office.slack.messages(AUDIT) if "head of the audit chain" in m.text]
    with office.rekey.database.snapshot() as uow:
        head, number = uow.audit.head()
    assert heads

    file = office.rekey.settings.database_url.get_secret_value().removeprefix("sqlite:///")
    path = tmp_path / "tampered.db"
    with closing(sqlite3.connect(path)) as copy, closing(sqlite3.connect(file)) as own:
        own.backup(copy)
        copy.execute("DROP TRIGGER audit_records_delete")
        for table in ("audit_details", "audit_records"):
            copy.execute(f"DELETE FROM {table} WHERE number > ?", (number - 3,))  # noqa: S608  # two names of ours
        copy.commit()
    database = Database(url_of(path), secret_keys=())
    with database.snapshot() as uow:
        records = list(uow.audit.records())
    database.close()
    assert verify_chain(records).fault is None
    assert "records were removed" in (verify_chain(records, expected_head=head).fault or "")
