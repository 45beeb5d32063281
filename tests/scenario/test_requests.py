"""Bob asks for a reset of his own 2FA, and somebody takes care of it."""

from pathlib import Path

import pytest

from bot.domain.model.cases import CaseState
from bot.domain.model.people import Role
from bot.domain.model.requests import OwnRequest, RequestState
from playground.slack.model import BOT_USER_ID, Message
from tests.fakes import ACME, GLOBEX, Person
from tests.office import Office
from tests.scenario.changes import answer_to, give_roles, suspend

DESK = "C01DESK"
REASON = "Dropped it into the lake"


def ask(office: Office, person: Person | None = None, *, account: str = "acme") -> None:
    """Fill in the form as Bob, who belongs to two accounts."""
    slack = office.as_(person or office.world.bob)
    assert office.type(person or office.world.bob, "ask").ok
    assert slack.submit(slack.modal, {"account": account, "reason": REASON}).ok
    slack.close_all()
    office.deliver()


def offer(office: Office, admin: Person) -> Message:
    """Return the message by which the administrator was asked, as it is now."""
    (message,) = [m for m in office.as_(admin).dm if "request_take" in m.action_ids]
    return message


def live_of(office: Office, person: Person) -> OwnRequest:
    with office.rekey.database.snapshot() as uow:
        live = uow.requests.live_of(person.id)
    assert live is not None
    return live


def state(office: Office, request: OwnRequest) -> RequestState:
    with office.rekey.database.snapshot() as uow:
        found = uow.requests.get(request.id)
    assert found is not None
    return found.state


class TestByDirectMessage:
    def test_is_taken_by_one_and_closed_by_the_reset(self, office: Office) -> None:
        alice, alan, bob = office.world.alice, office.world.alan, office.world.bob
        ask(office)
        request = live_of(office, bob)
        for admin in (alice, alan, office.world.carol):
            assert "Bob Brown asks for a reset" in offer(office, admin).text
            assert REASON not in str(offer(office, admin).blocks)
        assert "You asked for a reset of your 2FA" in office.dm(bob)[-1]

        message = offer(office, alice)
        assert office.as_(alice).click(message, "request_take").ok
        office.deliver()
        assert "Alice Archer takes care of your request" in office.dm(bob)[-1]
        assert "Alice Archer takes care" in offer(office, alan).text
        modal = office.as_(alice).modal
        assert "+44 20 7946 0100" in modal.shown
        assert "which proves nothing" in modal.shown

        with office.refused("slack:request:request_taken"):
            office.as_(alan).click(offer(office, alan), "request_take")
        assert "Alice Archer takes care of this request already" in office.ephemerals(alan)[-1]

        assert office.fill(alice, modal).ok
        office.deliver()
        block = [m for m in office.as_(alice).dm if "reset_yes" in m.action_ids][-1]
        assert office.as_(alice).click(block, "reset_yes").ok
        office.deliver()
        assert office.cases(bob)[0].state is CaseState.COMPLETED
        assert state(office, request) is RequestState.CLOSED
        assert "Your 2FA was reset" in office.dm(bob)[-1]
        closed = [m for m in office.as_(alan).dm if "is dealt with" in m.text]
        assert [m.action_ids for m in closed] == [[]]
        assert [tag for tag in office.tags() if ":request:" in tag] == [
            "slack:request:opened",
            "slack:request:taken",
            "slack:request:request_taken",
            "slack:request:closed",
        ]

    def test_its_requester_s_home_follows(self, office: Office) -> None:
        alice, bob = office.world.alice, office.as_(office.world.bob)
        bob.open_home()
        ask(office)
        assert bob.home is not None
        assert "Nobody has taken it yet" in bob.home.shown
        office.as_(alice).click(offer(office, alice), "request_take")
        assert "Alice Archer takes care of it" in bob.home.shown

    def test_its_requester_s_home_follows_when_it_expires(self, office: Office) -> None:
        bob = office.as_(office.world.bob)
        ask(office)
        office.move(hours=23, minutes=30)
        bob.open_home()
        assert bob.home is not None
        assert "Nobody has taken it yet" in bob.home.shown
        office.move(minutes=30)
        office.sweep()
        assert "Nobody has taken it yet" not in bob.home.shown

    def test_begins_with_the_account_it_was_made_for(self, office: Office) -> None:
        alice = office.world.alice
        give_roles(office, alice, {ACME.id: Role.ADMINISTRATOR, GLOBEX.id: Role.OWNER})
        ask(office, account="globex")
        office.as_(alice).click(offer(office, alice), "request_take")
        (field,) = [b for b in office.as_(alice).modal.blocks if b["block_id"] == "account"]
        assert field["element"]["initial_option"]["value"] == GLOBEX.id

    def test_whoever_is_suspended_may_ask(self, office: Office) -> None:
        suspend(office, office.world.bob)
        ask(office)
        assert "Bob Brown asks for a reset" in offer(office, office.world.alice).text

    def test_a_case_that_is_declined_ends_it_and_is_told(self, office: Office) -> None:
        alice, bob = office.world.alice, office.world.bob
        ask(office)
        office.as_(alice).click(office.request(alice, bob), "reset_no")
        office.deliver()
        assert "Your request for a reset has ended" in office.dm(bob)[-1]
        assert "was answered No" in office.dm(bob)[-1]
        ask(office)  # a new one is in nobody's way

    def test_what_nobody_takes_expires_after_a_day(self, office: Office) -> None:
        bob = office.world.bob
        ask(office)
        request = live_of(office, bob)
        office.move(hours=23, minutes=59)
        office.sweep()
        assert state(office, request) is RequestState.OPEN
        office.move(minutes=1)
        office.sweep()
        assert state(office, request) is RequestState.EXPIRED
        assert "led to no reset within a day" in office.dm(bob)[-1]
        assert "has expired" in office.dm(office.world.alice)[-1]

    def test_its_requester_takes_it_back(self, office: Office) -> None:
        bob = office.world.bob
        ask(office)
        request = live_of(office, bob)
        made = office.as_(bob).dm[-1]
        assert office.as_(bob).click(made, "request_withdraw").ok
        office.deliver()
        assert state(office, request) is RequestState.WITHDRAWN
        with office.refused("slack:request:request_gone"):
            office.as_(bob).click(made, "request_withdraw")
        message = [m for m in office.as_(office.world.alice).dm if "withdrawn" in m.text][-1]
        assert message.action_ids == []


class TestInAChannel:
    @pytest.fixture
    def posted(self, tmp_path: Path) -> Office:
        return Office(tmp_path, REKEY_REQUEST_CHANNEL=DESK)

    def test_is_offered_there_and_changed_there(self, posted: Office) -> None:
        with posted as office:
            alice, bob = office.world.alice, office.world.bob
            office.slack.add_channel(
                DESK, name="resets", members=[BOT_USER_ID, alice.slack.user, bob.slack.user]
            )
            ask(office)
            (message,) = office.as_(alice).messages(DESK)
            assert "Bob Brown asks for a reset" in message.text
            assert office.dm(alice) == []

            with office.refused("slack:reset:oneself_refused"):
                office.as_(bob).click(message, "request_take")
            assert office.as_(alice).click(message, "request_take").ok
            office.deliver()
            (changed,) = office.as_(alice).messages(DESK)[:1]
            assert "Alice Archer takes care" in changed.text

    def test_administrators_are_asked_where_the_channel_cannot_be(self, posted: Office) -> None:
        with posted as office:  # there is no such channel
            ask(office)
            assert "Bob Brown asks for a reset" in office.dm(office.world.alice)[-1]


class TestRefused:
    def test_a_second_request(self, office: Office) -> None:
        bob = office.world.bob
        ask(office)
        assert office.type(bob, "ask").ok
        office.deliver()
        assert "Nobody has taken it yet" in office.ephemerals(bob)[-1]
        assert office.as_(bob).modals == []

    def test_a_fourth_within_a_day(self, office: Office) -> None:
        bob = office.world.bob
        for _ in range(3):
            ask(office)
            office.as_(bob).click(office.as_(bob).dm[-1], "request_withdraw")
            office.deliver()
        with office.refused("slack:request:request_throttled"):
            assert ", or call the help desk, +44 20 7946 0999." in answer_to(office, bob, "ask")

    def test_where_nobody_could_take_it(self, office: Office) -> None:
        with office.refused("slack:request:nobody_entitled"):
            assert "Instead call the help desk, +44 20 7946 0999." in answer_to(
                office, office.world.carol, "ask"
            )

    def test_at_home_where_the_form_would_be(self, office: Office) -> None:
        carol = office.as_(office.world.carol)
        carol.open_home()
        assert carol.home is not None
        with office.refused("slack:request:nobody_entitled"):
            assert carol.click(carol.home, "request_ask").ok
        assert "Instead call the help desk, +44 20 7946 0999." in carol.modal.shown

    def test_at_home_by_direct_message_where_no_window_opens(self, office: Office) -> None:
        carol = office.as_(office.world.carol)
        carol.open_home()
        assert carol.home is not None
        office.slack.faults.fail("views.open", error="expired_trigger_id")
        assert carol.click(carol.home, "request_ask").ok
        office.deliver()
        assert carol.modals == []
        assert "Instead call the help desk, +44 20 7946 0999." in office.dm(office.world.carol)[-1]

    def test_a_member_who_presses_somebody_else_s_button(self, office: Office) -> None:
        alice, bob = office.world.alice, office.world.bob
        office.type(alice, "ask")
        slack = office.as_(alice)
        assert slack.submit(slack.modal, {"reason": REASON}).ok
        slack.close_all()
        office.deliver()
        message = offer(office, office.world.alan)
        with office.refused("slack:reset:not_an_administrator"):
            office.as_(bob).click(message, "request_take", even_if_unseen=True)
