"""Why nothing was done: every refusal and every fault, one family.

* Refusal: a rule said no, and nothing was changed
  + PersonRefused: who somebody is in Slack or in the directory
    x UnknownPerson   x NotAContact   x SubscriberNotAContact   x IdentityReplaced
    x GuestRefused   x BotRefused   x DeactivatedRefused   x ExternalRefused
  + ResetRefused: this reset may not be asked for, or not be confirmed
    x NotAnAdministrator   x NoSharedAccount   x OneselfRefused   x Outranked   x AdminSuspended
    x NoAuthenticator   x NotYoursToLift   x OperatorSuspended   x NothingToReset   x CaseOpen
    x CaseNotFound   x NotYourCase   x ConfirmExpired   x AlreadyDecided   x StandingLost
    x AccountRefused   x ConfirmedTooLongAgo   x ReportedMeanwhile
  + CaseActRefused: what an administrator may do about a case by hand
    x CaseMovedOn   x CaseYoursAlready   x RemindedAlready
  + HandOverRefused: a set-up code that somebody else passes on
    x HandOverByAdmin   x NobodyWaits   x SignInMissing   x SubscriberSuspended
  + RequestRefused: a person's own request
    x RequestWaits   x RequestThrottled   x RequestTaken   x RequestGone   x NobodyEntitled
  + ReportRefused: a report of "This wasn't me"
    x NotTheSubscriber   x ReportTooLate   x AlreadyReported
  + SignInRefused: at the Portal
    x SignInFailed   x SignInThrottled   x SignInSuspended   x SessionGone
    x SetUpCodeMalformed   x SetUpCodeWrong   x SetUpCodeThrottled   x SetUpCodeNotYours
  + OperatorRefused: at the console
    x ContactNotFound   x HoldsNoRole   x NotSuspended   x AuthenticatorActive   x CaseInTheWay
    x EnrolmentNotStarted   x ImportFileUnfit   x SomebodyEntitled   x StillHoldsRole
    x SuspendedAlready   x IdentityTaken   x NoIdentity
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

from bot.domain.model.errors.base import *
from bot.domain.model.errors.cases import *
from bot.domain.model.errors.console import *
from bot.domain.model.errors.faults import *
from bot.domain.model.errors.input import *
from bot.domain.model.errors.people import *
from bot.domain.model.errors.resets import *
from bot.domain.model.errors.sign_in import *
