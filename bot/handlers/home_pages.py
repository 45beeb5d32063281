"""Showing Home: published anew after each act in it, and when what it shows has changed.

Slack does not say who has a Home tab before them, so whoever opened theirs within the last hour is
remembered here, with where they are in it; lost at a restart, when opening it again is enough.
"""

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.blocks.elements import View
from bot.blocks.home import home, turned_away
from bot.domain.desk.home import HomeService
from bot.domain.desk.home_view import HomeState, HomeView
from bot.domain.model.errors import Fault, Refusal
from bot.domain.model.ids import CaseId, ContactId
from bot.domain.model.people import SlackIdentity
from bot.domain.ports.clock import Clock
from bot.handlers.slack_errors import word_of

KEPT_FRESH_FOR = timedelta(hours=1)
MOST_KEPT_FRESH = 20
"""Tabs that are published anew when a case changes: those looked at last."""

_CONFLICT = "hash_conflict"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """A tab that somebody looked at; `shows` are the ids of the account and contact in it.

    `owner` is the contact whose tab it is.
    """

    actor: SlackIdentity
    owner: ContactId
    state: HomeState
    hash: str | None
    at: datetime
    shows: frozenset[str]


class HomePages:
    """Publishes Home tabs; whatever Slack makes of one is logged, since nothing else can be done.

    https://docs.slack.dev/reference/methods/views.publish/
    """

    def __init__(
        self,
        *,
        home: HomeService,
        client: WebClient,
        clock: Clock,
        portal_url: str,
        help_contact: str | None,
    ) -> None:
        self._home = home
        self._client = client
        self._clock = clock
        self._portal_url = portal_url
        self._help_contact = help_contact
        self._opened: dict[str, _Opened] = {}
        self._lock = threading.Lock()

    def show(self, actor: SlackIdentity, state: HomeState, *, known_hash: str | None) -> None:
        """Publish what that person sees now, as an act of theirs asks for.

        `known_hash` is that of the view upon which they acted. Where it has been published anew
        since, everything is read again and published over it.
        """
        self._show(actor, state, known_hash, looked_at=self._clock.now())

    def refresh(self, actor: SlackIdentity) -> None:
        """Publish that person's tab anew, where they are in it, if they looked at it of late.

        Never raises: what it is to show was stored before.
        """
        with self._lock:
            opened = self._opened.get(actor.user)
        self._freshen(lambda: [opened] if opened else [])

    def changed(self, case_ids: Collection[CaseId]) -> None:
        """Publish anew what shows one of those cases, to whoever looked at it of late.

        Never raises: it is called where messages are sent, which must go on.
        """
        self._freshen(lambda: self._showing(case_ids))

    def refresh_contact(self, contact_id: ContactId) -> None:
        """Publish that contact's tab anew, if they looked at it of late; never raises either."""
        self._freshen(lambda: [each for each in self._lately() if each.owner == contact_id])

    def _freshen(self, which: Callable[[], Iterable[_Opened]]) -> None:
        try:
            for opened in which():
                self._show(opened.actor, opened.state, opened.hash, looked_at=opened.at)
        except Exception as error:  # noqa: BLE001  # Home is fresh again when it is next opened
            logger.error("Home could not be kept fresh: %s", type(error).__name__)  # noqa: TRY400  # a traceback's text may hold a name

    def _showing(self, case_ids: Collection[CaseId]) -> list[_Opened]:
        opened = self._lately()
        if not opened or not case_ids:
            return []
        touched = self._home.touched_by(case_ids)
        return [each for each in opened if each.shows & touched][:MOST_KEPT_FRESH]

    def _lately(self) -> list[_Opened]:
        """Forget what was looked at too long ago; return the rest, what was seen last first."""
        since = self._clock.now() - KEPT_FRESH_FOR
        with self._lock:
            self._opened = {u: each for u, each in self._opened.items() if each.at >= since}
            return sorted(self._opened.values(), key=lambda each: each.at, reverse=True)

    def _show(
        self,
        actor: SlackIdentity,
        state: HomeState,
        known_hash: str | None,
        *,
        looked_at: datetime,
    ) -> None:
        seen, drawn = self._draw(actor, state)
        try:
            new_hash = self._publish(actor.user, drawn, known_hash)
        except _HashConflict:
            seen, drawn = self._draw(actor, state)
            new_hash = self._publish(actor.user, drawn, None)
        with self._lock:
            if seen is None:
                self._opened.pop(actor.user, None)
                return
            self._opened[actor.user] = _Opened(
                actor=actor,
                owner=seen.own.contact.id,
                state=seen.state,
                hash=new_hash,
                at=looked_at,
                shows=_ids_in(seen),
            )

    def _draw(self, actor: SlackIdentity, state: HomeState) -> tuple[HomeView | None, View]:
        try:
            view = self._home.view(actor, state)
        except (Refusal, Fault) as why:
            now = self._clock.now()
            return None, turned_away(why, now=now, help_contact=self._help_contact)
        drawn = home(view, portal_url=self._portal_url, help_contact=self._help_contact)
        return view, drawn

    def _publish(self, user: str, view: View, known_hash: str | None) -> str | None:
        """Return the new view's hash, if Slack took it; raises `_HashConflict`."""
        try:
            answer = self._client.views_publish(user_id=user, view=view, hash=known_hash)
        except SlackApiError as error:
            word = word_of(error.response)
            if word == _CONFLICT and known_hash is not None:
                raise _HashConflict from None
            logger.warning("a Home tab was not published: %s", word)
        except (SlackClientError, OSError, HTTPException, ValueError) as error:
            logger.warning("a Home tab was not published: %s", type(error).__name__)
        else:
            return _hash_in(answer.data)
        return None


class _HashConflict(Exception):
    """Another view was published since the one that is known."""


def _ids_in(view: HomeView) -> frozenset[str]:
    shown = [view.own.contact.id, view.state.account_id]
    return frozenset(each for each in shown if each)


def _hash_in(answer: object) -> str | None:
    view = answer.get("view") if isinstance(answer, Mapping) else None
    found = view.get("hash") if isinstance(view, Mapping) else None
    return found if isinstance(found, str) else None
