"""`OutboxSender` beside others, after others, and where the database fails it."""

import threading
from datetime import timedelta

import pytest
from slack_sdk import WebClient

from bot.blocks.elements import Drawn
from bot.domain.desk.composing import compose
from bot.domain.model.notices import Message, Notice, NoticeKind, Way
from bot.domain.model.pace import Pace, Paces
from bot.domain.model.views import NoticeView
from bot.domain.operator.introducing import tell_of_unbinding
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.outbox import OutboxSender, sender
from bot.outbox.delivery import Delivery
from bot.outbox.results import Delayed, Delivered, Result
from bot.outbox.slack_limits import CLAIM
from playground.slack.model import ResponseUrl
from tests.unit.outbox.post import AGAIN, AUDIT_CHANNEL, SECOND, WAIT, Post


class TestReplicas:
    def test_what_one_sends_the_other_leaves_alone(self, post: Post) -> None:
        gate = post.slack.faults.hold("chat.postMessage")
        post.write_to(post.world.bob.id)
        post.write_to(post.world.alice.id)
        thread = threading.Thread(target=post.sender.drain)
        thread.start()
        assert gate.arrived.wait(WAIT)
        assert post.a_sender().drain() == 1
        assert (len(post.bob.dm), len(post.alice.dm)) == (0, 1)
        gate.release()
        thread.join(WAIT)
        assert (len(post.bob.dm), len(post.alice.dm)) == (1, 1)

    def test_what_slack_says_to_one_holds_for_the_other(self, post: Post) -> None:
        post.slack.faults.rate_limit("chat.postMessage", retry_after=90)
        post.write_to(post.world.bob.id)
        post.write(Notice(kind=NoticeKind.REPLY, slack_address=AUDIT_CHANNEL, facts={"text": "Hi"}))
        assert post.sender.drain() == 0
        assert post.a_sender().drain() == 0
        assert post.posts() == 1

    def test_one_that_was_stalled_undoes_nothing(
        self, post: Post, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        message = post.write_to(post.world.bob.id)

        def stall(_delivery: Delivery, address: str, _drawn: Drawn) -> Result:
            monkeypatch.undo()
            post.clock.advance(CLAIM)
            assert post.a_sender().drain() == 1
            raise RuntimeError(address)

        monkeypatch.setattr(Delivery, "post", stall)
        assert post.sender.drain() == 0
        assert post.now_of(message).sent_at is not None
        assert (post.now_of(message).attempts, post.now_of(message).error) == (0, None)


class TestDoubt:
    def test_message_of_a_sender_that_died_is_sent_again_and_says_so(self, post: Post) -> None:
        message = post.write_to(post.world.bob.id, NoticeKind.SUBSCRIBER_RESET)
        post.claim_and_die()
        post.clock.advance(CLAIM - SECOND)
        assert post.sender.drain() == 0
        post.clock.advance(SECOND)
        assert post.sender.drain() == 1
        (told,) = post.bob.dm
        assert AGAIN in told.text
        assert AGAIN in told.shown
        assert post.now_of(message).sent_at is not None

    def test_who_is_alone_need_not_wait_for_the_dead(self, post: Post) -> None:
        post.write_to(post.world.bob.id)
        post.claim_and_die()
        assert post.a_sender().drain() == 0
        assert post.a_sender(is_alone=True).drain() == 1
        assert AGAIN in post.bob.dm[0].text

    def test_who_is_alone_releases_once_and_never_its_own(self, post: Post) -> None:
        sender = post.a_sender(is_alone=True)
        sender.drain()
        post.write_to(post.world.bob.id)
        post.claim_and_die()
        assert sender.drain() == 0

    def test_answer_that_was_lost_leaves_a_doubt(self, post: Post) -> None:
        post.slack.faults.drop("chat.postMessage", after=True)
        message = post.write_to(post.world.bob.id)
        assert post.sender.drain() == 0
        assert post.drain_once_due(message) == 1
        first, again = post.bob.dm
        assert (AGAIN in first.text, AGAIN in again.text) == (False, True)

    @pytest.mark.parametrize("error", [None, "internal_error", "token_revoked"])
    def test_answer_of_slacks_leaves_none(self, post: Post, error: str | None) -> None:
        if error:
            post.slack.faults.fail("chat.postMessage", error=error)
        message = post.write_to(post.world.bob.id, NoticeKind.SUBSCRIBER_RESET)
        assert post.sender.drain() + post.drain_once_due(message) == 1
        assert AGAIN not in post.bob.dm[0].text + post.bob.dm[0].shown

    def test_request_that_never_left_leaves_none(self, post: Post) -> None:
        nobody = "http://127.0.0.1:9/api/"
        client = WebClient(token="xoxb-none", base_url=nobody, timeout=5, retry_handlers=[])
        result = Delivery(client).post("U01BOB", Drawn(text="Hi"))
        assert isinstance(result, Delayed)
        assert not result.in_doubt


# -- from one message to the next: the one is recorded with the claim of the other


def test_each_message_costs_one_commit(post: Post) -> None:
    messages = [post.write_to(post.world.bob.id) for _ in range(5)]
    before = post.database.commits
    assert post.sender.drain() == 5
    assert post.database.commits - before == 5 + 1  # the first claim is alone
    assert all(post.now_of(message).sent_at is not None for message in messages)


def test_message_that_breaks_takes_nothing_of_the_one_before_with_it(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = post.write_to(post.world.bob.id)
    broken = post.write_to(post.world.bob.id)
    third = post.write_to(post.world.alice.id)

    def break_one(uow: UnitOfWork, message: Message) -> NoticeView | None:
        if message.id == broken.id:
            raise LookupError
        return compose(uow, message)

    monkeypatch.setattr(sender, "compose", break_one)
    assert post.sender.drain() == 2
    assert (len(post.bob.dm), len(post.alice.dm)) == (1, 1)
    assert post.now_of(first).sent_at is not None
    assert post.now_of(third).sent_at is not None
    waiting = post.now_of(broken)
    assert (waiting.error, waiting.attempts, waiting.in_doubt) == ("cannot_be_drawn", 1, False)


def test_what_cannot_be_recorded_together_is_recorded_apart_and_sent_once(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = [post.write_to(post.world.bob.id) for _ in range(3)]

    settle = OutboxSender._settle  # noqa: SLF001  # what breaks is within

    def lose_both(
        sender: OutboxSender, message: Message, result: Delivered, *, and_claim: bool = False
    ) -> object:
        if and_claim:
            raise OSError("connection")
        return settle(sender, message, result)

    monkeypatch.setattr(OutboxSender, "_settle", lose_both)
    assert post.sender.drain() == 3
    assert len(post.bob.dm) == 3
    assert all(post.now_of(message).sent_at is not None for message in messages)


# -- a database that is away


class Database:
    """Units of work that fail from a moment on, until it is mended."""

    def __init__(self, post: Post) -> None:
        self.away = False
        self._post = post

    def unit_of_work(self) -> UnitOfWork:
        if self.away:
            raise OSError("disk")
        return self._post.database.unit_of_work()


@pytest.fixture
def database(post: Post, monkeypatch: pytest.MonkeyPatch) -> Database:
    """One that goes away while Slack is spoken to."""
    database, deliver = Database(post), Delivery.post

    def go_away(delivery: Delivery, address: str, drawn: Drawn) -> Result:
        database.away = True
        return deliver(delivery, address, drawn)

    monkeypatch.setattr(Delivery, "post", go_away)
    monkeypatch.setattr(post.sender, "_unit_of_work", database.unit_of_work)
    return database


class TestUnrecorded:
    def test_delivery_is_recorded_once_the_database_is_back_and_not_made_again(
        self, post: Post, database: Database
    ) -> None:
        message = post.write_to(post.world.bob.id)
        for _ in range(2):
            with pytest.raises(OSError, match="disk"):
                post.sender.drain()
        post.clock.advance(10 * CLAIM)
        database.away = False
        assert post.sender.drain() == 0
        assert len(post.bob.dm) == 1
        assert post.now_of(message).sent_at is not None

    def test_refusal_is_recorded_and_told_once_the_database_is_back(
        self, post: Post, database: Database
    ) -> None:
        post.slack.faults.fail("chat.postMessage", error="user_disabled")
        message = post.write_to(post.world.bob.id)
        with pytest.raises(OSError, match="disk"):
            post.sender.drain()
        database.away = False
        with pytest.raises(OSError, match="disk"):  # on the way of the report
            post.sender.drain()
        assert post.now_of(message).error == "user_disabled"
        assert "user_disabled" in post.alice.dm[0].shown

    def test_what_can_never_be_recorded_holds_up_the_others_for_a_while_only(
        self, post: Post, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken = post.write_to(post.world.bob.id)
        note_sent = OutboxSender._note_sent  # noqa: SLF001  # what breaks is within

        def break_for_bob(
            sender: OutboxSender, uow: UnitOfWork, message: Message, result: Delivered
        ) -> None:
            if message.id == broken.id:
                raise RuntimeError("broken")
            note_sent(sender, uow, message, result)

        monkeypatch.setattr(OutboxSender, "_note_sent", break_for_bob)
        with pytest.raises(RuntimeError):
            post.sender.drain()
        post.write_to(post.world.alice.id)
        post.clock.advance(timedelta(minutes=5))
        with pytest.raises(RuntimeError):
            post.sender.drain()
        assert post.alice.dm == []
        post.clock.advance(timedelta(minutes=6))
        for _ in range(2):  # first that is given up; then Bob's is sent again, and breaks again
            with pytest.raises(RuntimeError):
                post.sender.drain()
        post.clock.advance(timedelta(minutes=11))
        with pytest.raises(RuntimeError):
            post.sender.drain()
        with pytest.raises(RuntimeError):
            post.sender.drain()
        assert len(post.alice.dm) == 1


SLOW: Paces = {Way.POST: Pace(every=10 * SECOND, burst=1)}


class TestPace:
    def test_answer_whose_url_is_spent_waits_for_room_among_the_posts(self, post: Post) -> None:
        sender = post.a_sender(paces=SLOW)
        url = post.response_url(post.alice)
        post.write_to(post.world.bob.id)
        message = post.write_to(post.world.alice.id, response_url=url)
        leave = post.slack.workspace.response_urls[url.rsplit("/", 1)[-1]]
        leave.uses = ResponseUrl.MOST_USES
        assert sender.drain() == 1
        assert post.alice.dm == []
        waiting = post.now_of(message)
        assert waiting.encrypted_response_url is None
        assert (waiting.attempts, waiting.in_doubt) == (0, False)
        assert sender.next_at() == post.clock.now() + 10 * SECOND
        post.clock.advance(10 * SECOND)
        assert sender.drain() == 1
        assert len(post.alice.dm) == 1

    def test_answers_leave_while_posts_wait(self, post: Post) -> None:
        sender = post.a_sender(paces=SLOW)
        for person in (post.world.bob, post.world.bob, post.world.bob):
            post.write_to(person.id)
        post.write_to(post.world.alice.id, response_url=post.response_url(post.alice))
        assert sender.drain() == 2
        assert (len(post.bob.dm), len(post.alice.ephemerals)) == (1, 1)

    def test_nothing_is_written_of_what_waits(self, post: Post) -> None:
        sender = post.a_sender(paces=SLOW)
        for _ in range(9):
            post.write_to(post.world.bob.id)
        sender.drain()
        commits = post.database.commits
        assert sender.drain() == 0
        assert post.database.commits == commits

    def test_where_messages_wait_for_their_pace_a_few_leave_at_a_time(self, post: Post) -> None:
        sender = post.a_sender(paces={Way.POST: Pace(every=SECOND / 2, burst=9)})
        for _ in range(17):
            post.write_to(post.world.bob.id)
        assert sender.drain() == 9
        assert sender.next_at() == post.clock.now() + 4 * SECOND
        post.clock.advance(4 * SECOND)
        assert sender.drain() == 8

    def test_what_is_due_is_not_waited_for(self, post: Post) -> None:
        assert post.sender.next_at() is None
        post.write_to(post.world.bob.id)
        assert post.sender.next_at() == post.clock.now()


class TestNever:
    @pytest.fixture
    def sender(self, post: Post) -> OutboxSender:
        return post.a_sender(audit_channel=AUDIT_CHANNEL)

    @pytest.mark.parametrize(
        ("name", "kind", "is_of_the_case"),
        [
            ("alice", NoticeKind.OUTCOME, True),
            ("bob", NoticeKind.IDENTITY_BOUND, False),
        ],
        ids=["its admin cannot be told", "about no case"],
    )
    def test_what_no_admin_can_be_told_is_told_to_the_audit_channel(
        self, post: Post, sender: OutboxSender, name: str, kind: NoticeKind, *, is_of_the_case: bool
    ) -> None:
        person = getattr(post.world, name)
        post.slack.faults.fail("chat.postMessage", error="user_disabled")
        case_id = post.case.id if is_of_the_case else None
        post.write(Notice(kind=kind, contact_id=person.id, case_id=case_id))
        assert sender.drain() == 1
        (told,) = post.slack.messages(AUDIT_CHANNEL)
        assert person.name in told.shown
        assert "user_disabled" in told.shown

    def test_what_the_admin_is_told_is_not_told_to_the_channel(
        self, post: Post, sender: OutboxSender
    ) -> None:
        post.slack.faults.fail("chat.postMessage", error="user_disabled")
        post.write_to(post.world.bob.id)
        assert sender.drain() == 1
        assert post.slack.messages(AUDIT_CHANNEL) == []
        assert len(post.alice.dm) == 1

    @pytest.mark.parametrize(
        "notice",
        [
            Notice(kind=NoticeKind.REPLY, slack_address="U01BOB", facts={"text": "No."}),
            Notice(kind=NoticeKind.AUDIT_HEAD, slack_address=AUDIT_CHANNEL, facts={"head": "0"}),
        ],
        ids=["answer", "channel"],
    )
    def test_nothing_is_said_of_an_answer_or_of_the_channel_itself(
        self, post: Post, sender: OutboxSender, notice: Notice
    ) -> None:
        post.slack.faults.fail("chat.postMessage", error="channel_not_found", times=None)
        message = post.write(notice)
        assert sender.drain() == 0
        assert post.now_of(message).failed_at is not None
        assert len(post.database.rows("outbox")) == 1


class TestFarewell:
    """What is written to the Slack account of somebody who has left, which may be gone too."""

    @pytest.fixture
    def sender(self, post: Post) -> OutboxSender:
        bob = post.world.bob
        with post.database.unit_of_work() as uow:
            tell_of_unbinding(uow, bob.id, bob.slack, now=post.clock.now())
            uow.commit()
        return post.a_sender(audit_channel=AUDIT_CHANNEL)

    def test_reaches_the_account_that_was_unbound(self, post: Post, sender: OutboxSender) -> None:
        assert sender.drain() == 1
        (told,) = post.bob.dm
        assert "unbound this Slack account, for Bob Brown" in told.shown

    def test_is_dropped_where_that_account_is_gone_and_alarms_nobody(
        self, post: Post, sender: OutboxSender
    ) -> None:
        post.slack.faults.fail("chat.postMessage", error="user_disabled")
        assert sender.drain() == 1
        assert post.slack.messages(AUDIT_CHANNEL) == []
        with post.database.unit_of_work() as uow:
            assert uow.outbox.undelivered() == ()
        assert sender.drain() == 0
