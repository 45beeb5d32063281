"""Messages on their way: a Slack of changing moods, senders that die, and what arrives."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum, auto
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st
from hypothesis.stateful import rule
from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.domain.model.ids import MessageId
from bot.outbox import OutboxSender
from bot.outbox.results import Delivered
from bot.outbox.slack_limits import CLAIM
from tests.machine.firm import Firm
from tests.machine.troubled import Blow, TroubledMachine, blows
from tests.machine.troubles import DEATHS, LOSSES, Trouble

AGAIN = "You may have had this message already"
_NEVER = 300
"""So often a sender is woken before we say that a message never leaves."""


class Mood(StrEnum):
    WELL = auto()
    LIMITED = auto()
    BROKEN = auto()
    GARBAGE = auto()
    SILENT = auto()
    TAKES_AND_IS_SILENT = auto()


_ANSWERS: dict[Mood, tuple[int, Any]] = {
    Mood.WELL: (200, {"ok": True, "channel": "D01", "ts": "1.2"}),
    Mood.LIMITED: (429, {"ok": False, "error": "ratelimited"}),
    Mood.BROKEN: (500, {"ok": False, "error": "internal_error"}),
    Mood.GARBAGE: (200, {}),
}


class Posts:
    """Slack, as far as it takes messages: which it took, how often, and whose answer was lost."""

    def __init__(self) -> None:
        self.taken: Counter[MessageId] = Counter()
        self.lost: Counter[MessageId] = Counter()
        self.silent_copies: list[MessageId] = []
        self.moods: list[Mood] = []
        self.at_hand = MessageId("")

    def api_call(self, api_method: str, *, json: dict[str, Any], **_: object) -> SlackResponse:
        """Stand in for `WebClient.api_call`."""
        mood = self.moods.pop() if self.moods else Mood.WELL
        if mood in {Mood.WELL, Mood.TAKES_AND_IS_SILENT}:
            if self.taken[self.at_hand] and AGAIN not in json["text"]:
                self.silent_copies.append(self.at_hand)
            self.taken[self.at_hand] += 1
        if mood is Mood.TAKES_AND_IS_SILENT:
            self.lost[self.at_hand] += 1
        if mood in {Mood.SILENT, Mood.TAKES_AND_IS_SILENT}:
            raise TimeoutError
        status, data = _ANSWERS[mood]
        response: Any = SlackResponse(
            client=None,
            http_verb="POST",
            api_url="",
            req_args={},
            data=data,
            headers={"Retry-After": "7"} if mood is Mood.LIMITED else {},
            status_code=status,
        )
        judged: SlackResponse = response.validate()
        return judged


class _Sender(OutboxSender):
    """Says which message it has at hand."""

    posts: Posts

    def _handle(self, claimed: Any) -> Delivered | None:
        self.posts.at_hand = claimed.message.id
        return super()._handle(claimed)


class PostingMachine(TroubledMachine):
    """Random acts and troubles as before, and the messages of all of them leave."""

    def __init__(self) -> None:
        super().__init__()
        self.posts = Posts()

    @rule(moods=st.lists(st.sampled_from(Mood), max_size=8), blow=blows)
    def post(self, moods: Sequence[Mood], blow: Blow) -> None:
        """Send what is due in bad times; later another process sends whatever did not leave."""
        self.watch.remember()
        self.posts.moods = list(moods)
        self._send_in_trouble(blow)
        self.posts.moods = []
        sender = self._sender(self.firm.another())
        for _ in range(_NEVER):
            next_at = sender.next_at()
            if next_at is None:
                break
            self.firm.clock.at = max(self.now, next_at)
            self._drain(sender)
        else:
            self._hold(sender.next_at() is None, "rule 8: a message never left")
        self._expect_once()

    def _send_in_trouble(self, blow: Blow) -> None:
        sender, troubles = self._sender(self.firm), self.firm.troubles
        troubles.on_stall = self._others_post if blow.stall < CLAIM else lambda: None
        troubles.arm(blow.trouble, nth=blow.nth)
        try:
            with troubles.at_work():
                self._drain(sender)
        except LOSSES:
            if not troubles.struck:
                raise
        struck = troubles.disarm()
        if struck is not None:
            self.seen[f"post in {struck}"] += 1
        if struck not in {None, Trouble.STALL_AFTER_COMMIT}:
            self.posts.lost[self.posts.at_hand] += 1
        if struck in DEATHS:
            self.firm.start()

    def _others_post(self) -> None:
        """While this process stands still, with a message at hand, another one sends."""
        self.firm.clock.advance(CLAIM / 4)
        self._drain(self._sender(self.firm.another()))

    def _drain(self, sender: OutboxSender) -> None:
        with patch.object(WebClient, "api_call", self.posts.api_call):
            sender.drain()

    def _sender(self, firm: Firm) -> OutboxSender:
        sender = _Sender(
            unit_of_work=firm.troubles.around(firm.store),
            client=WebClient(token="xoxb-none"),
            clock=firm.clock,
            portal_url="http://127.0.0.1/portal/sign-in",
            help_contact=None,
        )
        sender.posts = self.posts
        return sender

    def _expect_once(self) -> None:
        """Rule 8: one copy, and another for each time that nobody could know, which says so."""
        posts = self.posts
        for message, times in posts.taken.items():
            self._hold(times <= 1 + posts.lost[message], f"rule 8: {times} copies of a message")
        self._hold(not posts.silent_copies, "rule 8: a second copy does not say so")
