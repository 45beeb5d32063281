"""The promises of `OutboxRepository`."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.model.ids import MessageId
from bot.domain.model.notices import Channel, Message, Notice, NoticeKind
from bot.domain.ports.unit_of_work import UnitOfWork
from storage.database import Database
from tests.fakes import NOON, World, a_case, a_session

LATER = NOON + timedelta(minutes=1)
URL = "https://hooks.slack.example/commands/T01/secret"
REPLY = Notice(kind=NoticeKind.REPLY, slack_address="U01BOB", facts={"text": "No."})


def _add(uow: UnitOfWork, notice: Notice = REPLY) -> MessageId:
    message_id = uow.outbox.add(notice, now=NOON)
    assert message_id
    return message_id


def _due(uow: UnitOfWork) -> list[Message]:
    return list(uow.outbox.due(LATER, limit=100))


def test_a_message_is_due_at_once_and_whole(store: Database, world: World) -> None:
    case, session = a_case(subscriber_id=world.bob.id), a_session(world.bob.id)
    notice = Notice(
        kind=NoticeKind.OPERATOR_ACTED,
        contact_id=world.carol.id,
        slack_address="C01AUDIT",
        case_id=case.id,
        session_id=session.id,
        subject_id=world.bob.id,
        facts={"act": "reset", "about": "Bjørn"},
        response_url=URL,
        replace_original=True,
        channel=Channel.EMAIL,
        once="reset:1",
    )
    with store.unit_of_work() as uow:
        uow.cases.add(case)
        uow.sessions.add(session, token_hash="hash")
        message_id = _add(uow, notice)
        assert uow.outbox.due(NOON, limit=1) == (
            Message(
                id=message_id,
                notice=notice,
                created_at=NOON,
                next_attempt_at=NOON,
                attempts=0,
                sent_at=None,
                failed_at=None,
                error=None,
            ),
        )


def test_messages_leave_in_the_order_of_writing(uow: UnitOfWork) -> None:
    ids = [_add(uow) for _ in range(5)]
    assert [message.id for message in uow.outbox.due(NOON, limit=3)] == ids[:3]


def test_the_longest_due_leaves_first(uow: UnitOfWork) -> None:
    retried, fresh = _add(uow), _add(uow)
    uow.outbox.reschedule(retried, next_attempt_at=LATER, error="timeout", holder=None)
    assert [message.id for message in _due(uow)] == [fresh, retried]


def test_of_the_same_once_key_the_first_is_kept(store: Database) -> None:
    first = replace(REPLY, once="reminder:1")
    with store.unit_of_work() as uow:
        kept = _add(uow, first)
        assert uow.outbox.add(replace(first, facts={"text": "Again."}), now=LATER) is None
        other = _add(uow, replace(first, once="reminder:2"))  # and the unit goes on
        uow.commit()
    with store.unit_of_work() as uow:
        uow.outbox.mark_sent(kept, now=NOON)
        assert uow.outbox.add(first, now=LATER) is None  # sent or not
        assert [message.id for message in _due(uow)] == [other]


def test_a_message_without_a_key_is_written_each_time(uow: UnitOfWork) -> None:
    assert len({_add(uow), _add(uow)}) == 2


def test_a_message_is_sent_once_and_forgets_its_url(uow: UnitOfWork) -> None:
    message_id = _add(uow, replace(REPLY, response_url=URL))
    assert uow.outbox.mark_sent(message_id, now=LATER)
    assert not uow.outbox.mark_sent(message_id, now=LATER)
    assert not uow.outbox.mark_failed(message_id, now=LATER, error="late", holder=None)
    assert _due(uow) == []
    assert uow.outbox.opens_at(now=NOON, paces={}) is None
    assert uow.outbox.undelivered() == ()


def test_a_rescheduled_message_waits_and_is_undelivered(uow: UnitOfWork) -> None:
    message_id = _add(uow)
    assert uow.outbox.undelivered() == ()
    uow.outbox.reschedule(message_id, next_attempt_at=LATER, error="timeout", holder=None)
    assert uow.outbox.due(NOON, limit=9) == ()
    (message,) = _due(uow)
    assert (message.attempts, message.error) == (1, "timeout")
    assert message.next_attempt_at == LATER
    assert uow.outbox.undelivered() == (message,)


def test_a_message_that_was_given_up_is_undelivered_and_never_due(uow: UnitOfWork) -> None:
    message_id = _add(uow)
    assert uow.outbox.mark_failed(message_id, now=LATER, error="channel_not_found", holder=None)
    assert not uow.outbox.mark_failed(message_id, now=LATER, error="again", holder=None)
    assert not uow.outbox.mark_sent(message_id, now=LATER)
    uow.outbox.reschedule(message_id, next_attempt_at=NOON, error="again", holder=None)
    assert _due(uow) == []
    (message,) = uow.outbox.undelivered()
    assert (message.failed_at, message.attempts) == (LATER, 1)
    assert message.error == "channel_not_found"


def test_undelivered_messages_are_found_by_case_and_counted(store: Database, world: World) -> None:
    one, other = a_case(subscriber_id=world.bob.id), a_case(subscriber_id=world.alan.id)
    with store.unit_of_work() as uow:
        assert uow.cases.add(one)
        assert uow.cases.add(other)
        of_one, of_other = (
            _add(uow, replace(REPLY, case_id=case.id, response_url=URL)) for case in (one, other)
        )
        sent, untried, of_none = (
            _add(uow, replace(REPLY, case_id=one.id)),
            _add(uow, replace(REPLY, case_id=one.id)),
            _add(uow),
        )
        uow.outbox.mark_sent(sent, now=NOON)
        for given_up in (of_one, of_none):
            uow.outbox.mark_failed(given_up, now=NOON, error="never", holder=None)
        uow.outbox.reschedule(of_other, next_attempt_at=LATER, error="timeout", holder=None)
        (found,) = uow.outbox.undelivered_of([one.id])
        assert (found.id, found.notice.response_url) == (of_one, None)
        both = uow.outbox.undelivered_of([other.id, one.id])
        assert [message.id for message in both] == [of_one, of_other]
        assert uow.outbox.undelivered_of([]) == ()
        assert uow.outbox.count_undelivered() == 3
        assert untried in {message.id for message in _due(uow)}


def test_a_forgotten_url_leaves_the_message(uow: UnitOfWork) -> None:
    _add(uow, replace(REPLY, response_url=URL))
    (message,) = _due(uow)
    assert message.notice.response_url == URL
    uow.outbox.forget_response_url(message.id)
    assert _due(uow) == [replace(message, notice=REPLY)]


def test_undelivered_messages_show_no_url(uow: UnitOfWork) -> None:
    message_id = _add(uow, replace(REPLY, response_url=URL))
    uow.outbox.reschedule(message_id, next_attempt_at=LATER, error="timeout", holder=None)
    assert [each.notice.response_url for each in uow.outbox.undelivered()] == [None]
    assert [each.notice.response_url for each in _due(uow)] == [URL]


def test_next_due_is_the_earliest_of_the_unsent(uow: UnitOfWork) -> None:
    assert uow.outbox.opens_at(now=NOON, paces={}) is None
    first, second = _add(uow), _add(uow)
    uow.outbox.reschedule(second, next_attempt_at=LATER, error="timeout", holder=None)
    assert uow.outbox.opens_at(now=NOON, paces={}) == NOON
    uow.outbox.mark_sent(first, now=NOON)
    assert uow.outbox.opens_at(now=NOON, paces={}) == LATER
    uow.outbox.mark_failed(second, now=NOON, error="never", holder=None)
    assert uow.outbox.opens_at(now=NOON, paces={}) is None


def test_a_response_url_is_not_shown_by_repr() -> None:
    assert URL not in repr(replace(REPLY, response_url=URL))


def test_a_stand_in_and_the_real_one_name_the_ways_by_which_messages_leave(uow: UnitOfWork) -> None:
    assert uow.outbox.channels == frozenset({Channel.SLACK})


def test_a_unit_sees_the_messages_that_it_wrote_in_their_order(store: Database) -> None:
    with store.unit_of_work() as uow:
        plain, keyed = _add(uow), _add(uow, replace(REPLY, once="reminder:1"))
        after = _add(uow)
        assert uow.outbox.opens_at(now=NOON, paces={}) == NOON
        assert [message.id for message in _due(uow)] == [plain, keyed, after]
        assert uow.outbox.mark_sent(plain, now=NOON)
        last = _add(uow)
        assert uow.outbox.mark_failed(last, now=NOON, error="never", holder=None)
        assert [message.id for message in uow.outbox.undelivered()] == [last]
        uow.commit()
    with store.unit_of_work() as uow:
        assert [message.id for message in _due(uow)] == [keyed, after]


def test_what_is_written_after_a_rollback_begins_anew(store: Database) -> None:
    with store.unit_of_work() as uow:
        _add(uow)
    with store.unit_of_work() as uow:
        kept = _add(uow)
        uow.commit()
        _add(uow)  # too late: the unit ends without another commit
    with store.unit_of_work() as uow:
        assert [message.id for message in _due(uow)] == [kept]


def test_the_facts_of_messages_to_or_about_a_contact_are_forgotten(
    store: Database, world: World
) -> None:
    facts = {"text": "Bob Brown, of Acme."}
    with store.unit_of_work() as uow:
        to_bob = _add(uow, Notice(kind=NoticeKind.REPLY, contact_id=world.bob.id, facts=facts))
        about = Notice(
            kind=NoticeKind.OPERATOR_ACTED,
            contact_id=world.carol.id,
            subject_id=world.bob.id,
            facts=facts,
        )
        about_bob = _add(uow, about)
        other = _add(uow, replace(about, contact_id=world.carol.id, subject_id=world.dana.id))
        uow.outbox.forget(world.bob.id)
        uow.outbox.forget(world.alice.id)
        told = {message.id: message.notice for message in _due(uow)}
    assert told[to_bob] == Notice(kind=NoticeKind.REPLY, contact_id=world.bob.id)
    assert told[about_bob] == replace(about, facts={})
    assert told[other].facts == facts
