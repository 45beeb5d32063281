"""Every kind of message as an e-mail, with ordinary and with hostile values."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from bot.blocks.elements import Drawn, actions, button, markup
from bot.blocks.ids import ActionId
from bot.blocks.notices import draw
from bot.domain.model.notices import Channel, NoticeKind
from bot.domain.model.views import NoticeView
from bot.mail.rendering import Mail, as_mail
from tests.unit.blocks.samples import (
    HELP_CONTACT,
    HOSTILE,
    LONGEST,
    NOON,
    PORTAL_URL,
    WIDEST,
    hostile_notice_view,
    notice_view,
)

TO_SUBSCRIBERS = [
    NoticeKind.SUBSCRIBER_RESET,
    NoticeKind.SET_UP_WAITING,
    NoticeKind.SUBSCRIBER_ENROLLED,
    NoticeKind.SUBSCRIBER_REMINDED,
    NoticeKind.SUBSCRIBER_HANDED_OVER,
    NoticeKind.SUBSCRIBER_LAPSED,
    NoticeKind.REINSTATED,
    NoticeKind.VETO_TAKEN,
    NoticeKind.OPERATOR_ACTED,
    NoticeKind.IDENTITY_BOUND,
    NoticeKind.IDENTITY_REPLACED,
]
HTML = "<b>x</b><script>y()</script>\"'><img src=z onerror=1>"


def mail_of(view: NoticeView, help_contact: str | None = HELP_CONTACT) -> Mail:
    by_mail = replace(view, notice=replace(view.notice, channel=Channel.EMAIL))
    drawn = draw(by_mail, portal_url=PORTAL_URL, help_contact=help_contact)
    return as_mail(drawn, written_at=NOON)


def without_slack(kind: NoticeKind) -> NoticeView:
    view = notice_view(kind)
    assert view.recipient is not None
    nobody_there = replace(view.recipient, slack=None)
    return replace(view, recipient=nobody_there, subject=nobody_there)


class Reader(HTMLParser):
    """Collects which elements a page has, and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.words += f"{data}\n"


OURS = {"html", "head", "meta", "title", "body", "h1", "p", "br", "table", "tr", "th", "td"}


@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("text", [HOSTILE, LONGEST, WIDEST, HTML, "", "a\r\nBcc: x"], ids=repr)
def test_nothing_that_people_typed_becomes_markup_or_a_header(kind: NoticeKind, text: str) -> None:
    mail = mail_of(hostile_notice_view(kind, text), help_contact=text)
    assert mail.subject.isprintable()
    assert 0 < len(mail.subject) <= 150
    assert Reader(mail.html).tags <= OURS
    assert "\u202e" not in mail.text
    assert "\0" not in mail.text


@pytest.mark.parametrize("kind", NoticeKind)
def test_html_says_the_same_as_the_text(kind: NoticeKind) -> None:
    mail = mail_of(notice_view(kind))
    shown = Reader(mail.html).words
    for line in mail.text.splitlines():
        for words in line.split(": ", 1):
            assert words in shown
    assert mail.subject in shown


@pytest.mark.parametrize("kind", TO_SUBSCRIBERS)
class TestToSubscribers:
    def test_says_when_and_whom_to_call_and_asks_for_no_button(self, kind: NoticeKind) -> None:
        mail = mail_of(notice_view(kind))
        assert "1 January 2026, 12:00 UTC" in mail.text
        assert f"call {HELP_CONTACT}" in mail.text
        assert "button" not in mail.text
        for markup_of_slack in ("<!", "*", "&amp;", "^"):
            assert markup_of_slack not in mail.text

    def test_names_slack_only_to_those_who_have_it(self, kind: NoticeKind) -> None:
        if kind not in {NoticeKind.IDENTITY_BOUND, NoticeKind.IDENTITY_REPLACED}:
            assert "Slack" not in mail_of(without_slack(kind)).text


class TestSubscriberReset:
    def test_says_who_what_when_how_and_where(self) -> None:
        mail = mail_of(notice_view(NoticeKind.SUBSCRIBER_RESET))
        assert mail.subject == "Your 2FA was reset"
        for words in (
            "Who did it: Alice Archer\n",
            "Account: Acme Ltd\n",
            "When: 1 January 2026, 12:01 UTC\n",
            "You were proven: by calling back the number on file",
            f"1. Open the sign-in page: {PORTAL_URL}\n",
            "writes to you in Slack",
            "In Slack, also press “This wasn't me”.",
            "Nobody ever asks you for a code",
        ):
            assert words in mail.text

    def test_without_slack_the_code_comes_by_hand(self) -> None:
        mail = mail_of(without_slack(NoticeKind.SUBSCRIBER_RESET))
        assert f"To get it, call {HELP_CONTACT}: an administrator gives it to you" in mail.text


class TestSetUpWaiting:
    def test_shows_where_from_and_sends_to_slack_for_the_code(self) -> None:
        mail = mail_of(notice_view(NoticeKind.SET_UP_WAITING))
        for words in ("Firefox on Linux", "192.0.2.7", "Then open Slack"):
            assert words in mail.text
        assert "sess_" not in mail.text + mail.html

    def test_without_slack_an_administrator_gives_the_code(self) -> None:
        mail = mail_of(without_slack(NoticeKind.SET_UP_WAITING))
        assert f"To get the code, call {HELP_CONTACT}: an administrator" in mail.text

    def test_of_an_ended_session_has_its_words_as_the_subject(self) -> None:
        mail = mail_of(replace(notice_view(NoticeKind.SET_UP_WAITING), session=None))
        assert mail.subject.startswith("A sign-in that waited for your set-up code has ended.")


def test_buttons_are_left_out_with_what_they_carry() -> None:
    row = actions(button(ActionId.RESET_REPORT, "This wasn't me", value="case_1"))
    mail = as_mail(Drawn("words", ({"type": "divider"}, row)), written_at=NOON)
    assert "case_1" not in mail.text + mail.html


def test_block_that_has_no_words_here_is_not_left_out_unnoticed() -> None:
    with pytest.raises(LookupError, match="rich_text"):
        as_mail(Drawn("words", ({"type": "rich_text"},)), written_at=NOON)


def test_our_own_markup_is_undone() -> None:
    block = {"type": "section", "text": markup("*Now* &lt;b&gt; <!date^1^{time}|12:00 UTC>")}
    assert "Now <b> 12:00 UTC\n" in as_mail(Drawn("words", (block,)), written_at=NOON).text
