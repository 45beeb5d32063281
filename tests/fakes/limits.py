"""Slack's Web API as far as its rate limits go: kept to strictly, by a clock, without a network."""

import math
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web import SlackResponse

from bot.domain.ports.clock import Clock

A_MINUTE = {"chat.postMessage": 300, "chat.update": 50}
"""https://docs.slack.dev/apis/web-api/rate-limits/"""
A_MINUTE_IN_A_CHANNEL = 75
"""One a second, and a short burst."""

_MINUTE = timedelta(minutes=1)


class LimitedSlack:
    """Takes every call that is within the limits of the last minute; answers the others 429.

    `api_call` stands in for `WebClient.api_call`. `taken` are the texts that arrived, in order.
    """

    def __init__(self, clock: Clock) -> None:
        self.taken: list[str] = []
        self.refused: Counter[str] = Counter()
        self._clock = clock
        self._calls: dict[tuple[str, str], deque[datetime]] = defaultdict(deque)

    def api_call(self, api_method: str, *, json: dict[str, Any], **_: object) -> SlackResponse:
        """Take the call, or raise what the SDK raises of a 429 with its `Retry-After`."""
        limits = {(api_method, ""): A_MINUTE[api_method]}
        if json["channel"].startswith("C") and api_method == "chat.postMessage":
            limits[api_method, json["channel"]] = A_MINUTE_IN_A_CHANNEL
        waits = [self._wait(key, most) for key, most in limits.items()]
        if any(waits):
            self.refused[api_method] += 1
            refusal: dict[str, object] = {"ok": False, "error": "ratelimited"}
            judge: Callable[[], SlackResponse] = _answer(429, refusal, max(waits)).validate
            return judge()
        for key in limits:
            self._calls[key].append(self._clock.now())
        self.taken.append(json["text"])
        return _answer(200, {"ok": True, "channel": json["channel"], "ts": "1.2"}, 0)

    def _wait(self, key: tuple[str, str], most: int) -> int:
        """Return for how many seconds no other call is taken."""
        now, calls = self._clock.now(), self._calls[key]
        while calls and now - calls[0] >= _MINUTE:
            calls.popleft()
        return math.ceil((calls[0] + _MINUTE - now).total_seconds()) if len(calls) >= most else 0


def _answer(status: int, data: dict[str, object], retry_after: int) -> SlackResponse:
    return SlackResponse(
        client=None,
        http_verb="POST",
        api_url="",
        req_args={},
        data=data,
        headers={"Retry-After": str(retry_after)} if retry_after else {},
        status_code=status,
    )
