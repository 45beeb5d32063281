"""The promises of `CaseRepository`."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.model.cases import (
    OPEN_STATES,
    SUPERSEDABLE_STATES,
    WAITING_STATES,
    Case,
    CaseKind,
    CaseState,
)
from bot.domain.model.ids import CaseId
from bot.domain.ports.unit_of_work import UnitOfWork
from storage.database import Database
from tests.fakes import NOON, World, a_case

LATER = NOON + timedelta(minutes=2)
AWAITING = CaseState.AWAITING_CONFIRMATION
CLOSED_STATES = sorted(set(CaseState) - OPEN_STATES)


def _open(uow: UnitOfWork, world: World, *, minutes: int = 0) -> Case:
    case = a_case(
        subscriber_id=world.bob.id,
        admin_id=world.alice.id,
        ticket="HELP-7",
        opened_at=NOON + timedelta(minutes=minutes),
        confirm_by=NOON + timedelta(minutes=minutes + 5),
    )
    assert uow.cases.add(case)
    return case


def _in_state(uow: UnitOfWork, world: World, state: CaseState, **fields: object) -> Case:
    case = replace(a_case(subscriber_id=world.bob.id, admin_id=world.alice.id), state=state)
    case = replace(case, **fields)  # type: ignore[arg-type]  # names and types are the test's
    assert uow.cases.add(case)
    return case


def _move(uow: UnitOfWork, case: Case, *states: CaseState, to: CaseState) -> Case | None:
    return uow.cases.move(case.id, states=states, to=to, now=LATER)


def test_a_case_is_stored_whole(uow: UnitOfWork, world: World) -> None:
    case = _open(uow, world)
    assert uow.cases.get(case.id) == case
    assert uow.cases.open_of(world.bob.id) == case
    assert uow.cases.open_of(world.alice.id) is None
    assert uow.cases.get(CaseId("case_unknown")) is None


def test_a_case_that_no_admin_opened_is_stored(store: Database, world: World) -> None:
    case = replace(
        a_case(subscriber_id=world.bob.id, proof=None, reason=None, confirm_by=None),
        kind=CaseKind.FIRST_SET_UP,
        state=CaseState.COMPLETED,
        completed_at=NOON,
    )
    with store.unit_of_work() as uow:
        assert uow.cases.add(case)
        assert uow.cases.get(case.id) == case


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_a_second_open_case_of_a_subscriber_is_refused(
    store: Database, world: World, state: CaseState
) -> None:
    second = replace(a_case(subscriber_id=world.bob.id, admin_id=world.alan.id), state=state)
    with store.unit_of_work() as uow:
        first = _open(uow, world)
        assert not uow.cases.add(second)
        assert uow.cases.get(second.id) is None
        assert uow.cases.of(world.bob.id) == (first,)
        assert uow.cases.add(a_case(subscriber_id=world.dana.id))  # and the unit goes on
        uow.commit()
    with store.unit_of_work() as uow:
        assert uow.cases.open_of(world.bob.id) == first
        assert uow.cases.open_of(world.dana.id)


@pytest.mark.parametrize("state", CLOSED_STATES)
def test_a_closed_case_is_in_nobody_s_way(uow: UnitOfWork, world: World, state: CaseState) -> None:
    closed = _in_state(uow, world, state)
    opened = _open(uow, world)
    assert uow.cases.of(world.bob.id) == (opened, closed)


def test_a_subscriber_s_cases_come_newest_first(uow: UnitOfWork, world: World) -> None:
    ids = [_in_state(uow, world, CaseState.DECLINED).id for _ in range(5)]
    uow.cases.add(a_case(subscriber_id=world.dana.id))
    assert [case.id for case in uow.cases.of(world.bob.id)] == ids[::-1]


def test_a_case_moves_once(uow: UnitOfWork, world: World) -> None:
    case = _open(uow, world)
    moved = _move(uow, case, AWAITING, to=CaseState.EXECUTING)
    assert moved == replace(case, state=CaseState.EXECUTING, decided_at=LATER)
    assert uow.cases.get(case.id) == moved
    assert _move(uow, case, AWAITING, to=CaseState.EXECUTING) is None
    assert uow.cases.get(case.id) == moved


def test_a_case_in_none_of_the_states_stays(uow: UnitOfWork, world: World) -> None:
    case = _open(uow, world)
    others = [state for state in CaseState if state is not AWAITING]
    assert _move(uow, case, *others, to=CaseState.COMPLETED) is None
    assert _move(uow, case, to=CaseState.COMPLETED) is None
    assert uow.cases.get(case.id) == case
    unknown = CaseId("case_unknown")
    assert uow.cases.move(unknown, states=set(CaseState), to=AWAITING, now=NOON) is None


def test_each_move_notes_its_own_time(store: Database, world: World) -> None:
    times = [NOON + timedelta(minutes=each) for each in range(1, 4)]
    path = [CaseState.EXECUTING, CaseState.COMPLETED, CaseState.RE_ENROLLED]
    with store.unit_of_work() as uow:
        case = _open(uow, world)
        moved: Case | None = case
        for at, to in zip(times, path, strict=True):
            moved = uow.cases.move(case.id, states=set(CaseState), to=to, now=at)
    assert moved == replace(
        case,
        state=CaseState.RE_ENROLLED,
        decided_at=times[0],
        completed_at=times[1],
        re_enrolled_at=times[2],
    )


def test_why_a_case_ended_is_kept(uow: UnitOfWork, world: World) -> None:
    case = _open(uow, world)
    ended = uow.cases.move(
        case.id, states=[AWAITING], to=CaseState.FAILED, now=LATER, ended_reason="no_answer"
    )
    assert ended
    assert ended.ended_reason == "no_answer"
    later = _move(uow, case, CaseState.FAILED, to=CaseState.SUPERSEDED)
    assert later
    assert later.ended_reason == "no_answer"


def test_a_new_yes_closes_what_waited(uow: UnitOfWork, world: World) -> None:
    waiting = [_in_state(uow, world, state) for state in sorted(SUPERSEDABLE_STATES)]
    for state in sorted(set(CaseState) - SUPERSEDABLE_STATES - OPEN_STATES):
        _in_state(uow, world, state)
    other = replace(a_case(subscriber_id=world.dana.id), state=CaseState.COMPLETED)
    uow.cases.add(other)
    by = _in_state(uow, world, CaseState.COMPLETED)

    closed = uow.cases.supersede(world.bob.id, by=by.id, now=LATER)

    assert closed == tuple(replace(each, state=CaseState.SUPERSEDED) for each in waiting)
    assert uow.cases.get(by.id) == by
    assert uow.cases.get(other.id) == other
    assert uow.cases.supersede(world.bob.id, by=by.id, now=LATER) == ()


def test_a_superseded_case_has_no_reminder_due(uow: UnitOfWork, world: World) -> None:
    case = _in_state(uow, world, CaseState.COMPLETED)
    uow.cases.schedule_reminder(case.id, sent_before=0, sent=0, next_at=NOON)
    uow.cases.supersede(world.bob.id, by=CaseId("case_new"), now=NOON)
    assert uow.cases.due_to_remind(LATER) == ()
    _move(uow, case, CaseState.SUPERSEDED, to=CaseState.COMPLETED)
    assert uow.cases.due_to_remind(LATER) == ()  # nor would it, were it to come back


def test_reminders_are_counted_once(uow: UnitOfWork, world: World) -> None:
    case = _in_state(uow, world, CaseState.COMPLETED)
    assert uow.cases.schedule_reminder(case.id, sent_before=0, sent=0, next_at=LATER)
    assert uow.cases.due_to_remind(NOON) == ()
    assert uow.cases.due_to_remind(LATER) == (case,)
    assert uow.cases.schedule_reminder(case.id, sent_before=0, sent=2, next_at=None)
    assert not uow.cases.schedule_reminder(case.id, sent_before=0, sent=1, next_at=LATER)
    assert uow.cases.get(case.id) == replace(case, reminders_sent=2)
    assert uow.cases.due_to_remind(LATER) == ()


def test_a_case_that_moved_on_has_no_reminder_due(uow: UnitOfWork, world: World) -> None:
    case = _in_state(uow, world, CaseState.COMPLETED)
    uow.cases.schedule_reminder(case.id, sent_before=0, sent=0, next_at=NOON)
    _move(uow, case, CaseState.COMPLETED, to=CaseState.RE_ENROLLED)
    assert uow.cases.due_to_remind(LATER) == ()
    assert not uow.cases.schedule_reminder(case.id, sent_before=0, sent=1, next_at=None)
    _move(uow, case, CaseState.RE_ENROLLED, to=CaseState.COMPLETED)
    assert uow.cases.due_to_remind(LATER) == ()  # nor would it, were it to come back


def test_due_to_expire_are_unanswered_cases_at_their_deadline(
    uow: UnitOfWork, world: World
) -> None:
    late = _open(uow, world, minutes=3)
    early = replace(a_case(subscriber_id=world.dana.id), confirm_by=NOON + timedelta(minutes=1))
    uow.cases.add(early)
    decided = a_case(subscriber_id=world.alan.id)
    uow.cases.add(decided)
    _move(uow, decided, AWAITING, to=CaseState.EXECUTING)
    deadline = NOON + timedelta(minutes=8)
    assert uow.cases.due_to_expire(deadline) == (early, late)
    assert uow.cases.due_to_expire(deadline - timedelta(microseconds=1)) == (early,)


def test_due_to_remind_come_oldest_first(uow: UnitOfWork, world: World) -> None:
    late, early = (_in_state(uow, world, CaseState.COMPLETED) for _ in range(2))
    uow.cases.schedule_reminder(late.id, sent_before=0, sent=0, next_at=LATER)
    uow.cases.schedule_reminder(early.id, sent_before=0, sent=0, next_at=NOON)
    assert uow.cases.due_to_remind(LATER) == (early, late)


def test_an_admin_s_completed_cases_come_oldest_first(uow: UnitOfWork, world: World) -> None:
    new = _in_state(uow, world, CaseState.COMPLETED, completed_at=LATER)
    old = _in_state(uow, world, CaseState.COMPLETED, completed_at=NOON)
    _in_state(uow, world, CaseState.LAPSED)
    _in_state(uow, world, CaseState.COMPLETED, admin_id=world.alan.id)
    assert uow.cases.completed_of(world.alice.id) == (old, new)


def test_waiting_cases_come_newest_first(uow: UnitOfWork, world: World) -> None:
    for state in sorted(set(CaseState) - WAITING_STATES):
        _in_state(uow, world, state)
    waiting = [_in_state(uow, world, state) for state in sorted(SUPERSEDABLE_STATES)]
    waiting.append(_open(uow, world))
    assert uow.cases.waiting() == tuple(waiting[::-1])
