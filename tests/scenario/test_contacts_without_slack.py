"""Bob is not in Slack at all: he is found by name, told by somebody, and given the code."""

import re

import pytest

from bot.domain.model.cases import Case, CaseState
from bot.domain.proving import totp
from playground.slack.model import View
from tests.fakes import Person
from tests.fakes.world import bind
from tests.office import Office
from tests.scenario.changes import forge, submission, unbind_slack

SET_UP_CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")


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
    (code,) = set(SET_UP_CODE.findall(office.as_(alan).modal.shown))
    page = browser.set_up_code(code)
    assert browser.first_code(office.first_code(page)).path == "/portal/"
    office.deliver()
    assert office.cases(bob)[0].state is CaseState.RE_ENROLLED
    assert "Bob Brown has set 2FA up again" in "".join(office.dm(alice))


def test_of_a_first_set_up_the_administrators_are_told(office: Office, bob: Person) -> None:
    world = office.world
    with office.rekey.database.unit_of_work() as uow:
        uow.authenticators.invalidate_all(bob.id, now=office.clock.now())
        uow.commit()
    office.browser().password(bob)
    office.deliver()
    for person in (world.alice, world.alan, world.carol):
        (told,) = office.dm(person)
        assert "type /reset-2fa hand-over and choose Bob Brown" in told
    assert office.dm(world.dana) == []


def test_three_sign_ins_an_hour_are_told_of(office: Office, bob: Person) -> None:
    alice = office.world.alice
    reset(office, alice, bob)
    for _ in range(5):
        office.browser().password(bob)
    office.deliver()
    told = [words for words in office.dm(alice) if "waits for a set-up code" in words]
    assert len(told) == 3


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
        with office.rekey.database.unit_of_work() as uow:
            bind(uow, world.dana.id, totp.new_shared_secret())
            uow.commit()
        assert self.found(office, world.dana, "acme.example") == ["Bob Brown"]
        assert self.found(office, world.bob, "acme.example") == []

    @pytest.mark.parametrize("user", ["U01GUEST", "U01STRANGER", "U01EXT"])
    def test_strangers_and_guests_find_nobody(self, office: Office, user: str) -> None:
        office.type(office.world.alice, "")
        view = office.as_(office.world.alice).modal
        acts = office.slack.acts
        member = office.slack.workspace.members[user]
        block = next(b for b in view.blocks if b.get("block_id") == "contact")
        acts.suggest(member, view, block, block["element"], "bob")
        assert view.offered["contact"] == []

    def found(self, office: Office, who: Person, words: str) -> list[str]:
        office.type(who, "")
        slack = office.as_(who)
        offers = slack.suggest(slack.modal, "contact", words)
        slack.close_all()
        return [offer["text"]["text"].split(" (")[0] for offer in offers]


class TestRefused:
    def test_a_forged_contact_of_another_account(self, office: Office, bob: Person) -> None:
        del bob
        world = office.world
        office.type(world.alice, "")
        view = office.as_(world.alice).modal
        state = {"contact": {"selected_option": {"value": world.dana.id}}}
        with office.refused("slack:reset:no_shared_account"):
            answer = forge(office, submission(office, world.alice, view, state))
        assert '"errors": {"contact"' in answer.body

    def test_a_contact_who_came_to_slack_meanwhile_is_settled_anew(self, office: Office) -> None:
        """Whoever is bound by now is asked about in Slack, and was not when they were picked."""
        world = office.world
        view = pick(office, world.alice, world.bob)
        office.slack.workspace.members[world.bob.slack.user].deleted = True
        with office.refused("slack:reset:deactivated_refused"):
            assert office.fill(world.alice, view).errors.keys() == {"code"}
