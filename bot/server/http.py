"""The threaded WSGI server under the program, with an orderly end."""

import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

from waitress.server import create_server

THREADS = 8
"""Requests at once: one writer serves them all, so more would only queue."""
_CLOSE_WITHIN = 1.0
"""Seconds for the sockets alone, once no request is waited for any longer."""


class HttpServer:
    """Serves a WSGI application on one address; a port of 0 takes a free one."""

    def __init__(self, application: Callable[..., Any], *, host: str, port: int) -> None:
        self._server = create_server(
            application,
            host=host,
            port=port,
            threads=THREADS,
            ident=None,
            # Who forwarded a request, and who is to be believed, is for the pages to say: cleared,
            # every request through a proxy on this host would look like one of its own.
            clear_untrusted_proxy_headers=False,
            max_request_body_size=2_000_000,
            channel_timeout=30,
        )
        self._thread = threading.Thread(target=self._server.run, name="http", daemon=True)
        # The loop may be awake already and close the trigger while `stop` is about to pull it.
        self._pulling = threading.Lock()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._server.effective_port)

    def start(self) -> None:
        """Serve in a thread."""
        self._thread.start()

    def stop(self, *, within: float = 10) -> None:
        """Accept nothing more, let requests under way end `within` seconds, then close."""
        deadline = monotonic() + within
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=within)
        with self._pulling:
            self._server.trigger.pull_trigger(self._close)
        self._thread.join(max(deadline - monotonic(), _CLOSE_WITHIN))

    def _close(self) -> None:
        with self._pulling:
            for channel in list(self._server.active_channels.values()):
                channel.close()
            self._server.close()
