"""What falls due by itself: reminders, and messages that find nobody."""

from bot.domain.model.cases import CaseState
from bot.domain.model.people import Role
from tests.office import Office
from tests.scenario.changes import give_roles, unbind_slack

REMINDED = "Your 2FA is still to be set up"
DIGEST = "for a set-up"
LAST = "has not set 2FA up again"


def counts(office: Office) -> tuple[int, int, int]:
    """Return how often Bob was reminded, Alice had a digest, and Carol was told at the last."""
    world = office.world
    return (
        office.heard(world.bob, REMINDED),
        office.heard(world.alice, DIGEST),
        office.heard(world.carol, LAST),
    )


class TestReminders:
    def test_each_step_is_sent_once_whatever_restarts_and_owners_hear_of_the_last(
        self, office: Office
    ) -> None:
        office.reset(office.world.alice, office.world.bob)
        seen = []
        for _ in range(9):
            office.move(days=1)
            office.rekey.sweep.run()  # and dies before anything is sent
            office.restart()
            office.sweep()
            seen.append(counts(office))
        first, second, last = (1, 1, 0), (2, 2, 0), (3, 3, 1)
        assert seen == [first] * 2 + [second] * 4 + [last] * 3
        assert office.tags().count("sweep:reminder:sent") == 3
        assert office.heard(office.world.dana, LAST) == 1  # owner of Bob's other account

    def test_several_stale_cases_are_one_message_to_their_admin(self, office: Office) -> None:
        """It names no case that was re-enrolled."""
        world = office.world
        for person in (world.bob, world.alan, world.alice):
            office.reset(world.carol, person)
        office.set_up(world.alice)
        office.move(days=1)
        office.sweep()
        (digest,) = [m for m in office.as_(world.carol).dm if DIGEST in m.text]
        assert "2 of your resets wait for a set-up" in digest.shown
        names = [p.name for p in (world.bob, world.alan, world.alice) if p.name in digest.shown]
        assert names == ["Bob Brown", "Alan Ames"]
        assert office.heard(world.bob, REMINDED) == office.heard(world.alan, REMINDED) == 1

    def test_owner_who_is_the_admin_gets_the_digest_alone(self, office: Office) -> None:
        world = office.world
        office.reset(world.carol, world.bob)
        office.move(days=7)
        office.sweep()
        assert (office.heard(world.carol, DIGEST), office.heard(world.carol, LAST)) == (1, 0)
        assert office.heard(world.dana, LAST) == 1

    def test_one_already_written_is_dropped_if_re_enrolment_comes_first(
        self, office: Office
    ) -> None:
        world, browser = office.world, office.browser()
        office.restart(REKEY_REMIND_AFTER="PT10M,P3D")
        office.reset(world.alice, world.bob)
        page = office.to_set_up_page(world.bob, browser)
        office.move(minutes=10)
        office.rekey.sweep.run()
        assert browser.first_code(office.first_code(page)).path == "/portal/"
        office.deliver()
        assert counts(office) == (0, 0, 0)
        assert "An authenticator was added" in office.dm(world.bob)[-1]


class TestNobodyToWriteTo:
    def test_owner_without_slack_is_recorded_as_undeliverable(self, office: Office) -> None:
        world = office.world
        unbind_slack(office, world.carol)
        office.reset(world.alice, world.bob)
        assert office.cases(world.bob)[0].state is CaseState.COMPLETED
        with office.rekey.database.unit_of_work() as uow:
            lost = uow.outbox.undelivered()
        assert [(m.notice.contact_id, m.error) for m in lost] == [
            (world.carol.id, "no_slack_identity")
        ]
        told = office.dm(world.alice)[-1]
        assert "A message could not be delivered" in told
        assert "Carol Cole" in told
        assert "Tell them yourself" in told
        office.move(days=1)
        office.deliver()
        assert office.heard(world.alice, "A message could not be delivered") == 1


def test_owners_hear_of_a_reset_once_whatever_their_roles(office: Office) -> None:
    world = office.world
    give_roles(office, world.carol, {world.acme.id: Role.OWNER, world.globex.id: Role.OWNER})
    office.reset(world.alice, world.bob)
    assert office.heard(world.carol, "The 2FA of Bob Brown was reset") == 1
