"""From what a person does to the delivery that it causes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from playground.slack.answers import Answers
from playground.slack.app_settings import AppSettings
from playground.slack.courier import Courier, Packet
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
from playground.slack.payloads import Payloads
from playground.slack.views import Views
from playground.slack.workspace import Workspace

NO_TIME = timedelta(0)
_MENTION = re.compile(r"(?<![\w<])@(\w(?:[\w.-]*\w)?)")


@dataclass(kw_only=True)
class Acts:
    """Sends what people do, and shows what the app makes of it.

    `labelled_mentions` has mentions arrive in the older form, `<@U012ABC|name>`.
    """

    workspace: Workspace
    views: Views
    payloads: Payloads
    courier: Courier
    answers: Answers
    settings: AppSettings
    base_url: Callable[[], str]
    labelled_mentions: bool = False

    def command(
        self, member: Member, name: str, text: str, channel: Channel, trigger_age: timedelta
    ) -> Delivery:
        """Send a slash command."""
        known = self.settings.commands is None or name in self.settings.commands
        if not known or "commands" not in self.workspace.scopes:
            return Delivery(kind=f"command {name}", sent=False, error="invalid_command")
        if self.settings.escapes(name):
            text = _MENTION.sub(self._mention, text)
        trigger_id = self.workspace.issue_trigger(member.id, age=trigger_age)
        response_url = self._response_url(member, channel.id, None)
        fields = self.payloads.command(
            member,
            channel,
            command=name,
            text=text,
            trigger_id=trigger_id,
            response_url=response_url,
        )
        packet = Packet(kind="slash_commands", payload=fields)
        delivery = self.send(packet, f"command {name}", trigger_id, response_url)
        self.answers.to_command(delivery, user_id=member.id, channel=channel.id)
        return delivery

    def use_in_message(
        self, member: Member, message: Message, action: Json, trigger_age: timedelta
    ) -> Delivery:
        """Send a click or choice in a message."""
        trigger_id = self.workspace.issue_trigger(member.id, age=trigger_age)
        response_url = self._response_url(member, message.channel, message)
        payload = self.payloads.click_in_message(
            member, message, action, trigger_id=trigger_id, response_url=response_url
        )
        return self._interact(payload, f"click {action['action_id']}", trigger_id, response_url)

    def use_in_view(
        self, member: Member, view: View, action: Json, trigger_age: timedelta
    ) -> Delivery:
        """Send a click or choice in a modal or Home tab."""
        from_modal = view.id if view.spec["type"] == "modal" else None
        trigger_id = self.workspace.issue_trigger(member.id, view_id=from_modal, age=trigger_age)
        payload = self.payloads.click_in_view(member, view, action, trigger_id=trigger_id)
        return self._interact(payload, f"click {action['action_id']}", trigger_id)

    def submit(self, member: Member, view: View, trigger_age: timedelta) -> Delivery:
        """Send a modal's submission."""
        trigger_id = self.workspace.issue_trigger(member.id, view_id=view.id, age=trigger_age)
        payload = self.payloads.submission(member, view, trigger_id=trigger_id)
        packet = Packet(kind="interactive", payload=payload)
        delivery = self.send(packet, f"submission {view.callback_id}", trigger_id)
        self.answers.to_submission(delivery, view)
        return delivery

    def suggest(
        self, member: Member, view: View, block: Json, element: Json, typed: str
    ) -> Delivery:
        """Send what was typed into a menu of external data, and offer what the app answers."""
        payload = self.payloads.suggestion(member, view, block, element, typed=typed)
        packet = Packet(kind="interactive", payload=payload)
        delivery = self.send(packet, f"suggestion {element['action_id']}")
        self.answers.to_suggestion(delivery, view, block["block_id"])
        return delivery

    def close(self, member: Member, view: View, *, is_cleared: bool) -> Delivery:
        """Take a modal away; the app hears of it only if it asked to."""
        self.views.close(view)
        label = f"closing {view.callback_id}"
        if not view.spec.get("notify_on_close", False):
            return Delivery(kind=label, sent=False)
        payload = self.payloads.closing(member, view, is_cleared=is_cleared)
        return self._interact(payload, label)

    def shortcut(
        self, member: Member, callback_id: str, message: Message | None, trigger_age: timedelta
    ) -> Delivery:
        """Send a global shortcut, or one on a message."""
        if self.settings.shortcuts is not None and callback_id not in self.settings.shortcuts:
            raise CannotDo(f"the app has no shortcut {callback_id}")
        trigger_id = self.workspace.issue_trigger(member.id, age=trigger_age)
        label = f"shortcut {callback_id}"
        if message is None:
            payload = self.payloads.shortcut(member, callback_id, trigger_id=trigger_id)
            return self._interact(payload, label, trigger_id)
        own = message if message.author == BOT_USER_ID else None  # others' cannot be replaced
        response_url = self._response_url(member, message.channel, own)
        payload = self.payloads.message_shortcut(
            member, callback_id, message, trigger_id=trigger_id, response_url=response_url
        )
        return self._interact(payload, label, trigger_id, response_url)

    def event(self, event: Json, *, event_id: str, retry_num: int, retry_reason: str) -> Delivery:
        """Send an event, if the app is subscribed to its kind."""
        kind = str(event["type"])
        label = f"event {kind}"
        if self.settings.events is not None and kind not in self.settings.events:
            return Delivery(kind=label, sent=False)
        packet = Packet(
            kind="events_api",
            payload=self.payloads.event(event, event_id=event_id),
            retry_num=retry_num,
            retry_reason=retry_reason,
        )
        delivery = self.send(packet, label)
        self.answers.to_nothing(delivery)
        return delivery

    def send(
        self,
        packet: Packet,
        label: str,
        trigger_id: str | None = None,
        response_url: str | None = None,
    ) -> Delivery:
        """Deliver a packet; an app that answers late or with another status breaks the rules."""
        if packet.kind == "interactive" and not self.settings.interactivity:
            return Delivery(kind=label, sent=False, error="interactivity_disabled")
        body, headers = self.courier.request(packet)
        answer = self.courier.carry(packet, body, headers)
        unreachable = answer.status is None and answer.error == "dispatch_failed"
        if answer.error is not None and not unreachable:
            self.workspace.violate(f"{label}: {answer.error}, status {answer.status}")
        return Delivery(
            kind=label,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            error=answer.error,
            trigger_id=trigger_id,
            response_url=response_url,
            payload=packet.payload,
            request_body=body,
            request_headers=headers,
        )

    def _interact(
        self,
        payload: Json,
        label: str,
        trigger_id: str | None = None,
        response_url: str | None = None,
    ) -> Delivery:
        packet = Packet(kind="interactive", payload=payload)
        delivery = self.send(packet, label, trigger_id, response_url)
        self.answers.to_nothing(delivery)
        return delivery

    def _response_url(self, member: Member, channel: str, source: Message | None) -> str:
        url_id = self.workspace.issue_response_url(member.id, channel=channel, source=source)
        return f"{self.base_url()}/response/{url_id}"

    def _mention(self, typed: re.Match[str]) -> str:
        handles: Mapping[str, Member] = {
            member.handle: member for member in self.workspace.members.values()
        }
        member = handles.get(typed[1])
        if member is None:
            return typed[0]
        label = f"|{member.handle}" if self.labelled_mentions else ""
        return f"<@{member.id}{label}>"
