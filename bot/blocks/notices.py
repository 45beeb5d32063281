"""Every message: one drawing for each kind of notice, in one table."""

from collections.abc import Callable
from datetime import datetime

from bot.blocks import (
    alerts,
    cases,
    confirm,
    hand_over,
    operators,
    requests,
    subscribers,
    suspensions,
)
from bot.blocks.elements import Block, Drawn, paragraph
from bot.blocks.ids import COMMAND
from bot.blocks.layout import about_case, perhaps_again, plain_notice
from bot.blocks.subscribers import Place
from bot.blocks.wording import PROOFS, call, inert, instant, name_of, person, tidy
from bot.domain.model.cases import CaseKind
from bot.domain.model.notices import Channel, NoticeKind
from bot.domain.model.views import CaseView, NoticeView


def draw(view: NoticeView, *, portal_url: str, help_contact: str | None) -> Drawn:
    """Draw the message; `portal_url` is the sign-in page, `help_contact` whom people call.

    One that leaves by e-mail has words of its own where a button would be pressed; one that may
    have left before says so. Raises `LookupError` for a notice that lacks the case it is about.
    """
    place = Place(
        portal_url=portal_url,
        help_contact=help_contact,
        by_mail=view.notice.channel is Channel.EMAIL,
        has_slack=view.recipient is not None and view.recipient.slack is not None,
    )
    drawn = _DRAWINGS[view.notice.kind](view, place)
    return perhaps_again(drawn, view) if view.in_doubt else drawn


def _reply(view: NoticeView, _place: Place) -> Drawn:
    text = tidy(view.notice.facts["text"], limit=2000)
    return Drawn(text=inert(text), blocks=(paragraph(text),))


def _confirm_asked(view: NoticeView, _place: Place) -> Drawn:
    return confirm.confirm_block(_case(view))


def _outcome(view: NoticeView, _place: Place) -> Drawn:
    return confirm.outcome(_case(view), by=view.subject)


def _subscriber_reset(view: NoticeView, place: Place) -> Drawn:
    return subscribers.reset(_case(view), place)


def _subscriber_reminded(view: NoticeView, place: Place) -> Drawn:
    return subscribers.reminded(_case(view), place, suspend_on=_suspend_on(view))


def _veto_taken(view: NoticeView, place: Place) -> Drawn:
    return subscribers.veto_taken(place, at=view.written_at)


def _owner_reset(view: NoticeView, place: Place) -> Drawn:
    case = _case(view)
    name = tidy(case.subscriber.name)
    proof = case.case.proof
    pairs: list[tuple[str, str | Block]] = [("Proven", PROOFS[proof])] if proof else []
    return about_case(
        case,
        f"The 2FA of {name} was reset by {name_of(case.admin)}",
        f"If you know of no reason for it, ask {name_of(case.admin)}, call {name} on the number on "
        f"file, and {call(place.help_contact)}.",
        pairs if view.recipient else (),  # a channel hears no more than it has to
        to=view.recipient,
    )


def _handed_over(view: NoticeView, place: Place) -> Drawn:
    return hand_over.handed_over(
        _case(view), view.subject, at=view.written_at, help_contact=place.help_contact
    )


def _set_up_unreachable(view: NoticeView, _place: Place) -> Drawn:
    return hand_over.unreachable(view)


def _admin_enrolled(view: NoticeView, _place: Place) -> Drawn:
    case = _case(view)
    again = "" if case.case.kind is CaseKind.FIRST_SET_UP else " again"
    return about_case(
        case,
        f"{tidy(case.subscriber.name)} has set 2FA up{again}",
        "The case is closed. There is nothing left for you to do.",
        to=view.recipient,
    )


def _admin_digest(view: NoticeView, _place: Place) -> Drawn:
    return suspensions.digest(view)


def _owner_reminded(view: NoticeView, _place: Place) -> Drawn:
    return suspensions.owner_reminded(view, _case(view), _suspend_on(view))


def _lapsed(view: NoticeView, _place: Place) -> Drawn:
    return suspensions.lapsed(view, _case(view))


def _spared(view: NoticeView, _place: Place) -> Drawn:
    return suspensions.spared(view, _case(view))


def _subscriber_lapsed(view: NoticeView, place: Place) -> Drawn:
    return subscribers.lapsed(_case(view), place, at=view.written_at)


def _veto_reported(view: NoticeView, _place: Place) -> Drawn:
    return suspensions.veto_reported(view, _case(view))


def _reinstated(view: NoticeView, place: Place) -> Drawn:
    if view.subject is None or view.subject == view.recipient:
        return subscribers.reinstated(view, place, by=suspensions.lifted_by(view))
    return suspensions.reinstated(view)


def _suspend_on(view: NoticeView) -> datetime | None:
    return instant(view.notice.facts.get("suspend_on"))


def _identity_bound(view: NoticeView, place: Place) -> Drawn:
    contact = view.subject or view.recipient
    whom = f" to {person(contact)}" if contact else ""
    question = f"Are you not {tidy(contact.name)}?" if contact else "Is that not you?"
    this, here, come = ("a", "there", "go") if place.by_mail else ("this", "here", "come")
    return plain_notice(
        f"Rekey knows you by {'your' if place.by_mail else 'this'} Slack account",
        f"The operator has bound {this} Slack account{whom}. Messages about the 2FA of that "
        f"sign-in {come} {here}, with your set-up codes. {question} Then "
        f"{call(place.help_contact)} at once.",
        at=view.written_at,
    )


def _undeliverable(view: NoticeView, _place: Place) -> Drawn:
    given = view.notice.facts
    recipient = person(view.subject) if view.subject else tidy(given.get("recipient", "somebody"))
    error = tidy(given.get("error", "unknown"))
    title = "A message could not be delivered"
    kind = _kind(given.get("kind"))
    advice = _tell_them(kind) if view.subject else ""
    way = "by e-mail" if given.get("channel") == Channel.EMAIL else "in Slack"
    text = f"Rekey could not write to {recipient} {way}. The answer: {error}. {advice}".strip()
    about = f" about the reset of {tidy(view.case.subscriber.name)}" if view.case else ""
    said = f"{text} The message was{about}: {_WHAT[kind]}."
    return plain_notice(title, said, at=view.written_at)


def _tell_them(kind: NoticeKind | None) -> str:
    if kind is NoticeKind.SET_UP_WAITING:
        return f"An administrator can give them the set-up code, by {COMMAND} hand-over."
    return "Tell them yourself, in person or by the number on file."


def _case_taken_over(view: NoticeView, _place: Place) -> Drawn:
    return cases.taken_over(view)


def _case_act_done(view: NoticeView, _place: Place) -> Drawn:
    return cases.act_done(view)


def _request_offered(view: NoticeView, _place: Place) -> Drawn:
    return requests.offered(view)


def _request_changed(view: NoticeView, _place: Place) -> Drawn:
    return requests.changed(view)


def _request_made(view: NoticeView, place: Place) -> Drawn:
    return requests.made(view, help_contact=place.help_contact, by_mail=place.by_mail)


def _request_taken(view: NoticeView, place: Place) -> Drawn:
    return requests.taken(view, help_contact=place.help_contact)


def _request_ended(view: NoticeView, place: Place) -> Drawn:
    return requests.ended(view, help_contact=place.help_contact)


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
    NoticeKind.SET_UP_UNREACHABLE: "that somebody who is not in Slack waits for a set-up code",
    NoticeKind.HANDED_OVER: "that somebody saw a set-up code",
    NoticeKind.SUBSCRIBER_HANDED_OVER: "that somebody saw their set-up code",
    NoticeKind.SUBSCRIBER_ENROLLED: "that an authenticator was added",
    NoticeKind.ADMIN_ENROLLED: "that 2FA was set up again",
    NoticeKind.SUBSCRIBER_REMINDED: "that 2FA is still to be set up",
    NoticeKind.ADMIN_DIGEST: "which resets wait for a set-up",
    NoticeKind.OWNER_REMINDED: "that 2FA was not set up again",
    NoticeKind.VETO_REPORTED: "that “This wasn't me” was reported",
    NoticeKind.VETO_TAKEN: "that the report was taken",
    NoticeKind.REINSTATED: "that the suspension was lifted",
    NoticeKind.SUBSCRIBER_LAPSED: "that their sign-in is suspended",
    NoticeKind.LAPSED: "that a sign-in is suspended, since 2FA was not set up",
    NoticeKind.SPARED: "that an account's last owner has not set 2FA up",
    NoticeKind.OPERATOR_ACTED: "that the operator acted",
    NoticeKind.IDENTITY_BOUND: "that a Slack account was bound",
    NoticeKind.IDENTITY_REPLACED: "that a Slack account was replaced",
    NoticeKind.ALERT: "a warning of a possible attack",
    NoticeKind.AUDIT_HEAD: "the head of the audit chain",
    NoticeKind.UNDELIVERABLE: "that a message could not be delivered",
    NoticeKind.CASE_TAKEN_OVER: "that a case has changed hands",
    NoticeKind.CASE_ACT_DONE: "that what they asked for was done",
    NoticeKind.REQUEST_OFFERED: "that somebody asks for a reset",
    NoticeKind.REQUEST_CHANGED: "what became of a request for a reset",
    NoticeKind.REQUEST_MADE: "that their request for a reset was sent",
    NoticeKind.REQUEST_TAKEN: "who takes care of their request for a reset",
    NoticeKind.REQUEST_ENDED: "how a request for a reset ended",
}


def _case(view: NoticeView) -> CaseView:
    if view.case is None:
        raise LookupError(f"a notice of kind {view.notice.kind} needs its case")
    return view.case


_DRAWINGS: dict[NoticeKind, Callable[[NoticeView, Place], Drawn]] = {
    NoticeKind.REPLY: _reply,
    NoticeKind.CONFIRM_ASKED: _confirm_asked,
    NoticeKind.OUTCOME: _outcome,
    NoticeKind.SUBSCRIBER_RESET: _subscriber_reset,
    NoticeKind.OWNER_RESET: _owner_reset,
    NoticeKind.SET_UP_WAITING: subscribers.set_up_waiting,
    NoticeKind.SET_UP_UNREACHABLE: _set_up_unreachable,
    NoticeKind.HANDED_OVER: _handed_over,
    NoticeKind.SUBSCRIBER_HANDED_OVER: subscribers.handed_over,
    NoticeKind.SUBSCRIBER_ENROLLED: subscribers.enrolled,
    NoticeKind.ADMIN_ENROLLED: _admin_enrolled,
    NoticeKind.SUBSCRIBER_REMINDED: _subscriber_reminded,
    NoticeKind.ADMIN_DIGEST: _admin_digest,
    NoticeKind.OWNER_REMINDED: _owner_reminded,
    NoticeKind.VETO_REPORTED: _veto_reported,
    NoticeKind.VETO_TAKEN: _veto_taken,
    NoticeKind.REINSTATED: _reinstated,
    NoticeKind.SUBSCRIBER_LAPSED: _subscriber_lapsed,
    NoticeKind.LAPSED: _lapsed,
    NoticeKind.SPARED: _spared,
    NoticeKind.OPERATOR_ACTED: operators.acted,
    NoticeKind.IDENTITY_REPLACED: operators.identity_replaced,
    NoticeKind.IDENTITY_BOUND: _identity_bound,
    NoticeKind.ALERT: alerts.alert,
    NoticeKind.AUDIT_HEAD: alerts.audit_head,
    NoticeKind.UNDELIVERABLE: _undeliverable,
    NoticeKind.CASE_TAKEN_OVER: _case_taken_over,
    NoticeKind.CASE_ACT_DONE: _case_act_done,
    NoticeKind.REQUEST_OFFERED: _request_offered,
    NoticeKind.REQUEST_CHANGED: _request_changed,
    NoticeKind.REQUEST_MADE: _request_made,
    NoticeKind.REQUEST_TAKEN: _request_taken,
    NoticeKind.REQUEST_ENDED: _request_ended,
}
