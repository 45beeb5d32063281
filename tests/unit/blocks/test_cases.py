"""How a person's cases are shown, and what may be pressed beside each."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.blocks.case_words import age, describe, how_lifted, kind_of, why_suspended, words_of
from bot.blocks.cases import (
    act_done,
    case_details,
    case_list,
    own_cases,
    pending_cases,
    person_status,
    taken_over,
)
from bot.blocks.notices import draw
from bot.blocks.own_status import own_status
from bot.domain.model.audit import AuditEvent, AuditRecord, seal
from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.ids import CaseId, ContactId
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import SuspensionCause
from bot.domain.model.views import (
    CaseList,
    CaseStatus,
    CaseStory,
    CaseView,
    OwnStatus,
    PersonStatus,
    acts_on,
)
from tests.unit.blocks import samples
from tests.unit.blocks.rules import (
    assert_markup_is_ours,
    assert_message_is_valid,
    assert_text_is_inert,
    assert_view_is_valid,
    by_action,
)
from tests.unit.blocks.rules import (
    words_of as shown_in,
)
from tests.unit.blocks.samples import ALICE, BOB, HELP_CONTACT, LONGEST, NOON, PORTAL_URL, WIDEST

ALAN = samples.contact("Alan Ames", key="alan", user="U0ALAN")
HOSTILE = [LONGEST, WIDEST, "", "x" * 255]


def status(*states: CaseState, **changes: object) -> PersonStatus:
    views = [
        replace(view, case=replace(view.case, id=CaseId(f"case_{number}")))
        for number, view in enumerate(map(samples.case_view, states))
    ]
    return replace(samples.person_status(*views), **changes)  # type: ignore[arg-type]  # the test's


def one(view: CaseView, viewer: str = "alan") -> CaseStatus:
    return CaseStatus(view=view, undelivered=(), acts=acts_on(view.case, ContactId(viewer)))


class TestWords:
    @pytest.mark.parametrize("state", CaseState)
    def test_every_state_has_its_own(self, state: CaseState) -> None:
        view = samples.case_view(state)
        words = words_of(view)
        for text in (words.state, words.missing, words.following):
            assert text
            assert "{" not in text
        assert [describe(other).state for other in CaseState].count(describe(state).state) == 1

    @pytest.mark.parametrize("kind", CaseKind)
    def test_every_kind_has_its_own(self, kind: CaseKind) -> None:
        view = samples.case_view()
        assert kind_of(replace(view, case=replace(view.case, kind=kind)))

    @pytest.mark.parametrize("cause", SuspensionCause)
    def test_every_cause_says_why_and_who_lifts_it(self, cause: SuspensionCause) -> None:
        assert why_suspended(cause)
        assert how_lifted(cause)

    def test_first_set_up_was_never_a_reset(self) -> None:
        view = samples.case_view(CaseState.COMPLETED)
        first = replace(view, case=replace(view.case, kind=CaseKind.FIRST_SET_UP), admin=None)
        drawn = person_status(samples.person_status(first))
        assert "First set-up for Acme Ltd is under way" in shown_in(drawn.blocks)
        assert "nobody: it began with their own sign-in" in shown_in(drawn.blocks)
        assert "nobody yet" in shown_in(drawn.blocks)

    @pytest.mark.parametrize(
        ("passed", "words"),
        [
            (timedelta(seconds=59), "just now"),
            (timedelta(minutes=1), "1 minute ago"),
            (timedelta(minutes=59), "59 minutes ago"),
            (timedelta(hours=23, minutes=59), "23 hours ago"),
            (timedelta(days=1), "1 day ago"),
            (timedelta(days=400), "400 days ago"),
        ],
    )
    def test_age(self, passed: timedelta, words: str) -> None:
        assert age(NOON, now=NOON + passed) == words


class TestPersonStatus:
    def test_says_that_no_number_is_on_file(self) -> None:
        status = samples.person_status(samples.case_view(CaseState.VETOED))
        unknown = replace(status.subscriber, phone=None, manager=None)
        words = shown_in(person_status(replace(status, subscriber=unknown)).blocks)
        assert "*Phone on file*\nnone on file\n*Manager*\nnone on file" in words

    def test_says_all_that_is_asked_for(self) -> None:
        view = replace(samples.case_view(CaseState.COMPLETED), taken_over_by=ALAN)
        drawn = person_status(samples.person_status(view, older=2))
        assert_message_is_valid(drawn.text, drawn.blocks)
        words = shown_in(drawn.blocks)
        for part in (
            "2FA cases of Bob Brown",
            "*Phone on file*\n+44 20 7946 0101",
            "*Manager*\ncarol@acme.example",
            "is done, and 2FA is not set up again yet",
            "3 hours ago",
            "Alice Archer",
            "Alan Ames",
            "1 reminder so far",
            "ask Bob Brown whether they need help",
            "to Bob Brown, in Slack; user_disabled, given up",
            "written <!date^1767268800^",
            "they reported “This wasn't me”",
            "2 older cases are not shown",
            "<!date^1767268800^",
        ):
            assert part in words
        assert "suspended" in drawn.text
        assert "not set up again" in drawn.text

    def test_of_nothing_says_so(self) -> None:
        drawn = person_status(replace(samples.person_status(), suspensions=(), last_resets=()))
        assert_message_is_valid(drawn.text, drawn.blocks)
        assert "There is no case" in drawn.text
        assert by_action(drawn.blocks) == {}

    @pytest.mark.parametrize(
        ("state", "buttons"),
        [
            (CaseState.AWAITING_CONFIRMATION, ["case_cancel", "case_details"]),
            (CaseState.EXECUTING, ["case_details"]),
            (CaseState.COMPLETED, ["case_remind", "case_take_over", "case_details"]),
            (CaseState.VETOED, ["case_take_over", "case_details"]),
            (CaseState.RE_ENROLLED, ["case_details"]),
        ],
    )
    def test_has_a_button_for_what_may_be_done(self, state: CaseState, buttons: list[str]) -> None:
        drawn = person_status(status(state))
        found = by_action(drawn.blocks)
        assert list(found) == buttons
        assert {part["value"] for part in found.values()} == {"case_0"}

    def test_dangerous_button_asks_once_more(self) -> None:
        cancel = by_action(person_status(status(CaseState.AWAITING_CONFIRMATION)).blocks)[
            "case_cancel"
        ]
        assert cancel["style"] == "danger"
        assert "Alice Archer is told" in cancel["confirm"]["text"]["text"]

    @pytest.mark.parametrize("text", HOSTILE, ids=repr)
    def test_hostile_values_stay_within_limits_and_inert(self, text: str) -> None:
        view = samples.hostile_case_view(text, CaseState.AWAITING_CONFIRMATION)
        drawn = person_status(samples.hostile_person_status(view))
        assert_message_is_valid(drawn.text, drawn.blocks)
        assert_markup_is_ours(drawn.blocks)
        assert_text_is_inert(drawn.text)


class TestDeadlines:
    """In the reader's own zone, beside the other times of the message."""

    def opened(self, state: CaseState) -> str:
        words = shown_in(person_status(status(state)).blocks)
        return words.partition("*Opened*\n")[2].partition("\n")[0]

    def test_until_when_an_answer_is_awaited(self) -> None:
        assert "; to be answered by <!date^1767269100^" in self.opened(
            CaseState.AWAITING_CONFIRMATION
        )

    def test_since_when_it_is_being_carried_out(self) -> None:
        assert "; answered <!date^1767268860^" in self.opened(CaseState.EXECUTING)

    def test_afterwards_none(self) -> None:
        assert "answered" not in self.opened(CaseState.COMPLETED)

    def test_many_messages_that_did_not_arrive_are_counted(self) -> None:
        shown = samples.person_status(samples.case_view(CaseState.COMPLETED))
        case = replace(shown.cases[0], undelivered=shown.cases[0].undelivered[:1] * 7)
        drawn = person_status(replace(shown, cases=(case,)))
        assert_message_is_valid(drawn.text, drawn.blocks)
        assert "tell these people yourself. 2 more are not shown." in shown_in(drawn.blocks)


class TestCaseList:
    def test_names_each_person_with_the_account(self) -> None:
        cases = tuple(one(samples.case_view(state)) for state in (CaseState.COMPLETED,))
        listed = CaseList(as_of=NOON, cases=cases, total=37)
        drawn = case_list("Cases that wait", listed, otherwise="Nothing waits.")
        assert_message_is_valid(drawn.text, drawn.blocks)
        assert "Bob Brown (Acme Ltd): reset is done" in shown_in(drawn.blocks)
        assert "1 of 37 shown. “/reset-2fa status @person” shows" in shown_in(drawn.blocks)

    def test_says_that_there_may_be_more_than_were_counted(self) -> None:
        cases = (one(samples.case_view(CaseState.LAPSED)),)
        listed = CaseList(as_of=NOON, cases=cases, total=1, at_least=True)
        assert "1 of at least 1 shown." in shown_in(pending_cases(listed).blocks)

    def test_all_that_there_are_need_no_count(self) -> None:
        cases = (one(samples.case_view(CaseState.LAPSED)),)
        assert "shown" not in shown_in(
            pending_cases(CaseList(as_of=NOON, cases=cases, total=1)).blocks
        )

    def test_of_nobody_among_those_looked_through_does_not_say_that_none_waits(self) -> None:
        listed = CaseList(as_of=NOON, cases=(), total=0, at_least=True)
        for drawn in (pending_cases(listed), own_cases(listed)):
            assert drawn.text.startswith("More cases wait than Rekey looks through at once")
            assert "rekey status" in drawn.text

    def test_ten_of_the_longest_fit(self) -> None:
        view = samples.hostile_case_view(WIDEST, CaseState.COMPLETED)
        shown = samples.hostile_person_status(view).cases[0]
        cases = tuple(
            replace(shown, view=replace(view, case=replace(view.case, id=CaseId(f"case_{n}"))))
            for n in range(10)
        )
        drawn = case_list("T", CaseList(as_of=NOON, cases=cases, total=37), otherwise="-")
        assert_message_is_valid(drawn.text, drawn.blocks)
        assert_markup_is_ours(drawn.blocks)

    def test_empty_says_so(self) -> None:
        listed = CaseList(as_of=NOON, cases=(), total=0)
        drawn = case_list("Cases that wait", listed, otherwise="Nothing waits.")
        assert drawn.text == "Nothing waits."


class TestActDone:
    @pytest.mark.parametrize(
        ("act", "words"),
        [
            ("remind", "Bob Brown was reminded"),
            ("take_over", "You look after the case of Bob Brown now"),
            ("cancel", "Alice Archer is told. The 2FA of Bob Brown was not reset"),
            ("something_new", "It is done"),
        ],
    )
    def test_says_what_was_done_and_how_all_stands(self, act: str, words: str) -> None:
        view = samples.notice_view(NoticeKind.CASE_ACT_DONE)
        view = replace(view, notice=replace(view.notice, facts={"act": act}))
        drawn = act_done(view)
        assert words in drawn.text
        assert "2FA cases of Bob Brown" in shown_in(drawn.blocks)
        assert "2FA cases" not in shown_in(act_done(replace(view, status=None)).blocks)

    def test_whoever_cancels_their_own_is_not_told_of_themselves(self) -> None:
        view = samples.notice_view(NoticeKind.CASE_ACT_DONE)
        cancelled = replace(view.notice, facts={"act": "cancel"})
        drawn = act_done(replace(view, recipient=ALICE, notice=cancelled))
        assert drawn.text.startswith("You cancelled the case. The 2FA of Bob Brown")

    def test_without_its_case_is_a_lookup_error(self) -> None:
        with pytest.raises(LookupError):
            act_done(replace(samples.notice_view(NoticeKind.CASE_ACT_DONE), case=None))


class TestTakenOver:
    def test_tells_the_two_apart(self) -> None:
        view = samples.notice_view(NoticeKind.CASE_TAKEN_OVER)
        new = taken_over(replace(view, recipient=ALAN, subject=ALAN))
        former = taken_over(replace(view, recipient=ALICE, subject=ALAN))
        assert "You look after the case of Bob Brown now" in new.text
        assert "Alan Ames looks after the case of Bob Brown now" in former.text
        assert "ask them" in former.text
        for drawn in (new, former):
            assert "Alice Archer" in shown_in(drawn.blocks)  # still its admin

    @pytest.mark.parametrize("missing", ["case", "subject"])
    def test_without_its_case_or_its_taker_is_a_lookup_error(self, missing: str) -> None:
        view = samples.notice_view(NoticeKind.CASE_TAKEN_OVER)
        without: dict[str, None] = {missing: None}
        with pytest.raises(LookupError):
            taken_over(replace(view, **without))  # type: ignore[arg-type]  # either of the two


@pytest.mark.parametrize(
    "kind",
    [
        NoticeKind.OUTCOME,
        NoticeKind.ADMIN_ENROLLED,
        NoticeKind.OWNER_REMINDED,
        NoticeKind.SUBSCRIBER_REMINDED,
        NoticeKind.VETO_REPORTED,
        NoticeKind.LAPSED,
    ],
)
def test_whose_case_it_is_now_is_said_beside_its_admin(kind: NoticeKind) -> None:
    view = samples.notice_view(kind)
    assert view.case is not None
    taken = replace(view, case=replace(view.case, taken_over_by=ALAN))
    drawn = draw(taken, portal_url=PORTAL_URL, help_contact=HELP_CONTACT)
    assert_message_is_valid(drawn.text, drawn.blocks)
    assert "Looked after by" in shown_in(drawn.blocks)
    assert "Alan Ames" in shown_in(drawn.blocks)


def test_cancelled_outcome_names_who_did_it() -> None:
    view = samples.notice_view(NoticeKind.OUTCOME)
    view = replace(view, case=samples.case_view(CaseState.CANCELLED))
    by_alan = draw(replace(view, subject=ALAN), portal_url=PORTAL_URL, help_contact=None)
    assert "The case was cancelled by Alan Ames" in by_alan.text
    unknown = draw(replace(view, subject=None), portal_url=PORTAL_URL, help_contact=None)
    assert "cancelled by an administrator of the account" in unknown.text


def record(number: int, name: str = "con_alan") -> AuditRecord:
    event = AuditEvent(tag="slack:case:taken_over", at=NOON, actor=name, case=CaseId("case_1"))
    return seal(event, number=number, previous_hash="0" * 64, salt="5a17")


class TestDetails:
    def test_tell_what_is_kept_and_the_story(self) -> None:
        story = CaseStory(
            view=samples.case_view(CaseState.COMPLETED),
            records=(record(1),),
            earlier=3,
            names={"con_alan": "Alan Ames"},
        )
        view = case_details(story)
        assert_view_is_valid(view)
        words = shown_in(view)
        for part in (
            "Reset is done",
            "Lost his phone",
            "HD-42",
            "by calling back",
            "3 earlier records",
            "Alan Ames looks after the case from then on.",
            "<!date^1767268800^",
            "Case case_0123456789abcdef0123",
        ):
            assert part in words

    @pytest.mark.parametrize("text", HOSTILE, ids=repr)
    def test_forty_records_of_the_longest_names_fit(self, text: str) -> None:
        story = CaseStory(
            view=samples.hostile_case_view(text, CaseState.COMPLETED),
            records=tuple(record(number) for number in range(40)),
            earlier=100,
            names={"con_alan": text},
        )
        view = case_details(story)
        assert_view_is_valid(view)
        assert_markup_is_ours(view)

    def test_of_a_case_without_admin_show_no_empty_field(self) -> None:
        case = replace(samples.case(), kind=CaseKind.FIRST_SET_UP, proof=None, reason=None)
        view = replace(
            samples.case_view(), case=replace(case, ticket=None, admin_id=None), admin=None
        )
        story = CaseStory(view=view, records=(), earlier=0, names={})
        words = shown_in(case_details(story))
        assert "Why" not in words
        assert "Ticket" not in words


class TestOwnStatus:
    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({}, "Your 2FA is set up"),
            ({"set_up_required": True}, "Your 2FA is still to be set up"),
            ({"authenticators": ()}, "You have no 2FA yet"),
            (
                {"suspension": samples.person_status().suspensions[0], "set_up_required": True},
                "Your sign-in is suspended",
            ),
        ],
    )
    def test_says_how_it_stands_and_whom_to_call(
        self, changes: dict[str, object], words: str
    ) -> None:
        used = replace(samples.authenticator(), last_used_at=NOON)
        ordinary = OwnStatus(
            contact=BOB, authenticators=(used,), set_up_required=False, suspension=None
        )
        own = replace(ordinary, **changes)  # type: ignore[arg-type]  # names and types are the test's
        drawn = own_status(own, help_contact=HELP_CONTACT)
        assert_message_is_valid(drawn.text, drawn.blocks)
        assert words in drawn.text
        assert HELP_CONTACT in drawn.text
        assert by_action(drawn.blocks) == {}

    @pytest.mark.parametrize("text", HOSTILE, ids=repr)
    def test_whom_to_call_is_inert(self, text: str) -> None:
        own = OwnStatus(
            contact=BOB,
            authenticators=tuple(
                replace(samples.authenticator(), last_used_at=NOON) for _ in "123456789"
            ),
            set_up_required=False,
            suspension=None,
        )
        drawn = own_status(own, help_contact=text)
        assert_message_is_valid(drawn.text, drawn.blocks)
        assert_text_is_inert(drawn.text)
