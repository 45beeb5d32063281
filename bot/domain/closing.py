"""Closing a case: the one good end, read back from the directory by the caller."""

from bot.domain import telling
from bot.domain.case import Case, CaseState
from bot.domain.journal import Journal
from bot.domain.notices import NoticeKind

_COMPLETED = frozenset({CaseState.COMPLETED})


def close_re_enrolled(journal: Journal, case: Case) -> Case | None:
    """Close a completed case and tell its subscriber and its admin; `None` where it had moved on.

    The subscriber hears of every enrolment, each time with *This wasn't me* (rule 8).
    """
    uow, now = journal.uow, journal.now
    closed = uow.cases.move(case.id, states=_COMPLETED, to=CaseState.RE_ENROLLED, now=now)
    if closed is not None:
        journal.entered(closed)
        subscriber = [closed.subscriber_id]
        telling.tell(uow, NoticeKind.SUBSCRIBER_ENROLLED, subscriber, case=closed, now=now)
        telling.tell(uow, NoticeKind.ADMIN_ENROLLED, [closed.admin_id], case=closed, now=now)
    return closed
