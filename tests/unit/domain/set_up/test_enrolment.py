"""Setting 2FA up: a code is shown in Slack and typed at the Portal; an authenticator is bound."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from bot.domain.model import errors
from bot.domain.model.audit import Source
from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.ids import AuthenticatorId, SessionId
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import AuthenticatorState, SessionStage, SuspensionCause
from bot.domain.proving.codes import verify_code
from bot.domain.record.journal import Journal
from bot.domain.set_up.sessions import SignedSession
from tests.fakes import NOON, a_case, a_member, a_slack_identity, an_authenticator
from tests.office.portal import ADDRESS, BROWSER, Portal

WRONG = "0000-0000"
STRANGER = a_slack_identity("U01STRANGER")


class Enrolling(Portal):
    """Bob's 2FA was reset: a sign-in of his waits for a set-up code."""

    def __init__(self) -> None:
        super().__init__()
        self.workspace.members[STRANGER.user] = a_member(STRANGER.user)
        self.of_bob = self.reset(self.bob)

    def shown(self, waiting: SignedSession) -> str:
        return self.set_up.show_code(self.bob.slack, waiting.session.id).code

    def accept(self, waiting: SignedSession, code: str) -> SignedSession:
        return self.set_up.accept_code(waiting.token, code)

    def pending(self) -> list[AuthenticatorId]:
        with self.unit_of_work() as uow:
            return [each.id for each in uow.authenticators.pending_of(self.bob.id)]

    def wrong_code(self, signed: SignedSession) -> str:
        """Return a code that is none of the three which would be accepted."""
        right = {self.first_code(signed, steps=skew) for skew in (-1, 0, 1)}
        return next(code for code in (f"{n:06}" for n in range(4)) if code not in right)

    def bind_another(self) -> AuthenticatorId:
        """Bind an authenticator in another way than at the Portal."""
        other = an_authenticator(self.bob.id)
        self.store(lambda uow: uow.authenticators.add(other, shared_secret="A" * 32))
        self.store(lambda uow: uow.authenticators.activate(other.id, step=1, now=NOON))
        return other.id


@pytest.fixture
def house() -> Enrolling:
    return Enrolling()


def nothing(_house: Enrolling) -> None:
    """The sign-in waits."""


def bob_is_deactivated(house: Enrolling) -> None:
    house.workspace.deactivate(house.bob.slack.user)


def bob_is_suspended(house: Enrolling) -> None:
    house.suspend_for(SuspensionCause.VETOED, house.bob)


def slack_is_away(house: Enrolling) -> None:
    house.workspace.available = False


def the_session_has_expired(house: Enrolling) -> None:
    house.clock.advance(timedelta(minutes=30))


def bob_is_reset_while_slack_is_asked(house: Enrolling) -> None:
    def reset(_user: str) -> None:
        house.reset(house.bob)

    house.workspace.on_ask = reset


class TestShowingTheCode:
    def test_is_two_groups_of_four_for_ten_minutes_and_recorded_without_it(
        self, house: Enrolling
    ) -> None:
        waiting = house.waiting(house.bob)
        shown = house.set_up.show_code(house.bob.slack, waiting.session.id)
        assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", shown.code)
        assert shown.expires_at == NOON + timedelta(minutes=10)
        assert shown.session.id == waiting.session.id
        record = house.records()[-1]
        assert record.tag == "slack:set_up_code:shown"
        assert (record.actor, record.subscriber) == (house.bob.id, house.bob.id)
        assert (record.case, record.slack_user) == (house.of_bob.id, house.bob.slack.user)
        written = house.database.dump() + repr(shown)
        assert shown.code not in written
        assert shown.code.replace("-", "") not in written

    def test_never_outlives_the_waiting_session(self, house: Enrolling) -> None:
        waiting = house.waiting(house.bob)
        house.clock.advance(timedelta(minutes=25))
        shown = house.set_up.show_code(house.bob.slack, waiting.session.id)
        assert shown.expires_at == waiting.session.expires_at

    def test_a_second_one_takes_the_place_of_the_first(self, house: Enrolling) -> None:
        waiting = house.waiting(house.bob)
        first, second = house.shown(waiting), house.shown(waiting)
        with pytest.raises(errors.SetUpCodeWrong):
            house.accept(waiting, first)
        house.accept(waiting, second)

    @pytest.mark.parametrize(
        ("who", "arrange", "refusal"),
        [
            ("U01ALICE", nothing, errors.SetUpCodeNotYours),
            (STRANGER.user, nothing, errors.NotAContact),
            ("U01GHOST", nothing, errors.UnknownPerson),
            ("U01BOB", bob_is_deactivated, errors.DeactivatedRefused),
            ("U01BOB", bob_is_suspended, errors.SignInSuspended),
            ("U01BOB", slack_is_away, errors.WorkspaceUnavailableError),
            ("U01BOB", the_session_has_expired, errors.SessionGone),
            ("U01BOB", bob_is_reset_while_slack_is_asked, errors.SessionGone),
        ],
    )
    def test_is_refused_and_recorded(
        self,
        house: Enrolling,
        who: str,
        arrange: Callable[[Enrolling], None],
        refusal: type[errors.Refusal | errors.Fault],
    ) -> None:
        waiting = house.waiting(house.bob)
        arrange(house)
        with pytest.raises(refusal):
            house.set_up.show_code(a_slack_identity(who), waiting.session.id)
        record = house.records()[-1]
        assert record.tag == f"slack:set_up_code:{refusal.tag}"
        assert record.slack_user == who
        if who == "U01ALICE":
            assert record.actor == house.alice.id

    def test_of_a_session_that_waits_no_longer_or_never_was_is_gone(self, house: Enrolling) -> None:
        for session_id in (house.setting_up(house.bob).session.id, SessionId("session_unknown")):
            with pytest.raises(errors.SessionGone):
                house.set_up.show_code(house.bob.slack, session_id)


class TestTypingTheCode:
    def test_leads_to_a_pending_authenticator_of_this_session_once(self, house: Enrolling) -> None:
        waiting = house.waiting(house.bob)
        code = house.shown(waiting)
        signed = house.accept(waiting, code.replace("-", "").lower())
        assert signed.session.stage is SessionStage.SETTING_UP
        assert signed.session.id == waiting.session.id
        assert signed.session.expires_at == NOON + timedelta(minutes=30)
        assert house.pending() == [signed.session.authenticator_id]
        assert house.records()[-1].tag == "portal:set_up_code:accepted"
        assert house.records()[-1].case == house.of_bob.id
        for session in (waiting, signed):
            with pytest.raises(errors.SessionGone):
                house.accept(session, code)
        assert len(house.pending()) == 1

    def test_fits_only_the_session_it_was_made_for(self, house: Enrolling) -> None:
        here, there = house.waiting(house.bob), house.waiting(house.bob)
        for_here, for_there = house.shown(here), house.shown(there)
        with pytest.raises(errors.SetUpCodeWrong):
            house.accept(here, for_there)
        house.accept(here, for_here)

    def test_expires_after_ten_minutes(self, house: Enrolling) -> None:
        waiting = house.waiting(house.bob)
        code = house.shown(waiting)
        house.clock.advance(timedelta(minutes=10))
        with pytest.raises(errors.SetUpCodeWrong):
            house.accept(waiting, code)

    def test_wrong_ones_count_and_a_new_code_does_not_clear_the_count(
        self, house: Enrolling
    ) -> None:
        waiting = house.waiting(house.bob)
        for _ in range(5):
            with pytest.raises(errors.SetUpCodeMalformed):
                house.accept(waiting, "none at all")
        for _ in range(5):  # no code was shown yet
            with pytest.raises(errors.SetUpCodeWrong):
                house.accept(waiting, WRONG)
        assert house.tags()[-1] == "portal:set_up_code:set_up_code_wrong"
        right, other = house.shown(waiting), house.waiting(house.bob)
        for session, code in (waiting, right), (other, house.shown(other)):
            with pytest.raises(errors.SetUpCodeThrottled) as throttled:
                house.accept(session, code)
            assert throttled.value.retry_at == NOON + timedelta(minutes=5)
        house.clock.advance(timedelta(minutes=5))
        house.accept(waiting, right)

    def test_an_ordinary_sign_in_takes_none(self, house: Enrolling) -> None:
        with pytest.raises(errors.SessionGone):
            house.accept(house.begin(house.alice), WRONG)

    def test_typed_twice_at_once_works_once(self, house: Enrolling) -> None:
        waiting = house.waiting(house.bob)
        code = house.shown(waiting)
        house.rivals.before(2, lambda: house.accept(waiting, code))
        with pytest.raises(errors.SessionGone):
            house.accept(waiting, code)
        assert len(house.pending()) == 1
        assert house.tags().count("portal:set_up_code:accepted") == 1

    def test_reset_just_before_voids_the_session(self, house: Enrolling) -> None:
        waiting = house.waiting(house.bob)
        code = house.shown(waiting)
        house.rivals.before(2, lambda: house.reset(house.bob))
        with pytest.raises(errors.SessionGone):
            house.accept(waiting, code)
        assert not house.pending()

    def test_session_moved_between_spending_and_new_token_is_gone(
        self, house: Enrolling, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waiting = house.waiting(house.bob)
        code = house.shown(waiting)
        monkeypatch.setattr("storage.sessions.SqlSessions.advance", lambda *_a, **_k: False)
        with pytest.raises(errors.SessionGone):
            house.accept(waiting, code)
        assert not house.pending()


class TestForm:
    def test_shows_the_secret_as_uri_and_in_groups_of_four(self, house: Enrolling) -> None:
        form = house.set_up.form(house.setting_up(house.bob).token)
        secret = "".join(form.key_groups)
        assert [len(group) for group in form.key_groups] == [4] * 8
        uri = urlsplit(form.otpauth_uri)
        assert unquote(uri.path) == "/Rekey Portal:bob 2026-01-01"
        assert parse_qs(uri.query) == {"secret": [secret], "issuer": ["Rekey Portal"]}
        assert form.label == "Rekey Portal: bob 2026-01-01"
        assert secret not in repr(form)

    def test_needs_the_set_up_code_first(self, house: Enrolling) -> None:
        with pytest.raises(errors.SessionGone):
            house.set_up.form(house.waiting(house.bob).token)

    def test_is_void_once_another_session_has_come_as_far(self, house: Enrolling) -> None:
        first = house.setting_up(house.bob)
        code = house.first_code(first)
        second = house.setting_up(house.bob)
        assert not house.is_honoured(first)
        with pytest.raises(errors.SessionGone):
            house.set_up.form(first.token)
        with pytest.raises(errors.SessionGone):
            house.set_up.bind(first.token, code)
        house.set_up.bind(second.token, house.first_code(second))


class TestBinding:
    def test_first_correct_code_activates_signs_in_and_closes_the_case(
        self, house: Enrolling
    ) -> None:
        setting_up = house.setting_up(house.bob)
        secret = "".join(house.set_up.form(setting_up.token).key_groups)
        code = house.first_code(setting_up)
        signed = house.set_up.bind(setting_up.token, code)
        assert signed.session.stage is SessionStage.SIGNED_IN
        assert (signed.session.browser, signed.session.address) == (BROWSER, ADDRESS)
        assert house.is_honoured(signed)
        assert not house.is_honoured(setting_up)
        assert house.states(house.bob) == {AuthenticatorState.ACTIVE}
        assert not house.contact(house.bob).set_up_required
        (case,) = house.cases(house.bob)
        assert (case.state, case.re_enrolled_at) == (CaseState.RE_ENROLLED, NOON)
        for kind, person in (
            (NoticeKind.SUBSCRIBER_ENROLLED, house.bob),
            (NoticeKind.ADMIN_ENROLLED, house.alice),
        ):
            (told,) = house.notices(kind)
            assert (told.contact_id, told.case_id) == (person.id, case.id)
        assert house.tags()[-3:] == [
            "portal:authenticator:bound",
            "portal:case:re_enrolled",
            "portal:sign_in:signed_in",
        ]
        written = house.database.dump()
        for kept in (secret, code, signed.token, setting_up.token):
            assert kept not in written

    def test_without_a_case_opens_one_to_close(self, house: Enrolling) -> None:
        house.database.remove("cases")
        signed = house.setting_up(house.bob)
        house.database.remove("cases")
        house.set_up.bind(signed.token, house.first_code(signed))
        (case,) = house.cases(house.bob)
        assert (case.kind, case.state) == (CaseKind.FIRST_SET_UP, CaseState.RE_ENROLLED)
        assert house.tags().count("portal:case:re_enrolled") == 1
        assert not house.notices(NoticeKind.ADMIN_ENROLLED)
        (told,) = house.notices(NoticeKind.SUBSCRIBER_ENROLLED)
        assert told.case_id == case.id

    def test_while_a_reset_is_open_there_is_no_case_to_close(
        self, house: Enrolling, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house.database.remove("cases")
        open_case = a_case(subscriber_id=house.bob.id, admin_id=house.alice.id)
        house.store(lambda uow: uow.cases.add(open_case))
        monkeypatch.setattr("storage.cases.SqlCases.add", lambda *_a: False)
        house.bound(house.bob)
        (case,) = house.cases(house.bob)
        assert case.state is CaseState.AWAITING_CONFIRMATION
        (told,) = house.notices(NoticeKind.SUBSCRIBER_ENROLLED)
        assert told.case_id is None

    def test_code_that_binds_cannot_also_sign_in(self, house: Enrolling) -> None:
        setting_up = house.setting_up(house.bob)
        code = house.first_code(setting_up)
        house.set_up.bind(setting_up.token, code)
        with pytest.raises(errors.CodeWrong):
            house.sign_in.verify_code(house.begin(house.bob).token, code)

    def test_wrong_first_code_keeps_the_secret_and_counts_but_no_malformed_one(
        self, house: Enrolling
    ) -> None:
        setting_up = house.setting_up(house.bob)
        right, wrong = house.first_code(setting_up), house.wrong_code(setting_up)
        with pytest.raises(errors.CodeMalformed):
            house.set_up.bind(setting_up.token, "12 34")
        for counted in range(5):
            assert house.set_up.form(setting_up.token).wrong_codes == counted
            with pytest.raises(errors.CodeWrong):
                house.set_up.bind(setting_up.token, wrong)
        assert house.tags()[-1] == "portal:set_up:code_wrong"
        with pytest.raises(errors.CodeThrottled):
            house.set_up.bind(setting_up.token, right)
        house.clock.advance(timedelta(minutes=5))
        house.set_up.bind(setting_up.token, house.first_code(setting_up))

    def test_ends_every_other_session_and_waiting_sign_in(self, house: Enrolling) -> None:
        here, there = house.waiting(house.bob), house.waiting(house.bob)
        code_there = house.shown(there)
        signed = house.accept(here, house.shown(here))
        house.set_up.bind(signed.token, house.first_code(signed))
        assert not house.is_honoured(there)
        with pytest.raises(errors.SessionGone):
            house.accept(there, code_there)

    def test_same_form_sent_twice_at_once_binds_once(self, house: Enrolling) -> None:
        setting_up = house.setting_up(house.bob)
        code = house.first_code(setting_up)
        house.rivals.before(2, lambda: house.set_up.bind(setting_up.token, code))
        with pytest.raises(errors.SessionGone):
            house.set_up.bind(setting_up.token, code)
        assert house.tags().count("portal:authenticator:bound") == 1

    def test_reset_in_the_middle_voids_the_half_done_set_up(self, house: Enrolling) -> None:
        setting_up = house.setting_up(house.bob)
        code = house.first_code(setting_up)
        house.rivals.before(2, lambda: house.reset(house.bob))
        with pytest.raises(errors.SessionGone):
            house.set_up.bind(setting_up.token, code)
        assert house.states(house.bob) == set()
        assert house.contact(house.bob).set_up_required

    @pytest.mark.parametrize(
        ("method", "answer", "refusal"),
        [
            pytest.param(
                "storage.authenticators.SqlAuthenticators.activate",
                False,
                errors.SessionGone,
                id="it was activated meanwhile",
            ),
            pytest.param(
                "bot.directories.embedded.EmbeddedDirectory.authenticators_of",
                (),
                errors.DirectoryUnavailableError,
                id="the directory does not show it",
            ),
        ],
    )
    def test_closes_nothing_where(
        self,
        house: Enrolling,
        monkeypatch: pytest.MonkeyPatch,
        *,
        method: str,
        answer: object,
        refusal: type[errors.Refusal | errors.Fault],
    ) -> None:
        setting_up = house.setting_up(house.bob)
        code = house.first_code(setting_up)
        monkeypatch.setattr(method, lambda *_a, **_k: answer)
        with pytest.raises(refusal):
            house.set_up.bind(setting_up.token, code)
        (case,) = house.cases(house.bob)
        assert case.state is CaseState.COMPLETED
        assert house.states(house.bob) == {AuthenticatorState.PENDING}
        assert house.contact(house.bob).set_up_required

    def test_enrolled_at_the_console_meanwhile_needs_no_set_up(self, house: Enrolling) -> None:
        setting_up = house.setting_up(house.bob)
        house.bind_another()
        house.require_set_up(house.bob, required=False)
        with pytest.raises(errors.SessionGone):
            house.set_up.bind(setting_up.token, "123456")

    def test_replaces_an_authenticator_that_a_broken_reset_left_active(
        self, house: Enrolling
    ) -> None:
        left = house.bind_another()
        house.bound(house.bob)
        with house.unit_of_work() as uow:
            (active,) = uow.authenticators.active_of(house.bob.id)
        assert active.id != left

    def test_session_without_an_authenticator_of_its_own_is_gone(self, house: Enrolling) -> None:
        setting_up = house.setting_up(house.bob)
        house.database.change("sessions", setting_up.session.id, authenticator_id=None)
        with pytest.raises(errors.SessionGone):
            house.set_up.bind(setting_up.token, "123456")


class TestOneStepInTwoPlaces:
    """A code typed into the modal and at the Portal at once is accepted in one of them."""

    def in_the_modal(self, house: Enrolling, code: str) -> bool:
        with house.unit_of_work() as uow:
            now = house.clock.now()
            journal = Journal(uow=uow, source=Source.SLACK, actor=house.alice.id, now=now)
            verdict = verify_code(journal, code, alerts=house.alerts)
            uow.commit()
        return verdict.refusal is None

    def test_modal_first(self, house: Enrolling) -> None:
        begun, code = house.begin(house.alice), house.alice.code(house.clock)
        house.rivals.before(2, lambda: self.in_the_modal(house, code))
        with pytest.raises(errors.CodeWrong):
            house.sign_in.verify_code(begun.token, code)

    def test_portal_first(self, house: Enrolling) -> None:
        begun, code = house.begin(house.alice), house.alice.code(house.clock)
        house.sign_in.verify_code(begun.token, code)
        assert not self.in_the_modal(house, code)


def test_session_reaches_nothing_else_before_it_is_set_up(house: Enrolling) -> None:
    bob = house.bob
    for signed in (house.waiting(bob), house.setting_up(bob)):
        with pytest.raises(errors.SignInRefused):
            house.sign_in.verify_code(signed.token, bob.code(house.clock))
        with pytest.raises(errors.SignInRefused):
            house.sign_in.change_password(signed.token, bob.password, "eight unrelated words")
