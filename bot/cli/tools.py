"""What commands work with: the settings, the database, and who is at the keyboard."""

import os
import pwd
import socket
from dataclasses import dataclass
from pathlib import Path

from bot.cli.console import Failed
from bot.clock import SystemClock
from bot.domain.model.people import Operator
from bot.domain.operator.enrolling import OperatorService
from bot.domain.operator.forgetting import ForgettingService
from bot.domain.operator.identities import IdentityService
from bot.domain.operator.resets import OperatorResetService
from bot.domain.operator.suspending import SuspensionService
from bot.domain.ports.clock import Clock
from bot.domain.ports.directory import Directory
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.ports.workspace import Workspace
from bot.settings.settings import Need, Settings, load_settings
from bot.wiring.channels import channels_of
from storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Everything that a command which needs no Slack is made of."""

    settings: Settings
    database: Database
    clock: Clock
    operator: Operator

    @property
    def operators(self) -> OperatorService:
        from storage.passwords import ArgonPasswords

        return OperatorService(
            unit_of_work=self.database.unit_of_work,
            passwords=ArgonPasswords(),
            clock=self.clock,
            issuer=self.settings.issuer,
            audit_channel=self.settings.audit_channel,
        )

    @property
    def suspensions(self) -> SuspensionService:
        return SuspensionService(
            unit_of_work=self.database.unit_of_work,
            directory=self._directory,
            clock=self.clock,
            remind_after=self.settings.remind_after,
            audit_channel=self.settings.audit_channel,
        )

    @property
    def operator_resets(self) -> OperatorResetService:
        from bot.domain.record.alerts import Alerts
        from bot.domain.resets.carrying_out import ExecutingService
        from bot.domain.resets.executing import Executor

        settings = self.settings
        executor = Executor(
            directory=self._directory,
            remind_after=settings.remind_after,
            alerts=Alerts(audit_channel=settings.audit_channel, alert_after=settings.alert_after),
            audit_channel=settings.audit_channel,
        )
        return OperatorResetService(
            unit_of_work=self.database.unit_of_work,
            directory=self._directory,
            executing=ExecutingService(
                unit_of_work=self.database.unit_of_work, executor=executor, clock=self.clock
            ),
            clock=self.clock,
        )

    @property
    def forgetting(self) -> ForgettingService:
        return ForgettingService(
            unit_of_work=self.database.unit_of_work,
            clock=self.clock,
            audit_channel=self.settings.audit_channel,
        )

    def identities(self, workspace: Workspace) -> IdentityService:
        """Return what binds and replaces identities, asking that Slack."""
        return IdentityService(
            unit_of_work=self.database.unit_of_work,
            workspace=workspace,
            clock=self.clock,
            audit_channel=self.settings.audit_channel,
        )

    def _directory(self, uow: UnitOfWork) -> Directory:
        from bot.directories.embedded import EmbeddedDirectory

        return EmbeddedDirectory(uow, clock=self.clock)


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
