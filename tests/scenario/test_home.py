"""App Home: what administrators and everybody else see there, and do."""

from typing import Any

import pytest

from bot.blocks.home_desk import SEARCH_BLOCK
from bot.domain.model.cases import CaseState
from bot.domain.model.people import Role
from bot.domain.model.roster import ChangeKind, RosterChange, RosterContact
from bot.domain.ports.unit_of_work import UnitOfWork
from playground.slack import View
from tests.fakes import ACME, GLOBEX, NOON, Person
from tests.office import Office
from tests.scenario.changes import bind_authenticator, forge, give_roles, in_slack


def opened(office: Office, person: Person | str) -> View:
    """Open the tab; return what it shows."""
    slack = office.as_(person)
    delivery = slack.open_home()
    assert delivery.ok, delivery
    assert slack.home is not None
    return slack.home


def buttons(view: View, action_id: str) -> list[str]:
    """Return the values of the buttons with that id."""
    parts = [p for b in view.blocks for p in (b.get("accessory"), *b.get("elements", ())) if p]
    return [part["value"] for part in parts if part.get("action_id") == action_id]


def published(office: Office) -> int:
    return sum(call.method == "views.publish" for call in office.slack.calls)


def hire(uow: UnitOfWork, number: int) -> None:
    contact = RosterContact(
        id=None,
        email=f"worker{number:02}@acme.example",
        username=f"worker{number:02}",
        name=f"Worker {number:02}",
        phone=None,
        manager=None,
        slack=None,
        roles={ACME.id: Role.MEMBER},
    )
    change = RosterChange(kind=ChangeKind.CONTACT_ADDED, contact=contact)
    assert list(uow.roster.apply([change], now=NOON)) == [1]


def search(office: Office, person: Person, words: str) -> View:
    view = office.as_(person).home
    assert view is not None
    (block,) = [b for b in view.blocks if b["block_id"].startswith(SEARCH_BLOCK)]
    assert office.as_(person).choose(view, block["block_id"], "home_search", words).ok
    return view


class TestEverybody:
    def test_member_sees_their_own_2fa_and_nobody_else(self, office: Office) -> None:
        view = opened(office, office.world.bob)
        assert "Your 2FA is set up" in view.shown
        assert "/portal/sign-in" in str(view.blocks)
        assert view.shown.count("lost or replaced?") == 1
        assert "the help desk, +44 20 7946 0999" in view.shown
        assert "All Contacts" not in view.shown
        assert "Alice" not in view.shown
        assert office.tags() == []

    @pytest.mark.parametrize(
        "user", ["U01GUEST", "U01SINGLE", "U01STRANGER", "U01EXT", "U01GONE", "U01DANA"]
    )
    def test_others_are_turned_away_and_shown_no_data(self, office: Office, user: str) -> None:
        """Dana administers Globex, and has no 2FA of her own yet."""
        view = opened(office, user)
        assert "the help desk, +44 20 7946 0999" in view.shown
        for secret in ("All Contacts", "Acme", "Bob"):
            assert secret not in view.shown
        assert ("You have no 2FA yet" in view.shown) == (user == "U01DANA")

    def test_nobody_is_shown_anything_when_slack_cannot_say_who_they_are(
        self, office: Office
    ) -> None:
        office.slack.faults.fail("users.info", error="internal_error")
        assert "could not reach Slack" in opened(office, office.world.alice).shown
        assert "All Contacts" in opened(office, office.world.alice).shown

    def test_the_other_tab_is_not_answered(self, office: Office) -> None:
        event = {"type": "app_home_opened", "user": "U01ALICE"}
        assert office.slack.send_event({**event, "tab": "messages"}).ok
        assert published(office) == 0
        assert office.slack.send_event(event).ok  # where no tab is named, Home is meant
        assert published(office) == 1

    def test_reset_shows_in_the_subscribers_own_tab(self, office: Office) -> None:
        view = opened(office, office.world.bob)
        office.reset(office.world.alice, office.world.bob)
        assert "Your 2FA is still to be set up" in view.shown


class TestContacts:
    def test_account_is_shown_with_everybody_in_it(self, office: Office) -> None:
        world = office.world
        view = opened(office, world.alice)
        for person in (world.alan, world.alice, world.bob, world.carol):
            assert person.name in view.shown
        assert world.dana.name not in view.shown
        assert "1 to 4 of 4" in view.shown
        # not oneself, nor whoever outranks
        assert buttons(view, "home_reset") == [world.alan.id, world.bob.id]

    def test_pages_and_search(self, office: Office) -> None:
        with office.rekey.database.unit_of_work() as uow:
            for number in range(40):
                hire(uow, number)
            uow.commit()
        alice = office.as_(office.world.alice)
        view = opened(office, office.world.alice)
        assert "1 to 15 of 44" in view.shown
        assert buttons(view, "home_previous") == []
        assert alice.click(view, "home_next").ok
        assert alice.click(view, "home_next").ok
        assert "31 to 44 of 44" in view.shown
        assert buttons(view, "home_next") == []
        assert alice.click(view, "home_previous").ok
        assert "16 to 30 of 44" in view.shown
        search(office, office.world.alice, "WORKER 1")
        assert "1 to 10 of 10" in view.shown
        assert "Bob" not in view.shown
        assert opened(office, office.world.alice).shown.count("Worker 1") == 10  # as it was left
        search(office, office.world.alice, "nobody like that")
        assert "Nobody was found." in view.shown
        assert alice.click(view, "home_all").ok
        assert "1 to 15 of 44" in view.shown
        assert all(state["value"] is None for _, state in _typed(view))

    def test_account_is_switched_and_remembered(self, office: Office) -> None:
        give_roles(office, office.world.alice, {ACME.id: Role.ADMINISTRATOR, GLOBEX.id: Role.OWNER})
        alice = office.as_(office.world.alice)
        view = opened(office, office.world.alice)
        assert "Carol" in view.shown
        assert alice.choose(view, "home:account", "home_account", GLOBEX.id).ok
        assert "Dana" in view.shown
        assert "Carol" not in view.shown
        assert "Dana" in opened(office, office.world.alice).shown
        assert alice.click(view, "home_reset", office.world.bob.id).ok
        (field,) = [b for b in alice.modal.blocks if b["block_id"] == "account"]
        assert field["element"]["initial_option"]["value"] == GLOBEX.id  # the one that is shown

    def test_forged_account_is_refused_and_recorded(self, office: Office) -> None:
        alice = office.as_(office.world.alice)
        view = opened(office, office.world.alice)
        view.spec["private_metadata"] = f'{{"account": "{GLOBEX.id}", "words": "", "page": 0}}'
        alice.open_home()
        assert "Dana" not in view.shown
        assert "Alan" in view.shown
        assert office.tags() == ["slack:home:account_refused"]

    def test_those_whom_too_few_can_reset_are_named(self, office: Office) -> None:
        view = opened(office, office.world.alice)
        assert "Carol Cole: nobody can" in view.shown
        assert "Alan Ames:" not in view.shown


class TestReset:
    def test_from_the_button_to_the_new_authenticator(self, office: Office) -> None:
        world = office.world
        alice = office.as_(world.alice)
        view = opened(office, world.alice)
        assert alice.click(view, "home_reset", world.bob.id).ok
        assert "in a direct message" in alice.modal.shown  # where the question will be
        assert office.fill(world.alice, alice.modal).ok
        office.deliver()
        assert "awaits Yes or No" in view.shown
        assert buttons(view, "case_cancel") == [office.cases(world.bob)[0].id]
        assert alice.click(alice.dm[-1], "reset_yes").ok
        office.deliver()
        assert "Reset, and waiting" in view.shown
        assert "is done, and 2FA is not set up again yet" in view.shown
        office.move(seconds=60)
        office.set_up(world.bob)
        assert "No case waits in this account." in view.shown
        assert "Bob Brown has set 2FA up, and the case" in view.shown  # among the last acts
        assert office.cases(world.bob)[0].state is CaseState.RE_ENROLLED

    def test_refusal_opens_in_place_of_the_form(self, office: Office) -> None:
        alice = office.as_(office.world.alice)
        view = opened(office, office.world.alice)
        office.request(office.world.alan, office.world.bob)
        with office.refused("slack:reset:case_open"):
            assert alice.click(view, "home_reset", office.world.bob.id).ok
        assert "asked for by Alan Ames" in alice.modal.shown
        assert "submit" not in alice.modal.spec

    def test_of_ones_own_case_that_waits_asks_again(self, office: Office) -> None:
        alice = office.as_(office.world.alice)
        office.request(office.world.alice, office.world.bob)
        view = opened(office, office.world.alice)
        office.press(office.world.alice, "home_reset", view, office.world.bob.id)
        assert alice.modal.callback_id != "reset_verify"
        assert "reset_yes" in alice.dm[-1].action_ids

    @pytest.mark.parametrize(
        ("who", "whom", "tag"),
        [("bob", "alan", "not_an_administrator"), ("alan", "carol", "outranked")],
    )
    def test_of_a_forged_contact_is_refused(
        self, office: Office, who: str, whom: str, tag: str
    ) -> None:
        world, slack = office.world, office.as_(getattr(office.world, who))
        click = slack.click(
            opened(office, world.alice), "home_reset", world.alan.id, even_if_unseen=True
        ).payload
        slack.close_all()
        office.deliver()
        click["actions"][0]["value"] = getattr(world, whom).id
        click["trigger_id"] = office.slack.workspace.issue_trigger(slack.id)
        with office.refused(f"slack:reset:{tag}"):
            assert forge(office, click).ok
        assert "submit" not in slack.modal.spec


class TestFresh:
    def test_tab_published_meanwhile_is_read_anew(self, office: Office) -> None:
        alice = office.as_(office.world.alice)
        view = opened(office, office.world.alice)
        earlier = alice.open_home()  # tells the hash of the first view, which is no longer shown
        before = view.hash
        assert office.slack.replay(earlier).ok
        assert view.hash != before
        publishing = [c for c in office.slack.calls if c.method == "views.publish"]
        assert [call.error for call in publishing[-2:]] == ["hash_conflict", None]
        assert "hash" not in publishing[-1].arguments

    def test_other_administrators_tabs_follow(self, office: Office) -> None:
        view = opened(office, office.world.alan)
        office.request(office.world.alice, office.world.bob)
        assert "awaits Yes or No" in view.shown

    def test_lasts_for_an_hour_after_the_last_look(self, office: Office) -> None:
        view = opened(office, office.world.alan)
        office.move(minutes=60)
        block = office.request(office.world.alice, office.world.bob)  # which is no look of his
        assert "awaits Yes or No" in view.shown
        office.move(seconds=1)
        office.press(office.world.alice, "reset_no", block)
        assert "awaits Yes or No" in view.shown
        assert "awaits Yes or No" not in opened(office, office.world.alan).shown

    def test_leaves_the_tabs_of_other_accounts_alone(self, office: Office) -> None:
        bind_authenticator(office, office.world.dana)
        view = opened(office, office.world.dana)
        before = view.hash
        office.reset(office.world.carol, office.world.alan)
        assert view.hash == before

    def test_ends_with_the_right_to_look(self, office: Office) -> None:
        view = opened(office, office.world.alan)
        in_slack(office, "U01ALAN", is_restricted=True)
        block = office.request(office.world.alice, office.world.bob)
        assert "Acme" not in view.shown
        before = view.hash
        office.press(office.world.alice, "reset_no", block)
        assert view.hash == before

    def test_is_for_so_many_at_once(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.handlers.home_pages.MOST_KEPT_FRESH", 1)
        first = opened(office, office.world.alan)
        office.move(seconds=1)
        last = opened(office, office.world.carol)
        office.request(office.world.alice, office.world.bob)
        assert "awaits Yes or No" in last.shown
        assert "awaits Yes or No" not in first.shown

    def test_never_holds_messages_up(
        self, office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def broken(*_: object) -> None:
            raise RuntimeError("secret")

        opened(office, office.world.alice)
        monkeypatch.setattr("bot.domain.desk.home.HomeService.touched_by", broken)
        office.request(office.world.alice, office.world.bob)
        assert "Home could not be kept fresh: RuntimeError" in caplog.text
        assert "secret" not in caplog.text


@pytest.mark.parametrize("fault", ["not_enabled", "internal_error", "garbage", "drop"])
def test_home_that_slack_does_not_take_is_logged(
    office: Office, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    faults = office.slack.faults
    if fault in {"garbage", "drop"}:
        getattr(faults, fault)("views.publish")
    else:
        faults.fail("views.publish", error=fault)
    assert office.as_(office.world.alice).open_home().ok
    assert office.as_(office.world.alice).home is None
    assert caplog.text.count("a Home tab was not published") == 1
    assert "All Contacts" in opened(office, office.world.alice).shown


def _typed(view: View) -> list[tuple[str, Any]]:
    return [
        (block_id, states["home_search"])
        for block_id, states in view.values.items()
        if "home_search" in states
    ]
