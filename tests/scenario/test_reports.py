"""*This wasn't me*, from every message that has the button, and who may lift what it did."""

import pytest

from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.people import Operator, SuspensionCause
from tests.fakes import Person
from tests.office import AUDIT, Office
from tests.scenario.changes import (
    answer_to,
    cause_of_suspension,
    ended,
    hand_over_form,
    invalidate_authenticators,
    message_to_report,
    report,
    set_up_codes_in,
)

REPORTED = "reported: “This wasn't me”"
OPERATOR = Operator(user="ops", host="console")
GATE = "Prove that it is you"


def told_of_report(office: Office) -> list[str]:
    """Return, by Slack's id, whoever was told of a report, and once for each time."""
    channels = office.slack.workspace.channels
    heard = [m for m in office.slack.workspace.messages if REPORTED in m.text]
    return sorted(channels[m.channel].user or m.channel for m in heard)


def everybody(office: Office) -> list[str]:
    """Return whom a report of Bob's concerns."""
    world = office.world
    told = [p.slack.user for p in (world.alice, world.alan, world.carol, world.dana)]
    return sorted([*told, AUDIT])


def may_not_lift(office: Office, *admins: Person) -> None:
    for admin in admins:
        with office.refused("slack:reset:not_yours_to_lift"):
            answer_to(office, admin, "<@U01BOB>")
    assert cause_of_suspension(office, office.world.bob) is SuspensionCause.VETOED


class TestTheTwoPresses:
    def test_the_first_only_asks(self, office: Office) -> None:
        office.reset(office.world.alice, office.world.bob)
        bob = office.as_(office.world.bob)
        with office.refused():
            office.press(office.world.bob, "reset_report")
            bob.close(bob.modal)

    def test_the_second_suspends_and_tells_everybody_concerned(self, office: Office) -> None:
        world = office.world
        office.reset(world.alice, world.bob)
        records = len(office.tags())
        assert report(office, world.bob).ok
        assert "the help desk, +44 20 7946 0999" in office.as_(world.bob).modal.shown
        assert told_of_report(office) == everybody(office)
        assert "other than Alice Archer lifts" in office.dm(world.alan)[-1]
        assert cause_of_suspension(office, world.bob) is SuspensionCause.VETOED
        assert ended(office, world.bob)[0] is CaseState.VETOED
        assert office.tags()[records:][:2] == ["slack:case:vetoed", "slack:suspension:added"]
        assert office.browser().password(world.bob).status == 403

        office.as_(world.bob).close_all()
        with office.refused("slack:report:already_reported"):  # made again
            office.press(world.bob, "reset_report")
        assert "call the help desk" in office.ephemerals(world.bob)[-1]

    def test_the_second_counts_once(self, office: Office) -> None:
        office.reset(office.world.alice, office.world.bob)
        pressed = report(office, office.world.bob)
        with office.refused("slack:report:already_reported"):
            assert office.slack.replay(pressed).status == 200

    def test_a_bug_at_the_second_is_told_in_the_modal(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            "bot.domain.resets.reports.ReportService._suspend", lambda *_, **__: 1 / 0
        )
        office.reset(office.world.alice, office.world.bob)
        with office.refused():
            report(office, office.world.bob)
        assert "Something went wrong" in office.as_(office.world.bob).modal.shown

    def test_another_persons_press_is_refused(self, office: Office) -> None:
        world = office.world
        office.reset(world.alice, world.bob)
        message = message_to_report(office, world.bob)
        with office.refused("slack:report:not_the_subscriber"):
            office.as_(world.alan).click(message, "reset_report", even_if_unseen=True)
        assert office.as_(world.alan).modals == []

    def test_after_a_newer_reset_is_too_late(self, office: Office) -> None:
        world = office.world
        office.reset(world.alice, world.bob)
        message = message_to_report(office, world.bob)
        office.reset(world.alan, world.bob)
        with office.refused("slack:report:report_too_late"):
            office.press(world.bob, "reset_report", message)


class TestFromEveryMessage:
    def test_of_a_sign_in_that_waits_ends_that_and_every_other(self, office: Office) -> None:
        """Somebody who knows his password signs in at night; Bob sees it in the morning."""
        world, stranger, setting_up = office.world, office.browser(), office.browser()
        office.reset(world.alice, world.bob)
        page = office.to_set_up_page(world.bob, setting_up)
        assert stranger.password(world.bob).heading == GATE
        office.deliver()
        message = message_to_report(office, world.bob)
        assert message.action_ids == ["show_set_up_code", "reset_report"]
        code = office.set_up_code(world.bob)
        report(office, world.bob)
        office.as_(world.bob).close_all()
        with office.refused():
            assert setting_up.first_code(office.first_code(page)).path == "/portal/sign-in"
            assert stranger.set_up_code(code).path == "/portal/sign-in"
        with office.refused("slack:set_up_code:sign_in_suspended"):
            office.press(world.bob, "show_set_up_code", message)
        assert office.as_(world.bob).modals == []
        assert office.active(world.bob.id) == 0

    def test_of_a_reminder(self, office: Office) -> None:
        world = office.world
        office.reset(world.alice, world.bob)
        older = message_to_report(office, world.bob)
        office.move(days=1)
        office.sweep()
        assert message_to_report(office, world.bob) != older
        assert report(office, world.bob).ok
        office.as_(world.bob).close_all()
        with office.refused("slack:report:already_reported"):
            office.press(world.bob, "reset_report", older)
        office.move(days=20)
        office.sweep()
        assert office.heard(world.bob, "Your 2FA is still to be set up") == 1
        assert ended(office, world.bob)[0] is CaseState.VETOED

    @pytest.mark.parametrize(
        ("time", "taken"), [({"days": 29, "hours": 23}, True), ({"days": 30}, False)]
    )
    def test_of_an_enrolment_is_taken_for_thirty_days(
        self, office: Office, time: dict[str, float], *, taken: bool
    ) -> None:
        world = office.world
        office.reset(world.alice, world.bob)
        browser = office.set_up(world.bob)
        office.move(**time)
        if taken:
            assert report(office, world.bob).ok
            assert cause_of_suspension(office, world.bob) is SuspensionCause.VETOED
            assert (ended(office, world.bob)[0], office.active(world.bob.id)) == (
                CaseState.VETOED,
                0,
            )
            assert browser.open("/portal/").path == "/portal/sign-in"
        else:
            with office.refused("slack:report:report_too_late"):
                office.press(world.bob, "reset_report")
            assert office.as_(world.bob).modals == []

    def test_of_a_first_set_up_leaves_nobody_out(self, office: Office) -> None:
        """No admin asked for it, so every administrator may lift the suspension."""
        world = office.world
        invalidate_authenticators(office, world.bob)
        office.set_up(world.bob)
        report(office, world.bob)
        assert told_of_report(office) == everybody(office)
        assert "an administrator or owner lifts" in office.dm(world.alice)[-1]

    def test_of_a_reinstatement_reports_the_operators_case(self, office: Office) -> None:
        """Whoever phoned the operator was not Bob."""
        world = office.world
        office.reset(world.alice, world.bob)
        report(office, world.bob)
        office.as_(world.bob).close_all()
        office.suspensions.reinstate(world.bob.email, reason="He phoned", operator=OPERATOR)
        office.deliver()
        assert report(office, world.bob).ok
        case = office.cases(world.bob)[0]
        assert (case.kind, case.state) == (CaseKind.OPERATOR, CaseState.VETOED)
        assert office.heard(world.alan, REPORTED) == 2
        may_not_lift(office, world.alice)


class TestLifting:
    def test_by_another_admins_reset_lets_the_subscriber_set_up_again(self, office: Office) -> None:
        world = office.world
        reported = office.reset(world.alice, world.bob)
        report(office, world.bob)
        may_not_lift(office, world.alice)
        newer = office.reset(world.alan, world.bob)
        assert cause_of_suspension(office, world.bob) is None
        states = {case.id: case.state for case in office.cases(world.bob)}
        assert states == {reported.id: CaseState.SUPERSEDED, newer.id: CaseState.COMPLETED}
        assert office.tags().count("slack:suspension:lifted") == 1
        assert office.tags().count("slack:case:superseded") == 1
        office.set_up(world.bob)
        assert ended(office, world.bob)[0] is CaseState.RE_ENROLLED

    def test_is_not_for_whoever_handed_the_code_over_either(self, office: Office) -> None:
        """Alan was taken in by the caller: the code went to somebody else, who enrolled."""
        world, stranger = office.world, office.browser(address="203.0.113.66")
        office.reset(world.alice, world.bob)
        stranger.password(world.bob)
        office.deliver()
        view, filled = hand_over_form(office, world.alan)
        assert office.as_(world.alan).submit(view, filled).ok
        (code,) = set_up_codes_in(office.as_(world.alan).modal)
        office.as_(world.alan).close_all()
        page = stranger.set_up_code(code)
        assert stranger.first_code(office.first_code(page)).path == "/portal/"
        office.deliver()
        office.move(minutes=1)

        report(office, world.bob)
        assert office.active(world.bob.id) == 0
        assert stranger.open("/portal/").path == "/portal/sign-in"
        assert told_of_report(office) == everybody(office)
        may_not_lift(office, world.alice, world.alan)
        office.reset(world.carol, world.bob)
        assert cause_of_suspension(office, world.bob) is None
        lifted = "The suspension was lifted by Carol Cole"
        heard = {p.name: office.heard(p, lifted) for p in world.people}
        assert heard == {p.name: int(p is not world.carol) for p in world.people}
        assert any(lifted in message.text for message in office.slack.messages(AUDIT))


class TestWhileANewResetWaits:
    """Bob reports the enrolment of the night while an administrator's next question waits."""

    @pytest.mark.parametrize(
        ("admin", "reason"), [("alice", "not_yours_to_lift"), ("alan", "reported_meanwhile")]
    )
    def test_yes_ends_the_case_and_somebody_elses_new_one_lifts_it(
        self, office: Office, admin: str, reason: str
    ) -> None:
        """Alan asked before there was anything to lift, be it by a moment."""
        world, asking = office.world, getattr(office.world, admin)
        office.reset(world.alice, world.bob)
        office.set_up(world.bob)
        office.request(asking, world.bob)
        report(office, world.bob)
        office.press(asking, "reset_yes")
        assert office.tags()[-2:] == ["slack:case:expired", "slack:reset:standing_lost"]
        assert cause_of_suspension(office, world.bob) is SuspensionCause.VETOED
        assert ended(office, world.bob) == (CaseState.EXPIRED, reason)
        office.move(minutes=1)
        office.reset(world.alan, world.bob)
        assert cause_of_suspension(office, world.bob) is None
        states = [case.state for case in office.cases(world.bob)]
        assert states == [CaseState.COMPLETED, CaseState.EXPIRED, CaseState.SUPERSEDED]
