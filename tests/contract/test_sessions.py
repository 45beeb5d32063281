"""The promises of `SessionRepository`."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.model.ids import ContactId, SessionId
from bot.domain.model.people import Session, SessionStage
from bot.domain.ports.unit_of_work import UnitOfWork
from storage.database import Database
from tests.fakes import NOON, World, a_session

IN_TEN_MINUTES = NOON + timedelta(minutes=10)
IN_AN_HOUR = NOON + timedelta(hours=1)
FIRST, SECOND = "token 1", "token 2"
WAITING = SessionStage.AWAITING_SET_UP_CODE


def _begin(
    uow: UnitOfWork,
    world: World,
    *,
    stage: SessionStage = SessionStage.AWAITING_CODE,
    token_hash: str = FIRST,
    sign_in_epoch: int = 0,
    expires_at: datetime = IN_AN_HOUR,
) -> Session:
    session = a_session(
        world.bob.id, stage=stage, sign_in_epoch=sign_in_epoch, expires_at=expires_at
    )
    uow.sessions.add(session, token_hash=token_hash)
    return session


def _sign_in(uow: UnitOfWork, session: Session, *, token_hash: str = SECOND) -> bool:
    return uow.sessions.advance(
        session.id,
        stage=SessionStage.AWAITING_CODE,
        to=SessionStage.SIGNED_IN,
        token_hash=token_hash,
        expires_at=IN_TEN_MINUTES,
    )


def test_a_session_is_found_by_id_and_by_token(uow: UnitOfWork, world: World) -> None:
    session = _begin(uow, world)
    assert uow.sessions.get(session.id) == session
    assert uow.sessions.by_token_hash(FIRST) == session
    assert uow.sessions.get(SessionId("ses_unknown")) is None
    assert uow.sessions.by_token_hash("token 0") is None


def test_it_advances_once_and_the_old_token_is_void(uow: UnitOfWork, world: World) -> None:
    session = _begin(uow, world)
    assert _sign_in(uow, session)
    assert not _sign_in(uow, session, token_hash="token 3")
    moved = replace(session, stage=SessionStage.SIGNED_IN, expires_at=IN_TEN_MINUTES)
    assert uow.sessions.by_token_hash(SECOND) == moved
    assert uow.sessions.by_token_hash(FIRST) is None
    assert uow.sessions.by_token_hash("token 3") is None


def test_it_is_prolonged_and_never_shortened(uow: UnitOfWork, world: World) -> None:
    session = _begin(uow, world, expires_at=IN_TEN_MINUTES)
    assert uow.sessions.prolong(session.id, expires_at=IN_AN_HOUR)
    assert not uow.sessions.prolong(session.id, expires_at=IN_TEN_MINUTES)
    assert uow.sessions.get(session.id) == replace(session, expires_at=IN_AN_HOUR)


def test_what_ended_is_not_prolonged(uow: UnitOfWork, world: World) -> None:
    ended = _begin(uow, world, expires_at=IN_TEN_MINUTES)
    uow.sessions.end(ended.id, now=NOON)
    assert not uow.sessions.prolong(ended.id, expires_at=IN_AN_HOUR)


def test_an_ended_session_is_gone_and_does_not_advance(uow: UnitOfWork, world: World) -> None:
    session = _begin(uow, world)
    uow.sessions.end(session.id, now=NOON)
    assert uow.sessions.get(session.id) is None
    assert uow.sessions.by_token_hash(FIRST) is None
    assert not _sign_in(uow, session)


def test_a_set_up_code_is_spent_once(uow: UnitOfWork, world: World) -> None:
    session = _begin(uow, world, stage=WAITING)
    assert uow.sessions.set_set_up_code(session.id, code_hash="code 1", expires_at=IN_TEN_MINUTES)
    shown = replace(session, set_up_code_expires_at=IN_TEN_MINUTES)
    assert uow.sessions.get(session.id) == shown
    assert uow.sessions.spend_set_up_code(session.id, code_hash="code 1", now=NOON)
    assert not uow.sessions.spend_set_up_code(session.id, code_hash="code 1", now=NOON)
    assert uow.sessions.get(session.id) == replace(session, stage=SessionStage.SETTING_UP)


@pytest.mark.parametrize(
    ("code_hash", "now"),
    [
        pytest.param("code 0", NOON, id="replaced-by-a-newer"),
        pytest.param("code 2", NOON, id="never-made"),
        pytest.param("code 1", IN_TEN_MINUTES, id="at-its-deadline"),
    ],
)
def test_another_or_a_late_set_up_code_is_not_accepted(
    uow: UnitOfWork, world: World, code_hash: str, now: datetime
) -> None:
    session = _begin(uow, world, stage=WAITING)
    for number in range(2):
        uow.sessions.set_set_up_code(
            session.id, code_hash=f"code {number}", expires_at=IN_TEN_MINUTES
        )
    assert not uow.sessions.spend_set_up_code(session.id, code_hash=code_hash, now=now)
    still = uow.sessions.get(session.id)
    assert still
    assert still.stage is WAITING


def test_a_set_up_code_fits_its_own_session_alone(uow: UnitOfWork, world: World) -> None:
    mine = _begin(uow, world, stage=WAITING)
    other = _begin(uow, world, stage=WAITING, token_hash="token 9")
    uow.sessions.set_set_up_code(mine.id, code_hash="code 1", expires_at=IN_TEN_MINUTES)
    assert not uow.sessions.spend_set_up_code(other.id, code_hash="code 1", now=NOON)


def test_only_a_waiting_session_is_given_a_set_up_code(uow: UnitOfWork, world: World) -> None:
    session = _begin(uow, world)
    assert not uow.sessions.set_set_up_code(
        session.id, code_hash="code 1", expires_at=IN_TEN_MINUTES
    )
    ended = _begin(uow, world, stage=WAITING, token_hash="token 9")
    uow.sessions.end(ended.id, now=NOON)
    assert not uow.sessions.set_set_up_code(ended.id, code_hash="code 1", expires_at=IN_TEN_MINUTES)


def test_a_code_of_an_ended_session_is_not_accepted(uow: UnitOfWork, world: World) -> None:
    session = _begin(uow, world, stage=WAITING)
    uow.sessions.set_set_up_code(session.id, code_hash="code 1", expires_at=IN_TEN_MINUTES)
    uow.sessions.end(session.id, now=NOON)
    assert not uow.sessions.spend_set_up_code(session.id, code_hash="code 1", now=NOON)


def test_a_session_remembers_its_authenticator(store: Database, world: World) -> None:
    assert world.bob.authenticator_id
    with store.unit_of_work() as uow:
        session = _begin(uow, world)
        uow.sessions.set_authenticator(session.id, world.bob.authenticator_id)
        remembered = uow.sessions.get(session.id)
    assert remembered
    assert remembered.authenticator_id == world.bob.authenticator_id


def test_open_are_those_neither_ended_nor_expired_nor_of_an_older_epoch(
    uow: UnitOfWork, world: World
) -> None:
    uow.contacts.raise_sign_in_epoch(world.bob.id)
    _begin(uow, world, token_hash="good", sign_in_epoch=1)
    _begin(uow, world, token_hash="older", sign_in_epoch=0)
    _begin(uow, world, token_hash="expired", sign_in_epoch=1, expires_at=NOON)
    ended = _begin(uow, world, token_hash="ended", sign_in_epoch=1)
    uow.sessions.end(ended.id, now=NOON)
    assert uow.sessions.open_count(world.bob.id, now=NOON) == 1
    assert uow.sessions.open_count(world.bob.id, now=IN_AN_HOUR) == 0
    assert uow.sessions.open_count(world.alice.id, now=NOON) == 0


def test_all_sessions_of_a_contact_end_at_once(uow: UnitOfWork, world: World) -> None:
    session = _begin(uow, world)
    _begin(uow, world, token_hash="expired", expires_at=NOON)
    others = a_session(world.alice.id)
    uow.sessions.add(others, token_hash="another's")
    assert uow.sessions.end_all(world.bob.id, now=NOON) == 1  # the expired one was not open
    assert uow.sessions.get(session.id) is None
    assert uow.sessions.by_token_hash("expired") is None
    assert uow.sessions.open_count(world.bob.id, now=NOON) == 0
    assert uow.sessions.get(others.id) == others
    assert uow.sessions.end_all(world.bob.id, now=NOON) == 0


def test_waiting_for_a_set_up_code_come_newest_first(uow: UnitOfWork, world: World) -> None:
    older, newer, newest = (
        a_session(world.bob.id, stage=WAITING, created_at=NOON + timedelta(minutes=minutes))
        for minutes in range(3)
    )
    for session in (newer, newest, older):
        uow.sessions.add(session, token_hash=session.id)
    assert uow.sessions.waiting_of(world.bob.id, now=NOON) == (newest, newer, older)
    assert uow.sessions.waiting_of(world.alice.id, now=NOON) == ()
    assert uow.sessions.waiting_of(ContactId("con_nobody"), now=NOON) == ()


def test_of_sign_ins_at_one_instant_the_order_is_always_the_same(
    uow: UnitOfWork, world: World
) -> None:
    for number in (2, 0, 1):
        session = a_session(world.bob.id, session_id=SessionId(f"ses_{number}"), stage=WAITING)
        uow.sessions.add(session, token_hash=session.id)
    waiting = uow.sessions.waiting_of(world.bob.id, now=NOON)
    assert [session.id for session in waiting] == ["ses_0", "ses_1", "ses_2"]


@pytest.mark.parametrize("stage", sorted(set(SessionStage) - {WAITING}))
def test_at_another_stage_none_waits(uow: UnitOfWork, world: World, stage: SessionStage) -> None:
    _begin(uow, world, stage=stage)
    assert uow.sessions.waiting_of(world.bob.id, now=NOON) == ()


def test_what_is_void_does_not_wait(uow: UnitOfWork, world: World) -> None:
    uow.contacts.raise_sign_in_epoch(world.bob.id)
    _begin(uow, world, stage=WAITING, token_hash="older", sign_in_epoch=0)
    ended = _begin(uow, world, stage=WAITING, token_hash="ended", sign_in_epoch=1)
    uow.sessions.end(ended.id, now=NOON)
    waits = _begin(uow, world, stage=WAITING, token_hash="good", sign_in_epoch=1)
    just_before = IN_AN_HOUR - timedelta(microseconds=1)
    assert uow.sessions.waiting_of(world.bob.id, now=just_before) == (waits,)
    assert uow.sessions.waiting_of(world.bob.id, now=IN_AN_HOUR) == ()


def test_whoever_was_shown_a_code_still_waits_until_it_is_spent(
    uow: UnitOfWork, world: World
) -> None:
    session = _begin(uow, world, stage=WAITING)
    uow.sessions.set_set_up_code(session.id, code_hash="code 1", expires_at=IN_TEN_MINUTES)
    shown = replace(session, set_up_code_expires_at=IN_TEN_MINUTES)
    assert uow.sessions.waiting_of(world.bob.id, now=NOON) == (shown,)
    uow.sessions.spend_set_up_code(session.id, code_hash="code 1", now=NOON)
    assert uow.sessions.waiting_of(world.bob.id, now=NOON) == ()


def test_from_where_a_contact_signed_in_is_forgotten(uow: UnitOfWork, world: World) -> None:
    session = _begin(uow, world)
    others = a_session(world.alice.id)
    uow.sessions.add(others, token_hash="another's")
    uow.sessions.forget(world.bob.id)
    assert uow.sessions.get(session.id) == replace(session, browser="", address="")
    assert uow.sessions.by_token_hash(FIRST) is not None  # and the session itself goes on
    assert uow.sessions.get(others.id) == others
