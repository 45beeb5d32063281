"""Signing in at the Portal: the password, the code, the session, a change of the password."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.domain.model import errors
from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import SessionStage, SuspensionCause
from bot.domain.set_up.sessions import SignedSession, hash_token
from tests.fakes import NOON, FakeDatabase, FakePasswords, a_case, an_authenticator
from tests.office.portal import ADDRESS, BROWSER, FIRST_REMINDER, House, Portal

NEW_PASSWORD = "eight unrelated words in a row"


class Door(Portal):
    """Where Bob signs in; Dana has no authenticator, and needs none."""

    def __init__(self) -> None:
        self.counted = FakePasswords()
        super().__init__(passwords=self.counted)
        self.dana = self.world.dana
        self.counted.worked = 0

    def attempt(self, username: str, password: str, *, address: str = ADDRESS) -> None:
        self.sign_in.begin(username, password, browser=BROWSER, address=address)

    def fail(self, username: str, times: int, *, address: str = ADDRESS) -> None:
        for _ in range(times):
            with pytest.raises(errors.SignInFailed):
                self.attempt(username, "wrong", address=address)

    def verify(self, signed: SignedSession, code: str | None = None) -> SignedSession:
        return self.sign_in.verify_code(signed.token, code or self.bob.code(self.clock))

    def change(self, signed: SignedSession, new: str = NEW_PASSWORD) -> SignedSession:
        return self.sign_in.change_password(signed.token, self.bob.password, new)


@pytest.fixture
def house() -> Door:
    return Door()


class TestPassword:
    def test_right_one_leads_to_the_code(self, house: Door) -> None:
        house.attempt(f" {house.bob.username} ", house.bob.password)
        signed = house.begin(house.bob)
        assert signed.session.stage is SessionStage.AWAITING_CODE
        assert signed.session.expires_at == NOON + timedelta(minutes=10)
        assert (signed.session.browser, signed.session.address) == (BROWSER, ADDRESS)
        assert house.tags() == ["portal:sign_in:password_accepted"] * 2

    def test_token_is_long_random_and_stored_as_a_hash(self, house: Door) -> None:
        signed = house.begin(house.bob)
        assert len(signed.token) >= 43
        (row,) = house.database.rows("sessions")
        assert row.token_hash == hash_token(signed.token)
        assert signed.token not in repr(signed) + house.database.dump()

    def test_without_authenticator_where_2fa_is_optional_signs_in(self, house: Door) -> None:
        signed = house.begin(house.dana)
        assert signed.session.stage is SessionStage.SIGNED_IN
        assert signed.session.expires_at == NOON + timedelta(hours=1)
        assert house.tags() == ["portal:sign_in:signed_in"]

    @pytest.mark.parametrize(
        "username",
        [
            pytest.param("bob", id="known"),
            pytest.param("a password typed as a name", id="unknown"),
            pytest.param("no\x00body", id="unprintable"),
            pytest.param("b" * 321, id="endless"),
        ],
    )
    def test_wrong_one_does_the_same_whoever_is_named(self, house: Door, username: str) -> None:
        commits = house.database.commits
        house.fail(username, 1)
        assert house.counted.worked == 1
        assert house.database.commits == commits + 2  # the count, and the record
        assert len(house.database.rows("attempts")) == 1
        (record,) = house.records()
        assert record.tag == "portal:sign_in:sign_in_failed"
        assert record.actor == "nobody"
        assert record.subscriber == (house.bob.id if username == "bob" else None)
        assert record.details == {"browser": BROWSER, "address": ADDRESS}
        assert username == "bob" or username not in house.database.dump()
        assert not house.database.rows("sessions")

    def test_what_was_typed_is_not_to_be_found_out_without_the_pepper(self) -> None:
        def key_under(pepper: bytes) -> str:
            database = FakeDatabase()
            house = House(database.unit_of_work, pepper=pepper)
            with pytest.raises(errors.SignInFailed):
                house.sign_in.begin("typed", "wrong", browser=BROWSER, address=ADDRESS)
            (attempt,) = database.rows("attempts")
            return str(attempt.key)

        assert key_under(b"one") == key_under(b"one")
        assert key_under(b"one") != key_under(b"another")

    def test_name_that_nobody_can_have_is_not_looked_up(
        self, house: Door, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """PostgreSQL would not even take it."""
        asked: list[str] = []
        monkeypatch.setattr(
            "storage.contacts.SqlContacts.by_username", lambda _, name: asked.append(name)
        )
        for username in ("no\x00body", "b" * 321):
            house.fail(username, 1)
        assert asked == []

    def test_who_has_no_password_or_left_every_account_cannot_sign_in(self, house: Door) -> None:
        house.database.change("contacts", house.bob.id, password_hash=None)
        house.database.remove("memberships", contact_id=house.dana.id)
        for person, typed in (house.bob, ""), (house.dana, None):
            with pytest.raises(errors.SignInFailed):
                house.begin(person, password=typed)
        assert not house.database.rows("sessions")

    @pytest.mark.parametrize("spelt", ["bob", "BOB", " bob "])
    def test_five_wrong_ones_stop_the_right_one_too_until_it_is_time(
        self, house: Door, spelt: str
    ) -> None:
        house.fail(spelt, 5)
        house.counted.worked = 0
        with pytest.raises(errors.SignInThrottled) as throttled:
            house.begin(house.bob)
        assert throttled.value.retry_at == NOON + timedelta(minutes=5)
        assert house.counted.worked == 0
        assert house.tags()[-1] == "portal:sign_in:sign_in_throttled"
        house.attempt("dana", house.dana.password)
        house.attempt("bob", house.bob.password, address="198.51.100.4")
        house.clock.advance(timedelta(minutes=5))
        house.begin(house.bob)

    def test_counted_together_within_a_slash_64(self, house: Door) -> None:
        for n in range(5):
            house.fail("bob", 1, address=f"2001:db8::{n}")
        with pytest.raises(errors.SignInThrottled):
            house.attempt("bob", house.bob.password, address="2001:db8::ffff")
        house.attempt("bob", house.bob.password, address="2001:db8:0:1::1")

    def test_guesses_made_at_once_get_no_more_answers_than_one_by_one(self, house: Door) -> None:
        """Five rivals fail between the throttle's first look and the answer."""
        house.rivals.before(2, lambda: house.fail("bob", 5))
        with pytest.raises(errors.SignInThrottled):
            house.begin(house.bob)
        assert not house.database.rows("sessions")

    def test_changed_while_it_was_verified_is_the_old_one(self, house: Door) -> None:
        house.rivals.before(
            2,
            lambda: house.store(
                lambda uow: uow.contacts.set_password(house.bob.id, "another", must_change=False)
            ),
        )
        with pytest.raises(errors.SignInFailed):
            house.begin(house.bob)

    def test_suspended_is_told_only_after_the_right_one(self, house: Door) -> None:
        house.suspend_for(SuspensionCause.VETOED, house.bob)
        house.fail("bob", 1)
        with pytest.raises(errors.SignInSuspended) as refused:
            house.begin(house.bob)
        assert refused.value.cause is SuspensionCause.VETOED
        assert house.tags()[-1] == "portal:sign_in:sign_in_suspended"
        assert not house.database.rows("sessions")


class TestSetUpRequired:
    def test_after_a_reset_waits_for_a_set_up_code_and_tells_so_once(self, house: Door) -> None:
        case = house.reset(house.bob)
        signed = house.begin(house.bob)
        assert signed.session.stage is SessionStage.AWAITING_SET_UP_CODE
        assert signed.session.expires_at == NOON + timedelta(minutes=30)
        (notice,) = house.notices(NoticeKind.SET_UP_WAITING)
        assert notice.contact_id == house.bob.id
        assert (notice.case_id, notice.session_id) == (case.id, signed.session.id)
        assert len(house.cases(house.bob)) == 1

    def test_first_time_opens_a_case_in_the_account_that_requires_it(self, house: Door) -> None:
        house.strip(house.bob)
        house.begin(house.bob)
        (case,) = house.cases(house.bob)
        assert (case.kind, case.state) == (CaseKind.FIRST_SET_UP, CaseState.COMPLETED)
        with house.unit_of_work() as uow:
            assert uow.cases.due_to_remind(NOON + FIRST_REMINDER - timedelta(seconds=1)) == ()
            assert uow.cases.due_to_remind(NOON + FIRST_REMINDER) == (case,)
        assert (case.account_id, case.completed_at) == (house.world.acme.id, NOON)
        assert house.tags() == ["portal:sign_in:password_accepted", "portal:case:completed"]
        house.begin(house.bob)
        assert len(house.cases(house.bob)) == 1

    def test_outweighs_an_active_authenticator_and_hangs_on_the_open_case(
        self, house: Door
    ) -> None:
        house.require_set_up(house.bob)
        open_case = a_case(subscriber_id=house.bob.id, admin_id=house.alice.id)
        house.store(lambda uow: uow.cases.add(open_case))
        assert house.begin(house.bob).session.stage is SessionStage.AWAITING_SET_UP_CODE
        (notice,) = house.notices(NoticeKind.SET_UP_WAITING)
        assert notice.case_id == open_case.id

    def test_at_most_three_messages_an_hour(self, house: Door) -> None:
        house.reset(house.bob)
        for _ in range(4):
            house.waiting(house.bob)
        assert len(house.notices(NoticeKind.SET_UP_WAITING)) == 3
        house.clock.advance(timedelta(hours=1))
        house.waiting(house.bob)
        assert len(house.notices(NoticeKind.SET_UP_WAITING)) == 4


class TestCode:
    def test_right_one_signs_in_under_a_new_token(self, house: Door) -> None:
        begun = house.begin(house.bob)
        signed = house.verify(begun)
        assert signed.session.stage is SessionStage.SIGNED_IN
        assert signed.session.id == begun.session.id
        assert signed.session.expires_at == NOON + timedelta(hours=1)
        assert house.sign_in.session_of(signed.token).contact.id == house.bob.id
        assert not house.is_honoured(begun)
        assert house.tags()[-1] == "portal:sign_in:signed_in"

    def test_wrong_one_is_counted_although_it_is_refused_but_no_malformed_one(
        self, house: Door
    ) -> None:
        begun = house.begin(house.bob)
        for typed, refusal in ("12345", errors.CodeMalformed), ("000000", errors.CodeWrong):
            for _ in range(5):
                with pytest.raises(refusal):
                    house.verify(begun, typed)
        assert house.tags()[-1] == "portal:sign_in:code_wrong"
        assert len(house.database.rows("attempts")) == 5
        with pytest.raises(errors.CodeThrottled):
            house.verify(begun)

    @pytest.mark.parametrize("at_once", [False, True])
    def test_of_two_sessions_with_one_code_one_wins(self, house: Door, *, at_once: bool) -> None:
        one, other = house.begin(house.bob), house.begin(house.bob)
        if at_once:
            house.rivals.before(2, lambda: house.verify(other))
        else:
            house.verify(other)
        with pytest.raises(errors.CodeWrong):
            house.verify(one)

    @pytest.mark.parametrize(
        "rival",
        [
            pytest.param(lambda house, begun: house.verify(begun), id="the same session"),
            pytest.param(lambda house, _: house.reset(house.bob), id="a reset"),
            pytest.param(
                lambda house, _: house.require_set_up(house.bob), id="its first effect alone"
            ),
        ],
    )
    def test_rival_just_before_it_voids_the_sign_in(
        self, house: Door, rival: Callable[[Door, SignedSession], object]
    ) -> None:
        begun = house.begin(house.bob)
        house.rivals.before(2, lambda: rival(house, begun))
        with pytest.raises(errors.SessionGone):
            house.verify(begun)
        assert house.tags()[-1] == "portal:sign_in:session_gone"

    def test_without_authenticator_any_more_is_refused(self, house: Door) -> None:
        one = an_authenticator(house.dana.id)
        house.store(lambda uow: uow.authenticators.add(one, shared_secret="A" * 32))
        house.store(lambda uow: uow.authenticators.activate(one.id, step=1, now=NOON))
        begun = house.begin(house.dana)
        house.strip(house.dana)
        with pytest.raises(errors.NoAuthenticator):
            house.verify(begun, "123456")

    def test_needs_a_session_that_awaits_it(self, house: Door) -> None:
        signed = house.signed_in(house.bob)
        with pytest.raises(errors.SessionGone):
            house.verify(signed, house.bob.code(house.clock, steps=1))


class TestSession:
    @pytest.mark.parametrize(
        "end",
        [
            pytest.param(lambda house: house.reset(house.bob), id="reset"),
            pytest.param(
                lambda house: house.store(
                    lambda uow: uow.contacts.raise_sign_in_epoch(house.bob.id)
                ),
                id="epoch",
            ),
            pytest.param(
                lambda house: house.suspend_for(SuspensionCause.VETOED, house.bob), id="suspension"
            ),
            pytest.param(
                lambda house: house.database.remove("memberships", contact_id=house.bob.id),
                id="last role",
            ),
            pytest.param(
                lambda house: house.database.remove("contacts", id=house.bob.id), id="contact"
            ),
        ],
    )
    def test_ends_with(self, house: Door, end: Callable[[Door], object]) -> None:
        signed = house.signed_in(house.bob)
        assert house.is_honoured(signed)
        end(house)
        assert not house.is_honoured(signed)

    def test_unknown_token_is_refused_and_leaves_no_record(self, house: Door) -> None:
        with pytest.raises(errors.SessionGone):
            house.sign_in.session_of("made up")
        assert house.tags() == []

    def test_signing_out_ends_it_once(self, house: Door) -> None:
        signed = house.signed_in(house.bob)
        house.sign_in.sign_out(signed.token)
        house.sign_in.sign_out(signed.token)
        assert not house.is_honoured(signed)
        assert house.tags().count("portal:sign_in:signed_out") == 1


class TestChangeOfPassword:
    def test_renews_the_session_and_ends_the_others_and_the_duty_to_change_it(
        self, house: Door
    ) -> None:
        old = f"hash of {house.bob.password}"
        house.store(lambda uow: uow.contacts.set_password(house.bob.id, old, must_change=True))
        other = house.signed_in(house.bob)
        house.clock.advance(timedelta(minutes=1))
        signed = house.signed_in(house.bob)
        assert house.sign_in.session_of(signed.token).contact.password_must_change
        house.clock.advance(timedelta(minutes=1))
        renewed = house.change(signed)
        assert not house.is_honoured(other)
        assert not house.is_honoured(signed)
        visitor = house.sign_in.session_of(renewed.token)
        assert visitor.session.stage is SessionStage.SIGNED_IN
        assert visitor.session.created_at == signed.session.created_at
        assert not visitor.contact.password_must_change
        house.begin(house.bob, password=NEW_PASSWORD)
        with pytest.raises(errors.SignInFailed):
            house.begin(house.bob)
        assert "portal:password:changed" in house.tags()
        assert NEW_PASSWORD not in repr(house.records())

    def test_wrong_current_one_is_counted_like_one_at_the_sign_in(self, house: Door) -> None:
        signed = house.signed_in(house.bob)
        for _ in range(5):
            with pytest.raises(errors.SignInFailed):
                house.sign_in.change_password(signed.token, "wrong", NEW_PASSWORD)
        assert house.tags()[-1] == "portal:password:sign_in_failed"
        with pytest.raises(errors.SignInThrottled):
            house.change(signed)
        with pytest.raises(errors.SignInThrottled):
            house.begin(house.bob)

    @pytest.mark.parametrize("new", ["short", "correct horse bob"])
    def test_unfit_one_changes_nothing(self, house: Door, new: str) -> None:
        signed = house.signed_in(house.bob)
        with pytest.raises(errors.PasswordUnfit):
            house.change(signed, new)
        assert house.is_honoured(signed)
        assert house.tags()[-1] == "portal:password:password_unfit"

    def test_needs_a_finished_sign_in(self, house: Door) -> None:
        begun = house.begin(house.bob)
        with pytest.raises(errors.SessionGone):
            house.change(begun)
        assert house.counted.worked == 1  # the sign-in's own

    def test_reset_while_it_is_verified_changes_nothing(self, house: Door) -> None:
        signed = house.signed_in(house.bob)
        house.rivals.before(3, lambda: house.reset(house.bob))
        with pytest.raises(errors.SessionGone):
            house.change(signed)
        house.begin(house.bob)

    def test_two_at_once_have_one_winner(self, house: Door) -> None:
        one = house.signed_in(house.bob)
        house.clock.advance(timedelta(minutes=1))
        other, rival = house.signed_in(house.bob), f"{NEW_PASSWORD} indeed"
        house.rivals.before(3, lambda: house.change(other, rival))
        with pytest.raises(errors.SignInRefused):
            house.change(one)
        house.begin(house.bob, password=rival)
