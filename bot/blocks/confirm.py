"""The confirm block, and what takes its place."""

from bot.blocks.elements import (
    Block,
    Drawn,
    actions,
    button,
    facts,
    header,
    markup,
    note,
    paragraph,
)
from bot.blocks.endings import ended_text
from bot.blocks.ids import COMMAND, ActionId
from bot.blocks.reaching import how_told, who_tells
from bot.blocks.wording import PROOFS, inert, local, name_of, person, tidy, utc
from bot.domain.model.cases import CaseState
from bot.domain.model.notices import Channel
from bot.domain.model.people import Contact
from bot.domain.model.views import CaseView


def confirm_block(view: CaseView) -> Drawn:
    """Ask the admin for Yes or No: who, where, why, how proven, what will happen, until when."""
    case, name = view.case, tidy(view.subscriber.name)
    question = f"Reset the 2FA of {name}?"
    until = case.confirm_by
    by = f" Answer by {utc(until)}." if until else ""
    return Drawn(
        text=inert(f"{question} Account: {tidy(view.account.name)}.{by}"),
        blocks=(
            header(question),
            *facts(_particulars(view)),
            paragraph(
                f"If you press Yes:\n"
                f"• every authenticator of {name} is invalidated\n"
                f"• every session of {name} ends\n"
                f"• {name} must set 2FA up again at the next sign-in{_and_is_told(view)}"
            ),
            *([paragraph(advice)] if (advice := who_tells(name, view.ways)) else []),
            actions(
                button(ActionId.RESET_YES, "Yes", value=case.id, style="primary"),
                button(ActionId.RESET_NO, "No", value=case.id),
            ),
            note("Only you can answer, and only once."),
        ),
    )


def _and_is_told(view: CaseView) -> str:
    return ", and is told so now" if Channel.SLACK in view.ways else ""


def _particulars(view: CaseView) -> list[tuple[str, str | Block]]:
    case = view.case
    pairs: list[tuple[str, str | Block]] = [
        ("Who", person(view.subscriber)),
        ("User name", tidy(view.subscriber.username)),
        ("Account", tidy(view.account.name)),
        ("Why", tidy(case.reason or "")),
        ("Proven", PROOFS[case.proof] if case.proof else "not at all"),
    ]
    if case.ticket:
        pairs.append(("Ticket", tidy(case.ticket)))
    if case.confirm_by:
        pairs.append(("Answer by", markup(local(case.confirm_by))))
    return pairs


def outcome(view: CaseView, *, by: Contact | None = None) -> Drawn:
    """Say what has become of a case: in place of its confirm block, and in the admin's DM.

    `by` is who cancelled it, where that is known.
    """
    title, text = _outcome(view, by)
    case = view.case
    pairs: list[tuple[str, str | Block]] = [
        ("Who", person(view.subscriber)),
        ("Account", tidy(view.account.name)),
    ]
    if case.reason:
        pairs.append(("Why", tidy(case.reason)))
    if view.taken_over_by:
        pairs.append(("Looked after by", tidy(view.taken_over_by.name)))
    decided = case.completed_at or case.decided_at
    if decided:
        pairs.append(("When", markup(local(decided))))
    return Drawn(
        text=inert(f"{title} {text}"),
        blocks=(header(title), *facts(pairs), paragraph(text), note(f"Case {case.id}")),
    )


def _outcome(view: CaseView, by: Contact | None) -> tuple[str, str]:
    title, text = _OUTCOMES[view.case.state]
    words = {
        "name": tidy(view.subscriber.name),
        "told": how_told(tidy(view.subscriber.name), view.ways),
        "admin": name_of(view.admin),
        "ended": ended_text(view.case.ended_reason),
        "by": name_of(by, otherwise="an administrator of the account"),
    }
    return title.format_map(words), text.format_map(words)


_NOT_RESET = "The 2FA of {name} was not reset."
_AGAIN = f"Type {COMMAND} again if a reset is still wanted."
_OUTCOMES = {
    CaseState.AWAITING_CONFIRMATION: ("The reset of {name} goes on.", "It is not finished yet."),
    CaseState.EXECUTING: (
        "The reset of {name} is being carried out.",
        (
            "The directory has not answered yet, so nothing was changed until now. It goes on by "
            "itself, and Rekey tells you how it ends."
        ),
    ),
    CaseState.COMPLETED: (
        "The 2FA of {name} was reset.",
        (
            "Every authenticator was invalidated, every session was ended, and set-up is required. "
            "{told} Rekey tells you once it is done."
        ),
    ),
    CaseState.RE_ENROLLED: ("{name} has set 2FA up again.", "The case is closed."),
    CaseState.LAPSED: (
        "The sign-in of {name} is suspended.",
        f"2FA was reset and not set up again in time. {_AGAIN}",
    ),
    CaseState.VETOED: (
        "{name} reported: “This wasn't me”.",
        "The sign-in is suspended. Somebody other than {admin} has to look at it.",
    ),
    CaseState.DECLINED: (_NOT_RESET, "The answer was No, so nothing was changed."),
    CaseState.EXPIRED: (_NOT_RESET, f"{{ended}} Nothing was changed. {_AGAIN}"),
    CaseState.CANCELLED: (
        _NOT_RESET,
        f"The case was cancelled by {{by}}: nothing was changed. {_AGAIN}",
    ),
    CaseState.FAILED: (
        "The reset of {name} is half done.",
        (
            "The directory refused a step for good. {name} may be unable to sign in: set-up may be "
            "required, and authenticators may be invalidated. Ask the operator, who can see what "
            f"was done. {_AGAIN}"
        ),
    ),
    CaseState.SUPERSEDED: ("A newer reset of {name} has taken over.", "This case is closed."),
}
"""A title and a sentence for every state in which a message may find its case."""
