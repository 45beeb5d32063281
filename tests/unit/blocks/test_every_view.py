"""Every view and message that the bot can draw keeps to Slack's rules, whatever people typed."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.blocks import cases, hand_over, home, modals, own_status, picker, requests
from bot.blocks.elements import Drawn
from bot.blocks.notices import draw
from bot.domain.model.cases import CaseState
from bot.domain.model.errors import GuestRefused
from bot.domain.model.ids import AccountId
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Account
from bot.domain.model.requests import LIVE_STATES, RequestForm, RequestState
from bot.domain.model.reset_form import Named, ResetForm
from bot.domain.model.views import CaseList, CaseStory, CaseView
from bot.domain.set_up.handing_over import HandedOver
from playground.slack.block_elements import SUGGESTIONS
from playground.slack.block_kit import faults_in_view
from tests.fakes import NOON
from tests.meta.tree import parsed, python_files
from tests.unit.blocks import samples
from tests.unit.blocks.rules import (
    assert_markup_is_ours,
    assert_message_is_inert,
    assert_message_is_valid,
    assert_view_is_valid,
    objects_in,
)
from tests.unit.blocks.samples import HELP_CONTACT, PORTAL_URL
from tests.unit.blocks.variants import LATER, hand_over_form, own, record, shown_code

TEXTS = {
    "ordinary": "Bob Brown",
    "longest": samples.LONGEST,
    "widest": samples.WIDEST,
    "markup": (samples.HOSTILE * 9)[:255],
    "right-to-left": "\N{RIGHT-TO-LEFT OVERRIDE}" + "\N{HEBREW LETTER ALEF}" * 254,
    "emoji": "\N{FAMILY}" * 255,
    "255": "x" * 255,
    "empty": "",
    "blank": " \n",
}


def view_of(text: str) -> CaseView:
    return samples.hostile_case_view(text, CaseState.COMPLETED)


def context_of(text: str) -> modals.Context:
    return modals.Context(
        subscriber=Named(slack_user="U" * 40),
        response_url="https://x.example/" + "y" * 900,
        reason=text * 9,
    )


def accounts_of(text: str) -> tuple[Account, ...]:
    """More than a menu takes."""
    return tuple(replace(view_of(text).account, id=AccountId(f"acc_{n:060}")) for n in range(150))


def form_of(text: str) -> ResetForm:
    return replace(
        samples.form(*accounts_of(text), subscriber=view_of(text).subscriber),
        authenticators=tuple(samples.authenticator(n) for n in range(40)),
    )


def story_of(text: str) -> CaseStory:
    told = record("slack:case:completed", actor="alice")
    return CaseStory(view=view_of(text), records=(told,) * 40, earlier=9, names={"alice": text})


def request_of(state: RequestState) -> Callable[[str], Drawn]:
    return lambda text: requests.own_request(samples.request_view(state, view_of(text)))


def listed(text: str) -> CaseList:
    status = samples.hostile_person_status(view_of(text))
    return CaseList(as_of=NOON, cases=status.cases, total=37)


VIEWS: dict[str, Callable[[str], dict[str, Any]]] = {
    "cases.case_details": lambda text: cases.case_details(story_of(text)),
    "hand_over.code_to_give": lambda text: hand_over.code_to_give(
        HandedOver(subscriber=view_of(text).subscriber, shown=shown_code(text))
    ),
    "hand_over.hand_over_modal": lambda text: hand_over.hand_over_modal(
        hand_over_form(30, text), Named(slack_user="U0BOB")
    ),
    "hand_over.hand_over_modal of one": lambda text: hand_over.hand_over_modal(
        hand_over_form(1, text), Named(slack_user="U0BOB")
    ),
    "home.turned_away": lambda text: home.turned_away(
        GuestRefused(), now=NOON, help_contact=text or None
    ),
    "modals.already_waiting": lambda text: modals.already_waiting(view_of(text)),
    "modals.code_modal": lambda text: modals.code_modal(form_of(text), context_of(text)),
    "modals.report_confirm": lambda text: modals.report_confirm(view_of(text)),
    "modals.report_taken": modals.report_taken,
    "modals.set_up_code": lambda text: modals.set_up_code(
        "ABCD-2345", samples.session(text * 4, text), expires_at=LATER, help_contact=text or None
    ),
    "modals.told": lambda text: modals.told("Reset 2FA", [text or "Done."]),
    "picker.hand_over_picker": lambda _text: picker.hand_over_picker(),
    "picker.reset_picker": lambda text: picker.reset_picker(context_of(text)),
    "requests.request_modal": lambda text: requests.request_modal(
        RequestForm(accounts=accounts_of(text))
    ),
    "requests.request_sent": requests.request_sent,
}
MESSAGES: dict[str, Callable[[str], Drawn]] = {
    "cases.case_list": lambda text: cases.case_list("Cases", listed(text), otherwise="None"),
    "cases.own_cases": lambda text: cases.own_cases(listed(text)),
    "cases.pending_cases": lambda text: cases.pending_cases(listed(text)),
    "cases.person_status": lambda text: cases.person_status(
        samples.hostile_person_status(view_of(text))
    ),
    "modals.waiting": lambda text: modals.waiting(view_of(text)),
    "own_status.own_status": lambda text: own_status.own_status(
        own(authenticators=(samples.authenticator(),) * 12), help_contact=text
    ),
    **{f"requests.own_request of {state}": request_of(state) for state in sorted(LIVE_STATES)},
}
SEEN_ELSEWHERE = {
    "elements.modal": "every modal is made of it",
    "home.home": "test_home draws the largest there can be, of the same texts",
    "layout.about_case": "notices are made of it",
    "layout.plain_notice": "notices are made of it",
}


def drawing_functions() -> Iterator[str]:
    """Yield each public function of bot/blocks that returns a view or a message."""
    for path in python_files("bot/blocks"):
        for node in parsed(path).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                returned = ast.unparse(node.returns) if node.returns else ""
                if returned in {"View", "Drawn"}:
                    yield f"{path.stem}.{node.name}"


def drawn_by_notices() -> set[str]:
    """Return what `draw` calls: its messages are looked at kind by kind."""
    (path,) = [p for p in python_files("bot/blocks") if p.stem == "notices"]
    tree, found = parsed(path), {"notices.draw"}
    origin = {
        name.asname or name.name: f"{(node.module or '').rpartition('.')[2]}.{name.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.add(f"{node.value.id}.{node.attr}")
        elif isinstance(node, ast.Name) and node.id in origin:
            found.add(origin[node.id])
    return found


def test_nothing_that_the_bot_draws_is_left_out() -> None:
    seen = {name.partition(" of ")[0] for name in (*VIEWS, *MESSAGES, *SEEN_ELSEWHERE)}
    drawn = set(drawing_functions())
    assert drawn - seen - drawn_by_notices() == set()
    assert seen <= drawn


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("name", VIEWS)
def test_every_view_is_valid_and_inert(name: str, text: str) -> None:
    view = VIEWS[name](text)
    assert_view_is_valid(view)
    assert_markup_is_ours(view)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_is_valid_and_inert(name: str, text: str) -> None:
    assert_message_is_inert(MESSAGES[name](text))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("kind", NoticeKind)
def test_every_notice_is_valid_and_inert(kind: NoticeKind, text: str) -> None:
    view = samples.hostile_notice_view(kind, text)
    assert_message_is_inert(draw(view, portal_url=PORTAL_URL, help_contact=text))


@pytest.mark.parametrize("kind", NoticeKind)
def test_an_ordinary_notice_is_valid_and_shows_no_emoji(kind: NoticeKind) -> None:
    message = draw(samples.notice_view(kind), portal_url=PORTAL_URL, help_contact=HELP_CONTACT)
    assert_message_is_valid(message.text, message.blocks)
    plain = [p for p in objects_in(message.blocks) if p.get("type") == "plain_text"]
    assert {part["emoji"] for part in plain} == {False}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_contacts_that_are_offered_keep_to_the_limits_and_are_no_markup(text: str) -> None:
    people = [samples.hostile_contact(text, key=f"con_{n}") for n in range(20)]
    options = picker.suggestions(people)
    assert list(SUGGESTIONS({"options": options}, "")) == []
    assert {option["text"]["type"] for option in options} == {"plain_text"}


def test_a_view_that_breaks_a_rule_would_be_found() -> None:
    view = VIEWS["modals.code_modal"]("Bob Brown")
    for part in objects_in(view):
        if part.get("type") == "plain_text_input":
            part["max_length"] = 9999
    assert faults_in_view(view, kind="modal") != []
