"""Requests that Slack did not send, or not now, or not like this: turned away, never recorded."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.domain.model.cases import CaseState
from playground.slack.model import Delivery
from tests.office import Office
from tests.scenario.changes import forge, send_form

FORM = "application/x-www-form-urlencoded"


def yes_of_alice(office: Office) -> bytes:
    """Return the very request that would confirm a reset of Bob's 2FA, not yet sent."""
    block = office.request(office.world.alice, office.world.bob)
    (case,) = office.cases(office.world.bob)
    slack = office.as_(office.world.alice)
    button = {"type": "button", "action_id": "reset_yes", "value": case.id}
    payload = office.slack.payloads.click_in_message(
        slack.member,
        block,
        {**button, "block_id": "b"},
        trigger_id=office.slack.workspace.issue_trigger(slack.id),
        response_url="https://hooks.slack.example/x",
    )
    return urlencode({"payload": json.dumps(payload)}).encode()


def refused_count(office: Office) -> float:
    text = office.rekey.web.test_client().get("/metrics").get_data(as_text=True)
    samples = [s for f in text_string_to_metric_families(text) for s in f.samples]
    (count,) = [s.value for s in samples if s.name == "rekey_slack_requests_refused_total"]
    return float(count)


def expect_turned_away(office: Office, body: bytes, headers: dict[str, str]) -> Delivery:
    """Send it; it is answered with 4xx, counted, and leaves no trace in audit chain or database."""
    counted = refused_count(office)
    with office.refused():
        delivery = office.slack.deliver_raw(body, headers=headers)
        assert delivery.status is not None
        assert 400 <= delivery.status < 500
    assert refused_count(office) == counted + 1
    return delivery


class TestSignature:
    def test_the_request_itself_is_good(self, office: Office) -> None:
        """What the tests below send is refused for its signature and for nothing else."""
        body = yes_of_alice(office)
        assert (
            office.slack.deliver_raw(body, headers=office.slack.signed_headers(body)).status == 200
        )
        assert office.cases(office.world.bob)[0].state is CaseState.COMPLETED

    def test_missing(self, office: Office) -> None:
        expect_turned_away(office, yes_of_alice(office), {"Content-Type": FORM})

    @pytest.mark.parametrize("name", ["X-Slack-Signature", "X-Slack-Request-Timestamp"])
    def test_half(self, office: Office, name: str) -> None:
        body = yes_of_alice(office)
        headers = office.slack.signed_headers(body)
        del headers[name]
        expect_turned_away(office, body, headers)

    @pytest.mark.parametrize("secret", ["", "another", " "])
    def test_with_another_secret(self, office: Office, secret: str) -> None:
        body = yes_of_alice(office)
        expect_turned_away(office, body, office.slack.signed_headers(body, secret=secret))

    @pytest.mark.parametrize("minutes", [6, 60, 60 * 24 * 365, -6])
    def test_stale_or_from_the_future(self, office: Office, minutes: int) -> None:
        body = yes_of_alice(office)
        age = timedelta(minutes=minutes)
        expect_turned_away(office, body, office.slack.signed_headers(body, age=age))

    def test_old_one_under_a_new_time(self, office: Office) -> None:
        body = yes_of_alice(office)
        old = office.slack.signed_headers(body, age=timedelta(hours=1))
        fresh = office.slack.signed_headers(body)
        name = "X-Slack-Request-Timestamp"
        expect_turned_away(office, body, {**old, name: fresh[name]})

    def test_of_another_body(self, office: Office) -> None:
        body = yes_of_alice(office)
        expect_turned_away(office, body, office.slack.signed_headers(body + b" "))

    @pytest.mark.parametrize(
        "signature",
        ["v0=\u00e9", "v0=", "", "v0", "v1=00", "v0=" + "0" * 64, "v0=" + "f" * 100_000],
    )
    def test_that_is_none(self, office: Office, signature: str) -> None:
        body = yes_of_alice(office)
        headers = office.slack.signed_headers(body) | {"X-Slack-Signature": signature}
        expect_turned_away(office, body, headers)

    # Bolt raises over these before it has verified anything: nobody may be written to then.
    @pytest.mark.parametrize("time", ["", "now", "1e9", "\u0661\u0662", "-1", "9" * 400, "nan"])
    def test_with_a_time_that_is_none(self, office: Office, time: str) -> None:
        body = yes_of_alice(office)
        headers = office.slack.signed_headers(body) | {"X-Slack-Request-Timestamp": time}
        expect_turned_away(office, body, headers)


class TestBody:
    def test_huge(self, office: Office) -> None:
        body = b"payload=" + b"x" * 1_000_001
        expect_turned_away(office, body, office.slack.signed_headers(body))

    def test_as_another_content_type(self, office: Office) -> None:
        """A form that says to be JSON, XML or nothing is none that Bolt reads as a click."""
        body = yes_of_alice(office)
        for content_type in ("application/json", "text/xml", "multipart/form-data", ""):
            headers = office.slack.signed_headers(body, content_type=content_type)
            status = office.slack.deliver_raw(body, headers=headers).status
            assert status is not None
            assert status == 200 or 400 <= status < 500, content_type

    @pytest.mark.parametrize(
        "payload", ["{", "nonsense", "[]", '"text"', "1e999", '{"type": NaN}', '{"type": "\ud83d"}']
    )
    def test_payload_that_is_no_json_object(self, office: Office, payload: str) -> None:
        body = b"payload=" + quote(payload.encode("utf-8", "surrogatepass")).encode()
        expect_turned_away(office, body, office.slack.signed_headers(body))

    def test_not_utf_8(self, office: Office) -> None:
        for body in (b"\xff\xfe", b"payload=%ff%fe"):
            headers = office.slack.signed_headers(body)
            with office.refused():
                status = office.slack.deliver_raw(body, headers=headers).status
            assert status is not None
            assert 400 <= status < 500

    @pytest.mark.parametrize(
        "missing", ["team_id", "user_id", "trigger_id", "command", "user_name", "text"]
    )
    def test_command_without_a_part(self, office: Office, missing: str) -> None:
        fields = dict(office.type(office.world.alice, "help").payload)
        del fields[missing]
        status = send_form(office, fields | {"x": "1"}).status
        needed = {"team_id", "user_id", "command"}
        assert status == (200 if missing not in needed else _client_error(status))
        assert office.tags() == []

    @pytest.mark.parametrize("missing", ["user", "actions", "team", "type"])
    def test_click_without_a_part(self, office: Office, missing: str) -> None:
        click = office.as_(office.world.alice).click(
            office.request(office.world.alice, office.world.bob), "reset_no"
        )
        office.deliver()
        payload = {key: value for key, value in click.payload.items() if key != missing}
        with office.refused(*(["slack:reset:already_decided"] if missing == "team" else [])):
            status = forge(office, payload).status
            assert status == (200 if missing == "team" else _client_error(status))

    @pytest.mark.parametrize(
        "change", [{"value": None}, {"value": ""}, {"value": 7}, {"value": {}}, {"value": "a b"}]
    )
    def test_button_without_a_proper_value(self, office: Office, change: dict[str, Any]) -> None:
        click = office.as_(office.world.alice).click(
            office.request(office.world.alice, office.world.bob), "reset_no"
        )
        office.deliver()
        click.payload["actions"][0] |= change
        with office.refused():
            assert forge(office, click.payload).status == 400

    @pytest.mark.parametrize("action_id", ["reset_maybe", "reset_yes ", "RESET_YES", "", "*"])
    def test_button_that_nobody_drew(self, office: Office, action_id: str) -> None:
        click = office.as_(office.world.alice).click(
            office.request(office.world.alice, office.world.bob), "reset_no"
        )
        office.deliver()
        click.payload["actions"][0]["action_id"] = action_id
        with office.refused():
            status = forge(office, click.payload).status
        assert status == _client_error(status)

    def test_modal_that_nobody_drew(self, office: Office) -> None:
        alice = office.world.alice
        submitted = office.fill(alice, office.ask(alice, office.world.bob), code="000")
        submitted.payload["view"]["callback_id"] = "reset_verify_2"
        with office.refused():
            status = forge(office, submitted.payload).status
        assert status == _client_error(status)

    def test_other_command(self, office: Office) -> None:
        fields = dict(office.type(office.world.alice, "help").payload)
        with office.refused():
            status = send_form(office, fields | {"command": "/reset-everything"}).status
        assert status == _client_error(status)


def test_ssl_check_is_answered_and_does_nothing(office: Office) -> None:
    with office.refused():
        assert send_form(office, {"ssl_check": "1", "token": "x"}).status == 200
    fields = dict(office.type(office.world.alice, "help").payload)
    with office.refused():
        answered = send_form(office, fields | {"text": "<@U01BOB>", "ssl_check": "1"})
    assert answered.status is not None
    assert answered.status < 500


def test_unsigned_ssl_check_gets_nothing_done(office: Office) -> None:
    body = yes_of_alice(office) + b"&ssl_check=1"
    with office.refused():
        status = office.slack.deliver_raw(body, headers={"Content-Type": FORM}).status
    assert status is not None
    assert status < 500


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_other_methods(office: Office, method: str) -> None:
    status = office.rekey.web.test_client().open("/slack/events", method=method).status_code
    assert status == 200 if method == "OPTIONS" else 405


def _client_error(status: int | None) -> int:
    """Return `status` if it is one of HTTP's client errors, so that it compares equal."""
    assert status is not None
    assert 400 <= status < 500
    return status
