"""How a message to those who look after a case is laid out."""

from collections.abc import Sequence

from bot.blocks.elements import Block, Drawn, facts, header, markup, note, paragraph
from bot.blocks.wording import inert, local, tidy
from bot.domain.case import CaseKind
from bot.domain.notices import CaseView

_BEGAN = {
    CaseKind.RESET: "Reset",
    CaseKind.OPERATOR: "Set-up required",
    CaseKind.FIRST_SET_UP: "First sign-in",
}
"""What happened when a case was completed."""


def about_case(
    view: CaseView, title: str, text: str, more: Sequence[tuple[str, str | Block]] = ()
) -> Drawn:
    """Draw title and text, with the account, since when, and the case's id."""
    pairs: list[tuple[str, str | Block]] = [("Account", tidy(view.account.name))]
    if view.case.completed_at:
        pairs.append((_BEGAN[view.case.kind], markup(local(view.case.completed_at))))
    if view.taken_over_by:
        pairs.append(("Looked after by", tidy(view.taken_over_by.name)))
    return Drawn(
        text=inert(f"{title}. {text}"),
        blocks=(
            header(title),
            *facts([*pairs, *more]),
            paragraph(text),
            note(f"Case {view.case.id}"),
        ),
    )


def plain_notice(title: str, text: str) -> Drawn:
    """Draw title and text alone."""
    return Drawn(text=inert(f"{title}. {text}"), blocks=(header(title), paragraph(text)))
