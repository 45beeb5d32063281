"""*This wasn't me*, from every message that has the button, and who may lift what it did."""

from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.people import Operator, SuspensionCause
from tests.fakes import Person
from tests.office import Office
from tests.scenario.changes import answer_to, cause_of_suspension, message_to_report, report

REPORTED = "reported: “This wasn't me”"
LIFTED = "is no longer suspended"
OPERATOR = Operator(user="ops", host="console")


def heard(office: Office, person: Person, words: str) -> int:
    """Return how many messages the person had of which the text says that."""
    return sum(words in m.text for m in office.as_(person).dm)


def hand_over(office: Office, admin: Person) -> str:
    """Have the admin hand over the code of Bob's one sign-in that waits; return the code."""
    slack = office.as_(admin)
    assert office.type(admin, f"hand-over <@{office.world.bob.slack.user}>").ok
    values = {"proof": "called_back", "code": admin.code(office.clock)}
    assert slack.submit(slack.modal, values).ok
    office.deliver()
    shown = slack.modal.shown.split()
    slack.close_all()
    return next(word for word in shown if len(word) == len("ABCD-1234") and word[4] == "-")


class TestFromEveryMessage:
    def test_of_a_sign_in_that_waits_ends_that_sign_in(self, office: Office) -> None:
        """Somebody who knows his password signs in at night; Bob sees it in the morning."""
        world, stranger = office.world, office.browser(address="203.0.113.66")
        office.reset(world.alice, world.bob)
        assert stranger.password(world.bob).heading == "Prove that it is you"
        office.deliver()
        message = message_to_report(office, world.bob)
        assert message.action_ids == ["show_set_up_code", "reset_report"]
        assert "press “This wasn't me” at once" in office.dm(world.bob)[-1]
        assert report(office, world.bob).ok
        assert cause_of_suspension(office, world.bob) is SuspensionCause.VETOED
        assert stranger.open("/portal/set-up").path == "/portal/sign-in"

    def test_of_a_reminder(self, office: Office) -> None:
        world = office.world
        office.reset(world.alice, world.bob)
        office.move(days=1)
        office.sweep()
        assert "Your 2FA is still to be set up" in office.as_(world.bob).dm[-1].text
        assert report(office, world.bob).ok
        assert office.cases(world.bob)[0].state is CaseState.VETOED
        office.move(days=20)
        office.sweep()
        assert heard(office, world.bob, "Your 2FA is still to be set up") == 1
        assert office.cases(world.bob)[0].state is CaseState.VETOED

    def test_of_a_reinstatement_and_it_is_the_operators_case_that_is_reported(
        self, office: Office
    ) -> None:
        """Whoever phoned the operator was not Bob."""
        world = office.world
        office.reset(world.alice, world.bob)
        report(office, world.bob)
        office.as_(world.bob).close_all()
        suspensions = office.suspensions
        suspensions.reinstate(world.bob.email, reason="He phoned", operator=OPERATOR)
        office.deliver()
        assert LIFTED in office.as_(world.bob).dm[-1].text
        assert report(office, world.bob).ok
        case = office.cases(world.bob)[0]
        assert (case.kind, case.state) == (CaseKind.OPERATOR, CaseState.VETOED)
        assert heard(office, world.alan, REPORTED) == 2
        assert "an administrator or owner lifts" in office.dm(world.alan)[-1]
        with office.refused("slack:reset:not_yours_to_lift"):
            answer_to(office, world.alice, f"<@{world.bob.slack.user}>")

    def test_press_on_the_older_of_two_messages_is_told_so(self, office: Office) -> None:
        world = office.world
        office.reset(world.alice, world.bob)
        older = message_to_report(office, world.bob)
        office.move(days=1)
        office.sweep()
        report(office, world.bob)
        office.as_(world.bob).close_all()
        with office.refused("slack:report:already_reported"):
            office.as_(world.bob).click(older, "reset_report")
        assert "everybody concerned was told" in office.ephemerals(world.bob)[-1]


class TestHandedOver:
    def test_neither_the_admin_nor_whoever_handed_the_code_over_lifts_it(
        self, office: Office
    ) -> None:
        """Alan was taken in by the caller: the code went to somebody else, who enrolled."""
        world, stranger = office.world, office.browser(address="203.0.113.66")
        office.reset(world.alice, world.bob)
        stranger.password(world.bob)
        office.deliver()
        page = stranger.set_up_code(hand_over(office, world.alan))
        assert stranger.first_code(office.first_code(page)).path == "/portal/"
        office.deliver()
        office.move(minutes=1)

        assert report(office, world.bob).ok
        assert office.active(world.bob.id) == 0
        assert stranger.open("/portal/").path == "/portal/sign-in"
        for person in (world.alice, world.alan, world.carol, world.dana):
            assert heard(office, person, REPORTED) == 1
            assert "Whoever handed the set-up code over cannot lift it" in office.dm(person)[-1]
        for person in (world.alice, world.alan):
            with office.refused("slack:reset:not_yours_to_lift"):
                said = answer_to(office, person, f"<@{world.bob.slack.user}>")
            assert "a reset that you had a hand in" in said

        office.reset(world.carol, world.bob)
        assert cause_of_suspension(office, world.bob) is None
        lifted = "The suspension was lifted by Carol Cole"
        for person in (world.bob, world.alice, world.alan, world.dana):
            assert heard(office, person, lifted) == 1
        assert heard(office, world.carol, lifted) == 0
        assert any(lifted in message.text for message in office.slack.messages("C01AUDIT"))


class TestWhileANewResetWaits:
    """Bob reports the enrolment of the night while an administrator's next question waits."""

    def test_yes_of_somebody_else_ends_the_case_and_a_new_one_lifts_it(
        self, office: Office
    ) -> None:
        """Alan asked before there was anything to lift, be it by a moment."""
        world = office.world
        reported = office.reset(world.alice, world.bob)
        office.set_up(world.bob)
        block = office.request(world.alan, world.bob)
        report(office, world.bob)
        office.as_(world.alan).click(block, "reset_yes")
        office.deliver()
        assert cause_of_suspension(office, world.bob) is SuspensionCause.VETOED
        assert office.cases(world.bob)[0].ended_reason == "reported_meanwhile"

        office.move(minutes=1)
        office.reset(world.alan, world.bob)
        assert cause_of_suspension(office, world.bob) is None
        newer, _, older = office.cases(world.bob)
        assert (newer.state, older.id, older.state) == (
            CaseState.COMPLETED,
            reported.id,
            CaseState.SUPERSEDED,
        )

    def test_yes_of_the_reported_admin_ends_the_case(self, office: Office) -> None:
        world = office.world
        office.reset(world.alice, world.bob)
        office.set_up(world.bob)
        block = office.request(world.alice, world.bob)
        report(office, world.bob)
        office.as_(world.alice).click(block, "reset_yes")
        office.deliver()
        assert office.tags()[-2:] == ["slack:case:expired", "slack:reset:standing_lost"]
        assert cause_of_suspension(office, world.bob) is SuspensionCause.VETOED
        assert office.cases(world.bob)[0].ended_reason == "not_yours_to_lift"
