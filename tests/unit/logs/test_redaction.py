"""What may pass into a log, and what may not."""

import base64
import string
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.logs.redaction import BLANK, redact, redact_event, redact_value

SIX_DIGITS = st.from_regex(r"[0-9]{6}", fullmatch=True)
SET_UP_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SET_UP_CODES = st.text(SET_UP_ALPHABET, min_size=8, max_size=8)
BASE32 = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=32, max_size=32)
TOKENS = st.builds(
    "{}-{}-{}".format,
    st.sampled_from(["xoxb", "xoxp", "xapp", "xoxe.xoxb", "xoxs"]),
    st.from_regex(r"[0-9]{10,13}", fullmatch=True),
    st.text(string.ascii_letters + string.digits, min_size=10, max_size=30),
)
KEYS = st.binary(min_size=32, max_size=32).map(lambda key: base64.b64encode(key).decode())
HOOKS = st.builds(
    "https://hooks.slack.com/{}/T0123ABC/{}/{}".format,
    st.sampled_from(["actions", "commands", "app", "services"]),
    st.from_regex(r"[0-9]{12}", fullmatch=True),
    st.text(string.ascii_letters + string.digits, min_size=20, max_size=24),
)
OTPAUTH = st.builds(
    "otpauth://totp/Rekey%20Portal:{}?secret={}&issuer=Rekey%20Portal".format,
    st.sampled_from(["bob", "bob@acme.example"]),
    BASE32,
)
SECRETS = st.one_of(
    SIX_DIGITS,
    SIX_DIGITS.map(lambda code: f"{code[:3]} {code[3:]}"),
    SET_UP_CODES.map(lambda code: f"{code[:4]}-{code[4:]}"),
    SET_UP_CODES.map(lambda code: f"{code[:4]}-{code[4:]}".lower()),
    SET_UP_CODES,
    BASE32,
    BASE32.map(lambda key: " ".join(key[i : i + 4] for i in range(0, 32, 4))),
    TOKENS,
    KEYS,
    HOOKS,
    OTPAUTH,
)
# What may stand directly around a secret: nothing that would make it part of a longer word.
EDGES = st.sampled_from(
    ["", " ", "\n", "'", '"', "(", ")", "<", ">", ",", ";", ": ", "=", "*", "`"]
)
WORDS = st.text(max_size=20).map(lambda text: f"{text} ")
WRAPPINGS = st.sampled_from([str, repr, quote, quote_plus, ascii])


class TestText:
    @given(secret=SECRETS, before=WORDS, left=EDGES, right=EDGES, after=WORDS, wrap=WRAPPINGS)
    def test_no_secret_survives(  # noqa: PLR0917  # what surrounds it
        self, secret: str, before: str, left: str, right: str, after: str, wrap: Any
    ) -> None:
        text = wrap(f"{before}{left}{secret}{right} {after}")
        shown = redact(text)
        assert secret not in shown
        assert quote(secret) not in shown
        assert BLANK in shown

    @given(
        name=st.sampled_from(
            [
                "password",
                "new_password",
                "code",
                "set_up_code",
                "shared_secret",
                "Authorization",
                "Set-Cookie",
                "SLACK_BOT_TOKEN",
                "REKEY_SECRET_KEYS",
                "response_url",
            ]
        ),
        value=st.text(string.ascii_letters, min_size=3, max_size=20).map(lambda v: f"Q{v}"),
        shape=st.sampled_from(
            [
                "{}={}",
                "{}='{}'",
                "?x=1&{}={}&y=2",
                "{}: '{} and more'",
                '{{"{}": "{}"}}',
                "{{'{}': '{}'}}",
                "{{'{}': b'{}'}}",
                '{{\\"{}\\": \\"{}\\"}}',  # JSON within JSON
                '"{}": "it\\"{}',  # cut off
            ]
        ),
    )
    def test_no_named_value_survives(self, name: str, value: str, shape: str) -> None:
        assert value not in redact(f"before {shape.format(name, value)}")

    @pytest.mark.parametrize(
        "text",
        [
            "wrong code 123456",
            "1 2 3 4 5 6",
            "12 34 56",
            "123-456",
            "123+456",
            "code=123%20456",
            "١٢٣٤٥٦",  # digits, in another script
            "'typed\\n123456'",
            "%22123456%22",
            "payload=%257B%2522value%2522%253A%2522123456%2522%257D",  # encoded twice
            "'\\x00123456'",
            "'\\u00a0123456'",
            "Authorization: Bearer abcdefgh.ijkl",
            "password: correct horse",
            "postgresql+psycopg://rekey:hunter2@db/rekey",
            "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA",
            "v0=" + "0a" * 32,
            "signing 8f742231b10e8888abcd99yyyzzz85a5".replace("y", "0").replace("z", "f"),
            "wss://wss-primary.slack.com/link/?ticket=12ab-34cd&app_id=5",
            "[SQL: UPDATE x]\n[parameters: ('bob@acme.example', 'lost it')]\n",
        ],
    )
    def test_other_shapes_are_blanked(self, text: str) -> None:
        shown = redact(text)
        assert BLANK in shown
        for part in ("123456", "456", "hunter2", "abcdefgh", "correct", "lost", "aGFzaA", "ticket"):
            assert part not in shown

    @pytest.mark.parametrize(
        "text",
        [
            "case_0123456789abcdef0123 completed",
            "contact_12345678901234567890",
            "8c5f1d6e-1234-5678-9abc-123456123456",
            "2026-01-02T03:04:05.123456+00:00",
            "SLACK_BOT_TOKEN: is missing",
            "REKEY_SECRET_KEYS: must be base64 keys",
            "status_code: 200, error_code=7",
            "the team T0123ABCDEF and U0123ABCDEF",
            "The server responded with: {'ok': False, 'error': 'token_expired'}",
            "listening on 127.0.0.1:3000, 8 threads",
            "sqlite3.OperationalError: attempt to write a readonly database",
        ],
    )
    def test_what_is_no_secret_stays(self, text: str) -> None:
        assert redact(text) == text

    @given(st.text(), SECRETS)
    def test_again_changes_nothing(self, text: str, secret: str) -> None:
        once = redact(f"{text} {secret}")
        assert redact(once) == once

    def test_a_long_line_is_quick(self) -> None:
        # Each of these took seconds while a pattern of ours looked back over the whole line.
        for piece in ("passwd", "http://a/", "[parameters: ", "a.", "1 ", "%25", "25"):
            assert redact(f"%{piece * 5_000}")


class TestValues:
    @pytest.mark.parametrize(
        "name",
        ["password", "set_up_code", "code", "codes", "token", "body", "Set-Cookie", "payload"],
    )
    def test_a_secret_name_blanks_whatever_it_holds(self, name: str) -> None:
        for value in ("hunter2", b"hunter2", 7, ["hunter2"], {"a": "hunter2"}):
            assert redact_value({"outer": {name: value}}) == {"outer": {name: BLANK}}

    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            ({"token": None, "body": True}, {"token": None, "body": True}),
            (
                {"a": [("123456", {"b": {"ABCD-EFGH"}})], "123456": 1},
                {"a": [[BLANK, {"b": [BLANK]}]], BLANK: 1},
            ),
            ([1, 12345, 1.5, None, False, "text"], [1, 12345, 1.5, None, False, "text"]),
            ({"typed": 123456}, {"typed": BLANK}),
            (
                [datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), timedelta(minutes=5)],
                ["2026-01-02 03:04:05+00:00", "0:05:00"],
            ),
            ({"given": SecretStr("hunter2")}, {"given": "SecretStr('**********')"}),
            (b"code 123456", f"b'code {BLANK}'"),
            (ValueError("code 123456"), f"code {BLANK}"),
        ],
        ids=["absence", "nested", "plain", "number", "times", "its repr", "bytes", "exception"],
    )
    def test_anything_else_is_looked_into_and_shown(self, value: object, shown: object) -> None:
        assert redact_value(value) == shown


def test_an_event_is_redacted_whole() -> None:
    event = {"event": "typed 123456", "password": "hunter2", "case": "case_0123456789abcdef0123"}
    assert redact_event(None, "info", event) == {
        "event": f"typed {BLANK}",
        "password": BLANK,
        "case": "case_0123456789abcdef0123",
    }
