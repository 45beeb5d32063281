"""The stories of looking after cases, of people's own requests, and of messages that fail."""

from datetime import timedelta
from functools import partial

from bot.domain.model.cases import CaseState
from playground.slack.model import Message, View
from tests.crash.acts import click, open_modal, request, reset, sign_in_to_set_up
from tests.crash.program import HOME
from tests.crash.stage import CHANNEL, DESK, Stage
from tests.fakes import Person
from tests.secrecy import SECRETS


def looked_after(stage: Stage) -> None:
    """Alan looks at Alice's case of Bob, takes it over, reminds Bob, and reads its story."""
    alan, bob = stage.world.alan, stage.world.bob
    reset(stage, stage.world.alice)
    stage.act(lambda: stage.as_(alan).command("/reset-2fa", "pending", channel=CHANNEL))
    shown = _status(stage, alan)
    click(stage, alan, shown, "case_take_over")
    click(stage, alan, _status(stage, alan), "case_remind")
    slack, shown = stage.as_(alan), _status(stage, alan)
    stage.act(lambda: slack.click(shown, "case_details"), until=lambda: bool(slack.modals))
    stage.settle()
    assert stage.states() == [CaseState.COMPLETED]
    tags = stage.tags()
    assert tags.count("slack:case:taken_over") == 1
    assert tags.count("slack:case:reminded") == 1
    assert _told(stage, bob, "Your 2FA is still to be set up") >= 1


def cancelled(stage: Stage) -> None:
    """Alan has second thoughts about Alice's case."""
    request(stage, stage.world.alice)
    click(stage, stage.world.alan, _status(stage, stage.world.alan), "case_cancel")
    stage.settle()
    assert stage.states() == [CaseState.CANCELLED]
    assert stage.count_of_authenticators() == 1
    assert _told(stage, stage.world.alice, "The case was cancelled by Alan Ames") >= 1


def own_request(stage: Stage) -> None:
    """Bob asks, takes it back, asks again; Alice takes it; nothing comes of it within a day."""
    alice, bob = stage.world.alice, stage.world.bob
    _ask(stage)
    made = stage.wait_for_button(bob, stage.as_(bob).im, "request_withdraw")
    click(stage, bob, made, "request_withdraw")
    stage.wait_for(lambda: "slack:request:withdrawn" in stage.tags())
    _ask(stage)
    stage.settle()
    offered = stage.wait_for_button(alice, DESK, "request_take")
    click(stage, alice, offered, "request_take")
    stage.wait_for(lambda: "slack:request:taken" in stage.tags())
    stage.settle()
    stage.move_clock(timedelta(days=1, minutes=1))
    stage.wait_for(lambda: "sweep:request:expired" in stage.tags())
    tags = stage.tags()
    assert tags.count("slack:request:opened") == 2
    assert tags.count("slack:request:taken") == 1


def handed_over(stage: Stage) -> None:
    """Bob cannot open Slack; Alan mistypes a code of his own, then reads Bob the set-up code."""
    alan = stage.world.alan
    reset(stage, stage.world.alice)
    browser = sign_in_to_set_up(stage)
    slack = stage.as_(alan)
    modal = open_modal(stage, alan, f"hand-over <@{stage.world.bob.slack.user}>")
    values = {"proof": "called_back", **_newest_of_several(modal)}
    stage.act(lambda: slack.submit(modal, {**values, "code": "000000"}))
    shown: list[str] = []
    for code in (stage.code_of(alan), stage.code_of(alan, 1)):
        if not shown:  # no answer showed it: another code of Alan's is spent
            stage.act(partial(slack.submit, modal, {**values, "code": code}))
            shown += SECRETS.add_set_up_codes(slack.modal.shown)
    page = stage.act(lambda: browser.submit("/portal/set-up", {"set_up_code": shown[-1]}))
    assert page is not None
    assert page.heading == "Configure your two-factor authentication", page.words
    assert stage.tags().count("portal:set_up_code:accepted") == 1


def out_of_reach(stage: Stage) -> None:
    """Bob's DMs are closed, Slack is busy, and an answer's address is spent: all is told."""
    stage.slack.faults.rate_limit("chat.postMessage", retry_after=1, times=2)
    stage.slack.faults.fail("response_url", error="used_url", times=2)
    stage.slack.workspace.members[stage.world.bob.slack.user].messages_tab_disabled = True
    question = request(stage, stage.world.alice, stage.as_(stage.world.alice).im)
    stage.slack.faults.clear()
    click(stage, stage.world.alice, question, "reset_yes")
    stage.wait_for(lambda: _told(stage, stage.world.alice, "could not be delivered") >= 1)
    assert stage.states() == [CaseState.COMPLETED]


def _newest_of_several(modal: View) -> dict[str, str]:
    """Choose Bob's newest sign-in, where an outsider's wait too."""
    own = [
        option["value"]
        for block in modal.blocks
        if block.get("block_id") == "sign_in"
        for option in block["element"]["options"]
        if option["description"]["text"].startswith(HOME)
    ]
    return {"sign_in": own[0]} if own else {}


def _status(stage: Stage, admin: Person) -> Message:
    """Type `status` of Bob; return the answer."""
    slack = stage.as_(admin)
    words = f"status <@{stage.world.bob.slack.user}>"
    before = len(slack.ephemerals)
    stage.act(
        lambda: slack.command("/reset-2fa", words, channel=CHANNEL),
        until=lambda: len(slack.ephemerals) > before,
    )
    return slack.ephemerals[-1]


def _ask(stage: Stage) -> None:
    """Bob asks for a reset of his own 2FA."""
    bob = stage.as_(stage.world.bob)
    modal = open_modal(stage, stage.world.bob, "ask")
    values = {"account": "acme", "reason": "Dropped it into the lake"}
    stage.act(lambda: bob.submit(modal, values))
    bob.close_all()


def _told(stage: Stage, person: Person, words: str) -> int:
    return sum(words in message.text for message in stage.as_(person).dm)
