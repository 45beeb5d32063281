"""How the subscriber hears of a reset, and who has to tell them where Rekey cannot."""

from collections.abc import Collection

from bot.blocks.ids import COMMAND
from bot.domain.model.notices import Channel


def how_told(name: str, ways: Collection[Channel]) -> str:
    """Say, after the reset of somebody, by which way they hear how to set 2FA up again."""
    if Channel.SLACK in ways:
        return f"{name} is told how to set 2FA up again, and is reminded of it."
    told = (
        f"{name} is not in Slack; an e-mail tells them how to set 2FA up again."
        if Channel.EMAIL in ways
        else f"{name} is not in Slack: tell them yourself, in person or by the number on file, "
        "that they sign in and set 2FA up again."
    )
    return f"{told} {_SOMEBODY_ELSE}"


def who_tells(name: str, ways: Collection[Channel]) -> str | None:
    """Say beforehand what a reset of somebody who is not in Slack takes; nothing where they are."""
    if Channel.SLACK in ways:
        return None
    told = "An e-mail tells them of the reset." if ways else "You have to tell them yourself."
    return f"{name} is not in Slack. {told} {_SOMEBODY_ELSE}"


_SOMEBODY_ELSE = (
    "They need a set-up code then: another administrator or owner gives it to them, by "
    f"{COMMAND} hand-over."
)
