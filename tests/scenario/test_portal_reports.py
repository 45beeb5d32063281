"""*This wasn't me*: from the DM after a reset, and from the one after an enrolment."""

from bot.domain.model.cases import CaseState
from bot.domain.model.people import SuspensionCause
from tests.office import AUDIT, CHANNEL, Office
from tests.scenario.changes import cause_of_suspension, message_to_report, report

REPORTED = "reported: “This wasn't me”"


def told_of_report(office: Office) -> list[str]:
    """Return, by Slack's id, whoever was told of a report, and once for each time."""
    slack = office.slack
    channels = slack.workspace.channels
    heard = [m for m in slack.workspace.messages if REPORTED in m.text]
    return sorted(channels[m.channel].user or m.channel for m in heard)


class TestAfterAReset:
    def test_first_press_only_asks(self, office: Office) -> None:
        world = office.world
        office.reset(world.alice, world.bob)
        bob = office.as_(world.bob)
        with office.refused():
            bob.click(message_to_report(office, world.bob), "reset_report")
            shown = bob.modal.shown
            bob.close(bob.modal)
        assert "your sign-in is suspended" in shown
        assert cause_of_suspension(office, world.bob) is None

    def test_second_press_suspends_and_tells_everybody_concerned(self, office: Office) -> None:
        world = office.world
        case = office.reset(world.alice, world.bob)
        records = len(office.tags())
        assert report(office, world.bob).ok

        assert "Your report was taken." in office.as_(world.bob).modal.shown
        assert "Your report was taken" in office.dm(world.bob)[-1]
        told = [p.slack.user for p in (world.alice, world.alan, world.carol, world.dana)]
        assert told_of_report(office) == sorted([*told, AUDIT])
        assert (
            "an administrator or owner other than Alice Archer lifts" in office.dm(world.alan)[-1]
        )
        assert cause_of_suspension(office, world.bob) is SuspensionCause.VETOED
        assert [(c.id, c.state) for c in office.cases(world.bob)] == [(case.id, CaseState.VETOED)]
        assert office.tags()[records:][:2] == ["slack:case:vetoed", "slack:suspension:added"]
        page = office.browser().password(world.bob)
        assert (page.status, page.heading) == (403, "Your sign-in is suspended")

    def test_sign_in_that_waited_is_void_at_its_next_request(self, office: Office) -> None:
        world, waiting, setting_up = office.world, office.browser(), office.browser()
        office.reset(world.alice, world.bob)
        page = office.to_set_up_page(world.bob, setting_up)
        waiting.password(world.bob)
        office.deliver()
        button = [m for m in office.as_(world.bob).dm if "show_set_up_code" in m.action_ids][-1]
        code = office.set_up_code(world.bob)
        report(office, world.bob)
        office.as_(world.bob).close_all()

        with office.refused():
            assert setting_up.first_code(office.first_code(page)).path == "/portal/sign-in"
            assert waiting.set_up_code(code).path == "/portal/sign-in"
        with office.refused("slack:set_up_code:sign_in_suspended"):
            office.as_(world.bob).click(button, "show_set_up_code")
        assert office.as_(world.bob).modals == []
        office.deliver()
        assert "or call the help desk, +44 20 7946 0999." in office.ephemerals(world.bob)[-1]
        assert office.active(world.bob.id) == 0

    def test_report_made_again_is_refused(self, office: Office) -> None:
        world = office.world
        office.reset(world.alice, world.bob)
        report(office, world.bob)
        office.as_(world.bob).close_all()
        with office.refused("slack:report:already_reported"):
            office.as_(world.bob).click(message_to_report(office, world.bob), "reset_report")
        assert "This was reported before" in office.ephemerals(world.bob)[-1]

    def test_modal_left_open_while_it_was_reported_changes_nothing(self, office: Office) -> None:
        world = office.world
        office.reset(world.alice, world.bob)
        bob = office.as_(world.bob)
        bob.click(message_to_report(office, world.bob), "reset_report")
        office.rekey.services.reports.report(world.bob.slack, office.cases(world.bob)[0].id)
        office.deliver()
        with office.refused("slack:report:already_reported"):
            bob.submit(bob.modal)
        assert "This was reported before" in bob.modal.shown

    def test_another_persons_press_is_refused(self, office: Office) -> None:
        world = office.world
        office.reset(world.alice, world.bob)
        message = message_to_report(office, world.bob)
        with office.refused("slack:report:not_the_subscriber"):
            office.as_(world.alan).click(message, "reset_report", even_if_unseen=True)
        assert office.as_(world.alan).modals == []
        assert "only they can report it" in office.ephemerals(world.alan)[-1]

    def test_after_a_newer_reset_is_too_late(self, office: Office) -> None:
        world = office.world
        office.reset(world.alice, world.bob)
        message = message_to_report(office, world.bob)
        office.reset(world.alan, world.bob)
        with office.refused("slack:report:report_too_late"):
            office.as_(world.bob).click(message, "reset_report")
        assert "a later reset has taken its place" in office.ephemerals(world.bob)[-1]


class TestAfterAnEnrolment:
    def test_undoes_the_enrolment_and_ends_its_session(self, office: Office) -> None:
        world = office.world
        office.reset(world.alice, world.bob)
        browser = office.set_up(world.bob)
        assert "An authenticator was added to your sign-in" in office.dm(world.bob)[-1]
        assert office.active(world.bob.id) == 1
        assert browser.open("/portal/").path == "/portal/"

        assert report(office, world.bob).ok
        assert office.active(world.bob.id) == 0
        assert browser.open("/portal/").path == "/portal/sign-in"
        assert office.cases(world.bob)[0].state is CaseState.VETOED
        assert "slack:case:vetoed" in office.tags()
        assert world.alice.slack.user in told_of_report(office)

    def test_is_taken_for_thirty_days(self, office: Office) -> None:
        world = office.world
        office.reset(world.alice, world.bob)
        office.set_up(world.bob)
        office.move(days=29, hours=23)
        assert report(office, world.bob).ok
        assert cause_of_suspension(office, world.bob) is SuspensionCause.VETOED

    def test_is_too_late_after_thirty_days(self, office: Office) -> None:
        world = office.world
        office.reset(world.alice, world.bob)
        office.set_up(world.bob)
        office.move(days=30)
        with office.refused("slack:report:report_too_late"):
            office.as_(world.bob).click(message_to_report(office, world.bob), "reset_report")
        assert office.as_(world.bob).modals == []
        assert "This can no longer be reported here" in office.ephemerals(world.bob)[-1]

    def test_of_a_first_set_up_leaves_nobody_out(self, office: Office) -> None:
        """No admin asked for it, so every administrator may lift the suspension."""
        world = office.world
        with office.rekey.database.unit_of_work() as uow:
            uow.authenticators.invalidate_all(world.bob.id, now=office.clock.now())
            uow.commit()
        office.set_up(world.bob)
        report(office, world.bob)
        told = [p.slack.user for p in (world.alice, world.alan, world.carol, world.dana)]
        assert told_of_report(office) == sorted([*told, AUDIT])
        assert "an administrator or owner lifts" in office.dm(world.alice)[-1]


class TestLifting:
    def test_by_the_reported_admin_is_refused(self, office: Office) -> None:
        world = office.world
        office.reset(world.alice, world.bob)
        report(office, world.bob)
        with office.refused("slack:reset:not_yours_to_lift"):
            office.type(world.alice, f"<@{world.bob.slack.user}>")
        assert office.as_(world.alice).modals == []
        said = office.as_(world.alice).messages(CHANNEL)[-1]
        assert said.ephemeral_to == world.alice.slack.user
        assert "somebody else has to look at it" in said.shown
        assert cause_of_suspension(office, world.bob) is SuspensionCause.VETOED

    def test_by_another_admins_reset_lets_the_subscriber_set_up_again(self, office: Office) -> None:
        world = office.world
        reported = office.reset(world.alice, world.bob)
        report(office, world.bob)
        newer = office.reset(world.alan, world.bob)
        assert cause_of_suspension(office, world.bob) is None
        states = {case.id: case.state for case in office.cases(world.bob)}
        assert states == {reported.id: CaseState.SUPERSEDED, newer.id: CaseState.COMPLETED}
        assert office.tags().count("slack:suspension:lifted") == 1
        assert office.tags().count("slack:case:superseded") == 1
        office.set_up(world.bob)
        assert office.cases(world.bob)[0].state is CaseState.RE_ENROLLED
