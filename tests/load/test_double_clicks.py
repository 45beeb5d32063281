"""A thousand double clicks on Yes at the same time: one reset each, one chain, one message each."""

import multiprocessing
import os
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

from bot.clock import SystemClock
from bot.domain.model.audit import AuditRecord, verify_chain
from bot.domain.model.cases import CaseState
from bot.domain.model.notices import NoticeKind
from bot.domain.ports.unit_of_work import UnitOfWork
from storage.database import Database
from tests.fakes.sqlite import SECRET_KEYS, a_database
from tests.load.clicking import Barrier, click_all, click_in_process, services_of
from tests.load.crowd import Waiting, seed_crowd

CLICKED = 1000 if os.environ.get("CI") else 100
"""Cases, each clicked by two at once."""
CLICKERS = 8

_ONCE = (
    *(f"case:{state}" for state in ("awaiting_confirmation", "executing", "completed")),
    "contact:set_up_required",
    "authenticator:invalidated",
    "session:ended",
    "reset:already_decided",
)
"""What is recorded of each case, by whichever door it came."""

Click = Callable[[Sequence[Waiting], Barrier], Counter[str]]


def test_by_eight_processes_on_postgresql(postgresql_url: str) -> None:
    database = Database(postgresql_url, secret_keys=SECRET_KEYS)
    waiting = seed_crowd(database, CLICKED)
    processes = multiprocessing.get_context("spawn")
    with (
        processes.Manager() as manager,
        ProcessPoolExecutor(CLICKERS, mp_context=processes) as pool,
    ):
        click = partial(click_in_process, postgresql_url)
        outcomes = _click_twice(pool, click, waiting, lambda: manager.Barrier(2))
    _expect_each_once(database, waiting, outcomes)
    database.close()


def test_by_eight_threads_on_sqlite(tmp_path: Path) -> None:
    database = a_database(tmp_path)
    waiting = seed_crowd(database, CLICKED)
    with ThreadPoolExecutor(CLICKERS) as pool:
        click = partial(click_all, services_of(database, waiting).deciding)
        outcomes = _click_twice(pool, click, waiting, lambda: threading.Barrier(2))
    _expect_each_once(database, waiting, outcomes)
    database.close()


def _click_twice(
    pool: Executor, click: Click, waiting: Sequence[Waiting], barrier: Callable[[], Barrier]
) -> Counter[str]:
    """Have each case clicked by two of the eight, who meet at a barrier before each click."""
    pairs = CLICKERS // 2
    clicking: list[Future[Counter[str]]] = []
    for pair in range(pairs):
        meeting = barrier()
        clicking += [pool.submit(click, waiting[pair::pairs], meeting) for _ in range(2)]
    return sum((each.result() for each in clicking), Counter[str]())


def _expect_each_once(
    database: Database, waiting: Sequence[Waiting], outcomes: Counter[str]
) -> None:
    assert outcomes["refused"] == len(waiting)
    assert outcomes[CaseState.COMPLETED] + outcomes["later"] == len(waiting)
    if outcomes["later"]:
        _carry_on(database, waiting)
    with database.snapshot() as uow:
        records = list(uow.audit.records())
        messages = uow.outbox.due(SystemClock().now() + timedelta(days=1), limit=100_000)
        epochs = [_epoch(uow, each) for each in waiting]
    assert verify_chain(records).fault is None
    assert epochs == [1] * len(waiting)
    for what in _ONCE:
        assert _cases_with(records, what) == Counter(each.case_id for each in waiting), what
    told = Counter((m.notice.kind, m.notice.case_id) for m in messages)
    for kind in (NoticeKind.SUBSCRIBER_RESET, NoticeKind.OUTCOME):
        assert [told[kind, each.case_id] for each in waiting] == [1] * len(waiting), kind
    # the owner, and the audit channel
    assert [told[NoticeKind.OWNER_RESET, each.case_id] for each in waiting] == [2] * len(waiting)


def _epoch(uow: UnitOfWork, each: Waiting) -> int:
    """Return how many resets the person has been through."""
    contact = uow.contacts.get(each.subscriber_id)
    assert contact is not None
    return contact.sign_in_epoch


def _carry_on(database: Database, waiting: Sequence[Waiting]) -> None:
    """Sweep up what a machine at its limit could not carry out at once."""
    services = services_of(database, waiting)
    services.executing.release_leases()
    services.pick_ups.carry_out_due()


def _cases_with(records: Sequence[AuditRecord], what: str) -> Counter[str | None]:
    return Counter(r.case for r in records if r.tag.partition(":")[2] == what)
