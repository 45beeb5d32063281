"""What commands work with: the settings, the database, and who is at the keyboard."""

import os
import pwd
import socket
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bot.cli.console import Failed
from bot.clock import SystemClock
from bot.domain.model.errors import WorkspaceUnavailableError
from bot.domain.model.people import Member, Operator
from bot.domain.ports.clock import Clock
from bot.domain.ports.workspace import Workspace
from bot.settings.loading import load_settings
from bot.settings.settings import Need, Settings
from bot.wiring.channels import channels_of
from bot.wiring.operator import OperatorServices
from bot.wiring.ports import ports_of, terms_of
from storage.database import Database


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What a command is made of; one that asks Slack names the `workspace` itself."""

    settings: Settings
    database: Database
    clock: Clock
    operator: Operator

    @cached_property
    def services(self) -> OperatorServices:
        return self.services_asking(_Unasked())

    def services_asking(self, workspace: Workspace) -> OperatorServices:
        ports = ports_of(self.settings, self.database, clock=self.clock, workspace=workspace)
        return OperatorServices(ports, terms_of(self.settings))


class _Unasked:
    """Slack, to a command that asks it nothing."""

    def member(self, user_id: str) -> Member:
        raise WorkspaceUnavailableError


def writing(*needs: Need, new: bool = False) -> Tools:
    """Return the tools of a command that writes; the database is migrated first.

    Raises a `SettingsError`, a `StorageError`, or, unless it may be a `new` one, `Failed` where
    there is no database yet.
    """
    settings = load_settings(*needs)
    if not new:
        _require_database(settings)
    tools = _tools(settings)
    tools.database.upgrade()
    return tools


def reading(*needs: Need) -> Tools:
    """Return the tools of a command that only reads: it makes no database and migrates none."""
    settings = load_settings(*needs)
    _require_database(settings)
    tools = _tools(settings)
    if not tools.database.is_current():
        tools.database.refuse_newer()
        raise Failed("The database is of an older version of Rekey: run “rekey db upgrade”.")
    return tools


def database_file(settings: Settings) -> Path | None:
    """Return the SQLite file; `None` for a database that is none."""
    scheme, _, rest = settings.database_url.get_secret_value().partition(":///")
    return Path(rest) if scheme.startswith("sqlite") else None


def this_operator() -> Operator:
    """Return who runs this process, by the operating system's word and not the environment's."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user that has no name
        user = str(os.getuid())
    return Operator(user=user, host=socket.gethostname())


def _require_database(settings: Settings) -> None:
    file = database_file(settings)
    if file is not None and not file.exists():
        raise Failed(f"There is no database at {file}. “rekey db upgrade” makes one.")


def _tools(settings: Settings) -> Tools:
    database = Database(
        settings.database_url.get_secret_value(),
        secret_keys=settings.secret_keys.get_secret_value(),
        channels=channels_of(settings),
    )
    return Tools(
        settings=settings, database=database, clock=SystemClock(), operator=this_operator()
    )
