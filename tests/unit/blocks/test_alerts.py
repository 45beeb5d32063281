"""Alerts and the audit head, as they are read."""

from dataclasses import replace

import pytest

from bot.blocks.elements import Drawn
from bot.blocks.notices import draw
from bot.domain.model.notices import NoticeKind
from bot.domain.record.alerts import Alert
from tests.unit.blocks.samples import ALICE, BOB, HELP_CONTACT, PORTAL_URL, notice_view


def drawn(facts: dict[str, str], kind: NoticeKind = NoticeKind.ALERT) -> Drawn:
    view = notice_view(kind)
    subject = BOB if facts.get("what") == Alert.SECOND_RESET else ALICE
    notice = replace(view.notice, facts={**view.notice.facts, **facts})
    view = replace(view, notice=notice, subject=subject)
    return draw(view, portal_url=PORTAL_URL, help_contact=HELP_CONTACT)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (
            {"what": "wrong_codes"},
            "5 wrong codes in the name of Alice Archer, an administrator or owner",
        ),
        (
            {"what": "wrong_codes", "count": "20", "minutes": "60", "door": "portal"},
            "were typed at the Portal within an hour.",
        ),
        (
            {"what": "many_resets", "count": "6"},
            "Alice Archer has reset the 2FA of people 6 times within an hour",
        ),
        (
            {"what": "second_reset", "count": "2"},
            "of Bob Brown was reset 2 times within 30 days, the last time by Alice Archer.",
        ),
    ],
)
def test_an_alert_says_who_what_when_and_what_to_do(facts: dict[str, str], said: str) -> None:
    text = drawn(facts).text
    assert said in text
    assert "It was noticed on 1 January 2026, 12:00 UTC." in text
    assert "in person or on the number on file" in text
    assert f"call {HELP_CONTACT}" in text


def test_an_alert_carries_ids_and_no_reason() -> None:
    told = drawn({})
    shown = str(told.blocks)
    assert "Case case_0123456789abcdef0123, Contact alice" in shown
    for reason in ("Lost his phone", "HD-42", "back the number"):
        assert reason not in shown + told.text


def test_an_alert_whose_facts_were_forgotten_still_says_whom_to_ask() -> None:
    view = notice_view(NoticeKind.ALERT)
    view = replace(view, notice=replace(view.notice, facts={}), subject=None, case=None)
    text = draw(view, portal_url=PORTAL_URL, help_contact=None).text
    assert text.startswith("Something unusual about somebody. What to do next: ask somebody")


def test_the_head_says_what_to_do_with_it() -> None:
    text = drawn({}, NoticeKind.AUDIT_HEAD).text
    assert text.startswith(f"The head of the audit chain on 1 January 2026: {'5a' * 32} 42. ")
    assert "rekey audit verify --expect-head" in text
