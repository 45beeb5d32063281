"""The composition root: the only place that knows every part."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask
from slack_bolt import App
from slack_sdk import WebClient

from bot import portal
from bot.clock import SystemClock
from bot.domain.ports.clock import Clock
from bot.domain.record.answers import Replies
from bot.domain.resets.carrying_out import ExecutingService
from bot.domain.set_up.enrolment import SetUpService
from bot.domain.sweep import Sweep
from bot.handlers import Services, register_all
from bot.handlers.home_pages import HomePages
from bot.outbox import EmailDelivery, OutboxSender, OutboxThread
from bot.server.metrics import Metrics
from bot.server.readiness import Readiness
from bot.server.web import create_web, mount_slack
from bot.settings.settings import Need, Settings
from bot.slack.workspace import SlackWorkspace, slack_client
from bot.wiring.channels import channels_of
from bot.wiring.keys import derive
from bot.wiring.services import Parts
from storage.database import Database
from storage.errors import StorageError

SIGN_IN_PATH = "/portal/sign-in"
UNAUTHORIZED = "Rekey could not ask Slack about this. Nothing was changed; try again in a minute."

_SEND_TIMEOUT = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Rekey:
    """The whole program, built and not yet running."""

    settings: Settings
    clock: Clock
    database: Database
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
    parts = Parts(settings, clock, database)
    home = _home(parts)
    sender = _sender(parts, home, is_alone=database.has_one_process)
    outbox = wake.outbox = OutboxThread(sender, clock=clock)
    deciding, set_up = parts.deciding(), parts.set_up()
    own_requests = parts.own_requests(on_expired=home.refresh_contact)
    bolt = _bolt(settings, parts.client)
    services = Services(
        asking=parts.asking(),
        deciding=deciding,
        hand_over=parts.hand_over(),
        home=home,
        case_work=parts.case_work(),
        case_lists=parts.case_lists(),
        own_requests=own_requests,
        search=parts.search(),
        reports=parts.reports(),
        set_up=set_up,
        replies=Replies(unit_of_work=database.unit_of_work, clock=clock),
        clock=clock,
        help_contact=settings.help_contact,
    )
    register_all(bolt, services)
    readiness = Readiness(lambda: _missing(database, parts.workspace), clock=clock)
    web = _web(parts, bolt, Metrics(database.snapshot, clock=clock), readiness, set_up)
    sweep = Sweep(
        pick_ups=parts.pick_ups(),
        deciding=deciding,
        lapses=parts.lapses(),
        reminders=parts.reminders(),
        own_requests=own_requests,
        audit_heads=parts.audit_heads(),
        unit_of_work=database.unit_of_work,
        clock=clock,
    )
    return Rekey(
        settings=settings,
        clock=clock,
        database=database,
        bolt=bolt,
        web=web,
        sender=sender,
        outbox=outbox,
        sweep=sweep,
        executing=parts.executing(),
        readiness=readiness,
        workspace=parts.workspace,
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


def _sender(parts: Parts, home: HomePages, *, is_alone: bool) -> OutboxSender:
    settings = parts.settings
    return OutboxSender(
        unit_of_work=parts.unit_of_work,
        client=slack_client(settings, timeout=_SEND_TIMEOUT),
        clock=parts.clock,
        portal_url=settings.public_url + SIGN_IN_PATH,
        help_contact=settings.help_contact,
        audit_channel=settings.audit_channel,
        email=_email(settings),
        on_change=home.changed,
        is_alone=is_alone,
    )


def _home(parts: Parts) -> HomePages:
    settings = parts.settings
    return HomePages(
        home=parts.home(),
        client=parts.client,
        clock=parts.clock,
        portal_url=settings.public_url + SIGN_IN_PATH,
        help_contact=settings.help_contact,
    )


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


def _web(
    parts: Parts, bolt: App, metrics: Metrics, readiness: Readiness, set_up: SetUpService
) -> Flask:
    settings = parts.settings
    token = settings.metrics_token
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
        csrf_key=derive(settings, "csrf"),
        trusted_proxies=settings.trusted_proxies,
    )
    portal.register(web, sign_in=parts.sign_in(), set_up=set_up, settings=about, clock=parts.clock)
    return web


def _missing(database: Database, workspace: SlackWorkspace) -> str | None:
    try:
        with database.snapshot() as uow:
            uow.audit.head()
        database.prove_writable()
    except StorageError:
        return "The database cannot be used."
    return None if workspace.is_reachable() else "Slack cannot be asked, or refuses the token."
