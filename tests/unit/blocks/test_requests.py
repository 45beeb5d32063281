"""What the person reads who asked for a reset of their own 2FA."""

from dataclasses import replace

import pytest

from bot.blocks.notices import draw
from bot.blocks.requests import own_request
from bot.domain.model.cases import CaseState
from bot.domain.model.notices import NoticeKind
from bot.domain.model.requests import LIVE_STATES, RequestState
from tests.unit.blocks.rules import assert_markup_is_ours, assert_message_is_valid, words_of
from tests.unit.blocks.samples import (
    HELP_CONTACT,
    LONGEST,
    PORTAL_URL,
    WIDEST,
    case_view,
    hostile_case_view,
    notice_view,
    request_view,
)


@pytest.mark.parametrize("state", sorted(LIVE_STATES))
@pytest.mark.parametrize("text", [LONGEST, WIDEST, ""], ids=["long", "wide", "empty"])
def test_every_state_of_a_request_is_drawn_within_slacks_limits(
    state: RequestState, text: str
) -> None:
    drawn = own_request(request_view(state, hostile_case_view(text)))
    assert_message_is_valid(drawn.text, drawn.blocks)
    assert_markup_is_ours(drawn.blocks)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (CaseState.EXPIRED, "The reset ended before anything was done. Do you still need it?"),
        (CaseState.DECLINED, "The reset was answered No: nothing was changed. Do you still"),
    ],
)
def test_the_requester_hears_how_the_reset_ended_and_nothing_of_its_admin(
    state: CaseState, words: str
) -> None:
    view = notice_view(NoticeKind.REQUEST_ENDED)
    ended = case_view(state)
    case = replace(ended, case=replace(ended.case, ended_reason="admin_suspended"))
    shown = words_of(
        draw(replace(view, case=case), portal_url=PORTAL_URL, help_contact=HELP_CONTACT).blocks
    )
    assert words in shown
    assert "suspended" not in shown
