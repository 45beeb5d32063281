"""Two at once: a rival acts just before each unit of work of an act, in turn, and one wins.

Free-running threads would meet the dangerous moments now and then; here every moment at which
another request could come in between is tried.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.domain.model.cases import CaseState
from storage.unit_of_work import SqlUnitOfWork
from tests.office import Browser, Office, Page

POINTS = 5
"""No act here asks for more units of work before it is decided."""

SET_UP = "Configure your two-factor authentication"


class Race:
    """Lets a rival act just before the n-th unit of work from then on, or else right after."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._left = 0
        self._rival: Callable[[], object] | None = None
        enter = SqlUnitOfWork.__enter__

        def counted(unit: SqlUnitOfWork) -> SqlUnitOfWork:
            self._left -= 1
            if self._left == 0:
                self._run()
            return enter(unit)

        monkeypatch.setattr(SqlUnitOfWork, "__enter__", counted)

    def run(self, act: Callable[[], object], rival: Callable[[], object], *, point: int) -> None:
        self._left, self._rival = point, rival
        act()
        self._run()

    def _run(self) -> None:
        rival, self._rival = self._rival, None
        if rival is not None:
            rival()


@pytest.fixture
def race(monkeypatch: pytest.MonkeyPatch) -> Race:
    return Race(monkeypatch)


at_every_point = pytest.mark.parametrize("point", range(1, POINTS + 1))


def new_tags(office: Office, before: int) -> Counter[str]:
    return Counter(office.tags()[before:])


@at_every_point
def test_yes_pressed_twice_resets_once(office: Office, race: Race, point: int) -> None:
    world = office.world
    alice, block = office.as_(world.alice), office.request(world.alice, world.bob).as_seen()
    before = len(office.tags())
    race.run(
        lambda: alice.click(block, "reset_yes"),
        lambda: alice.click(block, "reset_yes"),
        point=point,
    )
    office.deliver()
    tags = new_tags(office, before)
    assert tags["slack:case:executing"] == tags["slack:case:completed"] == 1
    assert tags["slack:reset:already_decided"] == 1
    assert [c.state for c in office.cases(world.bob)] == [CaseState.COMPLETED]
    assert len(office.dm(world.bob)) == 1
    assert sum("was reset" in text for text in office.dm(world.alice)) == 1
    assert "This was decided before" in office.ephemerals(world.alice)[-1]


@at_every_point
@pytest.mark.parametrize("first", ["reset_yes", "reset_no"])
def test_yes_and_no_at_once_have_one_outcome(
    office: Office, race: Race, point: int, first: str
) -> None:
    (second,) = {"reset_yes", "reset_no"} - {first}
    world = office.world
    alice, block = office.as_(world.alice), office.request(world.alice, world.bob).as_seen()
    race.run(lambda: alice.click(block, first), lambda: alice.click(block, second), point=point)
    office.deliver()
    (case,) = office.cases(world.bob)
    assert office.tags().count("slack:reset:already_decided") == 1
    outcomes = {CaseState.COMPLETED: (0, 1), CaseState.DECLINED: (1, 0)}
    assert (office.active(world.bob.id), len(office.dm(world.bob))) == outcomes[case.state]


@at_every_point
def test_yes_at_the_deadline_is_either_in_time_or_too_late(
    office: Office, race: Race, point: int
) -> None:
    world = office.world
    alice, block = office.as_(world.alice), office.request(world.alice, world.bob).as_seen()

    def deadline() -> None:
        office.move(minutes=5)
        office.rekey.sweep.run()

    race.run(lambda: alice.click(block, "reset_yes"), deadline, point=point)
    office.deliver()
    (case,) = office.cases(world.bob)
    active = {CaseState.COMPLETED: 0, CaseState.EXPIRED: 1}[case.state]
    assert office.active(world.bob.id) == active
    late = {"slack:reset:confirm_expired", "slack:reset:already_decided"}
    refused = [tag for tag in office.tags() if tag in late]
    assert len(refused) == (case.state is CaseState.EXPIRED)


@at_every_point
def test_set_up_code_typed_twice_makes_one_secret(office: Office, race: Race, point: int) -> None:
    world, browser = office.world, office.browser()
    office.reset(world.alice, world.bob)
    browser.password(world.bob)
    office.deliver()
    typed = {"set_up_code": office.set_up_code(world.bob)}
    pages: list[Page] = []
    one, two = browser.fill("/portal/set-up", typed), browser.fill("/portal/set-up", typed)
    before = len(office.tags())
    race.run(lambda: pages.append(one()), lambda: pages.append(two()), point=point)
    tags = new_tags(office, before)
    assert tags["portal:set_up_code:accepted"] == 1
    assert tags.total() <= 2  # the loser's refusal, unless its token was void by then
    assert tags.total() == 1 or tags["portal:set_up_code:session_gone"] == 1
    with office.rekey.database.unit_of_work() as uow:
        assert len(uow.authenticators.pending_of(world.bob.id)) == 1
    assert browser.open("/portal/set-up").heading == SET_UP
    assert len({page.key for page in pages if page.heading == SET_UP}) == 1


@at_every_point
def test_first_code_typed_twice_binds_once(office: Office, race: Race, point: int) -> None:
    world, browser = office.world, office.browser()
    office.reset(world.alice, world.bob)
    typed = {"code": office.first_code(office.to_set_up_page(world.bob, browser))}
    one, two = browser.fill("/portal/set-up", typed), browser.fill("/portal/set-up", typed)
    before = len(office.tags())
    race.run(one, two, point=point)
    office.deliver()
    tags = new_tags(office, before)
    assert tags["portal:authenticator:bound"] == tags["portal:case:re_enrolled"] == 1
    assert office.active(world.bob.id) == 1
    assert sum("An authenticator was added" in text for text in office.dm(world.bob)) == 1


@at_every_point
def test_modal_submitted_twice_opens_one_case(office: Office, race: Race, point: int) -> None:
    world = office.world
    alice, view = office.as_(world.alice), office.ask(world.alice, world.bob)
    before = len(office.tags())
    race.run(
        lambda: office.fill(world.alice, view),
        lambda: office.slack.acts.submit(alice.member, view, timedelta(0)),
        point=point,
    )
    office.deliver()
    tags = new_tags(office, before)
    assert tags.pop("slack:case:awaiting_confirmation") == 1
    assert tags.pop("slack:code:accepted") == 1
    assert tags.total() == 1
    assert tags.keys() <= {"slack:reset:code_wrong", "slack:reset:case_open"}
    assert [c.state for c in office.cases(world.bob)] == [CaseState.AWAITING_CONFIRMATION]


@at_every_point
def test_one_step_in_two_modals_opens_one_case(office: Office, race: Race, point: int) -> None:
    world = office.world
    alice, view = world.alice, office.ask(world.alice, world.bob)
    code, before = alice.code(office.clock), len(office.tags())
    race.run(
        lambda: office.fill(alice, view, code=code),
        lambda: office.fill(alice, office.ask(alice, world.alan), code=code),
        point=point,
    )
    tags = new_tags(office, before)
    once = ("slack:code:accepted", "slack:case:awaiting_confirmation", "slack:reset:code_wrong")
    assert tags == dict.fromkeys(once, 1)
    assert len([*office.cases(world.bob), *office.cases(world.alan)]) == 1


@at_every_point
def test_one_step_in_two_browsers_signs_in_one(office: Office, race: Race, point: int) -> None:
    bob, browsers = office.world.bob, (office.browser(), office.browser())
    for browser in browsers:
        browser.password(bob)
    typed = {"code": bob.code(office.clock)}
    one, two = [browser.fill("/portal/sign-in", typed) for browser in browsers]
    before = len(office.tags())
    race.run(one, two, point=point)
    tags = new_tags(office, before)
    assert tags == {"portal:sign_in:signed_in": 1, "portal:sign_in:code_wrong": 1}
    paths = sorted(browser.open("/portal/").path for browser in browsers)
    assert paths == ["/portal/", "/portal/sign-in"]


@at_every_point
@pytest.mark.parametrize("first", ["in the modal", "at the Portal"])
def test_one_step_in_the_modal_and_at_the_portal_is_spent_once(
    office: Office, race: Race, point: int, first: str
) -> None:
    world, browser = office.world, office.browser()
    alice, view = world.alice, office.ask(world.alice, world.bob)
    browser.password(alice)
    code = alice.code(office.clock)
    at_portal = browser.fill("/portal/sign-in", {"code": code})

    def in_modal() -> None:
        office.fill(alice, view, code=code)

    acts: list[Callable[[], object]] = [in_modal, at_portal]
    one, two = acts if first == "in the modal" else acts[::-1]
    race.run(one, two, point=point)
    opened = office.tags().count("slack:case:awaiting_confirmation")
    signed_in = office.tags().count("portal:sign_in:signed_in")
    wrong = [tag for tag in office.tags() if tag.endswith(":code_wrong")]
    assert (opened + signed_in, len(wrong)) == (1, 1)
    assert len(office.cases(world.bob)) == opened
    assert browser.open("/portal/").path == ("/portal/" if signed_in else "/portal/sign-in")


class TestSignInBesideAReset:
    """A sign-in that verified the old code is void from the reset on, whichever came first."""

    @at_every_point
    def test_reset_while_the_code_is_verified(self, office: Office, race: Race, point: int) -> None:
        world, browser = office.world, office.browser()
        alice, block = office.as_(world.alice), office.request(world.alice, world.bob)
        browser.password(world.bob)
        send = browser.fill("/portal/sign-in", {"code": world.bob.code(office.clock)})
        race.run(send, lambda: alice.click(block, "reset_yes"), point=point)
        self.assert_void(office, browser)

    @at_every_point
    def test_code_verified_while_the_reset_is_made(
        self, office: Office, race: Race, point: int
    ) -> None:
        world, browser = office.world, office.browser()
        alice, block = office.as_(world.alice), office.request(world.alice, world.bob)
        browser.password(world.bob)
        send = browser.fill("/portal/sign-in", {"code": world.bob.code(office.clock)})
        race.run(lambda: alice.click(block, "reset_yes"), send, point=point)
        self.assert_void(office, browser)

    def assert_void(self, office: Office, browser: Browser) -> None:
        bob = office.world.bob
        assert office.cases(bob)[0].state is CaseState.COMPLETED
        page = browser.open("/portal/")
        assert page.path == "/portal/sign-in"
        assert 'name="password"' in page.text
        assert office.active(bob.id) == 0
        with office.rekey.database.unit_of_work() as uow:
            assert uow.sessions.open_count(bob.id, now=office.clock.now()) == 0
