"""The code in the modal: wrong, replayed, malformed, throttled, locked; counted at both doors."""

import pytest

from bot.domain.model.cases import CaseState
from tests.fakes import Person
from tests.office import Office
from tests.scenario.changes import wrong_code


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


def test_wrong(office: Office) -> None:
    office.ask(office.world.alice, office.world.bob)
    text = refusal(office, wrong_code(office, office.world.alice), tag="code_wrong")
    assert "That code is wrong or was used before" in text


@pytest.mark.parametrize("steps", [-2, 2])
def test_too_old_or_too_new(office: Office, steps: int) -> None:
    office.ask(office.world.alice, office.world.bob)
    refusal(office, office.world.alice.code(office.clock, steps=steps), tag="code_wrong")


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_one_step_of_skew_is_accepted_either_way(office: Office, steps: int) -> None:
    alice = office.world.alice
    view = office.ask(alice, office.world.bob)
    assert office.fill(alice, view, code=alice.code(office.clock, steps=steps)).ok
    assert office.cases(office.world.bob)[0].state is CaseState.AWAITING_CONFIRMATION


def test_spaces_are_allowed(office: Office) -> None:
    alice = office.world.alice
    code = alice.code(office.clock)
    assert office.fill(
        alice, office.ask(alice, office.world.bob), code=f" {code[:3]} {code[3:]} "
    ).ok


def test_anothers_code(office: Office) -> None:
    office.ask(office.world.alice, office.world.bob)
    for person in (office.world.bob, office.world.carol):
        refusal(office, person.code(office.clock), tag="code_wrong")


def test_replayed_within_its_step(office: Office) -> None:
    """A code is spent on one case, even on one that was answered with No."""
    alice = office.world.alice
    code = alice.code(office.clock)
    office.as_(alice).click(office.request(alice, office.world.bob), "reset_no")
    office.deliver()
    office.ask(alice, office.world.bob)
    assert "was used before" in refusal(office, code, tag="code_wrong")
    refusal(office, alice.code(office.clock, steps=-1), tag="code_wrong")  # nor an earlier one


def test_replayed_after_a_sign_in_at_the_portal(office: Office) -> None:
    alice = office.world.alice
    code = alice.code(office.clock)
    assert sign_in_with(office, alice, code) == ""
    office.ask(alice, office.world.bob)
    assert "was used before" in refusal(office, code, tag="code_wrong")


def test_replayed_at_the_portal(office: Office) -> None:
    alice = office.world.alice
    code = alice.code(office.clock)
    assert office.fill(alice, office.ask(alice, office.world.bob), code=code).ok
    assert sign_in_with(office, alice, code) != ""


def test_replayed_code_counts_as_wrong(office: Office) -> None:
    alice = office.world.alice
    code = alice.code(office.clock)
    office.as_(alice).click(office.request(alice, office.world.bob), "reset_no")
    office.deliver()
    office.ask(alice, office.world.bob)
    for number in range(1, 6):
        refusal(office, code, tag="code_wrong", alerted=number == 5)
    refusal(office, alice.code(office.clock, steps=1), tag="code_throttled")


@pytest.mark.parametrize("code", ["12345", "1234567", "12345a", "١٢٣٤٥٦", "12-34-56", "      "])
def test_malformed(office: Office, code: str) -> None:
    office.ask(office.world.alice, office.world.bob)
    assert "A code is six digits" in refusal(office, code, tag="code_malformed")


def test_malformed_is_not_counted(office: Office) -> None:
    alice = office.world.alice
    view = office.ask(alice, office.world.bob)
    type_wrong_codes(office, 4)
    for _ in range(6):
        refusal(office, "12345", tag="code_malformed")
    assert office.fill(alice, view).ok


def test_five_wrong_ones_are_throttled_until_the_first_is_five_minutes_old(office: Office) -> None:
    alice = office.world.alice
    view = office.ask(alice, office.world.bob)
    type_wrong_codes(office, 1)
    office.move(minutes=1)
    type_wrong_codes(office, 4, before=1)
    for code in (alice.code(office.clock), wrong_code(office, alice)):
        text = refusal(office, code, tag="code_throttled")
        assert text == "Too many wrong codes. Try again in about 4 minutes, at 12:05 UTC."
    office.move(minutes=4)
    assert office.fill(alice, view).ok


def test_right_one_does_not_clear_what_was_counted(office: Office) -> None:
    alice = office.world.alice
    office.ask(alice, office.world.bob)
    type_wrong_codes(office, 4)
    office.as_(alice).click(office.request(alice, office.world.bob), "reset_no")
    office.deliver()
    office.ask(alice, office.world.bob)
    type_wrong_codes(office, 1, before=4)
    refusal(office, alice.code(office.clock, steps=1), tag="code_throttled")


@pytest.mark.parametrize(("there", "here"), [(3, 2), (5, 0), (4, 1)])
def test_wrong_ones_at_the_portal_count_here(office: Office, there: int, here: int) -> None:
    alice = office.world.alice
    for _ in range(there):
        assert sign_in_with(office, alice, wrong_code(office, alice)) != ""
    office.ask(alice, office.world.bob)
    type_wrong_codes(office, here, before=there)
    text = refusal(office, alice.code(office.clock), tag="code_throttled")
    assert ", at 12:05 UTC" in text


def test_wrong_ones_here_count_at_the_portal(office: Office) -> None:
    alice = office.world.alice
    office.ask(alice, office.world.bob)
    type_wrong_codes(office, 4)
    assert sign_in_with(office, alice, wrong_code(office, alice)) != ""
    assert "12:05 UTC" in sign_in_with(office, alice, alice.code(office.clock))


def test_wrong_ones_of_one_admin_do_not_hinder_another(office: Office) -> None:
    office.ask(office.world.alice, office.world.bob)
    type_wrong_codes(office, 5)
    assert office.request(office.world.alan, office.world.bob)


def test_wrong_ones_count_across_subscribers(office: Office) -> None:
    alice = office.world.alice
    office.ask(alice, office.world.bob)
    type_wrong_codes(office, 5)
    view = office.ask(alice, office.world.alan)
    delivery = office.fill(alice, view)
    assert "Too many wrong codes" in delivery.errors["code"]
    assert office.cases(office.world.alan) == ()


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
    assert "Have another administrator or owner reset your 2FA" in text
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
