"""Forgetting a leaver: everything personal goes, what was done stays."""

from datetime import timedelta

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
    def __init__(self, *, audit_channel: str | None = AUDIT_CHANNEL) -> None:
        super().__init__(audit_channel=audit_channel)
        self.service = self.forgetting

    def leave(self, person: Person) -> None:
        self.database.remove("memberships", contact_id=person.id)

    def forget(self, person: Person) -> Erased:
        return self.service.forget(person.email, operator=OPERATOR)


@pytest.fixture
def console() -> Console:
    return Console()


def test_everything_personal_is_erased_and_the_chain_holds(console: Console) -> None:
    alice, bob = console.world.alice, console.world.bob
    console.reset(alice, bob)
    with console.database.unit_of_work() as uow:
        session = a_session(bob.id, stage=SessionStage.SIGNED_IN)
        uow.sessions.add(session, token_hash="x")
        about = Notice(kind=NoticeKind.OPERATOR_ACTED, subject_id=bob.id, facts={"act": "acted"})
        message_id = uow.outbox.add(about, now=NOON)
        uow.audit.record(an_event(actor="operator", subscriber=alice.id, details={"to": bob.email}))
        uow.commit()
    written = len(console.tags())
    console.leave(bob)
    erased = console.forget(bob)

    assert erased.contact_id == bob.id
    assert erased.cases == 1
    records = console.database.records()
    assert erased.records == written
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
    (case,) = console.database.rows("cases")
    assert (case.reason, case.ticket) == (None, None)
    kept = console.database.row("sessions", session.id)
    assert (kept.browser, kept.address, kept.ended_at) == (
        "",
        "",
        console.clock.now(),
    )
    assert message_id is not None
    assert console.database.row("outbox", message_id).facts == {}


def test_the_act_is_recorded_by_id_and_told_to_the_audit_channel(console: Console) -> None:
    bob = console.world.bob
    console.leave(bob)
    console.forget(bob)
    (record,) = console.database.records()
    assert (record.tag, record.subscriber) == ("operator:contact:forgotten", bob.id)
    assert record.details == OPERATOR.details()
    (message,) = console.messages()
    assert message.notice.slack_address == AUDIT_CHANNEL
    assert bob.id in message.notice.facts["about"]
    assert bob.name not in repr(message)


def test_without_an_audit_channel_nobody_is_told() -> None:
    console = Console(audit_channel=None)
    console.leave(console.world.bob)
    console.forget(console.world.bob)
    assert console.messages() == []
    assert console.tags() == ["operator:contact:forgotten"]


def test_their_address_is_erased_where_others_have_it_as_their_managers(console: Console) -> None:
    console.leave(console.world.carol)
    console.forget(console.world.carol)
    assert {row.manager for row in console.database.rows("contacts")} == {None}


def test_an_authenticator_that_was_still_active_is_invalidated(console: Console) -> None:
    console.leave(console.world.carol)
    console.forget(console.world.carol)
    with console.database.unit_of_work() as uow:
        assert uow.authenticators.active_of(console.world.carol.id) == ()


def test_whatever_waits_ends_and_nobody_is_reminded_any_more(console: Console) -> None:
    alice, bob, alan = console.world.alice, console.world.bob, console.world.alan
    completed, waiting = console.reset(alice, bob), console.request(alice, alan).case
    for leaver in (bob, alan):
        console.leave(leaver)
        console.forget(leaver)
    assert console.case(completed.id).state is CaseState.SUPERSEDED
    assert console.case(waiting.id).state is CaseState.EXPIRED
    assert console.case(waiting.id).ended_reason == "subscriber_not_a_contact"
    assert [tag for tag in console.tags() if tag.startswith("operator:case:")] == [
        "operator:case:superseded",
        "operator:case:expired",
    ]
    console.clock.advance(REMIND_AFTER[0])
    assert (console.reminders.remind_due(), console.deciding.expire_due()) == (0, 0)


def test_what_is_being_carried_out_ends_without_a_reset_where_it_is() -> None:
    desk = Abandoned()
    desk.database.remove("memberships", contact_id=desk.bob.id)
    desk.forgetting.forget(desk.bob.email, operator=OPERATOR)
    assert desk.state is CaseState.EXECUTING
    assert desk.later() == 1
    ended = desk.case(desk.abandoned.id)
    assert (ended.state, ended.ended_reason) == (CaseState.EXPIRED, "no_shared_account")


def test_who_still_belongs_to_an_account_is_not_forgotten(console: Console) -> None:
    bob = console.world.bob
    for act in (console.service.authorize, console.service.forget):
        with pytest.raises(StillHoldsRole):
            act(bob.email, operator=OPERATOR)
    assert console.tags() == ["operator:contact:still_holds_role"] * 2
    assert console.database.row("contacts", bob.id).name == bob.name


def test_nobody_is_forgotten_twice_and_the_address_is_not_recorded(console: Console) -> None:
    bob = console.world.bob
    console.leave(bob)
    assert console.service.authorize(bob.email, operator=OPERATOR).name == bob.name
    console.forget(bob)
    console.clock.advance(timedelta(days=1))
    with pytest.raises(ContactNotFound):
        console.forget(bob)
    assert console.tags()[-1] == "operator:contact:contact_not_found"
    assert bob.email not in repr(console.database.records())
