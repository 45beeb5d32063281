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
from tests.office import Office

POINTS = 5
"""No act here asks for more units of work before it is decided."""


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


@at_every_point
@pytest.mark.parametrize("first", ["the code", "the reset"])
def test_sign_in_that_verified_the_old_code_is_void_from_the_reset_on(
    office: Office, race: Race, point: int, first: str
) -> None:
    """Whichever came first."""
    world, browser, bob = office.world, office.browser(), office.world.bob
    block = office.request(world.alice, bob)
    browser.password(bob)
    send = browser.fill("/portal/sign-in", {"code": bob.code(office.clock)})
    acts: list[Callable[[], object]] = [
        send,
        lambda: office.as_(world.alice).click(block, "reset_yes"),
    ]
    one, two = acts if first == "the code" else acts[::-1]
    race.run(one, two, point=point)
    assert office.cases(bob)[0].state is CaseState.COMPLETED
    assert 'name="password"' in browser.open("/portal/").text
    assert office.active(bob.id) == 0
    with office.rekey.database.unit_of_work() as uow:
        assert uow.sessions.open_count(bob.id, now=office.clock.now()) == 0
