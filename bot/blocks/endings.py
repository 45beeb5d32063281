"""Why a case ended before anything was done, in words for whoever looks at it.

They name nobody as "you": the admin reads them, and so do all who may see the case.
"""

from bot.domain.model import errors
from bot.domain.model.errors import HoldsNoRole, Refusal, ReportedMeanwhile
from bot.domain.resets.expiry import DEADLINE


def ended_text(ended_reason: str | None) -> str:
    """Say why a case ended, from its `ended_reason`."""
    return _ENDED.get(ended_reason or "", "It has ended.")


_UNBOUND = "One of the two people is no contact with that Slack account any more."

LOST: dict[type[Refusal], str] = {
    errors.UnknownPerson: "Slack knows one of the two people no longer.",
    errors.NotAContact: _UNBOUND,
    errors.SubscriberNotAContact: _UNBOUND,
    errors.IdentityReplaced: "The Slack account of one of the two people was replaced meanwhile.",
    errors.GuestRefused: "One of the two people is a guest of the workspace by now.",
    errors.BotRefused: "One of the two Slack accounts is a bot's.",
    errors.DeactivatedRefused: "The Slack account of one of the two people is deactivated.",
    errors.ExternalRefused: "One of the two people belongs to another workspace.",
    errors.NotAnAdministrator: "Whoever asked administers no account any more.",
    errors.NoSharedAccount: "Whoever asked administers no account of that person any more.",
    errors.OneselfRefused: "Nobody resets their own 2FA.",
    errors.Outranked: "That person holds a higher role by now than whoever asked.",
    errors.AdminSuspended: "The sign-in of whoever asked is suspended.",
    errors.NoAuthenticator: "Whoever asked has no 2FA of their own any more.",
    errors.NotYoursToLift: (
        "Whoever asked had a hand in what that person may have reported with “This wasn't me”."
    ),
    errors.OperatorSuspended: "The operator suspended that person's sign-in.",
    errors.NothingToReset: "There was nothing left to reset.",
    errors.NotYourCase: "The Slack account of whoever asked is somebody else's by now.",
    errors.AccountRefused: "Whoever asked may no longer reset that person in this account.",
    ReportedMeanwhile: (
        "That person reported with “This wasn't me” another reset or enrolment after this was "
        "asked for."
    ),
    HoldsNoRole: "That person belongs to no account any more.",
}
"""For each refusal by which a case loses what it rested on."""

_ENDED = {
    DEADLINE: "Nobody answered in time.",
    errors.ConfirmedTooLongAgo.tag: "It could not be carried out within a day of the Yes.",
    **{kind.tag: f"What it rested on no longer holds. {text}" for kind, text in LOST.items()},
}
