"""The main story, from the command to the re-enrolment."""

from bot.domain.model.cases import CaseState
from bot.domain.proving import totp
from tests.office import Office


def test_from_the_command_to_bob_signed_in_again(office: Office) -> None:
    world = office.world
    alice, bob = world.alice, world.bob

    view = office.ask(alice, bob)
    mistyped = office.fill(alice, view, code="000000")
    assert list(mistyped.errors) == ["code"]
    assert office.fill(alice, view).ok
    office.deliver()

    block = office.confirm_block(alice)
    assert office.as_(alice).click(block, "reset_yes").ok
    office.deliver()
    assert office.active(bob.id) == 0
    assert "reset" in office.dm(bob)[-1].lower()

    assert office.as_(bob).dm[-1].action_ids == ["open_set_up", "reset_report"]
    link = office.as_(bob).click(office.as_(bob).dm[-1], "open_set_up")
    assert (link.ok, link.url) == (True, "http://127.0.0.1:3000/portal/sign-in")

    office.move(days=1)
    office.sweep()
    assert len(office.dm(bob)) == 2

    browser = office.browser()
    waiting = browser.password(bob)
    assert waiting.path == "/portal/set-up"
    office.deliver()
    page = browser.set_up_code(office.set_up_code(bob))
    assert page.heading == "Configure your two-factor authentication"
    home = browser.first_code(totp.code_at(page.key, totp.step_at(office.clock.now())))
    assert home.path == "/portal/"
    office.deliver()

    (case,) = office.cases(bob)
    assert case.state is CaseState.RE_ENROLLED
    assert office.active(bob.id) == 1
    assert [t for t in office.tags() if ":case:" in t] == [
        "slack:case:awaiting_confirmation",
        "slack:case:executing",
        "slack:case:completed",
        "portal:case:re_enrolled",
    ]
