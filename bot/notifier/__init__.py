"""From the outbox to Slack: after the commit, and for as long as it takes."""

from bot.notifier.sender import OutboxSender

__all__ = ["OutboxSender"]
