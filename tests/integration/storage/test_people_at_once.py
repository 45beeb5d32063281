"""Several acts about one person at once: they queue, and none gets in for free.

On PostgreSQL the second waits for the first one's contact; on SQLite for the whole database.
"""

from datetime import timedelta

import pytest

from bot.domain.model import errors
from bot.domain.model.cases import CaseState
from bot.domain.model.ids import AuthenticatorId
from bot.domain.model.limits import LOCK_AFTER
from bot.domain.model.people import AttemptKind, AuthenticatorState, SessionStage, SuspensionCause
from bot.domain.proving import totp
from bot.domain.set_up.sessions import hash_token
from tests.fakes import NOON, a_session
from tests.integration.storage.desk import NEW_PASSWORD, TOKEN, Desk

A_MINUTE_AGO = NOON - timedelta(minutes=1)
COUNTED = "INSERT INTO attempts"
"""Where the first of two who guess is stopped: before its guess is counted."""


def have_two_browsers(desk: Desk, stage: SessionStage) -> None:
    """Have Bob stand at that stage in two browsers, whose tokens are `one` and `two`."""
    with desk.database.unit_of_work() as uow:
        for token in ("one", "two"):
            session = a_session(desk.world.bob.id, stage=stage)
            uow.sessions.add(session, token_hash=hash_token(token))
        uow.commit()


def have_guessed(desk: Desk, kind: AttemptKind, key: str, times: int) -> None:
    with desk.database.unit_of_work() as uow:
        for _ in range(times):
            uow.attempts.record(kind, key, at=A_MINUTE_AGO)
        uow.commit()


def bobs(desk: Desk) -> AuthenticatorId:
    assert desk.world.bob.authenticator_id
    return desk.world.bob.authenticator_id


@pytest.mark.parametrize("first", ["set-up", "report"])
def test_a_set_up_and_a_report_of_the_same_case_queue(desk: Desk, first: str) -> None:
    """They take the case and the person in opposite orders: each would wait for the other."""
    desk.have_bob_set_up()
    if first == "set-up":
        one, other = desk.at_once(desk.bind, desk.report, paused_at="UPDATE cases")
    else:
        one, other = desk.at_once(desk.report, desk.bind, paused_at="UPDATE contacts")
    assert one is None
    assert other is None or isinstance(other, errors.Refusal)
    assert desk.states() == [CaseState.VETOED]
    assert desk.holding() == [SuspensionCause.VETOED]
    assert desk.active() == []


@pytest.mark.parametrize(
    ("made_before", "second"), [(3, errors.CodeWrong), (4, errors.CodeThrottled)]
)
def test_wrong_codes_at_once_are_all_counted_and_get_no_more_than_the_limit(
    desk: Desk, made_before: int, second: type[Exception]
) -> None:
    """Five in five minutes: two who guess at once are told apart, the second by what is left."""
    have_guessed(desk, AttemptKind.CODE, bobs(desk), made_before)
    have_two_browsers(desk, SessionStage.AWAITING_CODE)
    verify = desk.services.sign_in.verify_code
    raised = desk.at_once(
        lambda: verify("one", "000000"), lambda: verify("two", "000000"), paused_at=COUNTED
    )
    assert [type(each) for each in raised] == [errors.CodeWrong, second]
    with desk.database.snapshot() as uow:
        made = uow.attempts.recent(AttemptKind.CODE, bobs(desk), since=NOON - timedelta(1), limit=9)
        known = uow.authenticators.get(bobs(desk))
    assert len(made) == 5
    assert known
    assert (known.state, known.failed_in_a_row) == (AuthenticatorState.ACTIVE, 5 - made_before)


def test_a_right_code_comes_too_late_for_an_authenticator_that_a_wrong_one_locks(
    desk: Desk,
) -> None:
    with desk.database.unit_of_work() as uow:
        for _ in range(LOCK_AFTER - 1):
            uow.authenticators.count_failure(bobs(desk))
        secret = uow.authenticators.shared_secret(bobs(desk))
        uow.commit()
    have_two_browsers(desk, SessionStage.AWAITING_CODE)
    verify, right = desk.services.sign_in.verify_code, totp.code_at(secret, totp.step_at(NOON))
    raised = desk.at_once(
        lambda: verify("one", "000000"), lambda: verify("two", right), paused_at=COUNTED
    )
    assert [type(each) for each in raised] == [errors.CodeWrong, errors.AuthenticatorLocked]


@pytest.mark.parametrize(
    ("made_before", "second"), [(3, errors.SetUpCodeWrong), (4, errors.SetUpCodeThrottled)]
)
def test_wrong_set_up_codes_at_once_get_no_more_than_the_limit(
    desk: Desk, made_before: int, second: type[Exception]
) -> None:
    with desk.database.unit_of_work() as uow:
        uow.contacts.set_set_up_required(desk.world.bob.id, required=True)
        uow.commit()
    have_guessed(desk, AttemptKind.SET_UP_CODE, desk.world.bob.id, made_before)
    have_two_browsers(desk, SessionStage.AWAITING_SET_UP_CODE)
    accept = desk.services.set_up.accept_code
    raised = desk.at_once(
        lambda: accept("one", "AAAA-AAAA"), lambda: accept("two", "AAAA-AAAA"), paused_at=COUNTED
    )
    assert [type(each) for each in raised] == [errors.SetUpCodeWrong, second]


def test_wrong_passwords_at_once_get_no_more_than_the_limit(desk: Desk) -> None:
    def guess() -> None:
        begin = desk.services.sign_in.begin
        begin("nobody-of-that-name", "wrong", browser="Firefox", address="192.0.2.7")

    for _ in range(4):
        with pytest.raises(errors.SignInFailed):
            guess()
    raised = desk.at_once(guess, guess, paused_at=COUNTED)
    assert [type(each) for each in raised] == [errors.SignInFailed, errors.SignInThrottled]


def test_a_new_password_does_not_take_the_place_of_the_operators(desk: Desk) -> None:
    """Whoever knows the old one, and has a session, is shut out by the operator's, or sets theirs
    before it: they never set one, and go on, after it.
    """
    bob, passwords = desk.world.bob, desk.services.ports.passwords
    session = a_session(bob.id, stage=SessionStage.SIGNED_IN)
    with desk.database.unit_of_work() as uow:
        uow.sessions.add(session, token_hash=hash_token(TOKEN))
        uow.commit()

    def change() -> None:
        new = "what whoever stole it chose"
        desk.services.sign_in.change_password(TOKEN, bob.password, new)

    set_by = "UPDATE contacts SET password_hash"
    raised = desk.at_once(change, desk.set_password, paused_at=set_by)
    assert raised == (None, None)
    with desk.database.snapshot() as uow:
        assert passwords.verify(uow.contacts.password_hash(bob.id), NEW_PASSWORD)
        assert uow.sessions.open_count(bob.id, now=NOON) == 0


def test_to_reinstate_somebody_lifts_no_report_that_comes_meanwhile(desk: Desk) -> None:
    desk.suspend_bob(SuspensionCause.LAPSED)
    raised = desk.at_once(desk.reinstate, desk.report, paused_at="UPDATE suspensions")
    assert raised == (None, None)
    assert desk.holding() == [SuspensionCause.VETOED]
