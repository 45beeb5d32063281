"""Faults on demand: what a test tells the stand-in to do instead of answering properly."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field

RESPONSE_URL = "response_url"


class Gate:
    """Holds a call until released; `arrived` is set once the bot's call is inside."""

    def __init__(self, seconds: float | None = None) -> None:
        self.arrived = threading.Event()
        self._released = threading.Event()
        self._seconds = seconds

    def release(self) -> None:
        """Let the call go on, now and ever after."""
        self._released.set()

    def pass_through(self) -> None:
        """Wait until released, or for as long as the gate was built for."""
        self.arrived.set()
        self._released.wait(self._seconds)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that goes wrong with a call.

    `gate` delays it, `drop` closes the connection instead of answering; with `after`, the call has
    its effect first and only the answer is lost.
    """

    error: str | None = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    gate: Gate | None = None
    drop: bool = False
    after: bool = False

    @property
    def comes_instead(self) -> bool:
        """Whether the call has no effect at all."""
        return self.gate is None and not self.after

    @property
    def label(self) -> str:
        """What the transcript says of the call."""
        return f"fault: {self.error or self.status or 'dropped'}"


class Faults:
    """The faults waiting for calls; each `method` is a Web API method's name or `response_url`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: defaultdict[str, list[tuple[Fault, int | None]]] = defaultdict(list)
        self._gates: list[Gate] = []

    def fail(self, method: str, *, error: str, times: int | None = 1) -> None:
        """Answer `ok: false` with `error`; `times=None` until `clear`."""
        self._add(method, Fault(error=error), times)

    def rate_limit(self, method: str, *, retry_after: int = 1, times: int | None = 1) -> None:
        """Answer 429 with `Retry-After`."""
        fault = Fault(error="ratelimited", status=429, headers={"Retry-After": str(retry_after)})
        self._add(method, fault, times)

    def server_error(self, method: str, *, status: int = 500, times: int | None = 1) -> None:
        """Answer with a page from a load balancer, not with JSON."""
        self._add(method, Fault(status=status, body="<html>upstream error</html>"), times)

    def garbage(self, method: str, *, times: int | None = 1) -> None:
        """Answer 200 with something that is not JSON."""
        self._add(method, Fault(status=200, body="<!doctype html>{ok"), times)

    def drop(self, method: str, *, after: bool = False, times: int | None = 1) -> None:
        """Close the connection without an answer, before the call's effect or `after` it."""
        self._add(method, Fault(drop=True, after=after), times)

    def slow(self, method: str, *, seconds: float, times: int | None = 1) -> Gate:
        """Answer properly, but only after `seconds`."""
        return self._add_gate(method, Gate(seconds), times)

    def hold(self, method: str, *, times: int | None = 1) -> Gate:
        """Answer properly, but only when the returned gate is released."""
        return self._add_gate(method, Gate(), times)

    def clear(self) -> None:
        """Forget every fault and release every call that is being held."""
        with self._lock:
            self._waiting.clear()
            for gate in self._gates:
                gate.release()
            self._gates.clear()

    def take(self, method: str) -> Fault | None:
        """Return the fault due for this call, and count it."""
        with self._lock:
            queue = self._waiting[method]
            if not queue:
                return None
            fault, times = queue[0]
            if times == 1:
                queue.pop(0)
            elif times is not None:
                queue[0] = (fault, times - 1)
            return fault

    def _add_gate(self, method: str, gate: Gate, times: int | None) -> Gate:
        with self._lock:
            self._gates.append(gate)
        self._add(method, Fault(gate=gate), times)
        return gate

    def _add(self, method: str, fault: Fault, times: int | None) -> None:
        with self._lock:
            self._waiting[method].append((fault, times))
