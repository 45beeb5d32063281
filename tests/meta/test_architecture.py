"""The life of a case, as architecture.md draws it, has the states that the code has."""

import re

from bot.domain.model.cases import OPEN_STATES, CaseState
from tests.meta.tree import ROOT

PAGE = ROOT / "docs" / "explanation" / "architecture.md"
ARROW = re.compile(r"^  (\S+) --> (\w+): ", re.MULTILINE)
BEGINNING = "[*]"


def arrows() -> list[tuple[str, str]]:
    drawn = PAGE.read_text("utf-8").partition("stateDiagram-v2\n")[2].partition("```")[0]
    found = ARROW.findall(drawn)
    assert len(found) == len(drawn.splitlines())
    return found


def test_every_state_is_entered_and_no_other() -> None:
    assert {to for _, to in arrows()} == set(CaseState)


def test_what_is_open_comes_to_an_end() -> None:
    left = {start for start, _ in arrows()}
    assert left - {BEGINNING} <= set(CaseState)
    assert left >= OPEN_STATES
