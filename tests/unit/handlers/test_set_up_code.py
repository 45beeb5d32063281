"""Showing a set-up code, and following the link."""

import logging
import re
from datetime import timedelta

import pytest

from bot.blocks.texts import NOT_OPENED
from bot.domain.model.cases import CaseState
from bot.domain.model.notices import Notice, NoticeKind
from playground.slack import Message
from tests.unit.handlers.house import HELP_CONTACT, PORTAL_URL, House


@pytest.fixture
def message(house: House) -> Message:
    session_id = house.add_waiting_session()
    with house.database.unit_of_work() as uow:
        session = uow.sessions.get(session_id)  # type: ignore[arg-type]  # a plain string
        assert session is not None
        notice = Notice(
            kind=NoticeKind.SET_UP_WAITING,
            contact_id=house.world.bob.id,
            session_id=session.id,
        )
        uow.outbox.add(notice, now=house.clock.now())
        uow.commit()
    house.sender.drain()
    return house.bob.dm[-1]


def test_shows_the_code_in_a_modal_and_nowhere_else(
    house: House, message: Message, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    delivery = house.bob.click(message, "show_set_up_code")
    assert delivery.ok
    shown = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", house.bob.modal.shown)
    assert shown is not None
    assert "Firefox on Linux" in house.bob.modal.shown
    assert f"and call {HELP_CONTACT}: somebody knows your password." in house.bob.modal.shown
    house.sender.drain()
    for place in (caplog.text, delivery.body, *(m.shown for m in house.bob.dm)):
        assert shown[0] not in place
        assert shown[0].replace("-", "") not in place


def test_somebody_else_sees_no_code(house: House, message: Message) -> None:
    assert house.alan.click(message, "show_set_up_code", even_if_unseen=True).ok
    assert house.alan.modals == []
    assert house.tags == ["slack:set_up_code:set_up_code_not_yours"]


def test_expired_trigger_is_told(house: House, message: Message) -> None:
    house.bob.click(message, "show_set_up_code", trigger_age=timedelta(seconds=4))
    house.sender.drain()
    assert "once more" in house.bob.ephemerals[-1].shown
    assert house.bob.modals == []


def test_a_window_that_slack_does_not_open_is_said_and_no_more(
    house: House, message: Message, caplog: pytest.LogCaptureFixture
) -> None:
    """A new code is stored by then, so it must not say that nothing was changed."""
    house.slack.faults.fail("views.open", error="internal_error")
    assert house.bob.click(message, "show_set_up_code").ok
    house.sender.drain()
    assert house.bob.ephemerals[-1].shown == NOT_OPENED
    assert "a window was not opened: internal_error" in caplog.text
    assert house.tags == ["slack:set_up_code:shown"]
    assert house.bob.click(message, "show_set_up_code").ok
    assert "Your set-up code" in house.bob.modal.title


def test_link_to_the_sign_in_page_is_acknowledged(house: House) -> None:
    case = house.add_case(CaseState.COMPLETED)
    with house.database.unit_of_work() as uow:
        notice = Notice(
            kind=NoticeKind.SUBSCRIBER_RESET, contact_id=house.world.bob.id, case_id=case.id
        )
        uow.outbox.add(notice, now=house.clock.now())
        uow.commit()
    house.sender.drain()
    delivery = house.bob.click(house.bob.dm[-1], "open_set_up")
    assert delivery.ok
    assert delivery.url == PORTAL_URL
