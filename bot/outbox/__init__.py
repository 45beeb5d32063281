"""From the outbox to Slack and the mail server: after the commit, for as long as it takes."""

from bot.outbox.email import EmailDelivery
from bot.outbox.sender import OutboxSender
from bot.outbox.thread import OutboxThread

__all__ = ["EmailDelivery", "OutboxSender", "OutboxThread"]
