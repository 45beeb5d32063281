"""How messages are laid out: about a case, plain, and such as may have come before."""

from collections.abc import Sequence
from datetime import datetime

from bot.blocks.elements import Block, Drawn, facts, header, markup, note, paragraph, small
from bot.blocks.wording import LONGEST_MESSAGE, inert, local, tidy, utc
from bot.domain.model.cases import CaseKind
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Contact
from bot.domain.model.views import CaseView, NoticeView

_BEGAN = {
    CaseKind.RESET: "Reset",
    CaseKind.OPERATOR: "Set-up required",
    CaseKind.FIRST_SET_UP: "First sign-in",
}
"""What happened when a case was completed."""


def moment(at: datetime | None, label: str = "When") -> list[tuple[str, str | Block]]:
    """Return when that was, as a fact to show; none where it is not known."""
    return [(label, markup(local(at)))] if at else []


def about_case(
    view: CaseView,
    title: str,
    text: str,
    more: Sequence[tuple[str, str | Block]] = (),
    *,
    to: Contact | None,
    also: str = "",
) -> Drawn:
    """Draw title and text, with the account, since when, and the case's id.

    The account is left out where `to`, who reads it, has no role there: the owners of the
    subscriber's other accounts do not hear of it. A channel does. `also` stands in the message's
    text alone, for what the blocks say by a fact among `more`.
    """
    pairs: list[tuple[str, str | Block]] = []
    if to is None or to.role_in(view.case.account_id) is not None:
        pairs.append(("Account", tidy(view.account.name)))
    if view.case.completed_at:
        pairs.append((_BEGAN[view.case.kind], markup(local(view.case.completed_at))))
    if view.taken_over_by:
        pairs.append(("Looked after by", tidy(view.taken_over_by.name)))
    return Drawn(
        text=inert(f"{title}. {text} {also}"),
        blocks=(
            header(title),
            *facts([*pairs, *more]),
            paragraph(text),
            note(f"Case {view.case.id}"),
        ),
    )


def plain_notice(title: str, text: str, *, at: datetime | None) -> Drawn:
    """Draw title, text, and when that was."""
    return Drawn(
        text=inert(f"{title}. {text}"),
        blocks=(header(title), paragraph(text), *facts(moment(at))),
    )


def perhaps_again(drawn: Drawn, view: NoticeView) -> Drawn:
    """Add that the person may have the message already, and when it was written.

    What only takes the place of another message is never there twice, and stays as it is.
    """
    notice = view.notice
    takes_a_place = notice.replace_original or notice.kind is NoticeKind.REQUEST_CHANGED
    if takes_a_place or view.written_at is None:
        return drawn
    said = "You may have had this message already: Rekey wrote it on {}, and was interrupted."
    text = f"{drawn.text} {said.format(utc(view.written_at))}"
    return Drawn(
        text=text if len(text) <= LONGEST_MESSAGE else drawn.text,
        blocks=(*drawn.blocks, small(markup(said.format(local(view.written_at))))),
    )
