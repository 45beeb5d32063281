"""The state of the stand-in, behind one lock, and the condition on which tests wait."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from playground.slack.model import (
    BOT_USER_ID,
    SLACKBOT,
    Call,
    Channel,
    Json,
    Member,
    Message,
    ResponseUrl,
    Trigger,
    View,
)


class Clock(Protocol):
    """Where triggers and response_urls take their age from."""

    def now(self) -> datetime: ...


class Workspace:
    """Members, channels, messages, views, triggers and response_urls of one Slack workspace.

    Hold `lock` to read or change several things as one; call `changed` after each change.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        team_id: str,
        enterprise_id: str | None,
        scopes: frozenset[str],
    ) -> None:
        self.clock = clock
        self.team_id = team_id
        self.enterprise_id = enterprise_id
        self.scopes = scopes
        self.lock = threading.RLock()
        self._something_changed = threading.Condition(self.lock)
        self.members: dict[str, Member] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: list[Message] = []
        self.modals: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.views: dict[str, View] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.changes = 0
        self._serial = 0
        ours: Json = {"team_id": team_id, "enterprise_id": enterprise_id}
        self.add_member(Member(id=SLACKBOT, name="Slackbot", **ours))
        self.add_member(Member(id=BOT_USER_ID, name="Rekey", is_bot=True, is_app_user=True, **ours))

    def changed(self) -> None:
        """Count the change, and wake whoever waits in `wait_for`."""
        with self.lock:
            self.changes += 1
            self._something_changed.notify_all()

    def wait_for(self, predicate: Callable[[], bool], *, timeout: float) -> None:
        """Return as soon as `predicate` holds; raise TimeoutError after `timeout` seconds."""
        with self.lock:
            if not self._something_changed.wait_for(predicate, timeout):
                raise TimeoutError("what the test waited for did not happen")

    def violate(self, what: str) -> None:
        """Note that the bot broke a rule of Slack's."""
        with self.lock:
            self.violations.append(what)
            self.changed()

    def record(self, call: Call) -> None:
        """Append to the transcript."""
        with self.lock:
            self.calls.append(call)
            self.changed()

    def new_id(self, prefix: str) -> str:
        """Return an id that nothing else has and nobody can guess."""
        return prefix + secrets.token_hex(5).upper()

    def new_ts(self) -> str:
        """Return a message's timestamp, unique and later in order than every one before."""
        with self.lock:
            self._serial += 1
            return f"{int(self.clock.now().timestamp())}.{self._serial:06d}"

    def add_member(self, member: Member) -> None:
        """Add `member`, or put them in the place of the one with that id."""
        with self.lock:
            self.members[member.id] = member
            self.changed()

    def is_external(self, member: Member) -> bool:
        """Whether `member` belongs to another workspace or another enterprise."""
        return member.team_id != self.team_id or member.enterprise_id != self.enterprise_id

    def im_with(self, user_id: str) -> Channel:
        """Return the direct message channel between the bot and `user_id`, opened if need be."""
        with self.lock:
            for channel in self.channels.values():
                if channel.is_im and channel.user == user_id:
                    return channel
            im = Channel(
                id=self.new_id("D"),
                name="directmessage",
                members={user_id, BOT_USER_ID},
                is_im=True,
                user=user_id,
            )
            self.channels[im.id] = im
            return im

    def add_message(self, message: Message) -> Message:
        """Post `message`. An ephemeral one is lost if its reader is not active."""
        with self.lock:
            reader = self.members.get(message.ephemeral_to or "")
            message.gone = reader is not None and not reader.active
            self.messages.append(message)
            self.changed()
            return message

    def find_message(self, channel: str, ts: str) -> Message | None:
        """Return the message that can be fetched there, so never an ephemeral one."""
        with self.lock:
            for message in self.messages:
                if (message.channel, message.ts) == (channel, ts) and not message.gone:
                    return message if message.ephemeral_to is None else None
            return None

    def issue_trigger(
        self, user_id: str, *, view_id: str | None = None, age: timedelta = timedelta(0)
    ) -> str:
        """Return a fresh trigger id, or one that is already `age` old."""
        trigger = Trigger(
            id=f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**13)}.{secrets.token_hex(16)}",
            user_id=user_id,
            issued_at=self.clock.now() - age,
            view_id=view_id,
        )
        with self.lock:
            self.triggers[trigger.id] = trigger
        return trigger.id

    def issue_response_url(self, user_id: str, *, channel: str, source: Message | None) -> str:
        """Return the id of a new response_url; `source` is the message that was clicked."""
        leave = ResponseUrl(
            id=secrets.token_urlsafe(18),
            user_id=user_id,
            channel=channel,
            issued_at=self.clock.now(),
            source=source,
        )
        with self.lock:
            self.response_urls[leave.id] = leave
        return leave.id

    def stamp(self, blocks: list[Json]) -> list[Json]:
        """Return a copy in which each block and interactive element has its id, as Slack does."""
        return [_with_ids(block) for block in blocks]


def _with_ids(block: Json) -> Json:
    stamped = {"block_id": secrets.token_urlsafe(4), **block}
    for key in ("accessory", "element"):
        if key in stamped:
            stamped[key] = _with_action_id(stamped[key])
    if block["type"] == "actions":
        stamped["elements"] = [_with_action_id(element) for element in block["elements"]]
    return stamped


def _with_action_id(element: Json) -> Json:
    if element["type"] == "image":
        return element
    return {"action_id": secrets.token_urlsafe(4), **element}
