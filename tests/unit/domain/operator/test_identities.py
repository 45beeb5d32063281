"""Binding Slack identities, and replacing one: who may, what ends, and who is told."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.model.cases import Case, CaseKind, CaseState
from bot.domain.model.errors import (
    BotRefused,
    ContactNotFound,
    DeactivatedRefused,
    ExternalRefused,
    GuestRefused,
    IdentityReplaced,
    IdentityTaken,
    NoIdentity,
    Refusal,
    UnknownPerson,
    WorkspaceUnavailableError,
)
from bot.domain.model.ids import CaseId, ContactId
from bot.domain.model.notices import Channel, NoticeKind
from bot.domain.model.people import Contact, Operator, SessionStage, SlackIdentity
from bot.domain.resets.carrying_out import LEASE_LASTS, new_lease
from tests.fakes import Person, a_case, a_member, a_session, a_slack_identity
from tests.office.desk import AUDIT_CHANNEL, Desk

OPERATOR = Operator(user="root", host="desk")
NEW = "U02BOB"


class Console(Desk):
    def __init__(self, *, audit_channel: str | None = AUDIT_CHANNEL) -> None:
        super().__init__(audit_channel=audit_channel)
        self.service = self.identities

    def unbind(self, *people: Person) -> None:
        for person in people:
            self.database.bind(person.id, None)

    def leave_executing(self, case: Case) -> CaseId:
        """Have a case of which nothing was done yet, and whoever holds it be dead."""
        executing = replace(case, state=CaseState.EXECUTING)
        with self.database.unit_of_work() as uow:
            assert uow.cases.add(executing, lease=new_lease(self.clock.now()))
            uow.commit()
        return executing.id

    def hire(self, user: str = NEW, **flags: Any) -> None:
        self.workspace.members[user] = a_member(user, **flags)

    def bind(self, person: Person, identity: SlackIdentity) -> bool:
        return self.service.bind([(person.id, identity)], operator=OPERATOR) == (person.id,)

    def bind_again(self, *people: Person) -> None:
        """Bind people to the identities that they have lost."""
        self.unbind(*people)
        found = [(person.id, person.slack) for person in people]
        assert self.service.bind(found, operator=OPERATOR) == tuple(p.id for p in people)

    def replace(self, person: Person, user: str = NEW) -> Contact:
        return self.service.replace(person.email, user, operator=OPERATOR)

    def slack_of(self, person: Person) -> SlackIdentity | None:
        with self.database.snapshot() as reading:
            contact = reading.contacts.get(person.id)
        return contact.slack if contact else None


@pytest.fixture
def console() -> Console:
    return Console()


class TestBind:
    def test_binds_records_and_tells_the_person(self, console: Console) -> None:
        bob, identity = console.world.bob, a_slack_identity(NEW)
        console.unbind(bob)
        assert console.bind(bob, identity)
        assert console.slack_of(bob) == identity
        (record,) = console.database.records()
        assert record.tag == "operator:identity:bound"
        assert (record.subscriber, record.slack_user) == (bob.id, NEW)
        assert record.details == {"email": bob.email, **OPERATOR.details()}
        assert console.told(NoticeKind.IDENTITY_BOUND) == [bob.id]

    def test_an_identity_is_never_replaced(self, console: Console) -> None:
        assert not console.bind(console.world.bob, a_slack_identity(NEW))
        assert console.slack_of(console.world.bob) == console.world.bob.slack
        assert console.tags() == []

    def test_somebody_elses_identity_is_not_given_twice(self, console: Console) -> None:
        console.unbind(console.world.bob)
        assert not console.bind(console.world.bob, console.world.alice.slack)
        assert console.tags() == []
        assert console.messages() == []

    def test_nobody_is_bound_to_nobody(self, console: Console) -> None:
        found = [(ContactId("con_nobody"), a_slack_identity(NEW))]
        assert console.service.bind(found, operator=OPERATOR) == ()
        assert console.messages() == []


class TestAnnounce:
    def test_one_is_named_to_the_owners_and_the_channel(self, console: Console) -> None:
        world = console.world
        console.bind_again(world.bob)
        assert console.told(NoticeKind.OPERATOR_ACTED) == [
            world.carol.id,
            world.dana.id,
            AUDIT_CHANNEL,
        ]
        assert {m.notice.subject_id for m in console.messages()} == {world.bob.id}

    def test_whoever_is_left_out_is_not_counted(self, console: Console) -> None:
        bob, alice = console.world.bob, console.world.alice
        console.unbind(bob)
        found = [(alice.id, a_slack_identity(NEW)), (bob.id, bob.slack)]
        assert console.service.bind(found, operator=OPERATOR) == (bob.id,)
        acts = {m.notice.facts.get("act") for m in console.messages()}
        assert acts == {None, "bound a Slack account"}

    def test_of_several_each_hears_how_many_in_one_message(self, console: Console) -> None:
        world = console.world
        console.bind_again(world.bob, world.alice, world.alan)
        acts = {
            message.notice.contact_id or message.notice.slack_address: message.notice.facts["act"]
            for message in console.messages()
            if message.notice.kind is NoticeKind.OPERATOR_ACTED
        }
        assert acts == {
            world.carol.id: "bound 3 Slack accounts to contacts",
            world.dana.id: "bound 1 Slack account to contacts",
            AUDIT_CHANNEL: "bound 3 Slack accounts to contacts",
        }

    def test_without_an_audit_channel_only_the_owners_hear(self) -> None:
        console = Console(audit_channel=None)
        world = console.world
        console.bind_again(world.alice, world.alan)
        assert console.told(NoticeKind.OPERATOR_ACTED) == [world.carol.id]

    def test_of_nobody_nobody_hears(self, console: Console) -> None:
        assert console.service.bind([], operator=OPERATOR) == ()
        assert console.messages() == []


class TestReplace:
    def test_the_new_identity_takes_the_olds_place(self, console: Console) -> None:
        bob = console.world.bob
        console.hire()
        replaced = console.replace(bob)
        assert replaced.slack == console.slack_of(bob) == a_slack_identity(NEW)
        (record,) = console.database.records()
        assert (record.tag, record.subscriber) == ("operator:identity:replaced", bob.id)
        assert (record.slack_user, record.actor) == (NEW, "operator")
        assert record.details == {
            "email": bob.email,
            "identity_before": "T01TEST/U01BOB",
            "identity": "T01TEST/U02BOB",
            **OPERATOR.details(),
        }

    def test_both_identities_the_owners_and_the_channel_are_told(self, console: Console) -> None:
        world = console.world
        console.hire()
        console.database.channels = frozenset(Channel)
        console.replace(world.bob)
        told = [(m.notice.contact_id, m.notice.slack_address) for m in console.messages()]
        assert told == [
            (None, "U01BOB"),
            (world.bob.id, None),
            (world.bob.id, None),  # by e-mail
            (world.carol.id, None),
            (world.dana.id, None),
            (None, AUDIT_CHANNEL),
        ]
        assert {m.notice.kind for m in console.messages()} == {NoticeKind.IDENTITY_REPLACED}

    def test_every_session_ends_with_its_set_up_code(self, console: Console) -> None:
        bob, alice = console.world.bob, console.world.alice
        console.hire()
        waiting = a_session(bob.id, stage=SessionStage.AWAITING_SET_UP_CODE)
        signed_in = a_session(bob.id, stage=SessionStage.SIGNED_IN)
        others = a_session(alice.id, stage=SessionStage.SIGNED_IN)
        with console.database.unit_of_work() as uow:
            for number, session in enumerate((waiting, signed_in, others)):
                uow.sessions.add(session, token_hash=str(number))
            uow.sessions.set_set_up_code(
                waiting.id, code_hash="h", expires_at=console.clock.now() + timedelta(minutes=10)
            )
            uow.commit()
        console.replace(bob)
        with console.database.unit_of_work() as uow:
            now = console.clock.now()
            assert not uow.sessions.spend_set_up_code(waiting.id, code_hash="h", now=now)
            assert uow.sessions.get(signed_in.id) is None
            assert uow.sessions.get(others.id) is not None
        assert console.database.row("contacts", bob.id).sign_in_epoch == 1

    @pytest.mark.parametrize("part", ["admin", "subscriber"])
    def test_a_case_that_waits_for_yes_ends(self, console: Console, part: str) -> None:
        world = console.world
        console.hire()
        view = console.request(world.alice, world.bob)
        console.replace(world.alice if part == "admin" else world.bob)
        case = console.case(view.case.id)
        assert (case.state, case.ended_reason) == (CaseState.EXPIRED, IdentityReplaced.tag)
        (record,) = [r for r in console.database.records() if r.tag == "operator:case:expired"]
        assert record.details is not None
        assert record.details["operator_user"] == "root"
        assert console.told(NoticeKind.OUTCOME) == [world.alice.id]

    @pytest.mark.parametrize("part", ["admin", "subscriber"])
    def test_so_does_one_that_waits_to_be_carried_out(self, console: Console, part: str) -> None:
        """The Yes may have been said by whoever had taken the old Slack account over."""
        alice, bob = console.world.alice, console.world.bob
        console.hire()
        case_id = console.leave_executing(a_case(admin_id=alice.id, subscriber_id=bob.id))
        console.replace(alice if part == "admin" else bob)
        case = console.case(case_id)
        assert (case.state, case.ended_reason) == (CaseState.EXPIRED, IdentityReplaced.tag)
        assert console.told(NoticeKind.OUTCOME) == [alice.id]
        console.clock.advance(LEASE_LASTS)
        assert console.pick_ups.carry_out_due() == 0
        with console.database.unit_of_work() as uow:
            assert uow.authenticators.active_of(bob.id)

    def test_the_operators_own_goes_on(self, console: Console) -> None:
        bob = console.world.bob
        console.hire()
        case_id = console.leave_executing(
            a_case(kind=CaseKind.OPERATOR, admin_id=None, subscriber_id=bob.id)
        )
        console.replace(bob)
        assert console.case(case_id).state is CaseState.EXECUTING

    def test_other_cases_go_on(self, console: Console) -> None:
        world = console.world
        console.hire()
        done = console.reset(world.carol, world.bob)
        other = console.request(world.carol, world.alice).case
        console.replace(world.bob)
        assert console.case(done.id).state is CaseState.COMPLETED
        assert console.case(other.id).state is CaseState.AWAITING_CONFIRMATION

    def test_the_freed_identity_can_be_given_to_another(self, console: Console) -> None:
        console.hire()
        console.replace(console.world.bob)
        console.replace(console.world.alan, "U01BOB")
        assert console.slack_of(console.world.alan) == console.world.bob.slack


class TestReplaceRefused:
    def refused(
        self, console: Console, kind: type[Refusal], person: Person, user: str = NEW
    ) -> None:
        before = console.database.rows("contacts"), console.messages()
        with pytest.raises(kind):
            console.replace(person, user)
        assert (console.database.rows("contacts"), console.messages()) == before
        assert console.tags() == [f"operator:identity:{kind.tag}"]

    @pytest.mark.parametrize(
        ("flags", "kind"),
        [
            ({"is_guest": True}, GuestRefused),
            ({"is_bot": True}, BotRefused),
            ({"is_deactivated": True}, DeactivatedRefused),
            ({"is_external": True}, ExternalRefused),
        ],
    )
    def test_by_anybody_but_a_full_active_member(
        self, console: Console, flags: dict[str, bool], kind: type[Refusal]
    ) -> None:
        console.hire(NEW, **flags)
        self.refused(console, kind, console.world.bob)

    def test_by_somebody_whom_slack_does_not_know(self, console: Console) -> None:
        self.refused(console, UnknownPerson, console.world.bob)

    @pytest.mark.parametrize("user", ["U01ALICE", "U01BOB"])
    def test_by_an_identity_that_is_taken(self, console: Console, user: str) -> None:
        self.refused(console, IdentityTaken, console.world.bob, user)

    def test_of_who_has_none(self, console: Console) -> None:
        console.hire()
        console.unbind(console.world.bob)
        self.refused(console, NoIdentity, console.world.bob)
        with pytest.raises(NoIdentity):
            console.service.authorize(console.world.bob.email, operator=OPERATOR)

    def test_of_nobody(self, console: Console) -> None:
        console.hire()
        with pytest.raises(ContactNotFound):
            console.service.replace("nobody@acme.example", NEW, operator=OPERATOR)
        assert console.tags() == ["operator:identity:contact_not_found"]

    def test_while_slack_does_not_answer(self, console: Console) -> None:
        console.workspace.available = False
        with pytest.raises(WorkspaceUnavailableError):
            console.replace(console.world.bob)
        assert console.tags() == ["operator:identity:workspace_unavailable_error"]

    def test_looking_first_changes_nothing(self, console: Console) -> None:
        contact = console.service.authorize(console.world.bob.email, operator=OPERATOR)
        assert contact.slack == console.world.bob.slack
        assert console.tags() == []
