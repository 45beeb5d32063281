"""Setting up without any reset before: the first time, too many times, and without set-up codes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.people import AuthenticatorState, TwoFactor
from bot.domain.model.roster import ChangeKind, RosterChange
from tests.fakes import Person
from tests.office import Office

SET_UP = "Configure your two-factor authentication"
WAITS = "A sign-in waits for your set-up code"
ADDED = "An authenticator was added to your sign-in"


def require_two_factor(office: Office) -> None:
    """Make 2FA required in Globex, where Dana has no authenticator."""
    account = replace(office.world.globex, two_factor=TwoFactor.REQUIRED)
    with office.rekey.database.unit_of_work() as uow:
        changed = RosterChange(kind=ChangeKind.ACCOUNT_CHANGED, account=account)
        for _ in uow.roster.apply([changed], now=office.clock.now()):
            pass
        uow.commit()


def heard(office: Office, person: Person, words: str) -> int:
    return sum(words in m.text for m in office.as_(person).dm)


class TestFirstTime:
    def test_needs_a_set_up_code_too(self, office: Office) -> None:
        require_two_factor(office)
        dana, browser = office.world.dana, office.browser()
        page = browser.password(dana)
        assert page.heading == "Prove that it is you"
        office.deliver()
        with office.refused("portal:set_up:session_gone"):
            assert browser.first_code("000000").heading == "Prove that it is you"

    def test_ends_with_a_case_of_its_own_that_can_be_reported(self, office: Office) -> None:
        require_two_factor(office)
        dana = office.world.dana
        browser = office.set_up(dana)
        assert browser.open("/portal/").path == "/portal/"
        (case,) = office.cases(dana)
        assert (case.kind, case.state, case.admin_id) == (
            CaseKind.FIRST_SET_UP,
            CaseState.RE_ENROLLED,
            None,
        )
        assert [tag for tag in office.tags() if ":case:" in tag] == [
            "portal:case:completed",
            "portal:case:re_enrolled",
        ]
        assert heard(office, dana, ADDED) == 1
        assert "reset_report" in office.as_(dana).dm[-1].action_ids

    def test_session_from_before_goes_on(self, office: Office) -> None:
        browser = office.browser()
        assert browser.password(office.world.dana).path == "/portal/"
        require_two_factor(office)
        assert browser.open("/portal/").path == "/portal/"


class TestMessages:
    def test_only_three_an_hour_tell_of_a_sign_in(self, office: Office) -> None:
        world = office.world
        office.reset(world.alice, world.bob)
        for _ in range(5):
            page = office.browser().password(world.bob)
            assert page.heading == "Prove that it is you"  # looks the same, message or not
            office.deliver()
        assert heard(office, world.bob, WAITS) == 3
        office.move(minutes=59)
        office.browser().password(world.bob)
        office.deliver()
        assert heard(office, world.bob, WAITS) == 3
        office.move(minutes=1)
        office.browser().password(world.bob)
        office.deliver()
        assert heard(office, world.bob, WAITS) == 4

    def test_names_browser_address_and_time(self, office: Office) -> None:
        world = office.world
        office.reset(world.alice, world.bob)
        office.browser(address="198.51.100.23").password(world.bob)
        office.deliver()
        told = office.dm(world.bob)[-1]
        assert "an unknown browser, 198.51.100.23, 1 January 2026, 12:01 UTC" in told
        assert "the help desk, +44 20 7946 0999" in told


class TestWithoutSetUpCodes:
    """`REKEY_SET_UP_CODE=off`."""

    @pytest.fixture
    def office(self, tmp_path: Path) -> Iterator[Office]:
        with Office(tmp_path, REKEY_SET_UP_CODE="off") as office:
            yield office

    def test_password_leads_straight_to_the_set_up_page(self, office: Office) -> None:
        world, browser = office.world, office.browser()
        case = office.reset(world.alice, world.bob)
        page = browser.password(world.bob)
        assert (page.path, page.heading) == ("/portal/set-up", SET_UP)
        office.deliver()
        assert heard(office, world.bob, WAITS) == 0

        assert browser.first_code(office.first_code(page)).path == "/portal/"
        office.deliver()
        assert [(c.id, c.state) for c in office.cases(world.bob)] == [
            (case.id, CaseState.RE_ENROLLED)
        ]
        assert heard(office, world.bob, ADDED) == 1
        assert heard(office, world.alice, "Bob Brown has set 2FA up again") == 1

    def test_first_time_still_makes_a_case(self, office: Office) -> None:
        require_two_factor(office)
        dana, browser = office.world.dana, office.browser()
        page = browser.password(dana)
        assert [case.state for case in office.cases(dana)] == [CaseState.COMPLETED]
        assert browser.first_code(office.first_code(page)).path == "/portal/"
        office.deliver()
        (case,) = office.cases(dana)
        assert (case.kind, case.state) == (CaseKind.FIRST_SET_UP, CaseState.RE_ENROLLED)
        assert heard(office, dana, ADDED) == 1

    def test_set_up_code_typed_all_the_same_changes_nothing(self, office: Office) -> None:
        world, browser = office.world, office.browser()
        office.reset(world.alice, world.bob)
        page = browser.password(world.bob)
        with office.refused("portal:set_up_code:session_gone"):
            assert browser.set_up_code("ZZZZ-9999").key == page.key

    def test_newer_sign_in_overtakes_the_older(self, office: Office) -> None:
        world, older, newer = office.world, office.browser(), office.browser()
        office.reset(world.alice, world.bob)
        page = older.password(world.bob)
        newer.password(world.bob)
        with office.refused():
            assert older.first_code(office.first_code(page)).path == "/portal/sign-in"
        with office.rekey.database.unit_of_work() as uow:
            (pending,) = uow.authenticators.pending_of(world.bob.id)
        assert pending.state is AuthenticatorState.PENDING

    def test_sign_in_that_waited_when_it_was_switched_off_goes_on(self, tmp_path: Path) -> None:
        with Office(tmp_path) as office:
            world, browser = office.world, office.browser()
            office.reset(world.alice, world.bob)
            browser.password(world.bob)
            office.deliver()
            code = office.set_up_code(world.bob)
            office.restart(REKEY_SET_UP_CODE="off")
            assert browser.set_up_code(code).heading == SET_UP
