"""What acknowledgements bring about: messages, modals changed or closed, errors on the screen."""

from __future__ import annotations

import json

from playground.slack.block_elements import SUGGESTIONS
from playground.slack.errors import SlackRefuses
from playground.slack.inputs import options_in
from playground.slack.model import Delivery, Json, View
from playground.slack.response_urls import ResponseUrls
from playground.slack.views import Views
from playground.slack.workspace import Workspace

TROUBLE = "trouble_connecting"
"""What a modal shows when the answer to a submission makes no sense."""


class Answers:
    """Reads acknowledgements as Slack does; whatever it would not accept is a violation."""

    def __init__(self, workspace: Workspace, views: Views, response_urls: ResponseUrls) -> None:
        self._workspace = workspace
        self._views = views
        self._response_urls = response_urls

    def to_command(self, delivery: Delivery, *, user_id: str, channel: str) -> None:
        """Show the body of a command's acknowledgement, if it has one."""
        if delivery.error is not None or not delivery.body:
            return
        content = self._json(delivery)
        if content is None:
            content = {"text": delivery.body}
        try:
            self._response_urls.say(user_id, channel, content)
        except SlackRefuses as refusal:
            self._violate(delivery, f"{refusal.error} {refusal.findings}")
            delivery.error = "dispatch_failed"

    def to_nothing(self, delivery: Delivery) -> None:
        """Expect an empty acknowledgement, as for clicks, shortcuts and events."""
        if delivery.error is None and delivery.body:
            self._violate(delivery, "an acknowledgement with a body, which nobody will see")

    def to_submission(self, delivery: Delivery, view: View) -> None:
        """Close, change or cover the submitted view, or show errors under its fields."""
        if delivery.error is not None:
            return
        if not delivery.body:
            self._views.close(view)
            return
        content = self._json(delivery)
        if content is None:
            self._refuse(delivery, "neither empty nor JSON")
            return
        try:
            self._follow(delivery, view, content)
        except SlackRefuses as refusal:
            self._refuse(delivery, f"{refusal.error} {refusal.findings}")

    def to_suggestion(self, delivery: Delivery, view: View, block_id: str) -> None:
        """Offer the options in a menu; one without any finds nothing."""
        with self._workspace.lock:
            view.offered[block_id] = []
        if delivery.error is not None:
            return
        content = self._json(delivery)
        found = ["not JSON"] if content is None else list(SUGGESTIONS(content, ""))
        if content is None or found:
            self._refuse(delivery, f"options that Slack would not show: {found}")
            return
        with self._workspace.lock:
            view.offered[block_id] = options_in(content)

    def _follow(self, delivery: Delivery, view: View, content: Json) -> None:
        action = content.get("response_action")
        if action == "errors":
            self._show_errors(delivery, view, content.get("errors"))
        elif action == "update":
            self._views.rewrite(view, self._views.valid(content.get("view"), kind="modal"))
        elif action == "push":
            valid = self._views.valid(content.get("view"), kind="modal")
            self._views.stack(view.user_id, valid)
        elif action == "clear":
            self._views.clear(view.user_id)
        else:
            self._refuse(delivery, "unknown response_action")

    def _show_errors(self, delivery: Delivery, view: View, errors: object) -> None:
        inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
        if not isinstance(errors, dict) or not errors:
            self._refuse(delivery, "errors must name at least one block")
        elif not errors.keys() <= inputs:
            self._refuse(delivery, "errors must be keyed by the block_id of an input block")
        elif not all(isinstance(text, str) and text for text in errors.values()):
            self._refuse(delivery, "errors must be texts")
        else:
            with self._workspace.lock:
                view.errors = dict(errors)
                delivery.errors = dict(errors)
                self._workspace.changed()

    def _refuse(self, delivery: Delivery, why: str) -> None:
        self._violate(delivery, why)
        delivery.error = TROUBLE

    def _violate(self, delivery: Delivery, why: str) -> None:
        self._workspace.violate(f"{delivery.kind}: {why}")

    def _json(self, delivery: Delivery) -> Json | None:
        if not delivery.headers.get("content-type", "").startswith("application/json"):
            return None
        try:
            content = json.loads(delivery.body)
        except ValueError:
            return None
        return content if isinstance(content, dict) else None
