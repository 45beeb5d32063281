"""One transaction over everything stored."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from bot.domain.ports.audit import AuditLog
from bot.domain.ports.cases import CaseRepository
from bot.domain.ports.contacts import ContactRepository, RosterRepository
from bot.domain.ports.outbox import OutboxRepository
from bot.domain.ports.overview import OverviewRepository
from bot.domain.ports.requests import RequestRepository
from bot.domain.ports.sign_in import (
    AttemptRepository,
    AuthenticatorRepository,
    SessionRepository,
    SuspensionRepository,
)


class UnitOfWork(Protocol):
    """One transaction over everything stored; rolls back unless told to commit.

    After a commit that wrote to the outbox its sender is woken.
    """

    @property
    def contacts(self) -> ContactRepository: ...
    @property
    def roster(self) -> RosterRepository: ...
    @property
    def authenticators(self) -> AuthenticatorRepository: ...
    @property
    def sessions(self) -> SessionRepository: ...
    @property
    def suspensions(self) -> SuspensionRepository: ...
    @property
    def cases(self) -> CaseRepository: ...
    @property
    def requests(self) -> RequestRepository: ...
    @property
    def attempts(self) -> AttemptRepository: ...
    @property
    def outbox(self) -> OutboxRepository: ...
    @property
    def audit(self) -> AuditLog: ...
    @property
    def overview(self) -> OverviewRepository: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None: ...
    def commit(self) -> None: ...


UnitOfWorkFactory = Callable[[], UnitOfWork]
