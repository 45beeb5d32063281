"""Sessions that expired long ago are deleted, a few at a time; what is still named stays."""

from datetime import timedelta

from bot.domain.model.cases import HandOver, Proof
from bot.domain.model.ids import HandOverId, SessionId
from bot.domain.model.notices import Notice, NoticeKind
from storage.database import Database
from tests.fakes import NOON, World, a_case, a_session

DAY = timedelta(days=1)


def sign_in(store: Database, world: World, *, days: int = 0) -> SessionId:
    session = a_session(world.bob.id, expires_at=NOON + days * DAY)
    with store.unit_of_work() as uow:
        uow.sessions.add(session, token_hash=session.id)
        uow.commit()
    return session.id


def prune(store: Database, *, limit: int = 9) -> int:
    with store.unit_of_work() as uow:
        pruned = uow.sessions.prune(expired_before=NOON + DAY, limit=limit)
        uow.commit()
    return pruned


def kept(store: Database, *sessions: SessionId) -> list[SessionId]:
    with store.unit_of_work() as uow:
        return [session for session in sessions if uow.sessions.get(session)]


def test_what_expired_before_goes(store: Database, world: World) -> None:
    early, late = sign_in(store, world), sign_in(store, world, days=1)
    assert prune(store) == 1
    assert kept(store, early, late) == [late]


def test_the_oldest_go_first_and_no_more_at_once_than_may(store: Database, world: World) -> None:
    younger, older = sign_in(store, world), sign_in(store, world, days=-1)
    oldest = sign_in(store, world, days=-2)
    assert prune(store, limit=2) == 2
    assert kept(store, younger, older, oldest) == [younger]
    assert [prune(store, limit=2) for _ in range(2)] == [1, 0]


def test_one_that_a_message_names_stays(store: Database, world: World) -> None:
    named = sign_in(store, world)
    with store.unit_of_work() as uow:
        notice = Notice(kind=NoticeKind.SET_UP_WAITING, contact_id=world.bob.id, session_id=named)
        uow.outbox.add(notice, now=NOON)
        uow.commit()
    assert prune(store) == 0
    assert kept(store, named) == [named]


def test_one_that_a_hand_over_names_stays_and_holds_up_no_other(
    store: Database, world: World
) -> None:
    named = sign_in(store, world, days=-1)
    case = a_case(subscriber_id=world.bob.id, admin_id=world.alice.id)
    hand_over = HandOver(
        id=HandOverId("hand_1"),
        case_id=case.id,
        session_id=named,
        handed_over_by=world.carol.id,
        proof=Proof.IN_PERSON,
        handed_over_at=NOON,
    )
    with store.unit_of_work() as uow:
        assert uow.cases.add(case)
        uow.cases.add_hand_over(hand_over)
        uow.commit()
    other = sign_in(store, world)
    assert prune(store, limit=1) == 1
    assert kept(store, named, other) == [named]
