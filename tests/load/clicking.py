"""Clicks on Yes, each by two at the very same time, through the program's own services."""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from bot.clock import SystemClock
from bot.domain.model.errors import AlreadyDecided, CarriedOutLaterError
from bot.domain.model.pressed import Pressed
from bot.domain.resets.deciding import DecidingService
from bot.wiring.services import Services
from storage.database import Database
from storage.errors import DatabaseBusyError
from tests.fakes import FakeWorkspace, a_member
from tests.fakes.sqlite import SECRET_KEYS
from tests.load.crowd import Waiting, identities
from tests.office.services import services_over

TOGETHER_WITHIN = 120
"""Seconds that one waits for the other, on a machine that runs other tests meanwhile."""


class Barrier(Protocol):
    def wait(self, timeout: float | None = None, /) -> int: ...


def services_of(database: Database, waiting: Sequence[Waiting]) -> Services:
    """Build services as the program does, with a Slack in which everybody is as they were."""
    workspace = FakeWorkspace(a_member(who.user) for who in identities(waiting))
    return services_over(
        database.unit_of_work, clock=SystemClock(), workspace=workspace, audit_channel="C01AUDIT"
    )


def click_all(
    deciding: DecidingService, waiting: Sequence[Waiting], barrier: Barrier
) -> Counter[str]:
    """Click Yes on each case, together with whoever waits at the barrier; count the outcomes."""
    outcomes: Counter[str] = Counter()
    for each in waiting:
        barrier.wait(TOGETHER_WITHIN)
        outcomes[_click(deciding, each)] += 1
    return outcomes


def click_in_process(url: str, waiting: Sequence[Waiting], barrier: Barrier) -> Counter[str]:
    """Do the same in a process of its own."""
    database = Database(url, secret_keys=SECRET_KEYS)
    try:
        return click_all(services_of(database, waiting).deciding, waiting, barrier)
    finally:
        database.close()


def _click(deciding: DecidingService, each: Waiting) -> str:
    try:
        case = deciding.confirm(Pressed(actor=each.admin, value=each.case_id))
    except AlreadyDecided:
        return "refused"
    except CarriedOutLaterError:  # the database was busy, once the Yes was stored
        return "later"
    except DatabaseBusyError:  # told to try again, a person clicks again
        return _click(deciding, each)
    return case.state
