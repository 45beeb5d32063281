"""A person at Slack's client: what they see, and what they can do there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from playground.slack.acts import NO_TIME, Acts
from playground.slack.finding import (
    SHORTEST_QUERY,
    complaints,
    external_menu,
    find_element,
    input_blocks,
    menu_option,
)
from playground.slack.inputs import Value, has_state, state_for
from playground.slack.model import (
    BOT_USER_ID,
    CannotDo,
    Channel,
    Delivery,
    Json,
    Member,
    Message,
    View,
)
from playground.slack.workspace import Workspace

DEFAULT_CHANNEL = "C0GENERAL"


class Person:
    """One member, as a test or the playground drives them.

    Whatever the client does not offer raises CannotDo. `trigger_age` delivers with a trigger that
    is already that old, as after a slow network.
    """

    def __init__(self, member: Member, workspace: Workspace, acts: Acts) -> None:
        self.member = member
        self._workspace = workspace
        self._acts = acts

    @property
    def id(self) -> str:
        """The user id."""
        return self.member.id

    @property
    def im(self) -> str:
        """The id of the direct message channel with the bot."""
        return self._workspace.im_with(self.id).id

    @property
    def dm(self) -> list[Message]:
        """What the bot wrote directly, oldest first, without ephemeral messages."""
        return [
            message
            for message in self.messages(self.im)
            if message.ephemeral_to is None and message.author == BOT_USER_ID
        ]

    @property
    def ephemerals(self) -> list[Message]:
        """The ephemeral messages on this screen, in every channel, oldest first."""
        with self._workspace.lock:
            return [
                message
                for message in self._workspace.messages
                if message.ephemeral_to == self.id and not message.gone
            ]

    @property
    def modals(self) -> list[View]:
        """The stack of open modals, the top one last."""
        with self._workspace.lock:
            return list(self._workspace.modals.get(self.id, []))

    @property
    def modal(self) -> View:
        """The modal on top; CannotDo if none is open."""
        stack = self.modals
        if not stack:
            raise CannotDo(f"no modal is open before {self.id}")
        return stack[-1]

    @property
    def home(self) -> View | None:
        """The Home tab, once the bot has published one."""
        return self._workspace.homes.get(self.id)

    def messages(self, channel: str) -> list[Message]:
        """Everything that this person sees in a channel, oldest first."""
        with self._workspace.lock:
            return [
                message
                for message in self._workspace.messages
                if message.channel == channel and self._sees(message)
            ]

    def reload(self) -> None:
        """Reload the client: its ephemeral messages are gone for good."""
        for message in self.ephemerals:
            message.gone = True
        self._workspace.changed()

    def command(
        self,
        name: str,
        text: str = "",
        *,
        channel: str = DEFAULT_CHANNEL,
        trigger_age: timedelta = NO_TIME,
    ) -> Delivery:
        """Type a slash command; `@bob` in `text` is a mention if the command escapes them."""
        place = self._workspace.channels[channel]
        if self.id not in place.members:
            raise CannotDo(f"{self.id} is not in {channel}")
        return self._acts.command(self.member, name, text, place, trigger_age)

    def click(
        self,
        surface: Message | View,
        action_id: str,
        value: str | None = None,
        *,
        even_if_unseen: bool = False,
        trigger_age: timedelta = NO_TIME,
    ) -> Delivery:
        """Press a button, or pick from an overflow menu the option with `value`.

        A copy made by `as_seen` may be clicked although the original has changed since.
        `even_if_unseen` forges the click of somebody who does not have it on their screen.
        """
        block, element = find_element(surface, action_id, value)
        if element["type"] not in {"button", "overflow"}:
            raise CannotDo(f"{action_id} is not a button")
        action = self._acts.payloads.action(block, element, None)
        if element["type"] == "overflow":
            action["selected_option"] = menu_option(element, value)
        delivery = self._use(
            surface, action, even_if_unseen=even_if_unseen, trigger_age=trigger_age
        )
        delivery.url = element.get("url")
        return delivery

    def choose(
        self,
        surface: Message | View,
        block_id: str,
        action_id: str,
        value: Value,
        *,
        trigger_age: timedelta = NO_TIME,
    ) -> Delivery:
        """Choose or type something; an input block tells the bot only with `dispatch_action`."""
        block, element = find_element(surface, action_id, None, block_id=block_id)
        if not has_state(element):
            raise CannotDo(f"{action_id} holds no value")
        offered = surface.offered.get(block_id, []) if isinstance(surface, View) else []
        state = self._state(element, value, offered)
        if isinstance(surface, View):
            live = self._live_view(surface)
            live.values[block_id][action_id] = state
            self._workspace.changed()
        if block["type"] == "input" and not block.get("dispatch_action", False):
            return Delivery(kind=f"choice {action_id}", sent=False)
        action = self._acts.payloads.action(block, element, state)
        return self._use(surface, action, even_if_unseen=False, trigger_age=trigger_age)

    def suggest(self, view: View, block_id: str, typed: str) -> list[Json]:
        """Type into a menu of external data; return the options that the bot offers.

        One of them may then be chosen by its value. Nothing is asked of the bot before
        `min_query_length` characters were typed.
        """
        live = self._live_view(view)
        block, element = external_menu(live, block_id)
        if len(typed) < element.get("min_query_length", SHORTEST_QUERY):
            return []
        self._acts.suggest(self.member, live, block, element, typed)
        return list(live.offered[block_id])

    def submit(
        self,
        view: View,
        values: Mapping[str, Value] | None = None,
        *,
        trigger_age: timedelta = NO_TIME,
    ) -> Delivery:
        """Fill input blocks, by block_id, and press the submit button.

        What Slack's client would complain about is not sent; the complaints are in `errors`.
        """
        live = self._live_view(view)
        if "submit" not in live.spec or live.spec.get("submit_disabled", False):
            raise CannotDo("this view cannot be submitted")
        inputs = input_blocks(live)
        for block_id, value in (values or {}).items():
            if block_id not in inputs:
                raise CannotDo(f"the view has no input block {block_id}")
            element = inputs[block_id]["element"]
            offered = live.offered.get(block_id, [])
            live.values[block_id][element["action_id"]] = self._state(element, value, offered)
        errors = complaints(live)
        live.errors = errors
        self._workspace.changed()
        if errors:
            return Delivery(kind=f"submission {live.callback_id}", sent=False, errors=errors)
        return self._acts.submit(self.member, live, trigger_age)

    def close(self, view: View) -> Delivery:
        """Press the close button: back to the modal below, or out, if it clears on close."""
        live = self._live_view(view)
        if live.spec.get("clear_on_close", False):
            return self.close_all()[0]
        return self._acts.close(self.member, live, is_cleared=False)

    def close_all(self) -> list[Delivery]:
        """Press the cross: every modal goes, the top one first."""
        return [self._acts.close(self.member, view, is_cleared=True) for view in self.modals[::-1]]

    def open_home(self) -> Delivery:
        """Open the app's Home tab."""
        event: Json = {
            "type": "app_home_opened",
            "user": self.id,
            "channel": self.im,
            "tab": "home",
            "event_ts": self._workspace.new_ts(),
        }
        if self.home is not None:
            event["view"] = self._acts.views.as_sent(self.home)
        event_id = self._workspace.new_id("Ev")
        return self._acts.event(event, event_id=event_id, retry_num=0, retry_reason="")

    def shortcut(
        self,
        callback_id: str,
        message: Message | None = None,
        *,
        trigger_age: timedelta = NO_TIME,
    ) -> Delivery:
        """Use a global shortcut, or one on a message."""
        if message is not None and not self._sees(message):
            raise CannotDo("that message is not on the screen")
        return self._acts.shortcut(self.member, callback_id, message, trigger_age)

    def say(self, text: str, *, channel: str = DEFAULT_CHANNEL) -> Message:
        """Write a message of one's own, for others to use a shortcut on; the bot is not told."""
        return self._workspace.add_message(
            Message(
                ts=self._workspace.new_ts(),
                channel=channel,
                text=text,
                blocks=[],
                author=self.id,
            )
        )

    def _sees(self, message: Message) -> bool:
        channel: Channel = self._workspace.channels[message.channel]
        readers = {message.ephemeral_to} if message.ephemeral_to else channel.members
        return self.id in readers and not message.gone

    def _use(
        self,
        surface: Message | View,
        action: Json,
        *,
        even_if_unseen: bool,
        trigger_age: timedelta,
    ) -> Delivery:
        if isinstance(surface, View):
            live = self._workspace.views[surface.id] if even_if_unseen else self._live_view(surface)
            return self._acts.use_in_view(self.member, live, action, trigger_age)
        message = self._live_message(surface)
        if not even_if_unseen and not self._sees(message):
            raise CannotDo("that message is not on the screen")
        return self._acts.use_in_message(self.member, message, action, trigger_age)

    def _live_view(self, view: View) -> View:
        """Return the view itself, which must lie before this person and on top."""
        home = self.home
        if home is not None and home.id == view.id:
            return home
        stack = self.modals
        if not stack or stack[-1].id != view.id:
            raise CannotDo("that view is not open, or not on top")
        return stack[-1]

    def _live_message(self, seen: Message) -> Message:
        with self._workspace.lock:
            for message in self._workspace.messages:
                if (message.channel, message.ts) == (seen.channel, seen.ts):
                    return message
        raise CannotDo("there is no such message")

    def _state(self, element: Json, value: Value, offered: list[Json]) -> Json:
        named = value if isinstance(value, list) else [value]
        if element["type"] in {"users_select", "multi_users_select"}:
            for name in named:
                member = self._workspace.members.get(str(name))
                if name is not None and (member is None or member.deleted):
                    raise CannotDo("the picker lists no such person")
        return state_for(element, value, offered=offered)
