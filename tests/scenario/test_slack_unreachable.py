"""Slack out of reach while somebody waits: no answer is a no, in one sentence; nothing changed."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.blocks.texts import NOT_OPENED
from bot.domain.model.cases import CaseState
from playground.slack.faults import Faults
from playground.slack.model import Delivery
from tests.fakes import Person
from tests.office import CHANNEL, Office
from tests.scenario.changes import ask_for_help, hand_over_form

OUT_OF_REACH = "could not reach Slack"
UNAVAILABLE = "workspace_unavailable_error"
NOW, LATE = timedelta(0), timedelta(seconds=4)
Fault = Callable[[Faults, str], object]
Act = tuple[Person, Callable[[timedelta], Delivery]]
"""Who acts, and how, with a trigger that is so old by then."""

Surface = Callable[[Office], Act]

FAULTS: dict[str, Fault] = {
    "internal_error": lambda faults, method: faults.fail(method, error="internal_error"),
    "token_revoked": lambda faults, method: faults.fail(method, error="token_revoked"),
    "rate limit": lambda faults, method: faults.rate_limit(method, retry_after=30),
    "5xx": lambda faults, method: faults.server_error(method, status=503),
    "garbage": lambda faults, method: faults.garbage(method),
    "dropped": lambda faults, method: faults.drop(method),
    "dropped after": lambda faults, method: faults.drop(method, after=True),
    "slow": lambda faults, method: faults.hold(method),
}
every_fault = pytest.mark.parametrize("fault", list(FAULTS.values()), ids=list(FAULTS))


@pytest.fixture
def patience() -> None:
    """Nobody has more than in earnest: giving up in time is what this is about."""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path) as office:
        yield office


def told(office: Office, person: Person, delivery: Delivery) -> str:
    """Return what was said last, under a field, in the modal, in the channel, or by DM."""
    office.deliver()
    slack = office.as_(person)
    modal = slack.modal.shown if slack.modals else ""
    here, there = office.ephemerals(person)[-1:], office.dm(person)[-1:]
    return "\n".join([*delivery.errors.values(), modal, *here, *there])


# -- who somebody is


def _command(text: str) -> Surface:
    def surface(office: Office) -> Act:
        alice = office.as_(office.world.alice)
        return office.world.alice, lambda age: alice.command(
            "/reset-2fa", text, channel=CHANNEL, trigger_age=age
        )

    return surface


def _picker(text: str) -> Surface:
    def question(office: Office) -> Act:
        alice = office.as_(office.world.alice)
        alice.command("/reset-2fa", text, channel=CHANNEL)
        return office.world.alice, lambda _: alice.submit(alice.modal, {"subscriber": "U01BOB"})

    return question


def _code(office: Office) -> Act:
    alice = office.world.alice
    view = office.ask(alice, office.world.bob)
    return alice, lambda _: office.fill(alice, view)


def _yes(office: Office) -> Act:
    alice = office.world.alice
    block = office.request(alice, office.world.bob)
    return alice, lambda _: office.as_(alice).click(block, "reset_yes")


def _take_over(office: Office) -> Act:
    world = office.world
    office.reset(world.alice, world.bob)
    office.type(world.alan, "status <@U01BOB>")
    shown = office.as_(world.alan).ephemerals[-1]
    return world.alan, lambda _: office.as_(world.alan).click(shown, "case_take_over")


def _hand_over(office: Office) -> Act:
    world = office.world
    office.reset(world.alice, world.bob)
    office.browser().password(world.bob)
    view, filled = hand_over_form(office, world.alan)
    return world.alan, lambda _: office.as_(world.alan).submit(view, filled)


def _form(office: Office) -> Act:
    bob = office.as_(office.world.bob)
    bob.command("/reset-2fa", "ask", channel=CHANNEL)
    filled = {"account": "acme", "reason": "Lost it"}
    return office.world.bob, lambda _: bob.submit(bob.modal, filled)


def _shortcut(*, everywhere: bool) -> Surface:
    def surface(office: Office) -> Act:
        alice = office.as_(office.world.alice)
        message = office.as_(office.world.bob).say("My phone is gone", channel=CHANNEL)
        named = ("reset_global", None) if everywhere else ("reset_message", message)
        return office.world.alice, lambda age: alice.shortcut(*named, trigger_age=age)

    return surface


@pytest.mark.parametrize(
    ("question", "source"),
    [
        pytest.param(_command("<@U01BOB>"), "reset", id="command"),
        pytest.param(_command("status <@U01BOB>"), "case", id="status"),
        pytest.param(_command("hand-over <@U01BOB>"), "hand_over", id="hand-over"),
        pytest.param(_command("ask"), "request", id="ask"),
        pytest.param(_picker(""), "reset", id="picker"),
        pytest.param(_picker("hand-over"), "hand_over", id="picker-to-hand-over"),
        pytest.param(_shortcut(everywhere=False), "reset", id="shortcut"),
        pytest.param(_code, "reset", id="code"),
        pytest.param(_yes, "reset", id="yes"),
        pytest.param(_take_over, "case", id="take-over"),
        pytest.param(_hand_over, "hand_over", id="code-to-hand-over"),
        pytest.param(_form, "request", id="form"),
    ],
)
def test_while_slack_cannot_say_who_somebody_is(
    office: Office, question: Surface, source: str
) -> None:
    """Nothing is spent or lost by it: the same act, a moment later, is done."""
    who, act = question(office)
    office.deliver()
    office.slack.faults.fail("users.info", error="internal_error")
    with office.refused(f"slack:{source}:{UNAVAILABLE}"):
        delivery = act(NOW)
        assert delivery.status == 200
        assert OUT_OF_REACH in told(office, who, delivery)
    before = office.tags()
    assert act(NOW).status == 200
    assert f"slack:{source}:{UNAVAILABLE}" not in office.tags()[len(before) :]


@every_fault
def test_whatever_slack_makes_of_the_question(office: Office, fault: Fault) -> None:
    alice = office.world.alice
    fault(office.slack.faults, "users.info")
    with office.refused(f"slack:reset:{UNAVAILABLE}"):
        assert OUT_OF_REACH in told(office, alice, office.type(alice, "<@U01BOB>"))
    office.slack.faults.clear()
    assert office.ask(alice, office.world.bob)


def test_a_search_offers_nobody(office: Office) -> None:
    alice = office.as_(office.world.alice)
    office.type(office.world.alice, "")
    office.slack.faults.fail("users.info", error="internal_error")
    assert alice.suggest(alice.modal, "contact", "bob") == []
    assert len(alice.suggest(alice.modal, "contact", "bob")) == 1


def test_no_needs_no_slack(office: Office) -> None:
    alice = office.world.alice
    block = office.request(alice, office.world.bob)
    office.slack.faults.fail("users.info", error="internal_error", times=None)
    assert office.as_(alice).click(block, "reset_no").ok
    assert office.cases(office.world.bob)[0].state is CaseState.DECLINED


def test_when_only_the_subscriber_cannot_be_asked_about(office: Office) -> None:
    alice = office.world.alice
    office.slack.faults.hold("users.info").release()  # the first call, about the admin, passes
    office.slack.faults.fail("users.info", error="internal_error")
    with office.refused(f"slack:reset:{UNAVAILABLE}"):
        assert OUT_OF_REACH in told(office, alice, office.type(alice, "<@U01BOB>"))


def test_from_the_first_request_on(office: Office) -> None:
    """Before Slack has said once whose token it is, every act is answered with one sentence."""
    office.slack.faults.fail("auth.test", error="internal_error", times=None)
    with office.refused():
        delivery = office.type(office.world.alice, "<@U01BOB>")
    assert delivery.status == 200
    assert "Nothing was changed" in delivery.body
    office.slack.faults.clear()
    assert office.ask(office.world.alice, office.world.bob)


# -- windows: Slack gives three seconds to open one


def _home(action_id: str) -> Surface:
    def window(office: Office) -> Act:
        slack = office.as_(office.world.alice)
        slack.open_home()
        assert slack.home is not None
        home, value = slack.home, office.world.bob.id if action_id == "home_reset" else None
        return office.world.alice, lambda age: slack.click(home, action_id, value, trigger_age=age)

    return window


def _button(action_id: str, who: str) -> Surface:
    """Press a button of a message about Bob, whom Alice has reset, and who waits to set up."""

    def window(office: Office) -> Act:
        world = office.world
        ask_for_help(office, world.bob)
        if action_id != "request_take":
            office.reset(world.alice, world.bob)
            office.browser().password(world.bob)
            office.type(world.alan, "status <@U01BOB>")
        office.deliver()
        person = getattr(world, who)
        message = office.button(person, action_id)
        return person, lambda age: office.as_(person).click(message, action_id, trigger_age=age)

    return window


@pytest.mark.parametrize("trouble", ["expired", "refused"])
@pytest.mark.parametrize(
    "window",
    [
        pytest.param(_command("<@U01BOB>"), id="command"),
        pytest.param(_command(""), id="picker"),
        pytest.param(_command("ask"), id="ask"),
        pytest.param(_shortcut(everywhere=True), id="shortcut"),
        pytest.param(_shortcut(everywhere=False), id="shortcut-of-message"),
        pytest.param(_home("home_reset"), id="home-reset"),
        pytest.param(_home("request_ask"), id="home-ask"),
        pytest.param(_button("case_details", "alan"), id="details"),
        pytest.param(_button("reset_report", "bob"), id="report"),
        pytest.param(_button("show_set_up_code", "bob"), id="set-up-code"),
        pytest.param(_button("request_take", "alice"), id="take"),
    ],
)
def test_window_that_does_not_open(office: Office, window: Surface, trouble: str) -> None:
    """It is said, and not that nothing was changed: a new code, say, is stored by then."""
    who, act = window(office)
    if trouble == "refused":
        office.slack.faults.fail("views.open", error="internal_error")
    delivery = act(LATE if trouble == "expired" else NOW)
    assert delivery.ok
    assert NOT_OPENED in told(office, who, delivery)
    assert office.as_(who).modals == []
    assert act(NOW).ok
    assert office.as_(who).modal.shown


@every_fault
def test_whatever_slack_makes_of_a_window(office: Office, fault: Fault) -> None:
    alice = office.world.alice
    fault(office.slack.faults, "views.open")
    with office.refused():
        assert NOT_OPENED in told(office, alice, office.type(alice, "<@U01BOB>"))
    assert office.cases(office.world.bob) == ()
