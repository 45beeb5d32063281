"""Bob is not in Slack at all: he is found by name, told by somebody, and given the code."""

import pytest

from bot.domain.model.cases import Case, CaseState
from playground.slack.model import View
from tests.fakes import Person
from tests.office import Office
from tests.scenario.changes import (
    bind_authenticator,
    in_slack,
    invalidate_authenticators,
    set_up_codes_in,
    unbind_slack,
)


@pytest.fixture
def bob(office: Office) -> Person:
    unbind_slack(office, office.world.bob)
    return office.world.bob


def pick(office: Office, admin: Person, person: Person, command: str = "") -> View:
    """Type the command without a person and choose one by name; return the modal that follows."""
    office.type(admin, command)
    slack = office.as_(admin)
    (offer,) = slack.suggest(slack.modal, "contact", person.name.split()[1])
    delivery = slack.submit(slack.modal, {"contact": offer["value"]})
    assert delivery.ok, delivery.errors
    return slack.modal


def reset(office: Office, admin: Person, person: Person) -> Case:
    delivery = office.fill(admin, pick(office, admin, person))
    assert delivery.ok, delivery.errors
    office.deliver()
    office.as_(admin).click(office.confirm_block(admin), "reset_yes")
    office.deliver()
    office.move(seconds=60)
    return office.cases(person)[0]


def test_the_whole_way_by_telephone(office: Office, bob: Person) -> None:
    alice, alan = office.world.alice, office.world.alan
    view = pick(office, alice, bob)
    assert "Bob Brown is not in Slack. You have to tell them yourself." in view.shown
    office.as_(alice).close_all()
    case = reset(office, alice, bob)
    assert case.state is CaseState.COMPLETED
    outcome = next(
        words for words in office.dm(alice) if "The 2FA of Bob Brown was reset." in words
    )
    assert "tell them yourself, in person or by the number on file" in outcome

    browser = office.browser()
    assert browser.password(bob).heading == "Prove that it is you"
    office.deliver()
    told = office.dm(alice)[-1]
    assert "Bob Brown waits for a set-up code" in told
    assert "ask another administrator or owner to type /reset-2fa hand-over" in told

    view = pick(office, alan, bob, "hand-over")
    filled = {"proof": "called_back", "code": alan.code(office.clock)}
    assert office.as_(alan).submit(view, filled).ok
    (code,) = set_up_codes_in(office.as_(alan).modal)
    page = browser.set_up_code(code)
    assert browser.first_code(office.first_code(page)).path == "/portal/"
    office.deliver()
    assert office.cases(bob)[0].state is CaseState.RE_ENROLLED
    assert "Bob Brown has set 2FA up again" in "".join(office.dm(alice))


def test_of_a_first_set_up_the_administrators_are_told(office: Office, bob: Person) -> None:
    world = office.world
    invalidate_authenticators(office, bob)
    office.browser().password(bob)
    office.deliver()
    for person in (world.alice, world.alan, world.carol):
        (told,) = office.dm(person)
        assert "type /reset-2fa hand-over and choose Bob Brown" in told
    assert office.dm(world.dana) == []


class TestSearching:
    @pytest.mark.usefixtures("bob")
    def test_finds_people_of_ones_own_accounts_alone(self, office: Office) -> None:
        world = office.world
        assert self.found(office, world.alice, "acme.example") == [
            "Alan Ames",
            "Bob Brown",
            "Carol Cole",
        ]
        assert self.found(office, world.dana, "acme.example") == []  # she has no authenticator yet
        bind_authenticator(office, world.dana)
        assert self.found(office, world.dana, "acme.example") == ["Bob Brown"]
        assert self.found(office, world.bob, "acme.example") == []

    def found(self, office: Office, who: Person, words: str) -> list[str]:
        office.type(who, "")
        slack = office.as_(who)
        offers = slack.suggest(slack.modal, "contact", words)
        slack.close_all()
        return [offer["text"]["text"].split(" (")[0] for offer in offers]


def test_a_contact_who_came_to_slack_meanwhile_is_settled_anew(office: Office) -> None:
    """Whoever is bound by now is asked about in Slack, and was not when they were picked."""
    world = office.world
    view = pick(office, world.alice, world.bob)
    in_slack(office, "U01BOB", deleted=True)
    with office.refused("slack:reset:deactivated_refused"):
        assert office.fill(world.alice, view).errors.keys() == {"code"}
