"""`SetUpService` over in-memory ports."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from bot.domain.model.audit import Source
from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.errors import (
    CodeMalformed,
    CodeThrottled,
    CodeWrong,
    DeactivatedRefused,
    DirectoryUnavailableError,
    NotAContact,
    SessionGone,
    SetUpCodeMalformed,
    SetUpCodeNotYours,
    SetUpCodeThrottled,
    SetUpCodeWrong,
    SignInRefused,
    SignInSuspended,
    UnknownPerson,
    WorkspaceUnavailableError,
)
from bot.domain.model.ids import ContactId, SessionId
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Authenticator, AuthenticatorState, SessionStage
from bot.domain.proving import totp
from bot.domain.proving.codes import verify_code
from bot.domain.record.journal import Journal
from bot.domain.set_up.sessions import SignedSession
from tests.fakes import (
    NOON,
    FakeDatabase,
    Person,
    a_case,
    a_member,
    a_slack_identity,
    a_suspension,
    an_authenticator,
)
from tests.office.portal import ADDRESS, BROWSER, House, Rivals

WRONG = "0000-0000"


class Base:
    @pytest.fixture(autouse=True)
    def _house(self) -> None:
        self.database = FakeDatabase()
        self.rivals = Rivals(self.database.unit_of_work)
        self.house = House(self.database.unit_of_work, services_use=self.rivals)
        self.set_up, self.clock = self.house.set_up, self.house.clock
        self.bob, self.alice = self.house.world.bob, self.house.world.alice
        self.case = self.house.reset(self.bob)

    def shown(self, waiting: SignedSession, *, to: Person | None = None) -> str:
        return self.set_up.show_code((to or self.bob).slack, waiting.session.id).code

    def suspend(self, person: Person) -> None:
        with self.database.unit_of_work() as uow:
            uow.suspensions.add(a_suspension(person.id))
            uow.commit()

    def is_honoured(self, signed: SignedSession) -> bool:
        try:
            self.house.sign_in.session_of(signed.token)
        except SessionGone:
            return False
        return True


class TestShowingTheCode(Base):
    def test_is_two_groups_of_four_and_lives_ten_minutes(self) -> None:
        waiting = self.house.waiting(self.bob)
        shown = self.set_up.show_code(self.bob.slack, waiting.session.id)
        assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", shown.code)
        assert shown.expires_at == NOON + timedelta(minutes=10)
        assert shown.session.id == waiting.session.id

    def test_is_recorded_and_stored_without_the_code(self) -> None:
        waiting = self.house.waiting(self.bob)
        shown = self.set_up.show_code(self.bob.slack, waiting.session.id)
        record = self.database.records()[-1]
        assert record.tag == "slack:set_up_code:shown"
        assert (record.actor, record.subscriber) == (self.bob.id, self.bob.id)
        assert (record.case, record.slack_user) == (self.case.id, self.bob.slack.user)
        written = self.database.dump() + repr(shown)
        assert shown.code not in written
        assert shown.code.replace("-", "") not in written

    def test_never_outlives_the_waiting_session(self) -> None:
        waiting = self.house.waiting(self.bob)
        self.clock.advance(timedelta(minutes=25))
        shown = self.set_up.show_code(self.bob.slack, waiting.session.id)
        assert shown.expires_at == waiting.session.expires_at

    def test_a_second_one_takes_the_place_of_the_first(self) -> None:
        waiting = self.house.waiting(self.bob)
        first, second = self.shown(waiting), self.shown(waiting)
        assert first != second
        with pytest.raises(SetUpCodeWrong):
            self.set_up.accept_code(waiting.token, first)
        self.set_up.accept_code(waiting.token, second)

    def test_somebody_elses_session_is_refused(self) -> None:
        waiting = self.house.waiting(self.bob)
        with pytest.raises(SetUpCodeNotYours):
            self.shown(waiting, to=self.alice)
        record = self.database.records()[-1]
        assert record.tag == "slack:set_up_code:set_up_code_not_yours"
        assert record.actor == self.alice.id

    def test_who_is_no_contact_is_refused(self) -> None:
        stranger = a_slack_identity("U01STRANGER")
        self.house.workspace.members[stranger.user] = a_member(stranger.user)
        waiting = self.house.waiting(self.bob)
        with pytest.raises(NotAContact):
            self.set_up.show_code(stranger, waiting.session.id)

    def test_who_is_not_in_good_standing_in_slack_is_refused(self) -> None:
        waiting = self.house.waiting(self.bob)
        self.house.workspace.deactivate(self.bob.slack.user)
        with pytest.raises(DeactivatedRefused):
            self.shown(waiting)
        assert self.house.tags()[-1] == "slack:set_up_code:deactivated_refused"

    def test_who_slack_does_not_know_is_refused(self) -> None:
        waiting = self.house.waiting(self.bob)
        with pytest.raises(UnknownPerson):
            self.set_up.show_code(a_slack_identity("U01GHOST"), waiting.session.id)

    def test_slack_without_an_answer_means_no(self) -> None:
        waiting = self.house.waiting(self.bob)
        self.house.workspace.available = False
        with pytest.raises(WorkspaceUnavailableError):
            self.shown(waiting)

    def test_suspended_contact_is_refused(self) -> None:
        waiting = self.house.waiting(self.bob)
        self.suspend(self.bob)
        with pytest.raises(SignInSuspended):
            self.shown(waiting)

    def test_unknown_session_is_gone(self) -> None:
        with pytest.raises(SessionGone):
            self.set_up.show_code(self.bob.slack, SessionId("session_unknown"))

    def test_expired_session_is_gone(self) -> None:
        waiting = self.house.waiting(self.bob)
        self.clock.advance(timedelta(minutes=30))
        with pytest.raises(SessionGone):
            self.shown(waiting)

    def test_session_that_waits_no_longer_is_gone(self) -> None:
        setting_up = self.house.setting_up(self.bob)
        with pytest.raises(SessionGone):
            self.shown(setting_up)

    def test_reset_while_slack_was_asked_voids_the_session(self) -> None:
        waiting = self.house.waiting(self.bob)

        def reset(_user_id: str) -> None:
            self.house.reset(self.bob)

        self.house.workspace.on_ask = reset
        with pytest.raises(SessionGone):
            self.shown(waiting)


class TestTypingTheCode(Base):
    def test_leads_to_a_pending_authenticator_of_this_session(self) -> None:
        waiting = self.house.waiting(self.bob)
        signed = self.set_up.accept_code(waiting.token, self.shown(waiting))
        assert signed.session.stage is SessionStage.SETTING_UP
        assert signed.session.id == waiting.session.id
        assert signed.session.expires_at == NOON + timedelta(minutes=30)
        (pending,) = self.pending()
        assert signed.session.authenticator_id == pending.id
        assert not self.is_honoured(waiting)
        assert self.database.records()[-1].tag == "portal:set_up_code:accepted"
        assert self.database.records()[-1].case == self.case.id

    def pending(self) -> tuple[Authenticator, ...]:
        with self.database.unit_of_work() as uow:
            return uow.authenticators.pending_of(self.bob.id)

    def test_hyphen_and_case_do_not_matter(self) -> None:
        waiting = self.house.waiting(self.bob)
        self.set_up.accept_code(waiting.token, self.shown(waiting).replace("-", "").lower())
        assert len(self.pending()) == 1

    def test_works_once(self) -> None:
        waiting = self.house.waiting(self.bob)
        code = self.shown(waiting)
        signed = self.set_up.accept_code(waiting.token, code)
        for token in (waiting.token, signed.token):
            with pytest.raises(SessionGone):
                self.set_up.accept_code(token, code)
        assert len(self.pending()) == 1

    def test_typed_twice_at_once_works_once(self) -> None:
        waiting = self.house.waiting(self.bob)
        code = self.shown(waiting)
        self.rivals.before(2, lambda: self.set_up.accept_code(waiting.token, code))
        with pytest.raises(SessionGone):
            self.set_up.accept_code(waiting.token, code)
        assert len(self.pending()) == 1
        assert self.house.tags().count("portal:set_up_code:accepted") == 1

    def test_fits_only_the_session_it_was_made_for(self) -> None:
        here, there = self.house.waiting(self.bob), self.house.waiting(self.bob)
        for_here, for_there = self.shown(here), self.shown(there)
        with pytest.raises(SetUpCodeWrong):
            self.set_up.accept_code(here.token, for_there)
        self.set_up.accept_code(here.token, for_here)

    def test_expires_after_ten_minutes(self) -> None:
        waiting = self.house.waiting(self.bob)
        code = self.shown(waiting)
        self.clock.advance(timedelta(minutes=10))
        with pytest.raises(SetUpCodeWrong):
            self.set_up.accept_code(waiting.token, code)

    def test_no_code_fits_before_one_was_shown(self) -> None:
        waiting = self.house.waiting(self.bob)
        with pytest.raises(SetUpCodeWrong):
            self.set_up.accept_code(waiting.token, WRONG)

    def test_wrong_ones_count_and_a_new_code_does_not_clear_the_count(self) -> None:
        waiting = self.house.waiting(self.bob)
        self.shown(waiting)
        for _ in range(5):
            with pytest.raises(SetUpCodeWrong):
                self.set_up.accept_code(waiting.token, WRONG)
        assert self.house.tags()[-1] == "portal:set_up_code:set_up_code_wrong"
        right = self.shown(waiting)
        with pytest.raises(SetUpCodeThrottled) as throttled:
            self.set_up.accept_code(waiting.token, right)
        assert throttled.value.retry_at == NOON + timedelta(minutes=5)
        other = self.house.waiting(self.bob)
        with pytest.raises(SetUpCodeThrottled):
            self.set_up.accept_code(other.token, self.shown(other))
        self.clock.advance(timedelta(minutes=5))
        self.set_up.accept_code(waiting.token, right)

    def test_malformed_one_is_not_counted(self) -> None:
        waiting = self.house.waiting(self.bob)
        for _ in range(6):
            with pytest.raises(SetUpCodeMalformed):
                self.set_up.accept_code(waiting.token, "none at all")
        self.set_up.accept_code(waiting.token, self.shown(waiting))

    def test_an_ordinary_sign_in_takes_none(self) -> None:
        signed = self.house.begin(self.alice)
        with pytest.raises(SessionGone):
            self.set_up.accept_code(signed.token, WRONG)

    def test_reset_just_before_voids_the_session(self) -> None:
        waiting = self.house.waiting(self.bob)
        code = self.shown(waiting)
        self.rivals.before(2, lambda: self.house.reset(self.bob))
        with pytest.raises(SessionGone):
            self.set_up.accept_code(waiting.token, code)
        assert not self.pending()

    def test_session_moved_between_spending_and_new_token_is_gone(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waiting = self.house.waiting(self.bob)
        code = self.shown(waiting)
        monkeypatch.setattr("storage.sessions.SqlSessions.advance", lambda *_a, **_k: False)
        with pytest.raises(SessionGone):
            self.set_up.accept_code(waiting.token, code)
        assert not self.pending()


class TestForm(Base):
    def test_shows_the_secret_as_uri_and_in_groups_of_four(self) -> None:
        form = self.set_up.form(self.house.setting_up(self.bob).token)
        secret = "".join(form.key_groups)
        assert [len(group) for group in form.key_groups] == [4] * 8
        uri = urlsplit(form.otpauth_uri)
        assert unquote(uri.path) == "/Rekey Portal:bob 2026-01-01"
        assert parse_qs(uri.query)["secret"] == [secret]
        assert parse_qs(uri.query)["issuer"] == ["Rekey Portal"]
        assert form.label == "Rekey Portal: bob 2026-01-01"
        assert secret not in repr(form)

    def test_counts_the_wrong_codes(self) -> None:
        setting_up = self.house.setting_up(self.bob)
        for _ in range(3):
            with pytest.raises(CodeWrong):
                self.set_up.bind(setting_up.token, _wrong(self.house, setting_up))
        assert self.set_up.form(setting_up.token).wrong_codes == 3

    def test_needs_the_set_up_code_first(self) -> None:
        with pytest.raises(SessionGone):
            self.set_up.form(self.house.waiting(self.bob).token)

    def test_is_void_once_another_session_has_come_as_far(self) -> None:
        first = self.house.setting_up(self.bob)
        self.house.setting_up(self.bob)
        assert not self.is_honoured(first)
        with pytest.raises(SessionGone):
            self.set_up.form(first.token)


class TestBinding(Base):
    def test_first_correct_code_activates_and_signs_in(self) -> None:
        setting_up = self.house.setting_up(self.bob)
        signed = self.set_up.bind(setting_up.token, self.house.first_code(setting_up))
        assert signed.session.stage is SessionStage.SIGNED_IN
        assert self.is_honoured(signed)
        assert not self.is_honoured(setting_up)
        assert self.house.states(self.bob) == {AuthenticatorState.ACTIVE}
        assert not self.house.contact(self.bob).set_up_required

    def test_closes_the_case_and_tells_subscriber_and_admin(self) -> None:
        self.house.bound(self.bob)
        (case,) = self.house.cases(self.bob)
        assert (case.state, case.re_enrolled_at) == (CaseState.RE_ENROLLED, NOON)
        (subscriber,) = self.house.notices(NoticeKind.SUBSCRIBER_ENROLLED)
        assert (subscriber.contact_id, subscriber.case_id) == (self.bob.id, case.id)
        (admin,) = self.house.notices(NoticeKind.ADMIN_ENROLLED)
        assert (admin.contact_id, admin.case_id) == (self.alice.id, case.id)
        assert self.house.tags()[-3:] == [
            "portal:authenticator:bound",
            "portal:case:re_enrolled",
            "portal:sign_in:signed_in",
        ]

    def test_without_a_case_opens_one_to_close(self) -> None:
        self.database.remove("cases")
        waiting = self.house.waiting(self.bob)
        signed = self.set_up.accept_code(waiting.token, self.shown(waiting))
        self.database.remove("cases")
        self.set_up.bind(signed.token, self.house.first_code(signed))
        (case,) = self.house.cases(self.bob)
        assert (case.kind, case.state) == (CaseKind.FIRST_SET_UP, CaseState.RE_ENROLLED)
        assert self.house.tags().count("portal:case:re_enrolled") == 1
        assert not self.house.notices(NoticeKind.ADMIN_ENROLLED)
        (told,) = self.house.notices(NoticeKind.SUBSCRIBER_ENROLLED)
        assert told.case_id == case.id

    def test_while_a_reset_is_open_there_is_no_case_to_close(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.database.remove("cases")
        with self.database.unit_of_work() as uow:
            uow.cases.add(a_case(subscriber_id=self.bob.id, admin_id=self.alice.id))
            uow.commit()
        monkeypatch.setattr("storage.cases.SqlCases.add", lambda *_a: False)
        self.house.bound(self.bob)
        (case,) = self.house.cases(self.bob)
        assert case.state is CaseState.AWAITING_CONFIRMATION
        (told,) = self.house.notices(NoticeKind.SUBSCRIBER_ENROLLED)
        assert told.case_id is None

    def test_code_that_binds_cannot_also_sign_in(self) -> None:
        setting_up = self.house.setting_up(self.bob)
        code = self.house.first_code(setting_up)
        self.set_up.bind(setting_up.token, code)
        begun = self.house.begin(self.bob)
        with pytest.raises(CodeWrong):
            self.house.sign_in.verify_code(begun.token, code)

    def test_wrong_first_code_keeps_the_secret_and_counts(self) -> None:
        setting_up = self.house.setting_up(self.bob)
        right = self.house.first_code(setting_up)
        for _ in range(5):
            with pytest.raises(CodeWrong):
                self.set_up.bind(setting_up.token, _wrong(self.house, setting_up))
        assert self.house.tags()[-1] == "portal:set_up:code_wrong"
        with pytest.raises(CodeThrottled):
            self.set_up.bind(setting_up.token, right)
        self.clock.advance(timedelta(minutes=5))
        self.set_up.bind(setting_up.token, self.house.first_code(setting_up))

    def test_malformed_code_is_not_counted(self) -> None:
        setting_up = self.house.setting_up(self.bob)
        with pytest.raises(CodeMalformed):
            self.set_up.bind(setting_up.token, "12 34")
        assert self.set_up.form(setting_up.token).wrong_codes == 0

    def test_ends_every_other_session_and_waiting_sign_in(self) -> None:
        here, there = self.house.waiting(self.bob), self.house.waiting(self.bob)
        code_there = self.shown(there)
        signed = self.set_up.accept_code(here.token, self.shown(here))
        self.set_up.bind(signed.token, self.house.first_code(signed))
        assert not self.is_honoured(there)
        with pytest.raises(SessionGone):
            self.set_up.accept_code(there.token, code_there)

    def test_two_browsers_set_up_at_once_and_one_binds(self) -> None:
        here = self.house.setting_up(self.bob)
        code_here = self.house.first_code(here)
        there = self.house.setting_up(self.bob)
        with pytest.raises(SessionGone):
            self.set_up.bind(here.token, code_here)
        self.set_up.bind(there.token, self.house.first_code(there))

    def test_same_form_sent_twice_at_once_binds_once(self) -> None:
        setting_up = self.house.setting_up(self.bob)
        code = self.house.first_code(setting_up)
        self.rivals.before(2, lambda: self.set_up.bind(setting_up.token, code))
        with pytest.raises(SessionGone):
            self.set_up.bind(setting_up.token, code)
        assert self.house.tags().count("portal:authenticator:bound") == 1

    def test_authenticator_that_was_activated_meanwhile_binds_nothing(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        setting_up = self.house.setting_up(self.bob)
        code = self.house.first_code(setting_up)
        monkeypatch.setattr(
            "storage.authenticators.SqlAuthenticators.activate", lambda *_a, **_k: False
        )
        with pytest.raises(SessionGone):
            self.set_up.bind(setting_up.token, code)
        assert self.house.contact(self.bob).set_up_required

    def test_reset_in_the_middle_voids_the_half_done_set_up(self) -> None:
        setting_up = self.house.setting_up(self.bob)
        code = self.house.first_code(setting_up)
        self.rivals.before(2, lambda: self.house.reset(self.bob))
        with pytest.raises(SessionGone):
            self.set_up.bind(setting_up.token, code)
        assert self.house.states(self.bob) == set()
        assert self.house.contact(self.bob).set_up_required

    def test_enrolled_at_the_console_meanwhile_needs_no_set_up(self) -> None:
        setting_up = self.house.setting_up(self.bob)
        with self.database.unit_of_work() as uow:
            other = an_authenticator(self.bob.id)
            uow.authenticators.add(other, shared_secret="A" * 32)
            uow.authenticators.activate(other.id, step=1, now=NOON)
            uow.contacts.set_set_up_required(self.bob.id, required=False)
            uow.commit()
        with pytest.raises(SessionGone):
            self.set_up.bind(setting_up.token, "123456")

    def test_replaces_an_authenticator_that_a_broken_reset_left_active(self) -> None:
        with self.database.unit_of_work() as uow:
            left = an_authenticator(self.bob.id)
            uow.authenticators.add(left, shared_secret="A" * 32)
            uow.authenticators.activate(left.id, step=1, now=NOON)
            uow.commit()
        self.house.bound(self.bob)
        with self.database.unit_of_work() as uow:
            (active,) = uow.authenticators.active_of(self.bob.id)
        assert active.id != left.id

    def test_session_without_an_authenticator_of_its_own_is_gone(self) -> None:
        setting_up = self.house.setting_up(self.bob)
        self.database.change("sessions", setting_up.session.id, authenticator_id=None)
        with pytest.raises(SessionGone):
            self.set_up.bind(setting_up.token, "123456")

    def test_directory_that_does_not_show_it_closes_nothing(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def shows_none(_self: object, _contact_id: ContactId) -> tuple[Authenticator, ...]:
            return ()

        setting_up = self.house.setting_up(self.bob)
        code = self.house.first_code(setting_up)
        monkeypatch.setattr(
            "bot.directories.embedded.EmbeddedDirectory.authenticators_of", shows_none
        )
        with pytest.raises(DirectoryUnavailableError):
            self.set_up.bind(setting_up.token, code)
        (case,) = self.house.cases(self.bob)
        assert case.state is CaseState.COMPLETED
        assert self.house.states(self.bob) == {AuthenticatorState.PENDING}

    def test_no_secret_is_recorded(self) -> None:
        setting_up = self.house.setting_up(self.bob)
        secret = "".join(self.set_up.form(setting_up.token).key_groups)
        code = self.house.first_code(setting_up)
        signed = self.set_up.bind(setting_up.token, code)
        written = self.database.dump()
        for kept in (secret, code, signed.token, setting_up.token):
            assert kept not in written


class TestOneStepInTwoPlaces(Base):
    """A code typed into the modal and at the Portal at once is accepted in one of them."""

    def in_the_modal(self, code: str) -> bool:
        with self.database.unit_of_work() as uow:
            journal = Journal(
                uow=uow, source=Source.SLACK, actor=self.alice.id, now=self.clock.now()
            )
            verdict = verify_code(journal, code, alerts=self.house.alerts)
            uow.commit()
        return verdict.refusal is None

    def test_modal_first(self) -> None:
        begun, code = self.house.begin(self.alice), self.alice.code(self.clock)
        self.rivals.before(2, lambda: self.in_the_modal(code))
        with pytest.raises(CodeWrong):
            self.house.sign_in.verify_code(begun.token, code)

    def test_portal_first(self) -> None:
        begun, code = self.house.begin(self.alice), self.alice.code(self.clock)
        self.house.sign_in.verify_code(begun.token, code)
        assert not self.in_the_modal(code)


class TestWhatASessionReachesBeforeItIsSetUp(Base):
    def test_nothing_else(self) -> None:
        for signed in (self.house.waiting(self.bob), self.house.setting_up(self.bob)):
            with pytest.raises(SignInRefused):
                self.house.sign_in.verify_code(signed.token, self.bob.code(self.clock))
            with pytest.raises(SignInRefused):
                self.house.sign_in.change_password(
                    signed.token, self.bob.password, "eight unrelated words"
                )


def _wrong(house: House, signed: SignedSession) -> str:
    """Return a code that is none of the three which would be accepted."""
    secret = "".join(house.set_up.form(signed.token).key_groups)
    step = totp.step_at(house.clock.now())
    right = {totp.code_at(secret, step + skew) for skew in (-1, 0, 1)}
    return next(code for code in (f"{n:06}" for n in range(4)) if code not in right)


def test_address_and_browser_stay_with_the_session() -> None:
    house = House(FakeDatabase().unit_of_work)
    house.reset(house.world.bob)
    session = house.bound(house.world.bob).session
    assert (session.browser, session.address) == (BROWSER, ADDRESS)
