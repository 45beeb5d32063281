"""What lies on one person's screen in Slack, and what of it they have not looked at yet."""

from collections.abc import Iterator

from playground.office import AUDIT, HELP_DESK, Office
from playground.people import PEOPLE
from playground.slack import CannotDo, Message, View

Version = tuple[int, int]
_KEPT = 5
"""Messages of each channel that are shown again; older ones have scrolled away."""


class Screens:
    """Remembers, for each person, which messages they have been shown, and in which version."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._looked_at: dict[str, set[Version]] = {person.handle: set() for person in PEOPLE}

    def messages(self, handle: str) -> list[tuple[str, Message]]:
        """Return the newest messages, channel by channel, each with where it lies."""
        return [(place, m) for place, channel in self._places(handle) for m in channel[-_KEPT:]]

    def take_new(self, handle: str) -> list[tuple[str, Message]]:
        """Return what the person has not been shown yet; from now on they have."""
        new = self._new(handle)
        self._looked_at[handle] |= {_version(message) for _, message in new}
        return new

    def unread(self) -> dict[str, int]:
        """Return how many messages lie unread, by who has any."""
        counts = {person.handle: len(self._new(person.handle)) for person in PEOPLE}
        return {handle: count for handle, count in counts.items() if count}

    def modal(self, handle: str) -> View | None:
        """Return the modal on top, if one is open."""
        modals = self._office.person(handle).modals
        return modals[-1] if modals else None

    def holding(self, handle: str, action_id: str) -> Message | View:
        """Return the newest thing on the screen with that button; CannotDo if there is none."""
        modal = self.modal(handle)
        if modal is not None and action_id in modal.action_ids:
            return modal
        found = [
            m for _, channel in self._places(handle) for m in channel if action_id in m.action_ids
        ]
        if not found:
            raise CannotDo(f"there is no button {action_id} on {handle}'s screen")
        return max(found, key=lambda message: float(message.ts))

    def buttons(self, handle: str) -> list[str]:
        """Return every button that can be pressed, each once."""
        modal = self.modal(handle)
        surfaces: list[Message | View] = [m for _, m in self.messages(handle)]
        surfaces += [modal] if modal else []
        return list(dict.fromkeys(action for s in surfaces for action in s.action_ids))

    def _new(self, handle: str) -> list[tuple[str, Message]]:
        seen = self._looked_at[handle]
        return [
            (place, message)
            for place, channel in self._places(handle)
            for message in channel
            if _version(message) not in seen
        ]

    def _places(self, handle: str) -> Iterator[tuple[str, list[Message]]]:
        person = self._office.person(handle)
        yield "#help-desk", person.messages(HELP_DESK)
        yield "#audit", person.messages(AUDIT)
        yield f"{handle}'s messages from Rekey", person.messages(person.im)


def _version(message: Message) -> Version:
    return id(message), message.edited
