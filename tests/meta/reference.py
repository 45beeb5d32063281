"""The parts of the documentation that are made from the code.

`python -m tests.meta.reference` writes them into the pages, between `<!-- made: NAME -->` and
`<!-- made so far -->`; a test holds what is written to what is made here.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from http import HTTPStatus
from typing import Any

from typer.main import get_command
from typer.testing import CliRunner

from bot.blocks.texts import SENTENCES, refusal_text
from bot.cli.program import app
from bot.cli.sentences import refusal_sentence
from bot.domain.model import errors
from bot.domain.model.errors import Fault, OperatorRefused, PasswordUnfit, Refusal
from bot.domain.model.ids import AccountId, ContactId
from bot.domain.model.people import Account, Contact, Membership, Role, SuspensionCause, TwoFactor
from bot.domain.set_up.sessions import Visitor
from bot.domain.standing.policy import authorize_reset
from bot.portal.texts import NOTICES, form_error, minute, password_error, problem_of
from tests.meta import matrix
from tests.meta.messages import messages
from tests.meta.tags import LEAVES, the_program
from tests.meta.tree import ROOT
from tests.unit.blocks.samples import BOB, session
from tests.unit.blocks.variants import variants

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

_MADE = re.compile(r"(<!-- made: ([\w-]+) -->\n).*?(<!-- made so far -->)", re.DOTALL)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_SUSPENDED_PAGE = (
    "A page of its own, *Your sign-in is suspended*: what happened, whom to call, what follows."
)


# -- the commands


@cache
def commands() -> dict[tuple[str, ...], Any]:
    """Return every command and group of commands by its words, as `--help` lists them."""
    return dict(_walk((), get_command(app)))


def help_of(words: Sequence[str]) -> str:
    """Return what the command prints when it is asked for help, on 80 columns."""
    shown = CliRunner().invoke(
        app, [*words, "--help"], prog_name="rekey", env={"COLUMNS": "80", "NO_COLOR": "1"}
    )
    assert shown.exit_code == 0
    lines = [line.rstrip() for line in _COLOUR.sub("", shown.output).splitlines()]
    return "\n".join(lines).strip("\n")


def _walk(words: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        if inner.hidden:
            continue
        yield from _walk((*words, name), inner)


def _commands() -> str:
    return "\n".join(_help_block(words) for words in commands())


def _help_block(words: Sequence[str]) -> str:
    title = " ".join(("rekey", *words))
    return f"## `{title}`\n\n```console\n$ {title} --help\n{help_of(words)}\n```\n"


# -- the refusals


def _refusals() -> str:
    families = [kind for kind in SENTENCES if _is_family(kind)]
    return "\n".join(_family(family) for family in families)


def _is_family(kind: object) -> bool:
    known = isinstance(kind, type) and issubclass(kind, Refusal | Fault)
    return known and kind not in LEAVES and kind is not Refusal


def _family(family: type[Refusal | Fault]) -> str:
    rows = [
        (f"`{kind.tag}`<br>{kind.__name__}", kind.__doc__, _where(kind), "<br>".join(_said(kind)))
        for kind in LEAVES
        if issubclass(kind, family)
    ]
    table = _table(("tag and class", "what it means", "recorded as", "what people read"), rows)
    return f"## {family.__name__}\n\n{family.__doc__}\n\n{table}"


def _where(kind: type[Refusal | Fault]) -> str:
    places = the_program().refusals.items()
    return (
        "<br>".join(f"`{place}:…`" for place, tags in places if kind.tag in tags)
        or "only as why a case ended"
    )


def _said(kind: type[Refusal | Fault]) -> Iterator[str]:
    """Yield what the people on each side read, where it can happen there."""
    doors = {p.partition(":")[0] for p, tags in the_program().refusals.items() if kind.tag in tags}
    if "slack" in doors or not doors:
        yield refusal_text(sample(kind), now=NOON)
    if "operator" in doors:
        yield f"At the console: {_at_the_console(kind)}"
    if "portal" in doors:
        yield f"At the Portal: {_at_the_portal(kind)}"


def _at_the_console(kind: type[Refusal | Fault]) -> str:
    if issubclass(kind, errors.ImportFileUnfit):
        return "every fault of the file with its line, then “Nothing was changed.”"
    refusal = sample(kind)
    known = isinstance(refusal, OperatorRefused | PasswordUnfit)
    return refusal_sentence(refusal) if known else refusal_text(refusal, now=NOON)


def _at_the_portal(kind: type[Refusal | Fault]) -> str:
    refusal = sample(kind)
    if isinstance(refusal, errors.SessionGone):
        return NOTICES["ended"]
    if isinstance(refusal, errors.SignInSuspended):
        return _SUSPENDED_PAGE
    if isinstance(refusal, Fault):
        problem = problem_of(HTTPStatus.SERVICE_UNAVAILABLE)
        return f"{problem.title}. {problem.text}"
    if isinstance(refusal, PasswordUnfit | errors.PasswordGuessable):
        error = password_error(refusal, Visitor(session=session(), contact=BOB))
    else:
        error = form_error(refusal)
    return (
        f"{error.text} after {minute(error.retry_at, now=NOON)}." if error.retry_at else error.text
    )


def sample(kind: type[Refusal | Fault]) -> Refusal | Fault:
    """Make one such refusal, with what it has to say."""
    given: dict[type[Refusal | Fault], Any] = {
        errors.CaseOpen: "Alice Archer",
        errors.RequestTaken: "Alice Archer",
        errors.RequestThrottled: NOON + timedelta(minutes=5),
        errors.StandingLost: errors.Outranked(),
        errors.ImportFileUnfit: (),
        errors.CodeThrottled: NOON + timedelta(minutes=5),
        errors.SignInThrottled: NOON + timedelta(minutes=5),
        errors.SetUpCodeThrottled: NOON + timedelta(minutes=5),
        errors.RemindedAlready: NOON + timedelta(minutes=5),
        errors.SomebodyEntitled: 2,
        errors.SignInSuspended: SuspensionCause.VETOED,
    }
    return kind(given[kind]) if kind in given else kind()


# -- the audit tags of refusals


def _refusal_tags() -> str:
    rows = [
        (f"`{place}:…`", ", ".join(f"`{tag}`" for tag in tags))
        for place, tags in the_program().refusals.items()
    ]
    return _table(("source and subject", "action"), rows)


# -- who may reset whom


def _one_account() -> str:
    names = [str(role) for role in Role]
    rows = [
        (
            name_of(own),
            *(_answer(_person("admin", own), _person("subscriber", r)) for r in Role),
        )
        for own in (None, *Role)
    ]
    return _table(("the admin is ↓, the subscriber is →", *names), rows)


def _two_accounts() -> str:
    rows = [
        (
            name_of(own),
            *(
                _answer(
                    _person("admin", Role.ADMINISTRATOR, own),
                    _person("subscriber", Role.MEMBER, theirs),
                )
                for theirs in Role
            ),
        )
        for own in (None, *Role)
    ]
    heading = "the admin's role in the other account ↓, the subscriber's →"
    return _table((heading, *(str(role) for role in Role)), rows)


def _acts() -> str:
    heads = ("to", "costs", *matrix.PEOPLE.values(), "the operator")
    return _table(heads, matrix.rows())


def name_of(role: Role | None) -> str:
    return "not in the account" if role is None else f"**{role}**"


def _person(key: str, *roles: Role | None) -> Contact:
    accounts = [
        Account(id=AccountId(name), name=name.title(), two_factor=TwoFactor.REQUIRED)
        for name in ("acme", "globex")
    ]
    held = [
        Membership(account=account, role=role)
        for account, role in zip(accounts, roles, strict=False)
        if role is not None
    ]
    return replace(BOB, id=ContactId(key), memberships=tuple(held))


def _answer(admin: Contact, subscriber: Contact) -> str:
    try:
        authorize_reset(admin, subscriber)
    except Refusal as refusal:
        return f"no: `{refusal.tag}`"
    return "yes"


# -- the pages


def _table(heads: Sequence[str], rows: Iterable[Sequence[str | None]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cell or '' for cell in line)} |\n" for line in lines)


PARTS: dict[str, dict[str, Callable[[], str]]] = {
    "docs/reference/commands.md": {"help": _commands},
    "docs/reference/refusals.md": {"refusals": _refusals},
    "docs/reference/audit-tags.md": {"refusal-tags": _refusal_tags},
    "docs/reference/who-may-do-what.md": {
        "acts": _acts,
        "one-account": _one_account,
        "two-accounts": _two_accounts,
    },
    "docs/reference/messages.md": {"messages": messages},
    "docs/reference/views.md": {"variants": variants},
}
"""What is made, by page and name."""


def written(page: str, text: str) -> str:
    """Return the page's text with its made parts as they should be."""
    parts = PARTS[page]
    return _MADE.sub(lambda m: f"{m[1]}\n{parts[m[2]]().strip()}\n\n{m[3]}", text)


def names_in(text: str) -> list[str]:
    """Return the names of the made parts that a page has room for."""
    return [match[2] for match in _MADE.finditer(text)]


def main() -> None:
    """Write everything that is made."""
    for page in PARTS:
        path = ROOT / page
        path.write_text(written(page, path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
