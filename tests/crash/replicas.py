"""Two replicas on PostgreSQL: what one leaves when it dies, the other takes up."""

from sqlalchemy import text

from bot.clock import SystemClock
from tests.crash.running import Running
from tests.crash.stage import Stage

_LEASES = text("UPDATE cases SET lease_until = :now WHERE lease_until IS NOT NULL")
_CLAIMS = text(
    "UPDATE outbox SET next_attempt_at = :now"
    " WHERE claimed_by IS NOT NULL AND sent_at IS NULL AND failed_at IS NULL"
)


class Replicas(Stage):
    """Whoever dies is not started again: another goes on, which runs already or is started then.

    What the dead one held runs out at once, as if the time had gone by; but for a message that it
    had claimed while another replica runs, which cannot be told from that one's.
    """

    spare: Running | None = None

    def add(self) -> None:
        """Start a second replica, beside the one that people's acts reach."""
        self.spare = self._spawn("serve")
        assert self._url_of(self.spare) is not None, self.spare.log

    def start(self) -> None:
        """Have the other one go on; where there is none, start it."""
        if self.died:
            self._let_run_out()
        if self.spare is None:
            super().start()
            return
        url = self._url_of(self.spare)
        assert url is not None
        self._running, self.spare = self.spare, None
        self._listens_at(url)

    def abandon(self) -> None:
        """Kill whatever still runs, after a test that failed."""
        if self.spare is not None:
            self.spare.kill()
        super().abandon()

    def _let_run_out(self) -> None:
        with self._engine.begin() as connection:
            connection.execute(_LEASES, {"now": SystemClock().now()})
            if self.spare is None:
                connection.execute(_CLAIMS, {"now": SystemClock().now()})
