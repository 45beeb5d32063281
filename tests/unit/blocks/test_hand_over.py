"""The modals of a hand-over and the notices of one, with ordinary and with hostile values."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.blocks.elements import View
from bot.blocks.hand_over import CODE_TITLE, code_to_give, hand_over_modal
from bot.blocks.notices import draw
from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.ids import AccountId, ContactId, SessionId
from bot.domain.model.notices import Channel, NoticeKind
from bot.domain.model.people import Account, Contact, Session, TwoFactor
from bot.domain.model.reset_form import Named
from bot.domain.model.views import CaseView, NoticeView
from bot.domain.set_up.handing_over import HandedOver, HandOverForm
from bot.domain.set_up.set_up_codes import ShownCode
from tests.unit.blocks.rules import (
    as_json,
    assert_markup_is_ours,
    assert_message_is_valid,
    assert_view_is_valid,
    by_action,
    by_block,
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
    hostile_case_view,
    notice_view,
    session,
)

NAMED = Named(slack_user="U0BOB")
HOSTILE = [LONGEST, WIDEST, "", "x" * 255]


def hand_over_form(*sessions: Session, case: CaseView | None = None) -> HandOverForm:
    view = case or case_view(CaseState.COMPLETED)
    return HandOverForm(
        subscriber=view.subscriber,
        accounts=tuple(m.account for m in view.subscriber.memberships),
        case=view,
        sessions=sessions or (session(),),
    )


def several(count: int = 2, text: str = "Firefox") -> tuple[Session, ...]:
    return tuple(
        replace(session(text, text), id=SessionId(f"session_{number}")) for number in range(count)
    )


class TestForm:
    def test_ids_are_those_of_the_contract(self) -> None:
        view = hand_over_modal(hand_over_form(*several()), NAMED)
        assert_view_is_valid(view)
        assert view["callback_id"] == "hand_over_verify"
        assert list(by_block(view)) == ["sign_in", "proof", "code"]
        assert {b["element"]["action_id"] for b in by_block(view).values()} == {"value"}
        assert not any(block["optional"] for block in by_block(view).values())

    def test_proof_has_the_same_values_as_for_a_reset(self) -> None:
        proof = by_block(hand_over_modal(hand_over_form(), NAMED))["proof"]
        values = [option["value"] for option in proof["element"]["options"]]
        assert values == ["in_person", "video", "called_back", "manager"]

    @pytest.mark.parametrize(
        "word",
        [
            "Bob Brown",
            "bob@acme.example",
            "+44 20 7946 0101",
            "carol@acme.example",
            "Acme Ltd (member)",
            "Alice Archer",
            "2FA was reset",
            "in person",
            "never a number that the caller gave you",
            "spent on this hand-over alone",
        ],
    )
    def test_says_to_whom_why_and_how(self, word: str) -> None:
        view = hand_over_modal(hand_over_form(), NAMED)
        assert word in words_of(view) + str(by_block(view)["code"]["hint"])

    def test_the_one_sign_in_is_shown_and_carried_along(self) -> None:
        view = hand_over_modal(hand_over_form(), NAMED)
        assert "sign_in" not in by_block(view)
        for word in ("Firefox on Linux", "192.0.2.7", "<!date^1767268800^"):
            assert word in words_of(view)
        carried = json.loads(view["private_metadata"])
        assert (carried["subscriber"], carried["sign_in"]) == ("U0BOB", session().id)

    def test_of_several_one_has_to_be_chosen(self) -> None:
        view = hand_over_modal(hand_over_form(*several()), NAMED)
        menu = by_block(view)["sign_in"]["element"]
        assert [option["value"] for option in menu["options"]] == ["session_0", "session_1"]
        assert "initial_option" not in menu
        assert "1 January 2026, 12:00 UTC" in menu["options"][0]["description"]["text"]
        assert json.loads(view["private_metadata"])["sign_in"] is None

    def test_a_contact_who_is_not_in_slack_is_carried_by_id(self) -> None:
        view = hand_over_modal(hand_over_form(), Named(contact_id=ContactId("con_bob")))
        carried = json.loads(view["private_metadata"])
        assert (carried["subscriber"], carried["contact"]) == (None, "con_bob")

    def test_a_case_of_an_account_that_is_not_shared_is_told_of_in_no_detail(self) -> None:
        other = Account(id=AccountId("globex"), name="Globex", two_factor=TwoFactor.OPTIONAL)
        view = replace(case_view(CaseState.COMPLETED), account=other)
        shown = words_of(hand_over_modal(hand_over_form(case=view), NAMED))
        assert "2FA was reset" in shown
        assert "Globex" not in shown
        assert "Alice Archer" not in shown

    @pytest.mark.parametrize(
        ("kind", "words"),
        [
            (CaseKind.FIRST_SET_UP, "nobody: they signed in"),
            (CaseKind.OPERATOR, "the operator"),
        ],
    )
    def test_who_asked_for_it_where_no_admin_did(self, kind: CaseKind, words: str) -> None:
        view = case_view(CaseState.COMPLETED)
        view = replace(view, case=replace(view.case, kind=kind, admin_id=None), admin=None)
        assert words in words_of(hand_over_modal(hand_over_form(case=view), NAMED))

    @pytest.mark.parametrize("text", HOSTILE, ids=repr)
    @pytest.mark.parametrize("count", [1, 30])
    def test_hostile_values_stay_within_limits_and_inert(self, text: str, count: int) -> None:
        case = hostile_case_view(text, CaseState.COMPLETED)
        view = hand_over_modal(hand_over_form(*several(count, text), case=case), NAMED)
        assert_view_is_valid(view)
        assert_markup_is_ours(view)


class TestCodeToGive:
    def shown(self, subscriber: Contact = BOB, text: str = "Firefox") -> View:
        shown = ShownCode(
            code="ABCD-2345",
            session=session(text, text),
            expires_at=NOON + timedelta(minutes=10),
        )
        return code_to_give(HandedOver(subscriber=subscriber, shown=shown))

    def test_shows_the_code_once_and_how_to_give_it(self) -> None:
        view = self.shown()
        assert_view_is_valid(view)
        assert view["title"]["text"] == CODE_TITLE
        assert as_json(view).count("ABCD") == 1
        assert "private_metadata" not in view
        assert "submit" not in view
        for word in (
            "in person",
            "+44 20 7946 0101",
            "never call a number that the caller gave you",
            "<!date^1767269400^",
            "the owners are told",
        ):
            assert word in words_of(view)

    def test_there_may_be_no_number_on_file(self) -> None:
        assert "if there is one" in words_of(self.shown(replace(BOB, phone=None)))

    @pytest.mark.parametrize("text", HOSTILE, ids=repr)
    def test_hostile_values_stay_within_limits_and_inert(self, text: str) -> None:
        view = self.shown(hostile_case_view(text).subscriber, text)
        assert_view_is_valid(view)
        assert_markup_is_ours(view)


def words(view: NoticeView) -> str:
    drawn = draw(view, portal_url=PORTAL_URL, help_contact=HELP_CONTACT)
    assert_message_is_valid(drawn.text, drawn.blocks)
    return drawn.text + "\n" + words_of(drawn.blocks)


class TestNotices:
    def test_owners_hear_who_for_whom_when_and_what_to_do(self) -> None:
        told = words(replace(notice_view(NoticeKind.HANDED_OVER), subject=ALICE))
        for word in (
            "Alice Archer saw a set-up code of Bob Brown",
            "<!date^1767268800^",
            HELP_CONTACT,
        ):
            assert word in told
        assert "Lost his phone" not in told
        assert "192.0.2.7" not in told

    def test_the_subscriber_hears_who_saw_it_and_can_report_it(self) -> None:
        view = replace(notice_view(NoticeKind.SUBSCRIBER_HANDED_OVER), subject=ALICE)
        told = words(view)
        for word in ("shown to Alice Archer", "192.0.2.7", "This wasn't me", HELP_CONTACT):
            assert word in told
        drawn = draw(view, portal_url=PORTAL_URL, help_contact=HELP_CONTACT)
        button = by_action(drawn.blocks)["reset_report"]
        assert button["value"] == case_view().case.id

    def test_the_operator_is_named_where_nobody_else_did_it(self) -> None:
        view = replace(notice_view(NoticeKind.SUBSCRIBER_HANDED_OVER), subject=None)
        assert "shown to the operator" in words(view)

    def test_without_a_case_there_is_no_button_but_whom_to_call(self) -> None:
        view = replace(
            notice_view(NoticeKind.SUBSCRIBER_HANDED_OVER), case=None, session=None, subject=ALICE
        )
        drawn = draw(view, portal_url=PORTAL_URL, help_contact=HELP_CONTACT)
        assert by_action(drawn.blocks) == {}
        assert HELP_CONTACT in words(view)

    def test_who_waits_and_is_not_in_slack_is_told_of_with_the_command(self) -> None:
        told = words(notice_view(NoticeKind.SET_UP_UNREACHABLE))
        for word in ("Bob Brown waits", "number on file", "type /reset-2fa hand-over"):
            assert word in told

    def test_who_asked_for_the_reset_is_told_to_ask_somebody_else(self) -> None:
        view = notice_view(NoticeKind.SET_UP_UNREACHABLE)
        own = replace(view, notice=replace(view.notice, contact_id=ALICE.id), recipient=ALICE)
        assert "ask another administrator or owner to type /reset-2fa hand-over" in words(own)

    def test_a_sign_in_that_has_ended_is_said_to_have(self) -> None:
        view = replace(notice_view(NoticeKind.SET_UP_UNREACHABLE), session=None)
        assert "has ended" in words(view)

    def test_it_may_hang_on_no_case(self) -> None:
        assert "waits" in words(replace(notice_view(NoticeKind.SET_UP_UNREACHABLE), case=None))


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        ((Channel.SLACK,), "Bob Brown is told how to set 2FA up again"),
        ((Channel.EMAIL,), "an e-mail tells them"),
        ((), "tell them yourself"),
    ],
)
def test_the_outcome_says_who_tells_the_subscriber(ways: tuple[Channel, ...], said: str) -> None:
    view = notice_view(NoticeKind.OUTCOME)
    told = words(replace(view, case=replace(case_view(CaseState.COMPLETED), ways=ways)))
    assert said in told
    assert ("/reset-2fa hand-over" in told) is (Channel.SLACK not in ways)


def test_the_question_says_that_somebody_is_not_in_slack() -> None:
    view = notice_view(NoticeKind.CONFIRM_ASKED)
    assert "and is told so now" in words(view)
    asked = words(replace(view, case=replace(case_view(), ways=())))
    assert "and is told so now" not in asked
    assert "You have to tell them yourself." in asked


def test_an_undeliverable_message_about_a_waiting_sign_in_says_how_to_give_the_code() -> None:
    view = notice_view(NoticeKind.UNDELIVERABLE)
    facts = {**view.notice.facts, "kind": str(NoticeKind.SET_UP_WAITING)}
    told = words(replace(view, notice=replace(view.notice, facts=facts)))
    assert "by /reset-2fa hand-over" in told
