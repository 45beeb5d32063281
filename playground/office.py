"""The playground put together: the real program, a strict stand-in for Slack, the sample people."""

import base64
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import bot
from bot.domain.proving import totp
from bot.server.program import Rekey, build
from bot.server.serving import Server
from bot.settings.settings import settings_of
from playground.browser import FIREFOX, Browser
from playground.clock import PlaygroundClock
from playground.people import BY_HANDLE, PEOPLE, TEAM, SamplePerson, seed
from playground.slack import BOT_USER_ID, Person, SlackStandIn
from playground.slack.stand_in import ACK_WITHIN

HOST = "127.0.0.1"
HELP_DESK = "C0HELPDESK"
AUDIT = "C0AUDIT"
HELP_CONTACT = "the help desk, +44 20 7946 0999"
SIGN_IN = "/portal/sign-in"
EVENTS = "/slack/events"

_SOURCE = Path(bot.__file__).parents[1]
_MANIFESTS = (_SOURCE / "app_manifest.yml", Path(__file__).with_name("app_manifest.yml"))
"""Beside the source's packages; within the installed one."""

_COMMAND_WITHIN = 30
_OURS = range(20_000, 32_768)
"""Below Linux's `ip_local_port_range`, and below the dynamic ports of RFC 6335."""


class Office:
    """Runs from `with` to its end; everything is served on the loopback interface alone.

    `settings` go beside its own ones, or before them. Slack gives up on Rekey after `ack_within`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: PlaygroundClock,
        port: int = 0,
        settings: Mapping[str, str] | None = None,
        ack_within: timedelta = ACK_WITHIN,
    ) -> None:
        self.clock = clock
        self._own_settings = settings or {}
        self.port = port or free_port()
        self.database = folder / "rekey.db"
        self.manifest = next(path for path in _MANIFESTS if path.is_file())
        self.slack = SlackStandIn(
            clock=clock, team_id=TEAM, manifest=self.manifest, ack_within=ack_within
        )
        self.rekey: Rekey
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(self.slack)
            self.rekey = build(settings_of(self._settings()), clock=self.clock)
            opening.callback(self.rekey.database.close)
            seed(self.rekey.services.ports, self.rekey.services.terms)
            self._hire()
            server = Server(self.rekey)
            opening.callback(server.stop)
            server.start()
            self.slack.deliver_to = f"{self.url}{EVENTS}"
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def url(self) -> str:
        """Where the Portal is, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.database}"

    def person(self, handle: str) -> Person:
        """Return that person's Slack."""
        return self.slack.person(BY_HANDLE[handle].slack_user)

    def browser(self, *, user_agent: str = FIREFOX) -> Browser:
        """Return a new browser, without cookies."""
        return Browser(self.url, user_agent=user_agent)

    def secret_of(self, person: SamplePerson, *, pending: bool = False) -> str | None:
        """Return the shared secret of their newest authenticator; these are samples."""
        with self.rekey.database.snapshot() as uow:
            contact = uow.contacts.by_email(person.email)
            if contact is None:
                return None
            found = uow.authenticators.pending_of if pending else uow.authenticators.active_of
            authenticators = found(contact.id)
            return (
                uow.authenticators.shared_secret(authenticators[-1].id) if authenticators else None
            )

    def code_of(self, person: SamplePerson, *, pending: bool = False) -> str | None:
        """Return what that person's app shows now; `None` for who has none."""
        secret = self.secret_of(person, pending=pending)
        return totp.code_at(secret, totp.step_at(self.clock.now())) if secret else None

    def advance(self, by: timedelta) -> None:
        """Move the clock, do what falls due by it, and let its messages leave."""
        self.clock.advance(by)
        self.rekey.sweep.run()
        self.rekey.sender.drain()

    def operator(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a `rekey` command beside the program, as its operator would in another terminal."""
        ours = ("REKEY_", "SLACK_")
        environment = {n: v for n, v in os.environ.items() if not n.startswith(ours)}
        return subprocess.run(  # noqa: S603  # our own program, and arguments of ours
            [sys.executable, "-m", "bot", *arguments],
            env={
                **environment,
                "REKEY_DATABASE_URL": self.database_url,
                "PYTHONPATH": str(_SOURCE),
            },
            cwd=self.database.parent,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=_COMMAND_WITHIN,
            check=False,
        )

    def _settings(self) -> dict[str, str]:
        return {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_SIGNING_SECRET": self.slack.signing_secret,
            "SLACK_API_URL": self.slack.api_url,
            "REKEY_DATABASE_URL": self.database_url,
            "REKEY_SECRET_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
            "REKEY_LISTEN": f"{HOST}:{self.port}",
            "REKEY_PUBLIC_URL": self.url,
            "REKEY_SWEEP_EVERY": "PT1S",  # so that a moved clock is soon noticed
            "REKEY_HELP_CONTACT": HELP_CONTACT,
            "REKEY_AUDIT_CHANNEL": AUDIT,
            **self._own_settings,
        }

    def _hire(self) -> None:
        slack = self.slack
        for person in PEOPLE:
            slack.add_person(
                person.slack_user, name=person.name, email=person.email, **person.flags
            )
        everybody = [person.slack_user for person in PEOPLE]
        slack.add_channel(HELP_DESK, name="help-desk", members=everybody)
        slack.add_channel(AUDIT, name="audit", members=[BOT_USER_ID, BY_HANDLE["carol"].slack_user])


def free_port() -> int:
    """Return a port of the loopback interface that nothing listens on.

    It is none of those that systems give out by themselves, to whoever connects to something
    meanwhile: until we listen there, nobody else is likely to.
    """
    while True:
        port = secrets.choice(_OURS)
        if is_free(port):
            return port


def is_free(port: int) -> bool:
    """Whether nothing listens on that port of the loopback interface."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
