"""Asking for one's own reset: made, taken by one administrator, withdrawn, or left to expire.

A request proves nothing. Whoever takes it makes sure of the person as of any caller, and the reset
that follows is asked for and paid for like every other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from bot.domain.batches import run_in_batches
from bot.domain.model.audit import Source
from bot.domain.model.errors import (
    NobodyEntitled,
    NotAContact,
    RequestGone,
    RequestTaken,
    RequestThrottled,
    RequestWaits,
)
from bot.domain.model.ids import AccountId, ContactId, RequestId, new_id
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Account, AttemptKind, Contact, SlackIdentity
from bot.domain.model.requests import OwnRequest, RequestForm, RequestState, RequestView
from bot.domain.model.reset_form import Named, ResetForm, verify_reason
from bot.domain.model.views import CaseView
from bot.domain.ports.clock import Clock
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.proving.throttle import retry_at
from bot.domain.record.case_views import request_view
from bot.domain.record.journal import SWEEP, Journal
from bot.domain.record.refusals import Recorder, Trail
from bot.domain.resets import request_outcomes
from bot.domain.resets.asking import AskingService, chosen_account
from bot.domain.standing.standing import StandingService

LIFETIME = timedelta(hours=24)
"""For how long a request that leads to no case stays live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A request that its administrator goes on with: what `prepare` gave, and what was asked."""

    request: OwnRequest
    form: ResetForm | CaseView


class OwnRequestService:
    """People's own requests; `channel` is where they go, to administrators' DMs without one.

    `on_expired` hears whose request has expired, once that is stored.
    """

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        recorder: Recorder,
        standing: StandingService,
        asking: AskingService,
        clock: Clock,
        channel: str | None,
        on_expired: Callable[[ContactId], None] = lambda _: None,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._refusals = partial(recorder.refusals, Source.SLACK, "request")
        self._standing = standing
        self._asking = asking
        self._clock = clock
        self._channel = channel
        self._on_expired = on_expired

    def prepare(self, actor: SlackIdentity) -> RequestForm | RequestView:
        """Return the form to fill in, or the actor's own request that has not ended.

        Whoever is suspended may ask too. Raises `NobodyEntitled`, `RequestThrottled`, a
        `PersonRefused` or a `Fault`, recorded.
        """
        with self._refusals(slack=actor) as trail:
            self._standing.verify_actor(actor)
            with self._unit_of_work() as uow:
                contact = _contact(uow, actor, trail)
                live = uow.requests.live_of(contact.id)
                if live is not None:
                    return request_view(uow, live)
                self._throttle(uow, contact)
                return RequestForm(accounts=_accounts(uow, contact))

    def ask(self, actor: SlackIdentity, *, account_id: AccountId | None, reason: str) -> None:
        """Make the request, and offer it to whoever may take it.

        Raises what `prepare` does, `RequestWaits`, `AccountRefused`, or an `InputRefused` for the
        reason, recorded.
        """
        with self._refusals(slack=actor) as trail:
            reason = verify_reason(reason)
            self._standing.verify_actor(actor)
            with self._unit_of_work() as uow:
                contact, now = _contact(uow, actor, trail), self._clock.now()
                self._throttle(uow, contact)
                account = chosen_account(_accounts(uow, contact), account_id)
                trail.account = account.id
                request = OwnRequest(
                    id=RequestId(new_id("req")),
                    subscriber_id=contact.id,
                    account_id=account.id,
                    reason=reason,
                    state=RequestState.OPEN,
                    opened_at=now,
                )
                if not uow.requests.add(request):
                    raise RequestWaits
                uow.attempts.record(AttemptKind.REQUEST, contact.id, at=now)
                journal = self._journal(uow, actor, contact)
                journal.happened_to_request("request:opened", request, {"reason": reason})
                request_outcomes.offer(uow, request, channel=self._channel, now=now)
                request_outcomes.tell_requester(journal, NoticeKind.REQUEST_MADE, request)
                uow.commit()

    def take(self, actor: SlackIdentity, request_id: RequestId) -> Taken:
        """Take the request, once, for an administrator who may reset its requester now.

        Whoever has taken it may go on with it as often as they like. Raises `RequestTaken`,
        `RequestGone`, or what `AskingService.prepare` does, recorded; the request is then as it
        was.
        """
        with self._refusals(slack=actor) as trail, self._unit_of_work() as uow:
            seen, _ = _takeable(uow, actor, request_id, trail)
        named = Named(contact_id=seen.subscriber_id)
        form = self._asking.prepare(actor, named, response_url=None)
        with self._refusals(slack=actor) as trail, self._unit_of_work() as uow:
            request, admin = _takeable(uow, actor, request_id, trail)
            if request.account_id not in {account.id for account in _possible(form)}:
                raise RequestGone
            if request.state is RequestState.OPEN:
                taken = request_outcomes.take(self._journal(uow, actor, admin), request, admin.id)
                if taken is None:  # a rival was quicker
                    raise RequestGone
                request = taken
                uow.commit()
        return Taken(request=request, form=form)

    def withdraw(self, actor: SlackIdentity, request_id: RequestId) -> None:
        """End one's own request, once; raises `RequestGone`, or another `Refusal`, recorded."""
        with self._refusals(slack=actor) as trail:
            self._standing.verify_actor(actor)
            with self._unit_of_work() as uow:
                contact, request = _contact(uow, actor, trail), uow.requests.get(request_id)
                if request is None or request.subscriber_id != contact.id:
                    raise RequestGone
                trail.account = request.account_id
                journal = self._journal(uow, actor, contact)
                if request_outcomes.withdraw(journal, request) is None:
                    raise RequestGone
                uow.commit()

    def expire_due(self) -> int:
        """End every request that led to no case within a day; return how many that were.

        One that is broken holds up no other; raises as `run_in_batches` does.
        """
        with self._unit_of_work() as uow:
            due = uow.requests.due_to_expire(self._clock.now() - LIFETIME)
        return run_in_batches(due, self._expire)

    def _expire(self, due: Sequence[OwnRequest]) -> int:
        with self._unit_of_work() as uow:
            journal = Journal(uow=uow, source=Source.SWEEP, actor=SWEEP, now=self._clock.now())
            tried = [request_outcomes.expire(journal, request) for request in due]
            uow.commit()
        ended = [request for request in tried if request is not None]
        for request in ended:
            self._on_expired(request.subscriber_id)
        return len(ended)

    def _throttle(self, uow: UnitOfWork, contact: Contact) -> None:
        again_at = retry_at(uow.attempts, AttemptKind.REQUEST, contact.id, now=self._clock.now())
        if again_at is not None:
            raise RequestThrottled(again_at)

    def _journal(self, uow: UnitOfWork, actor: SlackIdentity, contact: Contact) -> Journal:
        return Journal(
            uow=uow, source=Source.SLACK, actor=contact.id, now=self._clock.now(), slack=actor
        )


def _contact(uow: UnitOfWork, actor: SlackIdentity, trail: Trail) -> Contact:
    """Return who acts, on their own behalf."""
    contact = uow.contacts.by_slack(actor)
    if contact is None:
        raise NotAContact
    trail.actor, trail.subscriber = contact.id, contact.id
    return contact


def _accounts(uow: UnitOfWork, contact: Contact) -> tuple[Account, ...]:
    admins = request_outcomes.who_could_take(uow, contact)
    if not admins:
        raise NobodyEntitled
    return request_outcomes.askable_accounts(contact, admins)


def _takeable(
    uow: UnitOfWork, actor: SlackIdentity, request_id: RequestId, trail: Trail
) -> tuple[OwnRequest, Contact]:
    """Return the request if it is open or the actor's already, and the actor."""
    admin, request = uow.contacts.by_slack(actor), uow.requests.get(request_id)
    if admin is None:
        raise NotAContact
    trail.actor = admin.id
    if request is None or not request_outcomes.is_live(request):
        raise RequestGone
    trail.subscriber, trail.account = request.subscriber_id, request.account_id
    if request.taken_by not in (None, admin.id):
        taker = uow.contacts.get(request.taken_by) if request.taken_by else None
        raise RequestTaken(taker.name if taker else "somebody else")
    return request, admin


def _possible(form: ResetForm | CaseView) -> tuple[Account, ...]:
    return (form.account,) if isinstance(form, CaseView) else form.accounts
