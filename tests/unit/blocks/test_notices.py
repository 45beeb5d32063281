"""What the messages carry, and what they keep from whom; their words stand in `views.md`."""

from dataclasses import replace
from typing import Any

import pytest

from bot.blocks.elements import Drawn
from bot.domain.model.cases import CaseState
from bot.domain.model.notices import Channel, NoticeKind
from bot.mail.rendering import as_mail
from tests.fakes import NOON
from tests.unit.blocks import samples
from tests.unit.blocks.rules import as_json, assert_message_is_valid, by_action, words_of
from tests.unit.blocks.samples import (
    HELP_CONTACT,
    LONGEST,
    PORTAL_URL,
    WIDEST,
    case_view,
    contact,
    hostile_notice_view,
    notice_view,
)
from tests.unit.blocks.variants import FIRST, message, notice

DAY = "15 January 2026, 12:01 UTC"
CASE = case_view().case.id
REMINDERS = [NoticeKind.SUBSCRIBER_REMINDED, NoticeKind.OWNER_REMINDED, NoticeKind.ADMIN_DIGEST]


def seen(drawn: Drawn) -> str:
    return f"{drawn.text}\n{words_of(drawn.blocks)}"


def values(drawn: Drawn) -> dict[str, str | None]:
    """Return what each button carries, or where it leads, by its id."""
    return {
        name: part.get("value", part.get("url")) for name, part in by_action(drawn.blocks).items()
    }


class TestButtons:
    @pytest.mark.parametrize(
        ("kind", "buttons"),
        [
            (NoticeKind.CONFIRM_ASKED, {"reset_yes": CASE, "reset_no": CASE}),
            (NoticeKind.OUTCOME, {}),
            (NoticeKind.SUBSCRIBER_RESET, {"open_set_up": PORTAL_URL, "reset_report": CASE}),
            (NoticeKind.SUBSCRIBER_REMINDED, {"open_set_up": PORTAL_URL, "reset_report": CASE}),
            (NoticeKind.SUBSCRIBER_ENROLLED, {"reset_report": CASE}),
            (NoticeKind.SUBSCRIBER_LAPSED, {"reset_report": CASE}),
            (NoticeKind.SUBSCRIBER_HANDED_OVER, {"reset_report": CASE}),
            (
                NoticeKind.SET_UP_WAITING,
                {"show_set_up_code": samples.session().id, "reset_report": CASE},
            ),
            (NoticeKind.REINSTATED, {"open_set_up": PORTAL_URL, "reset_report": CASE}),
        ],
    )
    def test_carry_an_id_and_nothing_else(self, kind: NoticeKind, buttons: dict[str, str]) -> None:
        drawn = message(notice(kind))
        assert values(drawn) == buttons
        if "reset_report" in buttons:
            assert by_action(drawn.blocks)["reset_report"]["style"] == "danger"
            assert HELP_CONTACT in drawn.text

    @pytest.mark.parametrize(
        ("kind", "changes"),
        [
            (NoticeKind.SUBSCRIBER_ENROLLED, {"case": None}),
            (NoticeKind.SUBSCRIBER_HANDED_OVER, {"case": None, "session": None}),
            (NoticeKind.SET_UP_WAITING, {"session": None}),
            (NoticeKind.REINSTATED, {"case": None}),
            (NoticeKind.REINSTATED, {"recipient": samples.ALICE}),
        ],
    )
    def test_none_without_what_they_would_be_about(
        self, kind: NoticeKind, changes: dict[str, Any]
    ) -> None:
        assert values(message(notice(kind, **changes))) == {}

    @pytest.mark.parametrize("state", CaseState)
    def test_none_once_the_question_is_answered(self, state: CaseState) -> None:
        drawn = message(notice(NoticeKind.OUTCOME, case=case_view(state)))
        assert_message_is_valid(drawn.text, drawn.blocks)
        assert values(drawn) == {}
        assert "Bob Brown" in drawn.text

    @pytest.mark.parametrize("state", [CaseState.AWAITING_CONFIRMATION, CaseState.EXECUTING])
    def test_nothing_can_be_reported_before_anything_was_done(self, state: CaseState) -> None:
        drawn = message(notice(NoticeKind.SET_UP_WAITING, case=case_view(state)))
        assert set(values(drawn)) == {"show_set_up_code"}
        assert "This wasn't me" not in drawn.text


class TestWhoLearnsWhat:
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
    def test_owners_of_another_account_do_not_hear_of_this_one(self, kind: NoticeKind) -> None:
        elsewhere = replace(contact("Dana Drew", key="dana"), memberships=())
        for recipient, hears in (
            (contact("Carol Cole", key="carol"), True),
            (elsewhere, False),
            (None, True),  # the audit channel
        ):
            assert ("Acme Ltd" in seen(message(notice(kind, recipient=recipient)))) is hears

    @pytest.mark.parametrize(
        ("kind", "changes", "kept"),
        [
            (NoticeKind.ALERT, {}, ["Lost his phone", "HD-42", "back the number"]),
            (NoticeKind.OWNER_RESET, {}, ["Lost his phone"]),
            (NoticeKind.OWNER_RESET, {"recipient": None}, ["Lost his phone", "calling back"]),
            (NoticeKind.HANDED_OVER, {}, ["Lost his phone", "192.0.2.7"]),
            (
                NoticeKind.REQUEST_ENDED,
                {"of": {"ended_reason": "admin_suspended"}},
                ["suspended", "Alice Archer"],
            ),
        ],
    )
    def test_they_learn_no_more_than_they_have_to(
        self, kind: NoticeKind, changes: dict[str, Any], kept: list[str]
    ) -> None:
        told = seen(message(notice(kind, **changes)))
        assert [words for words in kept if words in told] == []

    @pytest.mark.parametrize("kind", [NoticeKind.SUBSCRIBER_REMINDED, NoticeKind.OWNER_REMINDED])
    def test_a_first_set_up_was_never_a_reset(self, kind: NoticeKind) -> None:
        assert "reset" not in seen(message(notice(kind, of=FIRST))).lower()


class TestDays:
    @pytest.mark.parametrize("kind", REMINDERS)
    def test_the_day_of_the_suspension_is_shown_in_the_readers_own_zone(
        self, kind: NoticeKind
    ) -> None:
        drawn = message(notice(kind))
        shown = as_json(drawn.blocks)
        assert shown.count(DAY) == shown.count(
            f"<!date^1768478460^{{date_short_pretty}} at {{time}}|{DAY}>"
        )
        assert DAY in shown
        assert (DAY in drawn.text) is (kind is not NoticeKind.ADMIN_DIGEST)

    @pytest.mark.parametrize("kind", REMINDERS)
    @pytest.mark.parametrize("said", [None, "soon", "2026-01-15T12:01:00"])
    def test_without_a_day_that_can_be_read_none_is_named(
        self, kind: NoticeKind, said: str | None
    ) -> None:
        view = notice_view(kind)
        facts = {key: said for key in view.notice.facts if said is not None}
        drawn = message(replace(view, notice=replace(view.notice, facts=facts)))
        assert "suspended" not in words_of(drawn.blocks)


class TestPerhapsAgain:
    AGAIN = "You may have had this message already"

    @pytest.mark.parametrize("kind", NoticeKind)
    @pytest.mark.parametrize("text", ["Bob Brown", LONGEST, WIDEST], ids=["plain", "long", "wide"])
    def test_every_kind_says_so_within_slacks_limits(self, kind: NoticeKind, text: str) -> None:
        view = hostile_notice_view(kind, text)
        drawn = message(replace(view, in_doubt=True))
        assert_message_is_valid(drawn.text, drawn.blocks)
        says_so = kind is not NoticeKind.REQUEST_CHANGED
        has_room = len(message(view).text) < 3900
        assert (self.AGAIN in drawn.text) is (says_so and has_room)
        assert (self.AGAIN in as_json(drawn.blocks)) is says_so
        assert self.AGAIN not in message(view).text

    def test_what_takes_the_place_of_another_message_never_is_there_twice(self) -> None:
        view = notice_view(NoticeKind.OUTCOME)
        in_place = replace(view, notice=replace(view.notice, replace_original=True))
        assert message(replace(in_place, in_doubt=True)) == message(in_place)

    def test_an_e_mail_says_so_too(self) -> None:
        view = notice(NoticeKind.SUBSCRIBER_RESET, channel=Channel.EMAIL, in_doubt=True)
        assert self.AGAIN in as_mail(message(view), written_at=NOON).text


def test_the_digest_names_twenty_and_counts_the_rest() -> None:
    view = notice(NoticeKind.ADMIN_DIGEST, stale=(case_view(),) * 23)
    words = words_of(message(view).blocks)
    assert words.count("• Bob Brown") == 20
    assert "and 3 more" in words


def test_without_a_help_contact_people_call_their_help_desk() -> None:
    drawn = message(notice(NoticeKind.SUBSCRIBER_RESET), help_contact=None)
    assert "call your help desk" in words_of(drawn.blocks)


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        (NoticeKind.OUTCOME, "case"),
        (NoticeKind.SUBSCRIBER_RESET, "case"),
        (NoticeKind.CASE_ACT_DONE, "case"),
        (NoticeKind.CASE_TAKEN_OVER, "case"),
        (NoticeKind.CASE_TAKEN_OVER, "subject"),
    ],
)
def test_a_notice_without_what_it_is_about_is_a_lookup_error(
    kind: NoticeKind, missing: str
) -> None:
    without: dict[str, None] = {missing: None}
    with pytest.raises(LookupError):
        message(notice(kind, **without))  # type: ignore[arg-type]  # either of the two
