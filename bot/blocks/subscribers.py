"""Messages to the person whose 2FA is concerned: what happened, what to do, whom to call."""

from dataclasses import dataclass

from bot.blocks.elements import (
    Block,
    Drawn,
    actions,
    button,
    facts,
    header,
    link,
    markup,
    note,
    paragraph,
    sign_in_facts,
)
from bot.blocks.ids import ActionId
from bot.blocks.wording import PROOFS, call, inert, local, name_of, tidy, utc
from bot.domain.ids import CaseId
from bot.domain.notices import CaseView, NoticeView


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where people sign in, and whom they call."""

    portal_url: str
    help_contact: str | None


_STEPS = (
    "1. Open the sign-in page with the button below.\n"
    "2. Sign in with your user name and your password.\n"
    "3. Rekey then writes to you here. Check that the browser and the time are yours, press “Show "
    "the set-up code”, and type the code into the page.\n"
    "4. In your authenticator app, delete the older entry. Then scan the QR code of the page, or "
    "enter its key.\n"
    "5. Type the six digits that the app shows, and press “Confirm code”."
)


def reset(view: CaseView, place: Place) -> Drawn:
    """Tell the subscriber of a reset, and how to set 2FA up again."""
    title, admin = "Your 2FA was reset", name_of(view.admin)
    case = view.case
    pairs: list[tuple[str, str | Block]] = [
        ("Who did it", admin),
        ("Account", tidy(view.account.name)),
    ]
    if case.completed_at:
        pairs.append(("When", markup(local(case.completed_at))))
    if case.proof:
        pairs.append(("You were proven", PROOFS[case.proof]))
    return Drawn(
        text=inert(
            f"{title} by {admin}. To set it up again, sign in at {place.portal_url}. "
            f"{_not_you(place)}"
        ),
        blocks=(
            header(title),
            paragraph(
                "Your authenticators no longer work and your sessions have ended. Set 2FA up "
                "again at your next sign-in:"
            ),
            *facts(pairs),
            paragraph(_STEPS),
            _buttons(case.id, place),
            paragraph(_not_you(place)),
            note(_NOBODY_ASKS),
        ),
    )


def reminded(view: CaseView, place: Place) -> Drawn:
    """Remind the subscriber to set 2FA up again."""
    title, case = "Your 2FA is still to be set up", view.case
    pairs: list[tuple[str, str | Block]] = [("Reset by", name_of(view.admin))]
    if case.completed_at:
        pairs.append(("When", markup(local(case.completed_at))))
    return Drawn(
        text=inert(f"{title}. Sign in at {place.portal_url}. {_not_you(place)}"),
        blocks=(
            header(title),
            *facts(pairs),
            paragraph(_STEPS),
            _buttons(case.id, place),
            paragraph(_not_you(place)),
        ),
    )


def set_up_waiting(view: NoticeView, place: Place) -> Drawn:
    """Tell the subscriber that a sign-in waits for a set-up code."""
    title = "A sign-in waits for your set-up code"
    if view.session is None:
        ended = "A sign-in that waited for your set-up code has ended. Sign in again if it was you."
        return Drawn(text=ended, blocks=(paragraph(ended),))
    session = view.session
    where = f"{tidy(session.browser)}, {tidy(session.address)}, {utc(session.created_at)}"
    wrong = (
        f"Not you? Do not show the code, and {call(place.help_contact)}: somebody knows your "
        "password."
    )
    return Drawn(
        text=inert(f"{title}: {where}. {wrong}"),
        blocks=(
            header(title),
            paragraph("Somebody signed in with your password and wants to set up your 2FA:"),
            *facts(sign_in_facts(session)),
            paragraph("Is it you, at this browser, now? Then show the code and type it there."),
            actions(button(ActionId.SHOW_SET_UP_CODE, "Show the set-up code", value=session.id)),
            paragraph(wrong),
            note(_NOBODY_ASKS),
        ),
    )


def enrolled(view: NoticeView, place: Place) -> Drawn:
    """Tell the subscriber that an authenticator was bound."""
    title = "An authenticator was added to your sign-in"
    case = view.case.case if view.case else None
    not_you = _not_you(place) if case else f"Not your doing? At once {call(place.help_contact)}."
    when = case.re_enrolled_at if case else None
    return Drawn(
        text=inert(f"{title}. {not_you}"),
        blocks=(
            header(title),
            *facts([("When", markup(local(when)))] if when else []),
            paragraph("From now on you sign in with its codes."),
            *([actions(_report(case.id))] if case else []),
            paragraph(not_you),
        ),
    )


def veto_taken(place: Place) -> Drawn:
    """Tell the subscriber that their report was taken, and what happens now."""
    title = "Your report was taken"
    text = (
        "Your sign-in is suspended, your authenticators no longer work, every session has ended, "
        "and your administrators and owners are told. What to do now: "
        f"{call(place.help_contact)}. Once they know that it is you, somebody who was not part of "
        "this resets your 2FA."
    )
    return Drawn(text=inert(f"{title}. {text}"), blocks=(header(title), paragraph(text)))


_NOBODY_ASKS = (
    "Nobody ever asks you for a code: not your administrator, not the help desk, not Rekey."
)


def _not_you(place: Place) -> str:
    return f"Not your doing? Press “This wasn't me” at once, and {call(place.help_contact)}."


def _buttons(case_id: CaseId, place: Place) -> Block:
    return actions(
        link(ActionId.OPEN_SET_UP, "Open the sign-in page", url=place.portal_url),
        _report(case_id),
    )


def _report(case_id: CaseId) -> Block:
    return button(ActionId.RESET_REPORT, "This wasn't me", value=case_id, style="danger")
