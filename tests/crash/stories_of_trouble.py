"""The stories in which something else is out of order too: directory, database, mail server."""

from concurrent.futures import ThreadPoolExecutor

from bot.domain.model.cases import CaseState
from playground.slack.model import Delivery
from tests.crash.acts import FILLED, click, open_modal, request, set_up, wait_for_reset
from tests.crash.launch import AWAY, MEET, UNDRAWABLE, At, When
from tests.crash.stage import CHANNEL, Stage
from tests.mail import MailServerStandIn

_DECIDE = "bot.domain.resets.deciding:DecidingService._decide"
_LET_GO = "bot.domain.resets.carrying_out:ExecutingService.let_go"
_SOON = {"REKEY_SWEEP_EVERY": "PT1S"}


def picked_up(stage: Stage) -> None:
    """Yes was stored, and the program died; the next one carries it out, once it can."""
    alice = stage.world.alice
    stage.change_settings(**_SOON)
    question = request(stage, alice)
    stage.kill_first(At(step=_DECIDE, when=When.AFTER))
    with stage.marked(AWAY):
        click(stage, alice, question, "reset_yes")
        stage.wait_for(lambda: stage.has_reached(_LET_GO))
        assert stage.states() == [CaseState.EXECUTING]
        assert stage.count_of_authenticators() == 1
    wait_for_reset(stage)
    assert stage.effects() == 1
    set_up(stage)
    assert stage.states() == [CaseState.RE_ENROLLED]


def put_off(stage: Stage) -> None:
    """The directory does not answer at Yes; Alice is told, and it is done a little later."""
    alice = stage.world.alice
    stage.change_settings(**_SOON)
    question = request(stage, alice)
    with stage.marked(AWAY):
        click(stage, alice, question, "reset_yes")
        stage.wait_for(lambda: stage.has_reached(_LET_GO))
        assert stage.states() == [CaseState.EXECUTING]
    wait_for_reset(stage)
    assert stage.states() == [CaseState.COMPLETED]
    assert stage.effects() == 1


def held_up(stage: Stage) -> None:
    """Nothing can be stored while Alice presses, in Home and beneath her question."""
    alice = stage.as_(stage.world.alice)
    stage.act(alice.open_home, until=lambda: alice.home is not None)
    question = request(stage, stage.world.alice)
    stage.settle()  # else what became of the question could not be stored either

    def press_at_home() -> Delivery:
        assert alice.home is not None
        with stage.database_held():
            return alice.click(alice.home, "home_reset", stage.world.bob.id)

    def press_yes() -> Delivery:
        with stage.database_held():
            return alice.click(question, "reset_yes")

    stage.act(press_at_home)
    stage.act(press_yes)
    click(stage, stage.world.alice, question, "reset_yes")
    wait_for_reset(stage)
    assert stage.states() == [CaseState.COMPLETED]
    assert stage.effects() == 1


def by_mail(stage: Stage) -> None:
    """Bob hears of his reset by e-mail too."""
    with MailServerStandIn() as mails:
        stage.change_settings(REKEY_SMTP_URL=mails.url())
        click(stage, stage.world.alice, request(stage, stage.world.alice), "reset_yes")
        stage.settle()
        received = [m for m in mails.to(stage.world.bob.email) if "was reset" in m.subject]
        told = [mail.message["Message-ID"] for mail in received]
        assert len(set(told)) == 1
        assert len(told) == 1 + stage.killed_after("bot.outbox.email:EmailDelivery.post")
        stage.change_settings(REKEY_SMTP_URL="")


def undrawable(stage: Stage) -> None:
    """The question cannot be drawn at first; it comes a little later, and is answered No."""
    alice, person = stage.as_(stage.world.alice), stage.world.alice
    modal = open_modal(stage, person, f"<@{stage.world.bob.slack.user}>")
    with stage.marked(UNDRAWABLE):
        filled = {**FILLED, "code": stage.code_of(person)}
        stage.act(lambda: alice.submit(modal, filled))
        stage.wait_for(lambda: stage.has_reached("bot.outbox.sender:OutboxSender._claim#2"))
    alice.close_all()
    click(stage, person, stage.wait_for_button(person, CHANNEL, "reset_yes"), "reset_no")
    stage.settle()
    assert stage.states() == [CaseState.DECLINED]


def pressed_twice(stage: Stage) -> None:
    """Alice presses Yes twice, so quickly that neither press knows of the other."""
    alice, question = stage.as_(stage.world.alice), request(stage, stage.world.alice)
    with stage.marked(MEET), ThreadPoolExecutor(2) as hands:
        presses = [hands.submit(alice.click, question, "reset_yes") for _ in range(2)]
        assert all(press.result().ok for press in presses)
    wait_for_reset(stage)
    assert stage.states() == [CaseState.COMPLETED]
    assert stage.effects() == 1
