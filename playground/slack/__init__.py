"""A strict stand-in for Slack on the loopback interface: `SlackStandIn` and what it shows."""

from playground.slack.app_settings import AppSettings
from playground.slack.courier import SOCKET_MODE
from playground.slack.in_process import dispatch_to
from playground.slack.model import (
    BOT_USER_ID,
    SLACKBOT,
    Call,
    CannotDo,
    Channel,
    Delivery,
    Member,
    Message,
    View,
)
from playground.slack.person import DEFAULT_CHANNEL, Person
from playground.slack.stand_in import SlackStandIn

__all__ = [
    "BOT_USER_ID",
    "DEFAULT_CHANNEL",
    "SLACKBOT",
    "SOCKET_MODE",
    "AppSettings",
    "Call",
    "CannotDo",
    "Channel",
    "Delivery",
    "Member",
    "Message",
    "Person",
    "SlackStandIn",
    "View",
    "dispatch_to",
]
