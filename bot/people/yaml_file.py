"""Accounts and contacts from YAML, event by event: every value keeps its line, none is guessed at.

A plain `0123` or `yes` stays the text that was typed. Anchors, aliases and tags are refused: a
roster needs none, and a file cannot grow in memory by them.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, NoReturn, TypeVar

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamStartEvent,
)

from bot.domain.model.errors import FileFault, ImportFileUnfit
from bot.domain.operator.import_plan import FileAccount, FileContact, RosterFile
from bot.people.entries import Cell, Cells, Entries, shown

T = TypeVar("T")

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is ten times faster
_EMPTY = frozenset({"", "~", "null", "Null", "NULL"})
_DEEPEST = 4
_TICK = 2_000
"""Entries between two reports of progress."""

_ACCOUNT_KEYS = ("id", "name", "two_factor")
_CONTACT_KEYS = ("email", "username", "name", "phone", "manager", "slack", "roles")
_SLACK_KEYS = ("enterprise", "team", "user")


class _Mapping(NamedTuple):
    """A mapping, its keys' lines, and its own."""

    fields: Mapping[str, "tuple[int, _Node]"]
    line: int


class _Sequence(NamedTuple):
    items: tuple["_Node", ...]
    line: int


_Node = Cell | _Mapping | _Sequence


def read_yaml(text: str, *, advance: Callable[[int], None]) -> RosterFile:
    """Return the accounts and contacts in `text`; raises `ImportFileUnfit` with every fault.

    `advance` is told from time to time how many characters were read.
    """
    entries = Entries()
    reader = _Reader(text, entries, advance)
    try:
        roster = reader.read()
    except yaml.YAMLError as broken:
        mark = getattr(broken, "problem_mark", None)
        problem = getattr(broken, "problem", None) or "a character that YAML does not allow"
        fault = FileFault(mark.line + 1 if mark else None, f"this is not YAML: {problem}")
        raise ImportFileUnfit([*entries.faults, fault]) from None
    if entries.faults:
        raise ImportFileUnfit(entries.faults)
    return roster


class _Reader:
    """Walks one file's events; what is out of place is noted, and the walk goes on."""

    def __init__(self, text: str, entries: Entries, advance: Callable[[int], None]) -> None:
        self._events: Iterator[Event] = yaml.parse(text, Loader=_LOADER)
        self._entries = entries
        self._advance = advance

    def read(self) -> RosterFile:
        accounts: list[FileAccount | None] = []
        contacts: list[FileContact | None] = []
        for name, line, event in self._sections():
            if name == "accounts":
                accounts += self._items(event, line, self._account)
            elif name == "contacts":
                contacts += self._items(event, line, self._contact)
            else:
                self._entries.blame(line, f"{shown(name)} is neither accounts nor contacts")
                self._node(event, depth=0)
        return RosterFile(
            accounts=tuple(account for account in accounts if account),
            contacts=tuple(contact for contact in contacts if contact),
        )

    def _sections(self) -> Iterator[tuple[str, int, Event]]:
        """Yield each top-level key, its line, and the event with which its value begins."""
        for kind in (StreamStartEvent, DocumentStartEvent):
            if not isinstance(next(self._events), kind):
                _unfit(None, "the file is empty")
        top = next(self._events)
        if not isinstance(top, MappingStartEvent):
            _unfit(_line(top), "the file must hold accounts and contacts")
        seen: set[str] = set()
        while not isinstance(key := next(self._events), MappingEndEvent):
            name = self._key(key)
            if name in seen:
                self._entries.blame(_line(key), f"a second {shown(name)}")
            seen.add(name)
            yield name, _line(key), next(self._events)
        next(self._events)  # the document's end
        if isinstance(more := next(self._events), DocumentStartEvent):
            _unfit(_line(more), "a second document")

    def _items(
        self, event: Event, line: int, build: Callable[[_Mapping], T | None]
    ) -> Iterator[T | None]:
        if isinstance(event, ScalarEvent) and event.value in _EMPTY:
            return
        if not isinstance(event, SequenceStartEvent):
            self._entries.blame(line, "a list is expected here")
            self._node(event, depth=0)
            return
        number = 0
        while not isinstance(item := next(self._events), SequenceEndEvent):
            node = self._node(item, depth=0)
            if isinstance(node, _Mapping):
                yield build(node)
            else:
                self._entries.blame(node.line, "an entry must have named fields")
            number += 1
            if number % _TICK == 0:
                self._advance(item.start_mark.index)  # type: ignore[union-attr]  # the same

    def _account(self, node: _Mapping) -> FileAccount | None:
        self._known_keys(node, _ACCOUNT_KEYS)
        return self._entries.account(self._cells(node), line=node.line)

    def _contact(self, node: _Mapping) -> FileContact | None:
        self._known_keys(node, _CONTACT_KEYS)
        cells = dict(self._cells(node, but=("slack", "roles")))
        slack = self._inner(node, "slack")
        if slack is not None:
            self._known_keys(slack, _SLACK_KEYS)
            cells |= {f"slack_{name}": cell for name, cell in self._cells(slack).items()}
        roles = self._inner(node, "roles")
        if roles is None:
            line, _ = node.fields.get("roles", (node.line, None))
            self._entries.blame(line, "the roles are missing")
        held = self._cells(roles) if roles else {}
        pairs = [(Cell(name, cell.line), cell) for name, cell in held.items()]
        return self._entries.contact(cells, pairs, line=node.line)

    def _known_keys(self, node: _Mapping, known: tuple[str, ...]) -> None:
        for name, (line, _) in node.fields.items():
            if name not in known:
                self._entries.blame(line, f"{shown(name)} is none of {', '.join(known)}")

    def _cells(self, node: _Mapping, *, but: tuple[str, ...] = ()) -> Cells:
        cells = {}
        for name, (line, value) in node.fields.items():
            if isinstance(value, Cell):
                cells[name] = value
            elif name not in but:
                self._entries.blame(line, f"{shown(name)} must be a single value")
                cells[name] = Cell(None, line, blamed=True)
        return cells

    def _inner(self, node: _Mapping, name: str) -> _Mapping | None:
        line, value = node.fields.get(name, (node.line, None))
        if isinstance(value, _Mapping):
            return value
        if value is not None and value != Cell(None, value.line):
            self._entries.blame(line, f"{shown(name)} must have named fields")
            return _Mapping({}, line)
        return None

    def _node(self, event: Event, *, depth: int) -> _Node:
        """Return the value that begins with `event`; raises `ImportFileUnfit`."""
        if type(event) is ScalarEvent and event.anchor is None and event.tag is None:
            plain = event.implicit[0]  # not quoted
            text = None if plain and event.value in _EMPTY else event.value
            return Cell(text, _line(event))
        line = _line(event)
        if depth > _DEEPEST:
            _unfit(line, "nested too deeply")
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None) is not None:
            _unfit(line, "anchors and aliases are not understood here")
        if getattr(event, "tag", None) is not None:
            _unfit(line, "tags are not understood here")
        if isinstance(event, SequenceStartEvent):
            return self._sequence(line, depth=depth)
        return self._mapping(line, depth=depth)

    def _sequence(self, line: int, *, depth: int) -> _Sequence:
        items = []
        while not isinstance(item := next(self._events), SequenceEndEvent):
            items.append(self._node(item, depth=depth + 1))
        return _Sequence(tuple(items), line)

    def _mapping(self, line: int, *, depth: int) -> _Mapping:
        fields: dict[str, tuple[int, _Node]] = {}
        events = self._events
        while type(key := next(events)) is not MappingEndEvent:
            name = self._key(key)
            key_line = _line(key)
            if name in fields:
                self._entries.blame(key_line, f"a second {shown(name)}")
            fields[name] = (key_line, self._node(next(events), depth=depth + 1))
        return _Mapping(fields, line)

    def _key(self, event: Event) -> str:
        if not isinstance(event, ScalarEvent):
            _unfit(_line(event), "a field's name must be a single value")
        if event.anchor is not None or event.tag is not None:
            self._node(event, depth=0)
        name: str = event.value
        return name


def _line(event: Event) -> int:
    return event.start_mark.line + 1  # type: ignore[union-attr]  # a parsed event has its mark


def _unfit(line: int | None, text: str) -> NoReturn:
    raise ImportFileUnfit([FileFault(line, text)])
