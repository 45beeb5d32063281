"""Nina was imported and never enrolled: her first set-up is gated, reminded of, and lapses."""

import pytest

from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.people import Role, SuspensionCause
from bot.domain.model.roster import ChangeKind, RosterChange, RosterContact
from tests.fakes import Person, a_slack_identity
from tests.office import Office, QuickPasswords
from tests.scenario.changes import cause_of_suspension, join_slack, report

CODE_PAGE = "Prove that it is you"
REMINDED = "Your 2FA is still to be set up"


@pytest.fixture
def nina(office: Office) -> Person:
    """Import Nina into Acme, which requires 2FA, and give her a password."""
    slack = a_slack_identity("U01NINA")
    contact = RosterContact(
        id=None,
        email="nina@acme.example",
        username="nina",
        name="Nina New",
        phone="+44 20 7946 0100",
        manager=None,
        slack=slack,
        roles={office.world.acme.id: Role.MEMBER},
    )
    password = "correct horse nina"
    hashed = QuickPasswords().hash(password)
    with office.rekey.database.unit_of_work() as uow:
        added = RosterChange(kind=ChangeKind.CONTACT_ADDED, contact=contact)
        assert list(uow.roster.apply([added], now=office.clock.now())) == [1]
        known = uow.contacts.by_username("nina")
        assert known is not None
        uow.contacts.set_password(known.id, hashed, must_change=False)
        uow.commit()
    join_slack(office, slack.user, name=contact.name, email=contact.email)
    return Person(
        id=known.id,
        username=known.username,
        name=known.name,
        email=known.email,
        slack=slack,
        password=password,
        secret=None,
        authenticator_id=None,
    )


def test_set_up_at_once_closes_the_case_and_can_be_reported(office: Office, nina: Person) -> None:
    waiting = office.browser()
    assert waiting.password(nina).heading == CODE_PAGE
    office.deliver()
    with office.refused("portal:set_up:session_gone"):
        assert waiting.first_code("000000").heading == CODE_PAGE  # a set-up code comes first
    browser = office.set_up(nina)
    assert browser.open("/portal/").path == "/portal/"
    assert [tag for tag in office.tags() if ":case:" in tag] == [
        "portal:case:completed",
        "portal:case:re_enrolled",
    ]
    (case,) = office.cases(nina)
    assert (case.kind, case.state) == (CaseKind.FIRST_SET_UP, CaseState.RE_ENROLLED)
    for days in (1, 6, 7):
        office.move(days=days)
        office.sweep()
    assert office.heard(nina, REMINDED) == 0
    assert cause_of_suspension(office, nina) is None
    assert report(office, nina).ok
    assert office.cases(nina)[0].state is CaseState.VETOED


def test_sign_in_that_was_left_there_is_reminded_of_lapses_and_is_lifted_by_a_reset(
    office: Office, nina: Person
) -> None:
    world = office.world
    assert office.browser().password(nina).heading == CODE_PAGE
    office.deliver()
    (case,) = office.cases(nina)
    assert (case.kind, case.state, case.admin_id) == (
        CaseKind.FIRST_SET_UP,
        CaseState.COMPLETED,
        None,
    )

    office.move(days=1)
    office.sweep()
    told = office.dm(nina)[-1]
    assert REMINDED in told
    assert "You signed in for the first time" in told
    assert "After 15 January 2026, 12:00 UTC your sign-in will be suspended." in told
    assert "older entry" not in told
    assert "again" not in told
    office.move(days=6)
    office.sweep()
    assert office.heard(world.carol, "Nina New has not set 2FA up yet") == 1
    assert "whether the sign-in was theirs at all" in office.dm(world.carol)[-1]

    office.move(days=7)
    office.sweep()
    assert cause_of_suspension(office, nina) is SuspensionCause.LAPSED
    assert office.heard(nina, "Your sign-in is suspended") == 1
    for person in (world.alice, world.alan, world.carol):
        assert office.heard(person, "The sign-in of Nina New is suspended") >= 1
    page = office.browser().password(nina)
    assert (page.status, page.heading) == (403, "Your sign-in is suspended")

    reset = office.reset(world.alice, nina)
    assert [(c.id, c.state) for c in office.cases(nina)] == [
        (reset.id, CaseState.COMPLETED),
        (case.id, CaseState.SUPERSEDED),
    ]
    office.set_up(nina)
    assert office.cases(nina)[0].state is CaseState.RE_ENROLLED


class TestWithoutSetUpCodes:
    """`REKEY_SET_UP_CODE=off`."""

    def test_password_leads_straight_to_the_set_up_page(self, office: Office) -> None:
        office.restart(REKEY_SET_UP_CODE="off")
        world, browser, older = office.world, office.browser(), office.browser()
        office.reset(world.alice, world.bob)
        overtaken = older.password(world.bob)
        page = browser.password(world.bob)
        assert (page.path, overtaken.path) == ("/portal/set-up", "/portal/set-up")
        office.deliver()
        assert not any("show_set_up_code" in m.action_ids for m in office.as_(world.bob).dm)
        with office.refused("portal:set_up_code:session_gone"):
            assert browser.set_up_code("ZZZZ-9999").key == page.key
        with office.refused():
            assert older.first_code(office.first_code(overtaken)).path == "/portal/sign-in"
        assert browser.first_code(office.first_code(page)).path == "/portal/"
        office.deliver()
        assert office.cases(world.bob)[0].state is CaseState.RE_ENROLLED
        assert office.heard(world.alice, "Bob Brown has set 2FA up again") == 1

    def test_sign_in_that_waited_when_it_was_switched_off_goes_on(self, office: Office) -> None:
        world, browser = office.world, office.browser()
        office.reset(world.alice, world.bob)
        browser.password(world.bob)
        office.deliver()
        code = office.set_up_code(world.bob)
        office.restart(REKEY_SET_UP_CODE="off")
        assert browser.set_up_code(code).path == "/portal/set-up"
