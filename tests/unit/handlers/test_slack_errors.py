"""What is logged of an answer of Slack's."""

import pytest

from bot.handlers.slack_errors import word_of


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ({"ok": False, "error": "hash_conflict"}, "hash_conflict"),
        ({"ok": False, "error": "Bob Brown <bob@acme.example>"}, "no word of Slack's"),
        ({"ok": False, "error": {"text": "Bob Brown"}}, "no word of Slack's"),
        ({"ok": False}, "no word of Slack's"),
        ("<html>", "no word of Slack's"),
    ],
)
def test_is_slacks_word_and_never_free_text(answer: object, word: str) -> None:
    assert word_of(answer) == word
