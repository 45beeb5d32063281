"""What Slack refuses in blocks and views, and says where."""

import copy
from typing import Any

import pytest

from playground.slack.block_kit import faults_in_message, faults_in_view, is_too_large
from tests.unit.playground.samples import button, code_modal, confirm_block, plain

Json = dict[str, Any]


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(**more: Any) -> Json:
    return {"type": "section", "text": mrkdwn("x"), **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def field(element: Json, **more: Any) -> Json:
    return {"type": "input", "label": plain("Label"), "element": element, **more}


def option(value: str, text: str = "Text") -> Json:
    return {"text": plain(text), "value": value}


def select(**more: Any) -> Json:
    return {"type": "static_select", "options": [option("a"), option("b")], **more}


RICH_TEXT: Json = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_list",
            "style": "ordered",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [{"type": "text", "text": "One", "style": {"bold": True}}],
                }
            ],
        }
    ],
}

CONFIRM: Json = {
    "title": plain("Sure?"),
    "text": mrkdwn("Really?"),
    "confirm": plain("Yes"),
    "deny": plain("No"),
}


@pytest.mark.parametrize(
    "blocks",
    [
        confirm_block(),
        [{"type": "divider"}, {"type": "header", "text": plain("H" * 150)}],
        [section(fields=[mrkdwn("a"), plain("b")], accessory=button("x", "v"))],
        [section(accessory=select(initial_option=option("a")))],
        [actions(button("a", "v") | {"style": "danger", "confirm": CONFIRM}, select())],
        [actions({"type": "users_select", "action_id": "who", "placeholder": plain("Who?")})],
        [{"type": "context", "elements": [mrkdwn("note")]}],
        [{"type": "image", "image_url": "https://x.example/a.png", "alt_text": "a"}],
        [RICH_TEXT],
        [{"type": "markdown", "text": "# Title"}],
        [field({"type": "plain_text_input", "multiline": True}, hint=plain("h"), optional=True)],
        [field({"type": "radio_buttons", "options": [option("a")]})],
    ],
)
def test_what_slack_shows_is_accepted(blocks: list[Json]) -> None:
    assert faults_in_message(blocks) == []


@pytest.mark.parametrize(
    ("blocks", "where"),
    [
        ("text", "/blocks"),
        ([], "/blocks"),
        ([{"type": "divider"}] * 51, "/blocks"),
        (["text"], "/blocks/0"),
        ([{"text": plain("x")}], "/blocks/0"),
        ([{"type": "sektion"}], "/blocks/0/type"),
        ([{"type": "section"}], "/blocks/0"),
        ([section(colour="red")], "/blocks/0"),
        ([section(accessory=None)], "/blocks/0/accessory"),
        ([section(block_id="b" * 256)], "/blocks/0/block_id"),
        ([section(text=mrkdwn(""))], "/blocks/0/text/text"),
        ([section(text=mrkdwn("x" * 3001))], "/blocks/0/text/text"),
        ([section(text=mrkdwn("x") | {"emoji": True})], "/blocks/0/text"),
        ([section(text="x")], "/blocks/0/text"),
        ([section(fields=[mrkdwn("x")] * 11)], "/blocks/0/fields"),
        ([section(fields=[mrkdwn("x" * 2001)])], "/blocks/0/fields/0/text"),
        ([{"type": "header", "text": mrkdwn("x")}], "/blocks/0/text/type"),
        ([{"type": "header", "text": plain("x" * 151)}], "/blocks/0/text/text"),
        ([actions()], "/blocks/0/elements"),
        ([actions(*[button(f"a{n}", "v") for n in range(26)])], "/blocks/0/elements"),
        ([actions({"type": "plain_text_input"})], "/blocks/0/elements/0/type"),
        ([actions({"type": "button"})], "/blocks/0/elements/0"),
        ([actions(button("a" * 256, "v"))], "/blocks/0/elements/0/action_id"),
        ([actions(button("a", "v" * 2001))], "/blocks/0/elements/0/value"),
        ([actions(button("a", "v") | {"text": plain("x" * 76)})], "/elements/0/text/text"),
        ([actions(button("a", "v") | {"style": "default"})], "/blocks/0/elements/0/style"),
        ([actions(button("a", "v") | {"url": "rekey"})], "/blocks/0/elements/0/url"),
        ([actions(button("a", "v") | {"confirm": {}})], "/blocks/0/elements/0/confirm"),
        (
            [actions(button("a", "v") | {"confirm": CONFIRM | {"title": plain("x" * 101)}})],
            "/confirm/title/text",
        ),
        (
            [actions(button("a", "v") | {"confirm": CONFIRM | {"text": plain("x" * 301)}})],
            "/confirm/text/text",
        ),
        (
            [actions(button("a", "v") | {"confirm": CONFIRM | {"deny": plain("x" * 31)}})],
            "/confirm/deny/text",
        ),
        ([actions(select(options=[]))], "/blocks/0/elements/0/options"),
        ([actions(select(options=[option("v", "x" * 76)]))], "/options/0/text/text"),
        ([actions(select(options=[option("v" * 151)]))], "/options/0/value"),
        ([actions(select(options=[option(f"{n}") for n in range(101)]))], "/elements/0/options"),
        ([actions(select(initial_option=option("c")))], "/blocks/0/elements/0"),
        ([actions(select(options=[option("a"), option("a")]))], "/blocks/0/elements/0"),
        ([actions({"type": "static_select"})], "/blocks/0/elements/0"),
        ([actions(select(option_groups=[]))], "/blocks/0/elements/0/option_groups"),
        ([{"type": "context", "elements": [button("a", "v")]}], "/blocks/0/elements/0/type"),
        ([{"type": "context", "elements": [mrkdwn("x")] * 11}], "/blocks/0/elements"),
        ([{"type": "image", "alt_text": "a"}], "/blocks/0"),
        ([field(button("a", "v"))], "/blocks/0/element/type"),
        ([field({"type": "plain_text_input", "max_length": 3001})], "/element/max_length"),
        ([field({"type": "plain_text_input", "min_length": 9, "max_length": 6})], "/element"),
        ([field({"type": "number_input"})], "/blocks/0/element"),
        ([field({"type": "plain_text_input", "multiline": "true"})], "/element/multiline"),
        ([section(block_id="b"), section(block_id="b")], "/blocks/1/block_id"),
        ([actions(button("a", "1"), button("a", "2"))], "/blocks/0"),
        ([{"type": "video", "title": plain("x")}], "/blocks/0/type"),
        ([{**RICH_TEXT, "elements": [{"type": "rich_text_song"}]}], "/blocks/0/elements/0/type"),
    ],
)
def test_what_slack_refuses_is_refused_and_located(blocks: object, where: str) -> None:
    faults = faults_in_message(blocks)
    assert faults
    assert all(fault.startswith("[ERROR] ") for fault in faults)
    assert any(fault.endswith(f"{where}]") for fault in faults), faults


def test_the_same_action_id_in_two_blocks_is_accepted() -> None:
    assert faults_in_message([actions(button("a", "1")), actions(button("a", "2"))]) == []


def test_a_modal_is_accepted() -> None:
    assert faults_in_view(code_modal(), kind="modal") == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"title": plain("T" * 25)}, "/view/title/text"),
        ({"title": mrkdwn("T")}, "/view/title/type"),
        ({"submit": plain("S" * 25)}, "/view/submit/text"),
        ({"close": plain("C" * 25)}, "/view/close/text"),
        ({"private_metadata": "m" * 3001}, "/view/private_metadata"),
        ({"callback_id": "c" * 256}, "/view/callback_id"),
        ({"external_id": "e" * 256}, "/view/external_id"),
        ({"notify_on_close": "yes"}, "/view/notify_on_close"),
        ({"blocks": [{"type": "divider"}] * 101}, "/view/blocks"),
        ({"blocks": [{"type": "markdown", "text": "x"}]}, "/view/blocks/0/type"),
        ({"type": "home"}, "/view/type"),
        ({"hash": "1.2"}, "/view"),
        ({"id": "V1"}, "/view"),
    ],
)
def test_a_modal_beyond_the_limits_is_refused(change: Json, where: str) -> None:
    faults = faults_in_view(code_modal(**change), kind="modal")
    assert any(fault.endswith(f"{where}]") for fault in faults), faults


@pytest.mark.parametrize("missing", ["type", "title", "blocks"])
def test_a_modal_needs_its_parts(missing: str) -> None:
    modal = code_modal()
    del modal[missing]
    expected = f"[ERROR] missing required field: {missing} [json-pointer:/view]"
    assert expected in faults_in_view(modal, kind="modal")


def test_an_input_needs_submit() -> None:
    modal = code_modal()
    del modal["submit"]
    assert len(faults_in_view(modal, kind="modal")) == 1
    modal["blocks"] = [{"type": "divider"}]
    assert faults_in_view(modal, kind="modal") == []


def test_only_one_element_takes_the_focus() -> None:
    modal = code_modal()
    for block in modal["blocks"]:
        block["element"]["focus_on_load"] = True
    (fault,) = faults_in_view(modal, kind="modal")
    assert "focus_on_load" in fault


def test_a_home_tab_has_no_title() -> None:
    home = {"type": "home", "blocks": confirm_block()}
    assert faults_in_view(home, kind="home") == []
    assert faults_in_view({**home, "title": plain("Home")}, kind="home") != []


def test_more_than_250_kb_is_too_large() -> None:
    modal = code_modal(blocks=[section(text=mrkdwn("x" * 2400)) for _ in range(100)])
    assert faults_in_view(modal, kind="modal") == []
    assert not is_too_large(modal)
    larger = copy.deepcopy(modal)
    for block in larger["blocks"]:
        block["text"]["text"] = "x" * 2500
    assert faults_in_view(larger, kind="modal") == []
    assert is_too_large(larger)


def test_a_finding_quotes_nothing_that_was_sent() -> None:
    leaky = [actions(button("a", "secret-" * 400)), {"type": "secret-type"}]
    assert "secret" not in " ".join(faults_in_message(leaky))
