"""Bob cannot open Slack: somebody else sees his set-up code once, and gives it to him."""

import pytest

from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.people import Role
from tests.fakes import Person
from tests.office import AUDIT, Browser, Office
from tests.scenario.changes import (
    answer_to,
    ended,
    give_roles,
    hand_over_form,
    in_slack,
    invalidate_authenticators,
    set_up_codes_in,
    suspend,
    wrong_code,
)

CODE_PAGE = "Prove that it is you"
SET_UP = "Configure your two-factor authentication"
COMMAND = "hand-over <@U01BOB>"
SAW = "Alan Ames saw a set-up code of Bob Brown"


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


def hand_over(office: Office, admin: Person, **values: str) -> str:
    """Fill in the form; return the code that takes its place, and deliver."""
    view, filled = hand_over_form(office, admin)
    assert office.as_(admin).submit(view, {**filled, **values}).ok
    (code,) = set_up_codes_in(office.as_(admin).modal)
    office.deliver()
    return code


class TestTheStory:
    def test_alan_calls_bob_back_and_reads_him_the_code(
        self, office: Office, waiting: Browser
    ) -> None:
        world = office.world
        view, _ = hand_over_form(office, world.alan)
        for words in ("Bob Brown", "+44 20 7946 0100", "Alice Archer", "192.0.2.7"):
            assert words in view.shown
        before = len(office.tags())
        code = hand_over(office, world.alan)
        assert office.tags()[before:] == ["slack:code:accepted", "slack:set_up_code:handed_over"]
        assert not any(code in str(m.blocks) for m in office.slack.workspace.messages)

        page = waiting.set_up_code(code)
        assert waiting.first_code(office.first_code(page)).path == "/portal/"
        assert ended(office, world.bob)[0] is CaseState.RE_ENROLLED
        shown = office.as_(world.bob).dm[-1]
        assert "Your set-up code was shown to Alan Ames" in shown.text
        assert shown.action_ids == ["reset_report"]
        heard = {p.name for p in world.people if office.heard(p, SAW)}
        assert heard == {"Alice Archer", "Carol Cole", "Dana Drew"}
        assert SAW in office.slack.messages(AUDIT)[-1].text

    def test_the_code_ends_after_ten_minutes(self, office: Office, waiting: Browser) -> None:
        code = hand_over(office, office.world.alan)
        office.move(minutes=10)
        with office.refused("portal:set_up_code:set_up_code_wrong"):
            waiting.set_up_code(code)

    def test_of_two_sign_ins_alan_gives_the_code_for_the_one_that_is_bobs(
        self, office: Office, waiting: Browser
    ) -> None:
        """Somebody who knows Bob's password waits too, and gets nothing of it."""
        alan = office.world.alan
        thief = wait(office, address="198.51.100.9")
        view, _ = hand_over_form(office, alan)
        (field,) = [block for block in view.blocks if block.get("block_id") == "sign_in"]
        options = {
            option["description"]["text"].split(",")[0]: option["value"]
            for option in field["element"]["options"]
        }
        assert options.keys() == {"192.0.2.7", "198.51.100.9"}
        code = hand_over(office, alan, sign_in=options["192.0.2.7"])
        with office.refused("portal:set_up_code:set_up_code_wrong"):
            thief.set_up_code(code)
        assert waiting.set_up_code(code).heading == SET_UP

    def test_the_code_is_for_the_sign_in_that_was_shown_though_another_came(
        self, office: Office, waiting: Browser
    ) -> None:
        alan = office.world.alan
        view, filled = hand_over_form(office, alan)
        thief = wait(office, address="198.51.100.9")
        assert office.as_(alan).submit(view, filled).ok
        (code,) = set_up_codes_in(office.as_(alan).modal)
        office.deliver()
        with office.refused("portal:set_up_code:set_up_code_wrong"):
            thief.set_up_code(code)
        assert waiting.set_up_code(code).heading == SET_UP

    def test_a_first_set_up_is_handed_over_too_from_the_picker(self, office: Office) -> None:
        world, alice = office.world, office.as_(office.world.alice)
        invalidate_authenticators(office, world.bob)
        browser = wait(office)
        assert office.cases(world.bob)[0].kind is CaseKind.FIRST_SET_UP
        office.type(world.alice, "hand-over")
        assert alice.modal.callback_id == "hand_over_pick"
        assert alice.submit(alice.modal, {"subscriber": "U01BOB"}).ok
        filled = {"proof": "called_back", "code": world.alice.code(office.clock)}
        assert alice.submit(alice.modal, filled).ok
        (code,) = set_up_codes_in(alice.modal)
        assert browser.set_up_code(code).heading == SET_UP


class TestRefused:
    """Whoever may not, and whatever is not so: nothing changes, and it is recorded."""

    @pytest.mark.usefixtures("waiting")
    def test_who_is_not_entitled(self, office: Office) -> None:
        """Alice stays the admin after the case was taken over."""
        world = office.world
        answer_to(office, world.carol, "status <@U01BOB>")
        office.press(world.carol, "case_take_over")
        for person, tag in (
            (world.alice, "hand_over_by_admin"),
            (world.bob, "oneself_refused"),
            (world.dana, "no_authenticator"),
        ):
            with office.refused(f"slack:hand_over:{tag}"):
                answer_to(office, person, COMMAND)
        assert hand_over_form(office, world.carol)

    def test_nobody_waits(self, office: Office) -> None:
        office.reset(office.world.alice, office.world.bob)
        with office.refused("slack:hand_over:nobody_waits"):
            answer_to(office, office.world.alan, COMMAND)

    @pytest.mark.usefixtures("waiting")
    def test_a_suspended_subscriber(self, office: Office) -> None:
        suspend(office, office.world.bob)
        with office.refused("slack:hand_over:subscriber_suspended"):
            answer_to(office, office.world.alan, COMMAND)

    @pytest.mark.usefixtures("waiting")
    def test_a_code_that_is_wrong_or_was_spent(self, office: Office) -> None:
        alan = office.world.alan
        view, filled = hand_over_form(office, alan)
        with office.refused("slack:hand_over:code_wrong"):
            wrong = {**filled, "code": wrong_code(office, alan)}
            assert office.as_(alan).submit(view, wrong).errors.keys() == {"code"}
        assert not set_up_codes_in(office.as_(alan).modal)
        hand_over(office, alan)
        browser = office.browser()
        browser.password(alan)
        with office.refused("portal:sign_in:code_wrong"):
            browser.code(filled["code"])
        with office.refused("slack:hand_over:code_wrong"):
            office.as_(alan).submit(hand_over_form(office, alan)[0], filled)

    @pytest.mark.parametrize(
        ("loss", "tag"),
        [
            ("role", "not_an_administrator"),
            ("slack", "deactivated_refused"),
            ("sign-in", "nobody_waits"),
        ],
    )
    def test_what_is_lost_before_the_code(
        self, office: Office, waiting: Browser, loss: str, tag: str
    ) -> None:
        alan = office.world.alan
        view, filled = hand_over_form(office, alan)
        if loss == "role":
            give_roles(office, alan, {office.world.acme.id: Role.MEMBER})
        elif loss == "slack":
            in_slack(office, alan.slack.user, deleted=True)
        else:
            waiting.submit("/portal/sign-out", {})
        with office.refused(f"slack:hand_over:{tag}"):
            assert office.as_(alan).submit(view, filled).errors.keys() == {"code"}
