"""How messages wait to leave, shared by every process that sends them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from bot.domain.model.ids import CaseId, ContactId, MessageId
from bot.domain.model.notices import Backlog, Channel, Message, Notice, Way
from bot.domain.model.pace import Paces


class OutboxRepository(Protocol):
    @property
    def channels(self) -> frozenset[Channel]:
        """By which ways messages leave this installation."""
        ...

    def add(self, notice: Notice, *, now: datetime) -> MessageId | None:
        """Write a message that is due at once; `None` where its `once` key is taken."""
        ...

    def due(self, now: datetime, *, limit: int) -> tuple[Message, ...]:
        """Unsent, not given up, and due; the longest due first, then in the order of writing."""
        ...

    def claim(self, *, now: datetime, until: datetime, holder: str, paces: Paces) -> Message | None:
        """Take the next message that is due, that nobody else has, and whose way is open.

        Nobody else gets it before `until`, and its way is booked. Among those that may leave the
        longest due goes first; e-mails come last, since a mail server may take its time. One whose
        last holder never said what came of it is from now on `in_doubt`. A `response_url` that no
        key decrypts any longer is left out: that message goes by DM.

        To be committed if it returns a message and rolled back if not: `None` also where somebody
        else was quicker, and then `opens_at` is not later than `now`.
        """
        ...

    def opens_at(self, *, now: datetime, paces: Paces) -> datetime | None:
        """Return when the next message can leave by a way that is open then; `None` if none is."""
        ...

    def book(self, way: Way, *, now: datetime, paces: Paces) -> bool:
        """Take up room for one message by that way; false where there is none now."""
        ...

    def hold(self, way: Way, *, until: datetime, now: datetime, paces: Paces) -> None:
        """Let nothing leave by that way before then, by any process; and then one by one."""
        ...

    def release(self, message_id: MessageId, *, now: datetime, holder: str) -> None:
        """Give a message back that was claimed and not tried: it is due again."""
        ...

    def release_all(self, *, now: datetime) -> None:
        """Make due what an earlier run had claimed; for who knows that no process has any of it."""
        ...

    def mark_sent(self, message_id: MessageId, *, now: datetime) -> bool:
        """Record the delivery, once, by whoever made it, and forget the `response_url`."""
        ...

    def reschedule(
        self,
        message_id: MessageId,
        *,
        next_attempt_at: datetime,
        error: str,
        holder: str | None,
        in_doubt: bool = False,
    ) -> bool:
        """Count a failed attempt of an unsent message, and when to try again.

        `in_doubt`, for good, where it may have arrived all the same.
        Returns whether it counts: not where somebody other than `holder` has the message by now.
        """
        ...

    def forget_response_url(self, message_id: MessageId) -> None:
        """From now on the message goes by DM."""
        ...

    def mark_failed(
        self, message_id: MessageId, *, now: datetime, error: str, holder: str | None
    ) -> bool:
        """Give up, once, and forget the `response_url`; counts as `reschedule` does."""
        ...

    def undelivered(self) -> tuple[Message, ...]:
        """Messages that were given up, or that have failed at least once and wait."""
        ...

    def undelivered_of(self, case_ids: Collection[CaseId]) -> tuple[Message, ...]:
        """Those of them that are about one of the cases."""
        ...

    def count_undelivered(self) -> int:
        """How many they are."""
        ...

    def backlog(self) -> Backlog:
        """Return how many wait to leave, and since when."""
        ...

    def prune(self, *, sent_before: datetime, limit: int) -> int:
        """Delete messages that were sent before then, `limit` at most; return how many.

        Only the `limit` sent messages that were written first are looked at. What waits, or was
        given up, stays whatever its age: it is shown until somebody has seen to it.
        """
        ...

    def forget(self, contact_id: ContactId) -> None:
        """Erase the facts of every message to or about the contact.

        And of every answer that has left or was given up, whose text may name anybody.
        """
        ...
