"""CSRF tokens fit one browser in one session."""

from bot.portal.csrf import csrf_token, fits

KEY = b"k" * 32


def test_fits_no_other() -> None:
    inside = csrf_token(KEY, browser="b", session="s")
    assert fits(inside, KEY, browser="b", session="s")
    assert not fits(inside, KEY, browser="b", session=None)
    token = csrf_token(KEY, browser="b", session=None)
    assert fits(token, KEY, browser="b", session=None)
    assert not fits(token, KEY, browser="other", session=None)
    assert not fits(token, KEY, browser="b", session="s")
    assert not fits(token, b"x" * 32, browser="b", session=None)
    assert not fits("", KEY, browser="b", session=None)
    assert not fits("\u00fc", KEY, browser="b", session=None)


def test_without_a_browser_cookie_nothing_fits() -> None:
    assert not fits(csrf_token(KEY, browser="", session=None), KEY, browser=None, session=None)
