"""Looking into a store from outside: what was seen holds until somebody commits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from bot.domain.ports import UnitOfWork, UnitOfWorkFactory


class Looks:
    """One snapshot for as long as nothing changes, in which nothing is read twice."""

    def __init__(self, snapshot: UnitOfWorkFactory) -> None:
        self._snapshot = snapshot
        self._open: UnitOfWork | None = None
        self._seen: dict[object, Any] = {}

    @contextmanager
    def __call__(self) -> Iterator[UnitOfWork]:
        yield cast("UnitOfWork", self)

    def __getattr__(self, repository: str) -> "_Repository":
        return _Repository(self, repository)

    def see(self, repository: str, method: str, *given: Any, **named: Any) -> Any:
        key = (repository, method, given, tuple(named.items()))
        if key not in self._seen:
            if self._open is None:
                self._open = self._snapshot().__enter__()
            found = getattr(getattr(self._open, repository), method)(*given, **named)
            self._seen[key] = tuple(found) if isinstance(found, Iterator) else found
        return self._seen[key]

    def forget(self) -> None:
        """Look anew from now on."""
        self._seen.clear()
        if self._open is not None:
            self._open.__exit__(None, None, None)
            self._open = None


class _Repository:
    def __init__(self, looks: Looks, name: str) -> None:
        self._looks = looks
        self._name = name

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def see(*given: Any, **named: Any) -> Any:
            return self._looks.see(self._name, method, *given, **named)

        return see
