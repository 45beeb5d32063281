"""`views.*`; none of them needs a scope."""

from __future__ import annotations

from playground.slack.app_settings import AppSettings
from playground.slack.errors import SlackRefuses
from playground.slack.model import Json
from playground.slack.schema import problem
from playground.slack.views import Views
from playground.slack.web_api import Method
from playground.slack.workspace import Workspace


class ViewMethods:
    """Opening and changing modals and Home tabs."""

    def __init__(self, workspace: Workspace, views: Views, settings: AppSettings) -> None:
        self._workspace = workspace
        self._views = views
        self._settings = settings

    def methods(self) -> dict[str, Method]:
        """Return the methods by name."""
        return {
            "views.open": Method(run=self.open, required=("trigger_id", "view")),
            "views.push": Method(run=self.push, required=("trigger_id", "view")),
            "views.update": Method(
                run=self.update,
                required=("view",),
                optional=("view_id", "external_id", "hash"),
            ),
            "views.publish": Method(
                run=self.publish, required=("user_id", "view"), optional=("hash",)
            ),
        }

    def open(self, arguments: Json) -> Json:
        """Open a modal."""
        view = self._views.open(arguments["trigger_id"], arguments["view"])
        return {"view": self._views.as_sent(view)}

    def push(self, arguments: Json) -> Json:
        """Put a modal on top of another."""
        view = self._views.push(arguments["trigger_id"], arguments["view"])
        return {"view": self._views.as_sent(view)}

    def update(self, arguments: Json) -> Json:
        """Change an open modal."""
        view_id, external_id = arguments.get("view_id"), arguments.get("external_id")
        if not view_id and not external_id:
            found = problem("missing required field: view_id", "")
            raise SlackRefuses("invalid_arguments", [found])
        view = self._views.update(view_id, external_id, arguments["view"], arguments.get("hash"))
        return {"view": self._views.as_sent(view)}

    def publish(self, arguments: Json) -> Json:
        """Show a Home tab."""
        if not self._settings.home_tab:
            raise SlackRefuses("not_enabled")
        member = self._workspace.members.get(str(arguments["user_id"]))
        if member is None:
            raise SlackRefuses("user_not_found")
        view = self._views.publish(member.id, arguments["view"], arguments.get("hash"))
        return {"view": self._views.as_sent(view)}
