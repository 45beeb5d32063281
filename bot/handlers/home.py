"""App Home: opening it, and what can be pressed, chosen and typed there."""

import json
import re
from dataclasses import replace

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks.elements import View
from bot.blocks.home_desk import SEARCH_LENGTH
from bot.blocks.ids import ActionId
from bot.blocks.modals import Context, already_waiting, code_modal, told
from bot.blocks.texts import NOT_OPENED, refusal_text
from bot.domain.desk.home_view import HomeState
from bot.domain.model.errors import Refusal
from bot.domain.model.ids import AccountId, ContactId
from bot.domain.model.people import SlackIdentity
from bot.domain.model.pressed import Pressed
from bot.domain.model.reset_form import Named
from bot.domain.model.views import CaseView
from bot.domain.ports.clock import Clock
from bot.domain.record.answers import PersonalAnswers
from bot.domain.resets.asking import AskingService
from bot.handlers.actors import actor_of, actor_of_event
from bot.handlers.home_pages import HomePages
from bot.handlers.opening import NotOpened, open_modal
from bot.handlers.payloads import Payload, click_of, trigger_of, view_of
from bot.handlers.shapes import MalformedPayload, button, mapping, text

_ACCOUNT_ID = re.compile(r"[\x21-\x7e]{1,64}")
_MOST_PAGES = 1_000_000


class HomeHandlers:
    """Turn each act in Home into what is shown next; a reset goes on as the command does."""

    def __init__(
        self, *, pages: HomePages, asking: AskingService, answers: PersonalAnswers, clock: Clock
    ) -> None:
        self._pages = pages
        self._asking = asking
        self._answers = answers
        self._clock = clock

    def register(self, app: App) -> None:
        """Attach the listeners to `app`."""
        app.event("app_home_opened")(self.opened)
        app.action(ActionId.HOME_ACCOUNT)(self.switch)
        app.action(ActionId.HOME_SEARCH)(self.search)
        app.action(ActionId.HOME_ALL)(self.show_all)
        app.action(ActionId.HOME_PREVIOUS)(self.previous)
        app.action(ActionId.HOME_NEXT)(self.next)
        app.action(ActionId.HOME_RESET)(self.reset)

    def opened(self, ack: Ack, body: Payload) -> None:
        """Show the tab to whoever opened it, where they left it.

        https://docs.slack.dev/reference/events/app_home_opened/
        """
        event = mapping(body.get("event"), "event")
        if event.get("tab", "home") == "home":
            view = event.get("view")
            seen = mapping(view, "view") if view else {}
            state = _state_in(seen) if seen else HomeState()
            self._pages.show(actor_of_event(body), state, known_hash=_hash_of(seen))
        ack()

    def switch(self, ack: Ack, body: Payload) -> None:
        """Show another account, from its first page."""
        picked = text(mapping(button(body).get("selected_option"), "selected_option"), "value")
        self._show(ack, body, HomeState(account_id=_account_id(picked)))

    def search(self, ack: Ack, body: Payload) -> None:
        """Show the contacts in whose name or address the words are; all of them without words."""
        typed = button(body).get("value") or ""
        if not isinstance(typed, str):
            raise MalformedPayload("value")
        words = typed.strip()[:SEARCH_LENGTH]
        self._show(ack, body, replace(_state_in(view_of(body)), words=words, page=0))

    def show_all(self, ack: Ack, body: Payload) -> None:
        """Show every contact again."""
        self._show(ack, body, replace(_state_in(view_of(body)), words="", page=0))

    def previous(self, ack: Ack, body: Payload) -> None:
        """Show the page before."""
        state = _state_in(view_of(body))
        self._show(ack, body, replace(state, page=max(state.page - 1, 0)))

    def next(self, ack: Ack, body: Payload) -> None:
        """Show the page after."""
        state = _state_in(view_of(body))
        self._show(ack, body, replace(state, page=state.page + 1))

    def reset(self, ack: Ack, body: Payload, client: WebClient) -> None:
        """Begin what `/reset-2fa` begins; the question Yes or No then comes by DM."""
        click, trigger = click_of(body), trigger_of(body)
        shown = _state_in(view_of(body)).account_id
        try:
            view = self._next_modal(click.actor, ContactId(click.value), shown)
            open_modal(client, trigger, view)
        except NotOpened:
            self._answers.give(Pressed(actor=click.actor), NOT_OPENED)
        ack()

    def _next_modal(
        self, actor: SlackIdentity, contact_id: ContactId, shown: AccountId | None
    ) -> View:
        """Return the form, which begins with the account that is shown, or why there is none.

        Home has no place for an answer of its own.
        """
        named = Named(contact_id=contact_id)
        try:
            form = self._asking.prepare(actor, named, response_url=None)
        except Refusal as refusal:
            return told("Reset 2FA", [refusal_text(refusal, now=self._clock.now())])
        if isinstance(form, CaseView):
            return already_waiting(form)
        return code_modal(form, Context(subscriber=named, account_id=shown))

    def _show(self, ack: Ack, body: Payload, state: HomeState) -> None:
        self._pages.show(actor_of(body), state, known_hash=_hash_of(view_of(body)))
        ack()


def _state_in(view: Payload) -> HomeState:
    """Return where somebody is in Home, as our own view carried it along."""
    try:
        carried = mapping(json.loads(text(view, "private_metadata")), "private_metadata")
    except ValueError:
        raise MalformedPayload("private_metadata") from None
    account, words, page = (carried.get(key) for key in ("account", "words", "page"))
    if not isinstance(words, str) or type(page) is not int or not 0 <= page <= _MOST_PAGES:
        raise MalformedPayload("private_metadata")
    account_id = None if account is None else _account_id(account)
    return HomeState(account_id=account_id, words=words[:SEARCH_LENGTH], page=page)


def _account_id(named: object) -> AccountId:
    if not isinstance(named, str) or not _ACCOUNT_ID.fullmatch(named):
        raise MalformedPayload("account")
    return AccountId(named)


def _hash_of(view: Payload) -> str | None:
    found = view.get("hash")
    return found if isinstance(found, str) and found else None
