"""Why nothing was done; what the console, the Portal, requests and reports refuse lies beside.

* Refusal: a rule said no, and nothing was changed
  + PersonRefused: who somebody is in Slack or in the directory
    x UnknownPerson   x NotAContact   x SubscriberNotAContact   x IdentityReplaced
    x GuestRefused   x BotRefused   x DeactivatedRefused   x ExternalRefused
  + ResetRefused: this reset may not be asked for, or not be confirmed
    x NotAnAdministrator   x NoSharedAccount   x OneselfRefused   x Outranked   x AdminSuspended
    x NoAuthenticator   x NotYoursToLift   x OperatorSuspended   x NothingToReset   x CaseOpen
    x CaseNotFound   x NotYourCase   x ConfirmExpired   x AlreadyDecided   x StandingLost
    x AccountRefused   x ConfirmedTooLongAgo
  + CaseActRefused: what an administrator may do about a case by hand
    x CaseMovedOn   x CaseYoursAlready   x RemindedAlready
  + HandOverRefused: a set-up code that somebody else passes on
    x HandOverByAdmin   x NobodyWaits   x SignInMissing   x SubscriberSuspended
  + InputRefused: what was typed
    x MentionMissing   x SeveralMentions   x ProofMissing   x ReasonMissing   x ReasonTooLong
    x ReasonHoldsCode   x TicketMissing   x TicketUnfit   x PasswordUnfit
    x PasswordGuessable
  + CodeRefused: a code
    x CodeMalformed   x CodeWrong   x CodeThrottled   x AuthenticatorLocked
* Fault: a check or an act could not be made; fail closed, say so, nothing was changed
  x WorkspaceUnavailableError   x DirectoryUnavailableError   x DirectoryRefusedError
  x CarriedOutLaterError
"""

from datetime import datetime
from typing import ClassVar


class _Tagged(Exception):
    """Has a tag under which it is audited: its name in snake case."""

    tag: ClassVar[str]

    def __init_subclass__(cls) -> None:
        cls.tag = "".join(f"_{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("_")


class Later(Exception):
    """Says when to try again."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__(retry_at)
        self.retry_at = retry_at


class Refusal(_Tagged):
    """A rule said no, and nothing was changed."""


class PersonRefused(Refusal):
    """Somebody in this reset is not who they would have to be."""


class UnknownPerson(PersonRefused):
    """Slack knows nobody by that id."""


class NotAContact(PersonRefused):
    """No contact is bound to the Slack identity of whoever acts."""


class SubscriberNotAContact(PersonRefused):
    """No contact is bound to the Slack identity of the person named."""


class IdentityReplaced(PersonRefused):
    """Another Slack identity was bound meanwhile to a contact on whom the case rested."""


class GuestRefused(PersonRefused):
    """A guest of the workspace takes no part in resets."""


class BotRefused(PersonRefused):
    """A bot takes no part in resets."""


class DeactivatedRefused(PersonRefused):
    """Slack has deactivated that person."""


class ExternalRefused(PersonRefused):
    """That person belongs to another workspace."""


class ResetRefused(Refusal):
    """The reset may not be asked for, or not be confirmed."""


class NotAnAdministrator(ResetRefused):
    """The caller administers no account at all."""


class NoSharedAccount(ResetRefused):
    """The caller administers no account of which the subscriber is a contact."""


class OneselfRefused(ResetRefused):
    """Nobody resets their own 2FA."""


class Outranked(ResetRefused):
    """The subscriber holds a higher role than the caller, here or elsewhere."""


class AdminSuspended(ResetRefused):
    """The caller's sign-in is suspended."""


class NoAuthenticator(ResetRefused):
    """The caller has no active authenticator of their own."""


class NotYoursToLift(ResetRefused):
    """The admin had a hand in what the subscriber may have reported; somebody else looks at it."""


class OperatorSuspended(ResetRefused):
    """The operator suspended the subscriber's sign-in, and lifts that alone."""


class NothingToReset(ResetRefused):
    """The subscriber has no authenticator, no set-up required, and is not suspended."""


class CaseOpen(ResetRefused):
    """Another case of the subscriber is open; names its admin."""

    def __init__(self, admin_name: str) -> None:
        super().__init__(admin_name)
        self.admin_name = admin_name


class CaseNotFound(ResetRefused):
    """No case has that id."""


class NotYourCase(ResetRefused):
    """Somebody else opened this case."""


class ConfirmExpired(ResetRefused):
    """The confirm block was answered after its deadline."""


class ConfirmedTooLongAgo(ResetRefused):
    """Nobody could carry out what was confirmed, and by now it is too late."""


class AlreadyDecided(ResetRefused):
    """The case was decided before."""


class StandingLost(ResetRefused):
    """What was true when the case was opened no longer holds; the case has ended."""

    def __init__(self, cause: Refusal) -> None:
        super().__init__(cause.tag)
        self.cause = cause


class AccountRefused(ResetRefused):
    """That account is not one in which this reset may be done."""


class CaseActRefused(Refusal):
    """What was to be done about a case cannot be done."""


class CaseMovedOn(CaseActRefused):
    """The case is in a state in which this does nothing."""


class CaseYoursAlready(CaseActRefused):
    """Whoever wants to take the case over has it."""


class RemindedAlready(Later, CaseActRefused):
    """The subscriber was reminded by hand a short while ago; says when to try again."""


class HandOverRefused(Refusal):
    """No set-up code is handed over."""


class HandOverByAdmin(HandOverRefused):
    """The case's own admin wants to hand the set-up code over: that takes a second person."""


class NobodyWaits(HandOverRefused):
    """No sign-in of that contact waits for a set-up code."""


class SignInMissing(HandOverRefused):
    """It was not said which of several waiting sign-ins is theirs, or that one waits no more."""


class SubscriberSuspended(HandOverRefused):
    """The contact's sign-in is suspended, so no set-up code helps them."""


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


class Fault(_Tagged):
    """A check or an act could not be made; nothing was changed."""


class WorkspaceUnavailableError(Fault):
    """Slack could not be asked."""


class DirectoryUnavailableError(Fault):
    """The directory did not answer, or did not show what it was told to do."""


class DirectoryRefusedError(Fault):
    """The directory refuses an effect for good."""


class CarriedOutLaterError(Fault):
    """What was confirmed could not be carried out at once; a sweep does, and nothing was lost."""
