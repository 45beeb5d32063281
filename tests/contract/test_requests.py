"""The promises of `RequestRepository`."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.model.ids import RequestId, new_id
from bot.domain.model.requests import OwnRequest, RequestMessage, RequestState
from storage.database import Database
from tests.fakes import NOON, Person, World, a_case

LATER = NOON + timedelta(hours=1)


def a_request(
    person: Person,
    world: World,
    *,
    state: RequestState = RequestState.OPEN,
    opened_at: datetime = NOON,
) -> OwnRequest:
    return OwnRequest(
        id=RequestId(new_id("req")),
        subscriber_id=person.id,
        account_id=world.acme.id,
        reason="Lost the phone",
        state=state,
        opened_at=opened_at,
    )


def test_a_person_has_one_live_request(store: Database, world: World) -> None:
    first, second = a_request(world.bob, world), a_request(world.bob, world)
    with store.unit_of_work() as uow:
        assert uow.requests.add(first)
        assert not uow.requests.add(second)
        assert uow.requests.add(a_request(world.alan, world))
        assert uow.requests.live_of(world.bob.id) == first
        assert uow.requests.get(second.id) is None
        assert uow.requests.live_of(world.dana.id) is None


def test_an_ended_request_stands_in_no_ones_way(store: Database, world: World) -> None:
    ended = a_request(world.bob, world)
    with store.unit_of_work() as uow:
        uow.requests.add(ended)
        uow.requests.end(ended.id, to=RequestState.WITHDRAWN, now=LATER)
        assert uow.requests.live_of(world.bob.id) is None
        assert uow.requests.add(a_request(world.bob, world))


def test_a_request_is_taken_once(store: Database, world: World) -> None:
    request = a_request(world.bob, world)
    with store.unit_of_work() as uow:
        uow.requests.add(request)
        taken = uow.requests.take(request.id, by=world.alice.id, now=LATER)
        expected = replace(
            request, state=RequestState.TAKEN, taken_by=world.alice.id, taken_at=LATER
        )
        assert taken == expected == uow.requests.get(request.id)
        assert uow.requests.take(request.id, by=world.alan.id, now=LATER) is None
        assert uow.requests.get(request.id) == expected
        assert uow.requests.live_of(world.bob.id) == expected


def test_only_a_taken_request_has_a_case(store: Database, world: World) -> None:
    request = a_request(world.bob, world)
    case = a_case(subscriber_id=world.bob.id)
    with store.unit_of_work() as uow:
        uow.cases.add(case)
        uow.requests.add(request)
        assert uow.requests.link(request.id, case_id=case.id) is None
        uow.requests.take(request.id, by=world.alice.id, now=LATER)
        linked = uow.requests.link(request.id, case_id=case.id)
        assert linked is not None
        assert linked.case_id == case.id
        assert linked == uow.requests.get(request.id)


def test_a_request_ends_once(store: Database, world: World) -> None:
    request = a_request(world.bob, world)
    with store.unit_of_work() as uow:
        uow.requests.add(request)
        ended = uow.requests.end(request.id, to=RequestState.EXPIRED, now=LATER)
        assert ended == replace(request, state=RequestState.EXPIRED, ended_at=LATER)
        assert uow.requests.end(request.id, to=RequestState.CLOSED, now=LATER) is None
        assert uow.requests.take(request.id, by=world.alice.id, now=LATER) is None
        assert uow.requests.get(request.id) == ended


def test_live_requests_without_a_case_are_due(store: Database, world: World) -> None:
    due = a_request(world.bob, world, opened_at=NOON)
    earlier = a_request(world.carol, world, opened_at=NOON - timedelta(hours=1))
    with_case = a_request(world.alan, world)
    case = a_case(subscriber_id=world.alan.id)
    later = a_request(world.alice, world, opened_at=NOON + timedelta(seconds=1))
    ended = a_request(world.dana, world, state=RequestState.CLOSED)
    with store.unit_of_work() as uow:
        uow.cases.add(case)
        for request in (due, earlier, with_case, later, ended):
            assert uow.requests.add(request)
        uow.requests.take(with_case.id, by=world.alice.id, now=NOON)
        uow.requests.link(with_case.id, case_id=case.id)
        taken = uow.requests.take(due.id, by=world.alice.id, now=NOON)
        assert uow.requests.due_to_expire(NOON) == (earlier, taken)


def test_messages_are_kept_once(store: Database, world: World) -> None:
    request = a_request(world.bob, world)
    second = RequestMessage(request_id=request.id, channel="D2", ts="1.1")
    first = RequestMessage(request_id=request.id, channel="C1", ts="2.2")
    with store.unit_of_work() as uow:
        uow.requests.add(request)
        for message in (second, first, second):
            uow.requests.add_message(message)
        assert uow.requests.messages_of(request.id) == (first, second)
        assert uow.requests.messages_of(RequestId("req_other")) == ()


def test_forgetting_erases_the_reasons(store: Database, world: World) -> None:
    bobs, alans = a_request(world.bob, world), a_request(world.alan, world)
    with store.unit_of_work() as uow:
        uow.requests.add(bobs)
        uow.requests.add(alans)
        uow.requests.forget(world.bob.id)
        assert uow.requests.get(bobs.id) == replace(bobs, reason=None)
        assert uow.requests.get(alans.id) == alans
