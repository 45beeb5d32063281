"""The reference names exactly what the code has: settings, tags, ids, paths, messages, errors."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import fields, replace
from importlib.metadata import PackageNotFoundError, metadata
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values
from flask import Flask
from slack_bolt import App
from slack_sdk import WebClient

from bot import portal
from bot.blocks.ids import COMMAND, ActionId, BlockId, CallbackId
from bot.cli.audit import csv_columns
from bot.domain.model import errors
from bot.domain.model.audit import GENESIS_HASH, AuditEvent, AuditRecord, hash_record, seal
from bot.domain.model.cases import CaseState, Proof
from bot.domain.model.limits import CODE_LIMITS, LOCK_AFTER
from bot.domain.model.notices import NoticeKind
from bot.domain.model.roster import Roster
from bot.domain.operator.import_plan import plan_import
from bot.domain.set_up.sessions import (
    CODE_WITHIN,
    PROLONGED_EVERY,
    SET_UP_WITHIN,
    SIGNED_IN_LIFETIME,
    UNUSED_WITHIN,
)
from bot.people.files import read_roster
from bot.server.metrics import Metrics
from bot.server.web import create_web, mount_slack
from bot.settings.loading import load_settings
from bot.settings.settings import NAMES, Settings, settings_of
from storage import errors as storage_errors
from tests.fakes import NOON, FixedClock
from tests.meta.tags import LEAVES, NEVER, the_program
from tests.meta.tree import ROOT, files

REFERENCE = ROOT / "docs" / "reference"
EXAMPLE = ROOT / ".env.example"


def page(name: str) -> str:
    return (REFERENCE / name).read_text("utf-8")


def section(text: str, heading: str) -> str:
    """Return what stands under a heading."""
    _, _, rest = text.partition(f"\n## {heading}\n")
    assert rest, heading
    return rest.partition("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """Return the rows of the tables in a text, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    heads = {n - 1 for n, line in enumerate(lines) if re.fullmatch(r"[| -]+", line)}
    kept = (line for n, line in enumerate(lines) if n not in heads and n - 1 not in heads)
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in kept]


def first_cells(text: str) -> list[str]:
    return [row[0].strip("`") for row in rows(text)]


def quoted(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


# -- settings


def in_the_reference() -> list[tuple[str, str]]:
    return [(row[0].strip("`"), row[1].strip("`")) for row in rows(page("settings.md"))]


def in_the_example_for_an_environment() -> list[tuple[str, str]]:
    lines = EXAMPLE.read_text("utf-8").splitlines()
    names = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]
    values = dotenv_values(EXAMPLE)
    return [(name, values[name] or "") for name in names]


@pytest.mark.parametrize("place", [in_the_reference, in_the_example_for_an_environment])
def test_the_settings_and_their_defaults_are_those_of_the_code(
    place: Callable[[], list[tuple[str, str]]],
) -> None:
    told = place()
    assert sorted(name for name, _ in told) == sorted(NAMES)
    assert dict(settings_of(dict(told))) == dict(settings_of({}))
    fields = {name: Settings.model_fields[field] for name, field in NAMES.items()}
    unset = {name for name, field in fields.items() if field.default in (None, ())}
    assert {name for name, default in told if not default} == unset | {"REKEY_SECRET_KEYS"}


def test_the_settings_of_the_reference_stand_in_the_order_of_the_code() -> None:
    assert [name for name, _ in in_the_reference()] == list(NAMES)


def test_the_example_for_an_environment_says_something_of_each_setting() -> None:
    paragraphs = re.split(r"\n\n+", EXAMPLE.read_text("utf-8").strip())
    assert all(paragraph.startswith("#") for paragraph in paragraphs)


def test_the_example_of_a_file_has_every_setting_and_the_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"^```toml\n(.*?)^```", page("settings.md"), re.DOTALL | re.MULTILINE)
    keys = {
        key.removesuffix("_file") for key in re.findall(r"^(?:# )?(\w+) = ", example, re.MULTILINE)
    }
    assert keys == {*NAMES.values(), "type"} - {"config"}
    (tmp_path / "rekey.toml").write_text(example, "utf-8")
    assert dict(load_settings()) == dict(settings_of({}))


def test_every_setting_is_read() -> None:
    code = "".join(p.read_text("utf-8") for p in (ROOT / "bot").rglob("*.py"))
    unread = {
        field
        for field in Settings.model_fields
        if not re.search(rf"(?:settings|self|terms)\.{field}\b(?! is None:\n +yield warn)", code)
    }
    assert unread == {"config"}  # which is read before there are settings


# -- audit tags and refusals


def test_the_tags_of_acts_are_those_that_the_code_can_write() -> None:
    told = first_cells(section(page("audit-tags.md"), "What was done"))
    assert len(told) == len(set(told))
    assert set(told) == the_program().acts


def test_the_columns_of_an_export_are_those_of_the_code() -> None:
    told = rows(section(page("audit-export.md"), "Columns"))
    assert [row[0].strip("`") for row in told] == csv_columns()
    event = AuditEvent(tag="slack:case:declined", at=NOON, actor="sweep")
    record = seal(event, number=1, previous_hash=GENESIS_HASH, salt="5a17")
    others: dict[str, dict[str, Any]] = {
        field.name: {field.name: "another"} for field in fields(AuditRecord)
    }
    others["at"] = {"at": NOON.replace(year=2027)}
    hashes = {name: hash_record(replace(record, **other)) for name, other in others.items()}
    chained = {name for name, made in hashes.items() if made != record.hash}
    assert {row[0].strip("`") for row in told if row[1] == "yes"} == chained


def test_every_state_of_a_case_that_the_code_can_reach_has_its_tag() -> None:
    moved = set(re.findall(r"(?:to|state)=CaseState\.(\w+)", _domain())) | {"SUPERSEDED"}
    acts = [act.split(":")[2] for act in the_program().acts if ":case:" in act]
    tagged = {act for act in acts if act in set(CaseState)}  # the others change no state
    assert tagged == {CaseState[name] for name in moved}


def test_every_refusal_has_a_tag_somewhere() -> None:
    tagged = {tag for tags in the_program().refusals.values() for tag in tags}
    never = {tag.split(":")[2] for tag in NEVER}
    assert {kind.tag for kind in LEAVES} - tagged <= never


def test_the_refusals_are_every_class_with_its_tag() -> None:
    text = page("refusals.md")
    told = re.findall(r"^\| `(\w+)`<br>(\w+) \|", text, re.MULTILINE)
    assert sorted(told) == sorted((kind.tag, kind.__name__) for kind in LEAVES)
    families = {kind for leaf in LEAVES for kind in leaf.__mro__[1:] if kind.__name__ in text}
    assert {errors.ResetRefused, errors.CodeRefused, errors.Fault} <= families


def test_the_errors_of_the_storage_are_all_there() -> None:
    known = [
        name
        for name, kind in vars(storage_errors).items()
        if isinstance(kind, type) and kind is not storage_errors.StorageError
    ]
    assert first_cells(section(page("refusals.md"), "What is stored")) == known


def test_reading_the_syntax_finds_what_is_known_to_be_written() -> None:
    program = the_program()
    assert {"slack:case:completed", "sweep:reminder:sent", "operator:keys:rotated"} <= program.acts
    assert "sweep:case:executing" not in program.acts
    assert "code_throttled" in program.refusals["portal:sign_in"]
    assert "set_up_code_wrong" not in program.refusals["slack:reset"]


# -- Slack


def test_the_buttons_modals_and_blocks_are_those_of_the_code() -> None:
    text = page("slack.md")
    buttons = first_cells(section(text, "Buttons"))
    assert sorted(buttons) == sorted(ActionId)
    modals = section(text, "Modals")
    assert set(first_cells(modals)) == set(CallbackId)
    assert quoted(modals) >= {*BlockId, *Proof}
    assert {typed.split()[0] for typed in first_cells(section(text, "The command"))} == {COMMAND}


def test_the_messages_are_those_of_the_code() -> None:
    assert first_cells(section(page("slack.md"), "Messages")) == [str(kind) for kind in NoticeKind]


# -- HTTP


@pytest.fixture
def web() -> Flask:
    unused: Any = None
    metrics = Metrics(unused, clock=FixedClock())
    web = create_web(ready=lambda: None, metrics=metrics, metrics_token=None)
    bolt = App(
        client=WebClient(token="xoxb-none", base_url="http://127.0.0.1:9/api/"),
        signing_secret="none",
        token_verification_enabled=False,
    )
    mount_slack(web, bolt, metrics=metrics)
    settings = portal.PortalSettings(
        issuer="Rekey", help_contact=None, secure_cookies=False, csrf_key=b"none"
    )
    portal.register(web, sign_in=unused, set_up=unused, settings=settings, clock=FixedClock())
    return web


def test_the_paths_are_those_that_are_served(web: Flask) -> None:
    served: dict[str, set[str]] = {}
    for rule in web.url_map.iter_rules():
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        served.setdefault(rule.rule, set()).update(methods)
    told = rows(page("http.md").partition("\n## ")[0])
    assert {row[0].strip("`"): set(row[1].split(", ")) for row in told} == served


def test_the_lifetimes_and_limits_are_those_of_the_code() -> None:
    lives = [row[1] for row in rows(section(page("http.md"), "Sessions"))]
    minutes = [int(x.total_seconds() // 60) for x in (CODE_WITHIN, SET_UP_WITHIN)]
    hours = [int(x.total_seconds() // 3600) for x in (SIGNED_IN_LIFETIME, UNUSED_WITHIN)]
    signed_in = f"{hours[0]} hours, or until {hours[1]} hour without a request"
    assert lives == [*(f"{m} minutes" for m in minutes), signed_in]
    told_every = int(PROLONGED_EVERY.total_seconds() // 60)
    assert f"stored every {told_every} minutes" in section(page("http.md"), "Sessions")
    limits = [(limit.attempts, int(limit.period.total_seconds())) for limit in CODE_LIMITS]
    assert limits == [(5, 300), (20, 3600), (50, 86400)]
    told = [row[2] for row in rows(section(page("http.md"), "Limits on guessing"))]
    assert all(text.startswith("5 in 5 minutes, 20 an hour, 50 a day") for text in told)
    assert f"{LOCK_AFTER} in a row" in told[0]


def test_the_metrics_are_those_that_are_told() -> None:
    code = (ROOT / "bot" / "server" / "metrics.py").read_text("utf-8")
    known = re.findall(r'"(rekey_\w+)"', code)
    told = [re.sub(r"\{.*|_total$", "", name) for name in first_cells(page("http.md"))]
    assert sorted(name for name in told if name.startswith("rekey_")) == sorted(known)


# -- files, names and libraries


def test_every_setting_that_is_named_anywhere_exists() -> None:
    pages = [path for path in files() if path.suffix == ".md"]
    text = "".join(path.read_text("utf-8") for path in pages)
    named = set(re.findall(r"\b(?:REKEY|SLACK)_[A-Z_]+\b", text))
    assert named == set(NAMES)


@pytest.mark.parametrize(("language", "suffix"), [("yaml", "yml"), ("csv", "csv")])
def test_the_example_of_an_import_can_be_imported(language: str, suffix: str) -> None:
    text = (ROOT / "docs" / "how-to" / "import-people.md").read_text("utf-8")
    (example,) = re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    roster = read_roster(Path(f"people.{suffix}"), example.encode(), advance=lambda _: None)
    plan = plan_import(roster, Roster(), prune=False)
    assert [change.kind for change in plan.changes] == ["account_added", "contact_added"]
    assert plan.changes[1].now["slack"] == "T0ACME001/U0ALICE01"


def test_the_libraries_are_those_that_are_installed_with_their_licences() -> None:
    told = rows((ROOT / "docs" / "decisions" / "libraries.md").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    names = [re.split(r"[\[<>=]", wish)[0].lower() for wish in wanted]
    assert sorted(row[0].lower() for row in told) == sorted(names)
    for row in told:
        assert licence_of(row[0]) in (row[1], None), row[0]


def licence_of(library: str) -> str | None:
    """Return what the installed package says of its licence in one expression, if it does."""
    try:
        expression = metadata(library).json.get("license_expression")
    except PackageNotFoundError:
        return None
    return None if expression is None else str(expression)


def _domain() -> str:
    return "".join(p.read_text("utf-8") for p in (ROOT / "bot" / "domain").rglob("*.py"))
