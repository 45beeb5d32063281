""" "This wasn't me"."""

from datetime import timedelta

import pytest

from bot.domain.model.cases import CaseState
from bot.domain.model.notices import Notice, NoticeKind
from playground.slack import Message
from tests.unit.handlers.house import HELP_CONTACT, House


@pytest.fixture
def message(house: House) -> Message:
    case = house.add_case(CaseState.COMPLETED)
    with house.database.unit_of_work() as uow:
        notice = Notice(
            kind=NoticeKind.SUBSCRIBER_RESET, contact_id=house.world.bob.id, case_id=case.id
        )
        uow.outbox.add(notice, now=house.clock.now())
        uow.commit()
    house.sender.drain()
    return house.bob.dm[-1]


def test_asks_once_more_and_then_takes_the_report(house: House, message: Message) -> None:
    assert house.bob.click(message, "reset_report").ok
    assert house.states == [CaseState.COMPLETED]
    assert house.bob.modal.callback_id == "reset_report_confirm"
    assert house.bob.submit(house.bob.modal).ok
    assert house.states == [CaseState.VETOED]
    assert HELP_CONTACT in house.bob.modal.shown
    house.sender.drain()
    assert "report was taken" in house.bob.dm[-1].shown
    assert "This wasn't me" in house.alice.dm[-1].shown


def test_somebody_else_is_refused(house: House, message: Message) -> None:
    assert house.alan.click(message, "reset_report", even_if_unseen=True).ok
    assert house.alan.modals == []
    house.sender.drain()
    assert house.tags == ["slack:report:not_the_subscriber"]


def test_report_that_comes_too_late_is_told_in_the_modal(house: House, message: Message) -> None:
    house.bob.click(message, "reset_report")
    modal = house.bob.modal
    house.bob.submit(modal)
    house.bob.close(house.bob.modal)
    house.bob.click(message, "reset_report")
    house.sender.drain()
    (told,) = [m.shown for m in house.bob.ephemerals if "reported before" in m.shown]
    assert f"To go on, call {HELP_CONTACT}." in told


def test_refusal_at_the_second_press_is_told_in_the_modal(house: House, message: Message) -> None:
    house.bob.click(message, "reset_report")
    (case,) = house.cases
    with house.database.unit_of_work() as uow:
        uow.cases.move(
            case.id,
            states={CaseState.COMPLETED},
            to=CaseState.SUPERSEDED,
            now=house.clock.now(),
        )
        uow.commit()
    assert house.bob.submit(house.bob.modal).ok
    assert "can no longer be reported" in house.bob.modal.shown


def test_expired_trigger_is_told(house: House, message: Message) -> None:
    house.bob.click(message, "reset_report", trigger_age=timedelta(seconds=4))
    house.sender.drain()
    assert "once more" in house.bob.ephemerals[-1].shown


def test_fault_is_told_in_the_modal(
    house: House, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.bob.click(message, "reset_report")

    def broken(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("bot.domain.resets.reports.ReportService._suspend", broken)
    assert house.bob.submit(house.bob.modal).ok
    assert "Something went wrong" in house.bob.modal.shown
    assert house.states == [CaseState.COMPLETED]
