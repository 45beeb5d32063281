"""Every message: one drawing for each kind of notice, in one table."""

from collections.abc import Callable

from bot.blocks import confirm, operators, subscribers
from bot.blocks.elements import Block, Drawn, facts, header, markup, note, paragraph
from bot.blocks.ids import COMMAND
from bot.blocks.subscribers import Place
from bot.blocks.wording import PROOFS, call, inert, local, name_of, person, tidy, utc
from bot.domain.notices import CaseView, Channel, NoticeKind, NoticeView

_MOST_STALE = 20
_STALE_NAME_LENGTH = 100


def draw(view: NoticeView, *, portal_url: str, help_contact: str | None) -> Drawn:
    """Draw the message; `portal_url` is the sign-in page, `help_contact` whom people call.

    One that leaves by e-mail has words of its own where a button would be pressed. Raises
    `LookupError` for a notice that lacks the case it is about.
    """
    place = Place(
        portal_url=portal_url,
        help_contact=help_contact,
        by_mail=view.notice.channel is Channel.EMAIL,
        has_slack=view.recipient is not None and view.recipient.slack is not None,
    )
    return _DRAWINGS[view.notice.kind](view, place)


def _reply(view: NoticeView, _place: Place) -> Drawn:
    text = tidy(view.notice.facts["text"], limit=2000)
    return Drawn(text=inert(text), blocks=(paragraph(text),))


def _confirm_asked(view: NoticeView, _place: Place) -> Drawn:
    return confirm.confirm_block(_case(view))


def _outcome(view: NoticeView, _place: Place) -> Drawn:
    return confirm.outcome(_case(view))


def _subscriber_reset(view: NoticeView, place: Place) -> Drawn:
    return subscribers.reset(_case(view), place)


def _subscriber_reminded(view: NoticeView, place: Place) -> Drawn:
    return subscribers.reminded(_case(view), place)


def _veto_taken(_view: NoticeView, place: Place) -> Drawn:
    return subscribers.veto_taken(place)


def _owner_reset(view: NoticeView, _place: Place) -> Drawn:
    case = _case(view)
    proof = case.case.proof
    pairs: list[tuple[str, str | Block]] = [("Proven", PROOFS[proof])] if proof else []
    return _about_case(
        case,
        f"The 2FA of {tidy(case.subscriber.name)} was reset by {name_of(case.admin)}",
        "If you know of no reason for it, ask them, and call your help desk.",
        pairs if view.recipient else [],  # a channel hears no more than it has to
    )


def _admin_enrolled(view: NoticeView, _place: Place) -> Drawn:
    case = _case(view)
    return _about_case(
        case,
        f"{tidy(case.subscriber.name)} has set 2FA up again",
        "The case is closed. There is nothing left for you to do.",
    )


def _admin_digest(view: NoticeView, _place: Place) -> Drawn:
    count = len(view.stale)
    title = f"{count} of your resets {'waits' if count == 1 else 'wait'} for a set-up"
    rest = count - _MOST_STALE
    lines = [_stale_line(case) for case in view.stale[:_MOST_STALE]]
    more = [f"… and {rest} more"] if rest > 0 else []
    advice = "Ask them whether they need help. A link is in their messages from Rekey."
    return Drawn(
        text=inert(f"{title}. {advice}"),
        blocks=(header(title), paragraph("\n".join([*lines, *more])), paragraph(advice)),
    )


def _stale_line(view: CaseView) -> str:
    since = f", reset on {utc(view.case.completed_at)}" if view.case.completed_at else ""
    return f"• {tidy(view.subscriber.name, limit=_STALE_NAME_LENGTH)}{since}"


def _owner_reminded(view: NoticeView, _place: Place) -> Drawn:
    case = _case(view)
    return _about_case(
        case,
        f"{tidy(case.subscriber.name)} has not set 2FA up again",
        f"The last reminder was sent. Ask {tidy(case.subscriber.name)} whether they need help, or "
        f"whether the reset by {name_of(case.admin)} was theirs at all.",
    )


def _veto_reported(view: NoticeView, _place: Place) -> Drawn:
    case = _case(view)
    name = tidy(case.subscriber.name)
    other = f" other than {name_of(case.admin)}" if case.admin else ""
    return _about_case(
        case,
        f"{name} reported: “This wasn't me”",
        f"The sign-in of {name} is suspended, every authenticator was invalidated, and every "
        f"session was ended. What to do next: call {name} on the number on file. Once you know "
        f"that it is them, an administrator or owner{other} lifts the suspension by a new "
        f"{COMMAND}; so can the operator. Find out who was behind this.",
    )


def _reinstated(view: NoticeView, place: Place) -> Drawn:
    by = tidy(view.notice.facts.get("by", "the operator"))
    subject = view.subject or (view.case.subscriber if view.case else None)
    if subject is None or subject == view.recipient:
        title = "Your sign-in is no longer suspended"
        text = (
            f"The suspension was lifted by: {by}. Sign in at {place.portal_url} with your password "
            "and set 2FA up again."
        )
    else:
        title = f"The sign-in of {tidy(subject.name)} is no longer suspended"
        text = f"The suspension was lifted by: {by}. If you know of no reason for it, ask them."
    return _plain_notice(title, text)


def _identity_bound(view: NoticeView, place: Place) -> Drawn:
    contact = view.subject or view.recipient
    whom = f" of {person(contact)}" if contact else ""
    return _plain_notice(
        "A Slack account was bound to a contact",
        f"The operator bound a Slack account to the contact{whom}. From now on Rekey writes there, "
        f"and takes it for that person. If that is wrong, {call(place.help_contact)}.",
    )


def _undeliverable(view: NoticeView, _place: Place) -> Drawn:
    given = view.notice.facts
    recipient = person(view.subject) if view.subject else tidy(given.get("recipient", "somebody"))
    error = tidy(given.get("error", "unknown"))
    title = "A message could not be delivered"
    advice = "Tell them yourself, in person or by the number on file." if view.subject else ""
    way = "by e-mail" if given.get("channel") == Channel.EMAIL else "in Slack"
    text = f"Rekey could not write to {recipient} {way}. The answer: {error}. {advice}".strip()
    about = f" about the reset of {tidy(view.case.subscriber.name)}" if view.case else ""
    return _plain_notice(
        title, f"{text} The message was{about}: {_WHAT[_kind(given.get('kind'))]}."
    )


def _kind(name: str | None) -> NoticeKind | None:
    return NoticeKind(name) if name in set(NoticeKind) else None


_WHAT: dict[NoticeKind | None, str] = {
    None: "a notice",
    NoticeKind.REPLY: "an answer",
    NoticeKind.CONFIRM_ASKED: "the question Yes or No",
    NoticeKind.OUTCOME: "the outcome",
    NoticeKind.SUBSCRIBER_RESET: "that 2FA was reset, and how to set it up again",
    NoticeKind.OWNER_RESET: "that 2FA was reset",
    NoticeKind.SET_UP_WAITING: "that a sign-in waits for a set-up code",
    NoticeKind.SUBSCRIBER_ENROLLED: "that an authenticator was added",
    NoticeKind.ADMIN_ENROLLED: "that 2FA was set up again",
    NoticeKind.SUBSCRIBER_REMINDED: "that 2FA is still to be set up",
    NoticeKind.ADMIN_DIGEST: "which resets wait for a set-up",
    NoticeKind.OWNER_REMINDED: "that 2FA was not set up again",
    NoticeKind.VETO_REPORTED: "that “This wasn't me” was reported",
    NoticeKind.VETO_TAKEN: "that the report was taken",
    NoticeKind.REINSTATED: "that the suspension was lifted",
    NoticeKind.OPERATOR_ACTED: "that the operator acted",
    NoticeKind.IDENTITY_BOUND: "that a Slack account was bound",
    NoticeKind.IDENTITY_REPLACED: "that a Slack account was replaced",
    NoticeKind.UNDELIVERABLE: "that a message could not be delivered",
}


def _case(view: NoticeView) -> CaseView:
    if view.case is None:
        raise LookupError(f"a notice of kind {view.notice.kind} needs its case")
    return view.case


def _about_case(
    view: CaseView, title: str, text: str, more: list[tuple[str, str | Block]] | None = None
) -> Drawn:
    pairs: list[tuple[str, str | Block]] = [("Account", tidy(view.account.name))]
    if view.case.completed_at:
        pairs.append(("Reset", markup(local(view.case.completed_at))))
    return Drawn(
        text=inert(f"{title}. {text}"),
        blocks=(
            header(title),
            *facts([*pairs, *(more or [])]),
            paragraph(text),
            note(f"Case {view.case.id}"),
        ),
    )


def _plain_notice(title: str, text: str) -> Drawn:
    return Drawn(text=inert(f"{title}. {text}"), blocks=(header(title), paragraph(text)))


_DRAWINGS: dict[NoticeKind, Callable[[NoticeView, Place], Drawn]] = {
    NoticeKind.REPLY: _reply,
    NoticeKind.CONFIRM_ASKED: _confirm_asked,
    NoticeKind.OUTCOME: _outcome,
    NoticeKind.SUBSCRIBER_RESET: _subscriber_reset,
    NoticeKind.OWNER_RESET: _owner_reset,
    NoticeKind.SET_UP_WAITING: subscribers.set_up_waiting,
    NoticeKind.SUBSCRIBER_ENROLLED: subscribers.enrolled,
    NoticeKind.ADMIN_ENROLLED: _admin_enrolled,
    NoticeKind.SUBSCRIBER_REMINDED: _subscriber_reminded,
    NoticeKind.ADMIN_DIGEST: _admin_digest,
    NoticeKind.OWNER_REMINDED: _owner_reminded,
    NoticeKind.VETO_REPORTED: _veto_reported,
    NoticeKind.VETO_TAKEN: _veto_taken,
    NoticeKind.REINSTATED: _reinstated,
    NoticeKind.OPERATOR_ACTED: operators.acted,
    NoticeKind.IDENTITY_REPLACED: operators.identity_replaced,
    NoticeKind.IDENTITY_BOUND: _identity_bound,
    NoticeKind.UNDELIVERABLE: _undeliverable,
}
