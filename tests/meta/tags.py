"""Every tag that the code can write into the audit log, read from its syntax.

A record is written by an `AuditEvent` of one's own, by a function that is given the tag's
`subject:action`, by a `Journal`, which an `Author` may have made, or by a `Recorder`. A call is
followed by its name: within its module and class, through imports, and otherwise to every method of
that name. So what is found may be more than ever happens; `NEVER` takes that out, each with its
reason.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path

from bot.blocks.texts import SENTENCES
from bot.domain.model.audit import Source
from bot.domain.model.cases import CaseState
from tests.meta.tree import functions, parsed, python_files, relative, walked

NEVER = {
    "operator:reset:not_yours_to_lift": "asked of administrators only to count those who may",
    "operator:reset:operator_suspended": "the same",
    "operator:identity:identity_replaced": "why cases end that rested on the identity replaced",
    "operator:contact:subscriber_not_a_contact": "why a leaver's cases end",
    "operator:directory:subscriber_not_a_contact": "the same",
    "sweep:case:confirmed_too_long_ago": "why a case ended, in the details of that record",
    "slack:reset:directory_refused_error": "a reset that the directory refuses for good has failed",
}

LEAVES = tuple(kind for kind in SENTENCES if not kind.__subclasses__())
"""Every refusal and fault that can be raised; the others are families of them."""

_ACT = re.compile(r"[a-z_]+:[a-z_]+")
_PORTS = "bot.domain.ports."
_ANSWERS = {"entitled_accounts"}
"""Functions that take a refusal for an answer, so that nothing they call is refused."""

_GIVEN_ON = {"journal", "author", "record"}
"""Parameters by which the source of a record passes from a function to one that it calls."""


@dataclass(eq=False)
class _Function:
    """One function of the program, and what its syntax says."""

    module: str
    owner: str | None
    node: ast.FunctionDef | ast.AsyncFunctionDef
    calls: list["_Function"] = field(default_factory=list)

    @cached_property
    def parameters(self) -> set[str]:
        return {argument.arg for argument in (*self.node.args.args, *self.node.args.kwonlyargs)}

    @cached_property
    def returns(self) -> str:
        return ast.unparse(self.node.returns) if self.node.returns else ""

    def literals(self) -> set[str]:
        """Return every `subject:action` that stands in the function."""
        return {text for text in _texts(self.node) if _ACT.fullmatch(text)}


class Program:
    """The functions of `bot/`, and who calls whom."""

    def __init__(self) -> None:
        self._by_name: dict[tuple[str, str], _Function] = {}
        self._methods: dict[str, list[_Function]] = {}
        self._imports: dict[str, dict[str, tuple[str, str]]] = {}
        for path in python_files("bot"):
            self._read(path)
        self.functions = [*self._by_name.values(), *(f for m in self._methods.values() for f in m)]
        for function in self.functions:
            function.calls = list(self.called_in(function.node, function))

    def _read(self, path: Path) -> None:
        module = relative(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        tree = parsed(path)
        self._imports[module] = {
            name.asname or name.name: (node.module or "", name.name)
            for node in walked(tree)
            if isinstance(node, ast.ImportFrom)
            for name in node.names
        }
        owners = {
            method: owner.name
            for owner in walked(tree)
            if isinstance(owner, ast.ClassDef)
            for method in owner.body
        }
        for node in functions(tree):
            owner = owners.get(node)
            function = _Function(module, owner, node)
            if owner is None:
                self._by_name[module, node.name] = function
            elif not module.startswith(_PORTS):
                self._methods.setdefault(node.name, []).append(function)

    def called_in(self, node: ast.AST, caller: _Function) -> Iterator[_Function]:
        """Yield what is called, or handed on to be called, in a piece of `caller`."""
        imports = self._imports[caller.module]
        for part in walked(node):
            match part:
                case ast.Name(id=name):
                    module, original = imports.get(name, (caller.module, name))
                    found = [self._by_name.get((module, original))]
                case ast.Attribute(value=ast.Name(id="self"), attr=name):
                    methods = self._methods.get(name, [])
                    found = [m for m in methods if (m.module, m.owner) == _place(caller)]
                case ast.Attribute(value=ast.Name(id=holder), attr=name) if holder in imports:
                    found = [self._by_name.get((".".join(imports[holder]), name))]
                case ast.Call(func=ast.Attribute(value=holder, attr=name)):
                    near = isinstance(holder, ast.Name) and holder.id in {"self", *imports}
                    far = not near and not _leads_to_storage(holder)
                    found = list(self._methods.get(name, [])) if far else []
                case _:
                    continue
            yield from (function for function in found if function and function is not caller)

    def reached(self, first: Iterator[_Function]) -> set[_Function]:
        """Return these functions and all that they call."""
        found, waiting = set(), list(first)
        while waiting:
            function = waiting.pop()
            if function not in found:
                found.add(function)
                waiting += () if function.node.name in _ANSWERS else function.calls
        return found

    def callers(self, called: _Function) -> list[_Function]:
        return [function for function in self.functions if called in function.calls]

    # -- what was done

    @cached_property
    def acts(self) -> frozenset[str]:
        """The tags of what was done, case states among them."""
        sources, found = self._sources(), set()
        for function in self.functions:
            found |= _own_events(function)
            said = {source for f in function.calls for source in _writes_for(f)}
            said |= sources[function]
            found |= {f"{source}:{act}" for source in said for act in function.literals()}
            if _calls_method(function, "entered"):
                states = self._states(function)
                found |= {f"{source}:case:{state}" for source in said for state in states}
        return frozenset(found - NEVER.keys())

    def _sources(self) -> dict[_Function, set[Source]]:
        """Return through which doors a function's journal comes."""
        sources: dict[_Function, set[Source]] = {}
        for function in self.functions:
            makers = [f for f in function.calls if f.returns in {"Journal", "Author"}]
            sources[function] = set().union(*(_journals(f) for f in (function, *makers)))
        changed = True
        while changed:
            changed = False
            for function in self.functions:
                for called in function.calls:
                    if called.parameters & _GIVEN_ON and not sources[called] >= sources[function]:
                        sources[called] |= sources[function]
                        changed = True
        return sources

    def _states(self, function: _Function) -> set[CaseState]:
        """Return the states that the function can say were entered."""
        if _calls_method(function, "supersede"):
            return {CaseState.SUPERSEDED}
        own = _states_named(function)
        return own or set().union(*(_states_named(caller) for caller in self.callers(function)))

    # -- what was refused

    @cached_property
    def refusals(self) -> dict[str, tuple[str, ...]]:
        """The tags of refusals and faults by their `source:subject`."""
        found: dict[str, set[str]] = {}
        for function in self.functions:
            for block in walked(function.node):
                if isinstance(block, ast.With) and (place := self._recorded(block, function)):
                    found.setdefault(place, set()).update(self._raised(block, function))
        return {
            place: tuple(sorted(t for t in tags if f"{place}:{t}" not in NEVER))
            for place, tags in sorted(found.items())
        }

    def _recorded(self, block: ast.With, function: _Function) -> str | None:
        """Return `source:subject` of a block whose refusals are recorded."""
        opened = block.items[0].context_expr
        written: list[ast.AST] = [opened]
        if isinstance(opened, ast.Call) and ast.unparse(opened.func) == "self._refusals":
            written += self._bound_refusals(function)
        called = next(iter(self.called_in(getattr(opened, "func", opened), function)), None)
        called = called or next(iter(self.called_in(opened, function)), None)
        if len(written) == 1 and (called is None or "Trail" not in called.returns):
            return None
        while called is not None and "Trail" in called.returns:
            written.append(called.node)
            called = next((f for f in called.calls if "Trail" in f.returns), None)
        said = [text for node in written for text in _subjects(node)]
        consoles = any("operators_refusals" in ast.unparse(node) for node in written)
        doors = [Source.OPERATOR] if consoles else [s for n in written for s in _sources_named(n)]
        return f"{doors[0]}:{said[0]}"

    def _bound_refusals(self, function: _Function) -> list[ast.AST]:
        """Return what the function's class binds as `self._refusals`, once for all its methods."""
        makers = [m for m in self._methods["__init__"] if _place(m) == _place(function)]
        return [
            part.value
            for maker in makers
            for part in walked(maker.node)
            if isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) == "self._refusals"
        ]

    def _raised(self, block: ast.With, function: _Function) -> set[str]:
        if function.node.name == "refuse_input":  # raises what the handlers hand it
            pieces = [caller.node for caller in self.callers(function)]
            return {tag for piece in pieces for tag in _tags_named(piece, called=False)}
        inner = ast.Module(body=block.body, type_ignores=[])
        reached = self.reached(self.called_in(inner, function))
        return {tag for node in (inner, *(f.node for f in reached)) for tag in _tags_named(node)}


@cache
def the_program() -> Program:
    """Return what the code's syntax says, read once."""
    return Program()


def _place(function: _Function) -> tuple[str, str | None]:
    return function.module, function.owner


def _leads_to_storage(holder: ast.expr) -> bool:
    """Whether a method's holder is a unit of work, one of its repositories, or a plain value.

    Plain values are who the operator is, and a module's constants; none of these refuses anything.
    """
    names = {part.attr for part in walked(holder) if isinstance(part, ast.Attribute)}
    names |= {part.id for part in walked(holder) if isinstance(part, ast.Name)}
    return any(name in ("uow", "operator") or name.isupper() for name in names)


def _texts(node: ast.AST) -> Iterator[str]:
    for part in walked(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _calls_of(node: ast.AST, name: str) -> Iterator[ast.Call]:
    for part in walked(node):
        if isinstance(part, ast.Call) and name in {
            getattr(part.func, "id", None),
            getattr(part.func, "attr", None),
        }:
            yield part


def _calls_method(function: _Function, name: str) -> bool:
    return any(isinstance(call.func, ast.Attribute) for call in _calls_of(function.node, name))


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _named(node: ast.AST | None, holder: str) -> Iterator[str]:
    """Yield the members of an enumeration that are named in a piece of code."""
    for part in walked(node) if node else ():
        match part:
            case ast.Attribute(value=ast.Name(id=name), attr=member) if name == holder:
                yield member


def _sources_named(node: ast.AST | None) -> Iterator[Source]:
    return (Source[name] for name in _named(node, "Source"))


def _journals(function: _Function) -> set[Source]:
    """Return the sources of the journals and authors that the function makes."""
    calls = [call for made in ("Journal", "Author") for call in _calls_of(function.node, made)]
    return {source for call in calls for source in _sources_named(_keyword(call, "source"))}


def _states_named(function: _Function) -> set[CaseState]:
    """Return the states to which the function moves a case, or in which it makes one."""
    calls = [part for part in walked(function.node) if isinstance(part, ast.Call)]
    given = [_keyword(call, name) for call in calls for name in ("to", "state")]
    return {CaseState[name] for value in given for name in _named(value, "CaseState")}


def _events(function: _Function) -> Iterator[ast.expr]:
    for call in _calls_of(function.node, "AuditEvent"):
        if (tag := _keyword(call, "tag")) is not None:
            yield tag


def _own_events(function: _Function) -> set[str]:
    """Return the tags of the events that the function makes of its own words."""
    found: set[str] = set()
    for tag in _events(function):
        match tag:
            case ast.Constant(value=str(text)):
                found.add(text)
            case ast.JoinedStr(values=[source, ast.Constant(value=str(text))]):
                found |= {f"{s}{text}" for s in _sources_named(source)}
            case ast.JoinedStr(values=[source, _, ast.FormattedValue(value=ast.Subscript(name))]):
                table = getattr(import_module(function.module), ast.unparse(name))
                found |= {f"{s}:{act}" for s in _sources_named(source) for act in table.values()}
    return found


def _writes_for(function: _Function) -> set[Source]:
    """Return the source of a function that records whatever act it is given."""
    return {
        source
        for tag in _events(function)
        if isinstance(tag, ast.JoinedStr) and ast.unparse(tag).endswith(":{what}'")
        for source in _sources_named(tag)
    }


def _subjects(node: ast.AST) -> Iterator[str]:
    """Yield what is said to be a refusal's subject: the first text among a call's arguments."""
    for part in walked(node):
        if isinstance(part, ast.Call):
            for given in part.args:
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    yield given.value


def _tags_named(node: ast.AST, *, called: bool = True) -> Iterator[str]:
    """Yield the tags of the refusals and faults that are made, or raised as they are."""
    for part in walked(node):
        made: ast.AST | None = part
        if called:
            made = part.func if isinstance(part, ast.Call) else getattr(part, "exc", None)
        if isinstance(made, ast.Name):
            yield from (kind.tag for kind in LEAVES if kind.__name__ == made.id)
