"""Bob asks for a reset of his own 2FA, and somebody takes care of it."""

from pathlib import Path

import pytest

from bot.domain.model.cases import CaseState
from bot.domain.model.people import Role
from bot.domain.model.requests import OwnRequest, RequestState
from playground.slack.model import BOT_USER_ID, Message, View
from tests.fakes import ACME, GLOBEX, Person
from tests.office import Office
from tests.scenario.changes import LAKE, answer_to, ask_for_help, give_roles

DESK = "C01DESK"


def ask(office: Office, person: Person | None = None, *, account: str = "acme") -> OwnRequest:
    """Fill in the form, as Bob unless somebody else is named; return what was made of it."""
    asking = person or office.world.bob
    ask_for_help(office, asking, account=account)
    with office.rekey.database.snapshot() as uow:
        live = uow.requests.live_of(asking.id)
    assert live is not None
    return live


def offer(office: Office, admin: Person) -> Message:
    """Return the message by which the administrator was asked, as it is now."""
    return office.button(admin, "request_take")


def state(office: Office, request: OwnRequest) -> RequestState:
    with office.rekey.database.snapshot() as uow:
        found = uow.requests.get(request.id)
    assert found is not None
    return found.state


def home_of(office: Office, person: Person) -> View:
    slack = office.as_(person)
    assert slack.open_home().ok
    assert slack.home is not None
    return slack.home


class TestTheForm:
    def test_asks_for_a_reason_and_for_no_way_to_call_back(self, office: Office) -> None:
        bob = office.as_(office.world.bob)
        assert office.type(office.world.bob, "ask").ok
        asked = [b["block_id"] for b in bob.modal.spec["blocks"] if b["type"] == "input"]
        assert asked == ["account", "reason"]
        assert bob.submit(bob.modal, {"account": "acme", "reason": LAKE}).ok
        assert "Your request was sent" in bob.modal.shown  # in the form's place
        assert "submit" not in bob.modal.spec

    def test_is_for_one_request_at_a_time_which_it_shows_instead(self, office: Office) -> None:
        bob, request = office.world.bob, ask(office)
        assert office.type(bob, "ask").ok
        assert office.as_(bob).modals == []
        office.press(bob, "request_withdraw", office.as_(bob).ephemerals[-1])
        assert state(office, request) is RequestState.WITHDRAWN

    def test_is_for_three_requests_a_day(self, office: Office) -> None:
        bob = office.world.bob
        for _ in range(3):
            ask(office)
            office.press(bob, "request_withdraw")
        with office.refused("slack:request:request_throttled"):
            assert ", or call the help desk, +44 20 7946 0999." in answer_to(office, bob, "ask")

    def test_is_for_whom_somebody_could_help(self, office: Office) -> None:
        carol = office.world.carol
        with office.refused("slack:request:nobody_entitled"):
            answer_to(office, carol, "ask")
        home = home_of(office, carol)
        with office.refused("slack:request:nobody_entitled"):
            office.press(carol, "request_ask", home)
        assert "Instead call the help desk, +44 20 7946 0999." in office.as_(carol).modal.shown
        office.as_(carol).close_all()
        office.slack.faults.fail("views.open", error="expired_trigger_id")
        office.press(carol, "request_ask", home)
        assert "Instead call the help desk" in office.dm(carol)[-1]  # where no window opens


class TestByDirectMessage:
    def test_is_taken_by_one_and_closed_by_the_reset(self, office: Office) -> None:
        alice, alan, bob = office.world.alice, office.world.alan, office.world.bob
        request = ask(office)
        for admin in (alice, alan, office.world.carol):
            assert "Bob Brown asks for a reset" in offer(office, admin).text
            assert LAKE not in str(offer(office, admin).blocks)
        assert "You asked for a reset of your 2FA" in office.dm(bob)[-1]

        office.press(alice, "request_take")
        assert "Alice Archer takes care of your request" in office.dm(bob)[-1]
        assert "Alice Archer takes care" in offer(office, alan).text
        modal = office.as_(alice).modal
        assert "+44 20 7946 0100" in modal.shown  # the number on file
        assert "which proves nothing" in modal.shown
        assert LAKE in str(modal.spec)
        with office.refused("slack:request:request_taken"):
            office.press(alan, "request_take")
        assert office.as_(alan).modals == []

        assert office.fill(alice, modal).ok
        office.deliver()
        office.press(alice, "reset_yes")
        assert office.cases(bob)[0].state is CaseState.COMPLETED
        assert state(office, request) is RequestState.CLOSED
        assert office.heard(bob, "Your 2FA was reset") == 1
        (closed,) = [m for m in office.as_(alan).dm if "is dealt with" in m.text]
        assert closed.action_ids == []
        assert [tag for tag in office.tags() if ":request:" in tag] == [
            "slack:request:opened",
            "slack:request:taken",
            "slack:request:request_taken",
            "slack:request:closed",
        ]

    def test_begins_with_the_account_it_was_made_for(self, office: Office) -> None:
        alice = office.world.alice
        give_roles(office, alice, {ACME.id: Role.ADMINISTRATOR, GLOBEX.id: Role.OWNER})
        assert ask(office, account="globex").account_id == GLOBEX.id
        office.press(alice, "request_take")
        (field,) = [b for b in office.as_(alice).modal.blocks if b["block_id"] == "account"]
        assert field["element"]["initial_option"]["value"] == GLOBEX.id

    def test_leads_to_the_case_of_ones_own_that_waits(self, office: Office) -> None:
        alice = office.world.alice
        ask(office)
        office.request(alice, office.world.bob)
        office.press(alice, "request_take")
        assert office.as_(alice).modal.callback_id != "reset_verify"

    def test_ends_with_a_case_that_is_declined(self, office: Office) -> None:
        alice, bob = office.world.alice, office.world.bob
        ask(office)
        office.press(alice, "reset_no", office.request(alice, bob))
        assert office.heard(bob, "Your request for a reset has ended") == 1
        ask(office)  # a new one is in nobody's way

    def test_expires_after_a_day(self, office: Office) -> None:
        bob, request = office.world.bob, ask(office)
        office.move(hours=23, minutes=59)
        home = home_of(office, bob)
        office.sweep()
        assert state(office, request) is RequestState.OPEN
        assert "Nobody has taken it yet" in home.shown
        office.move(minutes=1)
        office.sweep()
        assert state(office, request) is RequestState.EXPIRED
        assert "Nobody has taken it yet" not in home.shown
        assert office.heard(bob, "led to no reset within a day") == 1
        assert office.heard(office.world.alice, "has expired") == 1

    def test_is_withdrawn_by_its_requester_alone(self, office: Office) -> None:
        alice, bob, request = office.world.alice, office.world.bob, ask(office)
        made = office.button(bob, "request_withdraw")
        with office.refused("slack:request:request_gone"):
            office.as_(alice).click(made, "request_withdraw", even_if_unseen=True)
        office.press(bob, "request_withdraw", made)
        assert state(office, request) is RequestState.WITHDRAWN
        with office.refused("slack:request:request_gone"):
            office.press(bob, "request_withdraw", made.as_seen())
        assert [m.action_ids for m in office.as_(alice).dm if "withdrawn" in m.text] == [[]]

    def test_is_taken_by_no_member(self, office: Office) -> None:
        ask(office, office.world.alice)
        message = offer(office, office.world.alan)
        with office.refused("slack:reset:not_an_administrator"):
            office.as_(office.world.bob).click(message, "request_take", even_if_unseen=True)


class TestAtHome:
    def test_is_asked_for_followed_and_withdrawn(self, office: Office) -> None:
        alice, bob = office.world.alice, office.world.bob
        home = home_of(office, bob)
        before = home.as_seen()
        office.press(bob, "request_ask", home)
        slack = office.as_(bob)
        assert slack.submit(slack.modal, {"account": "acme", "reason": LAKE}).ok
        slack.close_all()
        office.deliver()
        assert "Nobody has taken it yet" in home.shown
        assert "request_ask" not in str(home.spec)
        office.press(bob, "request_ask", before)  # on a screen that is behind
        assert "Nobody has taken it yet" in slack.modal.shown
        slack.close_all()
        office.slack.faults.server_error("views.open", status=503)
        office.press(alice, "request_take")
        assert "Alice Archer takes care of it" in home.shown  # although no window opened
        office.press(bob, "request_withdraw", home)
        assert "request_ask" in str(home.spec)

    @pytest.mark.parametrize("end", ["ask", "withdraw"])
    def test_that_cannot_be_drawn_anew_hides_nothing_of_what_was_done(
        self, office: Office, monkeypatch: pytest.MonkeyPatch, end: str
    ) -> None:
        """What was asked for, or withdrawn, is stored by then."""
        bob, slack = office.world.bob, office.as_(office.world.bob)
        request = ask(office) if end == "withdraw" else None
        home = home_of(office, bob)
        monkeypatch.setattr("bot.domain.desk.home.HomeService.view", lambda *_: 1 / 0)
        if request is None:
            office.type(bob, "ask")
            assert slack.submit(slack.modal, {"account": "acme", "reason": LAKE}).ok
            assert "Your request was sent" in slack.modal.shown
        else:
            office.press(bob, "request_withdraw", home)
            assert state(office, request) is RequestState.WITHDRAWN
            assert office.heard(bob, "withdrawn") == 1

    def test_is_published_to_nobody_who_has_not_opened_it(self, office: Office) -> None:
        ask(office)
        assert office.as_(office.world.bob).home is None


class TestInAChannel:
    @pytest.fixture
    def posted(self, tmp_path: Path) -> Office:
        return Office(tmp_path, REKEY_REQUEST_CHANNEL=DESK)

    def test_is_offered_there_and_changed_there(self, posted: Office) -> None:
        with posted as office:
            alice, bob = office.world.alice, office.world.bob
            members = [BOT_USER_ID, alice.slack.user, bob.slack.user]
            office.slack.add_channel(DESK, name="resets", members=members)
            ask(office)
            (message,) = office.as_(alice).messages(DESK)
            assert "Bob Brown asks for a reset" in message.text
            assert office.dm(alice) == []
            with office.refused("slack:reset:oneself_refused"):
                office.press(bob, "request_take", message)
            office.press(alice, "request_take", message)
            assert "Alice Archer takes care" in office.as_(alice).messages(DESK)[0].text

    def test_administrators_are_asked_where_the_channel_cannot_be(self, posted: Office) -> None:
        with posted as office:  # there is no such channel
            ask(office)
            assert "Bob Brown asks for a reset" in offer(office, office.world.alice).text
