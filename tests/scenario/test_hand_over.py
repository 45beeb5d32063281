"""Bob cannot open Slack: somebody else sees his set-up code once, and gives it to him."""

import re

import pytest

from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.people import Role
from playground.slack.model import Delivery, View
from tests.fakes import Person
from tests.office import AUDIT, Browser, Office
from tests.scenario.changes import (
    answer_to,
    errors_in,
    forge,
    give_roles,
    in_slack,
    submission,
    suspend,
    wrong_code,
)

CODE_PAGE = "Prove that it is you"
SET_UP = "Configure your two-factor authentication"
SET_UP_CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")


@pytest.fixture
def waiting(office: Office) -> Browser:
    """Return Bob's browser after a reset by Alice, at the page that waits for the set-up code."""
    office.reset(office.world.alice, office.world.bob)
    return wait(office)


def wait(office: Office, *, address: str = "192.0.2.7") -> Browser:
    browser = office.browser(address=address)
    assert browser.password(office.world.bob).heading == CODE_PAGE
    office.deliver()
    return browser


def form(office: Office, admin: Person) -> View:
    """Type the command; return the modal that it opens."""
    delivery = office.type(admin, f"hand-over <@{office.world.bob.slack.user}>")
    assert delivery.ok, delivery
    return office.as_(admin).modal


def fill(office: Office, admin: Person, view: View, **values: str) -> Delivery:
    filled = {"proof": "called_back", "code": admin.code(office.clock), **values}
    return office.as_(admin).submit(view, filled)


def code_shown(office: Office, admin: Person) -> str:
    modal = office.as_(admin).modal
    (code,) = set(SET_UP_CODE.findall(modal.shown))
    return str(code)


def channel(office: Office) -> list[str]:
    return [message.text for message in office.slack.messages(AUDIT)]


class TestTheStory:
    def test_alan_calls_bob_back_and_reads_him_the_code(
        self, office: Office, waiting: Browser
    ) -> None:
        world = office.world
        view = form(office, world.alan)
        for words in ("Bob Brown", "+44 20 7946 0100", "Alice Archer", "192.0.2.7"):
            assert words in view.shown
        before = len(office.tags())
        assert fill(office, world.alan, view).ok
        assert office.tags()[before:] == ["slack:code:accepted", "slack:set_up_code:handed_over"]
        office.deliver()

        page = waiting.set_up_code(code_shown(office, world.alan))
        assert page.heading == SET_UP
        assert waiting.first_code(office.first_code(page)).path == "/portal/"
        assert office.cases(world.bob)[0].state is CaseState.RE_ENROLLED

        assert "Your set-up code was shown to Alan Ames" in office.dm(world.bob)[-1]
        for person in (world.alice, world.carol, world.dana):
            assert "Alan Ames saw a set-up code of Bob Brown" in office.dm(person)[-1]
        assert "Alan Ames saw a set-up code of Bob Brown" in channel(office)[-1]
        assert "saw a set-up code" not in "".join(office.dm(world.alan))

    def test_the_code_is_gone_once_the_modal_is_closed(
        self, office: Office, waiting: Browser
    ) -> None:
        alan = office.world.alan
        fill(office, alan, form(office, alan))
        code = code_shown(office, alan)
        office.as_(alan).close_all()
        office.deliver()
        office.move(minutes=10)
        with office.refused("portal:set_up_code:set_up_code_wrong"):
            waiting.set_up_code(code)
        told = [m.shown for m in office.slack.workspace.messages]
        assert not any(SET_UP_CODE.search(words) for words in told)

    def test_of_two_sign_ins_alan_gives_the_code_for_the_one_that_is_bobs(
        self, office: Office, waiting: Browser
    ) -> None:
        """Somebody who knows Bob's password waits too, and gets nothing of it."""
        alan = office.world.alan
        thief = wait(office, address="198.51.100.9")
        view = form(office, alan)
        options = {
            option["description"]["text"].split(",")[0]: option["value"]
            for block in view.blocks
            if block.get("block_id") == "sign_in"
            for option in block["element"]["options"]
        }
        assert options.keys() == {"192.0.2.7", "198.51.100.9"}
        assert fill(office, alan, view, sign_in=options["192.0.2.7"]).ok
        code = code_shown(office, alan)
        office.deliver()
        with office.refused("portal:set_up_code:set_up_code_wrong"):
            thief.set_up_code(code)
        assert waiting.set_up_code(code).heading == SET_UP

    def test_bob_who_never_asked_reports_it(self, office: Office, waiting: Browser) -> None:
        """The veto of a hand-over is the veto of its case; whoever saw the code hears of it too."""
        world = office.world
        fill(office, world.alan, form(office, world.alan))
        page = waiting.set_up_code(code_shown(office, world.alan))
        waiting.first_code(office.first_code(page))
        office.as_(world.alan).close_all()
        office.deliver()
        office.move(hours=8)
        bob = office.as_(world.bob)
        told = next(m for m in bob.dm if "set-up code was shown to Alan Ames" in m.text)
        bob.click(told, "reset_report")
        assert bob.submit(bob.modal).ok
        office.deliver()
        assert office.cases(world.bob)[0].state is CaseState.VETOED
        assert office.active(world.bob.id) == 0
        for person in (world.alice, world.alan, world.carol):
            assert "This wasn't me" in office.dm(person)[-1]
        for hand in (world.alice, world.alan):  # neither of the two may lift it
            with office.refused("slack:reset:not_yours_to_lift"):
                office.type(hand, f"<@{world.bob.slack.user}>")

    def test_a_first_set_up_is_handed_over_too(self, office: Office) -> None:
        world = office.world
        with office.rekey.database.unit_of_work() as uow:
            uow.authenticators.invalidate_all(world.bob.id, now=office.clock.now())
            uow.commit()
        browser = wait(office)
        (case,) = office.cases(world.bob)
        assert case.kind is CaseKind.FIRST_SET_UP
        view = form(office, world.alice)
        assert "for the first time" in view.shown
        assert fill(office, world.alice, view).ok
        assert browser.set_up_code(code_shown(office, world.alice)).heading == SET_UP


class TestRefused:
    """Whoever may not, and whatever is not so: nothing changes, and it is recorded."""

    @pytest.mark.usefixtures("waiting")
    def test_alice_who_asked_for_the_reset(self, office: Office) -> None:
        with office.refused("slack:hand_over:hand_over_by_admin"):
            told = answer_to(office, office.world.alice, "hand-over <@U01BOB>")
        assert "somebody else has to hand over" in told

    @pytest.mark.usefixtures("waiting")
    def test_alice_stays_the_admin_after_the_case_was_taken_over(self, office: Office) -> None:
        world = office.world
        case = office.cases(world.bob)[0]
        with office.rekey.database.unit_of_work() as uow:
            uow.cases.take_over(case.id, by=world.carol.id, from_=world.alice.id)
            uow.commit()
        with office.refused("slack:hand_over:hand_over_by_admin"):
            answer_to(office, world.alice, "hand-over <@U01BOB>")
        assert form(office, world.carol).callback_id == "hand_over_verify"

    @pytest.mark.parametrize(
        ("person", "tag"),
        [("bob", "oneself_refused"), ("dana", "no_authenticator")],
    )
    @pytest.mark.usefixtures("waiting")
    def test_who_is_not_entitled(self, office: Office, person: str, tag: str) -> None:
        with office.refused(f"slack:hand_over:{tag}"):
            answer_to(office, getattr(office.world, person), "hand-over <@U01BOB>")

    @pytest.mark.parametrize(
        ("user", "tag"), [("U01GUEST", "guest_refused"), ("U01STRANGER", "not_a_contact")]
    )
    @pytest.mark.usefixtures("waiting")
    def test_who_is_no_contact(self, office: Office, user: str, tag: str) -> None:
        with office.refused(f"slack:hand_over:{tag}"):
            office.as_(user).command("/reset-2fa", "hand-over <@U01BOB>")

    def test_nobody_waits(self, office: Office) -> None:
        office.reset(office.world.alice, office.world.bob)
        with office.refused("slack:hand_over:nobody_waits"):
            told = answer_to(office, office.world.alan, "hand-over <@U01BOB>")
        assert "They have to sign in at the Portal first" in told

    @pytest.mark.usefixtures("waiting")
    def test_a_suspended_subscriber(self, office: Office) -> None:
        suspend(office, office.world.bob)
        with office.refused("slack:hand_over:subscriber_suspended"):
            answer_to(office, office.world.alan, "hand-over <@U01BOB>")

    @pytest.mark.usefixtures("waiting")
    def test_a_wrong_code_counts_and_shows_nothing(self, office: Office) -> None:
        alan = office.world.alan
        view = form(office, alan)
        with office.refused("slack:hand_over:code_wrong"):
            delivery = fill(office, alan, view, code=wrong_code(office, alan))
        assert "wrong" in delivery.errors["code"]
        assert not SET_UP_CODE.search(office.as_(alan).modal.shown)

    @pytest.mark.usefixtures("waiting")
    def test_a_code_that_was_spent_on_it_opens_nothing_else(self, office: Office) -> None:
        alan = office.world.alan
        code = alan.code(office.clock)
        assert fill(office, alan, form(office, alan), code=code).ok
        office.deliver()
        browser = office.browser()
        browser.password(alan)
        with office.refused("portal:sign_in:code_wrong"):
            browser.code(code)
        with office.refused("slack:hand_over:code_wrong"):
            fill(office, alan, form(office, alan), code=code)

    @pytest.mark.parametrize("loss", ["role", "slack"])
    @pytest.mark.usefixtures("waiting")
    def test_standing_that_is_lost_before_the_code(self, office: Office, loss: str) -> None:
        alan = office.world.alan
        view = form(office, alan)
        if loss == "role":
            give_roles(office, alan, {office.world.acme.id: Role.MEMBER})
            tag = "not_an_administrator"
        else:
            in_slack(office, alan.slack.user, deleted=True)
            tag = "deactivated_refused"
        with office.refused(f"slack:hand_over:{tag}"):
            assert fill(office, alan, view).errors.keys() == {"code"}

    def test_a_form_that_was_tampered_with(self, office: Office, waiting: Browser) -> None:
        """Another's sign-in, named in what the modal carried along, gets no code of Bob's form."""
        del waiting
        world = office.world
        office.reset(world.carol, world.alice)
        office.browser().password(world.alice)
        office.deliver()
        view = form(office, world.alan)
        with office.rekey.database.unit_of_work() as uow:
            (foreign,) = uow.sessions.waiting_of(world.alice.id, now=office.clock.now())
        payload = submission(
            office,
            world.alan,
            view,
            {
                "proof": {"selected_option": {"value": "video"}},
                "code": {"value": world.alan.code(office.clock)},
            },
        )
        metadata = f'{{"subscriber": "U01BOB", "sign_in": "{foreign.id}"}}'
        payload["view"]["private_metadata"] = metadata
        with office.refused("slack:hand_over:sign_in_missing"):
            answer = forge(office, payload)
        assert list(errors_in(answer)) == ["code"]
