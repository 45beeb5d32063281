"""Codes: accepted once, counted when wrong, throttled, locked."""

from datetime import timedelta

import pytest

from bot.domain.model.audit import Source
from bot.domain.model.errors import (
    AuthenticatorLocked,
    CodeMalformed,
    CodeThrottled,
    CodeWrong,
    NoAuthenticator,
)
from bot.domain.model.limits import LOCK_AFTER
from bot.domain.model.people import AttemptKind
from bot.domain.proving import totp
from bot.domain.proving.codes import CodeVerdict, verify_code
from bot.domain.record.journal import Journal
from tests.fakes import NOON, FakeDatabase, FixedClock, Person, bind, seed
from tests.office.services import services_over


class TestVerifyCode:
    @pytest.fixture(autouse=True)
    def _world(self) -> None:
        self.database = FakeDatabase()
        self.clock = FixedClock()
        self.world = seed(self.database.unit_of_work)
        self.alice = self.world.alice
        self.alerts = services_over(self.database.unit_of_work, clock=self.clock).alerts

    def verify(self, typed: str, person: Person | None = None) -> CodeVerdict:
        person = person or self.alice
        with self.database.unit_of_work() as uow:
            journal = Journal(uow=uow, source=Source.SLACK, actor=person.id, now=self.clock.now())
            verdict = verify_code(journal, typed, alerts=self.alerts)
            uow.commit()
        return verdict

    def wrong_code(self) -> str:
        right = {self.alice.code(self.clock, steps=n) for n in range(-3, 4)}
        return next(code for code in ("000000", "111111", "222222") if code not in right)

    def fail(self, times: int) -> None:
        for _ in range(times):
            assert isinstance(self.verify(self.wrong_code()).refusal, CodeWrong)

    def test_the_right_code_names_its_authenticator(self) -> None:
        verdict = self.verify(self.alice.code(self.clock))
        assert verdict == CodeVerdict(authenticator_id=self.alice.authenticator_id)

    def test_spaces_do_not_matter(self) -> None:
        code = self.alice.code(self.clock)
        assert self.verify(f" {code[:3]} {code[3:]} ").refusal is None

    def test_a_replayed_code_is_wrong_and_counts(self) -> None:
        code = self.alice.code(self.clock)
        assert self.verify(code).refusal is None
        assert isinstance(self.verify(code).refusal, CodeWrong)
        assert len(self.database.rows("attempts")) == 1

    def test_an_earlier_step_is_no_longer_accepted(self) -> None:
        assert self.verify(self.alice.code(self.clock)).refusal is None
        assert isinstance(self.verify(self.alice.code(self.clock, steps=-1)).refusal, CodeWrong)

    def test_a_malformed_code_does_not_count(self) -> None:
        assert isinstance(self.verify("12345").refusal, CodeMalformed)
        assert not self.database.rows("attempts")

    def test_without_an_authenticator_no_code_is_right(self) -> None:
        assert isinstance(self.verify("123456", self.world.dana).refusal, NoAuthenticator)

    def test_after_five_wrong_codes_even_the_right_one_waits(self) -> None:
        self.fail(5)
        refusal = self.verify(self.alice.code(self.clock)).refusal
        assert isinstance(refusal, CodeThrottled)
        assert refusal.retry_at == NOON + timedelta(minutes=5)
        self.clock.advance(timedelta(minutes=5))
        assert self.verify(self.alice.code(self.clock)).refusal is None

    def test_four_wrong_codes_leave_one_more_try(self) -> None:
        self.fail(4)
        assert self.verify(self.alice.code(self.clock)).refusal is None

    @pytest.mark.parametrize(("attempts", "period"), [(20, 60), (50, 24 * 60)])
    def test_the_longer_limits_hold_too(self, attempts: int, period: int) -> None:
        assert self.alice.authenticator_id is not None
        with self.database.unit_of_work() as uow:
            for n in range(attempts):
                at = NOON - timedelta(minutes=6) - timedelta(seconds=n)
                uow.attempts.record(AttemptKind.CODE, self.alice.authenticator_id, at=at)
            uow.commit()
        refusal = self.verify(self.alice.code(self.clock)).refusal
        assert isinstance(refusal, CodeThrottled)
        oldest = NOON - timedelta(minutes=6) - timedelta(seconds=attempts - 1)
        assert refusal.retry_at == oldest + timedelta(minutes=period)

    def test_a_hundred_wrong_in_a_row_lock_until_a_reset(self) -> None:
        while len(self.database.rows("attempts")) < LOCK_AFTER:
            self.fail(1)
            self.clock.advance(timedelta(minutes=30))
        self.clock.advance(timedelta(days=30))
        refusal = self.verify(self.alice.code(self.clock)).refusal
        assert isinstance(refusal, AuthenticatorLocked)

    def test_a_right_code_forgets_the_wrong_ones_in_a_row_but_not_the_throttle(self) -> None:
        self.fail(4)
        assert self.verify(self.alice.code(self.clock)).refusal is None
        with self.database.unit_of_work() as uow:
            (authenticator,) = uow.authenticators.active_of(self.alice.id)
        assert authenticator.failed_in_a_row == 0
        assert len(self.database.rows("attempts")) == 4

    def test_each_of_two_authenticators_counts_and_throttles_apart(self) -> None:
        second = totp.new_shared_secret()
        with self.database.unit_of_work() as uow:
            second_id = bind(uow, self.alice.id, second)
            for _ in range(5):
                uow.attempts.record(AttemptKind.CODE, second_id, at=NOON)
            uow.commit()
        self.fail(1)
        assert len(self.database.rows("attempts")) == 6  # the throttled one is not tried
        assert self.verify(self.alice.code(self.clock)).authenticator_id != second_id

    def test_of_several_obstacles_the_one_that_goes_away_first_is_told(self) -> None:
        with self.database.unit_of_work() as uow:
            second_id = bind(uow, self.alice.id, totp.new_shared_secret())
            for minutes, authenticator_id in ((1, second_id), (3, self.alice.authenticator_id)):
                for _ in range(5):
                    at = NOON - timedelta(minutes=minutes)
                    uow.attempts.record(AttemptKind.CODE, authenticator_id or "", at=at)
            uow.commit()
        refusal = self.verify(self.alice.code(self.clock)).refusal
        assert isinstance(refusal, CodeThrottled)
        assert refusal.retry_at == NOON + timedelta(minutes=2)
