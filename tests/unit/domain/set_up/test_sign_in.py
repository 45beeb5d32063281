"""`SignInService` over in-memory ports."""

from datetime import timedelta

import pytest

from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.errors import (
    CodeMalformed,
    CodeThrottled,
    CodeWrong,
    NoAuthenticator,
    PasswordUnfit,
    SessionGone,
    SignInFailed,
    SignInRefused,
    SignInSuspended,
    SignInThrottled,
)
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import SessionStage, SuspensionCause
from bot.domain.set_up.sessions import hash_token
from tests.fakes import (
    NOON,
    FakeDatabase,
    FakePasswords,
    Person,
    a_case,
    a_suspension,
    an_authenticator,
)
from tests.office.portal import ADDRESS, BROWSER, FIRST_REMINDER, House, Rivals

NEW_PASSWORD = "eight unrelated words in a row"


class Base:
    @pytest.fixture(autouse=True)
    def _house(self) -> None:
        self.database = FakeDatabase()
        self.rivals = Rivals(self.database.unit_of_work)
        self.passwords = FakePasswords()
        self.house = House(
            self.database.unit_of_work, services_use=self.rivals, passwords=self.passwords
        )
        self.sign_in, self.clock = self.house.sign_in, self.house.clock
        self.bob, self.dana = self.house.world.bob, self.house.world.dana
        self.passwords.worked = 0

    def attempt(self, username: str, password: str, *, address: str = ADDRESS) -> None:
        self.sign_in.begin(username, password, browser=BROWSER, address=address)

    def fail(self, username: str, times: int, *, address: str = ADDRESS) -> None:
        for _ in range(times):
            with pytest.raises(SignInFailed):
                self.attempt(username, "wrong", address=address)

    def suspend(self, person: Person) -> None:
        with self.database.unit_of_work() as uow:
            uow.suspensions.add(a_suspension(person.id))
            uow.commit()

    def leave(self, person: Person) -> None:
        """Take every role from that person, as an import with `--prune` does."""
        self.database.remove("memberships", contact_id=person.id)

    def require_set_up(self, person: Person) -> None:
        """Make only the first effect of a reset."""
        with self.database.unit_of_work() as uow:
            uow.contacts.set_set_up_required(person.id, required=True)
            uow.commit()


class TestPassword(Base):
    def test_right_one_leads_to_the_code(self) -> None:
        signed = self.house.begin(self.bob)
        assert signed.session.stage is SessionStage.AWAITING_CODE
        assert signed.session.expires_at == NOON + timedelta(minutes=10)
        assert (signed.session.browser, signed.session.address) == (BROWSER, ADDRESS)
        assert self.house.tags() == ["portal:sign_in:password_accepted"]

    def test_token_is_long_random_and_stored_as_a_hash(self) -> None:
        signed = self.house.begin(self.bob)
        assert len(signed.token) >= 43
        (row,) = self.database.rows("sessions")
        assert row.token_hash == hash_token(signed.token)
        assert signed.token not in repr(signed) + self.database.dump()

    def test_user_name_may_have_blanks_around_it(self) -> None:
        self.attempt(f" {self.bob.username} ", self.bob.password)
        assert self.house.tags() == ["portal:sign_in:password_accepted"]

    def test_without_authenticator_where_2fa_is_optional_signs_in(self) -> None:
        signed = self.house.begin(self.dana)
        assert signed.session.stage is SessionStage.SIGNED_IN
        assert signed.session.expires_at == NOON + timedelta(hours=1)
        assert self.house.tags() == ["portal:sign_in:signed_in"]

    @pytest.mark.parametrize(
        "username",
        [
            pytest.param("bob", id="known"),
            pytest.param("nobody", id="unknown"),
            pytest.param("no\x00body", id="unprintable"),
            pytest.param("b" * 321, id="endless"),
        ],
    )
    def test_wrong_one_does_the_same_whoever_is_named(self, username: str) -> None:
        commits = self.database.commits
        self.fail(username, 1)
        assert self.passwords.worked == 1
        assert self.database.commits == commits + 2  # the count, and the record
        assert len(self.database.rows("attempts")) == 1
        (record,) = self.database.records()
        assert record.tag == "portal:sign_in:sign_in_failed"
        assert record.actor == "nobody"
        assert record.details == {"browser": BROWSER, "address": ADDRESS}
        assert not self.database.rows("sessions")

    def test_what_was_typed_is_not_to_be_found_out_without_the_pepper(self) -> None:
        def key_under(pepper: bytes) -> str:
            database = FakeDatabase()
            house = House(database.unit_of_work, pepper=pepper)
            with pytest.raises(SignInFailed):
                house.sign_in.begin("typed", "wrong", browser=BROWSER, address=ADDRESS)
            (attempt,) = database.rows("attempts")
            return str(attempt.key)

        assert key_under(b"one") == key_under(b"one")
        assert key_under(b"one") != key_under(b"another")

    def test_name_that_nobody_can_have_is_not_looked_up(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """PostgreSQL would not even take it."""
        asked: list[str] = []
        monkeypatch.setattr(
            "storage.contacts.SqlContacts.by_username", lambda _, name: asked.append(name)
        )
        for username in ("no\x00body", "b" * 321):
            self.fail(username, 1)
        assert asked == []

    def test_wrong_one_is_recorded_against_the_contact_it_was_tried_on(self) -> None:
        self.fail("bob", 1)
        self.fail("a password typed as a name", 1)
        known, unknown = self.database.records()
        assert known.subscriber == self.bob.id
        assert unknown.subscriber is None
        assert "a password typed as a name" not in self.database.dump()

    def test_contact_without_a_password_cannot_sign_in(self) -> None:
        self.database.change("contacts", self.bob.id, password_hash=None)
        with pytest.raises(SignInFailed):
            self.house.begin(self.bob, password="")

    def test_who_has_left_every_account_cannot_sign_in(self) -> None:
        self.leave(self.dana)
        with pytest.raises(SignInFailed):
            self.house.begin(self.dana)
        assert not self.database.rows("sessions")

    def test_five_wrong_ones_stop_the_right_one_too_until_it_is_time(self) -> None:
        self.fail("bob", 5)
        self.passwords.worked = 0
        with pytest.raises(SignInThrottled) as throttled:
            self.house.begin(self.bob)
        assert throttled.value.retry_at == NOON + timedelta(minutes=5)
        assert self.passwords.worked == 0
        assert self.house.tags()[-1] == "portal:sign_in:sign_in_throttled"
        self.clock.advance(timedelta(minutes=5))
        self.house.begin(self.bob)

    @pytest.mark.parametrize("username", ["BOB", " bob "])
    def test_counted_whatever_the_spelling(self, username: str) -> None:
        self.fail(username, 5)
        with pytest.raises(SignInThrottled):
            self.house.begin(self.bob)

    def test_counted_apart_for_another_name_and_another_address(self) -> None:
        self.fail("bob", 5)
        self.attempt("dana", self.dana.password)
        self.attempt("bob", self.bob.password, address="198.51.100.4")

    def test_counted_together_within_a_slash_64(self) -> None:
        for n in range(5):
            self.fail("bob", 1, address=f"2001:db8::{n}")
        with pytest.raises(SignInThrottled):
            self.attempt("bob", self.bob.password, address="2001:db8::ffff")
        self.attempt("bob", self.bob.password, address="2001:db8:0:1::1")

    def test_guesses_made_at_once_get_no_more_answers_than_one_by_one(self) -> None:
        """Five rivals fail between the throttle's first look and the answer."""
        self.rivals.before(2, lambda: self.fail("bob", 5))
        with pytest.raises(SignInThrottled):
            self.house.begin(self.bob)
        assert not self.database.rows("sessions")

    def test_password_changed_while_it_was_verified_is_the_old_one(self) -> None:
        def change() -> None:
            with self.database.unit_of_work() as uow:
                uow.contacts.set_password(self.bob.id, "hash of another", must_change=False)
                uow.commit()

        self.rivals.before(2, change)
        with pytest.raises(SignInFailed):
            self.house.begin(self.bob)

    def test_suspended_is_told_only_after_the_right_password(self) -> None:
        self.suspend(self.bob)
        self.fail("bob", 1)
        with pytest.raises(SignInSuspended) as refused:
            self.house.begin(self.bob)
        assert refused.value.cause is SuspensionCause.VETOED
        assert self.house.tags()[-1] == "portal:sign_in:sign_in_suspended"
        assert not self.database.rows("sessions")


class TestSetUpRequired(Base):
    def test_after_a_reset_waits_for_a_set_up_code_and_tells_so_once(self) -> None:
        case = self.house.reset(self.bob)
        signed = self.house.begin(self.bob)
        assert signed.session.stage is SessionStage.AWAITING_SET_UP_CODE
        assert signed.session.expires_at == NOON + timedelta(minutes=30)
        (notice,) = self.house.notices(NoticeKind.SET_UP_WAITING)
        assert notice.contact_id == self.bob.id
        assert (notice.case_id, notice.session_id) == (case.id, signed.session.id)
        assert len(self.house.cases(self.bob)) == 1

    def test_set_up_required_outweighs_an_authenticator_that_is_still_active(self) -> None:
        self.require_set_up(self.bob)
        assert self.house.begin(self.bob).session.stage is SessionStage.AWAITING_SET_UP_CODE

    def test_first_time_opens_a_case_in_the_account_that_requires_it(self) -> None:
        with self.database.unit_of_work() as uow:
            uow.authenticators.invalidate_all(self.bob.id, now=NOON)
            uow.commit()
        self.house.begin(self.bob)
        (case,) = self.house.cases(self.bob)
        assert (case.kind, case.state) == (CaseKind.FIRST_SET_UP, CaseState.COMPLETED)
        with self.database.unit_of_work() as uow:
            assert uow.cases.due_to_remind(NOON + FIRST_REMINDER - timedelta(seconds=1)) == ()
            assert uow.cases.due_to_remind(NOON + FIRST_REMINDER) == (case,)
        assert case.account_id == self.house.world.acme.id
        assert case.completed_at == NOON
        assert self.house.tags() == ["portal:sign_in:password_accepted", "portal:case:completed"]
        self.house.begin(self.bob)
        assert len(self.house.cases(self.bob)) == 1

    def test_open_case_is_the_one_it_hangs_on(self) -> None:
        self.require_set_up(self.bob)
        open_case = a_case(subscriber_id=self.bob.id, admin_id=self.house.world.alice.id)
        with self.database.unit_of_work() as uow:
            uow.cases.add(open_case)
            uow.commit()
        self.house.begin(self.bob)
        (notice,) = self.house.notices(NoticeKind.SET_UP_WAITING)
        assert notice.case_id == open_case.id

    def test_at_most_three_messages_an_hour(self) -> None:
        self.house.reset(self.bob)
        for _ in range(4):
            self.house.waiting(self.bob)
        assert len(self.house.notices(NoticeKind.SET_UP_WAITING)) == 3
        self.clock.advance(timedelta(hours=1))
        self.house.waiting(self.bob)
        assert len(self.house.notices(NoticeKind.SET_UP_WAITING)) == 4


class TestCode(Base):
    def test_right_one_signs_in_under_a_new_token(self) -> None:
        begun = self.house.begin(self.bob)
        signed = self.sign_in.verify_code(begun.token, self.bob.code(self.clock))
        assert signed.session.stage is SessionStage.SIGNED_IN
        assert signed.session.id == begun.session.id
        assert signed.session.expires_at == NOON + timedelta(hours=1)
        assert self.sign_in.session_of(signed.token).contact.id == self.bob.id
        with pytest.raises(SessionGone):
            self.sign_in.session_of(begun.token)
        assert self.house.tags()[-1] == "portal:sign_in:signed_in"

    def test_wrong_one_is_counted_although_it_is_refused(self) -> None:
        begun = self.house.begin(self.bob)
        for _ in range(5):
            with pytest.raises(CodeWrong):
                self.sign_in.verify_code(begun.token, "000000")
        assert self.house.tags()[-1] == "portal:sign_in:code_wrong"
        with pytest.raises(CodeThrottled):
            self.sign_in.verify_code(begun.token, self.bob.code(self.clock))

    def test_malformed_one_is_not_counted(self) -> None:
        begun = self.house.begin(self.bob)
        for _ in range(6):
            with pytest.raises(CodeMalformed):
                self.sign_in.verify_code(begun.token, "12345")
        self.sign_in.verify_code(begun.token, self.bob.code(self.clock))

    def test_code_opens_one_session_only(self) -> None:
        one, other = self.house.begin(self.bob), self.house.begin(self.bob)
        self.sign_in.verify_code(one.token, self.bob.code(self.clock))
        with pytest.raises(CodeWrong):
            self.sign_in.verify_code(other.token, self.bob.code(self.clock))

    def test_of_two_at_once_with_one_code_one_wins(self) -> None:
        one, other = self.house.begin(self.bob), self.house.begin(self.bob)
        code = self.bob.code(self.clock)
        self.rivals.before(2, lambda: self.sign_in.verify_code(other.token, code))
        with pytest.raises(CodeWrong):
            self.sign_in.verify_code(one.token, code)

    def test_same_session_twice_at_once_signs_in_once(self) -> None:
        begun, code = self.house.begin(self.bob), self.bob.code(self.clock)
        self.rivals.before(2, lambda: self.sign_in.verify_code(begun.token, code))
        with pytest.raises(SessionGone):
            self.sign_in.verify_code(begun.token, code)

    def test_reset_just_before_the_code_voids_the_sign_in(self) -> None:
        begun = self.house.begin(self.bob)
        self.rivals.before(2, lambda: self.house.reset(self.bob))
        with pytest.raises(SessionGone):
            self.sign_in.verify_code(begun.token, self.bob.code(self.clock))
        assert self.house.tags()[-1] == "portal:sign_in:session_gone"

    def test_reset_just_after_the_code_voids_the_session(self) -> None:
        signed = self.house.signed_in(self.bob)
        self.house.reset(self.bob)
        with pytest.raises(SessionGone):
            self.sign_in.session_of(signed.token)

    def test_set_up_required_meanwhile_refuses_the_old_code(self) -> None:
        begun = self.house.begin(self.bob)
        self.require_set_up(self.bob)
        with pytest.raises(SessionGone):
            self.sign_in.verify_code(begun.token, self.bob.code(self.clock))

    def test_without_authenticator_any_more_is_refused(self) -> None:
        with self.database.unit_of_work() as uow:
            uow.authenticators.add(an_authenticator(self.dana.id), shared_secret="A" * 32)
            (pending,) = uow.authenticators.pending_of(self.dana.id)
            uow.authenticators.activate(pending.id, step=1, now=NOON)
            uow.commit()
        begun = self.house.begin(self.dana)
        with self.database.unit_of_work() as uow:
            uow.authenticators.invalidate_all(self.dana.id, now=NOON)
            uow.commit()
        with pytest.raises(NoAuthenticator):
            self.sign_in.verify_code(begun.token, "123456")

    def test_needs_a_session_that_awaits_it(self) -> None:
        signed = self.house.signed_in(self.bob)
        with pytest.raises(SessionGone):
            self.sign_in.verify_code(signed.token, self.bob.code(self.clock, steps=1))


class TestSession(Base):
    def test_ends_with_its_epoch(self) -> None:
        signed = self.house.signed_in(self.bob)
        with self.database.unit_of_work() as uow:
            uow.contacts.raise_sign_in_epoch(self.bob.id)
            uow.commit()
        with pytest.raises(SessionGone):
            self.sign_in.session_of(signed.token)

    def test_ends_with_a_suspension(self) -> None:
        signed = self.house.signed_in(self.bob)
        self.suspend(self.bob)
        with pytest.raises(SessionGone):
            self.sign_in.session_of(signed.token)

    def test_ends_with_the_last_role(self) -> None:
        signed = self.house.signed_in(self.bob)
        self.leave(self.bob)
        with pytest.raises(SessionGone):
            self.sign_in.session_of(signed.token)

    def test_ends_with_the_contact(self) -> None:
        signed = self.house.signed_in(self.bob)
        self.database.remove("contacts", id=self.bob.id)
        with pytest.raises(SessionGone):
            self.sign_in.session_of(signed.token)

    def test_unknown_token_is_refused_and_leaves_no_record(self) -> None:
        with pytest.raises(SessionGone):
            self.sign_in.session_of("made up")
        assert self.house.tags() == []

    def test_signing_out_ends_it_once(self) -> None:
        signed = self.house.signed_in(self.bob)
        self.sign_in.sign_out(signed.token)
        self.sign_in.sign_out(signed.token)
        with pytest.raises(SessionGone):
            self.sign_in.session_of(signed.token)
        assert self.house.tags().count("portal:sign_in:signed_out") == 1


class TestChangeOfPassword(Base):
    def test_renews_the_session_and_ends_the_others(self) -> None:
        other = self.house.signed_in(self.bob)
        self.clock.advance(timedelta(minutes=1))
        signed = self.house.signed_in(self.bob)
        self.clock.advance(timedelta(minutes=1))
        renewed = self.sign_in.change_password(signed.token, self.bob.password, NEW_PASSWORD)
        for old in (other, signed):
            with pytest.raises(SessionGone):
                self.sign_in.session_of(old.token)
        visitor = self.sign_in.session_of(renewed.token)
        assert visitor.session.stage is SessionStage.SIGNED_IN
        assert visitor.session.created_at == signed.session.created_at
        self.house.begin(self.bob, password=NEW_PASSWORD)
        self.fail_with_the_old_one()
        assert "portal:password:changed" in self.house.tags()
        assert NEW_PASSWORD not in repr(self.database.records())

    def fail_with_the_old_one(self) -> None:
        with pytest.raises(SignInFailed):
            self.house.begin(self.bob)

    def test_ends_the_duty_to_change_it(self) -> None:
        with self.database.unit_of_work() as uow:
            uow.contacts.set_password(self.bob.id, f"hash of {self.bob.password}", must_change=True)
            uow.commit()
        signed = self.house.signed_in(self.bob)
        assert self.sign_in.session_of(signed.token).contact.password_must_change
        renewed = self.sign_in.change_password(signed.token, self.bob.password, NEW_PASSWORD)
        assert not self.sign_in.session_of(renewed.token).contact.password_must_change

    def test_wrong_current_one_is_counted_like_one_at_the_sign_in(self) -> None:
        signed = self.house.signed_in(self.bob)
        for _ in range(5):
            with pytest.raises(SignInFailed):
                self.sign_in.change_password(signed.token, "wrong", NEW_PASSWORD)
        with pytest.raises(SignInThrottled):
            self.sign_in.change_password(signed.token, self.bob.password, NEW_PASSWORD)
        with pytest.raises(SignInThrottled):
            self.house.begin(self.bob)
        assert "portal:password:sign_in_failed" in self.house.tags()

    @pytest.mark.parametrize("new", ["short", "correct horse bob"])
    def test_unfit_one_changes_nothing(self, new: str) -> None:
        signed = self.house.signed_in(self.bob)
        with pytest.raises(PasswordUnfit):
            self.sign_in.change_password(signed.token, self.bob.password, new)
        self.sign_in.session_of(signed.token)
        assert self.house.tags()[-1] == "portal:password:password_unfit"

    def test_needs_a_finished_sign_in(self) -> None:
        begun = self.house.begin(self.bob)
        with pytest.raises(SessionGone):
            self.sign_in.change_password(begun.token, self.bob.password, NEW_PASSWORD)
        assert self.passwords.worked == 1  # the sign-in's own

    def test_reset_while_it_is_verified_changes_nothing(self) -> None:
        signed = self.house.signed_in(self.bob)
        self.rivals.before(3, lambda: self.house.reset(self.bob))
        with pytest.raises(SessionGone):
            self.sign_in.change_password(signed.token, self.bob.password, NEW_PASSWORD)
        self.house.begin(self.bob)

    def test_two_at_once_have_one_winner(self) -> None:
        one = self.house.signed_in(self.bob)
        self.clock.advance(timedelta(minutes=1))
        other = self.house.signed_in(self.bob)
        rival = f"{NEW_PASSWORD} indeed"
        self.rivals.before(
            3, lambda: self.sign_in.change_password(other.token, self.bob.password, rival)
        )
        with pytest.raises(SignInRefused):
            self.sign_in.change_password(one.token, self.bob.password, NEW_PASSWORD)
        self.house.begin(self.bob, password=rival)
