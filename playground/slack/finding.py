"""Finding, on what a person sees, the element that they mean."""

from __future__ import annotations

from playground.slack.inputs import complaint
from playground.slack.model import CannotDo, Json, Message, View, elements_in

SHORTEST_QUERY = 3
"""Characters after which a menu of external data asks, where it does not say otherwise."""


def find_element(
    surface: Message | View, action_id: str, value: str | None, *, block_id: str | None = None
) -> tuple[Json, Json]:
    """Return the one element with these ids, and its block; of several, the one with `value`.

    Raises CannotDo if none or several fit.
    """
    found = [
        (block, element)
        for block, element in elements_in(surface.blocks)
        if element["action_id"] == action_id and block_id in {None, block["block_id"]}
    ]
    if value is not None and len(found) > 1:
        found = [pair for pair in found if pair[1].get("value") == value]
    if len(found) != 1:
        raise CannotDo(f"{len(found)} elements fit {action_id}")
    return found[0]


def menu_option(element: Json, value: str | None) -> Json:
    """Return the option of an overflow menu that has this value; CannotDo if there is none."""
    for option in element["options"]:
        if option["value"] == value:
            chosen: Json = option
            return chosen
    raise CannotDo("the menu has no such option")


def external_menu(view: View, block_id: str) -> tuple[Json, Json]:
    """Return the menu of external data in that block, and the block; CannotDo if there is none."""
    for block, element in elements_in(view.blocks):
        if block["block_id"] == block_id and element["type"] == "external_select":
            return block, element
    raise CannotDo(f"{block_id} is not a menu of external data")


def input_blocks(view: View) -> dict[str, Json]:
    """Return the input blocks of a view by block_id."""
    return {block["block_id"]: block for block in view.blocks if block["type"] == "input"}


def complaints(view: View) -> dict[str, str]:
    """Return, by block_id, what Slack's client writes under inputs instead of submitting."""
    errors = {}
    for block_id, block in input_blocks(view).items():
        why = complaint(block, view.values[block_id][block["element"]["action_id"]])
        if why is not None:
            errors[block_id] = why
    return errors
