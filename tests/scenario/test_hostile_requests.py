"""Requests that Slack did not send, or not now, or not like this: turned away, never recorded."""

import json
import logging
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.blocks.home_desk import SEARCH_LENGTH
from bot.domain.model.cases import CaseState
from playground.slack.model import Delivery, Json
from tests.office import Office
from tests.scenario.changes import errors_in, forge, send_form

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
SIGNATURE, TIME = "X-Slack-Signature", "X-Slack-Request-Timestamp"
Headers = dict[str, str]


def refused_count(office: Office) -> float:
    text = office.rekey.web.test_client().get("/metrics").get_data(as_text=True)
    samples = [s for f in text_string_to_metric_families(text) for s in f.samples]
    (count,) = [s.value for s in samples if s.name == "rekey_slack_requests_refused_total"]
    return float(count)


def turned_away(office: Office, body: bytes, headers: Headers) -> None:
    """Send it; it is answered with 4xx, counted, and leaves no trace in audit chain or database."""
    counted = refused_count(office)
    with office.refused():
        assert is_4xx(office.slack.deliver_raw(body, headers=headers)), (body[:50], headers)
    assert refused_count(office) == counted + 1


def is_4xx(delivery: Delivery) -> bool:
    return delivery.status is not None and 400 <= delivery.status < 500


class TestSignature:
    """The very request that would confirm a reset of Bob's 2FA, not yet sent."""

    @pytest.fixture(autouse=True)
    def _not_yet_sent(self, office: Office) -> None:
        block = office.request(office.world.alice, office.world.bob)
        slack, (case,) = office.as_(office.world.alice), office.cases(office.world.bob)
        payload = office.slack.payloads.click_in_message(
            slack.member,
            block,
            {"type": "button", "action_id": "reset_yes", "value": case.id, "block_id": "b"},
            trigger_id=office.slack.workspace.issue_trigger(slack.id),
            response_url="https://hooks.slack.example/x",
        )
        self.body = urlencode({"payload": json.dumps(payload)}).encode()

    def test_that_is_right_does_what_it_says(self, office: Office) -> None:
        headers = office.slack.signed_headers(self.body)
        assert office.slack.deliver_raw(self.body, headers=headers).status == 200
        assert office.cases(office.world.bob)[0].state is CaseState.COMPLETED

    def test_that_is_missing_wrong_stale_or_of_another_body(self, office: Office) -> None:
        sign, body = office.slack.signed_headers, self.body
        right = sign(body)
        for headers in (
            {"Content-Type": FORM},
            *({k: v for k, v in right.items() if k != name} for name in (SIGNATURE, TIME)),
            *(sign(body, secret=secret) for secret in ("", "another", " ")),
            *(sign(body, age=timedelta(minutes=m)) for m in (6, 60, 60 * 24 * 365, -6)),
            {**sign(body, age=timedelta(hours=1)), TIME: right[TIME]},
            sign(body + b" "),
        ):
            turned_away(office, body, headers)

    def test_that_is_none_or_of_no_time(self, office: Office) -> None:
        """Bolt raises over a time that is none, before it has verified anything."""
        right = office.slack.signed_headers(self.body)
        for odd in ("v0=\u00e9", "v0=", "", "v0", "v1=00", "v0=" + "0" * 64, "v0=" + "f" * 100_000):
            turned_away(office, self.body, right | {SIGNATURE: odd})
        for odd in ("", "now", "1e9", "\u0661\u0662", "-1", "9" * 400, "nan"):
            turned_away(office, self.body, right | {TIME: odd})

    def test_that_is_missing_from_a_certificate_check_gets_nothing_done(
        self, office: Office
    ) -> None:
        with office.refused():
            headers = {"Content-Type": FORM}
            delivery = office.slack.deliver_raw(self.body + b"&ssl_check=1", headers=headers)
        assert delivery.status is not None
        assert delivery.status < 500


class TestBody:
    @pytest.mark.parametrize(
        ("body", "content_type"),
        [
            pytest.param(b"", FORM, id="empty"),
            pytest.param(b"payload=" + b"x" * 1_000_001, FORM, id="huge"),
            pytest.param(b"\xff\xfe", FORM, id="not-utf-8"),
            pytest.param(b"payload=%ff%fe", FORM, id="payload-not-utf-8"),
            pytest.param(b"payload=", FORM, id="payload-empty"),
            pytest.param(b"[1, 2]", JSON, id="list"),
            pytest.param(b"{", JSON, id="half"),
            pytest.param(b"[" * 5000 + b"]" * 5000, JSON, id="deep"),
            *(
                pytest.param(b"payload=" + quote(text, errors="surrogatepass").encode(), FORM)
                for text in (
                    *("{", "nonsense", "[]", '"text"', "1e999", '{"type": NaN}', '{"type": 3}'),
                    *('{"type": "\ud83d"}', "null", "[" * 5000 + "]" * 5000),
                )
            ),
        ],
        ids=lambda value: value[:30] if isinstance(value, bytes) else value,
    )
    def test_that_is_of_no_shape_is_turned_away(
        self, office: Office, body: bytes, content_type: str
    ) -> None:
        turned_away(office, body, office.slack.signed_headers(body, content_type=content_type))

    @pytest.mark.parametrize("event", ["7", "null", "true"])
    def test_event_that_is_none(self, office: Office, event: str) -> None:
        body = f'{{"type": "event_callback", "event": {event}}}'.encode()
        turned_away(office, body, office.slack.signed_headers(body, content_type=JSON))

    def test_of_another_content_type_is_never_a_fault(self, office: Office) -> None:
        body = urlencode({"payload": json.dumps(click(office, "reset_yes", "case_1"))}).encode()
        for content_type in (JSON, "text/xml", "multipart/form-data", ""):
            headers = office.slack.signed_headers(body, content_type=content_type)
            assert answered(office.slack.deliver_raw(body, headers=headers)), content_type

    def test_certificate_check_is_answered_and_does_nothing(self, office: Office) -> None:
        fields = dict(office.type(office.world.alice, "help").payload)
        with office.refused():
            assert send_form(office, {"ssl_check": "1", "token": "x"}).status == 200
            fields |= {"text": "<@U01BOB>", "ssl_check": "1"}
            assert answered(send_form(office, fields))

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
    def test_by_another_method(self, office: Office, method: str) -> None:
        answer = office.rekey.web.test_client().open("/slack/events", method=method)
        assert answer.status_code == 200 if method == "OPTIONS" else 405


# -- signed as Slack signs, and of no shape that Slack's clients send

ODD: list[Any] = [None, 7, True, [], ["x"], {}, {"x": 1}, "", "x" * 5000, "\0", "\u202e", "\ud83d"]
BUTTONS = (
    *("reset_yes", "reset_no", "reset_report", "show_set_up_code", "request_take"),
    *("case_remind", "case_take_over", "case_cancel", "case_details"),
)
FIELDS = {
    "reset_pick": ("subscriber", "contact"),
    "reset_verify": ("account", "proof", "reason", "ticket", "code"),
    "hand_over_pick": ("subscriber", "contact"),
    "hand_over_verify": ("proof", "code", "sign_in"),
    "request_reset": ("account", "reason"),
}
HOME: Json = {"account": "acme", "words": "", "page": 0}


def answered(delivery: Delivery) -> bool:
    """Tell whether it was answered with 200, or turned away: never a fault."""
    return delivery.status == 200 or is_4xx(delivery)


def body_of(office: Office, kind: str, **fields: Any) -> Json:
    team, alice = office.slack.team_id, office.world.alice.slack.user
    body: Json = {"type": kind, "user": {"id": alice, "team_id": team}, "team": {"id": team}}
    return body | {"trigger_id": office.slack.workspace.issue_trigger(alice)} | fields


def click(office: Office, action_id: str, value: object, **fields: Any) -> Json:
    action = {"type": "button", "action_id": action_id, "block_id": "b", "value": value}
    return body_of(office, "block_actions", actions=[action], **fields)


def submit(office: Office, callback_id: str, **view: Any) -> Json:
    whole = {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": '{"subscriber": "U01BOB"}',
        "state": {"values": {}},
        "blocks": [],
        **view,
    }
    return body_of(office, "view_submission", view=whole)


def choose(office: Office, action_id: str, state: object = HOME, **action: Any) -> Json:
    carried = state if isinstance(state, str) else json.dumps(state)
    view = {"type": "home", "private_metadata": carried, "hash": "1.a"}
    body = click(office, action_id, None, view=view)
    body["actions"][0] |= {"type": "static_select", **action}
    return body


def message(office: Office, written: object) -> Json:
    return body_of(office, "message_action", callback_id="reset_message", message=written)


def suggest(office: Office, **fields: Any) -> Json:
    asked = {"action_id": "value", "block_id": "contact", "value": "bob"}
    return body_of(office, "block_suggestion", **(asked | fields))


class TestShape:
    """Never a fault, and nothing comes of it."""

    def sent(self, office: Office, bodies: list[Json]) -> None:
        for body in bodies:
            assert answered(forge(office, body)), body
        assert all(office.cases(person) == () for person in office.world.people)

    def test_odd_value_of_a_button(self, office: Office) -> None:
        self.sent(office, [click(office, button, value) for button in BUTTONS for value in ODD])

    @pytest.mark.parametrize(
        "key", ["user", "team", "actions", "trigger_id", "response_url", "enterprise"]
    )
    def test_odd_part_of_a_click(self, office: Office, key: str) -> None:
        whole = click(office, "case_details", "id_1")
        self.sent(office, [whole | {key: value} for value in ODD])

    @pytest.mark.parametrize("callback_id", [*FIELDS, "reset_report_confirm"])
    def test_odd_part_of_a_modal(self, office: Office, callback_id: str) -> None:
        keys = ("private_metadata", "state", "blocks")
        self.sent(
            office, [submit(office, callback_id, **{key: value}) for key in keys for value in ODD]
        )

    @pytest.mark.parametrize("callback_id", FIELDS)
    def test_odd_state_of_a_field(self, office: Office, callback_id: str) -> None:
        for value in ODD:
            element = {"value": value, "selected_option": value, "selected_user": value}
            nested = {"value": {"selected_option": {"value": value}}}
            for held in (value, {"value": element}, nested):
                values = dict.fromkeys(FIELDS[callback_id], held)
                self.sent(office, [submit(office, callback_id, state={"values": values})])

    def test_odd_words_of_a_command(self, office: Office) -> None:
        fields = dict(office.type(office.world.alice, "help").payload)
        for text in ("\0", "<@U01BOB>" * 400, "<" * 4000, "&amp;" * 800, "\u202e@bob"):
            assert send_form(office, fields | {"text": text}).status == 200
        office.slack.violations.clear()  # its trigger was used before, for as many windows


class TestMalformed:
    """What Slack's clients never send is turned away, before anybody is asked about anything."""

    def turned_away(self, office: Office, *bodies: Json) -> None:
        with office.refused():
            for body in bodies:
                assert is_4xx(forge(office, body)), body
        assert {call.method for call in office.slack.calls} <= {"auth.test"}

    def test_act(self, office: Office) -> None:
        self.turned_away(
            office,
            {},
            body_of(office, "something_new"),
            body_of(office, "block_actions"),
            body_of(office, "view_submission"),
            click(office, "reset_no", "case_1") | {"user": None},
        )

    def test_button_that_nobody_drew(self, office: Office) -> None:
        unknown = ("reset_maybe", "reset_yes ", "RESET_YES", "", "*")
        self.turned_away(office, *(click(office, action, "case_1") for action in unknown))

    def test_button_without_a_proper_value(self, office: Office) -> None:
        values: tuple[object, ...] = (None, "", 7, {}, "a b")
        self.turned_away(office, *(click(office, "reset_yes", value) for value in values))

    @pytest.mark.parametrize("callback_id", ["reset_verify", "hand_over_verify", "reset_verify_2"])
    def test_modal(self, office: Office, callback_id: str) -> None:
        """Neither what it carries along may be of another shape, nor the address to answer to."""
        addresses = ("file:///etc/passwd", "gopher://x", "http://a b", 7, {"x": 1})
        carried = (
            *("", "{", "null", "[]", "7", '{"subscriber": 7}', '{"contact": 7}'),
            *('{"subscriber": "U01BOB", "reason": []}', '{"contact": "c", "sign_in": ["x"]}'),
            *(json.dumps({"subscriber": "U01BOB", "response_url": url}) for url in addresses),
        )
        self.turned_away(
            office, *(submit(office, callback_id, private_metadata=text) for text in carried)
        )

    @pytest.mark.parametrize("action_id", ["home_all", "home_previous", "home_next"])
    def test_home(self, office: Office, action_id: str) -> None:
        odd: list[Json] = [
            {"words": None},
            {"page": -1},
            {"page": "1"},
            {"page": True},
            {"page": 10**9},
        ]
        states = [*odd, {"account": 7}, {"account": "a b"}]
        self.turned_away(
            office,
            *(choose(office, action_id, HOME | state) for state in states),
            *(choose(office, action_id, state) for state in ("{", '"text"')),
        )

    def test_choice_at_home(self, office: Office) -> None:
        options: tuple[object, ...] = (None, "acme", {}, {"value": "x" * 65})
        self.turned_away(
            office,
            *(choose(office, "home_account", selected_option=option) for option in options),
            choose(office, "home_search", value=["bob"]),
        )

    def test_search_that_is_too_long_is_cut_and_no_page_is_before_the_first(
        self, office: Office
    ) -> None:
        alice = office.as_(office.world.alice)
        alice.open_home()
        for action_id, typed, words in (
            ("home_search", "b" * 200, "b" * SEARCH_LENGTH),
            ("home_previous", None, ""),
        ):
            assert forge(office, choose(office, action_id, value=typed)).ok
            assert alice.home is not None
            carried = json.loads(alice.home.spec["private_metadata"])
            assert carried == HOME | {"words": words}

    def test_message_and_search(self, office: Office) -> None:
        written: tuple[object, ...] = (None, "text", {"user": 7}, {"user": ["U01BOB"]})
        self.turned_away(
            office,
            *(message(office, each) for each in written),
            *(suggest(office, value=value) for value in (None, ["bob"])),
            suggest(office, user={}),
            suggest(office, action_id="unknown"),
        )


@pytest.mark.parametrize("part", ["team_id", "user_id", "command"])
def test_command_without_a_part_that_it_needs(office: Office, part: str) -> None:
    fields = dict(office.type(office.world.alice, "help").payload)
    del fields[part]
    with office.refused():
        assert is_4xx(send_form(office, fields))
    assert send_form(office, {**fields, part: "x"}).status != 500


@pytest.mark.parametrize("part", [{"user": None}, {"user": "not an id"}, {"view": "text"}])
def test_home_opened_by_nobody(office: Office, part: Json) -> None:
    event = {"type": "app_home_opened", "user": "U01ALICE", **part}
    body = json.dumps({"type": "event_callback", "team_id": "T01TEST", "event": event}).encode()
    turned_away(office, body, office.slack.signed_headers(body, content_type=JSON))


class TestBug:
    """A listener that breaks in a way that nobody foresaw."""

    TYPED = "271828"

    @pytest.fixture(autouse=True)
    def _broken(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object, **__: object) -> None:
            raise RuntimeError(f"what was typed: {self.TYPED}") from ValueError(self.TYPED)

        self.office, self.patch = office, monkeypatch
        monkeypatch.setattr("bot.domain.resets.asking.AskingService.request", broken)
        monkeypatch.setattr("bot.domain.resets.asking.AskingService.prepare", broken)
        monkeypatch.setattr("bot.domain.resets.deciding.DecidingService.confirm", broken)
        monkeypatch.setattr("bot.domain.desk.searching.SearchService.search", broken)
        monkeypatch.setattr("bot.handlers.home_pages.HomePages.show", broken)

    def test_of_a_command_is_told(self) -> None:
        answer = self.office.type(self.office.world.alice, "<@U01BOB>")
        assert "Something went wrong" in json.loads(answer.body)["text"]

    def test_of_a_modal_stands_under_the_code_and_is_logged_by_place_alone(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        fields = {"code": self.TYPED, "reason": "private"}
        state = {field: {"value": {"value": typed}} for field, typed in fields.items()}
        errors = errors_in(
            forge(self.office, submit(self.office, "reset_verify", state={"values": state}))
        )
        assert "Something went wrong" in errors["code"]
        for part in ("RuntimeError at", "caused by ValueError at", "handlers/verify.py:"):
            assert part in caplog.text
        assert self.TYPED not in caplog.text
        assert "private" not in caplog.text

    def test_of_a_click_is_told_by_a_reply(self) -> None:
        assert forge(self.office, click(self.office, "reset_yes", "case_1")).status == 200
        self.office.deliver()
        assert "Something went wrong" in self.office.dm(self.office.world.alice)[0]

    def test_of_a_click_is_acknowledged_although_no_reply_can_be_stored(self) -> None:
        self.patch.setattr("bot.domain.record.answers.PersonalAnswers.give", lambda *_, **__: 1 / 0)
        assert forge(self.office, click(self.office, "reset_yes", "case_1")).status == 200

    def test_of_a_search_offers_nobody_and_of_home_is_not_repeated_by_slack(self) -> None:
        offered = forge(self.office, suggest(self.office))
        assert (offered.status, json.loads(offered.body)) == (200, {"options": []})
        opened = self.office.as_(self.office.world.alice).open_home()
        assert (opened.status, opened.body) == (200, "")

    def test_outside_every_surface_is_turned_away(self) -> None:
        self.office.rekey.bolt.shortcut("anything")(lambda _: 1 / 0)
        shortcut = {"type": "shortcut", "callback_id": "anything", "user": {"id": "U1"}}
        assert forge(self.office, shortcut).status == 400
