"""Cases belong to their account: whoever administers it looks after them when others go home."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.people import Role
from playground.slack.model import Message
from tests.fakes import Person
from tests.office import CHANNEL, OTHER_TEAM, Office
from tests.scenario.changes import (
    answer_to,
    answer_to_click,
    forge,
    give_roles,
    in_slack,
    join_slack,
)

BUTTONS = ("case_remind", "case_take_over", "case_cancel", "case_details")


def status(office: Office, admin: Person, subscriber: Person) -> Message:
    """Type `status`; return the answer, which only that admin sees."""
    answer_to(office, admin, f"status <@{subscriber.slack.user}>")
    return office.as_(admin).ephemerals[-1]


def press(office: Office, admin: Person, message: Message, action_id: str) -> None:
    delivery = office.as_(admin).click(message, action_id)
    assert delivery.ok, delivery
    office.deliver()


class TestTheMorningAfter:
    """Alice reset Bob's 2FA and went off shift; Alan looks after it."""

    def test_alan_takes_the_case_over_and_hears_of_it_from_then_on(self, office: Office) -> None:
        alice, alan, bob = office.world.alice, office.world.alan, office.world.bob
        case = office.reset(alice, bob)
        office.move(hours=16)
        shown = status(office, alan, bob)
        for words in (
            "not set up again yet",
            "16 hours ago",
            "Alice Archer",
            "no reminders so far",
            "+44 20 7946 0100",
        ):
            assert words in shown.shown
        press(office, alan, shown, "case_take_over")
        assert "You look after the case of Bob Brown now" in shown.shown  # in place of what it was
        assert "case_take_over" not in shown.action_ids
        assert "Alan Ames looks after the case of Bob Brown now" in office.dm(alice)[-1]
        assert "You look after the case of Bob Brown now" in office.dm(alan)[-1]
        told = len(office.dm(alice))
        office.move(days=1)
        office.sweep()
        assert "for a set-up" in office.dm(alan)[-1]
        office.set_up(bob)
        assert "Bob Brown has set 2FA up again" in office.dm(alan)[-1]
        assert "Looked after by" in office.dm(alan)[-1]
        assert len(office.dm(alice)) == told
        (closed,) = office.cases(bob)
        assert (closed.state, closed.admin_id) == (CaseState.RE_ENROLLED, alice.id)
        assert closed.taken_over_by == alan.id
        assert office.tags().count("slack:case:taken_over") == 1
        assert case.id == closed.id

    def test_what_does_not_arrive_is_told_to_whoever_has_the_case_now(self, office: Office) -> None:
        alice, alan, bob = office.world.alice, office.world.alan, office.world.bob
        office.reset(alice, bob)
        press(office, alan, status(office, alan, bob), "case_take_over")
        told = len(office.dm(alice))
        in_slack(office, bob.slack.user, deleted=True)
        office.move(days=1)
        office.sweep()
        assert any("could not be delivered" in words for words in office.dm(alan))
        assert len(office.dm(alice)) == told
        missed = status(office, alan, bob).shown
        assert "Messages that did not arrive" in missed
        assert "to Bob Brown, in Slack" in missed

    def test_alan_reminds_bob_at_most_once_an_hour(self, office: Office) -> None:
        alice, alan, bob = office.world.alice, office.world.alan, office.world.bob
        office.reset(alice, bob)
        shown = status(office, alan, bob)
        press(office, alan, shown, "case_remind")
        assert "Your 2FA is still to be set up" in office.dm(bob)[-1]
        assert "Bob Brown was reminded" in shown.shown
        with office.refused("slack:case:reminded_already"):
            answer = answer_to_click(office, alan, shown, "case_remind")
        assert "Remind them again in about 60 minutes" in answer
        office.move(hours=1)
        press(office, alan, shown, "case_remind")
        assert sum("Your 2FA is still to be set up" in words for words in office.dm(bob)) == 2

    def test_details_tell_the_story_in_words(self, office: Office) -> None:
        office.reset(office.world.alice, office.world.bob)
        alan = office.as_(office.world.alan)
        shown = status(office, office.world.alan, office.world.bob)
        assert alan.click(shown, "case_details").ok
        words = alan.modal.shown
        for part in ("Alice Archer answered Yes", "Every session of Bob Brown was ended"):
            assert part in words
        assert "Lost the phone" in words
        assert office.tags()[-1] == "slack:case:shown"

    def test_first_set_up_that_nobody_asked_for_is_taken_over_too(self, office: Office) -> None:
        dana, carol, bob = office.world.dana, office.world.carol, office.world.bob
        acme = office.world.acme.id
        give_roles(office, dana, {acme: Role.MEMBER})
        assert office.browser().password(dana).heading == "Prove that it is you"
        office.deliver()
        shown = status(office, carol, dana)
        assert "First set-up for Acme Ltd" in shown.shown
        assert "nobody yet" in shown.shown
        press(office, carol, shown, "case_take_over")
        (case,) = office.cases(dana)
        assert (case.kind, case.admin_id) == (CaseKind.FIRST_SET_UP, None)
        assert case.taken_over_by == carol.id
        assert bob.id != dana.id


class TestCancelling:
    def test_second_thoughts_of_a_colleague(self, office: Office) -> None:
        alice, alan, bob = office.world.alice, office.world.alan, office.world.bob
        block = office.request(alice, bob)
        shown = status(office, alan, bob)
        assert "awaits Yes or No" in shown.shown
        press(office, alan, shown, "case_cancel")
        assert office.cases(bob)[0].state is CaseState.CANCELLED
        assert office.tags()[-1] == "slack:case:cancelled"
        assert "The case was cancelled by Alan Ames" in office.dm(alice)[-1]
        assert "You cancelled the case, and Alice Archer is told" in shown.shown
        with office.refused("slack:reset:already_decided"):
            answer_to_click(office, alice, block, "reset_yes")
        assert office.active(bob.id) == 1
        assert office.dm(bob) == []

    def test_after_the_answer_is_too_late(self, office: Office) -> None:
        alice, alan, bob = office.world.alice, office.world.alan, office.world.bob
        block = office.request(alice, bob)
        shown = status(office, alan, bob)
        press(office, alice, block, "reset_yes")
        with office.refused("slack:case:already_decided"):
            assert "decided before" in answer_to_click(office, alan, shown, "case_cancel")


class TestLists:
    def test_pending_and_mine(self, office: Office) -> None:
        alice, alan, bob = office.world.alice, office.world.alan, office.world.bob
        assert "No case waits" in answer_to(office, alan, "pending")
        office.reset(alice, bob)
        office.move(days=2)
        assert "Bob Brown (Acme Ltd): reset is done" in answer_to(office, alan, "pending")
        assert "No case that is yours" in answer_to(office, alan, "Mine")
        answer_to(office, alan, "pending")
        listed = office.as_(alan).ephemerals[-1]
        answer = answer_to_click(office, alan, listed, "case_take_over")
        assert "You look after the case of Bob Brown now" in answer
        assert "Cases that wait in your accounts" in listed.shown  # a list stays what it was
        assert "Bob Brown (Acme Ltd)" in answer_to(office, alan, "mine")
        assert "No case that is yours" in answer_to(office, alice, "mine")

    def test_are_for_administrators_alone(self, office: Office) -> None:
        for words in ("pending", "mine"):
            with office.refused("slack:case:not_an_administrator"):
                answer_to(office, office.world.bob, words)


class TestStatus:
    def test_of_oneself_is_for_everybody(self, office: Office) -> None:
        bob = office.world.bob
        assert "Your 2FA is set up" in answer_to(office, bob, "status")
        assert "Your 2FA is set up" in answer_to(office, bob, "status <@U01BOB>")
        office.reset(office.world.alice, bob)
        assert "Your 2FA is still to be set up" in answer_to(office, bob, "status")
        report = next(m for m in office.as_(bob).dm if "reset_report" in m.action_ids)
        office.as_(bob).click(report, "reset_report")
        office.as_(bob).submit(office.as_(bob).modal, {})
        office.as_(bob).close_all()
        answer = answer_to(office, bob, "status")
        assert "Your sign-in is suspended" in answer
        assert office.as_(bob).ephemerals[-1].action_ids == []

    def test_tells_nothing_of_another_account(self, office: Office) -> None:
        dana, alan, bob = office.world.dana, office.world.alan, office.world.bob
        give_roles(office, alan, {office.world.globex.id: Role.ADMINISTRATOR})
        office.reset(office.world.alice, bob)
        answer = answer_to(office, alan, "status <@U01BOB>")
        assert "There is no case" in answer
        for part in ("Acme", "Alice", "Lost the phone"):
            assert part not in answer
        assert dana.id != bob.id

    @pytest.mark.parametrize(
        ("who", "tag", "words"),
        [
            ("U01STRANGER", "not_a_contact", "bound to no contact here"),
            ("U01GUEST", "guest_refused", "Guests"),
            ("U01DANA", "no_shared_account", "You administer no account"),
            ("U01BOB", "not_an_administrator", "Only an administrator"),
        ],
    )
    def test_is_not_for_everybody(self, office: Office, who: str, tag: str, words: str) -> None:
        with office.refused(f"slack:case:{tag}"):
            assert words in answer_to(office, who, "status <@U01ALICE>")

    def test_of_several_people_or_of_nobody_known_is_refused(self, office: Office) -> None:
        alice = office.world.alice
        join_slack(office, "U01NEW", name="Ned New")
        with office.refused("slack:reset:several_mentions", "slack:case:subscriber_not_a_contact"):
            answer_to(office, alice, "status <@U01BOB> <@U01ALAN>")
            answer_to(office, alice, "status <@U01NEW>")


class TestForeignClick:
    """Alan's own click on Bob's case, forged: refused, recorded, and nothing changed."""

    @pytest.fixture(autouse=True)
    def _clicked(self, office: Office) -> None:
        self.office, self.alan = office, office.world.alan
        office.reset(office.world.alice, office.world.bob)
        shown = status(office, self.alan, office.world.bob)
        self.click = office.as_(self.alan).click(shown, "case_details").payload
        office.as_(self.alan).close_all()

    def refused(self, tag: str, *, ids: Sequence[str] = ()) -> None:
        """Press each of the four buttons, with ids of its own if they are given."""
        case = self.office.cases(self.office.world.bob)[0]
        for action_id, value in zip(BUTTONS, ids or [case.id] * len(BUTTONS), strict=True):
            self.click["actions"][0] |= {"action_id": action_id, "value": value}
            with self.office.refused(f"slack:case:{tag}"):
                assert forge(self.office, self.click).status == 200

    @pytest.mark.parametrize(
        ("who", "tag"),
        [
            ("U01STRANGER", "not_a_contact"),
            ("U01GUEST", "guest_refused"),
            ("U01EXT", "external_refused"),
            ("U01BOB", "oneself_refused"),
            ("U01DANA", "no_authenticator"),
        ],
    )
    def test_by_whoever_may_not(self, who: str, tag: str) -> None:
        team = self.office.slack.workspace.members[who].team_id
        self.click["user"].update(id=who, team_id=team)
        self.refused(tag)
        case = self.office.cases(self.office.world.bob)[0]
        for record in self.office.records()[-len(BUTTONS) :]:
            assert (record.slack_user, record.case) == (who, case.id)
        assert self.office.as_(who).modals == []

    def test_by_an_administrator_of_another_account(self) -> None:
        give_roles(self.office, self.alan, {self.office.world.globex.id: Role.OWNER})
        self.refused("case_not_found")
        assert "no such case" in self.office.ephemerals(self.alan)[-1]

    def test_with_a_forged_id(self) -> None:
        self.refused("case_not_found", ids=("case_0", "'OR'1'='1", "x" * 255, "case_\\u0000"))

    def test_from_another_workspace_with_the_same_id(self) -> None:
        self.click["user"]["team_id"] = OTHER_TEAM
        self.refused("not_a_contact")


def test_answer_to_a_click_without_a_way_back_goes_by_dm(office: Office) -> None:
    alan = office.world.alan
    office.reset(office.world.alice, office.world.bob)
    shown = status(office, alan, office.world.bob)
    click = office.as_(alan).click(shown, "case_details").payload
    office.as_(alan).close_all()
    click["actions"][0]["action_id"] = "case_remind"
    del click["response_url"]
    assert forge(office, click).status == 200
    office.deliver()
    assert "Bob Brown was reminded" in office.dm(alan)[-1]


def test_details_without_time_to_open_them_say_so(office: Office) -> None:
    alan = office.world.alan
    office.reset(office.world.alice, office.world.bob)
    shown = status(office, alan, office.world.bob)
    late = office.as_(alan).click(shown, "case_details", trigger_age=timedelta(seconds=4))
    assert late.ok
    office.deliver()
    assert "did not open the window" in office.ephemerals(alan)[-1]
    assert office.as_(alan).ephemerals[-1].channel == CHANNEL
