"""Bob never sets 2FA up again: he is reminded of the day, then suspended; a new reset lifts it."""

from bot.domain.model.cases import CaseState
from bot.domain.model.people import Role, SuspensionCause
from tests.fakes import Person
from tests.office import AUDIT, Office
from tests.scenario.changes import cause_of_suspension, give_roles, report

DAY = "15 January 2026, 12:00 UTC"
SUSPENDED = "Your sign-in is suspended"
LAPSED = "The sign-in of Bob Brown is suspended. Bob Brown did not set 2FA up in time"
HELP = "the help desk, +44 20 7946 0999"


def lapse(office: Office, subscriber: Person) -> None:
    office.reset(office.world.alice, subscriber)
    office.move(days=14)
    office.sweep()
    assert cause_of_suspension(office, subscriber) is SuspensionCause.LAPSED


class TestTheStory:
    def test_reminders_name_the_day_and_a_new_reset_lifts_what_came_of_it(
        self, office: Office
    ) -> None:
        world = office.world
        first = office.reset(world.alice, world.bob)

        office.move(days=1)
        office.sweep()
        assert f"After {DAY} your sign-in will be suspended." in office.dm(world.bob)[-1]
        assert "the sign-in will be suspended on <!date^" in office.dm(world.alice)[-1]
        assert DAY in office.dm(world.alice)[-1]
        office.move(days=6)
        office.sweep()
        for owner in (world.carol, world.dana):
            assert f"The sign-in of Bob Brown will be suspended on {DAY}." in office.dm(owner)[-1]

        office.move(days=6, hours=23, minutes=58)  # a minute, and the minute of the reset, remain
        office.sweep()
        assert cause_of_suspension(office, world.bob) is None
        records = len(office.tags())
        office.move(minutes=1)
        office.sweep()
        assert [tag for tag in office.tags()[records:] if "head" not in tag] == [
            "sweep:case:lapsed",
            "sweep:suspension:added",
            "sweep:session:ended",
        ]
        assert office.cases(world.bob)[0].state is CaseState.LAPSED
        told = office.dm(world.bob)[-1]
        assert SUSPENDED in told
        assert HELP in told
        for person in (world.alice, world.alan, world.carol, world.dana):
            assert office.heard(person, LAPSED) == 1
            assert "call Bob Brown on the number on file" in office.dm(person)[-1]
        assert any(LAPSED in message.text for message in office.slack.messages(AUDIT))

        page = office.browser().password(world.bob)
        assert (page.status, page.heading) == (403, SUSPENDED)
        assert HELP in page.words

        second = office.reset(world.alice, world.bob)
        assert cause_of_suspension(office, world.bob) is None
        states = {case.id: case.state for case in office.cases(world.bob)}
        assert states == {first.id: CaseState.SUPERSEDED, second.id: CaseState.COMPLETED}
        lifted = "Your sign-in is no longer suspended. The suspension was lifted by Alice Archer."
        assert office.heard(world.bob, lifted) == 1
        for person in (world.alan, world.carol, world.dana):
            assert office.heard(person, "Bob Brown is no longer suspended") == 1
        office.set_up(world.bob)
        assert office.cases(world.bob)[0].state is CaseState.RE_ENROLLED

    def test_is_told_once_across_restarts_and_can_be_reported(self, office: Office) -> None:
        world = office.world
        lapse(office, world.bob)
        for _ in range(2):
            office.restart()
            office.move(days=1)
            office.sweep()
        assert office.heard(world.bob, SUSPENDED) == 1
        assert office.heard(world.alice, LAPSED) == 1
        assert office.tags().count("sweep:case:lapsed") == 1
        assert report(office, world.bob).ok
        assert cause_of_suspension(office, world.bob) is SuspensionCause.VETOED
        assert office.cases(world.bob)[0].state is CaseState.VETOED

    def test_reminders_and_lapses_never_come_where_they_are_switched_off(
        self, office: Office
    ) -> None:
        world = office.world
        office.restart(REKEY_SUSPEND_AFTER="never")
        office.reset(world.alice, world.bob)
        for _ in range(3):
            office.move(days=10)
            office.sweep()
        assert "suspended" not in "".join([*office.dm(world.bob), *office.dm(world.alice)])
        assert office.cases(world.bob)[0].state is CaseState.COMPLETED


class TestAtTheVeryTime:
    def test_set_up_page_that_was_open_is_void(self, office: Office) -> None:
        """He has typed the set-up code, and scans; the sweep is quicker."""
        world, browser = office.world, office.browser()
        office.reset(world.alice, world.bob)
        office.move(days=13, hours=23, minutes=50)
        page = office.to_set_up_page(world.bob, browser)
        office.move(minutes=10)
        office.sweep()
        assert browser.first_code(office.first_code(page)).path == "/portal/sign-in"
        assert office.active(world.bob.id) == 0
        assert office.cases(world.bob)[0].state is CaseState.LAPSED

    def test_reminder_that_could_not_leave_before_is_dropped(self, office: Office) -> None:
        world = office.world
        office.reset(world.alice, world.bob)
        office.slack.faults.server_error("chat.postMessage", times=None)
        office.move(days=7)
        office.sweep()
        office.move(days=7)
        office.rekey.sweep.run()
        office.slack.faults.clear()
        office.move(hours=2)
        office.deliver()
        assert office.heard(world.bob, "Your 2FA is still to be set up") == 0
        assert office.heard(world.bob, SUSPENDED) == 1


class TestLastOwner:
    def test_is_reported_once_and_suspended_once_there_is_another(self, office: Office) -> None:
        world = office.world
        acme = world.acme.id
        give_roles(office, world.alan, {acme: Role.OWNER})
        case = office.reset(world.alan, world.carol)
        give_roles(office, world.alan, {acme: Role.ADMINISTRATOR})
        spared = "Carol Cole has not set 2FA up, and is not suspended"

        office.move(days=7)
        office.sweep()
        assert "suspended" not in office.dm(world.carol)[-1]
        for _ in range(2):
            office.move(days=7)
            office.sweep()
        assert cause_of_suspension(office, world.carol) is None
        assert office.cases(world.carol)[0].state is CaseState.COMPLETED
        assert [office.heard(p, spared) for p in (world.alan, world.alice)] == [1, 1]
        assert sum(spared in message.text for message in office.slack.messages(AUDIT)) == 1
        assert office.tags().count("sweep:suspension:spared") == 1
        assert office.heard(world.carol, SUSPENDED) == 0

        give_roles(office, world.alan, {acme: Role.OWNER})
        office.sweep()
        assert cause_of_suspension(office, world.carol) is SuspensionCause.LAPSED
        assert [(c.id, c.state) for c in office.cases(world.carol)] == [(case.id, CaseState.LAPSED)]
