"""What ends an unanswered case: its deadline, or that what it rested on no longer holds."""

from collections.abc import Collection
from datetime import datetime

from bot.domain.model.audit import Source
from bot.domain.model.cases import OPEN_STATES, Case, CaseState
from bot.domain.model.errors import Refusal
from bot.domain.model.ids import LeaseHolder
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.record import telling
from bot.domain.record.journal import SWEEP, Journal
from bot.domain.resets import request_outcomes

DEADLINE = "deadline"
"""The `ended_reason` of a case that nobody answered; otherwise it is a refusal's tag."""

_AWAITING = frozenset({CaseState.AWAITING_CONFIRMATION})
_EXECUTING = frozenset({CaseState.EXECUTING})


def expire(
    uow: UnitOfWork, case: Case, *, now: datetime, response_url: str | None = None
) -> Case | None:
    """End the case if its deadline has come and nobody has answered; `None` where it goes on."""
    if case.confirm_by is None or now < case.confirm_by:
        return None
    journal = Journal(uow=uow, source=Source.SWEEP, actor=SWEEP, now=now, response_url=response_url)
    return _end(journal, case, _AWAITING, because=DEADLINE)


def lose(
    journal: Journal,
    case: Case,
    cause: Refusal,
    *,
    held_by: LeaseHolder | None = None,
) -> Case | None:
    """End the case because `cause` would refuse it now; `None` where it was decided meanwhile.

    One that is carried out, and of which nothing was done yet, is ended by whose lease holds it.
    """
    states = _EXECUTING if held_by else _AWAITING
    return _end(journal, case, states, because=cause.tag, held_by=held_by)


def break_off(journal: Journal, case: Case, cause: Refusal) -> Case | None:
    """End the case, whoever's lease holds it, unless it was carried out or decided meanwhile."""
    return _end(journal, case, OPEN_STATES, because=cause.tag)


def _end(
    journal: Journal,
    case: Case,
    states: Collection[CaseState],
    *,
    because: str,
    held_by: LeaseHolder | None = None,
) -> Case | None:
    expired = journal.uow.cases.move(
        case.id,
        states=states,
        to=CaseState.EXPIRED,
        now=journal.now,
        ended_reason=because,
        held_by=held_by,
    )
    if expired is not None:
        journal.entered(expired, {"because": because})
        request_outcomes.case_ended(journal, expired)
        telling.tell_outcome(journal, expired)
    return expired
