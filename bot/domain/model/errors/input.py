"""What was typed, codes included, cannot be used."""

from bot.domain.model.errors.base import Later, Refusal


class InputRefused(Refusal):
    """What was typed cannot be used."""


class MentionMissing(InputRefused):
    """The command named nobody that Slack could resolve."""


class SeveralMentions(InputRefused):
    """The command named more than one person."""


class ProofMissing(InputRefused):
    """It was not said how the caller was proven."""


class ReasonMissing(InputRefused):
    """No reason was given."""


class ReasonTooLong(InputRefused):
    """The reason is longer than what is kept."""


class ReasonHoldsCode(InputRefused):
    """The reason holds digits that look like a code."""


class TicketMissing(InputRefused):
    """A ticket is asked for, and none was given."""


class TicketUnfit(InputRefused):
    """The ticket does not look as the operator's pattern says it does."""


class PasswordUnfit(InputRefused):
    """The new password is too short, too long, or the old one."""


class PasswordGuessable(InputRefused):
    """The new password is one that attackers try first, or tells only whose it is."""


class CodeRefused(Refusal):
    """The code does not prove who typed it."""


class CodeMalformed(CodeRefused):
    """A code is six digits."""


class CodeWrong(CodeRefused):
    """The code is wrong, or was used before; it counts."""


class CodeThrottled(Later, CodeRefused):
    """Too many wrong codes; says when to try again."""


class AuthenticatorLocked(CodeRefused):
    """So many wrong codes in a row that only a reset helps."""
