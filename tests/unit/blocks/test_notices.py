"""Every kind of message, drawn with ordinary and with hostile values."""

from dataclasses import replace

import pytest

from bot.blocks.elements import Drawn
from bot.blocks.notices import draw
from bot.domain.model.cases import CaseState
from bot.domain.model.notices import Channel, NoticeKind
from bot.domain.model.views import NoticeView
from bot.mail.rendering import as_mail
from tests.unit.blocks.rules import (
    as_json,
    assert_markup_is_ours,
    assert_message_is_valid,
    assert_text_is_inert,
    by_action,
    objects_in,
    words_of,
)
from tests.unit.blocks.samples import (
    ALICE,
    BOB,
    HELP_CONTACT,
    LONGEST,
    NOON,
    PORTAL_URL,
    WIDEST,
    case_view,
    hostile_notice_view,
    notice_view,
)


def drawn(view: NoticeView, help_contact: str | None = HELP_CONTACT) -> Drawn:
    return draw(view, portal_url=PORTAL_URL, help_contact=help_contact)


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_is_drawn_within_slacks_limits(kind: NoticeKind) -> None:
    message = drawn(notice_view(kind))
    assert_message_is_valid(message.text, message.blocks)


@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("text", [LONGEST, WIDEST, "", " \n", "x" * 255], ids=repr)
def test_hostile_values_stay_within_limits_and_inert(kind: NoticeKind, text: str) -> None:
    message = drawn(hostile_notice_view(kind, text), help_contact=text)
    assert_message_is_valid(message.text, message.blocks)
    assert_markup_is_ours(message.blocks)
    assert_text_is_inert(message.text)
    assert "\u202e" not in as_json(message.blocks)


@pytest.mark.parametrize("kind", NoticeKind)
def test_plain_text_shows_no_emoji(kind: NoticeKind) -> None:
    parts = [
        p for p in objects_in(drawn(notice_view(kind)).blocks) if p.get("type") == "plain_text"
    ]
    assert parts
    assert all(part["emoji"] is False for part in parts)


@pytest.mark.parametrize("state", CaseState)
def test_outcome_of_every_state_names_the_subscriber(state: CaseState) -> None:
    message = drawn(replace(notice_view(NoticeKind.OUTCOME), case=case_view(state)))
    assert_message_is_valid(message.text, message.blocks)
    assert "Bob Brown" in message.text
    assert by_action(message.blocks) == {}


class TestConfirmAsked:
    def setup_method(self) -> None:
        self.message = drawn(notice_view(NoticeKind.CONFIRM_ASKED))

    def test_buttons_carry_the_case_and_nothing_else(self) -> None:
        buttons = by_action(self.message.blocks)
        assert {name: part["value"] for name, part in buttons.items()} == {
            "reset_yes": case_view().case.id,
            "reset_no": case_view().case.id,
        }

    @pytest.mark.parametrize(
        "word",
        [
            "Bob Brown (bob@acme.example)",
            "Acme Ltd",
            "Lost his phone",
            "HD-42",
            "by calling back the number on file",
            "authenticator of Bob Brown is invalidated",
            "session of Bob Brown ends",
            "must set 2FA up again",
            "<!date^1767269100^{date_short_pretty} at {time}|1 January 2026, 12:05 UTC>",
        ],
    )
    def test_says_who_where_why_how_what_and_until_when(self, word: str) -> None:
        assert word in words_of(self.message.blocks)


class TestSubscriberReset:
    def setup_method(self) -> None:
        self.message = drawn(notice_view(NoticeKind.SUBSCRIBER_RESET))

    def test_link_and_report(self) -> None:
        buttons = by_action(self.message.blocks)
        assert set(buttons) == {"open_set_up", "reset_report"}
        assert buttons["open_set_up"]["url"] == PORTAL_URL
        assert buttons["reset_report"]["value"] == case_view().case.id
        assert buttons["reset_report"]["style"] == "danger"

    @pytest.mark.parametrize(
        "word", ["Alice Archer", "<!date^1767268860^", "calling back", "\n2. Sign in", HELP_CONTACT]
    )
    def test_says_who_when_how_steps_and_whom_to_call(self, word: str) -> None:
        assert word in words_of(self.message.blocks)

    def test_text_alone_is_enough_to_act_upon(self) -> None:
        assert PORTAL_URL in self.message.text
        assert HELP_CONTACT in self.message.text

    def test_an_operators_case_names_the_operator(self) -> None:
        view = notice_view(NoticeKind.SUBSCRIBER_RESET)
        assert view.case is not None
        message = drawn(replace(view, case=replace(view.case, admin=None)))
        assert "the operator" in words_of(message.blocks)


def test_reminder_is_a_message_of_its_own_with_the_link() -> None:
    buttons = by_action(drawn(notice_view(NoticeKind.SUBSCRIBER_REMINDED)).blocks)
    assert buttons["open_set_up"]["url"] == PORTAL_URL


def test_enrolment_is_told_with_this_was_not_me() -> None:
    buttons = by_action(drawn(notice_view(NoticeKind.SUBSCRIBER_ENROLLED)).blocks)
    assert buttons["reset_report"]["value"] == case_view().case.id


def test_enrolment_without_a_case_says_whom_to_call() -> None:
    view = replace(notice_view(NoticeKind.SUBSCRIBER_ENROLLED), case=None)
    message = drawn(view)
    assert by_action(message.blocks) == {}
    assert HELP_CONTACT in words_of(message.blocks)


class TestSetUpWaiting:
    def test_names_browser_address_and_time_and_carries_the_session(self) -> None:
        view = notice_view(NoticeKind.SET_UP_WAITING)
        message = drawn(view)
        assert view.session is not None
        assert by_action(message.blocks)["show_set_up_code"]["value"] == view.session.id
        for word in ("Firefox on Linux", "192.0.2.7", "<!date^1767268800^", HELP_CONTACT):
            assert word in words_of(message.blocks)

    def test_of_an_ended_session_has_no_button(self) -> None:
        message = drawn(replace(notice_view(NoticeKind.SET_UP_WAITING), session=None))
        assert by_action(message.blocks) == {}
        assert "ended" in message.text


def test_channel_hears_less_than_an_owner() -> None:
    view = notice_view(NoticeKind.OWNER_RESET)
    owner, channel = drawn(view), drawn(replace(view, recipient=None))
    assert "calling back" in words_of(owner.blocks)
    assert "calling back" not in words_of(channel.blocks)
    for message in (owner, channel):
        assert "Lost his phone" not in words_of(message.blocks)
        assert "Alice Archer" in message.text


def test_digest_names_twenty_and_counts_the_rest() -> None:
    view = replace(notice_view(NoticeKind.ADMIN_DIGEST), stale=(case_view(),) * 23)
    words = words_of(drawn(view).blocks)
    assert words.count("• Bob Brown") == 20
    assert "and 3 more" in words


def test_reinstated_tells_the_person_and_others_apart() -> None:
    own = notice_view(NoticeKind.REINSTATED)
    assert "Your sign-in" in drawn(own).text
    assert "sign-in of Bob Brown" in drawn(replace(own, recipient=ALICE, subject=BOB)).text


def test_operators_act_tells_the_person_and_others_apart() -> None:
    own = notice_view(NoticeKind.OPERATOR_ACTED)
    assert (
        "The operator enrolled an authenticator for you. It was done at the console."
        in drawn(own).text
    )
    other = replace(own, recipient=ALICE, subject=BOB)
    assert "for Bob Brown (bob@acme.example)" in drawn(other).text


def test_veto_names_who_may_not_lift_it() -> None:
    view = notice_view(NoticeKind.VETO_REPORTED)
    assert "owner other than Alice Archer lifts" in drawn(view).text
    assert view.case is not None
    without_admin = replace(view, case=replace(view.case, admin=None))
    assert "owner lifts" in drawn(without_admin).text


def test_undeliverable_says_what_to_whom_and_why() -> None:
    words = words_of(drawn(notice_view(NoticeKind.UNDELIVERABLE)).blocks)
    for word in (
        "Bob Brown (bob@acme.example) in Slack",
        "user_disabled",
        "how to set it up again",
    ):
        assert word in words


def test_undeliverable_e_mail_is_called_one() -> None:
    view = notice_view(NoticeKind.UNDELIVERABLE)
    facts = {**view.notice.facts, "channel": Channel.EMAIL, "error": "smtp_550"}
    words = words_of(drawn(replace(view, notice=replace(view.notice, facts=facts))).blocks)
    assert "Bob Brown (bob@acme.example) by e-mail. The answer: smtp_550." in words


def test_without_a_help_contact_people_call_their_help_desk() -> None:
    message = drawn(notice_view(NoticeKind.SUBSCRIBER_RESET), help_contact=None)
    assert "call your help desk" in words_of(message.blocks)


@pytest.mark.parametrize("kind", [NoticeKind.OUTCOME, NoticeKind.SUBSCRIBER_RESET])
def test_notice_without_its_case_is_a_lookup_error(kind: NoticeKind) -> None:
    with pytest.raises(LookupError):
        drawn(replace(notice_view(kind), case=None))


class TestIdentityBound:
    VIEW = replace(notice_view(NoticeKind.IDENTITY_BOUND), subject=BOB, recipient=BOB)

    def test_speaks_to_whoever_it_is_and_says_whom_to_call(self) -> None:
        message = drawn(self.VIEW)
        assert message.text == (
            "Rekey knows you by this Slack account. The operator has bound this Slack account to "
            "Bob Brown (bob@acme.example). Messages about the 2FA of that sign-in come here, with "
            f"your set-up codes. Are you not Bob Brown? Then call {HELP_CONTACT} at once."
        )

    def test_says_where_in_an_e_mail(self) -> None:
        by_mail = replace(self.VIEW.notice, channel=Channel.EMAIL)
        mail = as_mail(drawn(replace(self.VIEW, notice=by_mail)), written_at=NOON)
        assert mail.subject == "Rekey knows you by your Slack account"
        assert "Messages about the 2FA of that sign-in go there" in mail.text

    def test_of_somebody_forgotten_names_nobody(self) -> None:
        message = drawn(replace(self.VIEW, subject=None, recipient=None))
        assert "Is that not you? Then call" in message.text


class TestPerhapsAgain:
    AGAIN = "You may have had this message already"

    @pytest.mark.parametrize("kind", NoticeKind)
    @pytest.mark.parametrize("text", ["Bob Brown", LONGEST, WIDEST], ids=["plain", "long", "wide"])
    def test_every_kind_says_so_within_slacks_limits(self, kind: NoticeKind, text: str) -> None:
        view = replace(hostile_notice_view(kind, text), written_at=NOON)
        message = drawn(replace(view, in_doubt=True))
        assert_message_is_valid(message.text, message.blocks)
        says_so = kind is not NoticeKind.REQUEST_CHANGED
        has_room = len(drawn(view).text) < 3900
        assert (self.AGAIN in message.text) is (says_so and has_room)
        assert (self.AGAIN in as_json(message.blocks)) is says_so
        assert self.AGAIN not in drawn(view).text

    def test_it_says_when_it_was_written(self) -> None:
        view = replace(notice_view(NoticeKind.OUTCOME), written_at=NOON, in_doubt=True)
        message = drawn(view)
        assert "1 January 2026, 12:00 UTC" in message.text
        assert "{date_short_pretty}" in as_json(message.blocks[-1:])

    def test_what_takes_the_place_of_another_message_never_is_there_twice(self) -> None:
        view = notice_view(NoticeKind.OUTCOME)
        in_place = replace(view, notice=replace(view.notice, replace_original=True))
        assert drawn(replace(in_place, in_doubt=True)) == drawn(in_place)

    def test_an_e_mail_says_so_too(self) -> None:
        view = replace(notice_view(NoticeKind.SUBSCRIBER_RESET), written_at=NOON, in_doubt=True)
        assert self.AGAIN in as_mail(drawn(view), written_at=NOON).text
