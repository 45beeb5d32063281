"""What keeps a crash from doing harm, each to be taken away: then the crash tests must fail."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.model.cases import CaseState
from bot.domain.model.ids import MessageId, new_id
from bot.domain.model.notices import Notice
from storage.cases import SqlCases
from storage.outbox import SqlOutbox
from storage.unit_of_work import SqlUnitOfWork


class Guard(StrEnum):
    OUTBOX = "outbox"
    """A message is a row that is written in the transaction of its cause."""
    LEASE = "lease"
    """Whoever dies while a case is carried out leaves it to the next."""
    CAS = "cas"
    """A case is moved only from a state in which that may be."""


def remove(guard: Guard) -> None:
    """Take the guard away from this process."""
    {
        Guard.OUTBOX: _write_messages_after_the_commit,
        Guard.LEASE: _leave_cases_to_whoever_began,
        Guard.CAS: _move_from_anywhere,
    }[guard]()


def _write_messages_after_the_commit() -> None:
    """Write what a unit has to say in another one, once the first was committed."""
    leave, commit = SqlUnitOfWork.__exit__, SqlUnitOfWork.commit
    add = SqlOutbox.add

    def add_later(self: SqlOutbox, notice: Notice, *, now: datetime) -> MessageId | None:
        self.__dict__.setdefault("later", []).append((notice, now))
        return MessageId(new_id("msg"))

    def commit_without(self: SqlUnitOfWork) -> None:
        commit(self)
        self.__dict__["committed"] = True

    def write_then(self: SqlUnitOfWork, *raised: Any) -> None:
        later = self.outbox.__dict__.pop("later", [])
        leave(self, *raised)
        if later and self.__dict__.pop("committed", False):
            with self:
                for notice, now in later:
                    add(self.outbox, notice, now=now)
                commit(self)

    _put(SqlOutbox, "add", add_later)
    _put(SqlUnitOfWork, "commit", commit_without)
    _put(SqlUnitOfWork, "__exit__", write_then)


def _leave_cases_to_whoever_began() -> None:
    def nothing(_self: SqlCases, _now: datetime) -> tuple[()]:
        return ()

    _put(SqlCases, "due_to_carry_out", nothing)


def _move_from_anywhere() -> None:
    move = SqlCases.move

    def moved(self: SqlCases, case_id: Any, **asked: Any) -> Any:
        return move(self, case_id, **{**asked, "states": frozenset(CaseState)})

    _put(SqlCases, "move", moved)


def _put(owner: type, name: str, instead: Callable[..., Any]) -> None:
    setattr(owner, name, instead)
