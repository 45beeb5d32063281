"""The whole program put together from the settings."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask
from slack_bolt import App
from slack_sdk import WebClient

from bot import portal
from bot.clock import SystemClock
from bot.domain.ports.clock import Clock
from bot.domain.resets.carrying_out import ExecutingService
from bot.domain.sweep import Sweep
from bot.outbox import EmailDelivery, OutboxSender, OutboxThread
from bot.server.metrics import Metrics
from bot.server.readiness import Readiness
from bot.server.web import create_web, mount_slack
from bot.settings.settings import Need, Settings
from bot.slack.workspace import SlackWorkspace, slack_client
from bot.wiring.channels import channels_of
from bot.wiring.keys import CSRF
from bot.wiring.ports import ports_of, terms_of
from bot.wiring.slack import SlackServices
from storage.database import Database
from storage.errors import StorageError

UNAUTHORIZED = "Rekey could not ask Slack about this. Nothing was changed; try again in a minute."

_LOOK_UP_TIMEOUT = 1
"""Seconds for one question to Slack while a person's click waits for its 3 s."""
_SEND_TIMEOUT = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Rekey:
    """The whole program, built and not yet running."""

    settings: Settings
    clock: Clock
    database: Database
    services: SlackServices
    bolt: App
    web: Flask
    sender: OutboxSender
    outbox: OutboxThread
    sweep: Sweep
    executing: ExecutingService
    readiness: Readiness
    workspace: SlackWorkspace


def build(settings: Settings, *, clock: Clock | None = None) -> Rekey:
    """Put the whole program together; connects to nothing but the database, which it migrates.

    Raises a `SettingsError` that names what is missing, or a `StorageError`.
    """
    settings.require(Need.SLACK, Need.KEYS)
    clock = clock or SystemClock()
    wake = _Wake()
    database = _database(settings, on_outbox=wake)
    client = slack_client(settings, timeout=_LOOK_UP_TIMEOUT)
    workspace = SlackWorkspace(client)
    ports = ports_of(settings, database, clock=clock, workspace=workspace)
    services = SlackServices(ports, terms_of(settings), client=client)
    sender = services.sender(
        slack_client(settings, timeout=_SEND_TIMEOUT),
        email=_email(settings),
        is_alone=database.has_one_process,
    )
    outbox = wake.outbox = OutboxThread(sender, clock=clock)
    bolt = _bolt(settings, client)
    services.listen(bolt)
    readiness = Readiness(lambda: _missing(database, workspace), clock=clock)
    return Rekey(
        settings=settings,
        clock=clock,
        database=database,
        services=services,
        bolt=bolt,
        web=_web(settings, services, bolt, readiness),
        sender=sender,
        outbox=outbox,
        sweep=services.sweep,
        executing=services.executing,
        readiness=readiness,
        workspace=workspace,
    )


def _database(settings: Settings, *, on_outbox: Callable[[], None]) -> Database:
    """Open the database and migrate it; raises a `StorageError`."""
    keys = settings.secret_keys.get_secret_value()
    url = settings.database_url.get_secret_value()
    database = Database(url, secret_keys=keys, on_outbox=on_outbox, channels=channels_of(settings))
    database.upgrade()
    return database


def _email(settings: Settings) -> EmailDelivery | None:
    server = settings.smtp_url
    return EmailDelivery(server, sender=settings.mail_sender) if server else None


class _Wake:
    """Wakes the outbox, which is made after the database that it is woken by."""

    outbox: OutboxThread | None = None

    def __call__(self) -> None:
        if self.outbox is not None:
            self.outbox.wake()


def _bolt(settings: Settings, client: WebClient) -> App:
    """Return Bolt, which answers only after its listener has committed.

    Without a signing secret, in Socket Mode, it is never mounted on HTTP: an empty secret would be
    one that anybody can sign with.
    """
    secret = settings.slack_signing_secret
    return App(
        name="rekey",  # else Bolt searches the whole stack for one, which takes longest of all
        client=client,
        signing_secret=secret.get_secret_value() if secret else secrets.token_hex(),
        process_before_response=True,
        token_verification_enabled=False,
        user_facing_authorize_error_message=UNAUTHORIZED,
    )


def _web(settings: Settings, services: SlackServices, bolt: App, readiness: Readiness) -> Flask:
    clock, token = services.ports.clock, settings.metrics_token
    metrics = Metrics(services.ports.snapshot, clock=clock)
    web = create_web(
        ready=readiness.missing,
        metrics=metrics,
        metrics_token=token.get_secret_value() if token else None,
    )
    if not settings.socket_mode:
        mount_slack(web, bolt, metrics=metrics)
    about = portal.PortalSettings(
        issuer=settings.issuer,
        help_contact=settings.help_contact,
        secure_cookies=settings.secure_cookies,
        csrf_key=services.ports.key_for(CSRF),
        trusted_proxies=settings.trusted_proxies,
    )
    portal.register(
        web, sign_in=services.sign_in, set_up=services.set_up, settings=about, clock=clock
    )
    return web


def _missing(database: Database, workspace: SlackWorkspace) -> str | None:
    try:
        with database.snapshot() as uow:
            uow.audit.head()
        database.prove_writable()
    except StorageError:
        return "The database cannot be used."
    return None if workspace.is_reachable() else "Slack cannot be asked, or refuses the token."
