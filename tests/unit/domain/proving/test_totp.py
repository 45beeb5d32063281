"""RFC 6238, with its own test vectors."""

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from bot.domain.proving import totp

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
"""Appendix B's shared secret for SHA-1."""

NOW = datetime(2026, 1, 1, 12, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "step", "eight_digits"),
    [
        (59, 0x1, "94287082"),
        (1111111109, 0x23523EC, "07081804"),
        (1111111111, 0x23523ED, "14050471"),
        (1234567890, 0x273EF07, "89005924"),
        (2000000000, 0x3F940AA, "69279037"),
        (20000000000, 0x27BC86AA, "65353130"),
    ],
)
def test_the_vectors_of_appendix_b(seconds: int, step: int, eight_digits: str) -> None:
    instant = datetime.fromtimestamp(seconds, tz=UTC)
    assert totp.step_at(instant) == step
    assert totp.code_at(RFC_SECRET, step) == eight_digits[-6:]
    assert pyotp.TOTP(RFC_SECRET, digits=8).generate_otp(step) == eight_digits


@pytest.mark.parametrize("skew", [-1, 0, 1])
def test_a_step_on_either_side_matches(skew: int) -> None:
    step = totp.step_at(NOW) + skew
    code = totp.code_at(RFC_SECRET, step)
    assert totp.matching_step(RFC_SECRET, code, now=NOW) == step


@pytest.mark.parametrize("skew", [-2, 2])
def test_two_steps_away_is_wrong(skew: int) -> None:
    code = totp.code_at(RFC_SECRET, totp.step_at(NOW) + skew)
    assert totp.matching_step(RFC_SECRET, code, now=NOW) is None


def test_the_edge_of_a_step_is_the_next_ones() -> None:
    start = datetime.fromtimestamp(30 * 1000, tz=UTC)
    assert totp.step_at(start) == 1000
    assert totp.step_at(start - timedelta(microseconds=1)) == 999


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("123456", "123456"),
        (" 123 456 ", "123456"),
        ("1 2 3 4 5 6", "123456"),
        ("12345", None),
        ("1234567", None),
        ("12345a", None),
        ("", None),
        ("123-456", None),
        (
            "\uff11\uff12\uff13\uff14\uff15\uff16",
            None,
        ),  # full-width digits are digits to str.isdigit
        ("\u0661\u0662\u0663\u0664\u0665\u0666", None),
    ],
)
def test_only_six_ascii_digits_are_a_code(typed: str, code: str | None) -> None:
    assert totp.normalise_code(typed) == code


def test_a_new_shared_secret_has_160_bits_and_is_never_the_same() -> None:
    secrets = {totp.new_shared_secret() for _ in range(20)}
    assert len(secrets) == 20
    assert all(len(base64.b32decode(secret)) == 20 for secret in secrets)


def test_the_uri_names_issuer_and_label() -> None:
    uri = urlsplit(totp.otpauth_uri(RFC_SECRET, label="bob 2026-01-01", issuer="Rekey Portal"))
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert uri.path == "/Rekey%20Portal:bob%202026-01-01"
    assert parse_qs(uri.query) == {"secret": [RFC_SECRET], "issuer": ["Rekey Portal"]}
