"""Looking into a store from outside: what was seen holds until it is written anew."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple, Protocol, cast

from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory


class Tables(Protocol):
    """Which tables a store is asked for, and which of them somebody wrote to."""

    def asked_for(self) -> AbstractContextManager[set[str]]:
        """Collect those that are named meanwhile."""

    def written_to(self) -> set[str]:
        """Return those that somebody wrote to, or tried to, since this was called last."""


class Looks:
    """One snapshot for as long as nothing changes, in which nothing is read twice.

    Where `tables` are known, a look also holds beyond a change of others than those it read.
    """

    def __init__(self, snapshot: UnitOfWorkFactory, *, tables: Tables | None = None) -> None:
        self._snapshot = snapshot
        self._tables = tables
        self._open: UnitOfWork | None = None
        self._seen: dict[object, _Seen] = {}

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
            look = getattr(getattr(self._open, repository), method)
            self._seen[key] = self._look(lambda: look(*given, **named))
        return self._seen[key].found

    def forget(self) -> None:
        """Look anew from now on at whatever may have changed."""
        if self._tables is None:
            self._seen.clear()
        elif written := self._tables.written_to():
            self._seen = {
                key: seen
                for key, seen in self._seen.items()
                if seen.tables and not seen.tables & written  # one without may stand on another
            }
        self.close()

    def close(self) -> None:
        if self._open is not None:
            self._open.__exit__(None, None, None)
            self._open = None

    def _look(self, look: Callable[[], Any]) -> "_Seen":
        if self._tables is None:
            return _Seen(_whole(look()), frozenset())
        with self._tables.asked_for() as tables:
            found = _whole(look())
        return _Seen(found, frozenset(tables))


class _Seen(NamedTuple):
    found: Any
    tables: frozenset[str]


def _whole(found: Any) -> Any:
    return tuple(found) if isinstance(found, Iterator) else found


class _Repository:
    def __init__(self, looks: Looks, name: str) -> None:
        self._looks = looks
        self._name = name

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def see(*given: Any, **named: Any) -> Any:
            return self._looks.see(self._name, method, *given, **named)

        return see
