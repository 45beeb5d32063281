"""The outbox's thread: woken after each commit, and when the next message can leave."""

import logging
import threading

from bot.domain.ports.clock import Clock
from bot.outbox.sender import OutboxSender

_LONGEST_SLEEP = 60.0
_AFTER_TROUBLE = 5.0

logger = logging.getLogger(__name__)


class OutboxThread:
    """Lets the sender drain the outbox whenever something may leave."""

    def __init__(self, sender: OutboxSender, *, clock: Clock) -> None:
        self._sender = sender
        self._clock = clock
        self._woken = threading.Event()
        # A daemon: one that hangs does not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    def start(self) -> None:
        """Begin to send; what an earlier run left behind goes first."""
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """End after the message under way, or after `timeout` seconds; what is left stays due."""
        self._sender.stopping.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def wake(self) -> None:
        """Tell the thread that there is something to send; returns at once."""
        self._woken.set()

    def _run(self) -> None:
        while True:
            self._woken.clear()  # before it looks: whatever comes after that is seen, or wakes it
            if self._sender.stopping.is_set():
                return
            try:
                self._sender.drain()
                pause = self._pause()
            except Exception as error:  # noqa: BLE001  # the outbox outlives whatever befalls it
                logger.error("the outbox could not be read: %s", type(error).__name__)  # noqa: TRY400  # a traceback's text may hold a message
                pause = _AFTER_TROUBLE
            self._woken.wait(pause)

    def _pause(self) -> float:
        """Return the seconds until the next can leave, few enough to notice a moved clock."""
        next_at = self._sender.next_at()
        if next_at is None:
            return _LONGEST_SLEEP
        return min(max((next_at - self._clock.now()).total_seconds(), 0.0), _LONGEST_SLEEP)
