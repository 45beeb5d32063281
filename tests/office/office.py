"""A whole office: the program, its database, a strict Slack around it, and people in both."""

import base64
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from argon2 import PasswordHasher

from bot.blocks.hand_over import CODE_TITLE
from bot.domain.model.audit import verify_chain
from bot.domain.model.cases import Case
from bot.domain.operator.suspending import SuspensionService
from bot.domain.proving import totp
from bot.server.program import Rekey, build
from bot.settings.settings import settings_of
from bot.wiring.operator import OperatorServices
from playground.slack import SlackStandIn
from playground.slack.model import BOT_USER_ID, Delivery, Message, View
from playground.slack.person import Person as SlackPerson
from storage.passwords import ArgonPasswords
from tests.fakes import FixedClock, Person, seed
from tests.fakes.sqlite import lay_database
from tests.office.browser import Browser, Page
from tests.office.sight import Sight
from tests.secrecy import (
    KEY,
    RESPONSE_URL,
    SECRETS,
    SIGNING_SECRET,
    TOKEN,
    TRIGGER,
    leaks_of_database,
)

CHANNEL = "C01HELPDESK"
AUDIT = "C01AUDIT"
OTHER_TEAM = "T02OTHER"
MANIFEST = Path(__file__).parents[2] / "app_manifest.yml"


class QuickPasswords(ArgonPasswords):
    """Argon2id with the least work; its hashes say so themselves, and verify quickly."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Office(Sight):
    """Acme's and Globex's people at work; leaving it checks that the bot broke no rule of Slack's.

    Nothing runs by itself: `deliver` sends what waits in the outbox, `sweep` sweeps.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self.clock = FixedClock()
        self.slack = SlackStandIn(clock=self.clock, manifest=MANIFEST)
        self.settings = {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_SIGNING_SECRET": self.slack.signing_secret,
            "REKEY_DATABASE_URL": f"sqlite:///{folder}/rekey.db",
            "REKEY_SECRET_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
            "REKEY_HELP_CONTACT": "the help desk, +44 20 7946 0999",
            "REKEY_AUDIT_CHANNEL": AUDIT,
            **settings,
        }
        self.rekey: Rekey
        self._database = lay_database(folder)
        self._browsers: list[Browser] = []
        SECRETS.add(TOKEN, self.slack.bot_token, self.slack.app_token)
        SECRETS.add(SIGNING_SECRET, self.slack.signing_secret)
        key = self.settings["REKEY_SECRET_KEYS"]
        SECRETS.add(KEY, key, base64.b64decode(key).decode("latin-1"))

    def __enter__(self) -> Self:
        self.slack.start()
        self.settings["SLACK_API_URL"] = self.slack.api_url
        self._build()
        self.world = seed(self.rekey.database.unit_of_work, passwords=QuickPasswords())
        self._hire()
        return self

    def restart(self, **settings: str) -> None:
        """End the program and build it anew over the same database, with some settings changed.

        Browsers keep their cookies.
        """
        self.rekey.database.close()
        self.settings.update(settings)
        self._build()

    def _build(self) -> None:
        self.rekey = build(settings_of(self.settings), clock=self.clock)
        self.look = self.rekey.database.snapshot
        client = self.rekey.web.test_client()

        def deliver(body: bytes, headers: dict[str, str]) -> tuple[int, Mapping[str, Any], str]:
            SECRETS.add_request(body)
            response = client.post("/slack/events", data=body, headers=headers)
            return response.status_code, dict(response.headers), response.get_data(as_text=True)

        self.slack.deliver_to = deliver

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.rekey.database.close()
        self.slack.stop()
        if exc is None:
            assert self.slack.violations == []
            assert verify_chain(self.records()).fault is None
            self.rekey.database.close()
            leaks = self.leaks()
            assert leaks == [], leaks

    def leaks(self) -> list[str]:
        """Return where a secret stands that was made, shown or typed here."""
        workspace = self.slack.workspace
        views = [
            (view, view.title in {"Your set-up code", CODE_TITLE})
            for view in workspace.views.values()
        ]
        for view, shows_code in views:
            SECRETS.add_set_up_codes(view.shown if shows_code else "")
        SECRETS.add(RESPONSE_URL, *workspace.response_urls)
        SECRETS.add(TRIGGER, *workspace.triggers)
        records = [("an audit record", repr(record)) for record in self.records()]
        messages = [("a message", f"{m.text} {m.blocks}") for m in workspace.messages]
        modals = [("a modal", str(view.spec)) for view, shows_code in views if not shows_code]
        urls = [url for browser in self._browsers for url in browser.urls]
        return [
            *SECRETS.leaks([*records, *messages, *urls]),
            *SECRETS.leaks(modals, but=[RESPONSE_URL]),  # where the code modal carries it along
            *leaks_of_database(self._database),
        ]

    def _hire(self) -> None:
        slack = self.slack
        for person in self.world.people:
            slack.add_person(person.slack.user, name=person.name, email=person.email)
        slack.add_person("U01STRANGER", name="Sam Stranger")
        slack.add_person("U01GUEST", name="Gus Guest", is_restricted=True)
        slack.add_person("U01SINGLE", name="Sia Single", is_ultra_restricted=True)
        slack.add_person("U01ROBOT", name="Robot", is_bot=True)
        slack.add_person("U01GONE", name="Gone Girl", deleted=True)
        slack.add_person("U01EXT", name="Ext Ernal", team_id=OTHER_TEAM, is_stranger=True)
        slack.add_channel(CHANNEL, name="help-desk", members=slack.workspace.members)
        slack.add_channel(AUDIT, name="audit", members=[BOT_USER_ID, self.world.carol.slack.user])

    # -- acts

    def as_(self, person: Person | str) -> SlackPerson:
        """Return that person's Slack."""
        return self.slack.person(person if isinstance(person, str) else person.slack.user)

    def type(self, person: Person, text: str) -> Delivery:
        return self.as_(person).command("/reset-2fa", text, channel=CHANNEL)

    def ask(self, admin: Person, subscriber: Person) -> View:
        """Type the command; return the code modal."""
        delivery = self.type(admin, f"<@{subscriber.slack.user}>")
        assert delivery.ok, delivery
        return self.as_(admin).modal

    def fill(
        self, admin: Person, view: View, *, code: str | None = None, **values: str
    ) -> Delivery:
        """Fill in the code modal and submit it."""
        filled = {"proof": "video", "reason": "Lost the phone", **values}
        filled["code"] = code if code is not None else admin.code(self.clock)
        return self.as_(admin).submit(view, filled)

    def request(self, admin: Person, subscriber: Person) -> Message:
        """Ask, fill in, and return the confirm block."""
        delivery = self.fill(admin, self.ask(admin, subscriber))
        assert delivery.ok, delivery.errors or delivery.error
        self.deliver()
        return self.confirm_block(admin)

    def confirm_block(self, admin: Person) -> Message:
        blocks = [m for m in self.as_(admin).messages(CHANNEL) if "reset_yes" in str(m.blocks)]
        return blocks[-1]

    def button(self, person: Person | str, action_id: str) -> Message:
        """Return the newest message before that person that has the button."""
        slack = self.as_(person)
        seen = [*slack.dm, *slack.messages(CHANNEL), *slack.ephemerals]
        return max((m for m in seen if action_id in m.action_ids), key=lambda m: float(m.ts))

    def press(
        self,
        person: Person | str,
        action_id: str,
        on: Message | View | None = None,
        value: str | None = None,
    ) -> None:
        """Press the button, on the newest message that has it unless another surface is named."""
        surface = on or self.button(person, action_id)
        delivery = self.as_(person).click(surface, action_id, value)
        assert delivery.ok, delivery
        self.deliver()

    def reset(self, admin: Person, subscriber: Person) -> Case:
        """Play a reset to its end; the admin's next code is two steps later."""
        self.as_(admin).click(self.request(admin, subscriber), "reset_yes")
        self.deliver()
        self.move(seconds=60)
        return self.cases(subscriber)[0]

    @property
    def suspensions(self) -> SuspensionService:
        """What the operator does at the console."""
        services = self.rekey.services
        return OperatorServices(services.ports, services.terms).suspensions

    def browser(self, *, address: str = "192.0.2.7") -> Browser:
        self._browsers.append(Browser(app=lambda: self.rekey.web, address=address))
        return self._browsers[-1]

    def set_up_code(self, person: Person) -> str:
        """Press the button of the newest waiting message, and read the code in the modal."""
        slack = self.as_(person)
        waiting = [m for m in slack.dm if "show_set_up_code" in str(m.blocks)]
        delivery = slack.click(waiting[-1], "show_set_up_code")
        assert delivery.ok, delivery
        (code,) = re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", str(slack.modal.spec["blocks"]))
        slack.close_all()
        return str(code)

    def first_code(self, page: Page) -> str:
        """Return what an app shows now into which the page's key was entered."""
        return totp.code_at(page.key, totp.step_at(self.clock.now()))

    def to_set_up_page(self, person: Person, browser: Browser) -> Page:
        """Sign in, and type the set-up code that Slack shows."""
        waiting = browser.password(person)
        assert waiting.heading == "Prove that it is you", waiting.words
        self.deliver()
        return browser.set_up_code(self.set_up_code(person))

    def set_up(self, person: Person) -> Browser:
        """Play a set-up to its end; return the browser, signed in."""
        browser = self.browser()
        home = browser.first_code(self.first_code(self.to_set_up_page(person, browser)))
        assert home.path == "/portal/", home.words
        self.deliver()
        return browser

    # -- what goes on by itself

    def move(self, **by: float) -> None:
        """Move the clock."""
        self.clock.advance(timedelta(**by))

    def deliver(self) -> None:
        self.rekey.sender.drain()

    def sweep(self) -> None:
        self.rekey.sweep.run()
        self.deliver()

    # -- what can be seen

    def dm(self, person: Person) -> list[str]:
        """Return everything that person was told by DM, oldest first, as text."""
        return [f"{m.text}\n{_words(m.blocks)}" for m in self.as_(person).dm]

    def heard(self, person: Person, words: str) -> int:
        """Return how many messages the person had by DM of which the text says that."""
        return sum(words in m.text for m in self.as_(person).dm)

    def ephemerals(self, person: Person | str) -> list[str]:
        return [f"{m.text}\n{_words(m.blocks)}" for m in self.as_(person).ephemerals]

    @contextmanager
    def refused(self, *tags: str, alerted: bool = False) -> Iterator[None]:
        """Expect, of what is done within, these audit records alone, and nothing changed.

        Where it is `alerted`, the owners hear of it, and that is one record more.
        """
        before, records = self._state(), len(self.tags())
        yield
        self.deliver()
        found = self.tags()[records:]
        alarms = [tag for tag in found if tag.endswith(":alert:raised")]
        assert len(alarms) == alerted, found
        assert [tag for tag in found if tag not in alarms] == list(tags), found
        after = self._state()
        if alerted:
            assert before.pop() != after.pop()  # what was posted
        assert after == before, after

    def _state(self) -> list[object]:
        """Everybody's cases, authenticators, suspension and sign-in, and what the bot posted."""
        with self.rekey.database.unit_of_work() as uow:
            people = [
                (
                    uow.contacts.get(person.id),
                    uow.cases.of(person.id),
                    [a.id for a in uow.authenticators.active_of(person.id)],
                    [a.id for a in uow.authenticators.pending_of(person.id)],
                    uow.contacts.password_hash(person.id),
                    uow.suspensions.current(person.id),
                )
                for person in self.world.people
            ]
        posted = [
            (m.channel, m.ts, m.edited)
            for m in self.slack.workspace.messages
            if m.ephemeral_to is None and m.author == BOT_USER_ID
        ]
        return [*people, posted]


def _words(blocks: Any) -> str:
    """Return every text in a message's blocks."""
    if isinstance(blocks, dict):
        own = [blocks["text"]] if isinstance(blocks.get("text"), str) else []
        return "\n".join(own + [w for v in blocks.values() if (w := _words(v))])
    if isinstance(blocks, list):
        return "\n".join(w for block in blocks if (w := _words(block)))
    return ""
