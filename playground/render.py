"""What people see, as readable text: Slack's messages and modals, and the Portal's pages."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from playground.browser import Page
from playground.slack import Message, View
from playground.slack.model import Json, texts_in

_DATE = re.compile(r"<!date\^[0-9]+\^[^|>]*\|([^>]*)>")
_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|([^>]*))?>")
_LINK = re.compile(r"<([^>|]+)\|([^>]*)>")
_BOLD = re.compile(r"(?<!\w)\*([^*\n]+)\*(?!\w)")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def message_panel(message: Message, *, place: str, ids: bool = False) -> Panel:
    """Draw a message as it lies in `place`; with `ids`, each button tells how to press it."""
    shown = _blocks(message.blocks, ids=ids) if message.blocks else [Text(_plain(message.text))]
    alone = ", only visible to you" if message.ephemeral_to else ""
    return _panel(f"Slack · {place}{alone}", shown)


def modal_panel(view: View, *, ids: bool = False) -> Panel:
    """Draw a modal with what is typed into it so far and the errors under its fields."""
    shown = _blocks(view.blocks, view=view, ids=ids)
    return _panel(f"Slack · {view.title}", [*shown, *_submit(view)])


def field_panel(view: View, block_id: str) -> Panel:
    """Draw one field of a modal, with its error."""
    blocks = [block for block in view.blocks if block["block_id"] == block_id]
    return _panel(f"Slack · {view.title}", [Text("⋮", style="dim"), *_blocks(blocks, view=view)])


def page_panel(page: Page) -> Panel:
    """Draw a page of the Portal."""
    shown: list[RenderableType] = [Text(page.heading, style="bold"), Text("")]
    shown += [Text(paragraph) for paragraph in page.paragraphs]
    for name, label in page.fields.items():
        line = Text.assemble((label, "bold"), "  ", ("[              ]", "dim"))
        shown += [Text(""), line]
        if name in page.errors:
            shown.append(_error(page.errors[name]))
        if name in page.hints:
            shown.append(Text(page.hints[name], style="dim"))
    if page.buttons:
        shown += [Text(""), *_buttons(page.buttons)]
    return Panel(
        Group(*shown),
        title=Text(f"Browser · {page.url}"),
        title_align="left",
        box=box.ROUNDED,
        border_style="cyan",
    )


def _panel(title: str, shown: Sequence[RenderableType]) -> Panel:
    return Panel(
        Group(*shown), title=Text(title), title_align="left", box=box.ROUNDED, border_style="blue"
    )


def _submit(view: View) -> list[RenderableType]:
    names = [view.spec[name]["text"] for name in ("submit", "close") if name in view.spec]
    return [Text(""), *_buttons(names)]


def _buttons(names: list[str]) -> list[RenderableType]:
    return [Text("  ".join(f"[ {name} ]" for name in names), style="bold")]


def _blocks(
    blocks: list[Json], *, view: View | None = None, ids: bool = False
) -> list[RenderableType]:
    shown: list[RenderableType] = []
    for block in blocks:
        if shown and block["type"] != "context":
            shown.append(Text(""))
        shown += _block(block, view=view, ids=ids)
    return shown


def _block(block: Json, *, view: View | None, ids: bool) -> Iterator[RenderableType]:
    match block["type"]:
        case "header":
            yield Text(_words(block["text"]), style="bold")
        case "section":
            yield from _section(block)
        case "context":
            yield Text(" ".join(texts_in(block["elements"])), style="dim")
        case "actions":
            for element in block["elements"]:
                yield _button(element, ids=ids)
        case "input":
            yield from _input(block, view=view, ids=ids)
        case "divider":
            yield Rule(style="dim")
        case _:
            yield Text("\n".join(texts_in(block)))


def _section(block: Json) -> Iterator[RenderableType]:
    if "text" in block:
        yield Text(_words(block["text"]))
    fields = block.get("fields", [])
    if fields:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for left, right in zip(fields[::2], fields[1::2], strict=False):
            table.add_row(Text(_words(left)), Text(_words(right)))
        yield table


def _button(element: Json, *, ids: bool) -> Text:
    drawn = Text(f"[ {_words(element['text'])} ]", style="bold")
    if "url" in element:
        drawn.append(f"  {element['url']}", style="not bold dim")
    elif ids:
        drawn.append(f"  click {element['action_id']}", style="not bold dim")
    return drawn


def _input(block: Json, *, view: View | None, ids: bool) -> Iterator[RenderableType]:
    label = Text(_words(block["label"]), style="bold")
    if block.get("optional"):
        label.append(" (optional)", style="not bold dim")
    if ids:
        label.append(f"  fill {block['block_id']}=…", style="not bold dim")
    yield label
    state = _state(block, view)
    yield from _value(block["element"], state, ids=ids)
    error = view.errors.get(block["block_id"]) if view else None
    if error:
        yield _error(error)
    if "hint" in block:
        yield Text(_words(block["hint"]), style="dim")


def _state(block: Json, view: View | None) -> Mapping[str, Any]:
    if view is None:
        return {}
    return view.values.get(block["block_id"], {}).get(block["element"]["action_id"], {})


def _value(element: Json, state: Mapping[str, Any], *, ids: bool) -> Iterator[Text]:
    options = element.get("options")
    if options is None:
        held = state.get("value") or state.get("selected_user") or ""
        yield Text(f"[ {held or '            '} ]")
        return
    chosen = (state.get("selected_option") or {}).get("value")
    for option in options:
        mark = "(•)" if option["value"] == chosen else "( )"
        line = Text(f"{mark} {_words(option['text'])}")
        if ids:
            line.append(f"  {option['value']}", style="dim")
        yield line


def _error(text: str) -> Text:
    return Text(f"✗ {text}", style="red")


def _words(text: Json) -> str:
    """Return a text object as it reads on the screen."""
    return _plain(text["text"]) if text["type"] == "mrkdwn" else str(text["text"])


def _plain(markup: str) -> str:
    shown = _DATE.sub(r"\1", markup)
    shown = _MENTION.sub(lambda found: f"@{found[2] or found[1]}", shown)
    shown = _LINK.sub(r"\2 (\1)", shown)
    shown = _BOLD.sub(r"\1", shown)
    for entity, character in _ENTITIES:
        shown = shown.replace(entity, character)
    return shown
