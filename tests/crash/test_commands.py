"""The operator's commands, killed at what they write: done once in the end, never half."""

import pytest

from tests.crash.commands import Command
from tests.crash.launch import At, When
from tests.crash.points import COMMANDS, UPGRADE
from tests.crash.running import KILLED
from tests.crash.stage import Stage

STEPS = [(command, step) for command, steps in COMMANDS.items() for step in steps]


@pytest.mark.parametrize("when", When)
@pytest.mark.parametrize(("command", "step"), STEPS, ids=[step for _, step in STEPS])
def test_command_is_done_once_in_the_end(
    stage: Stage, command: Command, step: str, when: When
) -> None:
    words = command.ready(stage)
    killed = stage.rekey(*words, typed=command.typed, cue=At(step=step, when=when))
    assert killed.code == KILLED, killed.log
    verified = stage.rekey("audit", "verify")
    assert verified.code == 0, verified.log
    if _done(stage, command) == 0:  # the operator looks, and types it again
        assert stage.rekey(*words, typed=command.typed).code in {0, 1}
    stage.start()
    stage.wait_for(lambda: _done(stage, command) > 0)
    stage.try_password_alone()
    stage.settle()
    stage.stop()
    assert _done(stage, command) == 1
    said = [message.text for message in stage.slack.workspace.messages]
    assert not command.told or any(command.told in text for text in said), said


def _done(stage: Stage, command: Command) -> int:
    """Return how often the audit log says that it was done, by whomever."""
    return sum(tag.endswith(command.tag) for tag in stage.tags())


def test_database_is_migrated_whole_or_not_at_all(stage: Stage) -> None:
    (stage.folder / "rekey.db").unlink()
    for when, migrated in ((When.BEFORE, False), (When.AFTER, True)):
        ended = stage.rekey("db", "upgrade", cue=At(step=UPGRADE, when=when))
        assert ended.code == KILLED, ended.log
        assert (stage.rekey("status").code == 0) is migrated
    assert stage.rekey("db", "upgrade").code == 0
