"""Serves the page on a loopback port of its own, from `start` to `stop`."""

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self

from bot.server.http import HttpServer
from playground.office import HOST, Office
from playground.page.screen import Screens
from playground.page.web import create_page

_END_WITHIN = 2
"""Seconds that a request under way has; whoever waits for news is let go at once."""


class PageServer:
    """The page of an office that is open; a port of 0 takes a free one."""

    def __init__(self, office: Office, *, port: int = 0) -> None:
        self._http = HttpServer(self._answer, host=HOST, port=port)
        self.port = self._http.port
        self._screens = Screens(office)
        self._page = create_page(office, self._screens, port=self.port)

    @property
    def url(self) -> str:
        """What people open."""
        return f"http://{HOST}:{self.port}/"

    def start(self) -> None:
        """Serve in threads."""
        self._http.start()

    def stop(self) -> None:
        """Let go whoever waits, and close the port."""
        self._screens.close()
        self._http.stop(within=_END_WITHIN)

    def _answer(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        return self._page(environ, start_response)  # which knows the port, and so comes after it

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.stop()
