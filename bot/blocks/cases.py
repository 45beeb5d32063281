"""A person's cases, as those who administer the account see them, and what they do about them."""

from collections.abc import Iterator
from datetime import datetime

from bot.blocks.case_words import (
    age,
    asked_by,
    how_lifted,
    in_charge,
    kind_of,
    why_suspended,
    words_of,
)
from bot.blocks.elements import (
    FIELD_LENGTH,
    Block,
    Drawn,
    View,
    actions,
    button,
    confirmation,
    facts,
    header,
    markup,
    modal,
    note,
    paragraph,
    plain,
)
from bot.blocks.ids import IN_STATUS, ActionId
from bot.blocks.layout import about_case, moment
from bot.blocks.modals import on_file
from bot.blocks.story import sentence
from bot.blocks.wording import PROOFS, inert, local, tidy
from bot.domain.model.cases import Case, CaseState
from bot.domain.model.notices import Channel
from bot.domain.model.people import Suspension
from bot.domain.model.views import (
    CaseAct,
    CaseList,
    CaseStatus,
    CaseStory,
    NoticeView,
    PersonStatus,
)

_NAME_LENGTH = 100
_MOST_UNDELIVERED = 5
_ERROR_LENGTH = 80

_BUTTONS = {
    CaseAct.REMIND: (ActionId.CASE_REMIND, "Remind them"),
    CaseAct.TAKE_OVER: (ActionId.CASE_TAKE_OVER, "Take over"),
    CaseAct.CANCEL: (ActionId.CASE_CANCEL, "Cancel the case"),
    CaseAct.DETAILS: (ActionId.CASE_DETAILS, "Details"),
}


def person_status(status: PersonStatus) -> Drawn:
    """Show how a person's cases stand, each with what may be done about it."""
    name = _name(status)
    title = f"2FA cases of {name}"
    return Drawn(
        text=inert(f"{title}. {_in_short(status)}"),
        blocks=(header(title), *_standing(status), *_cases(status)),
    )


def pending_cases(listed: CaseList) -> Drawn:
    """Show what waits in the accounts that somebody administers."""
    nothing = "No case waits in the accounts that you administer."
    return case_list("Cases that wait in your accounts", listed, otherwise=nothing)


def own_cases(listed: CaseList) -> Drawn:
    """Show what waits and is somebody's own to look after."""
    nothing = "No case that is yours to look after waits."
    return case_list("Cases that you look after", listed, otherwise=nothing)


def case_list(title: str, listed: CaseList, *, otherwise: str) -> Drawn:
    """Show cases of several people, in their order; `otherwise` is said where there is none."""
    if not listed.cases:
        none = _UNSEEN if listed.more and not listed.total else otherwise
        return Drawn(text=inert(none), blocks=(paragraph(none),))
    lines = [f"{_whose(case)} {words_of(case.view).state}." for case in listed.cases]
    shown = [block for case in listed.cases for block in _listed(case, now=listed.as_of)]
    rest = [note(_rest(listed))] if listed.more else []
    return Drawn(text=inert(f"{title}. {' '.join(lines)}"), blocks=(header(title), *shown, *rest))


def _rest(listed: CaseList) -> str:
    total = f"at least {listed.total}" if listed.at_least else f"{listed.total}"
    return f"{len(listed.cases)} of {total} shown. {_ELSEWHERE}"


def act_done(view: NoticeView) -> Drawn:
    """Say what was done, and how that person's cases stand now."""
    if view.case is None:
        raise LookupError("an act about a case needs its case")
    name = tidy(view.case.subscriber.name, limit=_NAME_LENGTH)
    told = "" if view.recipient == view.case.admin else f", and {asked_by(view.case)} is told"
    done = _DONE.get(view.notice.facts.get("act"), "It is done.").format(name=name, told=told)
    if view.status is None:
        return Drawn(text=inert(done), blocks=(paragraph(done),))
    shown = person_status(view.status)
    return Drawn(text=inert(done), blocks=(paragraph(done), *shown.blocks))


def taken_over(view: NoticeView) -> Drawn:
    """Tell whoever had a case, and whoever has it now, that it has changed hands."""
    if view.case is None or view.subject is None:
        raise LookupError("a case that is taken over has somebody who took it")
    name = tidy(view.case.subscriber.name, limit=_NAME_LENGTH)
    if view.recipient == view.subject:
        title = f"You look after the case of {name} now"
        following = words_of(view.case).following
        text = f"What is heard of it comes to you from now on. What to do next: {following}."
    else:
        by = tidy(view.subject.name, limit=_NAME_LENGTH)
        title = f"{by} looks after the case of {name} now"
        text = (
            "What is heard of it goes to them from now on, and nothing is left for you to do. If "
            "you know of no reason for it, ask them."
        )
    pairs = [("Asked for by", asked_by(view.case)), *moment(view.written_at, "Taken over")]
    return about_case(view.case, title, text, pairs, to=view.recipient)


def case_details(story: CaseStory) -> View:
    """Show what is kept of a case, and its story from the audit log, oldest first."""
    view = story.view
    case = view.case
    pairs: list[tuple[str, str | Block]] = [
        ("Whose 2FA", tidy(view.subscriber.name, limit=_NAME_LENGTH)),
        ("Account", tidy(view.account.name)),
        ("Asked for by", asked_by(view)),
        ("Looked after by", in_charge(view)),
    ]
    given = (("Proven", PROOFS[case.proof] if case.proof else None), ("Why", case.reason))
    pairs += [(label, tidy(text)) for label, text in (*given, ("Ticket", case.ticket)) if text]
    earlier = [note(f"{story.earlier} earlier records are not shown.")] if story.earlier else []
    records = [
        {
            "type": "context",
            "elements": [
                markup(local(record.at)),
                plain(sentence(record, story.names), limit=_SENTENCE_LENGTH),
            ],
        }
        for record in story.records
    ]
    title = f"{kind_of(view)} {words_of(view).state}."
    return modal(
        "Case details",
        [paragraph(title), *facts(pairs), *earlier, *records, note(f"Case {case.id}")],
    )


def case_lines(status: CaseStatus, *, now: datetime) -> list[tuple[str, str | Block]]:
    """Say since when, who asked, who looks after it, what is missing and what to do next."""
    view = status.view
    words, opened = words_of(view), view.case.opened_at
    return [
        ("Opened", markup(f"{age(opened, now=now)}, {local(opened)}{_answer(view.case)}")),
        ("Asked for by", asked_by(view)),
        ("Looked after by", in_charge(view)),
        ("What is missing", words.missing),
        ("What to do next", words.following),
    ]


def _answer(case: Case) -> str:
    """Say until when an answer is awaited, or since when it is being carried out."""
    if case.state is CaseState.AWAITING_CONFIRMATION and case.confirm_by:
        return f"; to be answered by {local(case.confirm_by)}"
    if case.state is CaseState.EXECUTING and case.decided_at:
        return f"; answered {local(case.decided_at)}"
    return ""


def case_actions(status: CaseStatus, *, block_id: str) -> Block:
    """Draw a button for everything that may be done about the case."""
    return actions(*(_button(act, status) for act in status.acts)) | {"block_id": block_id}


def _button(act: CaseAct, status: CaseStatus) -> Block:
    action, text = _BUTTONS[act]
    case_id = status.view.case.id
    if act is not CaseAct.CANCEL:
        return button(action, text, value=case_id)
    name = tidy(status.view.subscriber.name, limit=_NAME_LENGTH)
    question = confirmation(
        "Cancel this case?",
        f"The 2FA of {name} is then not reset, and {asked_by(status.view)} is told that you "
        "cancelled.",
        yes="Cancel the case",
        no="Keep it",
    )
    return button(action, text, value=case_id, style="danger", confirm=question)


def _name(status: PersonStatus) -> str:
    return tidy(status.subscriber.name, limit=_NAME_LENGTH)


def _in_short(status: PersonStatus) -> str:
    suspended = ["The sign-in is suspended."] if status.suspensions else []
    cases = [f"{kind_of(c.view)} {words_of(c.view).state}." for c in status.cases]
    return " ".join([*suspended, *cases]) or _NO_CASE


def _standing(status: PersonStatus) -> list[Block]:
    accounts = ", ".join(tidy(account.name, limit=_NAME_LENGTH) for account in status.accounts)
    pairs: list[tuple[str, str | Block]] = [
        ("In your accounts", tidy(accounts)),
        *on_file(status.subscriber),
    ]
    resets = [local(at) for at in status.last_resets]
    pairs.append(("Last resets", markup(", ".join(resets)) if resets else "none"))
    suspended = [block for each in status.suspensions for block in _suspended(each)]
    return [*facts(pairs), *suspended]


def _suspended(suspension: Suspension) -> list[Block]:
    return facts(
        [
            ("Sign-in suspended", markup(local(suspension.suspended_at))),
            ("Because", why_suspended(suspension.cause)),
            ("Lifted by", how_lifted(suspension.cause)),
        ]
    )


def _cases(status: PersonStatus) -> Iterator[Block]:
    if not status.cases:
        yield paragraph(_NO_CASE)
    for case in status.cases:
        account = tidy(case.view.account.name, limit=_NAME_LENGTH)
        title = f"{kind_of(case.view)} for {account} {words_of(case.view).state}."
        yield from _case(case, title, now=status.as_of, block_id=f"{IN_STATUS}{case.view.case.id}")
    if status.older:
        yield note(f"{_counted(status.older, 'older case')} not shown.")


def _listed(case: CaseStatus, *, now: datetime) -> Iterator[Block]:
    title = f"{_whose(case)} {words_of(case.view).state}."
    return _case(case, title, now=now, block_id=f"list:{case.view.case.id}")


def _whose(case: CaseStatus) -> str:
    name = tidy(case.view.subscriber.name, limit=_NAME_LENGTH)
    account = tidy(case.view.account.name, limit=_NAME_LENGTH)
    return f"{name} ({account}): {kind_of(case.view).lower()}"


def _case(case: CaseStatus, title: str, *, now: datetime, block_id: str) -> Iterator[Block]:
    yield paragraph(title)
    yield from facts(case_lines(case, now=now))
    if case.undelivered:
        yield _undelivered(case)
    yield case_actions(case, block_id=block_id)


def _undelivered(case: CaseStatus) -> Block:
    fields: list[Block] = []
    for missed in case.undelivered[:_MOST_UNDELIVERED]:
        message = missed.message
        name = tidy(missed.recipient.name, limit=_NAME_LENGTH)
        way = "by e-mail" if message.notice.channel is Channel.EMAIL else "in Slack"
        error = tidy(message.error or "unknown", limit=_ERROR_LENGTH)
        again = "given up" if message.failed_at else "it is tried again"
        fields.append(plain(f"• to {name}, {way}; {error}, {again}", limit=FIELD_LENGTH))
        fields.append(markup(f"written {local(message.created_at)}"))
    rest = len(case.undelivered) - _MOST_UNDELIVERED
    more = f" {rest} more are not shown." if rest > 0 else ""
    text = f"Messages that did not arrive; tell these people yourself.{more}"
    return {"type": "section", "text": plain(text), "fields": fields}


def _counted(count: int, what: str) -> str:
    return f"{count} {what} is" if count == 1 else f"{count} {what}s are"


_SENTENCE_LENGTH = 600
_NO_CASE = "There is no case in the accounts that you administer. Nothing waits."
_ELSEWHERE = (
    "“/reset-2fa status @person” shows those of one person, and “rekey status”, for the operator, "
    "all of them."
)
_UNSEEN = (
    "More cases wait than Rekey looks through at once, and among the first there is none of "
    f"anybody whom you may reset. {_ELSEWHERE}"
)
_DONE: dict[str | None, str] = {
    CaseAct.REMIND: "{name} was reminded to set 2FA up.",
    CaseAct.TAKE_OVER: "You look after the case of {name} now: what is heard of it comes to you.",
    CaseAct.CANCEL: "You cancelled the case{told}. The 2FA of {name} was not reset.",
}
