"""Messages to the person whose 2FA is concerned: what happened, what to do, whom to call."""

from dataclasses import dataclass
from datetime import datetime

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
from bot.blocks.layout import moment, plain_notice
from bot.blocks.wording import PROOFS, call, inert, local, name_of, tidy, utc
from bot.domain.model.cases import OPEN_STATES, CaseKind
from bot.domain.model.ids import CaseId
from bot.domain.model.views import CaseView, NoticeView


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where people sign in, whom they call, and where they read this: an e-mail has no buttons."""

    portal_url: str
    help_contact: str | None
    by_mail: bool = False
    has_slack: bool = True


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
            paragraph(_steps(place)),
            _buttons(case.id, place),
            paragraph(_not_you(place)),
            note(_NOBODY_ASKS),
        ),
    )


def reminded(view: CaseView, place: Place, *, suspend_on: datetime | None) -> Drawn:
    """Remind the subscriber to set 2FA up, and name the day on which it will be too late."""
    title, case = "Your 2FA is still to be set up", view.case
    then = "your sign-in will be suspended."
    late = f"After {utc(suspend_on)} {then}" if suspend_on else ""
    return Drawn(
        text=inert(f"{title}. Sign in at {place.portal_url}. {late} {_not_you(place)}"),
        blocks=(
            header(title),
            *facts([*_since(view), *moment(suspend_on, "To be done by")]),
            *([paragraph(f"After that {then}")] if suspend_on else []),
            paragraph(_steps(place, first=case.kind is CaseKind.FIRST_SET_UP)),
            _buttons(case.id, place),
            paragraph(_not_you(place)),
        ),
    )


def lapsed(view: CaseView, place: Place, *, at: datetime | None) -> Drawn:
    """Tell the subscriber that their sign-in was suspended, since they did not set 2FA up."""
    title = "Your sign-in is suspended"
    text = (
        "Your 2FA was to be set up, and was not set up in time, so nobody can sign in with your "
        f"password for now. What to do now: {call(place.help_contact)}. Once they know that it is "
        "you, an administrator or owner of your account resets your 2FA anew, and you set it up."
    )
    return Drawn(
        text=inert(f"{title}. {text}"),
        blocks=(
            header(title),
            *facts([*_since(view), *moment(at, "Suspended")]),
            paragraph(text),
            actions(_report(view.case.id)),
            paragraph(_not_you(place)),
        ),
    )


def reinstated(view: NoticeView, place: Place, *, by: str) -> Drawn:
    """Tell the subscriber who lifted the suspension of their sign-in, and how to go on."""
    title = "Your sign-in is no longer suspended"
    case = view.case.case if view.case else None
    then = "your password, and set 2FA up again" if case else "your password, as before"
    text = f"The suspension was lifted by {by}. Sign in at {place.portal_url} with {then}."
    not_you = _not_you(place) if case else f"Not your doing? At once {call(place.help_contact)}."
    return Drawn(
        text=inert(f"{title}. {text} {not_you}"),
        blocks=(
            header(title),
            paragraph(text),
            *facts(moment(view.written_at)),
            *([_buttons(case.id, place)] if case else []),
            paragraph(not_you),
        ),
    )


def _since(view: CaseView) -> list[tuple[str, str | Block]]:
    """Say what the set-up follows, and since when it is to be done."""
    case = view.case
    if case.kind is CaseKind.FIRST_SET_UP:
        pairs: list[tuple[str, str | Block]] = [("Why", "You signed in for the first time")]
    else:
        asked = "Required by" if case.kind is CaseKind.OPERATOR else "Reset by"
        pairs = [(asked, name_of(view.admin))]
    if case.completed_at:
        pairs.append(("When", markup(local(case.completed_at))))
    if view.taken_over_by:
        pairs.append(("Looked after by", tidy(view.taken_over_by.name)))
    return pairs


def set_up_waiting(view: NoticeView, place: Place) -> Drawn:
    """Tell the subscriber that a sign-in waits for a set-up code."""
    title = "A sign-in waits for your set-up code"
    if view.session is None:
        ended = "A sign-in that waited for your set-up code has ended. Sign in again if it was you."
        return Drawn(text=ended, blocks=(paragraph(ended),))
    session = view.session
    where = f"{tidy(session.browser)}, {tidy(session.address)}, {utc(session.created_at)}"
    case = view.case.case if view.case and view.case.case.state not in OPEN_STATES else None
    press = "press “This wasn't me” at once" if case and not place.by_mail else ""
    wrong = (
        f"Not you? Give the code to nobody, {press + ', ' if press else ''}and "
        f"{call(place.help_contact)}: somebody knows your password."
    )
    return Drawn(
        text=inert(f"{title}: {where}. {wrong}"),
        blocks=(
            header(title),
            paragraph("Somebody signed in with your password and wants to set up your 2FA:"),
            *facts(sign_in_facts(session)),
            paragraph(_where_the_code_is(place)),
            actions(
                button(ActionId.SHOW_SET_UP_CODE, "Show the set-up code", value=session.id),
                *([_report(case.id)] if case else []),
            ),
            paragraph(wrong),
            note(_NOBODY_ASKS),
        ),
    )


def handed_over(view: NoticeView, place: Place) -> Drawn:
    """Tell the subscriber that somebody else saw their set-up code, to give it to them."""
    by, session = name_of(view.subject), view.session
    title = f"Your set-up code was shown to {by}"
    case = view.case.case if view.case else None
    not_you = _not_you(place) if case else f"Not your doing? At once {call(place.help_contact)}."
    return Drawn(
        text=inert(f"{title}. {not_you}"),
        blocks=(
            header(title),
            paragraph(
                f"{by} gives it to you, in person or by calling the number on file. Type it into "
                "the page that waits for it, and tell it to nobody."
            ),
            *facts(moment(view.written_at, "Shown")),
            *facts(sign_in_facts(session) if session else []),
            *([actions(_report(case.id))] if case else []),
            paragraph(not_you),
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


def veto_taken(place: Place, *, at: datetime | None) -> Drawn:
    """Tell the subscriber that their report was taken, and what happens now."""
    title = "Your report was taken"
    text = (
        "Your sign-in is suspended, your authenticators no longer work, every session has ended, "
        "and your administrators and owners are told. What to do now: "
        f"{call(place.help_contact)}. Once they know that it is you, somebody who was not part of "
        "this resets your 2FA."
    )
    return plain_notice(title, text, at=at)


_NOBODY_ASKS = (
    "Nobody ever asks you for a code: not your administrator, not the help desk, not Rekey."
)


def _steps(place: Place, *, first: bool = False) -> str:
    older = "" if first else "delete the older entry. Then "
    where = f": {place.portal_url}" if place.by_mail else " with the button below."
    return (
        f"1. Open the sign-in page{where}\n"
        "2. Sign in with your user name and your password.\n"
        f"3. {_how_the_code_comes(place)}\n"
        f"4. In your authenticator app, {older}scan the QR code of the page, or enter its key.\n"
        "5. Type the six digits that the app shows, and press “Confirm code”."
    )


def _how_the_code_comes(place: Place) -> str:
    if place.by_mail and not place.has_slack:
        return f"The page then asks for a set-up code. To get it, {_by_hand(place)}"
    here = "in Slack" if place.by_mail else "here"
    shown = (
        f"Rekey then writes to you {here}. Check that the browser and the time are yours, press "
        "“Show the set-up code”, and type the code into the page."
    )
    return f"{shown} If you cannot open Slack, {_by_hand(place)}" if place.by_mail else shown


def _where_the_code_is(place: Place) -> str:
    if not place.by_mail:
        return "Is it you, at this browser, now? Then show the code and type it there."
    if not place.has_slack:
        return f"Is it you, at this browser, now? To get the code, {_by_hand(place)}"
    return (
        "Is it you, at this browser, now? Then open Slack: Rekey's message there shows you the "
        f"code. If you cannot open Slack, {_by_hand(place)}"
    )


def _by_hand(place: Place) -> str:
    return (
        f"{call(place.help_contact)}: an administrator gives it to you in person, or by calling "
        "the number on file."
    )


def _not_you(place: Place) -> str:
    if not place.by_mail:
        return f"Not your doing? Press “This wasn't me” at once, and {call(place.help_contact)}."
    in_slack = " In Slack, also press “This wasn't me”." if place.has_slack else ""
    return f"Not your doing? At once {call(place.help_contact)}.{in_slack}"


def _buttons(case_id: CaseId, place: Place) -> Block:
    return actions(
        link(ActionId.OPEN_SET_UP, "Open the sign-in page", url=place.portal_url),
        _report(case_id),
    )


def _report(case_id: CaseId) -> Block:
    return button(ActionId.RESET_REPORT, "This wasn't me", value=case_id, style="danger")
