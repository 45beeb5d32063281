"""Serves the page on a loopback port of its own, from `start` to `stop`."""

from types import TracebackType
from typing import Self

from bot.http_server import HttpServer
from playground.office import HOST, Office, free_port
from playground.page.screen import Screens
from playground.page.web import create_page

_END_WITHIN = 2
"""Seconds that a request under way has; whoever waits for news is let go at once."""


class PageServer:
    """The page of an office that is open; a port of 0 takes a free one."""

    def __init__(self, office: Office, *, port: int = 0) -> None:
        self.port = port or free_port()
        self._screens = Screens(office)
        page = create_page(office, self._screens, port=self.port)
        self._http = HttpServer(page, host=HOST, port=self.port)

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

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.stop()
