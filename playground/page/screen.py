"""What lies on one person's screen now, as JSON, and waiting until it changes."""

import hashlib
import itertools
import json
import threading
from contextlib import suppress
from time import monotonic

from playground.office import HELP_DESK, Office
from playground.page.phone import entries, milliseconds_at
from playground.page.unread import Unread
from playground.people import PEOPLE, SamplePerson
from playground.slack import Channel, Message, Person, View
from playground.slack.model import Json

WAIT = 20.0
"""Seconds after which a page that waits is answered although nothing has changed."""

_LOOK_EVERY = 1.0
"""Seconds; what the Portal does to an authenticator is no change of Slack's, and has to be seen."""
_MOST_WAITING = 5
"""Pages that wait at once; each holds a thread, and the acts need some too."""
_MOST_SHOWN = 200
"""Messages of each place that are shown; older ones have scrolled away."""


class Screens:
    """The screens of everybody in an office; `unread` says what each has been shown."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._serials = itertools.count(1)
        self._places_to_wait = threading.BoundedSemaphore(_MOST_WAITING)
        self._closed = False
        self.unread = Unread()

    def close(self) -> None:
        """Answer whoever waits, and let nobody wait any more."""
        self._closed = True
        self._office.slack.workspace.changed()

    def now(self, who: SamplePerson) -> Json:
        """Return the screen with its `version`; of two, that with the higher `serial` is newer.

        What changes by itself, the time and the codes, is no part of the version.
        """
        workspace = self._office.slack.workspace
        # First, so that a screen during which the clock is moved is soon followed by another.
        ahead = self._office.clock.ahead.total_seconds()
        now = self._office.clock.now()
        phone = entries(self._office, who, now=now)
        with workspace.lock:
            screen = {
                "as": who.handle,
                "people": self._unread_of_everybody(),
                "places": self._places(self._office.person(who.handle)),
                **_views(self._office.person(who.handle)),
            }
            known = [screen, [(entry["id"], entry["state"]) for entry in phone], ahead]
            encoded = json.dumps(known).encode()
            serial = next(self._serials)
        return {
            **json.loads(encoded)[0],
            "version": hashlib.sha256(encoded).hexdigest()[:16],
            "serial": serial,
            "phone": phone,
            "clock": {
                "now": milliseconds_at(now),
                "ahead": ahead,
                "runs": not self._office.clock.stands_still,
            },
        }

    def after(self, who: SamplePerson, version: str, *, wait: float = WAIT) -> Json:
        """Return the screen once it is no longer of that version, at the latest after `wait`."""
        deadline = monotonic() + wait
        may_wait = self._places_to_wait.acquire(blocking=False)
        try:
            while True:
                changes = self._office.slack.workspace.changes
                screen = self.now(who)
                left = deadline - monotonic()
                if screen["version"] != version or left <= 0 or self._closed or not may_wait:
                    return screen
                self._wait_for_a_change(changes, within=min(_LOOK_EVERY, left))
        finally:
            if may_wait:
                self._places_to_wait.release()

    def place(self, person: Person, place: str) -> Channel | None:
        """Return the channel, or the person's own messages with Rekey; `None` for any other."""
        return next((c for c in self._channels(person) if c.id == place), None)

    def _wait_for_a_change(self, since: int, *, within: float) -> None:
        workspace = self._office.slack.workspace
        with suppress(TimeoutError):
            workspace.wait_for(lambda: workspace.changes != since, timeout=within)

    def _channels(self, person: Person) -> list[Channel]:
        workspace = self._office.slack.workspace
        im = workspace.im_with(person.id)
        theirs = [c for c in workspace.channels.values() if not c.is_im and person.id in c.members]
        return [*sorted(theirs, key=lambda c: (c.id != HELP_DESK, c.name)), im]

    def _places(self, person: Person) -> list[Json]:
        return [self._place(person, channel) for channel in self._channels(person)]

    def _place(self, person: Person, channel: Channel) -> Json:
        messages = person.messages(channel.id)
        return {
            "id": channel.id,
            "kind": "dm" if channel.is_im else "channel",
            "name": "" if channel.is_im else channel.name,
            "unread": self.unread.count(person, channel.id, messages),
            "messages": [_message(message) for message in messages[-_MOST_SHOWN:]],
        }

    def _unread_of_everybody(self) -> dict[str, int]:
        """Return how much each person has not read of what Rekey wrote to them."""
        counts = {}
        for somebody in PEOPLE:
            person = self._office.person(somebody.handle)
            counts[somebody.handle] = self.unread.count(
                person, person.im, person.messages(person.im)
            )
        return counts


def _message(message: Message) -> Json:
    return {
        "id": message.ts,
        "author": message.author,
        "text": message.text,
        "blocks": message.blocks,
        "ephemeral": message.ephemeral_to is not None,
        "edited": message.edited,
    }


def _views(person: Person) -> Json:
    home = person.home
    return {
        "home": None if home is None else _view(home),
        "modals": [_view(modal) for modal in person.modals],
    }


def _view(view: View) -> Json:
    shown = ("type", "title", "submit", "close", "submit_disabled")
    return {
        **{key: view.spec[key] for key in shown if key in view.spec},
        "id": view.id,
        "hash": view.hash,
        "blocks": view.blocks,
        "values": view.values,
        "errors": view.errors,
    }
