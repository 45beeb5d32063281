"""A site: Acme's people, a strict Slack, a database, and `rekey serve` as real processes."""

import base64
import os
import threading
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Self

from sqlalchemy import Executable, and_, create_engine, select, update

from bot.clock import SystemClock
from bot.domain.model.audit import AuditRecord
from bot.domain.model.cases import Case
from bot.domain.model.ids import ContactId
from bot.domain.model.people import Role
from bot.domain.model.roster import ChangeKind, RosterChange, RosterContact
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.proving import totp
from playground.slack import SlackStandIn
from playground.slack.model import BOT_USER_ID, Delivery, Message
from playground.slack.person import Person
from storage.database import Database
from storage.tables import outbox
from tests.fakes.builders import a_slack_identity, an_account
from tests.fakes.sqlite import lay_database
from tests.fakes.world import bind
from tests.office import Browser, QuickPasswords
from tests.process import App, Machine, Served, new_key
from tests.secrecy import (
    PASSWORD,
    RESPONSE_URL,
    SECRETS,
    SHARED_SECRET,
    SIGNING_SECRET,
    TOKEN,
    TRIGGER,
)

MANIFEST = Path(__file__).parents[2] / "app_manifest.yml"
CHANNEL = "C01HELPDESK"
WAIT = 90
"""Seconds for what a process does by itself: more than a claim and a lease are held by the dead."""
SLACK_WAITS = 3.0
"""Seconds until a person sees Slack's own error (`slack.md`: acknowledgement)."""
COMPLETED = "Your 2FA was reset"
HOME = "203.0.113.9"
"""Where somebody sits at their own browser."""

ACME = an_account("acme", name="Acme Ltd")
STAFF = {
    "carol": Role.OWNER,
    "alice": Role.ADMINISTRATOR,
    "alan": Role.ADMINISTRATOR,
    "bob": Role.MEMBER,
    "beth": Role.MEMBER,
    "bill": Role.MEMBER,
    "bree": Role.MEMBER,
    "bart": Role.MEMBER,
}


_UNSENT = and_(outbox.c.sent_at.is_(None), outbox.c.failed_at.is_(None))
_WAITS = and_(_UNSENT, outbox.c.claimed_by.is_(None), outbox.c.attempts > 0)


@dataclass(frozen=True, kw_only=True)
class Employee:
    """One of Acme's people, with what only they know."""

    id: ContactId
    username: str
    slack_id: str
    password: str
    app: App

    @property
    def mention(self) -> str:
        return f"<@{self.slack_id}>"


class ServerMachine(Machine):
    """A machine whose database is a server's: there is no file to look for secrets in."""

    def leaks(self) -> list[str]:
        return []


class Site:
    """Whoever acts here acts as a person would; whatever is read is read beside the processes."""

    def __init__(
        self,
        folder: Path,
        slack: SlackStandIn,
        *,
        url: str | None = None,
        staff: Mapping[str, Role] = STAFF,
    ) -> None:
        kind = Machine if url is None else ServerMachine
        self.slack = slack
        self.url = url or f"sqlite:///{folder}/var/rekey.db"
        self.machine = kind(
            folder,
            {
                "REKEY_DATABASE_URL": url or "sqlite:///var/rekey.db",
                "REKEY_SECRET_KEYS": new_key(),
                "REKEY_LISTEN": "127.0.0.1:0",
                "REKEY_TRUSTED_PROXIES": "127.0.0.1",
                "SLACK_BOT_TOKEN": slack.bot_token,
                "SLACK_API_URL": slack.api_url,
                "SLACK_SIGNING_SECRET": slack.signing_secret,
            },
        )
        self.staff: dict[str, Employee] = {}
        if url is None:
            (folder / "var").mkdir()
            self.machine.database = lay_database(folder / "var")
        with self.database() as database:
            database.upgrade()
            with database.unit_of_work() as uow:
                self.staff = hire(uow, staff)
                uow.commit()
        SECRETS.add(TOKEN, slack.bot_token, slack.app_token)
        SECRETS.add(SIGNING_SECRET, slack.signing_secret)
        for one in self.staff.values():
            slack.add_person(one.slack_id, name=f"{one.username.title()} Acme")
        members = [BOT_USER_ID, *(one.slack_id for one in self.staff.values())]
        slack.add_channel(CHANNEL, name="help-desk", members=members)

    # -- processes

    @contextmanager
    def served(self) -> Iterator[Served]:
        """Run `rekey serve`, and have Slack deliver to it."""
        with Served(self.machine) as served:
            self.deliver_to(served)
            yield served
            SECRETS.add(RESPONSE_URL, *self.slack.workspace.response_urls)
            SECRETS.add(TRIGGER, *self.slack.workspace.triggers)

    def deliver_to(self, served: Served) -> None:
        self.slack.deliver_to = f"{served.url}/slack/events"

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Open the database from this process, too."""
        keys = self.machine.settings["REKEY_SECRET_KEYS"].split(",")
        database = Database(self.url, secret_keys=[base64.b64decode(key) for key in keys])
        try:
            yield database
        finally:
            database.close()

    # -- acts

    def slack_of(self, name: str) -> Person:
        return self.slack.person(self.staff[name].slack_id)

    def type(self, admin: str, subscriber: str) -> Delivery:
        """Type the command for somebody."""
        mention = self.staff[subscriber].mention
        return self.slack_of(admin).command("/reset-2fa", mention, channel=CHANNEL)

    def submit_code(self, admin: str, code: str | None = None) -> Delivery:
        """Fill in the code modal that is open, and submit it."""
        filled = {"proof": "video", "reason": "Lost the phone"}
        filled["code"] = code or self.staff[admin].app.code()
        person = self.slack_of(admin)
        return person.submit(person.modal, filled)

    def request(self, admin: str, subscriber: str) -> Message:
        """Ask for a reset up to the question Yes or No, which is returned."""
        before = {m.ts for m in self.slack_of(admin).messages(CHANNEL)}
        delivery = self.type(admin, subscriber)
        assert delivery.ok, (delivery.error, delivery.body)
        delivery = self.submit_code(admin)
        assert delivery.ok, (delivery.error, delivery.errors)
        return self.question(admin, but=before)

    def question(self, admin: str, *, but: Container[str] = ()) -> Message:
        """Return the newest Yes/No block that the admin sees, as soon as there is one."""
        return self.message(
            admin, CHANNEL, lambda m: "reset_yes" in m.action_ids and m.ts not in but
        )

    def yes(self, admin: str, block: Message) -> Delivery:
        return self.slack_of(admin).click(block, "reset_yes")

    def reset(self, admin: str, subscriber: str) -> None:
        """Play a reset up to its Yes."""
        delivery = self.yes(admin, self.request(admin, subscriber))
        assert delivery.ok, delivery.error

    def message(self, name: str, channel: str, wanted: Callable[[Message], bool]) -> Message:
        """Return the newest message that this person sees there, as soon as there is one."""

        def found() -> list[Message]:
            return [m for m in self.slack_of(name).messages(channel) if wanted(m)]

        self.slack.wait_for(lambda: bool(found()), timeout=WAIT)
        return found()[-1]

    def told(self, name: str, words: str) -> list[Message]:
        """Return every direct message to this person with these words, oldest first."""
        return [m for m in self.slack_of(name).dm if words in m.text]

    def wait_until_told(self, name: str, words: str) -> None:
        self.slack.wait_for(lambda: bool(self.told(name, words)), timeout=WAIT)

    def set_up(self, served: Served, name: str) -> App:
        """Sign in, type the set-up code that Slack shows, and bind a new app."""
        employee, person = self.staff[name], self.slack_of(name)
        browser = Browser(served.url, headers={"X-Forwarded-For": HOME})
        page = browser.submit("/portal/sign-in", {"username": name, "password": employee.password})
        assert page.path == "/portal/set-up", page.words
        button = self.message(
            name, person.im, lambda m: "show_set_up_code" in m.action_ids and HOME in m.shown
        )
        assert person.click(button, "show_set_up_code").ok
        (code,) = SECRETS.add_set_up_codes(person.modal.shown)
        person.close_all()
        page = browser.submit("/portal/set-up", {"set_up_code": code})
        app = App(page.key)
        home = browser.submit("/portal/set-up", {"code": app.code()})
        assert home.path == "/portal/", home.words
        return app

    # -- what can be seen

    def cases(self, subscriber: str) -> tuple[Case, ...]:
        with self.database() as database, database.snapshot() as uow:
            return uow.cases.of(self.staff[subscriber].id)

    def state(self, subscriber: str) -> str | None:
        """Return the state of the newest case of this person."""
        cases = self.cases(subscriber)
        return cases[0].state.value if cases else None

    def hurry(self) -> None:
        """Have what waits for its next attempt be due now; nothing that is on its way."""
        self.execute(update(outbox).where(_WAITS).values(next_attempt_at=SystemClock().now()))

    def waiting(self) -> int:
        """Return how many messages have failed, and wait for their next attempt."""
        return len(self.execute(select(outbox.c.id).where(_WAITS)))

    def pending(self) -> int:
        """Return how many messages have neither left nor been given up."""
        return len(self.execute(select(outbox.c.id).where(_UNSENT)))

    def execute(self, statement: Executable) -> list[tuple[Any, ...]]:
        """Run a statement of the test's own, and return the rows that it finds."""
        engine = create_engine(self.url)
        try:
            with engine.begin() as connection:
                found = connection.execute(statement)
                return [tuple(row) for row in found] if found.returns_rows else []
        finally:
            engine.dispose()

    def records(self) -> list[AuditRecord]:
        with self.database() as database, database.snapshot() as uow:
            return list(uow.audit.records())


def cpu_seconds(served: Served) -> float:
    """Return the seconds for which the process has had a processor."""
    fields = Path(f"/proc/{served.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def until(predicate: Callable[[], bool], *, seconds: float = WAIT) -> None:
    """Look until it is so: what another process does with its database tells nobody."""
    end, look_again = monotonic() + seconds, threading.Event()
    while not predicate():
        if monotonic() > end:
            raise TimeoutError("what the test waited for did not happen")
        look_again.wait(0.05)


class Stopwatch:
    """Takes the time of what is done within it."""

    seconds = 0.0

    def __enter__(self) -> Self:
        self._began = monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = monotonic() - self._began


def ready_page(served: Served) -> tuple[int, str]:
    """Return the status and the sentence of `/readyz`."""
    page = Browser(served.url).open("/readyz")
    return page.status, page.text.strip()


def hire(uow: UnitOfWork, staff: Mapping[str, Role]) -> dict[str, Employee]:
    """Store Acme and its people, each with a password and an authenticator."""
    now = SystemClock().now()
    added = [
        RosterChange(kind=ChangeKind.CONTACT_ADDED, contact=_contact(name, role))
        for name, role in staff.items()
    ]
    account = RosterChange(kind=ChangeKind.ACCOUNT_ADDED, account=ACME)
    list(uow.roster.apply([account, *added], now=now))
    return {name: _settle(uow, name) for name in staff}


def _contact(name: str, role: Role) -> RosterContact:
    return RosterContact(
        id=None,
        email=f"{name}@acme.example",
        username=name,
        name=f"{name.title()} Acme",
        phone=None,
        manager=None,
        slack=a_slack_identity(f"U01{name.upper()}"),
        roles={ACME.id: role},
    )


def _settle(uow: UnitOfWork, name: str) -> Employee:
    contact = uow.contacts.by_username(name)
    assert contact is not None
    password, secret = f"correct horse {name}", totp.new_shared_secret()
    SECRETS.add(PASSWORD, password)
    SECRETS.add(SHARED_SECRET, secret)
    uow.contacts.set_password(contact.id, QuickPasswords().hash(password), must_change=False)
    bind(uow, contact.id, secret)
    return Employee(
        id=contact.id,
        username=name,
        slack_id=f"U01{name.upper()}",
        password=password,
        app=App(secret),
    )
