"""Forgetting a leaver: everything personal goes, what was done stays."""

import pytest

from bot.domain.model.audit import verify_chain
from bot.domain.model.cases import CaseState
from bot.domain.model.errors import ContactNotFound, StillHoldsRole
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import Operator, SessionStage
from bot.domain.operator.forgetting import Erased
from tests.fakes import NOON, Person, a_session, an_event
from tests.office.desk import AUDIT_CHANNEL, REMIND_AFTER, Desk
from tests.unit.domain.resets.test_picking_up import Abandoned

OPERATOR = Operator(user="root", host="desk")


class Console(Desk):
    def forget(self, person: Person) -> Erased:
        return self.forgetting.forget(person.email, operator=OPERATOR)

    def leave_and_forget(self, person: Person) -> Erased:
        self.give_only(person)
        return self.forget(person)


@pytest.fixture
def console() -> Console:
    return Console()


def test_everything_personal_is_erased_and_the_chain_holds(console: Console) -> None:
    alice, bob = console.alice, console.bob
    console.reset(alice, bob)
    with console.database.unit_of_work() as uow:
        session = a_session(bob.id, stage=SessionStage.SIGNED_IN)
        uow.sessions.add(session, token_hash="x")
        about = Notice(kind=NoticeKind.OPERATOR_ACTED, subject_id=bob.id, facts={"act": "acted"})
        message_id = uow.outbox.add(about, now=NOON)
        uow.audit.record(an_event(actor="operator", subscriber=alice.id, details={"to": bob.email}))
        uow.commit()
    written = len(console.tags())
    erased = console.leave_and_forget(bob)
    assert (erased.contact_id, erased.cases, erased.records) == (bob.id, 1, written)

    records = console.records()
    left = [record for record in records if record.details is not None]
    assert [(record.number, record.tag) for record in left] == [
        (written + 1, "operator:case:superseded"),
        (written + 2, "operator:contact:forgotten"),
    ]
    verified = verify_chain(records)
    assert (verified.fault, verified.erased) == (None, written)

    row = console.database.row("contacts", bob.id)
    assert bob.name not in repr(row)
    assert bob.email not in repr(row)
    assert (row.phone, row.manager, row.slack_user, row.password_hash) == (None, None, None, None)
    (case,) = console.cases(bob)
    assert (case.reason, case.ticket) == (None, None)
    kept = console.database.row("sessions", session.id)
    assert (kept.browser, kept.address, kept.ended_at) == ("", "", console.clock.now())
    assert message_id is not None
    assert console.database.row("outbox", message_id).facts == {}


def test_the_act_is_recorded_by_id_and_told_to_the_audit_channel(console: Console) -> None:
    bob = console.bob
    console.leave_and_forget(bob)
    (record,) = console.records()
    assert (record.tag, record.subscriber) == ("operator:contact:forgotten", bob.id)
    assert record.details == OPERATOR.details()
    (message,) = console.messages()
    assert message.notice.slack_address == AUDIT_CHANNEL
    assert bob.id in message.notice.facts["about"]
    assert bob.name not in repr(message)


def test_nobody_is_managed_by_their_address_and_their_authenticator_is_invalidated(
    console: Console,
) -> None:
    console.leave_and_forget(console.carol)
    assert {row.manager for row in console.database.rows("contacts")} == {None}
    assert console.active(console.carol.id) == 0


def test_whatever_waits_ends_and_nobody_is_reminded_any_more(console: Console) -> None:
    alice, bob, alan = console.alice, console.bob, console.alan
    completed, waiting = console.reset(alice, bob), console.request(alice, alan).case
    for leaver in (bob, alan):
        console.leave_and_forget(leaver)
    assert console.case(completed.id).state is CaseState.SUPERSEDED
    expired = console.case(waiting.id)
    assert (expired.state, expired.ended_reason) == (CaseState.EXPIRED, "subscriber_not_a_contact")
    assert [tag for tag in console.tags() if tag.startswith("operator:case:")] == [
        "operator:case:superseded",
        "operator:case:expired",
    ]
    console.clock.advance(REMIND_AFTER[0])
    assert (console.reminders.remind_due(), console.deciding.expire_due()) == (0, 0)


def test_what_is_being_carried_out_ends_without_a_reset_where_it_is() -> None:
    desk = Abandoned()
    desk.give_only(desk.bob)
    desk.forgetting.forget(desk.bob.email, operator=OPERATOR)
    assert desk.state is CaseState.EXECUTING
    assert desk.later() == 1
    ended = desk.case(desk.abandoned.id)
    assert (ended.state, ended.ended_reason) == (CaseState.EXPIRED, "no_shared_account")


def test_who_still_belongs_to_an_account_is_not_forgotten(console: Console) -> None:
    bob = console.bob
    for act in (console.forgetting.authorize, console.forgetting.forget):
        with pytest.raises(StillHoldsRole):
            act(bob.email, operator=OPERATOR)
    assert console.tags() == ["operator:contact:still_holds_role"] * 2
    assert console.contact(bob).name == bob.name


def test_nobody_is_forgotten_twice_and_the_address_is_not_recorded(console: Console) -> None:
    bob = console.bob
    console.give_only(bob)
    assert console.forgetting.authorize(bob.email, operator=OPERATOR).name == bob.name
    console.forget(bob)
    with pytest.raises(ContactNotFound):
        console.forget(bob)
    assert console.tags()[-1] == "operator:contact:contact_not_found"
    assert bob.email not in repr(console.records())
