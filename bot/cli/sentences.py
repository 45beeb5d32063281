"""What the operator is told of a refusal."""

from bot.clock import SystemClock
from bot.domain.model.errors import Fault, OperatorSuspended, PasswordUnfit, Refusal
from bot.domain.set_up.passwords import MAX_LENGTH, MIN_LENGTH_ALONE, MIN_LENGTH_WITH_2FA

_PASSWORD_UNFIT = (
    f"A password has {MIN_LENGTH_WITH_2FA} to {MAX_LENGTH} characters, and at least "
    f"{MIN_LENGTH_ALONE} for a contact of whom no account requires 2FA."
)
_OPERATOR_SUSPENDED = (
    "An operator suspended this person's sign-in, and no reset lifts that. Once you know that it "
    "is them, use “rekey people reinstate”."
)


def refusal_sentence(refusal: Refusal | Fault) -> str:
    """Return why the operator's command was not carried out."""
    if isinstance(refusal, PasswordUnfit):
        return _PASSWORD_UNFIT
    if isinstance(refusal, OperatorSuspended):  # in Slack it says to ask the operator
        return _OPERATOR_SUSPENDED
    from bot.blocks.texts import refusal_text

    return refusal_text(refusal, now=SystemClock().now())
