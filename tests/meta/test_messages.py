"""Every message can be read aloud to a stranger."""

import re

import pytest

from bot.blocks.wording import utc
from bot.domain.model.notices import NoticeKind
from tests.fakes import NOON
from tests.meta.messages import buttons_of, drawn, receivers, words_of
from tests.unit.blocks.samples import BOB, HELP_CONTACT, case, notice_view

TO_SUBSCRIBERS = [
    kind
    for kind in NoticeKind
    if receivers()[kind].startswith(("subscriber", "person", "requester"))
]
TO_THE_ADMIN_ALONE = {NoticeKind.CONFIRM_ASKED, NoticeKind.OUTCOME}
ANSWERS = {NoticeKind.REPLY, NoticeKind.CASE_ACT_DONE}
JUST_HAPPENED = [
    NoticeKind.HANDED_OVER,
    NoticeKind.SUBSCRIBER_HANDED_OVER,
    NoticeKind.VETO_REPORTED,
    NoticeKind.VETO_TAKEN,
    NoticeKind.REINSTATED,
    NoticeKind.SUBSCRIBER_LAPSED,
    NoticeKind.LAPSED,
    NoticeKind.OPERATOR_ACTED,
    NoticeKind.IDENTITY_BOUND,
    NoticeKind.IDENTITY_REPLACED,
    NoticeKind.ALERT,
    NoticeKind.UNDELIVERABLE,
    NoticeKind.CASE_TAKEN_OVER,
]
NOTHING_TO_DO = {NoticeKind.ADMIN_ENROLLED, NoticeKind.OUTCOME}
NEXT = re.compile(
    r"what to do (?:next|now)|\b(?:call|ask|press|answer|tell|open|type|sign in|nothing left)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("kind", NoticeKind)
def test_it_says_to_whom_it_goes_in_the_reference(kind: NoticeKind) -> None:
    assert receivers()[kind]


@pytest.mark.parametrize("kind", [kind for kind in NoticeKind if kind not in ANSWERS])
def test_it_says_about_whom_it_is_and_what_to_do_next(kind: NoticeKind) -> None:
    words = words_of(drawn(kind))
    about = "head of the audit chain" if kind is NoticeKind.AUDIT_HEAD else BOB.name
    own = re.search(r"\byour?\b", words)
    assert about in words or own
    assert NEXT.search(words) or kind in NOTHING_TO_DO


@pytest.mark.parametrize("kind", [kind for kind in NoticeKind if kind is not NoticeKind.REPLY])
def test_it_names_a_day(kind: NoticeKind) -> None:
    assert "1 January 2026" in words_of(drawn(kind))


@pytest.mark.parametrize("kind", JUST_HAPPENED)
def test_it_says_when_that_happened(kind: NoticeKind) -> None:
    assert notice_view(kind).written_at == NOON
    others = re.sub(r"\nTime: .*", "", words_of(drawn(kind)))  # of the sign-in, which came before
    assert utc(NOON) in others


@pytest.mark.parametrize("kind", TO_SUBSCRIBERS)
def test_it_tells_the_subscriber_whom_to_call(kind: NoticeKind) -> None:
    assert HELP_CONTACT in words_of(drawn(kind))


@pytest.mark.parametrize("kind", [kind for kind in NoticeKind if kind not in TO_THE_ADMIN_ALONE])
def test_it_tells_nobody_else_the_reason(kind: NoticeKind) -> None:
    assert (case().reason or "") not in drawn(kind).text + words_of(drawn(kind))


@pytest.mark.parametrize("kind", NoticeKind)
def test_it_holds_no_code(kind: NoticeKind) -> None:
    said = words_of(drawn(kind))
    assert not re.search(r"\b\d{3} ?\d{3}\b|\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", said)


@pytest.mark.parametrize("kind", NoticeKind)
def test_its_text_for_screen_readers_says_what_it_is_about(kind: NoticeKind) -> None:
    message = drawn(kind)
    first = words_of(message).splitlines()[0]
    assert first.rstrip("?.")[:40] in message.text.replace("&amp;", "&")


def test_buttons_say_what_they_do() -> None:
    labels = {label for kind in NoticeKind for label in buttons_of(drawn(kind))}
    assert labels >= {"Yes", "No", "This wasn't me", "Show the set-up code"}
    assert {label for label in labels if len(label) < 4} == {"Yes", "No"}
