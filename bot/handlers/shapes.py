"""The few shapes that payloads are read by."""

from collections.abc import Mapping
from typing import Any


class MalformedPayload(Exception):
    """A request is not what Slack sends; names the part, never its content."""


def mapping(value: object, name: str) -> Mapping[str, Any]:
    """Return an object of a payload; raises `MalformedPayload`."""
    if not isinstance(value, Mapping):
        raise MalformedPayload(name)
    return value


def button(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the button that was pressed; raises `MalformedPayload`."""
    pressed = body.get("actions")
    return mapping(pressed[0] if isinstance(pressed, list) and pressed else None, "actions")


def text(fields: Mapping[str, Any], name: str) -> str:
    """Return a text that must be there and not be empty; raises `MalformedPayload`."""
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise MalformedPayload(name)
    return value
