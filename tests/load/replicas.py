"""Replicas behind one address, as a load balancer has them; each is killed and started again."""

import os
import signal
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from itertools import count
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tests.process import START_WITHIN, Machine, Served

_CUT_OFF_AFTER = 10
"""Seconds for which the balancer waits; Slack itself gives up after three."""


class _Killed(Exception):
    """The process was killed by the test, which asks no more of it."""


class Replica:
    """One `rekey serve`: entered, it serves, and is started again whenever it was killed."""

    def __init__(self, machine: Machine) -> None:
        self.url: str | None = None
        self.kills = 0
        self.logs: list[str] = []
        self._machine = machine
        self._serves = threading.Event()
        self._told = threading.Event()
        self._stopping = False
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._stopping = True
        self._told.set()
        self._thread.join()
        if self._fault is not None and exc is None:
            raise self._fault

    def wait(self) -> None:
        """Return once it serves."""
        assert self._serves.wait(START_WITHIN), "it does not start"
        if self._fault is not None:
            raise self._fault

    def kill(self) -> None:
        """Kill it, and return at once; it is started again by itself."""
        self._serves.clear()
        self._told.set()

    def _keep(self) -> None:
        try:
            while not self._stopping:
                with suppress(_Killed):
                    self._serve()
        except BaseException as fault:  # noqa: BLE001  # raised where the test can see it
            self._fault = fault
            self._serves.set()

    def _serve(self) -> None:
        self._told.clear()
        if self._stopping:
            return
        with Served(self._machine) as served:
            self.url = served.url
            self._serves.set()
            self._told.wait()
            self.url = None
            if not self._stopping:
                os.kill(served.pid, signal.SIGKILL)
                served.wait(START_WITHIN)
                self.kills += 1
                self.logs.append(served.log)
                raise _Killed


class Address:
    """Hands each request to one of the replicas in turn, to another where that one is gone.

    What was cut off in the middle is not tried again: nobody knows what came of it.
    """

    def __init__(self, replicas: Sequence[Replica]) -> None:
        self._replicas = replicas
        self._turn = count()

    def __call__(
        self, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], str]:
        first = next(self._turn)
        for place in range(len(self._replicas)):
            url = self._replicas[(first + place) % len(self._replicas)].url
            if url is None:
                continue
            try:
                return _forward(url, body, headers)
            except ConnectionRefusedError:
                continue
            except (OSError, HTTPException):
                return HTTPStatus.BAD_GATEWAY, {}, ""
        return HTTPStatus.SERVICE_UNAVAILABLE, {}, ""


def _forward(
    url: str, body: bytes, headers: Mapping[str, str]
) -> tuple[int, Mapping[str, str], str]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=_CUT_OFF_AFTER)
    try:
        connection.request("POST", "/slack/events", body, dict(headers))
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read().decode()
    finally:
        connection.close()
