"""The code in the modal: wrong, replayed, malformed, throttled, locked; counted at both doors."""

import pytest

from bot.domain.model.cases import CaseState
from tests.fakes import Person
from tests.office import Office
from tests.scenario.changes import ended, wrong_code

MALFORMED = (
    "12345",
    "1234567",
    "12345a",
    "\u0661\u0662\u0663\u0664\u0665\u0666",
    "12-34-56",
    "      ",
)


def refusal(office: Office, code: str, *, tag: str, alerted: bool = False) -> str:
    """Submit that code; return what is written under its field, and there alone."""
    alice = office.world.alice
    view = office.as_(alice).modal
    with office.refused(f"slack:reset:{tag}", alerted=alerted):
        delivery = office.fill(alice, view, code=code)
        assert list(delivery.errors) == ["code"], delivery
    assert office.as_(alice).modal == view
    record = office.records()[-1]
    assert (record.actor, record.subscriber) == (alice.id, office.world.bob.id)
    return delivery.errors["code"]


def type_wrong_codes(office: Office, times: int, *, before: int = 0) -> None:
    """Type wrong codes, `before` of which were wrong already: of the fifth the owners hear."""
    for number in range(before + 1, before + times + 1):
        code = wrong_code(office, office.world.alice)
        refusal(office, code, tag="code_wrong", alerted=number == 5)


def sign_in_with(office: Office, person: Person, code: str) -> str:
    """Try to sign in at the Portal; return what is said under the code's field."""
    browser = office.browser()
    assert browser.password(person).path == "/portal/sign-in"
    error = browser.code(code).error
    office.deliver()
    return error


def say_no(office: Office) -> None:
    """Spend a code of Alice's on a case that she does not confirm, and ask anew."""
    alice = office.world.alice
    office.press(alice, "reset_no", office.request(alice, office.world.bob))
    office.ask(alice, office.world.bob)


def test_wrong_too_old_too_new_or_anothers(office: Office) -> None:
    world, clock = office.world, office.clock
    office.ask(world.alice, world.bob)
    for code in (
        wrong_code(office, world.alice),
        *(world.alice.code(clock, steps=steps) for steps in (-2, 2)),
        world.bob.code(clock),
    ):
        refusal(office, code, tag="code_wrong")


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_one_step_of_skew_is_accepted_and_so_are_spaces(office: Office, steps: int) -> None:
    alice = office.world.alice
    code = alice.code(office.clock, steps=steps)
    view = office.ask(alice, office.world.bob)
    assert office.fill(alice, view, code=f" {code[:3]} {code[3:]} ").ok
    assert ended(office, office.world.bob) == (CaseState.AWAITING_CONFIRMATION, None)


def test_replayed_counts_as_wrong(office: Office) -> None:
    """A code is spent on one case, even on one that was answered with No; so are earlier ones."""
    alice = office.world.alice
    code, earlier = (alice.code(office.clock, steps=steps) for steps in (0, -1))
    say_no(office)
    for number, replayed in enumerate((code, earlier, code, code, code), start=1):
        refusal(office, replayed, tag="code_wrong", alerted=number == 5)
    refusal(office, alice.code(office.clock, steps=1), tag="code_throttled")


def test_replayed_at_the_other_door(office: Office) -> None:
    alice, carol, bob = office.world.alice, office.world.carol, office.world.bob
    code = alice.code(office.clock)
    assert sign_in_with(office, alice, code) == ""
    office.ask(alice, bob)
    refusal(office, code, tag="code_wrong")
    code = carol.code(office.clock)
    assert office.fill(carol, office.ask(carol, bob), code=code).ok
    assert sign_in_with(office, carol, code) != ""


def test_malformed_is_not_counted(office: Office) -> None:
    alice = office.world.alice
    view = office.ask(alice, office.world.bob)
    type_wrong_codes(office, 4)
    for code in MALFORMED:
        refusal(office, code, tag="code_malformed")
    assert office.fill(alice, view).ok


def test_five_wrong_ones_are_throttled_until_the_first_is_five_minutes_old(office: Office) -> None:
    """Of that admin alone, whoever the subscriber is."""
    world, alice = office.world, office.world.alice
    view = office.ask(alice, world.bob)
    type_wrong_codes(office, 1)
    office.move(minutes=1)
    type_wrong_codes(office, 4, before=1)
    for code in (alice.code(office.clock), wrong_code(office, alice)):
        text = refusal(office, code, tag="code_throttled")
        assert "about 4 minutes, at 12:05 UTC" in text
    office.as_(alice).close_all()
    assert list(office.fill(alice, office.ask(alice, world.alan)).errors) == ["code"]
    office.press(world.alan, "reset_no", office.request(world.alan, world.bob))
    office.move(minutes=4)
    assert office.fill(alice, office.ask(alice, world.bob)).ok
    assert view.callback_id == "reset_verify"


@pytest.mark.parametrize(("there", "here"), [(3, 2), (5, 0), (0, 5)])
def test_both_doors_count_together(office: Office, there: int, here: int) -> None:
    alice = office.world.alice
    for _ in range(there):
        assert sign_in_with(office, alice, wrong_code(office, alice)) != ""
    office.ask(alice, office.world.bob)
    type_wrong_codes(office, here, before=there)
    right = alice.code(office.clock)
    assert ", at 12:05 UTC" in refusal(office, right, tag="code_throttled")
    assert "12:05 UTC" in sign_in_with(office, alice, right)


def test_hundred_in_a_row_lock(office: Office) -> None:
    alice = office.world.alice
    assert alice.authenticator_id is not None
    with office.rekey.database.unit_of_work() as uow:
        for _ in range(99):
            uow.authenticators.count_failure(alice.authenticator_id)
        uow.commit()
    view = office.ask(alice, office.world.bob)
    type_wrong_codes(office, 1)
    text = refusal(office, alice.code(office.clock), tag="authenticator_locked")
    office.move(days=30)
    assert office.fill(alice, view).errors["code"] == text
    assert sign_in_with(office, alice, alice.code(office.clock)) != ""


def test_code_is_looked_at_last(office: Office) -> None:
    """Whatever else is wrong spends no code."""
    alice = office.world.alice
    view = office.ask(alice, office.world.bob)
    code = alice.code(office.clock)
    with office.refused("slack:reset:reason_holds_code"):
        office.fill(alice, view, code=code, reason=f"my code is {code}")
    assert office.fill(alice, view, code=code).ok
