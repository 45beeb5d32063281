"""On PostgreSQL: one replica dies and stays dead; the other brings everything to its end."""

import pytest

from tests.crash.ends import expect_end, verify_end
from tests.crash.launch import At, When
from tests.crash.replicas import Replicas
from tests.crash.stories import re_enrolment

DECIDE = "bot.domain.resets.deciding:DecidingService._decide"
PERFORM = "bot.domain.resets.carrying_out:ExecutingService.perform"


@pytest.mark.parametrize(
    "cue",
    [
        At(step="bot.domain.resets.asking:AskingService.request#2", when=When.BEFORE),
        At(step="bot.domain.resets.asking:AskingService.request#2", when=When.AFTER),
        At(step=DECIDE, when=When.BEFORE),
        At(step=DECIDE, when=When.AFTER),
        At(step=PERFORM, when=When.BEFORE),
        At(step=PERFORM, when=When.AFTER),
        At(step="bot.domain.set_up.enrolment:SetUpService.bind", when=When.AFTER),
    ],
    ids=str,
)
def test_other_replica_goes_on(replicas: Replicas, cue: At) -> None:
    replicas.cues = [cue]
    replicas.start()
    replicas.add()
    re_enrolment(replicas)
    verify_end(replicas)


@pytest.mark.parametrize(
    "cue",
    [
        At(step="bot.outbox.delivery:Delivery._post", when=When.BEFORE),
        At(step="bot.outbox.delivery:Delivery._post", when=When.AFTER),
        At(step="bot.outbox.sender:OutboxSender._settle", when=When.BEFORE),
    ],
    ids=str,
)
def test_replica_that_is_started_then_sends_what_was_left(replicas: Replicas, cue: At) -> None:
    expect_end(replicas, re_enrolment, [cue])
