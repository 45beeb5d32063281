"""What every service stands on: the ports, and the settings it keeps to, both frozen."""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import partial

from bot.directories.embedded import EmbeddedDirectory
from bot.domain.ports.clock import Clock
from bot.domain.ports.directory import Directory, DirectoryFactory
from bot.domain.ports.passwords import Passwords
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.ports.workspace import Workspace
from bot.settings.settings import Settings
from bot.wiring.keys import derive
from storage.database import Database
from storage.passwords import ArgonPasswords


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What is outside the domain; `key_for` returns the key for one purpose."""

    unit_of_work: UnitOfWorkFactory
    snapshot: UnitOfWorkFactory
    workspace: Workspace
    passwords: Passwords
    directory: DirectoryFactory
    clock: Clock
    key_for: Callable[[str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The settings that services keep to, each named as in `Settings`."""

    confirm_within: timedelta
    remind_after: tuple[timedelta, ...]
    suspend_after: timedelta | None
    set_up_code_required: bool
    ticket_pattern: re.Pattern[str] | None
    audit_channel: str | None
    alert_after: int
    request_channel: str | None
    help_contact: str | None
    issuer: str
    sign_in_url: str


def ports_of(
    settings: Settings, database: Database, *, clock: Clock, workspace: Workspace
) -> Ports:
    """Return the ports as the program has them, with the directory that Rekey holds itself."""

    def directory(uow: UnitOfWork) -> Directory:
        return EmbeddedDirectory(uow, clock=clock)

    return Ports(
        unit_of_work=database.unit_of_work,
        snapshot=database.snapshot,
        workspace=workspace,
        passwords=ArgonPasswords(),
        directory=directory,
        clock=clock,
        key_for=partial(derive, settings),
    )


def terms_of(settings: Settings) -> Terms:
    """Return what the settings say."""
    return Terms(**{field.name: getattr(settings, field.name) for field in fields(Terms)})
