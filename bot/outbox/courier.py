"""How one message leaves: drawn, and handed over by the way that is left to it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.blocks.elements import Drawn
from bot.blocks.notices import draw
from bot.domain.model.notices import Channel, Message, Notice, NoticeKind, Way
from bot.domain.model.views import NoticeView
from bot.domain.ports.clock import Clock
from bot.mail.rendering import Mail, as_mail
from bot.outbox.delivery import Delivery
from bot.outbox.email import EmailDelivery
from bot.outbox.results import Delayed, Delivered, Refused, Result

RESPONSE_URL_LIFETIME = timedelta(minutes=30)
"""https://docs.slack.dev/interactivity/handling-user-interaction/#message_responses"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one attempt, and by which way it was made, if it came to that."""

    way: Way | None
    result: Result


class Courier:
    """Draws messages and hands them to Slack or the mail server, one attempt at a time."""

    def __init__(
        self,
        delivery: Delivery,
        *,
        email: EmailDelivery | None,
        clock: Clock,
        portal_url: str,
        help_contact: str | None,
    ) -> None:
        self._delivery = delivery
        self._email = email
        self._clock = clock
        self._portal_url = portal_url
        self._help_contact = help_contact

    def draw(self, message: Message, view: NoticeView) -> Drawn | Mail:
        """Draw the message for the channel by which it leaves."""
        drawn = draw(view, portal_url=self._portal_url, help_contact=self._help_contact)
        by_mail = message.notice.channel is Channel.EMAIL
        return as_mail(drawn, written_at=message.created_at) if by_mail else drawn

    def deliver(
        self,
        message: Message,
        view: NoticeView,
        drawn: Drawn | Mail,
        *,
        instead: Callable[[Way], bool],
    ) -> Attempt | None:
        """Answer where the person clicked, if that is possible; else write to them.

        `instead` is asked before a message goes by another way than it was claimed for; `None` is
        returned, and nothing was sent, where it says no.
        """
        if isinstance(drawn, Mail):
            return Attempt(Way.EMAIL, self._post_mail(message, view, drawn))
        notice = message.notice
        if notice.response_url is not None:
            result = self._answer(message, notice.response_url, drawn)
            if not isinstance(result, Refused):
                return Attempt(Way.ANSWER, result)
            log(logging.INFO, message, f"goes by DM: {result.error}")
            if not instead(Way.POST):
                return None
        return self._write(notice, view, drawn)

    def _write(self, notice: Notice, view: NoticeView, drawn: Drawn) -> Attempt:
        address, ts = _address(notice, view), notice.facts.get("ts")
        if address is None:
            # an outcome that takes the place of its question goes to the DM by a message of its own
            lost = Delivered() if notice.replace_original else Refused("no_slack_identity")
            return Attempt(Way.POST, lost)
        if notice.kind is NoticeKind.REQUEST_CHANGED and ts:
            return Attempt(Way.CHANGE, self._delivery.change(address, ts, drawn))
        return Attempt(Way.POST, self._delivery.post(address, drawn))

    def _post_mail(self, message: Message, view: NoticeView, mail: Mail) -> Result:
        """Send it to the address on file; without a mail server it waits until there is one."""
        if self._email is None:
            return Delayed("no_smtp_url")
        if view.recipient is None:
            return Refused("no_address")
        now = self._clock.now()
        return self._email.post(view.recipient.email, mail, message_id=message.id, now=now)

    def _answer(self, message: Message, url: str, drawn: Drawn) -> Result:
        if self._clock.now() - message.created_at >= RESPONSE_URL_LIFETIME:
            return Refused("expired_url")
        replace = message.notice.replace_original
        return self._delivery.answer(url, drawn, replace_original=replace)


def log(level: int, message: Message, what: str) -> None:
    """Write a line about a message, which names its id and kind and never its text."""
    logger.log(level, "message %s (%s) %s", message.id, message.notice.kind, what)


def _address(notice: Notice, view: NoticeView) -> str | None:
    """Return the Slack id to write to; a contact may have none."""
    if notice.slack_address is not None:
        return notice.slack_address
    identity = view.recipient.slack if view.recipient else None
    return identity.user if identity else None
