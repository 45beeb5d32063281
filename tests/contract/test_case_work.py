"""The promises of `CaseRepository` about what happens to a case once it was completed."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.model.cases import (
    OPEN_STATES,
    WAITING_STATES,
    Case,
    CaseKind,
    CaseState,
    HandOver,
    Proof,
)
from bot.domain.model.ids import CaseId, ContactId, HandOverId, new_id
from bot.domain.ports.unit_of_work import UnitOfWork
from storage.database import Database
from tests.fakes import NOON, Person, World, a_case, a_session

LATER = NOON + timedelta(minutes=2)
LATEST = NOON + timedelta(minutes=4)
AN_INSTANT = timedelta(microseconds=1)
COMPLETED = CaseState.COMPLETED
LEFT_TO_DO = sorted(WAITING_STATES - OPEN_STATES)


def _case(
    uow: UnitOfWork,
    world: World,
    *,
    admin: Person | None = None,
    subscriber: Person | None = None,
    completed_at: datetime | None = NOON,
    state: CaseState = COMPLETED,
) -> Case:
    case = a_case(
        subscriber_id=(subscriber or world.bob).id,
        admin_id=(admin or world.alice).id,
        state=state,
        completed_at=completed_at,
        ticket="HELP-7",
    )
    assert uow.cases.add(case)
    return case


def _of_nobody(uow: UnitOfWork, world: World) -> Case:
    case = replace(
        a_case(subscriber_id=world.bob.id, proof=None, reason=None, confirm_by=None),
        kind=CaseKind.FIRST_SET_UP,
        state=COMPLETED,
        completed_at=NOON,
    )
    assert uow.cases.add(case)
    return case


@pytest.mark.parametrize("state", LEFT_TO_DO)
def test_what_waits_is_taken_over_and_stays_its_admin_s(
    uow: UnitOfWork, world: World, state: CaseState
) -> None:
    case = _case(uow, world, state=state)
    taken = uow.cases.take_over(case.id, by=world.alan.id, from_=world.alice.id)
    assert taken == replace(case, taken_over_by=world.alan.id)
    assert taken.in_charge_id == world.alan.id
    assert uow.cases.get(case.id) == taken


@pytest.mark.parametrize("state", sorted(set(CaseState) - set(LEFT_TO_DO)))
def test_what_is_open_or_has_ended_is_not_taken_over(
    uow: UnitOfWork, world: World, state: CaseState
) -> None:
    case = _case(uow, world, state=state)
    assert uow.cases.take_over(case.id, by=world.alan.id, from_=world.alice.id) is None
    assert uow.cases.get(case.id) == case


def test_a_case_is_taken_over_from_whoever_has_it_by_now(uow: UnitOfWork, world: World) -> None:
    case = _case(uow, world)
    assert uow.cases.take_over(case.id, by=world.alan.id, from_=world.alice.id)
    # carol saw it with Alice, too, and comes second
    assert uow.cases.take_over(case.id, by=world.carol.id, from_=world.alice.id) is None
    assert uow.cases.take_over(case.id, by=world.carol.id, from_=None) is None
    taken = uow.cases.take_over(case.id, by=world.carol.id, from_=world.alan.id)
    assert taken == replace(case, taken_over_by=world.carol.id)
    back = uow.cases.take_over(case.id, by=world.alice.id, from_=world.carol.id)
    assert back == replace(case, taken_over_by=world.alice.id)


def test_a_case_of_nobody_is_taken_over_from_nobody(uow: UnitOfWork, world: World) -> None:
    case = _of_nobody(uow, world)
    assert uow.cases.take_over(case.id, by=world.alan.id, from_=world.alice.id) is None
    taken = uow.cases.take_over(case.id, by=world.alan.id, from_=None)
    assert taken == replace(case, taken_over_by=world.alan.id)
    assert uow.cases.take_over(case.id, by=world.carol.id, from_=None) is None


def test_an_unknown_case_is_not_taken_over(uow: UnitOfWork, world: World) -> None:
    unknown = CaseId("case_unknown")
    assert uow.cases.take_over(unknown, by=world.alan.id, from_=None) is None


def test_a_case_is_looked_after_by_whoever_took_it_over(uow: UnitOfWork, world: World) -> None:
    kept, given = (_case(uow, world, completed_at=at) for at in (LATER, NOON))
    taken = uow.cases.take_over(given.id, by=world.alan.id, from_=world.alice.id)
    own = _case(uow, world, admin=world.alan, completed_at=LATER)
    from_nobody = uow.cases.take_over(_of_nobody(uow, world).id, by=world.carol.id, from_=None)
    assert uow.cases.completed_of(world.alice.id) == (kept,)
    assert uow.cases.completed_of(world.alan.id) == (taken, own)
    assert uow.cases.completed_of(world.carol.id) == (from_nobody,)


def test_taking_a_case_over_leaves_its_reminder_due(uow: UnitOfWork, world: World) -> None:
    case = _case(uow, world)
    uow.cases.schedule_reminder(case.id, sent_before=0, sent=0, next_at=LATER)
    taken = uow.cases.take_over(case.id, by=world.alan.id, from_=world.alice.id)
    assert uow.cases.due_to_remind(LATER) == (taken,)


def test_an_admin_s_resets_are_counted_whatever_became_of_them(
    uow: UnitOfWork, world: World
) -> None:
    for state in (COMPLETED, CaseState.RE_ENROLLED, CaseState.VETOED, CaseState.SUPERSEDED):
        _case(uow, world, state=state, completed_at=LATER)
    _case(uow, world, state=CaseState.DECLINED, completed_at=None)
    _case(uow, world, admin=world.alan, completed_at=LATER)
    assert uow.cases.count_completed_by(world.alice.id, since=NOON) == 4
    assert uow.cases.count_completed_by(world.alice.id, since=LATER) == 0  # later than it
    assert uow.cases.count_completed_by(world.alice.id, since=LATER - AN_INSTANT) == 4
    assert uow.cases.count_completed_by(world.carol.id, since=NOON) == 0


def test_a_reset_counts_for_who_asked_for_it_not_for_who_looks_after_it(
    uow: UnitOfWork, world: World
) -> None:
    case = _case(uow, world, completed_at=LATER)
    uow.cases.take_over(case.id, by=world.alan.id, from_=world.alice.id)
    assert uow.cases.count_completed_by(world.alice.id, since=NOON) == 1
    assert uow.cases.count_completed_by(world.alan.id, since=NOON) == 0


def test_due_to_lapse_are_completed_cases_of_that_instant_or_earlier(
    uow: UnitOfWork, world: World
) -> None:
    late = _case(uow, world, completed_at=LATER)
    early = _case(uow, world, completed_at=NOON)
    _case(uow, world, completed_at=LATEST)
    for state in sorted(set(CaseState) - {COMPLETED}):
        ended = _case(uow, world, subscriber=world.dana, state=state, completed_at=NOON)
        uow.cases.move(ended.id, states=OPEN_STATES, to=CaseState.DECLINED, now=NOON)
    assert uow.cases.due_to_lapse(LATER) == (early, late)
    assert uow.cases.due_to_lapse(LATER - AN_INSTANT) == (early,)
    assert uow.cases.due_to_lapse(NOON - AN_INSTANT) == ()


def test_a_case_is_spared_once_and_stays_due(uow: UnitOfWork, world: World) -> None:
    case = _case(uow, world)
    assert uow.cases.spare(case.id, now=LATER)
    assert not uow.cases.spare(case.id, now=LATEST)
    spared = replace(case, spared_at=LATER)
    assert uow.cases.get(case.id) == spared
    assert uow.cases.due_to_lapse(LATER) == (spared,)  # it may lapse yet, once another owns


@pytest.mark.parametrize("state", sorted(set(CaseState) - {COMPLETED}))
def test_only_a_completed_case_is_spared(uow: UnitOfWork, world: World, state: CaseState) -> None:
    case = _case(uow, world, state=state)
    assert not uow.cases.spare(case.id, now=LATER)
    assert not uow.cases.spare(CaseId("case_unknown"), now=LATER)
    assert uow.cases.get(case.id) == case


def test_a_spared_case_is_still_reminded_of(uow: UnitOfWork, world: World) -> None:
    case = _case(uow, world)
    uow.cases.schedule_reminder(case.id, sent_before=0, sent=0, next_at=LATER)
    uow.cases.spare(case.id, now=NOON)
    assert uow.cases.due_to_remind(LATER) == (replace(case, spared_at=NOON),)
    assert uow.cases.schedule_reminder(case.id, sent_before=0, sent=1, next_at=LATEST)
    assert uow.cases.get(case.id) == replace(case, spared_at=NOON, reminders_sent=1)


def _hand_over(
    uow: UnitOfWork, case: Case, *, by: ContactId | None, proof: Proof | None, minutes: int = 0
) -> HandOver:
    session = a_session(case.subscriber_id)
    uow.sessions.add(session, token_hash=session.id)
    hand_over = HandOver(
        id=HandOverId(new_id("hov")),
        case_id=case.id,
        session_id=session.id,
        handed_over_by=by,
        proof=proof,
        handed_over_at=NOON + timedelta(minutes=minutes),
    )
    uow.cases.add_hand_over(hand_over)
    return hand_over


def test_hand_overs_of_a_case_come_oldest_first(store: Database, world: World) -> None:
    with store.unit_of_work() as uow:
        case, other = _case(uow, world), _case(uow, world, subscriber=world.dana)
        first = _hand_over(uow, case, by=world.alan.id, proof=Proof.CALLED_BACK)
        by_operator = _hand_over(uow, case, by=None, proof=None, minutes=1)
        again = _hand_over(uow, case, by=world.alan.id, proof=Proof.IN_PERSON, minutes=2)
        elsewhere = _hand_over(uow, other, by=world.carol.id, proof=Proof.VIDEO)
        uow.commit()
    with store.unit_of_work() as uow:
        assert uow.cases.hand_overs_of(case.id) == (first, by_operator, again)
        assert uow.cases.hand_overs_of(other.id) == (elsewhere,)
        assert uow.cases.hand_overs_of(CaseId("case_unknown")) == ()


def test_a_hand_over_that_was_not_committed_is_rolled_back(store: Database, world: World) -> None:
    with store.unit_of_work() as uow:
        case = _case(uow, world)
        uow.commit()
        _hand_over(uow, case, by=world.alan.id, proof=Proof.VIDEO)
    with store.unit_of_work() as uow:
        assert uow.cases.hand_overs_of(case.id) == ()


def test_why_a_subscriber_was_reset_is_forgotten_and_nothing_else(
    uow: UnitOfWork, world: World
) -> None:
    cases = [_case(uow, world, state=state) for state in (CaseState.DECLINED, COMPLETED)]
    uow.cases.schedule_reminder(cases[1].id, sent_before=0, sent=0, next_at=NOON)
    of_dana = _case(uow, world, subscriber=world.dana, admin=world.bob)
    uow.cases.forget(world.bob.id)
    forgotten = [replace(case, reason=None, ticket=None) for case in cases]
    assert [uow.cases.get(case.id) for case in cases] == forgotten
    assert uow.cases.get(of_dana.id) == of_dana
    assert uow.cases.due_to_remind(NOON) == (forgotten[1],)
    uow.cases.forget(ContactId("con_nobody"))


def test_waiting_in_accounts_are_the_oldest_of_those_accounts(
    uow: UnitOfWork, world: World
) -> None:
    found = [
        _case(uow, world, state=state, subscriber=subscriber)
        for state, subscriber in (
            (COMPLETED, world.bob),
            (CaseState.VETOED, world.bob),
            (CaseState.AWAITING_CONFIRMATION, world.bob),
        )
    ]
    elsewhere = replace(
        a_case(subscriber_id=world.dana.id, state=COMPLETED), account_id=world.globex.id
    )
    assert uow.cases.add(elsewhere)
    for state in sorted(set(CaseState) - WAITING_STATES):
        _case(uow, world, state=state)
    acme, globex = world.acme.id, world.globex.id
    assert uow.cases.waiting_in([acme], limit=9) == tuple(found)
    assert uow.cases.waiting_in([acme], limit=2) == tuple(found[:2])
    assert uow.cases.waiting_in([globex, acme], limit=9) == (*found, elsewhere)
    assert uow.cases.waiting_in([], limit=9) == ()


def test_waiting_in_accounts_are_stalled_ones_last(uow: UnitOfWork, world: World) -> None:
    lapsed, failed = (
        _case(uow, world, state=state) for state in (CaseState.LAPSED, CaseState.FAILED)
    )
    others = [
        _case(uow, world, state=state)
        for state in (CaseState.VETOED, COMPLETED, CaseState.EXECUTING)
    ]
    acme = world.acme.id
    assert uow.cases.waiting_in([acme], limit=9) == (*others, lapsed, failed)
    assert uow.cases.waiting_in([acme], limit=3) == tuple(others)
    mine = uow.cases.waiting_in([acme], limit=4, in_charge=world.alice.id)
    assert mine == (*others, lapsed)


def test_waiting_in_charge_are_those_of_whoever_has_them_now(uow: UnitOfWork, world: World) -> None:
    mine, taken = _case(uow, world), _case(uow, world)
    nobodys = _of_nobody(uow, world)
    moved = uow.cases.take_over(taken.id, by=world.alan.id, from_=world.alice.id)

    def of(person: Person) -> tuple[Case, ...]:
        return uow.cases.waiting_in([world.acme.id], limit=9, in_charge=person.id)

    assert of(world.alice) == (mine,)
    assert of(world.alan) == (moved,)
    assert of(world.carol) == ()
    assert nobodys in uow.cases.waiting_in([world.acme.id], limit=9)
