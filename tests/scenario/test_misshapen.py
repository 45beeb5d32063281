"""Signed requests that are not of Slack's shape: 4xx, never 5xx, and nothing changed."""

import json
from urllib.parse import quote

import pytest

from tests.office import Office

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param('{"type": "event_callback", "event": 7}', JSON, id="event-number"),
        pytest.param('{"type": "event_callback", "event": null}', JSON, id="event-null"),
        pytest.param('{"type": "event_callback", "event": true}', JSON, id="event-true"),
        pytest.param("[1, 2]", JSON, id="list"),
        pytest.param("{", JSON, id="half"),
        pytest.param("[" * 5000 + "]" * 5000, JSON, id="deep"),
        pytest.param("payload=" + quote("[" * 5000 + "]" * 5000), FORM, id="deep-payload"),
        pytest.param("payload=", FORM, id="empty-payload"),
        pytest.param("payload=null", FORM, id="null-payload"),
        pytest.param("payload=" + quote(json.dumps({"type": 3})), FORM, id="type-number"),
        pytest.param("", FORM, id="empty"),
    ],
)
def test_is_answered_with_4xx(office: Office, body: str, content_type: str) -> None:
    raw = body.encode()
    before = office.tags()
    delivery = office.slack.deliver_raw(
        raw, headers=office.slack.signed_headers(raw, content_type=content_type)
    )
    assert delivery.status is not None
    assert 400 <= delivery.status < 500
    assert office.tags() == before
