"""The stand-in itself: one workspace with its servers, its people and its faults."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.clock import SystemClock
from playground.slack.acts import NO_TIME, Acts
from playground.slack.answers import Answers
from playground.slack.app_settings import AppSettings
from playground.slack.courier import Courier, InProcess, Signer
from playground.slack.faults import Faults
from playground.slack.http_server import HttpServer
from playground.slack.messages import Messages
from playground.slack.methods_chat import ChatMethods
from playground.slack.methods_users import UserMethods
from playground.slack.methods_views import ViewMethods
from playground.slack.model import Call, Channel, Delivery, Json, Member, Message
from playground.slack.payloads import Payloads
from playground.slack.person import DEFAULT_CHANNEL, Person
from playground.slack.response_urls import ResponseUrls
from playground.slack.socket_mode import SocketMode
from playground.slack.views import Views
from playground.slack.web_api import Tokens, WebApi
from playground.slack.workspace import Clock, Workspace

ACK_WITHIN = timedelta(seconds=3)


class SlackStandIn:
    """A strict local Slack. What the bot does wrong is refused and kept in `violations`.

    `clock` decides the age of triggers and response_urls; signatures carry wall clock time. With
    `manifest`, scopes, commands, shortcuts and events are the manifest's. `ack_within` is Slack's
    three seconds; tests of late acknowledgements may be less patient.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        team_id: str = "T01TEST",
        enterprise_id: str | None = None,
        scopes: frozenset[str] | None = None,
        manifest: Path | None = None,
        ack_within: timedelta = ACK_WITHIN,
    ) -> None:
        settings = AppSettings() if manifest is None else AppSettings.from_manifest(manifest)
        settings = settings.with_scopes(scopes)
        self.team_id = team_id
        self.enterprise_id = enterprise_id
        self.bot_token = f"xoxb-{secrets.token_hex(12)}"
        self.app_token = f"xapp-1-{secrets.token_hex(12)}"
        self.signing_secret = secrets.token_hex(16)
        self.faults = Faults()
        self.tokens = Tokens(bot=self.bot_token, app=self.app_token)
        self.workspace = Workspace(
            clock=clock, team_id=team_id, enterprise_id=enterprise_id, scopes=settings.scopes
        )
        self.signer = Signer(secret=self.signing_secret, wall_clock=SystemClock())
        self._sockets = SocketMode(self.workspace)
        self._courier = Courier(signer=self.signer, sockets=self._sockets, ack_within=ack_within)
        messages = Messages(self.workspace)
        views = Views(self.workspace)
        response_urls = ResponseUrls(self.workspace, messages)
        methods = {
            **UserMethods(self.workspace, self._sockets.issue_url).methods(),
            **ChatMethods(self.workspace, messages, settings).methods(),
            **ViewMethods(self.workspace, views, settings).methods(),
        }
        self._http = HttpServer(
            web_api=WebApi(self.workspace, self.tokens, methods),
            response_urls=response_urls,
            faults=self.faults,
        )
        self.payloads = Payloads(self.workspace, views, messages)
        self.acts = Acts(
            workspace=self.workspace,
            views=views,
            payloads=self.payloads,
            courier=self._courier,
            answers=Answers(self.workspace, views, response_urls),
            settings=settings,
            base_url=lambda: self._http.url,
        )
        self.workspace.channels[DEFAULT_CHANNEL] = Channel(id=DEFAULT_CHANNEL, name="general")

    def start(self) -> None:
        """Open both servers, each on a free loopback port."""
        self._http.start()
        self._sockets.start()

    def stop(self) -> None:
        """Let go whatever is being held, and close both servers."""
        self.faults.clear()
        self._sockets.stop()
        self._http.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def api_url(self) -> str:
        """What SLACK_API_URL is to be."""
        return f"{self._http.url}/api/"

    @property
    def deliver_to(self) -> str | InProcess | None:
        """Where payloads go: a URL, a callable within the process, or `SOCKET_MODE`."""
        return self._courier.deliver_to

    @deliver_to.setter
    def deliver_to(self, where: str | InProcess | None) -> None:
        self._courier.deliver_to = where

    @property
    def ack_within(self) -> timedelta:
        """How long the app may take to acknowledge."""
        return self._courier.ack_within

    @ack_within.setter
    def ack_within(self, patience: timedelta) -> None:
        self._courier.ack_within = patience

    @property
    def violations(self) -> list[str]:
        """What the bot did against Slack's rules, oldest first; clear it to forgive."""
        return self.workspace.violations

    @property
    def calls(self) -> list[Call]:
        """Every Web API call and use of a response_url, oldest first."""
        return self.workspace.calls

    @property
    def connections(self) -> int:
        """How many Socket Mode clients are connected."""
        return self._sockets.connections

    def add_person(
        self,
        user_id: str,
        *,
        name: str,
        email: str | None = None,
        **flags: Any,  # noqa: ANN401  # the other fields of Member, of several types
    ) -> Person:
        """Add a member, by default of this workspace; `flags` are fields of `Member`.

        Everybody is in #general, except for the bot.
        """
        flags = {"team_id": self.team_id, "enterprise_id": self.enterprise_id, **flags}
        self.workspace.add_member(Member(id=user_id, name=name, email=email, **flags))
        self.workspace.channels[DEFAULT_CHANNEL].members.add(user_id)
        return self.person(user_id)

    def add_channel(
        self, channel_id: str, *, name: str, members: Iterable[str], is_private: bool = False
    ) -> Channel:
        """Add a channel; the bot is in it only if BOT_USER_ID is among `members`."""
        channel = Channel(id=channel_id, name=name, members=set(members), is_private=is_private)
        self.workspace.channels[channel_id] = channel
        return channel

    def person(self, user_id: str) -> Person:
        """Return the member with that id, to be driven; KeyError if there is none."""
        return Person(self.workspace.members[user_id], self.workspace, self.acts)

    def messages(self, channel: str) -> list[Message]:
        """Return every message ever posted there, gone or not, oldest first."""
        with self.workspace.lock:
            return [message for message in self.workspace.messages if message.channel == channel]

    def send_event(
        self,
        event: Json,
        *,
        event_id: str | None = None,
        retry_num: int = 0,
        retry_reason: str = "http_timeout",
    ) -> Delivery:
        """Deliver an event; with the same `event_id` and a `retry_num` it is a retry."""
        return self.acts.event(
            event,
            event_id=event_id or self.workspace.new_id("Ev"),
            retry_num=retry_num,
            retry_reason=retry_reason,
        )

    def signed_headers(
        self,
        body: bytes,
        *,
        content_type: str = "application/x-www-form-urlencoded",
        secret: str | None = None,
        age: timedelta = NO_TIME,
    ) -> dict[str, str]:
        """Return headers for `deliver_raw`; by default with the right secret, signed now."""
        signature = self.signer.headers(body, secret=secret, age=age)
        return {"Content-Type": content_type, **signature}

    def deliver_raw(self, body: bytes, *, headers: dict[str, str]) -> Delivery:
        """Send a request as an attacker or a broken network might; nothing is a violation."""
        answer = self._courier.transmit(body, headers)
        return Delivery(
            kind="raw",
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            error=answer.error,
            request_body=body,
            request_headers=headers,
        )

    def replay(self, delivery: Delivery) -> Delivery:
        """Send the very same request again, signature and all."""
        return self.deliver_raw(delivery.request_body, headers=delivery.request_headers)

    def disconnect_sockets(self, reason: str = "refresh_requested") -> None:
        """End Socket Mode connections as Slack does: with a reason, or `cut` without a word."""
        if reason == "cut":
            self._sockets.cut()
        else:
            self._sockets.disconnect(reason)

    def wait_for(self, predicate: Callable[[], bool], *, timeout: float = 5) -> None:
        """Return as soon as `predicate` holds; it is looked at after every change."""
        self.workspace.wait_for(predicate, timeout=timeout)
