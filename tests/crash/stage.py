"""Where a story is played: `rekey serve` as a process that dies on cue, and people who go on.

Whoever had no answer does the same again once the program is back, as a person does.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from http.client import HTTPException
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from sqlalchemy import Executable, NullPool, Row, create_engine, text

from bot.clock import SystemClock
from bot.domain.model.audit import AuditRecord
from bot.domain.model.cases import CaseState
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.proving import totp
from playground.slack import SlackStandIn
from playground.slack.model import Delivery, Message
from playground.slack.person import Person as SlackPerson
from storage.database import Database
from tests.crash.launch import REACHED, At, When
from tests.crash.program import Program
from tests.crash.running import Nursery
from tests.fakes import Person, World
from tests.fakes.sqlite import SECRET_KEYS
from tests.office import Browser, Page
from tests.secrecy import CODE, SECRETS

CHANNEL, DESK = "C01HELPDESK", "C01DESK"
"""Where admins type their commands, and where people's own requests are offered."""
OUTSIDER = "198.51.100.66"
"""Where somebody sits who knows a password and nothing else."""

_MOST_TRIES = 4
_LOCK_WAIT = 30
"""Seconds that a test waits for the program to have written."""
_UNSENT = text("SELECT count(*) FROM outbox WHERE sent_at IS NULL AND failed_at IS NULL")
_FORGET_MESSAGES = text("DELETE FROM attempts WHERE kind = 'set_up_message'")

Answer = TypeVar("Answer", Delivery, Page)


class Stage(Program):
    """One machine with its Slack; the process dies at each of `cues` in turn, and is started again.

    `patience` is how many seconds are given to what happens by itself; `patience_at_last`, if
    set, how many once the process has died of every cue.
    """

    patience = 90.0
    patience_at_last: float | None = None

    def __init__(
        self,
        folder: Path,
        *,
        slack: SlackStandIn,
        world: World,
        nursery: Nursery,
        settings: Mapping[str, str],
    ) -> None:
        super().__init__(folder, slack=slack, nursery=nursery, settings=settings)
        self.world = world
        self._engine = create_engine(settings["REKEY_DATABASE_URL"], poolclass=NullPool)

    def kill_first(self, at: At) -> None:
        """Let the process die there, before it dies of any other cue."""
        self.settle()
        self.stop()
        self.cues.insert(0, at)
        self.start()

    def move_clock(self, by: timedelta) -> None:
        """Stop when all is said, and start again that much later; what fell due is done first."""
        self.settle()
        self.stop()
        self._clock += by
        self.start()

    # -- what people do

    def act(
        self, do: Callable[[], Answer], *, until: Callable[[], bool] | None = None
    ) -> Answer | None:
        """Do it, and do it again while it had no answer; with `until`, while that is not so.

        Returns the answer; `None` where there was none, and none is needed any longer.
        """
        for _ in range(_MOST_TRIES):
            answer = self._try(do)
            if answer is None:  # because the process is ending
                assert self._running is not None
                self._look(self._running, lambda _log: False)
                self._revive()
            if answer is not None if until is None else until():
                return answer
        raise AssertionError(f"it was done again and again, and led to nothing: {answer}")

    def lead_to(self, path: str, do: Callable[[], Page]) -> Page:
        """Do it, again and again, until it leads to the page at `path`; return that."""
        shown: list[Page] = []

        def attempt() -> Page:
            shown.append(do())
            return shown[-1]

        self.act(attempt, until=lambda: bool(shown) and shown[-1].path == path)
        return shown[-1]

    def open(self, browser: Browser, path: str) -> Page:
        """Open that page."""
        page = self.act(lambda: browser.open(path))
        assert page is not None
        return page

    def wait_for(self, predicate: Callable[[], bool]) -> None:
        """Wait until that is so, however often the process dies meanwhile."""
        while True:
            self._wait_for(lambda: predicate() or self._has_died)
            if not self._has_died:
                return
            self._revive()

    def wait_for_button(
        self, person: Person, channel: str, action: str, words: str = ""
    ) -> Message:
        """Return the newest message with that button and these words, once there is one."""
        slack = self.as_(person)

        def found() -> list[Message]:
            return [
                m for m in slack.messages(channel) if action in m.action_ids and words in m.shown
            ]

        self.wait_for(lambda: bool(found()))
        return found()[-1]

    def settle(self) -> None:
        """Wait until every message has left, or was given up."""
        self.wait_for(lambda: self.count(_UNSENT) == 0)

    def as_(self, person: Person) -> SlackPerson:
        return self.slack.person(person.slack.user)

    def code_of(self, person: Person, steps: int = 0) -> str:
        """Return what that person's app shows, `steps` time steps from now."""
        assert person.secret is not None
        step = totp.step_at(SystemClock().now() + self._clock) + steps
        code = totp.code_at(person.secret, step)
        SECRETS.add(CODE, code)
        return code

    def try_password_alone(self) -> None:
        """Try Bob's password from elsewhere: it must not sign anybody in."""
        bob = self.world.bob

        def try_it() -> Page:
            outsider = self.browser(address=OUTSIDER)
            fields = {"username": bob.username, "password": bob.password}
            outsider.submit("/portal/sign-in", fields)
            return outsider.open("/portal/")

        page = self.act(try_it)
        assert page is not None
        assert page.path in {"/portal/sign-in", "/portal/set-up"}, page.words
        assert page.heading in {"Enter your code", "Prove that it is you", "Sign in"}, page.words
        self._let_an_hour_pass()

    def _revive(self) -> None:
        """Start the process that has died, and try what an outsider would try right then."""
        self._note_end()
        self.start()
        self.try_password_alone()

    def _wait_for(self, predicate: Callable[[], bool]) -> None:
        """Look whenever something happens in Slack, and between: the database wakes nobody."""
        at_last = None if self.cues else self.patience_at_last
        end = monotonic() + (at_last or self.patience)
        while True:
            try:
                self.slack.wait_for(predicate, timeout=0.1)
            except TimeoutError:
                if monotonic() > end:
                    raise
            else:
                return

    def _try(self, do: Callable[[], Answer]) -> Answer | None:
        """Return the answer; `None` where the process died instead of giving one."""
        try:
            answer = do()
        except (OSError, HTTPException):
            return None
        unanswered = isinstance(answer, Delivery) and answer.error == "dispatch_failed"
        return None if unanswered else answer

    # -- what befalls the machine

    @contextmanager
    def database_held(self) -> Iterator[None]:
        """Let nobody else write to the SQLite file."""
        file = self.folder / "rekey.db"
        with closing(sqlite3.connect(file, timeout=_LOCK_WAIT, isolation_level=None)) as held:
            held.execute("BEGIN IMMEDIATE")
            yield
            held.execute("ROLLBACK")

    @contextmanager
    def marked(self, name: str) -> Iterator[None]:
        """Let there be the file that `launch` looks for."""
        mark = self.folder / name
        mark.touch()
        try:
            yield
        finally:
            mark.unlink()

    @contextmanager
    def writing(self) -> Iterator[UnitOfWork]:
        """Change the database, while nothing runs."""
        with self._database() as database, database.unit_of_work() as uow:
            yield uow

    def _let_an_hour_pass(self) -> None:
        """Let Bob be written to again when he signs in: three times an hour he is."""
        with self._engine.begin() as connection:
            connection.execute(_FORGET_MESSAGES)

    # -- what can be seen

    def has_reached(self, step: str, when: When = When.AFTER) -> bool:
        """Whether the step was gone through, in this process or one before."""
        return self.count_of(step, when) > 0

    def killed_after(self, step: str) -> int:
        """Return how often the program was killed just after that step."""
        return sum((at.step, at.when) == (step, When.AFTER) for at in self.died)

    def count_of(self, step: str, when: When = When.AFTER) -> int:
        """Return how often the step was gone through."""
        logs = [*(ended.log for ended in self.ended), self._running.log if self._running else ""]
        return sum(log.count(f"{REACHED}{step} {when}\n") for log in logs)

    def states(self) -> list[CaseState]:
        """Return the states of Bob's cases, the newest first."""
        with self.reading() as uow:
            return [case.state for case in uow.cases.of(self.world.bob.id)]

    def count_of_authenticators(self) -> int:
        """Return how many are active of Bob's."""
        with self.reading() as uow:
            return len(uow.authenticators.active_of(self.world.bob.id))

    def records(self) -> list[AuditRecord]:
        with self.reading() as uow:
            return list(uow.audit.records())

    def tags(self) -> list[str]:
        return [record.tag for record in self.records()]

    def effects(self) -> int:
        """Return how often authenticators were invalidated."""
        return sum(tag.endswith(":authenticator:invalidated") for tag in self.tags())

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """Look into the database, beside whatever runs."""
        with self._database() as database, database.snapshot() as uow:
            yield uow

    def count(self, statement: Executable) -> int:
        """Return the number that the statement selects."""
        return int(self.rows(statement)[0][0])

    def rows(self, statement: Executable) -> Sequence[Row[Any]]:
        """Return what it selects, with no unit of work held meanwhile."""
        with self._engine.connect() as connection:
            return connection.execute(statement).all()

    @contextmanager
    def _database(self) -> Iterator[Database]:
        database = Database(self.settings["REKEY_DATABASE_URL"], secret_keys=SECRET_KEYS)
        try:
            yield database
        finally:
            database.close()
