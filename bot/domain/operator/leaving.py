"""What becomes of the cases of somebody who belongs to no account any more."""

from collections.abc import Iterable

from bot.domain.model.cases import SUPERSEDABLE_STATES, Case, CaseState
from bot.domain.model.errors import SubscriberNotAContact
from bot.domain.record.journal import Journal
from bot.domain.resets.expiry import lose


def end_cases(journal: Journal, cases: Iterable[Case], *, because: str) -> None:
    """End a leaver's cases, so that nobody is asked about, or reminded of, whoever is gone.

    One that is being carried out is left to whoever has it, or to the sweep: there standing is
    settled before the first effect, and it ends as well, with nothing done.
    """
    for case in cases:
        lose(journal, case, SubscriberNotAContact())
        closed = journal.uow.cases.move(
            case.id, states=SUPERSEDABLE_STATES, to=CaseState.SUPERSEDED, now=journal.now
        )
        if closed is not None:
            journal.entered(closed, {"because": because})
