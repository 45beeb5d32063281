"""How cases are told: state, kind, what is missing and what to do next, each in one table."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.blocks.endings import ended_text
from bot.blocks.ids import COMMAND
from bot.blocks.wording import name_of, tidy
from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.people import SuspensionCause
from bot.domain.model.views import CaseView

_NAME_LENGTH = 100
_UNITS = (
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)


@dataclass(frozen=True, slots=True)
class Words:
    """A case's state, what is missing before it can close, and what to do next."""

    state: str
    missing: str = "nothing"
    following: str = "nothing: the case is closed"


def describe(state: CaseState) -> Words:
    """Return the words for a state, with `{name}`, `{admin}` and the like to fill in."""
    return _STATES[state]


def words_of(view: CaseView) -> Words:
    """Return the words for the case, filled in."""
    case = view.case
    words = describe(case.state)
    if case.kind is CaseKind.FIRST_SET_UP and case.state is CaseState.COMPLETED:
        words = _FIRST_SET_UP
    known = {
        "name": tidy(view.subscriber.name, limit=_NAME_LENGTH),
        "admin": tidy(name_of(view.admin), limit=_NAME_LENGTH),
        "reminders": _reminders(case.reminders_sent),
        "ended": ended_text(case.ended_reason),
    }
    return Words(
        state=words.state.format_map(known),
        missing=words.missing.format_map(known),
        following=words.following.format_map(known),
    )


def kind_of(view: CaseView) -> str:
    """Say how the case began."""
    return _KINDS[view.case.kind]


def asked_by(view: CaseView) -> str:
    """Name the case's admin, or say what stands in for one."""
    if view.admin is None and view.case.kind is CaseKind.FIRST_SET_UP:
        return "nobody: it began with their own sign-in"
    return tidy(name_of(view.admin), limit=_NAME_LENGTH)


def in_charge(view: CaseView) -> str:
    """Name who looks after the case now."""
    contact = view.taken_over_by or view.admin
    return tidy(contact.name, limit=_NAME_LENGTH) if contact else "nobody yet"


def age(since: datetime, *, now: datetime) -> str:
    """Say how long ago that is, in the largest unit that fits."""
    passed = now - since
    for length, unit in _UNITS:
        count = passed // length
        if count >= 1:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"


def why_suspended(cause: SuspensionCause) -> str:
    """Say why a sign-in is suspended, to an administrator."""
    return _CAUSES[cause][0]


def how_lifted(cause: SuspensionCause) -> str:
    """Say who can lift the suspension, and how."""
    return _CAUSES[cause][1]


def _reminders(sent: int) -> str:
    return f"{sent or 'no'} reminder{'' if sent == 1 else 's'} so far"


_AGAIN = f"type {COMMAND} for {{name}} again if it is still wanted"
_KINDS = {
    CaseKind.RESET: "Reset",
    CaseKind.FIRST_SET_UP: "First set-up",
    CaseKind.OPERATOR: "The operator's case",
}
_STATES = {
    CaseState.AWAITING_CONFIRMATION: Words(
        "awaits Yes or No",
        "the answer of {admin}",
        "{admin} answers in Slack, or somebody cancels the case",
    ),
    CaseState.EXECUTING: Words(
        "is being carried out",
        "the directory's answer",
        "wait: it goes on by itself; if it stays so for minutes, ask the operator",
    ),
    CaseState.COMPLETED: Words(
        "is done, and 2FA is not set up again yet",
        "{name} has to sign in and set 2FA up ({reminders})",
        "ask {name} whether they need help, or remind them. Who cannot open Slack gets the set-up "
        f"code by {COMMAND} hand-over",
    ),
    CaseState.RE_ENROLLED: Words("is closed: 2FA is set up"),
    CaseState.LAPSED: Words(
        "has lapsed: 2FA was not set up in time, and the sign-in is suspended",
        "a new reset",
        f"speak with {{name}}, then type {COMMAND} for them: that lifts the suspension",
    ),
    CaseState.VETOED: Words(
        "was reported with “This wasn't me”",
        "somebody who finds out what happened, and a new reset",
        "call {name} on the number on file. Once you know that it is them, somebody who had no "
        f"part in this case types {COMMAND} for them",
    ),
    CaseState.DECLINED: Words("was answered No: nothing was changed"),
    CaseState.EXPIRED: Words(
        "ended without a reset. {ended} Nothing was changed", following=_AGAIN
    ),
    CaseState.CANCELLED: Words("was cancelled: nothing was changed", following=_AGAIN),
    CaseState.FAILED: Words(
        "is half done: the directory refused a step for good",
        "the operator's help, and a new reset",
        f"ask the operator what was done, then type {COMMAND} for {{name}} again",
    ),
    CaseState.SUPERSEDED: Words("was closed by a newer reset"),
}
_FIRST_SET_UP = Words(
    "is under way: 2FA was never set up before",
    "{name} has to finish setting 2FA up ({reminders})",
    _STATES[CaseState.COMPLETED].following,
)
_CAUSES = {
    SuspensionCause.VETOED: (
        "they reported “This wasn't me”",
        f"a new {COMMAND} by somebody who had no part in the case that was reported",
    ),
    SuspensionCause.LAPSED: ("2FA was not set up again in time", f"a new {COMMAND}"),
    SuspensionCause.OPERATOR: ("the operator suspended it", "the operator alone"),
}
