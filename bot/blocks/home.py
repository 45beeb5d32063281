"""App Home: one's own 2FA for everybody, and below it an account for those who administer one.

Slack's limits for a Home tab are a modal's: https://docs.slack.dev/surfaces/app-home/
"""

import json
from collections.abc import Sequence
from datetime import datetime

from bot.blocks.elements import (
    Block,
    View,
    actions,
    divider,
    header,
    link,
    paragraph,
)
from bot.blocks.home_desk import desk_blocks, with_fewer_cases
from bot.blocks.ids import ActionId
from bot.blocks.own_status import own_status
from bot.blocks.requests import request_section
from bot.blocks.texts import refusal_text
from bot.blocks.wording import call
from bot.domain.desk.case_lists import MOST_LISTED
from bot.domain.desk.home_view import HomeState, HomeView
from bot.domain.model.errors import Fault, Refusal

LARGEST_TAB = 250_000
"""Bytes: https://docs.slack.dev/reference/methods/views.publish/, `view_too_large`."""

_CASES_SHOWN = (MOST_LISTED, 5, 2, 0)


def home(view: HomeView, *, portal_url: str, help_contact: str | None) -> View:
    """Draw what somebody sees of themselves, and of the account that they look after.

    Where names are so long that Slack would not take it all, fewer cases are shown.
    """
    own = everybody(view, portal_url=portal_url, help_contact=help_contact)
    if view.no_desk is not None:
        own += [divider(), paragraph(refusal_text(view.no_desk, now=view.as_of))]
    tab = _tab(own, view.state)
    if view.desk is not None:
        for most in _CASES_SHOWN:
            desk = with_fewer_cases(view.desk, most)
            tab = _tab([*own, divider(), *desk_blocks(view, desk)], view.state)
            if len(json.dumps(tab)) <= LARGEST_TAB:
                break
    return tab


def turned_away(why: Refusal | Fault, *, now: datetime, help_contact: str | None) -> View:
    """Say why there is nothing to see, and show nothing else."""
    blocks = [
        header("Rekey has nothing to show you"),
        paragraph(refusal_text(why, now=now)),
        paragraph(f"Is your phone lost, or is something wrong? Then {call(help_contact)}."),
    ]
    return _tab(blocks, HomeState())


def everybody(view: HomeView, *, portal_url: str, help_contact: str | None) -> list[Block]:
    """Draw how one's own 2FA stands, where to sign in, and what to do after losing the phone."""
    lost = _LOST.format(call=call(help_contact))
    return [
        *own_status(view.own, help_contact=help_contact, at_home=True).blocks,
        actions(link(ActionId.OPEN_SET_UP, "Open the sign-in page", url=portal_url))
        | {"block_id": "home:sign_in"},
        paragraph(lost),
        *request_section(view.own.request),
    ]


def _tab(blocks: Sequence[Block], state: HomeState) -> View:
    return {"type": "home", "blocks": list(blocks), "private_metadata": dump_state(state)}


def dump_state(state: HomeState) -> str:
    """Return what the view carries along: where this person is in it."""
    carried = {"account": state.account_id, "words": state.words, "page": state.page}
    return json.dumps(carried, ensure_ascii=False)


_LOST = (
    "Phone lost or replaced? Do not wait: ask for a reset here, or {call}. An administrator or "
    "owner of your account makes sure that it is you, and never asks for a code of yours. After "
    "the reset Rekey writes to you here, and you set 2FA up again at the sign-in page."
)
