"""What falls due by itself: reminders, unanswered confirms, and messages that find nobody."""

from collections import Counter
from dataclasses import replace

import pytest

from bot.domain.model.cases import CaseState
from bot.domain.model.people import Role
from bot.domain.model.roster import ChangeKind, RosterChange
from tests.fakes import Person
from tests.office import CHANNEL, Office

REMINDED = "Your 2FA is still to be set up"
DIGEST = "for a set-up"
LAST = "has not set 2FA up again"


def heard(office: Office, person: Person, words: str) -> int:
    """Return how many messages of that kind the person has had."""
    return sum(words in m.text for m in office.as_(person).dm)


def counts(office: Office) -> tuple[int, int, int]:
    """Return how often Bob was reminded, Alice had a digest, and Carol was told at the last."""
    world = office.world
    return (
        heard(office, world.bob, REMINDED),
        heard(office, world.alice, DIGEST),
        heard(office, world.carol, LAST),
    )


def without_slack(office: Office, person: Person) -> None:
    with office.rekey.database.unit_of_work() as uow:
        known = uow.roster.read().contacts[person.email]
        changed = RosterChange(kind=ChangeKind.CONTACT_CHANGED, contact=replace(known, slack=None))
        for _ in uow.roster.apply([changed], now=office.clock.now()):
            pass
        uow.commit()


class TestReminders:
    def test_each_step_is_sent_once_and_owners_hear_of_the_last(self, office: Office) -> None:
        office.reset(office.world.alice, office.world.bob)
        seen = []
        for _ in range(9):
            office.move(days=1)
            office.sweep()
            office.sweep()
            seen.append(counts(office))
        first, second, last = (1, 1, 0), (2, 2, 0), (3, 3, 1)
        assert seen == [first] * 2 + [second] * 4 + [last] * 3
        assert office.tags().count("sweep:reminder:sent") == 3
        assert heard(office, office.world.dana, LAST) == 1  # owner of Bob's other account

    def test_each_step_is_sent_once_across_restarts(self, office: Office) -> None:
        office.reset(office.world.alice, office.world.bob)
        seen = []
        for days in (1, 2, 4, 7):
            office.move(days=days)
            office.restart()
            office.sweep()
            office.restart()
            office.sweep()
            seen.append(counts(office))
        assert seen == [(1, 1, 0), (2, 2, 0), (3, 3, 1), (3, 3, 1)]

    def test_crash_between_writing_and_sending_loses_nothing(self, office: Office) -> None:
        office.reset(office.world.alice, office.world.bob)
        office.move(days=1)
        office.rekey.sweep.run()
        assert counts(office) == (0, 0, 0)
        office.restart()
        office.sweep()
        assert counts(office) == (1, 1, 0)

    def test_before_the_first_step_nobody_is_reminded(self, office: Office) -> None:
        office.restart(REKEY_AUDIT_CHANNEL="")  # which hears of the audit head every day
        office.reset(office.world.alice, office.world.bob)
        office.move(hours=23)
        with office.refused():
            office.sweep()

    def test_after_an_outage_the_latest_step_alone_is_sent(self, office: Office) -> None:
        office.reset(office.world.alice, office.world.bob)
        office.move(days=5)
        office.sweep()
        assert counts(office) == (1, 1, 0)
        (step,) = [r for r in office.records() if r.tag == "sweep:reminder:sent"]
        assert step.details == {"step": "2"}
        office.move(days=2)
        office.sweep()
        assert counts(office) == (2, 2, 1)

    def test_after_an_outage_past_the_end_the_last_step_alone_is_sent(self, office: Office) -> None:
        office.restart(REKEY_SUSPEND_AFTER="never")
        office.reset(office.world.alice, office.world.bob)
        office.move(days=60)
        office.sweep()
        office.sweep()
        assert counts(office) == (1, 1, 1)

    def test_several_stale_cases_are_one_message_to_their_admin(self, office: Office) -> None:
        world = office.world
        office.reset(world.carol, world.bob)
        office.reset(world.carol, world.alan)
        office.move(days=1)
        office.sweep()
        (digest,) = [m for m in office.as_(world.carol).dm if DIGEST in m.text]
        assert "2 of your resets wait for a set-up" in digest.shown
        assert all(name in digest.shown for name in ("Bob Brown", "Alan Ames"))
        assert heard(office, world.bob, REMINDED) == heard(office, world.alan, REMINDED) == 1

    def test_owner_who_is_the_admin_gets_the_digest_alone(self, office: Office) -> None:
        world = office.world
        office.reset(world.carol, world.bob)
        office.move(days=7)
        office.sweep()
        assert (heard(office, world.carol, DIGEST), heard(office, world.carol, LAST)) == (1, 0)
        assert heard(office, world.dana, LAST) == 1

    def test_none_follows_the_re_enrolment(self, office: Office) -> None:
        office.restart(REKEY_AUDIT_CHANNEL="")  # which hears of the audit head every day
        office.reset(office.world.alice, office.world.bob)
        office.set_up(office.world.bob)
        for days in (1, 2, 4, 30):
            office.move(days=days)
            with office.refused():
                office.sweep()
        assert counts(office) == (0, 0, 0)

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

    def test_digest_names_no_case_that_was_re_enrolled(self, office: Office) -> None:
        world = office.world
        office.reset(world.carol, world.bob)
        office.reset(world.carol, world.alan)
        office.set_up(world.alan)
        office.move(days=1)
        office.sweep()
        (digest,) = [m for m in office.as_(world.carol).dm if DIGEST in m.text]
        assert "Bob Brown" in digest.shown
        assert "Alan Ames" not in digest.shown


class TestUnansweredConfirm:
    def test_expires_by_the_sweep_and_the_admin_is_told(self, office: Office) -> None:
        world = office.world
        block = office.request(world.alice, world.bob)
        office.move(minutes=5)
        records = len(office.tags())
        office.sweep()
        (case,) = office.cases(world.bob)
        assert (case.state, case.ended_reason) == (CaseState.EXPIRED, "deadline")
        assert office.tags()[records:] == ["sweep:case:expired"]
        assert "Nobody answered in time. Nothing was changed." in office.dm(world.alice)[-1]
        assert office.active(world.bob.id) == 1
        assert office.dm(world.bob) == []
        office.sweep()
        assert heard(office, world.alice, "was not reset") == 1

        with office.refused("slack:reset:confirm_expired"):
            office.as_(world.alice).click(block, "reset_yes")

    def test_goes_on_until_its_deadline(self, office: Office) -> None:
        world = office.world
        block = office.request(world.alice, world.bob)
        office.move(minutes=4, seconds=59)
        office.sweep()
        office.as_(world.alice).click(block, "reset_yes")
        assert office.cases(world.bob)[0].state is CaseState.COMPLETED


class TestNobodyToWriteTo:
    def test_owner_without_slack_is_recorded_as_undeliverable(self, office: Office) -> None:
        world = office.world
        without_slack(office, world.carol)
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
        assert heard(office, world.alice, "A message could not be delivered") == 1

    def test_subscriber_whom_slack_refuses_is_reported_to_the_admin(self, office: Office) -> None:
        world = office.world
        block = office.request(world.alice, world.bob)
        office.as_(world.bob).member.dm_error = "messages_tab_disabled"
        office.as_(world.alice).click(block, "reset_yes")
        office.deliver()
        assert office.active(world.bob.id) == 0  # the reset stands
        assert office.dm(world.bob) == []
        told = office.dm(world.alice)[-1]
        assert "messages_tab_disabled" in told
        assert "that 2FA was reset, and how to set it up again" in told

    @pytest.mark.parametrize("hours", [1, 24])
    def test_slack_that_is_away_gets_everything_later(self, office: Office, hours: int) -> None:
        world = office.world
        block = office.request(world.alice, world.bob)
        office.slack.faults.server_error("chat.postMessage", times=None)
        office.as_(world.alice).click(block, "reset_yes")
        office.deliver()
        assert office.dm(world.bob) == []
        assert office.cases(world.bob)[0].state is CaseState.COMPLETED
        office.slack.faults.clear()
        office.restart()
        office.move(hours=hours)
        office.deliver()
        heading = Counter(m.text.split(".")[0] for m in office.as_(world.bob).dm)
        assert heading == {"Your 2FA was reset by Alice Archer": 1}
        assert heard(office, world.carol, "was reset by Alice Archer") == 1


def test_owners_hear_of_a_reset_once_whatever_their_roles(office: Office) -> None:
    world = office.world
    with office.rekey.database.unit_of_work() as uow:
        known = uow.roster.read().contacts[world.carol.email]
        both = replace(known, roles={world.acme.id: Role.OWNER, world.globex.id: Role.OWNER})
        changed = RosterChange(kind=ChangeKind.CONTACT_CHANGED, contact=both)
        for _ in uow.roster.apply([changed], now=office.clock.now()):
            pass
        uow.commit()
    office.reset(world.alice, world.bob)
    assert heard(office, world.carol, "The 2FA of Bob Brown was reset") == 1
    assert not any("reset_yes" in m.action_ids for m in office.as_(world.carol).messages(CHANNEL))
