"""What becomes of people's own requests: who is told of them, and what takes and ends them."""

from collections.abc import Collection, Iterable
from datetime import datetime

from bot.domain.model.cases import Case, CaseState
from bot.domain.model.ids import ContactId
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import Account, Contact, Role
from bot.domain.model.requests import LIVE_STATES, OwnRequest, RequestMessage, RequestState
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.record import telling
from bot.domain.record.audience import concerned
from bot.domain.record.journal import Journal
from bot.domain.standing.policy import entitled_accounts, who_can_reset


def who_could_take(uow: UnitOfWork, subscriber: Contact) -> tuple[Contact, ...]:
    """Return those in Slack who are entitled to reset the subscriber."""
    people = concerned(uow, subscriber, at_least=Role.ADMINISTRATOR)
    entitled = who_can_reset(subscriber, people)
    return tuple(admin for admin in entitled if admin.slack is not None)


def askable_accounts(subscriber: Contact, admins: Iterable[Contact]) -> tuple[Account, ...]:
    """Return the subscriber's accounts, by name, in which one of `admins` may reset them."""
    found = {
        account.id: account for admin in admins for account in entitled_accounts(admin, subscriber)
    }
    return tuple(sorted(found.values(), key=lambda account: (account.name, account.id)))


def offer(uow: UnitOfWork, request: OwnRequest, *, channel: str | None, now: datetime) -> None:
    """Write to the channel for requests; without one, to whoever may take it, by DM."""
    if channel is not None:
        uow.outbox.add(_notice(NoticeKind.REQUEST_OFFERED, request, channel=channel), now=now)
        return
    subscriber = uow.contacts.get(request.subscriber_id)
    for admin in who_could_take(uow, subscriber) if subscriber else ():
        if admin.administers(request.account_id):
            notice = _notice(NoticeKind.REQUEST_OFFERED, request, to=admin.id)
            uow.outbox.add(notice, now=now)


def note_message(uow: UnitOfWork, message: RequestMessage, *, now: datetime) -> None:
    """Remember where a request was offered; one that has moved on by now is put right there."""
    uow.requests.add_message(message)
    request = uow.requests.get(message.request_id)
    if request is not None and request.state is not RequestState.OPEN:
        _change(uow, request, [message], now=now)


def take(journal: Journal, request: OwnRequest, admin_id: ContactId) -> OwnRequest | None:
    """Give the request to that administrator, once, and tell the requester; `None` if too late."""
    taken = journal.uow.requests.take(request.id, by=admin_id, now=journal.now)
    if taken is not None:
        journal.happened_to_request("request:taken", taken)
        _change_all(journal, taken)
        tell_requester(journal, NoticeKind.REQUEST_TAKEN, taken)
    return taken


def case_opened(journal: Journal, case: Case) -> None:
    """Let the case answer the live request of its subscriber, if they made one.

    Whoever opened the case has taken it, unless somebody had before.
    """
    request = journal.uow.requests.live_of(case.subscriber_id)
    if request is None or case.admin_id is None:
        return
    if request.state is RequestState.OPEN:
        take(journal, request, case.admin_id)
    journal.uow.requests.link(request.id, case_id=case.id)


def case_ended(journal: Journal, case: Case) -> None:
    """Close the request that the case answers; a completed reset closes any of its subscriber.

    The requester is told how it ended; of a completed reset they are told by the reset itself.
    """
    request = journal.uow.requests.live_of(case.subscriber_id)
    completed = case.state is CaseState.COMPLETED
    if request is None or not (completed or request.case_id == case.id):
        return
    closed = journal.uow.requests.end(request.id, to=RequestState.CLOSED, now=journal.now)
    if closed is None:
        return
    journal.happened_to_request("request:closed", closed, {"because": case.state})
    _change_all(journal, closed)
    if not completed:
        tell_requester(journal, NoticeKind.REQUEST_ENDED, closed)


def withdraw(journal: Journal, request: OwnRequest) -> OwnRequest | None:
    """End the request for its requester; whoever had taken it is told. `None` if too late."""
    withdrawn = journal.uow.requests.end(request.id, to=RequestState.WITHDRAWN, now=journal.now)
    if withdrawn is not None:
        journal.happened_to_request("request:withdrawn", withdrawn)
        _change_all(journal, withdrawn)
        if withdrawn.taken_by is not None:
            notice = _notice(NoticeKind.REQUEST_ENDED, withdrawn, to=withdrawn.taken_by)
            journal.uow.outbox.add(notice, now=journal.now)
    return withdrawn


def expire(journal: Journal, request: OwnRequest) -> OwnRequest | None:
    """End a request that has led to no case in time, and tell the requester; `None` if too late."""
    expired = journal.uow.requests.end(request.id, to=RequestState.EXPIRED, now=journal.now)
    if expired is not None:
        journal.happened_to_request("request:expired", expired)
        _change_all(journal, expired)
        tell_requester(journal, NoticeKind.REQUEST_ENDED, expired)
    return expired


def tell_requester(journal: Journal, kind: NoticeKind, request: OwnRequest) -> None:
    """Write to the requester by every way that reaches them."""
    requester = journal.uow.contacts.get(request.subscriber_id)
    if requester is not None:
        telling.write_to(journal.uow, requester, _notice(kind, request), now=journal.now)


def is_live(request: OwnRequest | None) -> bool:
    """Whether there is such a request, and it has not ended."""
    return request is not None and request.state in LIVE_STATES


def _change_all(journal: Journal, request: OwnRequest) -> None:
    messages = journal.uow.requests.messages_of(request.id)
    _change(journal.uow, request, messages, now=journal.now)


def _change(
    uow: UnitOfWork, request: OwnRequest, messages: Collection[RequestMessage], *, now: datetime
) -> None:
    for message in messages:
        notice = _notice(
            NoticeKind.REQUEST_CHANGED, request, channel=message.channel, ts=message.ts
        )
        uow.outbox.add(notice, now=now)


def _notice(
    kind: NoticeKind,
    request: OwnRequest,
    *,
    to: ContactId | None = None,
    channel: str | None = None,
    ts: str | None = None,
) -> Notice:
    return Notice(
        kind=kind,
        contact_id=to,
        slack_address=channel,
        subject_id=request.subscriber_id,
        facts={"request": request.id} | ({"ts": ts} if ts else {}),
    )
