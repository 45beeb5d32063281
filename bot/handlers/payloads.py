"""Reading what Slack delivered; whatever is not of the expected shape is malformed."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.blocks.ids import VALUE, BlockId
from bot.blocks.modals import Context
from bot.domain.model.ids import ContactId, SessionId
from bot.domain.model.pressed import Pressed
from bot.domain.model.reset_form import Named
from bot.handlers.actors import actor_of
from bot.handlers.shapes import MalformedPayload, button, mapping, text

Payload = Mapping[str, Any]

_ID = re.compile(r"[\x21-\x7e]{1,255}")
_WEB_ADDRESS = re.compile(r"https?://[\x21-\x7e]{1,1000}")


def press_of(body: Payload) -> Pressed:
    """Return who acted, and where to answer, whatever it was that they pressed."""
    return Pressed(actor=actor_of(body), response_url=response_url_of(body))


def click_of(body: Payload) -> Pressed:
    """Return who pressed which button of ours."""
    value = text(button(body), "value")
    if not _ID.fullmatch(value):
        raise MalformedPayload("value")
    return replace(press_of(body), value=value)


def response_url_of(body: Payload) -> str | None:
    """Return where to answer, if Slack gave an address."""
    url = body.get("response_url")
    if not url:
        return None
    if not isinstance(url, str) or not _WEB_ADDRESS.fullmatch(url):
        raise MalformedPayload("response_url")
    return url


def trigger_of(body: Payload) -> str:
    """Return what opens a modal within three seconds, once."""
    return text(body, "trigger_id")


def view_of(body: Payload) -> Payload:
    """Return the view that was submitted."""
    return mapping(body.get("view"), "view")


def context_of(view: Payload) -> Context:
    """Return what our own view carried along."""
    try:
        carried = mapping(json.loads(text(view, "private_metadata")), "private_metadata")
    except ValueError:
        raise MalformedPayload("private_metadata") from None
    user, contact = carried.get("subscriber"), carried.get("contact")
    reason, sign_in = carried.get("reason", ""), carried.get("sign_in")
    if not all(one is None or isinstance(one, str) for one in (user, contact, sign_in)):
        raise MalformedPayload("private_metadata")
    if not isinstance(reason, str):
        raise MalformedPayload("private_metadata")
    subscriber = Named(slack_user=user, contact_id=ContactId(contact) if contact else None)
    return Context(
        subscriber=subscriber,
        response_url=response_url_of(carried),
        reason=reason,
        sign_in=SessionId(sign_in) if sign_in else None,
    )


def carried_id_of(view: Payload) -> str:
    """Return the id that our own view carried along."""
    value = text(view, "private_metadata")
    if not _ID.fullmatch(value):
        raise MalformedPayload("private_metadata")
    return value


def typed(view: Payload, block: BlockId) -> str:
    """Return what was typed into a field; empty where nothing was."""
    value = _input(view, block).get("value")
    if value is not None and not isinstance(value, str):
        raise MalformedPayload(block)
    return value or ""


def chosen_option(view: Payload, block: BlockId) -> str | None:
    """Return the value of the option that was chosen_option, if one was."""
    selected = _input(view, block).get("selected_option")
    return None if selected is None else text(mapping(selected, block), "value")


def chosen_person(view: Payload, block: BlockId) -> str | None:
    """Return the Slack id of the person who was chosen_option, if one was."""
    selected = _input(view, block)
    return text(selected, "selected_user") if selected.get("selected_user") else None


def has_block(view: Payload, block: BlockId) -> bool:
    """Whether the view shows that field, so that an error can stand under it."""
    blocks = view.get("blocks")
    shown = blocks if isinstance(blocks, list) else []
    return any(isinstance(b, Mapping) and b.get("block_id") == block for b in shown)


def _input(view: Payload, block: BlockId) -> Payload:
    values = mapping(mapping(view.get("state"), "state").get("values"), "values")
    if block not in values:
        return {}
    return mapping(mapping(values[block], block).get(VALUE), block)
