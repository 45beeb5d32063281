"""Whoever an import leaves without a role has no case that goes on."""

from datetime import timedelta

import pytest

from bot.domain.model.cases import CaseState
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Operator, Role
from bot.domain.model.roster import RosterContact
from tests.fakes import ACME
from tests.office.desk import REMIND_AFTER, SUSPEND_AFTER, Desk
from tests.unit.domain.operator.test_import_plan import a_file, a_roster_contact

OPERATOR = Operator(user="root", host="desk")


class Console(Desk):
    def import_all_but(self, *leavers: str) -> None:
        """Prune the leavers; everybody else stays as they are."""
        with self.database.unit_of_work() as uow:
            people = uow.roster.read().contacts.values()
        self.run(*(each for each in people if each.username not in leavers), prune=True)

    def run(self, *contacts: RosterContact, prune: bool = False) -> None:
        self.imports.run(
            lambda: a_file(*contacts), prune=prune, operator=OPERATOR, origin={"sha256": "5a17"}
        )


@pytest.fixture
def console() -> Console:
    return Console()


def test_whoever_is_pruned_is_neither_reminded_of_nor_suspended(console: Console) -> None:
    case = console.reset(console.alice, console.bob)
    before = len(console.tags())
    console.import_all_but("bob")
    assert console.case(case.id).state is CaseState.SUPERSEDED
    record, *_ = console.records()[before:]
    assert record.case == case.id
    why = {"because": "left", "sha256": "5a17", "prune": "true"}
    assert record.details == {**why, **OPERATOR.details()}
    assert console.tags(since=before) == [
        "operator:case:superseded",
        "operator:contact:removed",
        "operator:directory:imported",
    ]
    console.clock.advance(max(SUSPEND_AFTER, *REMIND_AFTER) + timedelta(days=1))
    assert (console.reminders.remind_due(), console.lapses.lapse_due()) == (0, 0)


def test_a_question_about_them_ends_and_its_admin_is_told(console: Console) -> None:
    case = console.request(console.alice, console.alan).case
    console.import_all_but("alan")
    ended = console.case(case.id)
    assert (ended.state, ended.ended_reason) == (CaseState.EXPIRED, "subscriber_not_a_contact")
    assert console.told(NoticeKind.OUTCOME) == [console.alice.id]


def test_only_whose_last_role_is_taken_by_their_entry_has_left_too(console: Console) -> None:
    reset = console.reset(console.alice, console.bob)
    asked = console.request(console.alice, console.alan).case
    console.run(a_roster_contact("bob", roles={ACME.id: Role.MEMBER}))
    console.import_all_but("dana")
    assert console.case(reset.id).state is CaseState.COMPLETED
    assert console.case(asked.id).state is CaseState.AWAITING_CONFIRMATION
    console.run(a_roster_contact("bob", roles={}))
    assert console.case(reset.id).state is CaseState.SUPERSEDED
