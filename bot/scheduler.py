"""The one scheduled job: sweep what is due, at start-up and from then on at a steady pace."""

from collections.abc import Callable
from datetime import datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler


class SweepScheduler:
    """Runs `sweep` in a thread of its own; a run that fails is logged, and the next one follows."""

    def __init__(self, sweep: Callable[[], None], *, every: timedelta) -> None:
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._scheduler.add_job(
            sweep,
            "interval",
            seconds=every.total_seconds(),
            id="sweep",
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def start(self, *, now: datetime) -> None:
        """Begin with a sweep at once."""
        self._scheduler.start()
        self._scheduler.modify_job("sweep", next_run_time=now)

    def stop(self) -> None:
        """Let a sweep that is under way end; start no other."""
        self._scheduler.shutdown(wait=True)
