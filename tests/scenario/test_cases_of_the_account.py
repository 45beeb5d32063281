"""Cases belong to their account: whoever administers it looks after them when others go home."""

from collections.abc import Sequence

import pytest

from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.people import Role
from playground.slack.model import Message
from tests.fakes import Person
from tests.office import OTHER_TEAM, Office
from tests.scenario.changes import (
    answer_to,
    answer_to_click,
    ended,
    forge,
    give_roles,
    in_slack,
    report,
)

BUTTONS = ("case_remind", "case_take_over", "case_cancel", "case_details")
STILL = "Your 2FA is still to be set up"


def status(office: Office, admin: Person, subscriber: Person) -> Message:
    """Type `status`; return the answer, which only that admin sees."""
    answer_to(office, admin, f"status <@{subscriber.slack.user}>")
    return office.as_(admin).ephemerals[-1]


class TestTheMorningAfter:
    """Alice reset Bob's 2FA and went off shift; Alan looks after it."""

    @pytest.fixture(autouse=True)
    def _reset(self, office: Office) -> None:
        self.case = office.reset(office.world.alice, office.world.bob)
        self.alice, self.alan, self.bob = office.world.alice, office.world.alan, office.world.bob

    def test_alan_takes_the_case_over_and_hears_of_it_from_then_on(self, office: Office) -> None:
        office.move(hours=16)
        shown = status(office, self.alan, self.bob)
        for words in ("16 hours ago", "Alice Archer", "+44 20 7946 0100"):
            assert words in shown.shown
        assert shown.action_ids == ["case_remind", "case_take_over", "case_details"]
        office.press(self.alan, "case_take_over", shown)
        assert shown.action_ids == ["case_remind", "case_details"]  # in place of what it was
        assert "Alan Ames looks after the case of Bob Brown now" in office.dm(self.alice)[-1]
        told = len(office.dm(self.alice))
        in_slack(office, self.bob.slack.user, dm_error="user_disabled")
        office.move(days=1)
        office.sweep()
        in_slack(office, self.bob.slack.user, dm_error=None)
        assert office.heard(self.alan, "for a set-up") == 1
        assert office.heard(self.alan, "could not be delivered") == 1
        missed = status(office, self.alan, self.bob).shown
        assert "Messages that did not arrive" in missed
        office.set_up(self.bob)
        assert office.heard(self.alan, "Bob Brown has set 2FA up again") == 1
        assert len(office.dm(self.alice)) == told
        (closed,) = office.cases(self.bob)
        assert (closed.id, closed.state) == (self.case.id, CaseState.RE_ENROLLED)
        assert (closed.admin_id, closed.taken_over_by) == (self.alice.id, self.alan.id)
        assert office.tags().count("slack:case:taken_over") == 1

    def test_alan_reminds_bob_at_most_once_an_hour(self, office: Office) -> None:
        shown = status(office, self.alan, self.bob)
        office.press(self.alan, "case_remind", shown)
        assert office.heard(self.bob, STILL) == 1
        assert "Bob Brown was reminded" in shown.shown
        with office.refused("slack:case:reminded_already"):
            assert "about 60 minutes" in answer_to_click(office, self.alan, shown, "case_remind")
        office.move(hours=1)
        office.press(self.alan, "case_remind", shown)
        assert office.heard(self.bob, STILL) == 2

    def test_details_tell_the_story_in_a_modal_that_can_only_be_closed(
        self, office: Office
    ) -> None:
        shown = status(office, self.alan, self.bob)
        office.press(self.alan, "case_details", shown)
        modal = office.as_(self.alan).modal
        for words in (self.case.id, "Alice Archer answered Yes", "Lost the phone"):
            assert words in modal.shown
        assert "submit" not in modal.spec
        assert office.tags()[-1] == "slack:case:shown"

    def test_lists_name_what_waits_and_what_is_ones_own(self, office: Office) -> None:
        none = answer_to(office, self.alan, "Mine")
        assert "Bob Brown" not in none
        assert "Bob Brown (Acme Ltd)" in answer_to(office, self.alan, "pending")
        listed = office.as_(self.alan).ephemerals[-1]
        before = listed.shown
        answer_to_click(office, self.alan, listed, "case_take_over")
        assert listed.shown == before  # a list stays what it was
        assert "Bob Brown (Acme Ltd)" in answer_to(office, self.alan, "mine")
        assert answer_to(office, self.alice, "mine") == none

    def test_answer_without_a_way_back_goes_by_dm(self, office: Office) -> None:
        click = office.as_(self.alan).click(status(office, self.alan, self.bob), "case_details")
        click.payload["actions"][0]["action_id"] = "case_remind"
        del click.payload["response_url"]
        assert forge(office, click.payload).status == 200
        office.deliver()
        assert office.heard(self.alan, "Bob Brown was reminded") == 1

    def test_bob_sees_how_it_stands_without_a_button(self, office: Office) -> None:
        assert STILL in answer_to(office, self.bob, "status")
        report(office, self.bob)
        office.as_(self.bob).close_all()
        assert "suspended" in answer_to(office, self.bob, "status <@U01BOB>")
        assert office.as_(self.bob).ephemerals[-1].action_ids == []

    def test_another_account_is_told_nothing(self, office: Office) -> None:
        give_roles(office, self.alan, {office.world.globex.id: Role.ADMINISTRATOR})
        answer = answer_to(office, self.alan, "status <@U01BOB>")
        for part in ("Acme", "Alice", "Lost the phone"):
            assert part not in answer


def test_first_set_up_that_nobody_asked_for_is_taken_over_too(office: Office) -> None:
    dana, carol = office.world.dana, office.world.carol
    give_roles(office, dana, {office.world.acme.id: Role.MEMBER})
    assert office.browser().password(dana).heading == "Prove that it is you"
    office.deliver()
    office.press(carol, "case_take_over", status(office, carol, dana))
    (case,) = office.cases(dana)
    assert (case.kind, case.admin_id) == (CaseKind.FIRST_SET_UP, None)
    assert case.taken_over_by == carol.id


def test_a_case_is_cancelled_by_a_colleague_until_it_is_answered(office: Office) -> None:
    alice, alan, bob = office.world.alice, office.world.alan, office.world.bob
    block = office.request(alice, bob)
    shown = status(office, alan, bob)
    behind = shown.as_seen()
    office.press(alan, "case_cancel", shown)
    assert ended(office, bob)[0] is CaseState.CANCELLED
    assert office.tags()[-1] == "slack:case:cancelled"
    assert "The case was cancelled by Alan Ames" in office.dm(alice)[-1]
    with office.refused("slack:reset:already_decided"):
        answer_to_click(office, alice, block, "reset_yes")
    with office.refused("slack:case:already_decided"):
        answer_to_click(office, alan, behind, "case_cancel")
    assert office.active(bob.id) == 1
    assert office.dm(bob) == []


def test_own_status_is_for_everybody_and_lists_are_for_administrators(office: Office) -> None:
    bob = office.world.bob
    assert "Your 2FA is set up" in answer_to(office, bob, "status")
    for words in ("pending", "mine"):
        with office.refused("slack:case:not_an_administrator"):
            answer_to(office, bob, words)


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

    def test_with_a_forged_id(self) -> None:
        self.refused("case_not_found", ids=("case_0", "'OR'1'='1", "x" * 255, "case_\\u0000"))

    def test_from_another_workspace_with_the_same_id(self) -> None:
        self.click["user"]["team_id"] = OTHER_TEAM
        self.refused("not_a_contact")
