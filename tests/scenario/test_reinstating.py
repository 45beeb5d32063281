"""The operator suspends whoever calls in, and lifts what suspends somebody."""

from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.people import Operator, SuspensionCause
from tests.fakes import Person
from tests.office import AUDIT, Office
from tests.scenario.changes import answer_to, cause_of_suspension, report

OPERATOR = Operator(user="ops", host="console")
LIFTED = "The suspension was lifted by the operator"


def reinstate(office: Office, person: Person) -> None:
    office.suspensions.reinstate(
        person.email, reason="Called on the number on file", operator=OPERATOR
    )
    office.deliver()


def suspend(office: Office, person: Person) -> None:
    office.suspensions.suspend(person.email, reason="Called in", operator=OPERATOR)
    office.deliver()


class TestAfterAReport:
    def test_set_up_hangs_on_a_case_of_the_operators(self, office: Office) -> None:
        world = office.world
        reported = office.reset(world.alice, world.bob)
        report(office, world.bob)
        office.as_(world.bob).close_all()
        records = len(office.tags())
        reinstate(office, world.bob)
        assert office.tags()[records:] == [
            "operator:suspension:lifted",
            "operator:case:completed",
            "operator:case:superseded",
        ]
        case, older = office.cases(world.bob)
        assert (case.kind, case.state) == (CaseKind.OPERATOR, CaseState.COMPLETED)
        assert (older.id, older.state) == (reported.id, CaseState.SUPERSEDED)
        told = office.dm(world.bob)[-1]
        assert "Your sign-in is no longer suspended" in told
        assert "set 2FA up again" in told
        for person in (world.alice, world.alan, world.carol, world.dana):
            assert "Bob Brown is no longer suspended" in office.dm(person)[-1]
            assert LIFTED in office.dm(person)[-1]
        assert any(LIFTED in message.text for message in office.slack.messages(AUDIT))

        office.move(days=1)
        office.sweep()
        assert "Required by" in office.dm(world.bob)[-1]
        office.set_up(world.bob)
        assert [(c.id, c.state) for c in office.cases(world.bob)] == [
            (case.id, CaseState.RE_ENROLLED),
            (reported.id, CaseState.SUPERSEDED),
        ]
        office.move(days=29)
        assert report(office, world.bob).ok
        assert office.cases(world.bob)[0].state is CaseState.VETOED
        assert office.active(world.bob.id) == 0


def test_after_a_lapse_time_begins_anew(office: Office) -> None:
    world = office.world
    office.reset(world.alice, world.bob)
    office.move(days=14)
    office.sweep()
    reinstate(office, world.bob)
    causes = []
    for days in (13, 1):
        office.move(days=days)
        office.sweep()
        causes.append(cause_of_suspension(office, world.bob))
    assert causes == [None, SuspensionCause.LAPSED]


class TestWhoeverCallsIn:
    """Bob cannot open Slack, and says on the telephone that it was not him."""

    def test_is_suspended_at_once_and_signs_in_as_before_once_it_is_lifted(
        self, office: Office
    ) -> None:
        world, browser = office.world, office.browser()
        browser.password(world.bob)
        assert browser.code(world.bob.code(office.clock)).path == "/portal/"
        suspend(office, world.bob)

        assert browser.open("/portal/").path == "/portal/sign-in"
        for person in (world.bob, world.carol, world.dana):
            assert "The operator suspended the sign-in for" in office.dm(person)[-1]
        assert "suspended the sign-in" in office.slack.messages(AUDIT)[-1].text
        page = office.browser().password(world.bob)
        assert (page.status, page.heading) == (403, "Your sign-in is suspended")
        with office.refused("slack:reset:operator_suspended"):
            said = answer_to(office, world.alice, f"<@{world.bob.slack.user}>")
        assert "only the operator lifts that" in said

        records = len(office.tags())
        reinstate(office, world.bob)
        assert office.tags()[records:] == ["operator:suspension:lifted"]
        assert "with your password, as before" in office.dm(world.bob)[-1]
        office.move(minutes=1)
        again = office.browser()
        again.password(world.bob)
        assert again.code(world.bob.code(office.clock)).path == "/portal/"
        assert office.cases(world.bob) == ()

    def test_is_neither_reminded_nor_lapsed_meanwhile(self, office: Office) -> None:
        world = office.world
        office.restart(REKEY_AUDIT_CHANNEL="")  # which hears of the audit head every day
        office.reset(world.alice, world.bob)
        suspend(office, world.bob)
        for _ in range(3):
            office.move(days=7)
            with office.refused():
                office.sweep()
        reinstate(office, world.bob)
        case, older = office.cases(world.bob)
        assert (case.kind, older.state) == (CaseKind.OPERATOR, CaseState.SUPERSEDED)
        with office.refused():
            office.sweep()
        office.move(days=1)
        office.sweep()
        assert "Your 2FA is still to be set up" in office.dm(world.bob)[-1]
