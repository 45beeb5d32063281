"""The outbox's sender: one thread, woken after each commit and when the next message is due."""

import logging
import random
import threading
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from slack_sdk import WebClient

from bot.blocks.elements import Drawn
from bot.blocks.email import Mail, as_mail
from bot.blocks.notices import draw
from bot.domain import request_outcomes
from bot.domain.case_story import OUTSIDER
from bot.domain.ids import CaseId, ContactId, RequestId
from bot.domain.notices import Channel, Message, Notice, NoticeKind, NoticeView
from bot.domain.own_requests import RequestMessage
from bot.domain.ports import Clock, UnitOfWorkFactory
from bot.domain.views import compose, is_known_to
from bot.notifier.backoff import next_attempt_after
from bot.notifier.delivery import Delivery
from bot.notifier.email import EmailDelivery
from bot.notifier.results import Delayed, Delivered, Refused, Result

RESPONSE_URL_LIFETIME = timedelta(minutes=30)
"""https://docs.slack.dev/interactivity/handling-user-interaction/#message_responses"""

_BATCH = 50
_LONGEST_SLEEP = 60.0
_AFTER_TROUBLE = 5.0
_jitter = random.SystemRandom().random
_POST, _CHANGE = "chat.postMessage", "chat.update"
_ANSWER, _MAIL = "response_url", "e-mail"

logger = logging.getLogger(__name__)


class OutboxSender:
    """Sends what is due, outside any unit of work, and records what came of each message.

    At least once: a message whose delivery could not be recorded is sent again.
    """

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        client: WebClient,
        clock: Clock,
        portal_url: str,
        help_contact: str | None,
        email: EmailDelivery | None = None,
        on_change: Callable[[Collection[CaseId]], None] = lambda _: None,
        jitter: Callable[[], float] = _jitter,
    ) -> None:
        """`on_change` hears, once they have left, which cases the messages of a drain are about."""
        self._unit_of_work = unit_of_work
        self._delivery = Delivery(client)
        self._email = email
        self._clock = clock
        self._portal_url = portal_url
        self._help_contact = help_contact
        self._on_change = on_change
        self._jitter = jitter
        self._held: dict[str, tuple[datetime, str]] = {}
        self._draining = threading.Lock()
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to send; what an earlier run left behind goes first."""
        self._stopping.clear()
        self._woken.set()
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """End after the message under way, or after `timeout` seconds; what is left stays due."""
        self._stopping.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def wake(self) -> None:
        """Tell the thread that there is something to send; returns at once."""
        self._woken.set()

    def drain(self) -> int:
        """Send everything that is due now; return how many messages left."""
        sent = 0
        cases: set[CaseId] = set()
        with self._draining:
            while due := self._due():
                for message in due:
                    if self._stopping.is_set():
                        return sent
                    sent += self._handle(message)
                    if message.notice.case_id is not None:
                        cases.add(message.notice.case_id)
        if cases:
            self._on_change(frozenset(cases))
        return sent

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                self.drain()
                pause = self._pause()
            except Exception as error:  # noqa: BLE001  # the outbox outlives whatever befalls it
                logger.error("the outbox could not be read: %s", type(error).__name__)  # noqa: TRY400  # a traceback's text may hold a message
                pause = _AFTER_TROUBLE
            self._woken.wait(pause)

    def _pause(self) -> float:
        """Return the seconds until the next message is due, few enough to notice a moved clock."""
        with self._unit_of_work() as uow:
            due_at = uow.outbox.next_due_at()
        if due_at is None:
            return _LONGEST_SLEEP
        return min(max((due_at - self._clock.now()).total_seconds(), 0.0), _LONGEST_SLEEP)

    def _due(self) -> list[Message]:
        """Return what is due; e-mails last, since a mail server may take its time."""
        with self._unit_of_work() as uow:
            due = uow.outbox.due(self._clock.now(), limit=_BATCH)
        return sorted(due, key=lambda message: message.notice.channel is Channel.EMAIL)

    def _handle(self, message: Message) -> bool:
        """Send one message and record the result; a message that breaks holds up no other."""
        try:
            with self._unit_of_work() as uow:
                view = compose(uow, message)
            drawn = self._draw(message, view) if view else None
        except Exception as error:  # noqa: BLE001  # a bug in one text must not stop the others
            self._log(logging.ERROR, message, f"cannot be drawn: {type(error).__name__}")
            self._delay(message, Delayed("cannot_be_drawn"))
            return False
        if view is None or drawn is None:
            self._log(logging.INFO, message, "is no longer true and was dropped")
            self._settle(message)
            return False
        try:
            result = self._send(message, view, drawn)
        except Exception as error:  # noqa: BLE001  # nor may a bug on the way
            self._log(logging.ERROR, message, f"broke on its way: {type(error).__name__}")
            result = Delayed("cannot_be_sent")
        if isinstance(result, Delivered):
            self._settle(message, result)
        elif isinstance(result, Delayed):
            self._delay(message, result)
        else:
            self._give_up(message, view, result)
        return isinstance(result, Delivered)

    def _draw(self, message: Message, view: NoticeView) -> Drawn | Mail:
        drawn = draw(view, portal_url=self._portal_url, help_contact=self._help_contact)
        by_mail = message.notice.channel is Channel.EMAIL
        return as_mail(drawn, written_at=message.created_at) if by_mail else drawn

    def _send(self, message: Message, view: NoticeView, drawn: Drawn | Mail) -> Result:
        """Answer where the person clicked, if that is possible; else write to them."""
        if isinstance(drawn, Mail):
            return self._post_mail(message, view, drawn)
        notice = message.notice
        if notice.response_url is not None:
            result = self._answer(message, notice.response_url, drawn)
            if not isinstance(result, Refused):
                return result
            self._log(logging.INFO, message, f"goes by DM: {result.error}")
            with self._unit_of_work() as uow:
                uow.outbox.forget_response_url(message.id)
                uow.commit()
        address, ts = _address(notice, view), notice.facts.get("ts")
        if address is not None and notice.kind is NoticeKind.REQUEST_CHANGED and ts:
            return self._limited(_CHANGE, lambda: self._delivery.change(address, ts, drawn))
        if address is not None:
            return self._limited(_POST, lambda: self._delivery.post(address, drawn))
        if notice.replace_original:  # the same outcome goes to the DM by a message of its own
            return Delivered()
        return Refused("no_slack_identity")

    def _post_mail(self, message: Message, view: NoticeView, mail: Mail) -> Result:
        """Send it to the address on file; without a mail server it waits until there is one."""
        email, now = self._email, self._clock.now()
        if email is None:
            return Delayed("no_smtp_url")
        if view.recipient is None:
            return Refused("no_address")
        address = view.recipient.email
        return self._limited(
            _MAIL, lambda: email.post(address, mail, message_id=message.id, now=now)
        )

    def _answer(self, message: Message, url: str, drawn: Drawn) -> Result:
        if self._clock.now() - message.created_at >= RESPONSE_URL_LIFETIME:
            return Refused("expired_url")
        replace = message.notice.replace_original
        return self._limited(
            _ANSWER, lambda: self._delivery.answer(url, drawn, replace_original=replace)
        )

    def _limited(self, way: str, attempt: Callable[[], Result]) -> Result:
        """Make the attempt, unless that way is better left alone for now."""
        now = self._clock.now()
        until, why = self._held.get(way, (now, ""))
        if now < until:
            return Delayed(why, until - now)
        result = attempt()
        if isinstance(result, Delayed) and result.hold is not None:
            self._held[way] = (now + result.hold, result.error)
        return result

    def _settle(self, message: Message, result: Delivered | None = None) -> None:
        now, offered = self._clock.now(), _offered(message, result) if result else None
        with self._unit_of_work() as uow:
            uow.outbox.mark_sent(message.id, now=now)
            if offered is not None:
                request_outcomes.note_message(uow, offered, now=now)
            uow.commit()

    def _delay(self, message: Message, result: Delayed) -> None:
        pause = next_attempt_after(
            message.attempts, retry_after=result.retry_after, jitter=self._jitter
        )
        self._log(logging.WARNING, message, f"waits {pause.total_seconds():.0f} s: {result.error}")
        with self._unit_of_work() as uow:
            uow.outbox.reschedule(
                message.id, next_attempt_at=self._clock.now() + pause, error=result.error
            )
            uow.commit()

    def _give_up(self, message: Message, view: NoticeView, result: Refused) -> None:
        """Record that it will never arrive, and tell the case's admin, who can tell the person."""
        self._log(logging.WARNING, message, f"cannot be delivered: {result.error}")
        now = self._clock.now()
        with self._unit_of_work() as uow:
            if uow.outbox.mark_failed(message.id, now=now, error=result.error):
                report = _report(message, view, error=result.error)
                if report is not None:
                    uow.outbox.add(report, now=now)
                if view.request is not None and _is_offer_to_channel(message):
                    request_outcomes.offer(uow, view.request.request, channel=None, now=now)
            uow.commit()

    def _log(self, level: int, message: Message, what: str) -> None:
        logger.log(level, "message %s (%s) %s", message.id, message.notice.kind, what)


def _is_offer_to_channel(message: Message) -> bool:
    """Whether the channel for requests was offered one; administrators are asked in its place."""
    notice = message.notice
    return notice.kind is NoticeKind.REQUEST_OFFERED and notice.slack_address is not None


def _offered(message: Message, result: Delivered) -> RequestMessage | None:
    """Return where a request was offered, to be changed there when it is taken or ends."""
    request_id = message.notice.facts.get("request")
    if message.notice.kind is not NoticeKind.REQUEST_OFFERED or not request_id:
        return None
    if result.channel is None or result.ts is None:
        return None
    return RequestMessage(request_id=RequestId(request_id), channel=result.channel, ts=result.ts)


def _address(notice: Notice, view: NoticeView) -> str | None:
    """Return the Slack id to write to; a contact may have none."""
    if notice.slack_address is not None:
        return notice.slack_address
    identity = view.recipient.slack if view.recipient else None
    return identity.user if identity else None


def _report(message: Message, view: NoticeView, *, error: str) -> Notice | None:
    """Return what the case's admin is told of a message that never arrives, once.

    Whom they may not know is not named: owners of the subscriber's other accounts are told, too.
    """
    notice = message.notice
    in_charge: ContactId | None = view.case.case.in_charge_id if view.case else None
    if notice.kind is NoticeKind.UNDELIVERABLE or in_charge in {None, notice.contact_id}:
        return None
    recipient = notice.contact_id or notice.slack_address or ""
    hidden = view.case and view.recipient and not is_known_to(view.case, view.recipient)
    return Notice(
        kind=NoticeKind.UNDELIVERABLE,
        contact_id=in_charge,
        case_id=notice.case_id,
        subject_id=None if hidden else notice.contact_id,
        facts={
            "kind": notice.kind,
            "recipient": OUTSIDER if hidden else recipient,
            "error": error,
            "channel": notice.channel,
        },
        once=f"undeliverable:{message.id}",
    )
