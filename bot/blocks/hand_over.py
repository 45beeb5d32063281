"""Handing a set-up code over: the modal that asks, the modal that shows, and who is told."""

from datetime import datetime

from bot.blocks.elements import (
    Block,
    Drawn,
    View,
    facts,
    field,
    header,
    markup,
    modal,
    note,
    paragraph,
    plain,
    sign_in_facts,
)
from bot.blocks.ids import COMMAND, BlockId, CallbackId
from bot.blocks.modals import Context, own_code_field, proof_field, who
from bot.blocks.picker import HAND_OVER_TITLE
from bot.blocks.wording import call, inert, local, name_of, tidy, utc
from bot.domain.model.cases import CaseKind
from bot.domain.model.people import Contact, Session
from bot.domain.model.reset_form import Named
from bot.domain.model.views import CaseView, NoticeView
from bot.domain.set_up.handing_over import HandedOver, HandOverForm

CODE_TITLE = "A set-up code to give"

_MOST_SIGN_INS = 10
_BROWSER_LENGTH = 75


def hand_over_modal(form: HandOverForm, named: Named) -> View:
    """Show to whom the code goes and for which sign-in, and ask for proof and one's own code."""
    name = tidy(form.subscriber.name)
    only = form.sessions[0] if len(form.sessions) == 1 else None
    return modal(
        HAND_OVER_TITLE,
        [
            paragraph(
                f"You are about to see the set-up code of {name}. Give it to {name} in person, or "
                "call the number on file: never a number that the caller gave you."
            ),
            *facts(who(form.subscriber, form.accounts)),
            *facts(_about_case(form)),
            *(_one_sign_in(only) if only else _several_sign_ins(form.sessions)),
            proof_field(),
            own_code_field("spent on this hand-over alone"),
        ],
        callback=CallbackId.HAND_OVER_VERIFY,
        submit="Show the code",
        metadata=Context(subscriber=named, sign_in=only.id if only else None).dump(),
    )


def _about_case(form: HandOverForm) -> list[tuple[str, str | Block]]:
    """Say why a code is due; of a case of an account that is not shared, only what it is."""
    view = form.case
    pairs: list[tuple[str, str | Block]] = [("Why", _why(view))]
    if view.account.id in {account.id for account in form.accounts}:
        pairs += [
            ("Asked for by", name_of(view.admin, otherwise=_ITSELF[view.case.kind])),
            ("Account", tidy(view.account.name)),
            ("Since", markup(local(view.case.completed_at or view.case.opened_at))),
        ]
    return pairs


def _why(view: CaseView) -> str:
    if view.case.kind is CaseKind.FIRST_SET_UP:
        return "2FA is set up for the first time"
    return "2FA was reset, and is to be set up again"


_ITSELF = {
    CaseKind.RESET: "the operator",
    CaseKind.OPERATOR: "the operator",
    CaseKind.FIRST_SET_UP: "nobody: they signed in",
}


def _one_sign_in(session: Session) -> list[Block]:
    return [
        paragraph("This sign-in waits. Ask them whether it is theirs:"),
        *facts(sign_in_facts(session)),
    ]


def _several_sign_ins(sessions: tuple[Session, ...]) -> list[Block]:
    options = [_sign_in(session) for session in sessions[:_MOST_SIGN_INS]]
    return [
        field(
            BlockId.SIGN_IN,
            "Several sign-ins wait. Which one do they say is theirs?",
            {"type": "radio_buttons", "options": options},
            hint="Somebody else may have signed in with their password. Ask, never tell.",
        )
    ]


def _sign_in(session: Session) -> Block:
    where = f"{tidy(session.address, limit=40)}, {utc(session.created_at)}"
    return {
        "text": plain(tidy(session.browser, limit=_BROWSER_LENGTH)),
        "description": plain(where, limit=_BROWSER_LENGTH),
        "value": session.id,
    }


def code_to_give(handed_over: HandedOver) -> View:
    """Show the set-up code, once, to whoever is to pass it on."""
    subscriber, shown = handed_over.subscriber, handed_over.shown
    name = tidy(subscriber.name)
    number = f": {tidy(subscriber.phone)}" if subscriber.phone else ", if there is one"
    return modal(
        CODE_TITLE,
        [
            paragraph(f"The set-up code of {name}:"),
            header(shown.code),
            paragraph(
                f"Give it to {name} now, in person or by calling the number on file{number}. They "
                "type it into the page that waits. Never send it in a message, and never call a "
                "number that the caller gave you."
            ),
            *facts(
                [*sign_in_facts(shown.session), ("Valid until", markup(local(shown.expires_at)))]
            ),
            note(
                f"It is shown this once, works once, and at no other sign-in. {name} and the "
                "owners are told that you saw it."
            ),
        ],
    )


def handed_over(
    view: CaseView, by: Contact | None, *, at: datetime | None, help_contact: str | None
) -> Drawn:
    """Tell the owners, whose case it is, and the audit channel: who saw a code, for whom, when."""
    name, somebody = tidy(view.subscriber.name), name_of(by)
    title = f"{somebody} saw a set-up code of {name}"
    text = (
        f"With it {name} can set 2FA up at the sign-in that waits; {somebody} gives it to them in "
        f"person or by calling the number on file. If you know of no reason for it, call {name} on "
        f"the number on file, and {call(help_contact)}."
    )
    return Drawn(
        text=inert(f"{title}. {text}"),
        blocks=(
            header(title),
            *facts([("When", markup(local(at)))] if at else []),
            paragraph(text),
            note(f"Case {view.case.id}"),
        ),
    )


def unreachable(view: NoticeView) -> Drawn:
    """Tell whoever can do something about it that somebody who is not in Slack waits for a code."""
    name = name_of(view.subject, otherwise="Somebody")
    session = view.session
    if session is None:
        ended = f"A sign-in of {name} that waited for a set-up code has ended."
        return Drawn(text=inert(ended), blocks=(paragraph(ended),))
    title = f"{name} waits for a set-up code"
    case = view.case.case if view.case else None
    own = case is not None and case.admin_id == view.notice.contact_id
    act = (
        f"If it is, ask another administrator or owner to type {COMMAND} hand-over: you asked for "
        "the reset, so that it takes somebody else."
        if own
        else f"If it is, type {COMMAND} hand-over and choose {name}."
    )
    text = (
        f"Somebody signed in with the password of {name}, who is not in Slack, so that Rekey "
        f"cannot show them the code. Call {name} on the number on file and ask whether it is them. "
        f"{act}"
    )
    return Drawn(
        text=inert(f"{title}. {text}"),
        blocks=(
            header(title),
            *facts([("Signed in", markup(local(session.created_at)))]),
            paragraph(text),
            *([note(f"Case {case.id}")] if case else []),
        ),
    )
