"""Every service of the program, over whatever a test puts beneath them."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from bot.directories.embedded import EmbeddedDirectory
from bot.domain.ports.clock import Clock
from bot.domain.ports.directory import DirectoryFactory
from bot.domain.ports.passwords import Passwords
from bot.domain.ports.unit_of_work import UnitOfWorkFactory
from bot.domain.ports.workspace import Workspace
from bot.settings.settings import settings_of
from bot.wiring.operator import OperatorServices
from bot.wiring.ports import Ports, Terms, terms_of
from bot.wiring.services import Services
from tests.fakes import FakePasswords, FakeWorkspace

PEPPER = b"pepper of the tests, 32 bytes ok"
_DEFAULTS = terms_of(settings_of({}))


class AllServices(Services, OperatorServices):
    """Every service there is, the operator's too."""


def services_over(
    unit_of_work: UnitOfWorkFactory,
    *,
    clock: Clock,
    workspace: Workspace | None = None,
    passwords: Passwords | None = None,
    **terms: Any,
) -> AllServices:
    """Build them over `ports_over` and `default_terms`."""
    ports = ports_over(unit_of_work, clock=clock, workspace=workspace, passwords=passwords)
    return AllServices(ports, default_terms(**terms))


def ports_over(
    unit_of_work: UnitOfWorkFactory,
    *,
    clock: Clock,
    snapshot: UnitOfWorkFactory | None = None,
    workspace: Workspace | None = None,
    passwords: Passwords | None = None,
    directory: DirectoryFactory | None = None,
    key_for: Callable[[str], bytes] = lambda _: PEPPER,
) -> Ports:
    """Return a cheap hash, a Slack without people and the store's directory, unless told."""
    return Ports(
        unit_of_work=unit_of_work,
        snapshot=snapshot or unit_of_work,
        workspace=workspace or FakeWorkspace(),
        passwords=passwords or FakePasswords(),
        directory=directory or partial(EmbeddedDirectory, clock=clock),
        clock=clock,
        key_for=key_for,
    )


def default_terms(**changes: Any) -> Terms:
    """Return what holds where nobody sets anything, but for these changes."""
    return replace(_DEFAULTS, **changes)
