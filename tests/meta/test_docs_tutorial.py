"""The tutorial is played line by line, and what it shows is seen then."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from rich.console import Console

from playground.clock import PlaygroundClock
from playground.office import Office
from playground.people import BY_HANDLE
from playground.prompt import Prompt
from tests.fakes.sqlite import lay_database
from tests.meta.tree import ROOT

TUTORIAL = (ROOT / "docs" / "tutorial" / "first-reset.md").read_text("utf-8")
_, _, BY_HAND = TUTORIAL.partition("\n## Ask for a reset\n")

PART = re.compile(r"^```text\n(.*?)^```|<!-- in the browser: (.*?) -->", re.DOTALL | re.MULTILINE)
TYPED = re.compile(r"\w+> (.*)")
SET_UP_CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")
RIGHT_CODE = re.compile(r"code=(?!000000)\d{6}")


def plain(text: str) -> str:
    """Return a text without frames and spaces, and with what differs each time made the same."""
    text = re.sub(r"[\s│╭╮╰╯─]+", " ", SET_UP_CODE.sub("0000-0000", text))
    text = re.sub(r"\b\d{6}\b", "000000", re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:0", text))
    return re.sub(r"\d+ s more", "0 s more", text)


def unseen(part: str, seen: str) -> list[str]:
    """Return the lines of a part that are shown there and were not seen."""
    shown = (line for line in part.splitlines() if not TYPED.fullmatch(line))
    return [line for line in shown if plain(line).strip() not in plain(seen)]


class Player:
    """Does what the tutorial says, at the prompt and in the browser."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.console = Console(width=300, color_system=None, record=True, file=io.StringIO())
        self.prompt = Prompt(office, self.console)
        self.browser = office.browser()
        self.browser.open("/portal/sign-in")

    def type(self, line: str) -> str:
        """Type the line, with the code that Alice's app shows now where there is a right one."""
        code = self.office.code_of(BY_HANDLE["alice"])
        assert self.prompt.take(RIGHT_CODE.sub(f"code={code}", line))
        return self.console.export_text()

    def fill_in(self, fields: str, *, seen: str) -> None:
        given = dict(parse_qsl(fields))
        if "set_up_code" in given:
            given["set_up_code"] = SET_UP_CODE.findall(seen)[-1]
        if "code" in given:
            given["code"] = self.office.code_of(BY_HANDLE["bob"], pending=True) or ""
        self.browser.submit(given)
        assert not self.browser.page.errors
        self.office.rekey.sender.drain()


@pytest.fixture
def player(tmp_path: Path) -> Iterator[Player]:
    lay_database(tmp_path)
    with Office(tmp_path, clock=PlaygroundClock(stands_still=True)) as office:
        yield Player(office)


def test_what_is_done_by_hand_is_seen(player: Player) -> None:
    seen, missing = "", []
    for part in PART.finditer(BY_HAND):
        if part[2]:
            player.fill_in(part[2], seen=seen)
            continue
        lines = [typed[1] for line in part[1].splitlines() if (typed := TYPED.fullmatch(line))]
        seen = "".join(player.type(line) for line in lines)
        missing += unseen(part[1], seen)
    assert missing == []
    assert player.browser.page.path == "/portal/"


def test_what_is_refused_in_the_end_is_refused(player: Player) -> None:
    rows = re.findall(r"^\| `(/reset-2fa @\w+)` as (\w+) \|", BY_HAND, re.MULTILINE)
    assert len(rows) == 5
    for line, handle in rows:
        player.type(f"as {handle}")
        player.type(line)
    with player.office.rekey.database.snapshot() as uow:
        tags = [record.tag for record in uow.audit.records()]
    told = ("outranked", "outranked", "oneself_refused", "guest_refused", "not_an_administrator")
    assert [tag for tag in tags if tag.startswith("slack:")] == [f"slack:reset:{t}" for t in told]
