"""The two shapes that payloads are read by."""

from collections.abc import Mapping
from typing import Any


class MalformedPayload(Exception):
    """A request is not what Slack sends; names the part, never its content."""


def mapping(value: object, name: str) -> Mapping[str, Any]:
    """Return an object of a payload; raises `MalformedPayload`."""
    if not isinstance(value, Mapping):
        raise MalformedPayload(name)
    return value


def text(fields: Mapping[str, Any], name: str) -> str:
    """Return a text that must be there and not be empty; raises `MalformedPayload`."""
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise MalformedPayload(name)
    return value
