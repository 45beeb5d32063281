"""`OutboxSender` beside others, after others, and where the database fails it."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from slack_sdk import WebClient

from bot.blocks.elements import Drawn
from bot.domain.model.notices import Message, Notice, NoticeKind, Way
from bot.domain.model.pace import Pace, Paces
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.outbox import OutboxSender
from bot.outbox.delivery import Delivery
from bot.outbox.results import Delayed, Delivered, Result
from bot.outbox.slack_limits import CLAIM, PACES
from playground.slack import BOT_USER_ID, SlackStandIn
from playground.slack.model import ResponseUrl
from tests.fakes import FixedClock
from tests.unit.outbox.test_sender import (
    AUDIT_CHANNEL,
    HELP_CONTACT,
    PORTAL_URL,
    WAIT,
    Post,
    a_client,
)

AGAIN = "You may have had this message already"
SECOND = timedelta(seconds=1)
DEAD = "run_dead"


@pytest.fixture
def post() -> Iterator[Post]:
    clock = FixedClock()
    with SlackStandIn(clock=clock) as slack:
        slack.deliver_to = lambda _body, _headers: (200, {}, "")
        slack.add_channel(AUDIT_CHANNEL, name="audit", members=[BOT_USER_ID])
        yield Post(slack, clock)
        assert slack.violations == []


def a_sender(
    post: Post,
    *,
    paces: Paces = PACES,
    is_alone: bool = False,
    audit_channel: str | None = None,
) -> OutboxSender:
    return OutboxSender(
        unit_of_work=post.database.unit_of_work,
        client=a_client(post.slack),
        clock=post.clock,
        portal_url=PORTAL_URL,
        help_contact=HELP_CONTACT,
        jitter=lambda: 1.0,
        paces=paces,
        is_alone=is_alone,
        audit_channel=audit_channel,
    )


def claim_and_die(post: Post) -> Message:
    """Claim the next message as a process does that is never heard of again."""
    now = post.clock.now()
    with post.database.unit_of_work() as uow:
        message = uow.outbox.claim(now=now, until=now + CLAIM, holder=DEAD, paces={})
        uow.commit()
    assert message
    return message


class TestReplicas:
    def test_what_one_sends_the_other_leaves_alone(self, post: Post) -> None:
        gate = post.slack.faults.hold("chat.postMessage")
        post.write_to(post.world.bob.id)
        post.write_to(post.world.alice.id)
        thread = threading.Thread(target=post.sender.drain)
        thread.start()
        assert gate.arrived.wait(WAIT)
        assert a_sender(post).drain() == 1
        assert (len(post.bob.dm), len(post.alice.dm)) == (0, 1)
        gate.release()
        thread.join(WAIT)
        assert (len(post.bob.dm), len(post.alice.dm)) == (1, 1)

    def test_what_slack_says_to_one_holds_for_the_other(self, post: Post) -> None:
        post.slack.faults.rate_limit("chat.postMessage", retry_after=90)
        post.write_to(post.world.bob.id)
        post.write(Notice(kind=NoticeKind.REPLY, slack_address=AUDIT_CHANNEL, facts={"text": "Hi"}))
        assert post.sender.drain() == 0
        assert a_sender(post).drain() == 0
        assert len([c for c in post.slack.calls if c.method == "chat.postMessage"]) == 1

    def test_one_that_was_stalled_undoes_nothing(
        self, post: Post, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        message = post.write_to(post.world.bob.id)

        def stall(_delivery: Delivery, address: str, _drawn: Drawn) -> Result:
            monkeypatch.undo()
            post.clock.advance(CLAIM)
            assert a_sender(post).drain() == 1
            raise RuntimeError(address)

        monkeypatch.setattr(Delivery, "post", stall)
        assert post.sender.drain() == 0
        assert post.now_of(message).sent_at is not None
        assert (post.now_of(message).attempts, post.now_of(message).error) == (0, None)


class TestDoubt:
    def test_message_of_a_sender_that_died_is_sent_again_and_says_so(self, post: Post) -> None:
        message = post.write_to(post.world.bob.id, NoticeKind.SUBSCRIBER_RESET)
        claim_and_die(post)
        post.clock.advance(CLAIM - SECOND)
        assert post.sender.drain() == 0
        post.clock.advance(SECOND)
        assert post.sender.drain() == 1
        (told,) = post.bob.dm
        assert AGAIN in told.text
        assert AGAIN in told.shown
        assert post.now_of(message).sent_at is not None

    def test_an_ordinary_message_says_nothing_of_that(self, post: Post) -> None:
        post.write_to(post.world.bob.id, NoticeKind.SUBSCRIBER_RESET)
        post.sender.drain()
        assert AGAIN not in post.bob.dm[0].text
        assert AGAIN not in post.bob.dm[0].shown

    def test_who_is_alone_need_not_wait_for_the_dead(self, post: Post) -> None:
        post.write_to(post.world.bob.id)
        claim_and_die(post)
        assert a_sender(post).drain() == 0
        assert a_sender(post, is_alone=True).drain() == 1
        assert AGAIN in post.bob.dm[0].text

    def test_who_is_alone_releases_once_and_never_its_own(self, post: Post) -> None:
        sender = a_sender(post, is_alone=True)
        sender.drain()
        post.write_to(post.world.bob.id)
        claim_and_die(post)
        assert sender.drain() == 0

    def test_answer_that_was_lost_leaves_a_doubt(self, post: Post) -> None:
        post.slack.faults.drop("chat.postMessage", after=True)
        message = post.write_to(post.world.bob.id)
        assert post.sender.drain() == 0
        post.clock.advance(post.waits(message))
        assert post.sender.drain() == 1
        first, again = post.bob.dm
        assert (AGAIN in first.text, AGAIN in again.text) == (False, True)

    @pytest.mark.parametrize("error", ["internal_error", "token_revoked"])
    def test_answer_of_slacks_leaves_none(self, post: Post, error: str) -> None:
        post.slack.faults.fail("chat.postMessage", error=error)
        message = post.write_to(post.world.bob.id)
        post.sender.drain()
        post.clock.advance(post.waits(message))
        assert post.sender.drain() == 1
        assert AGAIN not in post.bob.dm[0].text

    def test_request_that_never_left_leaves_none(self, post: Post) -> None:
        nobody = "http://127.0.0.1:9/api/"
        client = WebClient(token="xoxb-none", base_url=nobody, timeout=5, retry_handlers=[])
        result = Delivery(client).post("U01BOB", Drawn(text="Hi"))
        assert isinstance(result, Delayed)
        assert not result.in_doubt


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
        sender = a_sender(post, paces=SLOW)
        url = post.response_url(post.alice)
        post.write_to(post.world.bob.id)
        message = post.write_to(post.world.alice.id, response_url=url)
        leave = post.slack.workspace.response_urls[url.rsplit("/", 1)[-1]]
        leave.uses = ResponseUrl.MOST_USES
        assert sender.drain() == 1
        assert post.alice.dm == []
        waiting = post.now_of(message)
        assert (waiting.notice.response_url, waiting.attempts, waiting.in_doubt) == (None, 0, False)
        assert sender.next_at() == post.clock.now() + 10 * SECOND
        post.clock.advance(10 * SECOND)
        assert sender.drain() == 1
        assert len(post.alice.dm) == 1

    def test_answers_leave_while_posts_wait(self, post: Post) -> None:
        sender = a_sender(post, paces=SLOW)
        for person in (post.world.bob, post.world.bob, post.world.bob):
            post.write_to(person.id)
        post.write_to(post.world.alice.id, response_url=post.response_url(post.alice))
        assert sender.drain() == 2
        assert (len(post.bob.dm), len(post.alice.ephemerals)) == (1, 1)

    def test_nothing_is_written_of_what_waits(self, post: Post) -> None:
        sender = a_sender(post, paces=SLOW)
        for _ in range(9):
            post.write_to(post.world.bob.id)
        sender.drain()
        commits = post.database.commits
        assert sender.drain() == 0
        assert post.database.commits == commits

    def test_where_messages_wait_for_their_pace_a_few_leave_at_a_time(self, post: Post) -> None:
        sender = a_sender(post, paces={Way.POST: Pace(every=SECOND / 2, burst=9)})
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
        return a_sender(post, audit_channel=AUDIT_CHANNEL)

    def test_what_cannot_be_told_to_the_admin_is_told_to_the_audit_channel(
        self, post: Post, sender: OutboxSender
    ) -> None:
        post.slack.faults.fail("chat.postMessage", error="user_disabled")
        post.write_to(post.world.alice.id)
        assert sender.drain() == 1
        (told,) = post.slack.messages(AUDIT_CHANNEL)
        for word in ("Alice Archer", "user_disabled", "the outcome"):
            assert word in told.shown

    def test_so_is_what_is_about_no_case(self, post: Post, sender: OutboxSender) -> None:
        post.slack.faults.fail("chat.postMessage", error="user_disabled")
        post.write(Notice(kind=NoticeKind.IDENTITY_BOUND, contact_id=post.world.bob.id))
        assert sender.drain() == 1
        (told,) = post.slack.messages(AUDIT_CHANNEL)
        assert "Bob Brown" in told.shown

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
        assert len(post.database.state.outbox) == 1
