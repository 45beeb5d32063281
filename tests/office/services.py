"""Every service of the program, over whatever a test puts beneath them."""

from dataclasses import replace
from typing import Any, Protocol

from bot.directories.embedded import EmbeddedDirectory
from bot.domain.ports.clock import Clock
from bot.domain.ports.directory import Directory, DirectoryFactory
from bot.domain.ports.passwords import Passwords
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.ports.workspace import Workspace
from bot.settings.settings import settings_of
from bot.wiring.operator import OperatorServices
from bot.wiring.ports import Ports, Terms, terms_of
from bot.wiring.services import Services
from tests.fakes import FakePasswords, FakeWorkspace

PEPPER = b"pepper of the tests, 32 bytes ok"


class Store(Protocol):
    """Anything that opens units of work."""

    def unit_of_work(self) -> UnitOfWork: ...
    def snapshot(self) -> UnitOfWork: ...


class AllServices(Services, OperatorServices):
    """Every service there is, the operator's too."""


def services_over(
    store: Store,
    *,
    clock: Clock,
    workspace: Workspace | None = None,
    passwords: Passwords | None = None,
    directory: DirectoryFactory | None = None,
    **terms: Any,
) -> AllServices:
    """Build them with a cheap hash and the directory of the store, unless told otherwise.

    `terms` are changes to what the settings are where nobody sets any.
    """
    ports = ports_over(
        store, clock=clock, workspace=workspace, passwords=passwords, directory=directory
    )
    return AllServices(ports, default_terms(**terms))


def ports_over(
    store: Store,
    *,
    clock: Clock,
    workspace: Workspace | None = None,
    passwords: Passwords | None = None,
    directory: DirectoryFactory | None = None,
) -> Ports:
    def embedded(uow: UnitOfWork) -> Directory:
        return EmbeddedDirectory(uow, clock=clock)

    return Ports(
        unit_of_work=store.unit_of_work,
        snapshot=store.snapshot,
        workspace=workspace or FakeWorkspace(),
        passwords=passwords or FakePasswords(),
        directory=directory or embedded,
        clock=clock,
        key_for=lambda _: PEPPER,
    )


def default_terms(**changes: Any) -> Terms:
    return replace(terms_of(settings_of({})), **changes)
