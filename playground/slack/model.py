"""What the stand-in remembers: members, channels, messages, views, calls, deliveries."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]

SLACKBOT = "USLACKBOT"
APP_ID = "A0REKEY01"
BOT_ID = "B0REKEY01"
BOT_USER_ID = "U0REKEYBOT"


class CannotDo(LookupError):
    """A person tried what Slack's client does not offer, such as a button that is not there."""


@dataclass(kw_only=True)
class Member:
    """One Slack user, with the flags that `users.info` shows.

    `handle` is what follows the `@`. Who is not `active` misses ephemeral messages. `dm_error` is
    Slack's answer to a direct message, where the flags do not already say it.
    """

    id: str
    name: str
    team_id: str
    email: str | None = None
    enterprise_id: str | None = None
    deleted: bool = False
    is_bot: bool = False
    is_app_user: bool = False
    is_invited_user: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_admin: bool = False
    is_owner: bool = False
    messages_tab_disabled: bool = False
    active: bool = True
    dm_error: str | None = None
    handle: str = ""

    def __post_init__(self) -> None:
        """Call whoever was given no handle by their first name, in lower case."""
        self.handle = self.handle or self.name.split()[0].lower()

    def dm_refusal(self) -> str | None:
        """Return Slack's error for a direct message to this member; None if one may be sent."""
        if self.dm_error is not None:
            return self.dm_error
        if self.is_bot or self.id == SLACKBOT:
            return "cannot_dm_bot"
        if self.deleted:
            return "user_disabled"
        if self.is_stranger:
            return "user_not_visible"
        if self.messages_tab_disabled:
            return "messages_tab_disabled"
        return None


@dataclass(kw_only=True)
class Channel:
    """A channel, or a direct message channel (`is_im`) between the bot and `user`."""

    id: str
    name: str
    members: set[str] = field(default_factory=set)
    is_private: bool = False
    is_archived: bool = False
    is_im: bool = False
    user: str | None = None


@dataclass(kw_only=True, eq=False)
class Message:
    """One message of the bot. It changes in place when the bot updates it, as on a screen."""

    ts: str
    channel: str
    text: str
    blocks: list[Json]
    ephemeral_to: str | None = None
    author: str = BOT_USER_ID
    gone: bool = False
    edited: int = 0

    @property
    def shown(self) -> str:
        """Everything a person reads in it, one text a line; `text` is only the fallback."""
        return "\n".join(texts_in(self.blocks)) if self.blocks else self.text

    @property
    def action_ids(self) -> list[str]:
        """The elements that can be used, in order."""
        return [element["action_id"] for _, element in elements_in(self.blocks)]

    def as_seen(self) -> Message:
        """Return a copy as it looks now, for a person whose screen is behind."""
        return copy.deepcopy(self)


@dataclass(kw_only=True, eq=False)
class View:
    """A modal or a Home tab of one person. It changes in place when the bot updates it.

    `offered` are the options that the bot last gave to a menu of external data, by its block_id.
    """

    id: str
    user_id: str
    spec: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    values: dict[str, dict[str, Json]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    offered: dict[str, list[Json]] = field(default_factory=dict)
    closed: bool = False

    @property
    def title(self) -> str:
        """The text of the title bar."""
        return str(self.spec.get("title", {}).get("text", ""))

    @property
    def callback_id(self) -> str:
        """The bot's name for this view, or an empty string."""
        return str(self.spec.get("callback_id", ""))

    @property
    def blocks(self) -> list[Json]:
        """The blocks, each with its block_id, each element with its action_id."""
        blocks: list[Json] = self.spec["blocks"]
        return blocks

    @property
    def shown(self) -> str:
        """Everything a person reads in it, one text a line."""
        return "\n".join([self.title, *texts_in(self.blocks)])

    @property
    def action_ids(self) -> list[str]:
        """The elements that can be used, in order."""
        return [element["action_id"] for _, element in elements_in(self.blocks)]

    def as_seen(self) -> View:
        """Return a copy as it looks now, for a person whose screen is behind."""
        return copy.deepcopy(self)


@dataclass(kw_only=True)
class Trigger:
    """Leave to open one modal, for three seconds."""

    id: str
    user_id: str
    issued_at: datetime
    view_id: str | None = None
    exchanged: bool = False

    LIFETIME = timedelta(seconds=3)


@dataclass(kw_only=True)
class ResponseUrl:
    """Leave to answer one command or click, five times within thirty minutes."""

    id: str
    user_id: str
    channel: str
    issued_at: datetime
    source: Message | None
    uses: int = 0

    LIFETIME = timedelta(minutes=30)
    MOST_USES = 5


@dataclass(frozen=True, kw_only=True)
class Call:
    """One Web API call or use of a response_url, as the bot sent it; never the token itself."""

    method: str
    token: str
    arguments: Json = field(repr=False)
    error: str | None = None


@dataclass(kw_only=True)
class Delivery:
    """What a person did, and what came of it on their screen.

    `sent` is false when Slack's own client refused; `errors` is what it or the bot wrote under the
    fields. `error` is Slack's word for what the person is shown instead of an outcome.
    """

    kind: str
    sent: bool = True
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    body: str = field(default="", repr=False)
    error: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    message: Message | None = field(default=None, repr=False)
    url: str | None = None
    trigger_id: str | None = None
    response_url: str | None = field(default=None, repr=False)
    payload: Json = field(default_factory=dict, repr=False)
    request_body: bytes = field(default=b"", repr=False)
    request_headers: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def ok(self) -> bool:
        """Whether it reached the bot and the person saw no error."""
        return self.sent and self.error is None and not self.errors


def elements_in(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield each interactive element with the block that holds it."""
    for block in blocks:
        held = [block.get("accessory"), block.get("element"), *block.get("elements", [])]
        for element in held:
            if isinstance(element, dict) and "action_id" in element:
                yield block, element


def texts_in(part: object) -> Iterator[str]:
    """Yield each text that a person reads in `part`, in order; never values, ids or URLs."""
    if isinstance(part, list):
        for item in part:
            yield from texts_in(item)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key in {"text", "alt_text"} and isinstance(value, str):
                yield value
            elif key in _WITHOUT_TEXT:
                continue
            else:
                yield from texts_in(value)


_WITHOUT_TEXT = frozenset({"confirm", "placeholder", "filter"})
