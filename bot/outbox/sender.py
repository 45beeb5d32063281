"""The outbox's sender: claims what is due, hands it over, and records what came of that."""

import logging
import random
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from slack_sdk import WebClient

from bot.blocks.elements import Drawn
from bot.domain.desk.composing import compose
from bot.domain.model.ids import CaseId, new_id
from bot.domain.model.notices import Message, Way
from bot.domain.model.pace import Paces
from bot.domain.model.views import NoticeView
from bot.domain.ports.clock import Clock
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.resets import request_outcomes
from bot.mail.rendering import Mail
from bot.outbox.backoff import next_attempt_after
from bot.outbox.courier import Attempt, Courier, log
from bot.outbox.delivery import Delivery
from bot.outbox.email import EmailDelivery
from bot.outbox.follow_ups import is_farewell, is_offer_to_channel, offered, undeliverable
from bot.outbox.results import Delayed, Delivered, Refused
from bot.outbox.slack_limits import CLAIM, PACES

_BREATH = timedelta(seconds=4)
_KEPT_FOR = timedelta(minutes=10)
_jitter = random.SystemRandom().random


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A message that is ours to send, and its view: none if it is no longer true, or broken."""

    message: Message
    view: NoticeView | None
    fault: Exception | None = None

    def draw(self, courier: Courier) -> Drawn | Mail | None:
        if self.fault is not None:
            raise self.fault
        return courier.draw(self.message, self.view) if self.view else None


class OutboxSender:
    """Claims what is due, sends it outside any unit of work, and records what came of it.

    Any number of processes may do so beside each other. At least once: a message whose sender died
    before it recorded the delivery is sent again, and says so.
    """

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        client: WebClient,
        clock: Clock,
        portal_url: str,
        help_contact: str | None,
        audit_channel: str | None = None,
        email: EmailDelivery | None = None,
        on_change: Callable[[Collection[CaseId]], None] = lambda _: None,
        jitter: Callable[[], float] = _jitter,
        paces: Paces = PACES,
        is_alone: bool = False,
    ) -> None:
        """`on_change` hears, once they have left, which cases the messages of a drain are about.

        Who `is_alone` with the database need not wait until the claims of an earlier run run out.
        """
        self._unit_of_work = unit_of_work
        self._courier = Courier(
            Delivery(client),
            email=email,
            clock=clock,
            portal_url=portal_url,
            help_contact=help_contact,
        )
        self._clock = clock
        self._audit_channel = audit_channel
        self._on_change = on_change
        self._jitter = jitter
        self._paces = paces
        self._holder = new_id("run")
        self._unrecorded: tuple[Callable[[], object], datetime] | None = None
        self._has_to_release = is_alone
        self._draining = threading.Lock()
        self.stopping = threading.Event()
        """Set, it ends a drain after the message under way."""

    def drain(self) -> int:
        """Send everything that may leave now; return how many messages left."""
        sent = 0
        cases: set[CaseId] = set()
        with self._draining:
            self._take_up()
            claimed = self._claim()
            while claimed is not None:
                if claimed.message.notice.case_id is not None:
                    cases.add(claimed.message.notice.case_id)
                delivered = self._handle(claimed)
                sent += delivered is not None and claimed.view is not None
                claimed = self._go_on(claimed.message, delivered) if delivered else self._claim()
        if cases and not self.stopping.is_set():
            self._on_change(frozenset(cases))
        return sent

    def next_at(self) -> datetime | None:
        """Return when to look again; `None` where nothing waits.

        Where messages wait for their pace, a few at a time cost less than each alone.
        """
        now = self._clock.now()
        with self._unit_of_work() as uow:
            opens_at = uow.outbox.opens_at(now=now, paces=self._paces)
        return opens_at if opens_at is None or opens_at <= now else max(opens_at, now + _BREATH)

    def _take_up(self) -> None:
        """Record first what could not be recorded before; make due what an earlier run claimed."""
        if self._unrecorded is not None:
            self._record(*self._unrecorded)
        if self._has_to_release:
            with self._unit_of_work() as uow:
                uow.outbox.release_all(now=self._clock.now())
                uow.commit()
            self._has_to_release = False

    def _claim(self) -> _Claimed | None:
        """Take the next message, with what is needed to draw it; a broken one by a unit of its own.

        Where a statement failed, PostgreSQL lets nothing of the same unit become true, the claim
        neither; and what nobody claimed would be next again, for ever.
        """
        if self.stopping.is_set():
            return None
        with self._unit_of_work() as uow:
            message = self._next(uow)
            if message is None:
                return None
            try:
                view = compose(uow, message)
            except Exception as error:  # noqa: BLE001  # a broken message must not stop the others
                fault = error
            else:
                uow.commit()
                return _Claimed(message, view)
        with self._unit_of_work() as uow:
            again = self._next(uow)
            if again is None or again.id != message.id:  # a rival has it by now
                return None
            uow.commit()
        return _Claimed(again, None, fault)

    def _next(self, uow: UnitOfWork) -> Message | None:
        now = self._clock.now()
        return uow.outbox.claim(now=now, until=now + CLAIM, holder=self._holder, paces=self._paces)

    def _handle(self, claimed: _Claimed) -> Delivered | None:
        """Send one message; return what is still to be recorded, where it is done with.

        A message that breaks holds up no other.
        """
        message, view = claimed.message, claimed.view
        try:
            drawn = claimed.draw(self._courier)
        except Exception as error:  # noqa: BLE001  # a bug in one text must not stop the others
            log(logging.ERROR, message, f"cannot be drawn: {type(error).__name__}")
            return self._conclude(message, view, Attempt(None, Delayed("cannot_be_drawn")))
        if view is None or drawn is None:
            log(logging.INFO, message, "is no longer true and was dropped")
            return Delivered()
        try:
            attempt = self._courier.deliver(
                message, view, drawn, instead=lambda way: self._may_go_by(way, message)
            )
        except Exception as error:  # noqa: BLE001  # nor may a bug on the way
            log(logging.ERROR, message, f"broke on its way: {type(error).__name__}")
            attempt = Attempt(None, Delayed("cannot_be_sent"))
        return self._conclude(message, view, attempt) if attempt else None

    def _conclude(
        self, message: Message, view: NoticeView | None, attempt: Attempt
    ) -> Delivered | None:
        """Record what came of an attempt that failed; return what one brought that did not."""
        match attempt.result:
            case Delivered() as delivered:
                return delivered
            case Delayed() as delayed:
                self._record(lambda: self._delay(message, delayed, way=attempt.way))
            case Refused() if is_farewell(message):
                log(logging.INFO, message, "has nobody left to tell and was dropped")
                return Delivered()
            case Refused() as refused if view is not None:
                self._record(lambda: self._give_up(message, view, refused))
        return None

    def _go_on(self, message: Message, result: Delivered) -> _Claimed | None:
        """Record a delivery, and take the next message: together, which costs half of it apart.

        Where the next one breaks, the delivery is recorded all the same.
        """
        if not self.stopping.is_set():
            try:
                return self._settle(message, result, and_claim=True)
            except Exception:  # noqa: BLE001, S110  # what follows meets it again, and tells
                pass
        self._record(lambda: self._settle(message, result))
        return self._claim()

    def _may_go_by(self, way: Way, message: Message) -> bool:
        """Let a message, whose `response_url` is spent, go by another way now, if that is open.

        If not, it is given back, to be claimed for that way.
        """
        now = self._clock.now()
        with self._unit_of_work() as uow:
            uow.outbox.forget_response_url(message.id)
            is_open = uow.outbox.book(way, now=now, paces=self._paces)
            if not is_open:
                uow.outbox.release(message.id, now=now, holder=self._holder)
            uow.commit()
        return is_open

    def _settle(
        self, message: Message, result: Delivered, *, and_claim: bool = False
    ) -> _Claimed | None:
        """Record the delivery, and take the next message if asked to: both or neither."""
        with self._unit_of_work() as uow:
            self._note_sent(uow, message, result)
            following = self._next(uow) if and_claim else None
            claimed = _Claimed(following, compose(uow, following)) if following else None
            uow.commit()
        return claimed

    def _note_sent(self, uow: UnitOfWork, message: Message, result: Delivered) -> None:
        now, at = self._clock.now(), offered(message, result)
        uow.outbox.mark_sent(message.id, now=now)
        if at is not None:
            request_outcomes.note_message(uow, at, now=now)

    def _delay(self, message: Message, result: Delayed, *, way: Way | None) -> None:
        """Record when to try again; what was said of the whole way holds for every process."""
        now = self._clock.now()
        pause = next_attempt_after(
            message.attempts, retry_after=result.retry_after, jitter=self._jitter
        )
        log(logging.WARNING, message, f"waits {pause.total_seconds():.0f} s: {result.error}")
        with self._unit_of_work() as uow:
            if way is not None and result.hold is not None:
                uow.outbox.hold(way, until=now + result.hold, now=now, paces=self._paces)
            uow.outbox.reschedule(
                message.id,
                next_attempt_at=now + pause,
                error=result.error,
                holder=self._holder,
                in_doubt=result.in_doubt,
            )
            uow.commit()

    def _give_up(self, message: Message, view: NoticeView, result: Refused) -> None:
        """Record that it will never arrive, and tell somebody who can tell the person."""
        log(logging.WARNING, message, f"cannot be delivered: {result.error}")
        now, error = self._clock.now(), result.error
        with self._unit_of_work() as uow:
            if uow.outbox.mark_failed(message.id, now=now, error=error, holder=self._holder):
                report = undeliverable(
                    message, view, error=error, audit_channel=self._audit_channel
                )
                if report is not None:
                    uow.outbox.add(report, now=now)
                if view.request is not None and is_offer_to_channel(message):
                    request_outcomes.offer(uow, view.request.request, channel=None, now=now)
            uow.commit()

    def _record(self, outcome: Callable[[], object], since: datetime | None = None) -> None:
        """Record what came of a message; where the database does not take it, once it does.

        What came of it is forgotten after `_KEPT_FOR`: then not the database is broken, but this.
        """
        now = self._clock.now()
        self._unrecorded = (outcome, since or now)
        try:
            outcome()
        except Exception:
            if since is not None and now - since > _KEPT_FOR:
                self._unrecorded = None
            raise
        self._unrecorded = None
