"""Running the program: HTTP, Slack's socket, the outbox and the sweep, until it is told to stop."""

import logging
import signal
import threading
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from time import monotonic
from types import FrameType

from bot.logs.logging import configure_logs
from bot.server.http import HttpServer
from bot.server.program import Rekey, build
from bot.server.scheduler import SweepScheduler
from bot.settings.settings import Settings, SettingsError
from storage.serving import serving_from

STOP_WITHIN = 10
"""Seconds that work under way has to end; the contract gives the whole stop 15."""
_RECONNECT_AFTER = 5
_NOTICED_WITHIN = 1.0
"""Seconds until a signal is noticed that comes just as the main thread lies down to wait."""

logger = logging.getLogger(__name__)


class Server:
    """Starts and stops the parts of a built program; a Slack that is away is waited for."""

    def __init__(self, rekey: Rekey) -> None:
        self._rekey = rekey
        self._http = _listening(rekey)
        self._scheduler = SweepScheduler(partial(sweep, rekey), every=rekey.settings.sweep_every)
        self._socket = _Socket(rekey) if rekey.settings.socket_mode else None

    @property
    def port(self) -> int:
        """The port on which the pages are served."""
        return self._http.port

    def start(self) -> None:
        """Serve; what an earlier run left, or fell due since, is done first thing."""
        let_go(self._rekey)
        self._rekey.outbox.start()
        self._scheduler.start(now=self._rekey.clock.now())
        self._http.start()
        # Where the app is installed: else the first command of a run would wait for that, too.
        asking = self._rekey.workspace.is_reachable
        threading.Thread(target=asking, name="slack-home", daemon=True).start()
        if self._socket is not None:
            self._socket.start()

    def stop(self) -> None:
        """Take nothing new, let what is under way end in the time there is, close the database."""
        deadline = monotonic() + STOP_WITHIN
        self._rekey.readiness.stop()  # first of all, so that no proxy sends anybody here
        if self._socket is not None:
            self._socket.stop(within=_left(deadline))
        self._http.stop(within=_left(deadline))
        self._scheduler.stop(_left(deadline))
        self._rekey.outbox.stop(_left(deadline))
        self._rekey.database.close()


def let_go(rekey: Rekey) -> None:
    """Let go of what an earlier run held, where only one serves at a time: whoever held it died.

    Where several may serve the holder may live; what it held falls to others when its time is up.
    """
    if rekey.database.has_one_process:
        rekey.executing.release_leases()


def sweep(rekey: Rekey) -> None:
    """Sweep unless another program does so just now; messages leave in either case."""
    try:
        with rekey.database.alone("sweep") as alone:
            if alone:
                rekey.sweep.run()
    finally:
        rekey.outbox.wake()


def _listening(rekey: Rekey) -> HttpServer:
    listen = rekey.settings.listen
    try:
        return HttpServer(rekey.web, host=listen.host, port=listen.port)
    except OSError as error:
        raise SettingsError([f"REKEY_LISTEN: nothing can listen there: {error.strerror}"]) from None


def _left(deadline: float) -> float:
    return max(deadline - monotonic(), 0.0)


class _Socket:
    """Keeps a Socket Mode connection, also where Slack is away at the start."""

    def __init__(self, rekey: Rekey) -> None:
        from slack_bolt.adapter import socket_mode  # noqa: PLC0415  # 20 ms that HTTP is spared

        token = rekey.settings.slack_app_token
        self._handler = socket_mode.SocketModeHandler(
            rekey.bolt, app_token=token.get_secret_value() if token else ""
        )
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._connect, name="slack-socket", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, *, within: float) -> None:
        """Close the connection; one that hangs dies with the process."""
        self._stopped.set()
        closing = threading.Thread(target=self._close, name="slack-socket-end", daemon=True)
        closing.start()
        closing.join(within)

    def _close(self) -> None:
        self._thread.join()
        self._handler.client.close()

    def _connect(self) -> None:
        while not self._stopped.is_set():
            try:
                self._handler.client.connect()
            except Exception as error:  # noqa: BLE001  # whatever it was, Slack is tried again
                logger.warning("no connection to Slack: %s", type(error).__name__)
                self._stopped.wait(_RECONNECT_AFTER)
            else:
                logger.info("connected to Slack's socket")
                return


def run_until_signalled(rekey: Rekey) -> None:
    """Serve until SIGTERM or SIGINT; must be called in the main thread."""
    # A queue, since an event's own lock may be held just now by the thread that takes the signal.
    received: SimpleQueue[signal.Signals] = SimpleQueue()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        received.put(signal.Signals(number))  # said below: this thread may be logging just now

    before = {name: signal.signal(name, on_signal) for name in (signal.SIGTERM, signal.SIGINT)}
    server = Server(rekey)
    server.start()
    logger.info("serving on port %s", server.port)
    try:
        logger.info("stopping on %s", _first(received).name)
    finally:
        server.stop()
        for name, handler in before.items():
            signal.signal(name, handler)


def _first(received: SimpleQueue[signal.Signals]) -> signal.Signals:
    while True:
        with suppress(Empty):
            return received.get(timeout=_NOTICED_WITHIN)


def serve(settings: Settings) -> None:
    """Run the bot for a real workspace until it is told to stop.

    Raises a `SettingsError` or a `StorageError` before anything is served: where another program
    serves from the same SQLite file, before that is migrated.
    """
    configure_logs()
    with serving_from(settings.database_url.get_secret_value()):
        run_until_signalled(build(settings))
