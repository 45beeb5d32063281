"""What people are told: one notice, one row in the outbox, one message.

A notice names what happened and to whom it goes; names, times and places are read when it is
drawn, so that the outbox holds no personal data of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.model.ids import CaseId, ContactId, MessageId, SessionId


class Channel(StrEnum):
    """By which way a message leaves."""

    SLACK = "slack"
    EMAIL = "email"


CHANNEL_LETTERS = ("C", "G", "#")
"""With which the ids of channels, and their names in the settings, begin; ids of people do not."""


class Way(StrEnum):
    """How a message is handed over, as far as there are limits of its own to how many are."""

    POST = "chat.postMessage"
    CHANNEL = "channel"  # the same, and by a limit for each channel besides
    CHANGE = "chat.update"
    ANSWER = "response_url"
    EMAIL = "e-mail"

    @property
    def booked(self) -> tuple["Way", ...]:
        """Of which ways a message that goes by this one takes up room."""
        return (Way.POST, Way.CHANNEL) if self is Way.CHANNEL else (self,)


class NoticeKind(StrEnum):
    """Every message that Rekey sends; the comment says to whom, and what `facts` it carries."""

    REPLY = "reply"  # whoever clicked or typed; facts: text
    CONFIRM_ASKED = "confirm_asked"  # admin: the Yes/No block
    OUTCOME = "outcome"  # admin: replaces the block, and again in the DM
    SUBSCRIBER_RESET = "subscriber_reset"  # subscriber: what was done, how to go on
    OWNER_RESET = "owner_reset"  # owners, and the audit channel
    SET_UP_WAITING = "set_up_waiting"  # subscriber: a sign-in waits for a set-up code
    SET_UP_UNREACHABLE = "set_up_unreachable"  # in charge, administrators: it waits, who has no DM
    HANDED_OVER = "handed_over"  # owners, admin, audit channel: subject saw a set-up code
    SUBSCRIBER_HANDED_OVER = "subscriber_handed_over"  # subscriber: subject saw theirs
    SUBSCRIBER_ENROLLED = "subscriber_enrolled"  # subscriber: an authenticator was bound
    ADMIN_ENROLLED = "admin_enrolled"  # admin: the case is closed
    SUBSCRIBER_REMINDED = "subscriber_reminded"  # subscriber: set-up still to do; facts: suspend_on
    ADMIN_DIGEST = "admin_digest"  # admin: all their stale cases; facts: suspend_on, by case
    OWNER_REMINDED = "owner_reminded"  # owners: the last reminder went unheard; facts: suspend_on
    VETO_REPORTED = "veto_reported"  # all concerned, audit channel; facts: handed_over
    VETO_TAKEN = "veto_taken"  # subscriber: the report was taken, and what happens now
    REINSTATED = (
        "reinstated"  # subscriber, all concerned, audit channel; with the case to set up on
    )
    SUBSCRIBER_LAPSED = "subscriber_lapsed"  # subscriber: suspended, since nothing was set up
    LAPSED = "lapsed"  # who is in charge, administrators, owners, audit channel
    SPARED = "spared"  # the same: it was due, but they are an account's last owner
    OPERATOR_ACTED = "operator_acted"  # person, owners, audit channel; facts: act, about
    IDENTITY_BOUND = "identity_bound"  # person: a Slack identity was bound to their contact
    IDENTITY_REPLACED = "identity_replaced"  # old and new identity, owners, audit channel
    ALERT = "alert"  # owners, audit channel: about the subject; facts: what, count, at, …
    AUDIT_HEAD = "audit_head"  # the audit channel, daily; facts: head, number, at
    UNDELIVERABLE = "undeliverable"  # admin, or audit channel; facts: kind, recipient, error, …
    CASE_TAKEN_OVER = "case_taken_over"  # whose case it was, and whose it is now (subject)
    CASE_ACT_DONE = "case_act_done"  # whoever did it, about the subject's cases; facts: act
    REQUEST_OFFERED = "request_offered"  # channel, or administrators: the subject's; facts: request
    REQUEST_CHANGED = "request_changed"  # in the place of that message; facts: request, ts
    REQUEST_MADE = "request_made"  # requester: it was sent, and can be withdrawn; facts: request
    REQUEST_TAKEN = "request_taken"  # requester: who takes care of it; facts: request
    REQUEST_ENDED = "request_ended"  # requester, or who took it: how it ended; facts: request


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message to write: to a contact, or to a Slack user or channel by its id.

    `response_url` is tried first where there is one; it is a secret. Of notices with the same
    `once` key only the first is kept.
    """

    kind: NoticeKind
    contact_id: ContactId | None = None
    slack_address: str | None = None
    case_id: CaseId | None = None
    session_id: SessionId | None = None
    subject_id: ContactId | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    response_url: str | None = field(default=None, repr=False)
    replace_original: bool = False
    channel: Channel = Channel.SLACK
    once: str | None = None

    @property
    def way(self) -> Way:
        """By which way it leaves next."""
        if self.channel is Channel.EMAIL:
            return Way.EMAIL
        if self.response_url is not None:
            return Way.ANSWER
        if self.kind is NoticeKind.REQUEST_CHANGED:
            return Way.CHANGE
        to_channel = self.slack_address is not None and self.slack_address[:1] in CHANNEL_LETTERS
        return Way.CHANNEL if to_channel else Way.POST


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A notice in the outbox and what has become of it.

    `claimed_by` is the process that sends it just now. One is `in_doubt` if a process began to send
    it and never said what came of it: it may have arrived.
    """

    id: MessageId
    notice: Notice
    created_at: datetime
    next_attempt_at: datetime
    attempts: int
    sent_at: datetime | None
    failed_at: datetime | None
    error: str | None
    claimed_by: str | None = None
    in_doubt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How many messages wait to leave, and since when the oldest of them."""

    pending: int
    oldest_at: datetime | None
