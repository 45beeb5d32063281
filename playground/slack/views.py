"""Modals and Home tabs: opening, pushing, updating, closing, by Slack's rules."""

from __future__ import annotations

import copy
import secrets

from playground.slack.block_kit import faults_in_view, is_too_large
from playground.slack.errors import SlackRefuses
from playground.slack.inputs import has_state, initial_state
from playground.slack.model import APP_ID, BOT_ID, Json, Trigger, View, elements_in
from playground.slack.workspace import Workspace

MOST_STACKED = 3


class Views:
    """The views of every person in one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def open(self, trigger_id: object, spec: object) -> View:
        """Open a modal for the person whose act the trigger is; it replaces any other."""
        workspace = self._workspace
        with workspace.lock:
            valid = self.valid(spec, kind="modal")
            self._refuse_known_external_id(valid)
            trigger = self._exchange(trigger_id)
            self.clear(trigger.user_id)
            view = self._create(trigger.user_id, valid, below=None)
            workspace.modals[trigger.user_id] = [view]
            workspace.changed()
            return view

    def push(self, trigger_id: object, spec: object) -> View:
        """Put a modal on top of the one from which the trigger comes."""
        with self._workspace.lock:
            valid = self.valid(spec, kind="modal")
            self._refuse_known_external_id(valid)
            trigger = self._exchange(trigger_id)
            if trigger.view_id is None:
                raise SlackRefuses("invalid_trigger_id")
            return self.stack(trigger.user_id, valid)

    def stack(self, user_id: str, valid: Json) -> View:
        """Put a valid modal on top of the person's stack of at most three."""
        workspace = self._workspace
        with workspace.lock:
            stack = workspace.modals.setdefault(user_id, [])
            if not stack:
                raise SlackRefuses("not_found")
            if len(stack) >= MOST_STACKED:
                raise SlackRefuses("push_limit_reached")
            view = self._create(user_id, valid, below=stack[-1])
            stack.append(view)
            workspace.changed()
            return view

    def update(self, view_id: object, external_id: object, spec: object, hash_: object) -> View:
        """Give an open modal new content, if its hash is still the one the bot knows."""
        with self._workspace.lock:
            view = self._find(view_id, external_id)
            valid = self.valid(spec, kind="modal")
            if hash_ is not None and hash_ != view.hash:
                raise SlackRefuses("hash_conflict")
            self.rewrite(view, valid)
            return view

    def publish(self, user_id: str, spec: object, hash_: object) -> View:
        """Show a Home tab to one person."""
        workspace = self._workspace
        with workspace.lock:
            valid = self.valid(spec, kind="home")
            home = workspace.homes.get(user_id)
            if hash_ is not None and (home is None or hash_ != home.hash):
                raise SlackRefuses("hash_conflict")
            if home is None:
                home = workspace.homes[user_id] = self._create(user_id, valid, below=None)
            else:
                self.rewrite(home, valid)
            workspace.changed()
            return home

    def rewrite(self, view: View, valid: Json) -> None:
        """Replace what `view` shows; what people typed stays where both ids stay the same."""
        workspace = self._workspace
        with workspace.lock:
            held = view.values
            view.spec = {**valid, "blocks": workspace.stamp(valid["blocks"])}
            view.values = _initial_values(view.spec["blocks"])
            for block_id, states in view.values.items():
                for action_id, state in states.items():
                    before = held.get(block_id, {}).get(action_id)
                    if before is not None and before["type"] == state["type"]:
                        states[action_id] = before
            view.hash = _new_hash()
            view.errors = {}
            view.offered = {}
            workspace.changed()

    def close(self, view: View) -> None:
        """Take `view` off its owner's stack, with whatever lies above it."""
        workspace = self._workspace
        with workspace.lock:
            stack = workspace.modals.get(view.user_id, [])
            while view in stack:
                stack.pop().closed = True
            workspace.changed()

    def clear(self, user_id: str) -> None:
        """Close every modal of one person."""
        workspace = self._workspace
        with workspace.lock:
            for view in workspace.modals.pop(user_id, []):
                view.closed = True
            workspace.changed()

    def valid(self, spec: object, *, kind: str) -> Json:
        """Return `spec` if it is a valid view of that kind; raise SlackRefuses if not."""
        found = faults_in_view(spec, kind=kind)
        if found or not isinstance(spec, dict):
            raise SlackRefuses("invalid_arguments", found)
        if is_too_large(spec):
            raise SlackRefuses("view_too_large")
        return spec

    def as_sent(self, view: View) -> Json:
        """Return the view object as Slack puts it in answers and payloads."""
        kind = view.spec["type"]
        sent = {
            "id": view.id,
            "team_id": self._workspace.team_id,
            "type": kind,
            "blocks": view.blocks,
            "private_metadata": view.spec.get("private_metadata", ""),
            "callback_id": view.callback_id,
            "state": {"values": view.values},
            "hash": view.hash,
            "title": view.spec.get("title", {"type": "plain_text", "text": "View Title"}),
            "clear_on_close": view.spec.get("clear_on_close", False),
            "notify_on_close": view.spec.get("notify_on_close", False),
            "close": view.spec.get("close"),
            "submit": view.spec.get("submit"),
            "previous_view_id": view.previous_id,
            "root_view_id": view.root_id,
            "app_id": APP_ID,
            "external_id": view.spec.get("external_id", ""),
            "app_installed_team_id": self._workspace.team_id,
            "bot_id": BOT_ID,
        }
        if "submit_disabled" in view.spec:
            sent["submit_disabled"] = view.spec["submit_disabled"]
        return copy.deepcopy(sent)

    def _create(self, user_id: str, valid: Json, *, below: View | None) -> View:
        view_id = self._workspace.new_id("V")
        blocks = self._workspace.stamp(valid["blocks"])
        view = View(
            id=view_id,
            user_id=user_id,
            spec={**valid, "blocks": blocks},
            hash=_new_hash(),
            root_id=below.root_id if below is not None else view_id,
            previous_id=below.id if below is not None else None,
            values=_initial_values(blocks),
        )
        self._workspace.views[view.id] = view
        return view

    def _exchange(self, trigger_id: object) -> Trigger:
        """Spend a trigger: each works once, and only within three seconds."""
        trigger = self._workspace.triggers.get(str(trigger_id))
        if trigger is None:
            raise SlackRefuses("invalid_trigger_id")
        if trigger.exchanged:
            raise SlackRefuses("exchanged_trigger_id")
        if self._workspace.clock.now() - trigger.issued_at >= Trigger.LIFETIME:
            raise SlackRefuses("expired_trigger_id")
        trigger.exchanged = True
        return trigger

    def _find(self, view_id: object, external_id: object) -> View:
        for view in self._workspace.views.values():
            named = view.id == view_id or (
                external_id is not None and view.spec.get("external_id") == external_id
            )
            if named and not view.closed and view.spec["type"] == "modal":
                return view
        raise SlackRefuses("not_found")

    def _refuse_known_external_id(self, valid: Json) -> None:
        name = valid.get("external_id")
        if name is not None and any(
            view.spec.get("external_id") == name for view in self._workspace.views.values()
        ):
            raise SlackRefuses("duplicate_external_id")


def _initial_values(blocks: list[Json]) -> dict[str, dict[str, Json]]:
    values: dict[str, dict[str, Json]] = {}
    for block, element in elements_in(blocks):
        if has_state(element):
            values.setdefault(block["block_id"], {})[element["action_id"]] = initial_state(element)
    return values


def _new_hash() -> str:
    return f"{secrets.randbelow(10**10)}.{secrets.token_hex(4)}"
