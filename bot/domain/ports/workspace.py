"""Slack, as far as it knows who somebody is."""

from __future__ import annotations

from typing import Protocol

from bot.domain.model.people import Member


class Workspace(Protocol):
    """Slack, as far as it knows who somebody is; asked anew each time, outside any transaction."""

    def member(self, user_id: str) -> Member:
        """Return that person as Slack describes them now.

        Raises `UnknownPerson`, or `WorkspaceUnavailableError` where Slack gives no answer.
        """
        ...
