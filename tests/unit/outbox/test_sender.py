"""`OutboxSender` over an outbox in memory and the strict stand-in for Slack."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse
from slack_sdk.webhook import WebhookClient, WebhookResponse

from bot.blocks.elements import Drawn
from bot.domain.model.cases import CaseState
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.pace import LONGEST_HOLD
from bot.outbox.backoff import next_attempt_after
from bot.outbox.delivery import FINAL, Delivery
from bot.outbox.results import Result
from playground.slack import SlackStandIn
from playground.slack.model import ResponseUrl
from tests.fakes import a_session
from tests.unit.outbox.post import AUDIT_CHANNEL, PORTAL_URL, WAIT, Post


def test_message_reaches_the_persons_dm(post: Post) -> None:
    message = post.write_to(post.world.bob.id, NoticeKind.SUBSCRIBER_RESET)
    assert post.sender.drain() == 1
    (told,) = post.bob.dm
    assert told.action_ids == ["open_set_up", "reset_report"]
    assert post.now_of(message).sent_at == post.clock.now()
    assert post.sender.drain() == 0


def test_cases_of_a_drain_are_told_once_when_its_messages_have_left(post: Post) -> None:
    other = post.add_case(CaseState.VETOED)
    post.write_to(post.world.bob.id, NoticeKind.SUBSCRIBER_RESET)
    post.write_to(post.world.alice.id)
    post.write(
        Notice(kind=NoticeKind.VETO_REPORTED, contact_id=post.world.alice.id, case_id=other.id)
    )
    post.write(Notice(kind=NoticeKind.REPLY, slack_address=AUDIT_CHANNEL, facts={"text": "Hi"}))
    assert post.sender.drain() == 4
    assert post.changed == [{post.case.id, other.id}]
    assert post.sender.drain() == 0
    assert len(post.changed) == 1


def test_message_reaches_a_channel(post: Post) -> None:
    post.write(
        Notice(kind=NoticeKind.OWNER_RESET, slack_address=AUDIT_CHANNEL, case_id=post.case.id)
    )
    assert post.sender.drain() == 1
    assert "Bob Brown" in post.slack.messages(AUDIT_CHANNEL)[0].text


def test_waiting_sign_in_is_told_with_its_button(post: Post) -> None:
    session = a_session(post.world.bob.id)
    with post.database.unit_of_work() as uow:
        uow.sessions.add(session, token_hash="hash")
        uow.commit()
    post.write(
        Notice(kind=NoticeKind.SET_UP_WAITING, contact_id=post.world.bob.id, session_id=session.id)
    )
    assert post.sender.drain() == 1
    assert post.bob.dm[0].action_ids == ["show_set_up_code"]


def test_what_is_no_longer_true_is_dropped(post: Post) -> None:
    message = post.write_to(post.world.alice.id, NoticeKind.CONFIRM_ASKED)
    assert post.sender.drain() == 0
    assert post.alice.dm == []
    assert post.now_of(message).sent_at is not None


def test_nothing_is_held_open_while_slack_is_spoken_to(post: Post) -> None:
    gate = post.slack.faults.hold("chat.postMessage")
    post.write_to(post.world.bob.id)
    thread = threading.Thread(target=post.sender.drain)
    thread.start()
    assert gate.arrived.wait(WAIT)
    with post.database.unit_of_work() as uow:
        uow.commit()
    gate.release()
    thread.join(WAIT)
    assert len(post.bob.dm) == 1


class TestResponseUrl:
    def test_is_taken_first_and_seen_by_that_person_alone(self, post: Post) -> None:
        url = post.response_url(post.alice)
        post.write_to(post.world.alice.id, response_url=url)
        assert post.sender.drain() == 1
        assert len(post.alice.ephemerals) == 1
        assert post.alice.dm == []

    def test_reply_goes_to_whoever_clicked(self, post: Post) -> None:
        notice = Notice(
            kind=NoticeKind.REPLY,
            slack_address=post.bob.id,
            facts={"text": "Somebody else asked for this."},
            response_url=post.response_url(post.bob),
        )
        post.write(notice)
        assert post.sender.drain() == 1
        assert "Somebody else" in post.bob.ephemerals[0].shown

    def test_used_up_is_replaced_by_the_dm_at_once(self, post: Post) -> None:
        url = post.response_url(post.alice)
        for _ in range(ResponseUrl.MOST_USES):
            post.write_to(post.world.alice.id, response_url=url)
        post.sender.drain()
        message = post.write_to(post.world.alice.id, response_url=url)
        assert post.sender.drain() == 1
        assert len(post.alice.dm) == 1
        assert post.now_of(message).encrypted_response_url is None

    def test_spent_one_is_forgotten_also_where_the_dm_has_to_wait(self, post: Post) -> None:
        post.slack.faults.fail("response_url", error="used_url")
        post.slack.faults.server_error("chat.postMessage")
        message = post.write_to(post.world.alice.id, response_url=post.response_url(post.alice))
        assert post.sender.drain() == 0
        assert post.now_of(message).encrypted_response_url is None
        assert post.drain_once_due(message) == 1
        assert len(post.alice.dm) == 1

    def test_too_old_is_not_even_tried(self, post: Post) -> None:
        post.write_to(post.world.alice.id, response_url=post.response_url(post.alice))
        post.clock.advance(timedelta(minutes=30))
        assert post.sender.drain() == 1
        assert [call.method for call in post.slack.calls] == ["chat.postMessage"]

    @pytest.mark.parametrize(
        "url", ["file:///etc/passwd", "gopher://x", "not an address", "http://"]
    )
    def test_what_is_no_address_is_replaced_by_the_dm(self, post: Post, url: str) -> None:
        message = post.write_to(post.world.alice.id, response_url=url)
        post.sender.drain()
        if post.now_of(message).sent_at is None:
            post.clock.advance(timedelta(minutes=30))
            post.sender.drain()
        assert len(post.alice.dm) == 1

    @pytest.mark.parametrize(
        ("fault", "waits"),
        [
            (lambda slack: slack.faults.server_error("response_url"), 20),
            (lambda slack: slack.faults.garbage("response_url"), 20),
            (lambda slack: slack.faults.rate_limit("response_url", retry_after=7), 7),
        ],
        ids=["5xx", "garbage", "rate limit"],
    )
    def test_is_tried_again_after_an_outage(
        self, post: Post, fault: Callable[[SlackStandIn], None], waits: int
    ) -> None:
        fault(post.slack)
        message = post.write_to(post.world.alice.id, response_url=post.response_url(post.alice))
        assert post.sender.drain() == 0
        assert post.waits(message) == timedelta(seconds=waits)
        assert post.drain_once_due(message) == 1
        assert len(post.alice.ephemerals) == 1

    @pytest.mark.parametrize(
        ("status", "body", "leaves", "goes_to_the_dm"),
        [
            (200, "", True, False),
            (200, "ok", True, False),
            (200, '{"ok": true}', True, False),
            (200, "[]", False, False),
            (200, "<html>", False, False),
            (200, '{"ok": false, "error": "used_url"}', True, True),
            (200, '{"ok": false, "error": "expired_url"}', True, True),
            (404, "expired_url", True, True),
            (404, "<html>", True, True),
            (410, "", True, True),
            (403, "no_service", True, True),
        ],
    )
    def test_answers_are_told_apart_by_word_and_status(
        self,
        post: Post,
        monkeypatch: pytest.MonkeyPatch,
        status: int,
        body: str,
        *,
        leaves: bool,
        goes_to_the_dm: bool,
    ) -> None:
        answer = WebhookResponse(url="", status_code=status, body=body, headers={})
        monkeypatch.setattr(WebhookClient, "send", lambda *_, **__: answer)
        post.write_to(post.world.alice.id, response_url="https://slack.example/1")
        assert post.sender.drain() == leaves
        assert len(post.alice.dm) == goes_to_the_dm

    def test_replacement_that_cannot_be_made_is_let_go(self, post: Post) -> None:
        message = post.write(
            Notice(
                kind=NoticeKind.OUTCOME,
                case_id=post.case.id,
                response_url=f"{post.slack.api_url}nothing",
                replace_original=True,
            )
        )
        post.clock.advance(timedelta(minutes=30))
        post.sender.drain()
        assert post.now_of(message).sent_at is not None
        assert post.now_of(message).failed_at is None

    def test_replacement_takes_the_place_of_the_block(self, post: Post) -> None:
        post.case = post.add_case(CaseState.AWAITING_CONFIRMATION)
        url = post.response_url(post.alice)
        post.write_to(post.world.alice.id, NoticeKind.CONFIRM_ASKED, response_url=url)
        post.sender.drain()
        (block,) = post.alice.ephemerals
        click = post.alice.click(block, "reset_no")
        with post.database.unit_of_work() as uow:
            uow.cases.move(
                post.case.id,
                states={CaseState.AWAITING_CONFIRMATION},
                to=CaseState.DECLINED,
                now=post.clock.now(),
            )
            uow.commit()
        post.write(
            Notice(
                kind=NoticeKind.OUTCOME,
                case_id=post.case.id,
                response_url=click.response_url,
                replace_original=True,
            )
        )
        post.sender.drain()
        (block,) = post.alice.ephemerals
        assert block.action_ids == []
        assert "not reset" in block.shown


ERRORS = ["internal_error", "token_revoked", "account_inactive", "something_newer"]
TEMPORARY: dict[str, Callable[[SlackStandIn], None]] = {
    "5xx": lambda slack: slack.faults.server_error("chat.postMessage"),
    "garbage": lambda slack: slack.faults.garbage("chat.postMessage"),
    "drop": lambda slack: slack.faults.drop("chat.postMessage"),
    **{
        error: lambda slack, error=error: slack.faults.fail("chat.postMessage", error=error)  # type: ignore[misc]  # bound now
        for error in ERRORS
    },
}


class TestOutage:
    @pytest.mark.parametrize("fail", TEMPORARY.values(), ids=TEMPORARY)
    def test_message_waits_and_is_sent_later(
        self, post: Post, fail: Callable[[SlackStandIn], None]
    ) -> None:
        fail(post.slack)
        message = post.write_to(post.world.bob.id)
        assert post.sender.drain() == 0
        assert timedelta(0) < post.waits(message) <= timedelta(minutes=1)
        assert post.drain_once_due(message) == 1
        assert len(post.bob.dm) == 1

    def test_one_message_does_not_hold_up_the_others(self, post: Post) -> None:
        post.slack.faults.server_error("chat.postMessage")
        post.write_to(post.world.bob.id)
        post.write_to(post.world.alice.id)
        assert post.sender.drain() == 1
        assert len(post.alice.dm) == 1

    def test_rate_limit_holds_back_every_message_of_that_method(self, post: Post) -> None:
        post.slack.faults.rate_limit("chat.postMessage", retry_after=90)
        messages = [post.write_to(person) for person in (post.world.bob.id, post.world.alice.id)]
        assert post.sender.drain() == 0
        assert post.waits(messages[0]) == timedelta(seconds=90)
        assert post.now_of(messages[1]) == messages[1]  # nothing is written of those that wait
        assert post.posts() == 1
        post.clock.advance(timedelta(seconds=89))
        assert post.sender.drain() == 0
        post.clock.advance(timedelta(seconds=1))
        assert post.sender.drain() == 1  # the burst is spent: one by one
        post.clock.advance(timedelta(seconds=1))
        assert post.sender.drain() == 1

    @pytest.mark.parametrize("header", [{}, {"Retry-After": "soon"}, {"Retry-After": "-1"}])
    def test_rate_limit_without_a_number_is_an_outage_like_others(
        self, post: Post, monkeypatch: pytest.MonkeyPatch, header: dict[str, str]
    ) -> None:
        limited = SlackResponse(
            client=post.sender,
            http_verb="POST",
            api_url="",
            req_args={},
            data={"ok": False, "error": "ratelimited"},
            headers=header,
            status_code=429,
        )

        def refuse(*_: object, **__: object) -> None:
            raise SlackApiError("limited", limited)  # type: ignore[no-untyped-call]  # the SDK's own

        monkeypatch.setattr(WebClient, "chat_postMessage", refuse)
        message = post.write_to(post.world.bob.id)
        post.sender.drain()
        assert post.waits(message) == timedelta(seconds=20)
        monkeypatch.undo()
        post.write_to(post.world.alice.id)
        assert post.sender.drain() == 1

    def test_rate_limit_of_one_method_leaves_the_other_alone(self, post: Post) -> None:
        post.slack.faults.rate_limit("chat.postMessage", retry_after=90)
        post.write_to(post.world.bob.id)
        post.sender.drain()
        post.write_to(post.world.alice.id, response_url=post.response_url(post.alice))
        assert post.sender.drain() == 1


class TestNever:
    @pytest.mark.parametrize("error", sorted(FINAL))
    def test_final_word_is_recorded_and_told_to_the_admin_once(
        self, post: Post, error: str
    ) -> None:
        post.slack.faults.fail("chat.postMessage", error=error)
        message = post.write_to(post.world.bob.id, NoticeKind.SUBSCRIBER_RESET)
        assert post.sender.drain() == 1
        assert (post.now_of(message).error, post.bob.dm) == (error, [])
        assert post.now_of(message).failed_at is not None
        (told,) = post.alice.dm
        assert error in told.shown
        assert "Bob Brown" in told.shown
        assert post.sender.drain() == 0

    def test_whoever_is_outside_the_account_is_not_named(self, post: Post) -> None:
        """Dana owns another account of Bob's, of which Acme's administrators know nothing."""
        post.slack.faults.fail("chat.postMessage", error="user_disabled")
        post.write_to(post.world.dana.id, NoticeKind.OWNER_RESET)
        assert post.sender.drain() == 1
        (told,) = post.alice.dm
        assert "somebody outside the account" in told.shown
        for word in (post.world.dana.id, post.world.dana.name, post.world.dana.email):
            assert word not in told.shown

    def test_person_without_a_slack_identity_is_told_of_as_well(self, post: Post) -> None:
        post.database.bind(post.world.bob.id, None)
        message = post.write_to(post.world.bob.id, NoticeKind.SUBSCRIBER_RESET)
        assert post.sender.drain() == 1
        assert post.now_of(message).error == "no_slack_identity"
        assert "no_slack_identity" in post.alice.dm[0].shown

    def test_admin_who_cannot_be_reached_is_told_nothing_about_that(self, post: Post) -> None:
        post.slack.faults.fail("chat.postMessage", error="user_disabled", times=None)
        post.write_to(post.world.alice.id)
        post.write_to(post.world.bob.id)
        post.sender.drain()
        kinds = [m.kind for m in post.database.rows("outbox")]
        assert kinds == [NoticeKind.OUTCOME, NoticeKind.OUTCOME, NoticeKind.UNDELIVERABLE]
        assert all(m.failed_at is not None for m in post.database.rows("outbox"))

    def test_message_about_no_case_is_only_recorded(self, post: Post) -> None:
        message = post.write(
            Notice(kind=NoticeKind.REPLY, slack_address="U0NOBODY", facts={"text": "No."})
        )
        post.slack.faults.fail("chat.postMessage", error="user_not_found")
        assert post.sender.drain() == 0
        assert post.now_of(message).failed_at is not None
        assert len(post.database.rows("outbox")) == 1


class TestBugs:
    def test_blocks_that_slack_refuses_are_left_out(self, post: Post) -> None:
        post.slack.faults.fail("chat.postMessage", error="invalid_blocks")
        post.write_to(post.world.bob.id, NoticeKind.SUBSCRIBER_RESET)
        assert post.sender.drain() == 1
        (told,) = post.bob.dm
        assert told.blocks == []
        assert PORTAL_URL in told.text

    def test_notice_that_cannot_be_drawn_holds_up_no_other(self, post: Post) -> None:
        broken = post.write(Notice(kind=NoticeKind.OUTCOME, contact_id=post.world.bob.id))
        post.write_to(post.world.alice.id)
        assert post.sender.drain() == 1
        assert post.now_of(broken).error == "cannot_be_drawn"
        assert post.waits(broken) > timedelta(0)

    def test_message_that_breaks_on_its_way_holds_up_no_other(
        self, post: Post, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        deliver = Delivery.post

        def break_for_bob(delivery: Delivery, address: str, drawn: Drawn) -> Result:
            if address == post.world.bob.slack.user:
                raise RuntimeError("broken")
            return deliver(delivery, address, drawn)

        monkeypatch.setattr(Delivery, "post", break_for_bob)
        broken = post.write_to(post.world.bob.id)
        post.write_to(post.world.alice.id)
        assert post.sender.drain() == 1
        assert post.now_of(broken).error == "cannot_be_sent"
        assert post.waits(broken) > timedelta(0)

    def test_log_names_message_and_error_but_no_text_and_no_url(
        self, post: Post, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, logger="bot")
        url = post.response_url(post.alice)
        post.slack.faults.server_error("response_url")
        first = post.write_to(post.world.alice.id, response_url=url)
        post.slack.faults.fail("chat.postMessage", error="user_disabled")
        second = post.write_to(post.world.bob.id)
        post.sender.drain()
        ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("bot"))
        for word in (first.id, second.id, "http_500", "user_disabled"):
            assert word in ours
        for secret in (url, "Bob Brown", "Lost the phone", post.slack.bot_token):
            assert secret not in caplog.text


class TestBackoff:
    @pytest.mark.parametrize(
        ("attempts", "retry_after", "jitter", "seconds"),
        [
            (0, None, 1.0, 20),
            (1, None, 1.0, 40),
            (2, None, 1.0, 80),
            (50, None, 1.0, 3600),
            (0, None, 0.0, 10),
            (9, timedelta(0), 0.0, 1),
        ],
        ids=["first", "second", "third", "an hour at most", "half less by jitter", "never spins"],
    )
    def test_grows_from_under_a_minute_to_an_hour(
        self, attempts: int, retry_after: timedelta | None, jitter: float, seconds: int
    ) -> None:
        pause = next_attempt_after(attempts, retry_after=retry_after, jitter=lambda: jitter)
        assert pause == timedelta(seconds=seconds)

    def test_retry_after_of_days_is_an_hour_for_the_message_and_for_its_way(
        self, post: Post
    ) -> None:
        days = int(timedelta(days=3).total_seconds())
        post.slack.faults.rate_limit("chat.postMessage", retry_after=days)
        first = post.write_to(post.world.bob.id)
        post.write_to(post.world.alice.id)
        post.sender.drain()
        assert post.waits(first) == LONGEST_HOLD
        assert post.sender.next_at() == post.clock.now() + LONGEST_HOLD
        post.clock.advance(LONGEST_HOLD)
        assert post.sender.drain() == 1
