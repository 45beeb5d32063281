"""The documentation holds together: links lead somewhere, commands exist, made parts are fresh."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.meta import reference
from tests.meta.tree import ROOT, files, functions, parsed, relative

PAGES = [path for path in files() if path.suffix == ".md"]

_BLOCK = re.compile(r"^ *```(\w*)[^\n]*\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_COMMAND = re.compile(r"(?:^|[;|&] *|= *)(?:\S+=\S* +)*(?:\.venv/bin/)?(rekey|make)\b([^;|&>#]*)")
_MENTIONED = re.compile(r"`(?:\.venv/bin/)?(rekey|make)( [^`\n]+)`")


def text_of(page: Path) -> str:
    return page.read_text("utf-8")


def without_code(text: str) -> str:
    return _INLINE.sub("", _BLOCK.sub("", text))


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of a page's headings."""
    titles = _HEADING.findall(_BLOCK.sub("", text_of(page)))
    plain = (re.sub(r"[^\w\- ]", "", title.strip().lower()) for title in titles)
    return {title.replace(" ", "-") for title in plain}


def links(page: Path) -> Iterator[str]:
    for match in _LINK.finditer(without_code(text_of(page))):
        target = unquote(match[1] or match[2])
        if not re.match(r"https?:|mailto:", target):
            yield target


def commands_typed() -> Iterator[tuple[str, str, str]]:
    """Yield where a command stands, the program, and its arguments."""
    for page in PAGES:
        for language, code in _BLOCK.findall(text_of(page)):
            for line in code.splitlines():
                typed = line.strip()
                if language == "console" and not typed.startswith(("$ ", "# ")):
                    continue
                if language in ("sh", "console"):
                    for found in _COMMAND.finditer(typed.removeprefix("$ ").removeprefix("# ")):
                        yield relative(page), found[1], found[2]
        for found in _MENTIONED.finditer(_BLOCK.sub("", text_of(page))):
            yield relative(page), found[1], found[2]


def unknown(words: list[str]) -> str | None:
    """Return what of `rekey`'s arguments the program does not know, if anything."""
    known = reference.commands()
    path: tuple[str, ...] = ()
    options = [re.match(r"--[\w-]+", word.strip("[]")) for word in words]
    for word in words:
        if (*path, word) not in known:
            break
        path = (*path, word)
    else:
        words = []
    command = known[path]
    if getattr(command, "commands", None) and len(words) > len(path):
        rest = words[len(path)]
        if not rest.startswith("-"):
            return rest
    taken = {"--help", *(name for option in command.params for name in option.opts)}
    return next((found[0] for found in options if found and found[0] not in taken), None)


def test_there_are_pages_of_every_kind() -> None:
    kinds = {path.relative_to(ROOT / "docs").parts[0] for path in PAGES if "docs" in path.parts}
    assert kinds >= {"tutorial", "how-to", "reference", "explanation", "decisions"}
    names = {"README.md", "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md"}
    assert names <= {relative(page) for page in PAGES}


def test_every_link_leads_somewhere() -> None:
    broken = []
    for page in PAGES:
        for target in links(page):
            path, _, anchor = target.partition("#")
            to = (page.parent / path).resolve() if path else page
            if not to.exists() or (anchor and anchor not in anchors(to)):
                broken.append(f"{relative(page)}: {target}")
    assert broken == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            paths = (target.partition("#")[0] for target in links(page))
            waiting += [(page.parent / path).resolve() for path in paths if path]
    assert sorted(relative(page) for page in set(PAGES) - reached) == []


def test_every_command_that_is_shown_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    seen, faults = 0, []
    for place, name, arguments in commands_typed():
        words = arguments.split()
        seen += 1
        if name == "make":
            wrong = next((w for w in words if "=" not in w and w not in targets), None)
        else:
            wrong = unknown(words)
        if wrong:
            faults.append(f"{place}: {name}{arguments}")
    assert faults == []
    assert seen > 50


@pytest.mark.parametrize("typed", ["frobnicate", "audit frobnicate", "serve --frobnicate"])
def test_a_command_that_does_not_exist_would_be_seen(typed: str) -> None:
    assert unknown(typed.split())


@pytest.mark.parametrize("page", reference.PARTS)
def test_what_is_made_from_the_code_is_fresh(page: str) -> None:
    text = text_of(ROOT / page)
    assert reference.names_in(text) == list(reference.PARTS[page])
    assert text == reference.written(page, text), "run: python -m tests.meta.reference"


def test_every_picture_is_shown_and_small() -> None:
    kept = set(files("docs/pictures"))
    shown = {(page.parent / target).resolve() for page in PAGES for target in links(page)}
    assert {relative(path) for path in kept - shown} == set()
    assert [relative(path) for path in kept if path.stat().st_size > 150_000] == []


def test_prose_keeps_to_a_hundred_columns() -> None:
    faults = [
        f"{relative(page)}: {line}"
        for page in PAGES
        for line in _BLOCK.sub("", text_of(page)).splitlines()
        if len(line) > 100 and not line.startswith(("|", "<", ">")) and "](" not in line
    ]
    assert faults == []


def test_each_threat_names_the_test_that_plays_it() -> None:
    text = (ROOT / "docs" / "explanation" / "threat-model.md").read_text("utf-8")
    played = {f.name for f in functions(parsed(ROOT / "tests/scenario/test_threats.py"))}
    named = set(re.findall(r"`(test_\w+)`", text))
    assert named == {name for name in played if name.startswith("test_")}
