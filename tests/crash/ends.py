"""What must hold after every story, wherever the program died in it."""

import re
import signal
from collections import Counter
from collections.abc import Iterable

from sqlalchemy import text

from bot.domain.model.cases import CaseState
from tests.crash.launch import At, When
from tests.crash.points import Story
from tests.crash.stage import Stage
from tests.secrecy import RESPONSE_URL, SECRETS, TRIGGER, leaks_of_database

_POSTS = frozenset({"chat.postMessage", "chat.update", "response_url"})
_DROPPED = re.compile(r"message (\S+) \(\S+\) is no longer true and was dropped")
_BESIDE = ("bot.handlers.errors:_say", "bot.handlers.errors:_say#2")
"""Where something is said of which nothing can be stored."""
_SENT = text("SELECT count(*) FROM outbox WHERE sent_at IS NOT NULL AND channel = 'slack'")
_ROWS = text("SELECT kind, sent_at, failed_at, attempts, error FROM outbox ORDER BY number")
_UNRECORDED = {
    ("bot.outbox.sender:OutboxSender._settle", When.BEFORE),
    ("bot.outbox.delivery:Delivery._post", When.AFTER),
    ("bot.outbox.delivery:Delivery.answer", When.AFTER),
}
"""Between Slack's answer and its record: whoever dies there sends the message once more."""
_AGAIN = "You may have had this message already"


def expect_end(stage: Stage, story: Story, cues: Iterable[At] = ()) -> None:
    """Play the story, in which the program dies of each cue; all must have come to its end."""
    stage.cues = list(cues)
    stage.start()
    story(stage)
    verify_end(stage)


def verify_end(stage: Stage) -> None:
    """End the program, and see that nothing was lost, and nothing done twice."""
    died = list(stage.died)
    stage.settle()
    stage.stop()
    assert stage.cues == [], "the story does not reach that step"
    _verify_states(stage)
    _verify_messages(stage, died)
    verified = stage.rekey("audit", "verify")
    assert verified.code == 0, verified.log
    _verify_secrets(stage)


def _verify_states(stage: Stage) -> None:
    """Each state that a case entered is one record, and it ended in the last of them."""
    entered = Counter(
        (record.case, record.tag.partition(":")[2])
        for record in stage.records()
        if ":case:" in record.tag and record.tag.rpartition(":")[2] in set(CaseState)
    )
    assert {state: times for state, times in entered.items() if times > 1} == {}


def _verify_messages(stage: Stage, died: list[At]) -> None:
    """Every message was sent once; one more time at most for each time that the program died.

    What was sent once more says so.
    """
    posts = [c for c in stage.slack.calls if c.method in _POSTS and c.error is None]
    beside = sum(stage.count_of(step) for step in _BESIDE)
    dropped = {found for ended in stage.ended for found in _DROPPED.findall(ended.log)}
    again = len(posts) - beside - (stage.count(_SENT) - len(dropped))
    killed = [at for at in died if at.by is signal.SIGKILL]
    must = sum((at.step, at.when) in _UNRECORDED for at in killed)
    assert must <= again <= len(killed), (must, again, len(killed), _told(stage))
    saying_so = sum(_AGAIN in str(call.arguments.get("text")) for call in posts)
    assert must <= saying_so, _told(stage)


def _told(stage: Stage) -> str:
    """Return what was to be said, and what was posted, for whoever has to find out."""
    rows = "\n".join(str(row) for row in stage.rows(_ROWS))
    calls = [
        f"{call.method} {call.arguments.get('channel')} {call.arguments.get('text')} {call.error}"
        for call in stage.slack.calls
        if call.method in _POSTS
    ]
    return "\n".join([rows, *calls])


def _verify_secrets(stage: Stage) -> None:
    workspace = stage.slack.workspace
    SECRETS.add(RESPONSE_URL, *workspace.response_urls)
    SECRETS.add(TRIGGER, *workspace.triggers)
    logs = [("standard error", ended.log) for ended in stage.ended]
    leaks = SECRETS.leaks(logs)
    file = stage.folder / "rekey.db"
    if file.exists():
        leaks += leaks_of_database(file)
    assert leaks == [], leaks
