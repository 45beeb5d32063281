"""What is said of a set-up undone, of a suspension and of its end, to each side."""

from dataclasses import replace

import pytest

from bot.blocks.elements import Drawn
from bot.blocks.notices import draw
from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.notices import Channel, NoticeKind
from bot.domain.model.views import NoticeView
from tests.unit.blocks.rules import as_json, by_action, words_of
from tests.unit.blocks.samples import (
    ALICE,
    BOB,
    HELP_CONTACT,
    PORTAL_URL,
    contact,
    notice_view,
)

DAY = "15 January 2026, 12:01 UTC"
REMINDERS = [NoticeKind.SUBSCRIBER_REMINDED, NoticeKind.OWNER_REMINDED, NoticeKind.ADMIN_DIGEST]


def drawn(view: NoticeView) -> Drawn:
    return draw(view, portal_url=PORTAL_URL, help_contact=HELP_CONTACT)


def of_kind(view: NoticeView, kind: CaseKind) -> NoticeView:
    """Return the same notice about a case that no admin opened."""
    assert view.case is not None
    case = replace(view.case, case=replace(view.case.case, kind=kind), admin=None)
    return replace(view, case=case, stale=(case,) * len(view.stale))


@pytest.mark.parametrize("kind", REMINDERS)
def test_a_reminder_names_the_day_of_the_suspension(kind: NoticeKind) -> None:
    assert DAY in words_of(drawn(notice_view(kind)).blocks)


@pytest.mark.parametrize("kind", REMINDERS)
def test_the_day_is_shown_in_the_readers_own_zone_and_in_utc_where_that_cannot_be(
    kind: NoticeKind,
) -> None:
    message = drawn(notice_view(kind))
    assert as_json(message.blocks).count(DAY) == as_json(message.blocks).count(f"time}}|{DAY}>")
    assert (DAY in message.text) is (kind is not NoticeKind.ADMIN_DIGEST)


@pytest.mark.parametrize("kind", REMINDERS)
@pytest.mark.parametrize("said", [None, "soon", "2026-01-15T12:01:00"])
def test_without_a_day_that_can_be_read_none_is_named(kind: NoticeKind, said: str | None) -> None:
    view = notice_view(kind)
    facts = {key: said for key in view.notice.facts if said is not None}
    words = words_of(drawn(replace(view, notice=replace(view.notice, facts=facts))).blocks)
    assert "suspended" not in words


@pytest.mark.parametrize(
    "kind",
    [
        NoticeKind.OWNER_RESET,
        NoticeKind.OWNER_REMINDED,
        NoticeKind.VETO_REPORTED,
        NoticeKind.LAPSED,
        NoticeKind.SPARED,
    ],
)
def test_owners_of_another_account_do_not_hear_of_this_one(kind: NoticeKind) -> None:
    view = notice_view(kind)
    elsewhere = replace(contact("Dana Drew", key="dana"), memberships=())
    for recipient, hears in (
        (contact("Carol Cole", key="carol"), True),
        (elsewhere, False),
        (None, True),  # the audit channel
    ):
        message = drawn(replace(view, recipient=recipient))
        assert ("Acme Ltd" in words_of(message.blocks) + message.text) is hears


class TestFirstSetUp:
    def test_reminder_speaks_of_no_reset_and_no_older_entry(self) -> None:
        view = of_kind(notice_view(NoticeKind.SUBSCRIBER_REMINDED), CaseKind.FIRST_SET_UP)
        words = words_of(drawn(view).blocks)
        assert "You signed in for the first time" in words
        for word in ("Reset by", "older entry", "the operator", "again"):
            assert word not in words

    def test_owners_hear_of_a_sign_in(self) -> None:
        view = of_kind(notice_view(NoticeKind.OWNER_REMINDED), CaseKind.FIRST_SET_UP)
        words = words_of(drawn(view).blocks)
        assert "Bob Brown has not set 2FA up yet" in words
        assert "First sign-in" in words
        assert "the reset" not in words

    def test_digest_names_cases(self) -> None:
        view = of_kind(notice_view(NoticeKind.ADMIN_DIGEST), CaseKind.FIRST_SET_UP)
        words = words_of(drawn(view).blocks)
        assert "2 of your cases wait for a set-up" in words
        assert "• Bob Brown\nSigned in for the first time on <!date^1767268860^" in words

    def test_admin_who_took_it_over_hears_no_again(self) -> None:
        view = of_kind(notice_view(NoticeKind.ADMIN_ENROLLED), CaseKind.FIRST_SET_UP)
        assert "Bob Brown has set 2FA up. " in drawn(view).text


def test_reminder_of_an_operators_case_names_the_operator() -> None:
    view = of_kind(notice_view(NoticeKind.SUBSCRIBER_REMINDED), CaseKind.OPERATOR)
    words = words_of(drawn(view).blocks)
    assert "Required by" in words
    assert "the operator" in words


class TestThisWasNotMe:
    @pytest.mark.parametrize(
        "kind",
        [
            NoticeKind.SUBSCRIBER_RESET,
            NoticeKind.SUBSCRIBER_ENROLLED,
            NoticeKind.SUBSCRIBER_REMINDED,
            NoticeKind.SUBSCRIBER_LAPSED,
            NoticeKind.SUBSCRIBER_HANDED_OVER,
            NoticeKind.SET_UP_WAITING,
            NoticeKind.REINSTATED,
        ],
    )
    def test_every_message_to_the_subscriber_about_a_case_has_the_button(
        self, kind: NoticeKind
    ) -> None:
        view = notice_view(kind)
        message = drawn(view)
        assert view.case is not None
        assert by_action(message.blocks)["reset_report"]["value"] == view.case.case.id
        assert HELP_CONTACT in message.text

    @pytest.mark.parametrize("state", [CaseState.AWAITING_CONFIRMATION, CaseState.EXECUTING])
    def test_sign_in_that_waits_on_a_case_still_open_has_none(self, state: CaseState) -> None:
        """Nothing was done yet that could be reported."""
        view = notice_view(NoticeKind.SET_UP_WAITING)
        assert view.case is not None
        case = replace(view.case, case=replace(view.case.case, state=state))
        message = drawn(replace(view, case=case))
        assert set(by_action(message.blocks)) == {"show_set_up_code"}
        assert "This wasn't me" not in message.text


class TestReinstated:
    def test_subscriber_is_told_who_and_how_to_go_on(self) -> None:
        text = drawn(notice_view(NoticeKind.REINSTATED)).text
        assert "The suspension was lifted by Alice Archer." in text
        assert f"Sign in at {PORTAL_URL} with your password, and set 2FA up again." in text

    def test_without_a_case_the_operator_lifted_it_and_nothing_is_to_be_set_up(self) -> None:
        message = drawn(replace(notice_view(NoticeKind.REINSTATED), case=None))
        assert "lifted by the operator" in message.text
        assert "with your password, as before" in message.text
        assert by_action(message.blocks) == {}

    def test_others_are_told_what_follows(self) -> None:
        view = replace(notice_view(NoticeKind.REINSTATED), recipient=ALICE, subject=BOB)
        message = drawn(view)
        assert "Bob Brown has to set 2FA up at the next sign-in" in message.text
        assert by_action(message.blocks) == {}
        assert "has to set 2FA up" not in drawn(replace(view, case=None)).text


def test_report_says_of_a_hand_over_who_else_may_not_lift_it() -> None:
    view = notice_view(NoticeKind.VETO_REPORTED)
    words = "Whoever handed the set-up code over cannot lift it either."
    assert words not in drawn(view).text
    handed_over = replace(view, notice=replace(view.notice, facts={"handed_over": "yes"}))
    assert words in drawn(handed_over).text


@pytest.mark.parametrize("kind", [NoticeKind.LAPSED, NoticeKind.SPARED])
def test_whoever_looks_after_it_is_told_what_to_do_next(kind: NoticeKind) -> None:
    text = drawn(replace(notice_view(kind), recipient=ALICE)).text
    assert "call Bob Brown on the number on file" in text
    assert ("lifts the suspension by a new /reset-2fa" in text) == (kind is NoticeKind.LAPSED)


@pytest.mark.parametrize("kind", [NoticeKind.SUBSCRIBER_LAPSED, NoticeKind.REINSTATED])
def test_e_mail_says_whom_to_call(kind: NoticeKind) -> None:
    view = notice_view(kind)
    mail = drawn(replace(view, notice=replace(view.notice, channel=Channel.EMAIL)))
    assert f"call {HELP_CONTACT}" in mail.text
