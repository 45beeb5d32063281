"""Binding Slack identities, and replacing one: who may, what ends, and who is told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.model import errors
from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.ids import CaseId, ContactId
from bot.domain.model.notices import Channel, NoticeKind
from bot.domain.model.people import Contact, Operator, SessionStage, SlackIdentity
from bot.domain.resets.carrying_out import LEASE_LASTS, new_lease
from tests.fakes import Person, a_case, a_member, a_session, a_slack_identity
from tests.office.desk import AUDIT_CHANNEL, Desk

OPERATOR = Operator(user="root", host="desk")
NEW = "U02BOB"


class Console(Desk):
    """Slack knows a new account of Bob's."""

    def __init__(self) -> None:
        super().__init__()
        self.workspace.members[NEW] = a_member(NEW)

    def leave_executing(self, **fields: object) -> CaseId:
        """Have a case of Bob's of which nothing was done yet, and whoever holds it be dead."""
        case = a_case(subscriber_id=self.bob.id, **fields)  # type: ignore[arg-type]  # by name
        executing = replace(case, state=CaseState.EXECUTING)
        self.store(lambda uow: uow.cases.add(executing, lease=new_lease(self.clock.now())))
        return executing.id

    def bind(self, *found: tuple[Person, SlackIdentity]) -> tuple[ContactId, ...]:
        pairs = [(person.id, identity) for person, identity in found]
        return self.identities.bind(pairs, operator=OPERATOR)

    def bind_again(self, *people: Person) -> None:
        """Bind people to the identities that they have lost."""
        for person in people:
            self.database.bind(person.id, None)
        assert self.bind(*((p, p.slack) for p in people)) == tuple(p.id for p in people)

    def replace(self, person: Person, user: str = NEW) -> Contact:
        return self.identities.replace(person.email, user, operator=OPERATOR)

    def slack_of(self, person: Person) -> SlackIdentity | None:
        return self.contact(person).slack


@pytest.fixture
def console() -> Console:
    return Console()


class TestBind:
    def test_binds_records_and_tells_the_person(self, console: Console) -> None:
        bob, identity = console.bob, a_slack_identity(NEW)
        console.database.bind(bob.id, None)
        assert console.bind((bob, identity)) == (bob.id,)
        assert console.slack_of(bob) == identity
        (record,) = console.records()
        assert record.tag == "operator:identity:bound"
        assert (record.subscriber, record.slack_user) == (bob.id, NEW)
        assert record.details == {"email": bob.email, **OPERATOR.details()}
        assert console.told(NoticeKind.IDENTITY_BOUND) == [bob.id]

    def test_nobody_is_bound_anew_to_somebody_elses_or_without_being_known(
        self, console: Console
    ) -> None:
        bob, alan = console.bob, console.alan
        console.database.bind(alan.id, None)
        stranger = replace(bob, id=ContactId("con_nobody"))
        new = a_slack_identity(NEW)
        assert console.bind((bob, new), (alan, bob.slack), (stranger, new)) == ()
        assert console.bind() == ()
        assert (console.slack_of(bob), console.slack_of(alan)) == (bob.slack, None)
        assert (console.tags(), console.messages()) == ([], [])


class TestAnnounce:
    def test_one_is_named_to_the_owners_and_the_channel(self, console: Console) -> None:
        world = console.world
        console.bind_again(world.bob)
        told = console.told(NoticeKind.OPERATOR_ACTED)
        assert told == [world.carol.id, world.dana.id, AUDIT_CHANNEL]
        assert {m.notice.subject_id for m in console.messages()} == {world.bob.id}

    def test_whoever_is_left_out_is_not_counted(self, console: Console) -> None:
        bob = console.bob
        console.database.bind(bob.id, None)
        assert console.bind((console.alice, a_slack_identity(NEW)), (bob, bob.slack)) == (bob.id,)
        acts = {m.notice.facts.get("act") for m in console.messages()}
        assert acts == {None, "bound a Slack account"}

    def test_of_several_each_hears_how_many_in_one_message(self, console: Console) -> None:
        world = console.world
        console.bind_again(world.bob, world.alice, world.alan)
        notices = [message.notice for message in console.messages(NoticeKind.OPERATOR_ACTED)]
        acts = [
            (notice.contact_id or notice.slack_address, notice.facts["act"]) for notice in notices
        ]
        assert acts == [
            (world.carol.id, "bound 3 Slack accounts to contacts"),
            (world.dana.id, "bound 1 Slack account to contacts"),
            (AUDIT_CHANNEL, "bound 3 Slack accounts to contacts"),
        ]


class TestReplace:
    def test_the_new_identity_takes_the_olds_place(self, console: Console) -> None:
        bob = console.bob
        assert console.replace(bob).slack == console.slack_of(bob) == a_slack_identity(NEW)
        (record,) = console.records()
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
        bob, now = console.bob, console.clock.now()
        waiting = a_session(bob.id, stage=SessionStage.AWAITING_SET_UP_CODE)
        signed_in = a_session(bob.id, stage=SessionStage.SIGNED_IN)
        others = a_session(console.alice.id, stage=SessionStage.SIGNED_IN)
        with console.unit_of_work() as uow:
            for number, session in enumerate((waiting, signed_in, others)):
                uow.sessions.add(session, token_hash=str(number))
            later = now + timedelta(minutes=10)
            uow.sessions.set_set_up_code(waiting.id, code_hash="h", expires_at=later)
            uow.commit()
        console.replace(bob)
        with console.unit_of_work() as uow:
            assert not uow.sessions.spend_set_up_code(waiting.id, code_hash="h", now=now)
            assert uow.sessions.get(signed_in.id) is None
            assert uow.sessions.get(others.id) is not None
        assert console.contact(bob).sign_in_epoch == 1

    @pytest.mark.parametrize("part", ["alice", "bob"])
    @pytest.mark.parametrize("said_yes", [False, True])
    def test_a_case_of_theirs_that_is_not_carried_out_yet_ends(
        self, console: Console, part: str, *, said_yes: bool
    ) -> None:
        """The Yes may have been said by whoever had taken the old Slack account over."""
        alice, bob = console.alice, console.bob
        if said_yes:
            case_id = console.leave_executing(admin_id=alice.id)
        else:
            case_id = console.request(alice, bob).case.id
        console.replace(getattr(console, part))
        case = console.case(case_id)
        assert (case.state, case.ended_reason) == (CaseState.EXPIRED, "identity_replaced")
        (record,) = [r for r in console.records() if r.tag == "operator:case:expired"]
        assert (record.details or {}).items() >= OPERATOR.details().items()
        assert console.told(NoticeKind.OUTCOME) == [alice.id]
        console.clock.advance(LEASE_LASTS)
        assert console.pick_ups.carry_out_due() == 0
        assert console.active(bob.id) == 1

    def test_other_cases_go_on(self, console: Console) -> None:
        world = console.world
        done = console.reset(world.carol, world.bob)
        other = console.request(world.carol, world.alice).case
        operators = console.leave_executing(kind=CaseKind.OPERATOR, admin_id=None)
        console.replace(world.bob)
        assert console.case(done.id).state is CaseState.COMPLETED
        assert console.case(other.id).state is CaseState.AWAITING_CONFIRMATION
        assert console.case(operators).state is CaseState.EXECUTING

    def test_the_freed_identity_can_be_given_to_another(self, console: Console) -> None:
        console.replace(console.bob)
        console.replace(console.alan, "U01BOB")
        assert console.slack_of(console.alan) == console.bob.slack


class TestReplaceRefused:
    @pytest.mark.parametrize(
        ("user", "refusal"),
        [
            ("U_GUEST", errors.GuestRefused),
            ("U_BOT", errors.BotRefused),
            ("U_DEACTIVATED", errors.DeactivatedRefused),
            ("U_EXTERNAL", errors.ExternalRefused),
            ("U_UNKNOWN", errors.UnknownPerson),
            ("U01ALICE", errors.IdentityTaken),
            ("U01BOB", errors.IdentityTaken),
        ],
    )
    def test_by_anybody_but_a_free_full_active_member(
        self, console: Console, user: str, refusal: type[errors.Refusal]
    ) -> None:
        for flag in ("guest", "bot", "deactivated", "external"):
            unfit = a_member(f"U_{flag.upper()}", **{f"is_{flag}": True})  # type: ignore[arg-type]  # names and types are the table's
            console.workspace.members[unfit.identity.user] = unfit
        before = console.database.rows("contacts")
        with pytest.raises(refusal):
            console.replace(console.bob, user)
        assert (console.database.rows("contacts"), console.messages()) == (before, [])
        assert console.tags() == [f"operator:identity:{refusal.tag}"]

    def test_of_who_has_none_and_of_nobody(self, console: Console) -> None:
        bob = console.bob
        console.database.bind(bob.id, None)
        with pytest.raises(errors.NoIdentity):
            console.replace(bob)
        with pytest.raises(errors.NoIdentity):
            console.identities.authorize(bob.email, operator=OPERATOR)
        with pytest.raises(errors.ContactNotFound):
            console.replace(replace(bob, email="nobody@acme.example"))
        tags = ["no_identity", "no_identity", "contact_not_found"]
        assert console.tags() == [f"operator:identity:{tag}" for tag in tags]
        assert (console.slack_of(bob), console.messages()) == (None, [])

    def test_while_slack_does_not_answer(self, console: Console) -> None:
        console.workspace.available = False
        with pytest.raises(errors.WorkspaceUnavailableError):
            console.replace(console.bob)
        assert console.tags() == ["operator:identity:workspace_unavailable_error"]

    def test_looking_first_changes_nothing(self, console: Console) -> None:
        contact = console.identities.authorize(console.bob.email, operator=OPERATOR)
        assert contact.slack == console.bob.slack
        assert console.tags() == []
