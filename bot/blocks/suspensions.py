"""Messages to those who look after a person: a set-up undone, a suspension, and its end."""

from datetime import datetime

from bot.blocks.elements import Block, Drawn, header, markup, note, paragraph, plain
from bot.blocks.ids import COMMAND
from bot.blocks.layout import about_case, moment, plain_notice
from bot.blocks.wording import inert, instant, local, name_of, tidy, utc
from bot.domain.model.cases import CaseKind
from bot.domain.model.views import CaseView, NoticeView

_MOST_STALE = 20
_STALE_NAME_LENGTH = 100


def digest(view: NoticeView) -> Drawn:
    """Name every case of the recipient's whose subscriber has not set 2FA up."""
    count = len(view.stale)
    resets = all(case.case.kind is not CaseKind.FIRST_SET_UP for case in view.stale)
    noun = "resets" if resets else "cases"
    title = f"{count} of your {noun} {'waits' if count == 1 else 'wait'} for a set-up"
    rest = count - _MOST_STALE
    lines = [_stale_line(view, case) for case in view.stale[:_MOST_STALE]]
    more = [note(f"… and {rest} more")] if rest > 0 else []
    advice = (
        "What to do next: ask them, in person or on the number on file, whether they need help. A "
        "link is in their messages from Rekey."
    )
    return Drawn(
        text=inert(f"{title}. {advice}"),
        blocks=(header(title), *lines, *more, paragraph(advice)),
    )


def _stale_line(view: NoticeView, stale: CaseView) -> Block:
    case = stale.case
    began = "Signed in for the first time" if case.kind is CaseKind.FIRST_SET_UP else "Reset"
    since = f" on {local(case.completed_at)}" if case.completed_at else ""
    at = instant(view.notice.facts.get(case.id))
    then = f"; the sign-in will be suspended on {local(at)}" if at else ""
    name = tidy(stale.subscriber.name, limit=_STALE_NAME_LENGTH)
    return {"type": "section", "fields": [plain(f"• {name}"), markup(f"{began}{since}{then}")]}


def owner_reminded(view: NoticeView, case: CaseView, suspend_on: datetime | None) -> Drawn:
    """Tell the owners that the last reminder went unheard."""
    name = tidy(case.subscriber.name)
    first = case.case.kind is CaseKind.FIRST_SET_UP
    begun = "the sign-in" if first else f"the reset by {name_of(case.admin)}"
    then = f"The sign-in of {name} will be suspended on {utc(suspend_on)}." if suspend_on else ""
    return about_case(
        case,
        f"{name} has not set 2FA up {'yet' if first else 'again'}",
        f"The last reminder was sent. Ask {name} whether they need help, or whether {begun} was "
        "theirs at all.",
        moment(suspend_on, "Sign-in suspended on"),
        to=view.recipient,
        also=then,
    )


def lapsed(view: NoticeView, case: CaseView) -> Drawn:
    """Tell whoever can lift it that a sign-in was suspended, since 2FA was not set up."""
    name = tidy(case.subscriber.name)
    return about_case(
        case,
        f"The sign-in of {name} is suspended",
        f"{name} did not set 2FA up in time, so nobody can sign in with that password any more. "
        f"What to do next: call {name} on the number on file, and ask whether they need help, or "
        "whether this was theirs at all. Once you know that it is them, an administrator or owner "
        f"lifts the suspension by a new {COMMAND}; so can the operator.",
        moment(view.written_at, "Suspended"),
        to=view.recipient,
    )


def spared(view: NoticeView, case: CaseView) -> Drawn:
    """Tell the same people that a sign-in should have been suspended, and was not."""
    name = tidy(case.subscriber.name)
    return about_case(
        case,
        f"{name} has not set 2FA up, and is not suspended",
        f"The time to set 2FA up is over. {name} is the last owner of an account, so Rekey leaves "
        f"the sign-in as it is, and suspends it once there is another owner. What to do next: call "
        f"{name} on the number on file, and ask whether they need help, or whether this was theirs "
        "at all.",
        to=view.recipient,
    )


def veto_reported(view: NoticeView, case: CaseView) -> Drawn:
    """Tell everybody concerned that the subscriber reported the case."""
    name = tidy(case.subscriber.name)
    other = f" other than {name_of(case.admin)}" if case.admin else ""
    nor = (
        " Whoever handed the set-up code over cannot lift it either."
        if view.notice.facts.get("handed_over")
        else ""
    )
    return about_case(
        case,
        f"{name} reported: “This wasn't me”",
        f"The sign-in of {name} is suspended, every authenticator was invalidated, and every "
        f"session was ended. What to do next: call {name} on the number on file. Once you know "
        f"that it is them, an administrator or owner{other} lifts the suspension by a new "
        f"{COMMAND}; so can the operator.{nor} Find out who was behind this.",
        moment(view.written_at, "Reported"),
        to=view.recipient,
    )


def reinstated(view: NoticeView) -> Drawn:
    """Tell everybody else concerned who lifted the suspension."""
    subject = view.subject or (view.case.subscriber if view.case else None)
    name, by = name_of(subject, otherwise="somebody"), lifted_by(view)
    then = f" {name} has to set 2FA up at the next sign-in." if view.case else ""
    return plain_notice(
        f"The sign-in of {name} is no longer suspended",
        f"The suspension was lifted by {by}.{then} If you know of no reason for it, ask them.",
        at=view.written_at,
    )


def lifted_by(view: NoticeView) -> str:
    """Return who lifted the suspension: the admin of the case that follows, else the operator."""
    return name_of(view.case.admin if view.case else None)
