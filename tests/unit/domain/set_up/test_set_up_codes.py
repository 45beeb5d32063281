"""What a set-up code looks like, and what is stored of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.model.ids import SessionId
from bot.domain.set_up.set_up_codes import (
    ALPHABET,
    hash_set_up_code,
    new_set_up_code,
    normalise_set_up_code,
    show_set_up_code,
)

HERE, THERE = SessionId("session_1"), SessionId("session_2")


def test_code_holds_forty_bits_in_letters_that_have_one_reading() -> None:
    assert len(set(ALPHABET)) ** len(new_set_up_code()) == 2**40
    assert not set("ILOU") & set(ALPHABET)


def test_codes_differ() -> None:
    assert len({new_set_up_code() for _ in range(100)}) == 100


def test_shown_as_two_groups_of_four() -> None:
    assert show_set_up_code("7GK2M9QX") == "7GK2-M9QX"


@given(st.text(alphabet=ALPHABET, min_size=8, max_size=8))
def test_what_is_shown_is_read_back(code: str) -> None:
    shown = show_set_up_code(code)
    assert normalise_set_up_code(shown) == code
    assert normalise_set_up_code(shown.lower().replace("-", " ")) == code


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param(" 7gk2m9qx\n", "7GK2M9QX", id="lower case, no hyphen, blanks around"),
        pytest.param("OIL0-1234", "01101234", id="letters that look like digits"),
        pytest.param("7GK2-M9Q", None, id="too short"),
        pytest.param("7GK2-M9QXX", None, id="too long"),
        pytest.param("7GK2-M9QU", None, id="a letter that no code has"),
        pytest.param("\uff17GK2-M9QX", None, id="a full-width digit"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_normalising(typed: str, meant: str | None) -> None:
    assert normalise_set_up_code(typed) == meant


def test_hash_fits_one_code_one_session_and_one_pepper() -> None:
    stored = hash_set_up_code("7GK2M9QX", HERE, pepper=b"a")
    assert stored == hash_set_up_code("7GK2M9QX", HERE, pepper=b"a")
    others = {
        hash_set_up_code("7GK2M9QY", HERE, pepper=b"a"),
        hash_set_up_code("7GK2M9QX", THERE, pepper=b"a"),
        hash_set_up_code("7GK2M9QX", HERE, pepper=b"b"),
    }
    assert stored not in others
    assert len(others) == 3
    assert "7GK2M9QX" not in stored
