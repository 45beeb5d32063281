"""Up to where each person has read each place, as Slack keeps it."""

from collections.abc import Iterable

from playground.slack import Message, Person


class Unread:
    """Nobody has read anything at first."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, str], str] = {}

    def count(self, person: Person, place: str, messages: Iterable[Message]) -> int:
        """Return how many of the messages there, by others, the person has not been shown."""
        read = self._read.get((person.id, place), "")
        return sum(message.ts > read and message.author != person.id for message in messages)

    def mark(self, person: Person, place: str) -> None:
        """Note that the person sees that place now."""
        shown = [message.ts for message in person.messages(place)]
        if shown:
            self._read[person.id, place] = max(shown)
