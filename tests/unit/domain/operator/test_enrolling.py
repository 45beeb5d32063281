"""What the operator does to one contact, over in-memory ports."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.errors import (
    AuthenticatorActive,
    CaseInTheWay,
    CodeMalformed,
    CodeThrottled,
    CodeWrong,
    ContactNotFound,
    EnrolmentNotStarted,
    HoldsNoRole,
    PasswordUnfit,
    Refusal,
)
from bot.domain.model.ids import AuthenticatorId
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import AuthenticatorState, Operator, SessionStage, SuspensionCause
from bot.domain.model.roster import ChangeKind, RosterChange, RosterContact
from bot.domain.operator.enrolling import Enrolment
from bot.domain.proving import totp
from tests.fakes import (
    NOON,
    FakeDatabase,
    FakePasswords,
    FixedClock,
    Person,
    a_case,
    a_session,
    a_suspension,
    an_authenticator,
    seed,
)
from tests.office.services import services_over

OPERATOR = Operator(user="root", host="desk")
CHANNEL = "C01AUDIT"
BLOCKING = [
    CaseState.AWAITING_CONFIRMATION,
    CaseState.EXECUTING,
    CaseState.COMPLETED,
    CaseState.LAPSED,
]


class Console:
    """The operator's service, and a look at what it left behind."""

    def __init__(self, *, audit_channel: str | None = CHANNEL) -> None:
        self.database = FakeDatabase()
        self.world = seed(self.database.unit_of_work)
        self.clock = FixedClock()
        self.passwords = FakePasswords()
        self.service = services_over(
            self.database.unit_of_work,
            clock=self.clock,
            passwords=self.passwords,
            audit_channel=audit_channel,
        ).operators

    def without_authenticator(self, person: Person) -> Person:
        with self.database.unit_of_work() as uow:
            uow.authenticators.invalidate_all(person.id, now=NOON)
            uow.contacts.set_set_up_required(person.id, required=True)
            uow.commit()
        return person

    def with_case(self, person: Person, state: CaseState) -> None:
        case = a_case(subscriber_id=person.id, admin_id=self.world.alice.id, state=state)
        with self.database.unit_of_work() as uow:
            uow.cases.add(case)
            uow.commit()

    def begin(self, person: Person) -> Enrolment:
        return self.service.begin_enrolment(person.email, operator=OPERATOR)

    def confirm(self, person: Person, code: str) -> None:
        self.service.confirm_enrolment(person.email, code, operator=OPERATOR)

    def code(self, enrolment: Enrolment) -> str:
        return totp.code_at(enrolment.secret, totp.step_at(self.clock.now()))

    @property
    def tags(self) -> list[str]:
        return [record.tag for record in self.database.records()]

    @property
    def told(self) -> set[tuple[NoticeKind, str | None]]:
        """Every message's kind, and to whom it goes."""
        notices = self.database.rows("outbox")
        assert len({(n.kind, n.contact_id, n.slack_address) for n in notices}) == len(notices)
        return {(notice.kind, notice.contact_id or notice.slack_address) for notice in notices}

    def state_of(self, authenticator_id: AuthenticatorId) -> AuthenticatorState:
        state: AuthenticatorState = self.database.row("authenticators", authenticator_id).state
        return state


@pytest.fixture
def console() -> Console:
    return Console()


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


class TestSetPassword:
    def test_hashes_ends_sessions_and_tells(self, console: Console) -> None:
        bob = console.world.bob
        session = a_session(bob.id, stage=SessionStage.SIGNED_IN)
        with console.database.unit_of_work() as uow:
            uow.sessions.add(session, token_hash="x")
            uow.commit()
        console.service.set_password(
            bob.email, "a new pass word", must_change=True, operator=OPERATOR
        )
        row = console.database.row("contacts", bob.id)
        assert row.password_hash == "hash of a new pass word"
        assert row.password_must_change
        assert row.sign_in_epoch == 1
        assert console.database.row("sessions", session.id).ended_at == NOON
        assert console.told == {
            (NoticeKind.OPERATOR_ACTED, bob.id),
            (NoticeKind.OPERATOR_ACTED, console.world.carol.id),
            (NoticeKind.OPERATOR_ACTED, console.world.dana.id),
            (NoticeKind.OPERATOR_ACTED, CHANNEL),
        }
        (record,) = console.database.records()
        assert record.tag == "operator:password:set"
        assert record.actor == "operator"
        assert record.details == {
            "must_change": "true",
            "operator_user": "root",
            "operator_host": "desk",
        }

    def test_an_owner_hears_of_their_own_once(self, console: Console) -> None:
        carol = console.world.carol
        console.service.set_password(
            carol.email, "a new pass word", must_change=False, operator=OPERATOR
        )
        assert not console.database.row("contacts", carol.id).password_must_change
        assert (NoticeKind.OPERATOR_ACTED, carol.id) in console.told

    def test_without_an_audit_channel_only_people_are_told(self) -> None:
        console = Console(audit_channel=None)
        dana = console.world.dana
        console.service.set_password(
            dana.email, "a much longer pass word", must_change=True, operator=OPERATOR
        )
        assert console.told == {(NoticeKind.OPERATOR_ACTED, dana.id)}

    @pytest.mark.parametrize("state", BLOCKING)
    def test_waits_for_a_case_without_hashing(self, console: Console, state: CaseState) -> None:
        bob = console.world.bob
        console.with_case(bob, state)
        worked = console.passwords.worked
        with pytest.raises(CaseInTheWay):
            console.service.set_password(
                bob.email, "a new pass word", must_change=True, operator=OPERATOR
            )
        assert console.passwords.worked == worked
        assert console.tags == ["operator:password:case_in_the_way"]

    @pytest.mark.parametrize("state", [CaseState.RE_ENROLLED, CaseState.VETOED])
    def test_does_not_wait_for_other_cases(self, console: Console, state: CaseState) -> None:
        console.with_case(console.world.bob, state)
        console.service.set_password(
            console.world.bob.email, "a new pass word", must_change=True, operator=OPERATOR
        )
        assert console.tags == ["operator:password:set"]

    def test_a_case_opened_while_hashing_is_in_the_way(self, console: Console) -> None:
        bob = console.world.bob
        hash_before = console.database.row("contacts", bob.id).password_hash
        real_hash = console.passwords.hash

        def hash_late(password: str) -> str:
            console.with_case(bob, CaseState.EXECUTING)
            return real_hash(password)

        console.passwords.hash = hash_late  # type: ignore[method-assign]  # forces the race
        with pytest.raises(CaseInTheWay):
            console.service.set_password(
                bob.email, "a new pass word", must_change=True, operator=OPERATOR
            )
        assert console.database.row("contacts", bob.id).password_hash == hash_before

    @pytest.mark.parametrize(
        ("email", "password", "refusal"),
        [
            ("nobody@acme.example", "a new pass word", ContactNotFound),
            ("bob@acme.example", "short", PasswordUnfit),
            ("dana@acme.example", "fourteen chars", PasswordUnfit),
        ],
    )
    def test_refusals_change_nothing(
        self, console: Console, email: str, password: str, refusal: type[Refusal]
    ) -> None:
        contacts = console.database.rows("contacts")
        with pytest.raises(refusal):
            console.service.set_password(email, password, must_change=True, operator=OPERATOR)
        assert console.database.rows("contacts") == contacts
        (record,) = console.database.records()
        assert record.tag == f"operator:password:{refusal.tag}"
        assert password not in str(record)


class TestEnrol:
    def test_binds_by_the_first_code_and_spends_its_step(self, console: Console) -> None:
        bob = console.without_authenticator(console.world.bob)
        enrolment = console.begin(bob)
        assert console.state_of(enrolment.authenticator_id) is AuthenticatorState.PENDING
        assert enrolment.secret in enrolment.otpauth_uri
        assert enrolment.secret not in repr(enrolment)
        console.confirm(bob, console.code(enrolment))
        row = console.database.row("authenticators", enrolment.authenticator_id)
        assert row.state is AuthenticatorState.ACTIVE
        assert row.last_accepted_step == totp.step_at(NOON)
        contact = console.database.row("contacts", bob.id)
        assert not contact.set_up_required
        assert contact.sign_in_epoch == 1

    def test_without_a_case_one_is_written_to_hang_on(self, console: Console) -> None:
        bob = console.without_authenticator(console.world.bob)
        console.confirm(bob, console.code(console.begin(bob)))
        (case,) = console.database.rows("cases")
        assert (case.kind, case.state) == (CaseKind.OPERATOR, CaseState.RE_ENROLLED)
        assert case.account_id == "acme"
        assert case.re_enrolled_at == NOON
        assert console.tags == [
            "operator:enrolment:begun",
            "operator:authenticator:bound",
            "operator:case:re_enrolled",
        ]
        assert console.told == {
            (NoticeKind.SUBSCRIBER_ENROLLED, bob.id),
            (NoticeKind.OPERATOR_ACTED, console.world.carol.id),
            (NoticeKind.OPERATOR_ACTED, console.world.dana.id),
            (NoticeKind.OPERATOR_ACTED, CHANNEL),
        }

    @pytest.mark.parametrize("state", [CaseState.COMPLETED, CaseState.LAPSED])
    def test_closes_the_case_that_waits(self, console: Console, state: CaseState) -> None:
        bob = console.without_authenticator(console.world.bob)
        console.with_case(bob, state)
        console.confirm(bob, console.code(console.begin(bob)))
        (case,) = console.database.rows("cases")
        assert (case.kind, case.state) == (CaseKind.RESET, CaseState.RE_ENROLLED)
        assert console.tags.count("operator:case:re_enrolled") == 1
        assert (NoticeKind.ADMIN_ENROLLED, console.world.alice.id) in console.told

    @pytest.mark.parametrize(
        ("causes", "stays"),
        [
            ([SuspensionCause.LAPSED], False),
            ([SuspensionCause.VETOED], True),
            ([SuspensionCause.OPERATOR], True),
            ([SuspensionCause.OPERATOR, SuspensionCause.LAPSED], True),
        ],
    )
    def test_cures_a_lapse_and_nothing_else(
        self, console: Console, causes: list[SuspensionCause], *, stays: bool
    ) -> None:
        bob = console.without_authenticator(console.world.bob)
        with console.database.unit_of_work() as uow:
            for cause in causes:
                uow.suspensions.add(a_suspension(bob.id, cause=cause))
            uow.commit()
        console.confirm(bob, console.code(console.begin(bob)))
        with console.database.unit_of_work() as uow:
            assert (uow.suspensions.current(bob.id) is not None) is stays
        assert ("operator:suspension:lifted" in console.tags) is not stays
        told = {to for kind, to in console.told if kind is NoticeKind.REINSTATED}
        everybody = {person.id for person in console.world.people} | {CHANNEL}
        assert told == (set() if stays else everybody)

    def test_a_second_beginning_voids_the_first(self, console: Console) -> None:
        bob = console.without_authenticator(console.world.bob)
        first, second = console.begin(bob), console.begin(bob)
        assert console.state_of(first.authenticator_id) is AuthenticatorState.INVALIDATED
        with pytest.raises(CodeWrong):
            console.confirm(bob, console.code(first))
        console.confirm(bob, console.code(second))

    def test_what_was_begun_at_the_set_up_page_is_not_confirmed_here(
        self, console: Console
    ) -> None:
        bob = console.without_authenticator(console.world.bob)
        secret = totp.new_shared_secret()
        with console.database.unit_of_work() as uow:
            uow.authenticators.add(an_authenticator(bob.id), shared_secret=secret)
            uow.commit()
        with pytest.raises(EnrolmentNotStarted):
            console.confirm(bob, totp.code_at(secret, totp.step_at(NOON)))

    def test_ten_minutes_later_it_is_too_late(self, console: Console) -> None:
        bob = console.without_authenticator(console.world.bob)
        enrolment = console.begin(bob)
        console.clock.advance(timedelta(minutes=10) - timedelta(microseconds=1))
        with pytest.raises(CodeWrong):
            console.confirm(bob, wrong(console.code(enrolment)))
        console.clock.advance(timedelta(microseconds=1))
        with pytest.raises(EnrolmentNotStarted):
            console.confirm(bob, console.code(enrolment))

    def test_wrong_codes_count_and_malformed_ones_do_not(self, console: Console) -> None:
        bob = console.without_authenticator(console.world.bob)
        enrolment = console.begin(bob)
        for _ in range(5):
            with pytest.raises(CodeMalformed):
                console.confirm(bob, "12345")
            with pytest.raises(CodeWrong):
                console.confirm(bob, wrong(console.code(enrolment)))
        with pytest.raises(CodeThrottled):
            console.confirm(bob, console.code(enrolment))
        assert console.tags.count("operator:enrolment:code_wrong") == 5
        assert console.tags[-1] == "operator:enrolment:code_throttled"

    def test_a_rival_who_binds_first_wins(self, console: Console) -> None:
        bob = console.without_authenticator(console.world.bob)
        enrolment = console.begin(bob)
        code = console.code(enrolment)
        console.confirm(bob, code)
        with pytest.raises(AuthenticatorActive):
            console.confirm(bob, code)

    def test_of_two_activations_at_once_one_wins(
        self, console: Console, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bob = console.without_authenticator(console.world.bob)
        enrolment = console.begin(bob)
        monkeypatch.setattr("bot.domain.operator.enrolling.activate_alone", lambda *_, **__: False)
        with pytest.raises(EnrolmentNotStarted):
            console.confirm(bob, console.code(enrolment))
        assert console.told == set()

    def test_is_refused_where_an_authenticator_is_active(self, console: Console) -> None:
        with pytest.raises(AuthenticatorActive):
            console.begin(console.world.bob)
        assert console.tags == ["operator:enrolment:authenticator_active"]

    @pytest.mark.parametrize("state", [CaseState.AWAITING_CONFIRMATION, CaseState.EXECUTING])
    @pytest.mark.parametrize("act", ["begin", "confirm"])
    def test_is_refused_while_a_case_is_open(
        self, console: Console, state: CaseState, act: str
    ) -> None:
        bob = console.without_authenticator(console.world.bob)
        enrolment = console.begin(bob)
        console.with_case(bob, state)
        again: Callable[[], object] = {
            "begin": lambda: console.begin(bob),
            "confirm": lambda: console.confirm(bob, console.code(enrolment)),
        }[act]
        with pytest.raises(CaseInTheWay):
            again()

    def test_is_refused_for_who_is_nobody_or_has_no_role(self, console: Console) -> None:
        with pytest.raises(ContactNotFound):
            console.service.begin_enrolment("nobody@acme.example", operator=OPERATOR)
        bob = console.without_authenticator(console.world.bob)
        gone = RosterContact(
            id=bob.id,
            email=bob.email,
            username=bob.username,
            name=bob.name,
            phone=None,
            manager=None,
            slack=None,
            roles={},
        )
        removal = RosterChange(kind=ChangeKind.CONTACT_REMOVED, contact=gone)
        with console.database.unit_of_work() as uow:
            list(uow.roster.apply([removal], now=NOON))
            uow.commit()
        with pytest.raises(HoldsNoRole):
            console.begin(bob)
