"""Reading what the page sends; a browser sent it, so nothing of its shape is taken for granted."""

from collections.abc import Mapping

from playground.slack.inputs import Value


class Misshapen(Exception):
    """What came is not what the page sends; says what is missing."""


class Given:
    """The fields of one request; whatever is missing or of another kind raises `Misshapen`."""

    def __init__(self, fields: object) -> None:
        if not isinstance(fields, dict):
            raise Misshapen("The request must be a JSON object.")
        self._fields: Mapping[str, object] = fields

    def text(self, name: str) -> str:
        """Return a text that must be there."""
        value = self._fields.get(name)
        if not isinstance(value, str):
            raise Misshapen(f"The request must have a text “{name}”.")
        return value

    def text_or_none(self, name: str) -> str | None:
        """Return a text, or `None` if there is none."""
        return None if self._fields.get(name) is None else self.text(name)

    def texts(self, name: str) -> list[str]:
        """Return a list of texts; an empty one if it is left out."""
        value = self._fields.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise Misshapen(f"The request's “{name}” must be a list of texts.")
        return value

    def value(self, name: str) -> Value:
        """Return what was put into one element: a text, a number, a list of texts, or nothing."""
        return _value(name, self._fields.get(name))

    def values(self, name: str) -> dict[str, Value]:
        """Return what was put into several, by their names."""
        value = self._fields.get(name, {})
        if not isinstance(value, dict):
            raise Misshapen(f"The request's “{name}” must be an object.")
        return {key: _value(key, item) for key, item in value.items()}


def _value(name: str, value: object) -> Value:
    if isinstance(value, bool):
        raise Misshapen(f"“{name}” cannot hold that.")
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    raise Misshapen(f"“{name}” cannot hold that.")
