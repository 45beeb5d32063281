"""The one table from a refusal or a fault to the sentence that people read.

Every text is plain: no markup is meant in it, so who puts it where Slack reads markup escapes it.
"""

from datetime import datetime

from bot.blocks.ids import COMMAND
from bot.blocks.wording import call, tidy, wait
from bot.domain.model import errors
from bot.domain.model.errors import Fault, Refusal, ReportedMeanwhile
from bot.domain.model.reset_form import REASON_LENGTH

NOTHING_CHANGED = "Nothing was changed."
BROKEN = f"Something went wrong inside Rekey. {NOTHING_CHANGED} Try again in a minute."
NOT_OPENED = "Slack did not open the window. Please do that once more."

_OPERATOR_BINDS = "The operator can bind it with “rekey people bind”."
_SAY_WHO = "Name one person first, as in “/reset-2fa @bob lost the phone”."

SENTENCES: dict[type[Refusal | Fault], str] = {
    errors.Refusal: f"A rule does not allow this. {NOTHING_CHANGED}",
    errors.PersonRefused: "One of the two people cannot take part in a reset.",
    errors.UnknownPerson: "Slack knows no such person here. Pick the person from Slack's list.",
    errors.NotAContact: (
        "Your Slack account is bound to no contact here, so Rekey cannot tell who you are. "
        f"{_OPERATOR_BINDS}"
    ),
    errors.SubscriberNotAContact: (
        "The person you named has no contact bound to their Slack account, so Rekey cannot tell "
        f"who that is. {_OPERATOR_BINDS}"
    ),
    errors.IdentityReplaced: (
        "The Slack account of one of the two people was replaced meanwhile. Type /reset-2fa again."
    ),
    errors.GuestRefused: (
        "Guests of the workspace can neither reset anybody's 2FA here nor have it reset here. "
        "Ask the operator."
    ),
    errors.BotRefused: "That is a bot, and bots have no 2FA to reset. Name a person.",
    errors.DeactivatedRefused: (
        "That Slack account is deactivated. Have it activated first, or ask the operator."
    ),
    errors.ExternalRefused: (
        "That person belongs to another workspace. Only people of this workspace can take part in "
        "a reset."
    ),
    errors.ResetRefused: f"This reset is not possible. {NOTHING_CHANGED}",
    errors.NotAnAdministrator: (
        "Only an administrator or owner of an account can reset 2FA. Ask one of yours."
    ),
    errors.NoSharedAccount: (
        "You administer no account that this person belongs to. Ask an administrator of theirs."
    ),
    errors.OneselfRefused: (
        "Nobody resets their own 2FA. Ask another administrator or owner of your account."
    ),
    errors.Outranked: (
        "This person holds a higher role than you do, in this account or in another. Ask somebody "
        "with at least that role."
    ),
    errors.AdminSuspended: (
        "Your own sign-in is suspended, so you cannot act for others. Ask another administrator or "
        "owner of your account."
    ),
    errors.NoAuthenticator: (
        "You have no 2FA of your own yet, and without it nobody can reset anybody's. Set yours up "
        "at the Portal's sign-in page, then come back."
    ),
    errors.NotYoursToLift: (
        "This person pressed “This wasn't me”, and may have meant a reset that you had a hand in, "
        "so somebody else has to look at it. Ask another administrator or owner."
    ),
    ReportedMeanwhile: (
        "After you asked, this person reported with “This wasn't me” another reset or enrolment. "
        "Talk to them first; if a reset is still right, ask for a new one."
    ),
    errors.OperatorSuspended: (
        "The operator suspended this person's sign-in, and only the operator lifts that: with "
        "“rekey people reinstate”. Ask the operator."
    ),
    errors.CaseOpen: (
        "A reset of this person is already under way, asked for by {admin}. Ask {admin}, or wait "
        "until that one is decided."
    ),
    errors.NothingToReset: (
        "There is nothing to reset: this person has no authenticator, no set-up that waits, and is "
        "not suspended. They can set up 2FA at the Portal's sign-in page."
    ),
    errors.CaseNotFound: "Rekey knows no such case. Type /reset-2fa to begin a new one.",
    errors.NotYourCase: (
        "Somebody else asked for this reset, and only they can answer. Nothing was changed by you."
    ),
    errors.ConfirmedTooLongAgo: (
        "This was confirmed more than a day ago and could not be carried out since. "
        f"{NOTHING_CHANGED} Type /reset-2fa again if the reset is still wanted."
    ),
    errors.ConfirmExpired: (
        "The time to answer is over, so nothing was changed. Type /reset-2fa again if the reset is "
        "still wanted."
    ),
    errors.AlreadyDecided: (
        "This was decided before, and nothing more was done now. The outcome is in your messages "
        "from Rekey, or comes as soon as there is one."
    ),
    errors.StandingLost: (
        "The case has ended and nothing was changed, since what it rested on no longer holds. "
        "{cause}"
    ),
    errors.AccountRefused: "Pick one of the accounts offered: a reset always belongs to one.",
    errors.CaseActRefused: f"That cannot be done about this case. {NOTHING_CHANGED}",
    errors.CaseMovedOn: (
        "The case has moved on, so there is nothing of that kind left to do. "
        "“/reset-2fa status @person” shows where it stands."
    ),
    errors.CaseYoursAlready: "This case is yours already.",
    errors.RemindedAlready: "They were reminded a short while ago. Remind them again {wait}.",
    errors.RequestRefused: f"That cannot be done about this request. {NOTHING_CHANGED}",
    errors.RequestWaits: (
        "You have asked for a reset already, and somebody is to take care of that. "
        "“/reset-2fa ask” shows how it stands."
    ),
    errors.RequestThrottled: (
        "You have asked three times within a day. Ask again {wait}, or {call}."
    ),
    errors.RequestTaken: "{admin} takes care of this request already. Ask {admin}.",
    errors.RequestGone: (
        "There is no such request for you any more: it was taken, withdrawn, dealt with, or has "
        "expired."
    ),
    errors.NobodyEntitled: (
        "Nobody in Slack may reset your 2FA, so a request would reach nobody. Instead {call}."
    ),
    errors.HandOverRefused: "No set-up code was handed over.",
    errors.HandOverByAdmin: (
        "You asked for the reset that led here, or had a hand in what they reported, so somebody "
        "else has to hand over the set-up code. Ask another administrator or owner of the account."
    ),
    errors.NobodyWaits: (
        "No sign-in of this person waits for a set-up code. They have to sign in at the Portal "
        "first, up to the page that asks for the code, and leave it open."
    ),
    errors.SignInMissing: "Choose the sign-in that is theirs; if it is gone, they sign in again.",
    errors.SubscriberSuspended: (
        "The sign-in of this person is suspended, so a set-up code would not help. A new reset by "
        "an administrator or owner lifts the suspension; what the operator suspended, the operator."
    ),
    errors.InputRefused: f"That cannot be used as it was typed. {NOTHING_CHANGED}",
    errors.MentionMissing: (
        f"Rekey does not see whom you mean. {_SAY_WHO} Pick the name from Slack's list, or "
        "type “/reset-2fa” alone to choose. “/reset-2fa help” tells more."
    ),
    errors.SeveralMentions: f"You named several people, and a reset is for one. {_SAY_WHO}",
    errors.ProofMissing: "Choose how you made sure that the caller is this person.",
    errors.ReasonMissing: "Say why, so that others can understand it later.",
    errors.ReasonTooLong: f"That is too long. At most {REASON_LENGTH} characters are kept.",
    errors.ReasonHoldsCode: (
        "This holds digits that look like a code, and a reason is kept and shown. Leave them out."
    ),
    errors.TicketMissing: "Give the ticket that this belongs to.",
    errors.TicketUnfit: "This does not look like a ticket here. Copy its number from your tracker.",
    errors.PasswordUnfit: "Choose a new password that is long enough and is not the old one.",
    errors.PasswordGuessable: (
        "That password is among those that attackers try first, or says only whose it is. Choose "
        "several unrelated words, or one that a password manager makes."
    ),
    errors.CodeRefused: "That code was not accepted.",
    errors.CodeMalformed: "A code is six digits, as your authenticator app shows them now.",
    errors.CodeWrong: (
        "That code is wrong or was used before. Wait for the next one in your authenticator app."
    ),
    errors.CodeThrottled: "Too many wrong codes. Try again {wait}.",
    errors.AuthenticatorLocked: (
        "Your authenticator is locked after too many wrong codes. Have another administrator or "
        "owner reset your 2FA."
    ),
    errors.SignInRefused: "You cannot sign in now.",
    errors.SignInFailed: "The user name or the password is wrong.",
    errors.SignInThrottled: "Too many wrong passwords. Try again {wait}.",
    errors.SignInSuspended: (
        "This sign-in is suspended. Ask an administrator of your account, or {call}."
    ),
    errors.SessionGone: (
        "That sign-in has ended or has moved on. Begin again at the sign-in page; a new message "
        "will come."
    ),
    errors.SetUpCodeMalformed: "A set-up code is eight letters and digits in two groups of four.",
    errors.SetUpCodeWrong: (
        "That set-up code is wrong, too old, used, or meant for another browser. Show a new one."
    ),
    errors.SetUpCodeThrottled: "Too many wrong set-up codes. Try again {wait}.",
    errors.SetUpCodeNotYours: "That sign-in belongs to somebody else. No code was shown.",
    errors.ReportRefused: "This report cannot be taken here. At once {call}.",
    errors.NotTheSubscriber: (
        "This message is about somebody else's 2FA, so only they can report it. Tell them, or "
        "{call}."
    ),
    errors.ReportTooLate: (
        "This can no longer be reported here: it was more than 30 days ago, or a later reset has "
        "taken its place. If something is wrong, at once {call}."
    ),
    errors.AlreadyReported: (
        "This was reported before: the sign-in is suspended and everybody concerned was told. "
        "To go on, {call}."
    ),
    errors.OperatorRefused: f"The operator's command cannot be carried out. {NOTHING_CHANGED}",
    errors.ContactNotFound: "No contact has that e-mail address.",
    errors.HoldsNoRole: (
        "This contact belongs to no account, so no case of theirs can be kept. Give them a role "
        "first, by an import."
    ),
    errors.NotSuspended: "This contact is not suspended, so there is nothing to lift.",
    errors.AuthenticatorActive: (
        "This contact already has an active authenticator. Have an administrator reset it first "
        "or, where there is none, use “rekey reset”."
    ),
    errors.CaseInTheWay: (
        "A case of this contact is under way. “rekey status” and their e-mail address show what "
        "it waits for; try again once it is closed."
    ),
    errors.EnrolmentNotStarted: (
        "No enrolment of this contact was begun in the last ten minutes. Begin with “rekey enrol” "
        "and their e-mail address."
    ),
    errors.SomebodyEntitled: (
        "{people} in Slack may reset this contact. Ask one of them, or add --force."
    ),
    errors.StillHoldsRole: (
        "This contact still belongs to an account. Remove them first, by an import with --prune."
    ),
    errors.SuspendedAlready: (
        "This contact is suspended already. “rekey people reinstate” lifts it."
    ),
    errors.IdentityTaken: (
        "That Slack account is bound already, to this contact or to another. Name another with "
        "--to."
    ),
    errors.NoIdentity: ("This contact has no Slack account to replace. Use “rekey people bind”."),
    errors.ImportFileUnfit: f"The file cannot be imported. {NOTHING_CHANGED}",
    errors.Fault: f"Rekey could not finish this. {NOTHING_CHANGED} Try again in a minute.",
    errors.WorkspaceUnavailableError: (
        f"Rekey could not reach Slack to make sure who is who. {NOTHING_CHANGED} Try again in a "
        "minute."
    ),
    errors.DirectoryUnavailableError: (
        f"Rekey could not reach the directory. {NOTHING_CHANGED} Try again in a minute."
    ),
    errors.DirectoryRefusedError: (
        "The directory refused to do this. Ask the operator to look at it before you try again."
    ),
    errors.CarriedOutLaterError: (
        "Something went wrong inside Rekey, after your Yes was stored. The reset goes on by "
        "itself: there is nothing to repeat, and Rekey tells you how it ends."
    ),
}

"""A sentence or two for every class of `bot.domain.model.errors`; `_words` fills in the braces."""


def refusal_text(error: Refusal | Fault, *, now: datetime, help_contact: str | None = None) -> str:
    """Say why nothing was done, and what to do next.

    Whoever may be told to call somebody gives `help_contact`: without it that is their help desk.
    """
    words = {**_words(error, now=now), "call": call(help_contact)}
    return SENTENCES[type(error)].format_map(words)


def _words(error: Refusal | Fault, *, now: datetime) -> dict[str, str]:
    match error:
        case errors.CaseOpen() | errors.RequestTaken():
            return {"admin": tidy(error.admin_name, limit=100)}
        case errors.StandingLost():
            return {"cause": refusal_text(error.cause, now=now)}
        case (
            errors.CodeThrottled()
            | errors.SetUpCodeThrottled()
            | errors.SignInThrottled()
            | errors.RemindedAlready()
            | errors.RequestThrottled()
        ):
            return {"wait": wait(error.retry_at, now=now)}
        case errors.SomebodyEntitled():
            return {"people": "1 person" if error.people == 1 else f"{error.people} people"}
        case _:
            return {}


def help_text(help_contact: str | None) -> str:
    """Say what the command does, and for whom; short enough for a message's text as well."""
    return (
        "Rekey resets a person's two-factor authentication (2FA).\n"
        f"• {COMMAND} @person and a reason: ask for a reset\n"
        f"• {COMMAND}: choose the person from a list, or search for one who is not in Slack\n"
        f"• {COMMAND} hand-over @person: see their set-up code once, to give it to them\n"
        f"• {COMMAND} status @person: see to their cases; without a name, how your own 2FA stands\n"
        f"• {COMMAND} pending: what waits in your accounts\n"
        f"• {COMMAND} mine: what of it is yours to look after\n"
        f"• {COMMAND} ask: ask for a reset of your own 2FA\n"
        f"• {COMMAND} help: this text\n"
        "You must be an administrator or owner of an account that both of you belong to, and have "
        "2FA of your own. Rekey asks how you made sure who it is, why, and for a code of your own. "
        "Every step is recorded.\n"
        f"Something is wrong? At any time {call(help_contact)}."
    )
