"""What the operator does to one contact: a password, and an enrolment at the console."""

from datetime import timedelta

import pytest

from bot.domain.model import errors
from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.ids import AuthenticatorId
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import AuthenticatorState, Operator, SessionStage, SuspensionCause
from bot.domain.operator.enrolling import Enrolment
from bot.domain.proving import totp
from tests.fakes import NOON, a_session, an_authenticator
from tests.office.desk import AUDIT_CHANNEL, Desk

OPERATOR = Operator(user="root", host="desk")
BLOCKING = [
    CaseState.AWAITING_CONFIRMATION,
    CaseState.EXECUTING,
    CaseState.COMPLETED,
    CaseState.LAPSED,
]


class Console(Desk):
    """The operator's service, and a look at what it left behind."""

    def set_password(self, email: str, typed: str = "a new pass word") -> None:
        self.operators.set_password(email, typed, must_change=True, operator=OPERATOR)

    def begin(self) -> Enrolment:
        return self.operators.begin_enrolment(self.bob.email, operator=OPERATOR)

    def confirm_by(self, code: str) -> None:
        self.operators.confirm_enrolment(self.bob.email, code, operator=OPERATOR)

    def code(self, enrolment: Enrolment) -> str:
        return totp.code_at(enrolment.secret, totp.step_at(self.clock.now()))

    def everybody_told(self) -> set[tuple[NoticeKind, str | None]]:
        """Every message's kind, and to whom it goes."""
        notices = [message.notice for message in self.messages()]
        assert len({(n.kind, n.contact_id, n.slack_address) for n in notices}) == len(notices)
        return {(notice.kind, notice.contact_id or notice.slack_address) for notice in notices}

    def acts_told_to(self, *who: str) -> set[tuple[NoticeKind, str]]:
        return {(NoticeKind.OPERATOR_ACTED, each) for each in who}

    def state_of(self, authenticator_id: AuthenticatorId) -> AuthenticatorState:
        return AuthenticatorState(self.database.row("authenticators", authenticator_id).state)


@pytest.fixture
def console() -> Console:
    return Console()


@pytest.fixture
def without(console: Console) -> Console:
    """Bob has no authenticator, and has to set one up."""
    console.strip(console.bob)
    console.require_set_up(console.bob)
    return console


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


class TestSetPassword:
    def test_hashes_ends_sessions_and_tells(self, console: Console) -> None:
        bob, world = console.bob, console.world
        session = a_session(bob.id, stage=SessionStage.SIGNED_IN)
        console.store(lambda uow: uow.sessions.add(session, token_hash="x"))
        console.set_password(bob.email)
        row = console.database.row("contacts", bob.id)
        assert row.password_hash == "hash of a new pass word"
        assert (row.password_must_change, row.sign_in_epoch) == (True, 1)
        assert console.database.row("sessions", session.id).ended_at == NOON
        told = console.acts_told_to(bob.id, world.carol.id, world.dana.id, AUDIT_CHANNEL)
        assert console.everybody_told() == told
        (record,) = console.records()
        assert (record.tag, record.actor) == ("operator:password:set", "operator")
        assert record.details == {"must_change": "true", **OPERATOR.details()}

    def test_one_that_need_not_be_changed_is_told_to_an_owner_once(self, console: Console) -> None:
        carol = console.carol
        console.operators.set_password(
            carol.email, "a new pass word", must_change=False, operator=OPERATOR
        )
        assert not console.database.row("contacts", carol.id).password_must_change
        assert console.everybody_told() == console.acts_told_to(carol.id, AUDIT_CHANNEL)

    @pytest.mark.parametrize("state", CaseState)
    def test_waits_for_a_case_that_goes_on_without_hashing(
        self, console: Console, state: CaseState, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        console.add_case(state)
        if state not in BLOCKING:
            console.set_password(console.bob.email)
            assert console.tags() == ["operator:password:set"]
            return
        monkeypatch.setattr(console.passwords, "hash", lambda _: pytest.fail("it was hashed"))
        with pytest.raises(errors.CaseInTheWay):
            console.set_password(console.bob.email)
        assert console.tags() == ["operator:password:case_in_the_way"]

    def test_a_case_opened_while_hashing_is_in_the_way(
        self, console: Console, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before, real_hash = console.database.rows("contacts"), console.passwords.hash

        def hash_late(password: str) -> str:
            console.add_case(CaseState.EXECUTING)
            return real_hash(password)

        monkeypatch.setattr(console.passwords, "hash", hash_late)
        with pytest.raises(errors.CaseInTheWay):
            console.set_password(console.bob.email)
        assert console.database.rows("contacts") == before

    @pytest.mark.parametrize(
        ("email", "password", "refusal"),
        [
            ("nobody@acme.example", "a new pass word", errors.ContactNotFound),
            ("bob@acme.example", "short", errors.PasswordUnfit),
            ("dana@acme.example", "fourteen chars", errors.PasswordUnfit),
        ],
    )
    def test_refusals_change_nothing(
        self, console: Console, email: str, password: str, refusal: type[errors.Refusal]
    ) -> None:
        contacts = console.database.rows("contacts")
        with pytest.raises(refusal):
            console.set_password(email, password)
        assert console.database.rows("contacts") == contacts
        (record,) = console.records()
        assert record.tag == f"operator:password:{refusal.tag}"
        assert password not in str(record)


class TestEnrol:
    def test_the_first_code_binds_and_spends_its_step(self, without: Console) -> None:
        enrolment = without.begin()
        assert without.state_of(enrolment.authenticator_id) is AuthenticatorState.PENDING
        assert enrolment.secret in enrolment.otpauth_uri
        assert enrolment.secret not in repr(enrolment)
        without.confirm_by(without.code(enrolment))
        row = without.database.row("authenticators", enrolment.authenticator_id)
        assert row.state == AuthenticatorState.ACTIVE
        assert row.last_accepted_step == totp.step_at(NOON)
        contact = without.contact(without.bob)
        assert (contact.set_up_required, contact.sign_in_epoch) == (False, 1)

    def test_without_a_case_one_is_written_to_hang_on(self, without: Console) -> None:
        without.confirm_by(without.code(without.begin()))
        (case,) = without.cases(without.bob)
        assert (case.kind, case.state) == (CaseKind.OPERATOR, CaseState.RE_ENROLLED)
        assert (case.account_id, case.re_enrolled_at) == ("acme", NOON)
        assert without.tags() == [
            "operator:enrolment:begun",
            "operator:authenticator:bound",
            "operator:case:re_enrolled",
        ]
        world = without.world
        assert without.everybody_told() == {
            (NoticeKind.SUBSCRIBER_ENROLLED, without.bob.id),
            *without.acts_told_to(world.carol.id, world.dana.id, AUDIT_CHANNEL),
        }

    @pytest.mark.parametrize("state", [CaseState.COMPLETED, CaseState.LAPSED])
    def test_closes_the_case_that_waits(self, without: Console, state: CaseState) -> None:
        without.add_case(state)
        without.confirm_by(without.code(without.begin()))
        (case,) = without.cases(without.bob)
        assert (case.kind, case.state) == (CaseKind.RESET, CaseState.RE_ENROLLED)
        assert without.tags().count("operator:case:re_enrolled") == 1
        assert without.told(NoticeKind.ADMIN_ENROLLED) == [without.alice.id]

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
        self, without: Console, causes: list[SuspensionCause], *, stays: bool
    ) -> None:
        for cause in causes:
            without.suspend_for(cause, without.bob)
        without.confirm_by(without.code(without.begin()))
        assert without.contact(without.bob).suspended is stays
        assert ("operator:suspension:lifted" in without.tags()) is not stays
        everybody = {person.id for person in without.world.people} | {AUDIT_CHANNEL}
        assert set(without.told(NoticeKind.REINSTATED)) == (set() if stays else everybody)

    def test_a_second_beginning_voids_the_first(self, without: Console) -> None:
        first, second = without.begin(), without.begin()
        assert without.state_of(first.authenticator_id) is AuthenticatorState.INVALIDATED
        with pytest.raises(errors.CodeWrong):
            without.confirm_by(without.code(first))
        without.confirm_by(without.code(second))

    def test_what_was_begun_at_the_set_up_page_is_not_confirmed_here(
        self, without: Console
    ) -> None:
        pending, secret = an_authenticator(without.bob.id), totp.new_shared_secret()
        without.store(lambda uow: uow.authenticators.add(pending, shared_secret=secret))
        with pytest.raises(errors.EnrolmentNotStarted):
            without.confirm_by(totp.code_at(secret, totp.step_at(NOON)))

    def test_ten_minutes_later_it_is_too_late(self, without: Console) -> None:
        enrolment = without.begin()
        without.clock.advance(timedelta(minutes=10) - timedelta(microseconds=1))
        with pytest.raises(errors.CodeWrong):
            without.confirm_by(wrong(without.code(enrolment)))
        without.clock.advance(timedelta(microseconds=1))
        with pytest.raises(errors.EnrolmentNotStarted):
            without.confirm_by(without.code(enrolment))

    def test_wrong_codes_count_and_malformed_ones_do_not(self, without: Console) -> None:
        enrolment = without.begin()
        for _ in range(5):
            with pytest.raises(errors.CodeMalformed):
                without.confirm_by("12345")
            with pytest.raises(errors.CodeWrong):
                without.confirm_by(wrong(without.code(enrolment)))
        with pytest.raises(errors.CodeThrottled):
            without.confirm_by(without.code(enrolment))
        assert without.tags().count("operator:enrolment:code_wrong") == 5
        assert without.tags()[-1] == "operator:enrolment:code_throttled"

    def test_of_two_activations_at_once_one_wins(
        self, without: Console, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        enrolment = without.begin()
        monkeypatch.setattr("bot.domain.operator.enrolling.activate_alone", lambda *_, **__: False)
        with pytest.raises(errors.EnrolmentNotStarted):
            without.confirm_by(without.code(enrolment))
        assert without.messages() == []

    def test_where_an_authenticator_is_active_it_is_refused(self, without: Console) -> None:
        code = without.code(without.begin())
        without.confirm_by(code)
        for again in (without.begin, lambda: without.confirm_by(code)):
            with pytest.raises(errors.AuthenticatorActive):
                again()
            assert without.tags()[-1] == "operator:enrolment:authenticator_active"

    @pytest.mark.parametrize("state", [CaseState.AWAITING_CONFIRMATION, CaseState.EXECUTING])
    def test_while_a_case_is_open_it_is_refused(self, without: Console, state: CaseState) -> None:
        code = without.code(without.begin())
        without.add_case(state)
        for again in (without.begin, lambda: without.confirm_by(code)):
            with pytest.raises(errors.CaseInTheWay):
                again()

    def test_who_is_nobody_or_has_no_role_is_refused(self, without: Console) -> None:
        with pytest.raises(errors.ContactNotFound):
            without.operators.begin_enrolment("nobody@acme.example", operator=OPERATOR)
        without.give_only(without.bob)
        with pytest.raises(errors.HoldsNoRole):
            without.begin()


@pytest.mark.parametrize("channel", [AUDIT_CHANNEL, None])
def test_a_rotation_of_keys_is_recorded_and_told_to_the_audit_channel(channel: str | None) -> None:
    console = Console(audit_channel=channel)
    assert console.operators.rotate_keys(operator=OPERATOR) == 0
    (record,) = console.records()
    assert (record.tag, record.actor) == ("operator:keys:rotated", "operator")
    assert record.details == {"secrets": "0", **OPERATOR.details()}
    assert console.everybody_told() == console.acts_told_to(*[channel] if channel else [])
