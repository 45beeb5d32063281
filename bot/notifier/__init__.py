"""From the outbox to Slack and the mail server: after the commit, for as long as it takes."""

from bot.notifier.email import EmailDelivery
from bot.notifier.sender import OutboxSender
from bot.notifier.thread import OutboxThread

__all__ = ["EmailDelivery", "OutboxSender", "OutboxThread"]
