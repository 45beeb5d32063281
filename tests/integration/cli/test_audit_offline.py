"""The chain is verified without Rekey, by the very lines that the documentation shows."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.integration.cli.conftest import Machine
from tests.meta.tree import ROOT

PAGE = ROOT / "docs" / "explanation" / "audit-chain.md"
MOST_LINES = 25

Record = dict[str, Any]


def snippet() -> str:
    (code,) = re.findall(
        r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    return str(code)


def verify(records: Sequence[Record]) -> subprocess.CompletedProcess[str]:
    lines = "".join(f"{json.dumps(record)}\n" for record in records)
    return subprocess.run(  # noqa: S603  # our own lines, by this very Python
        [sys.executable, "-c", snippet()], input=lines, capture_output=True, text=True, check=False
    )


def exported(machine: Machine) -> list[Record]:
    return [json.loads(line) for line in machine.done("audit export").out.splitlines()]


def test_prints_the_same_head_as_rekey_though_details_were_erased(peopled: Machine) -> None:
    records = exported(peopled)
    for erased in ({}, {"salt": None, "details": None}):
        records[2] |= erased
        outcome = verify(records)
        assert (outcome.returncode, outcome.stderr) == (0, "")
        assert outcome.stdout == peopled.done("audit head").out


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (lambda records: records[2].update(tag="slack:case:declined"), "record 3 was changed"),
        (lambda records: records[2].update(at="2026-01-01T00:00:00.000000+00:00"),
         "record 3 was changed"),
        (lambda records: records[2]["details"].update(name="Eve"),
         "the details of record 3 were changed"),
        (lambda records: records.pop(2), "record 3 is missing or does not follow"),
    ],
    ids=["tag", "time", "details", "gap"],
)  # fmt: skip
def test_what_was_tampered_with_is_found(
    peopled: Machine, tamper: Callable[[list[Record]], object], fault: str
) -> None:
    records = exported(peopled)
    tamper(records)
    outcome = verify(records)
    assert (outcome.returncode, outcome.stdout) == (1, "")
    assert outcome.stderr == f"{fault}\n"


def test_the_lines_are_few_enough_to_be_read() -> None:
    assert len(snippet().splitlines()) <= MOST_LINES
