"""The one scheduled job: sweep what is due, at start-up and from then on at a steady pace."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

logger = logging.getLogger(__name__)


class SweepScheduler:
    """Runs `sweep` in a thread of its own; a run that fails is logged, and the next one follows.

    What falls due while a sweep runs is one further sweep after it.
    """

    def __init__(self, sweep: Callable[[], None], *, every: timedelta) -> None:
        self._sweep = sweep
        self._due = threading.Event()
        self._stopping = threading.Event()
        # A daemon: one that hangs does not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._scheduler.add_job(
            self._due.set,
            "interval",
            seconds=every.total_seconds(),
            id="sweep",
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def start(self, *, now: datetime) -> None:
        """Begin with a sweep at once."""
        self._thread.start()
        self._scheduler.start()
        self._scheduler.modify_job("sweep", next_run_time=now)

    def stop(self, within: float) -> bool:
        """Let a sweep that is under way end `within` seconds, start no other; whether it ended."""
        self._scheduler.shutdown(wait=False)
        self._stopping.set()
        self._due.set()
        self._thread.join(within)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            self._due.wait()
            self._due.clear()
            if self._stopping.is_set():
                return
            try:
                self._sweep()
            except Exception:
                logger.exception("the sweep failed")
