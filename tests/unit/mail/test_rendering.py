"""Every kind of message as an e-mail; what it says otherwise stands in `views.md`."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from bot.blocks.elements import Drawn, actions, button, markup
from bot.blocks.ids import ActionId
from bot.blocks.wording import utc
from bot.domain.model.notices import Channel, NoticeKind
from bot.domain.model.views import NoticeView
from bot.mail.rendering import Mail, as_mail
from tests.fakes import NOON
from tests.unit.blocks.samples import (
    HELP_CONTACT,
    HOSTILE,
    LONGEST,
    WIDEST,
    hostile_notice_view,
    notice_view,
)
from tests.unit.blocks.variants import TO_SUBSCRIBERS, WITHOUT_SLACK, message, notice

HTML = "<b>x</b><script>y()</script>\"'><img src=z onerror=1>"


def mail_of(view: NoticeView, help_contact: str | None = HELP_CONTACT) -> Mail:
    by_mail = replace(view, notice=replace(view.notice, channel=Channel.EMAIL))
    return as_mail(message(by_mail, help_contact), written_at=NOON)


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
        assert utc(NOON) in mail.text
        assert f"call {HELP_CONTACT}" in mail.text
        for left_out in ("button", "sess_", "<!", "*", "&amp;", "^"):
            assert left_out not in mail.text

    def test_names_slack_only_to_those_who_have_it(self, kind: NoticeKind) -> None:
        if kind not in {NoticeKind.IDENTITY_BOUND, NoticeKind.IDENTITY_REPLACED}:
            gone = notice(kind, recipient=WITHOUT_SLACK, subject=WITHOUT_SLACK)
            assert "Slack" not in mail_of(gone).text


def test_without_a_heading_the_first_words_are_the_subject() -> None:
    mail = mail_of(notice(NoticeKind.SET_UP_WAITING, session=None))
    assert mail.text.startswith(mail.subject)


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
