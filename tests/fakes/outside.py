"""What is outside the store: the clock, Slack's knowledge of people, passwords."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.domain.model.errors import UnknownPerson, WorkspaceUnavailableError
from bot.domain.model.people import Member

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass
class FixedClock:
    """Stands still until it is told to move."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        self.at += by


class FakeWorkspace:
    """Slack's people; `on_ask` is called at each question, so that a test can force a race."""

    def __init__(self, members: Iterable[Member] = ()) -> None:
        self.members = {member.identity.user: member for member in members}
        self.available = True
        self.asked: list[str] = []
        self.on_ask: Callable[[str], None] = lambda _user_id: None

    def member(self, user_id: str) -> Member:
        self.asked.append(user_id)
        self.on_ask(user_id)
        if not self.available:
            raise WorkspaceUnavailableError
        if user_id not in self.members:
            raise UnknownPerson
        return self.members[user_id]

    def deactivate(self, user_id: str) -> None:
        self.members[user_id] = replace(self.members[user_id], is_deactivated=True)


class FakePasswords:
    """Quick stand-in for a slow hash; `worked` counts how often the work was done."""

    def __init__(self) -> None:
        self.worked = 0

    def hash(self, password: str) -> str:
        self.worked += 1
        return f"hash of {password}"

    def verify(self, password_hash: str | None, password: str) -> bool:
        self.worked += 1
        return password_hash == f"hash of {password}"

    def is_common(self, password: str) -> bool:
        return password.casefold() == "qwertyuiop12345"
