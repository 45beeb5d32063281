"""Asking for one's own reset: the button, the form, and every message about such a request."""

from datetime import datetime

from bot.blocks.case_words import words_of
from bot.blocks.elements import (
    Block,
    Drawn,
    View,
    actions,
    button,
    choice,
    confirmation,
    facts,
    field,
    header,
    markup,
    modal,
    note,
    option,
    paragraph,
)
from bot.blocks.ids import ActionId, BlockId, CallbackId
from bot.blocks.modals import told
from bot.blocks.wording import call, inert, local, name_of, tidy
from bot.domain.model.cases import CaseState
from bot.domain.model.requests import LIVE_STATES, RequestForm, RequestState, RequestView
from bot.domain.model.reset_form import REASON_LENGTH
from bot.domain.model.views import NoticeView

TITLE = "Ask for a reset"
_ASK = "ask"
"""The value of a button that carries no id."""


def request_section(view: RequestView | None) -> list[Block]:
    """Draw the button that asks for one's own reset, or how the request stands that was made."""
    if view is not None:
        return _standing(view)
    return [actions(button(ActionId.REQUEST_ASK, TITLE, value=_ASK))]


def own_request(view: RequestView) -> Drawn:
    """Tell somebody how the request stands that they have made."""
    return Drawn(text=inert(_state(view)), blocks=tuple(_standing(view)))


def request_modal(form: RequestForm) -> View:
    """Ask why, and for which account where there are several; never for a way to call back."""
    options = [option(tidy(account.name, limit=75), account.id) for account in form.accounts]
    menu = choice(options, placeholder="Choose an account")
    several = len(form.accounts) > 1
    return modal(
        TITLE,
        [
            paragraph(
                "Your administrators are told that you ask for a reset of your 2FA, and one of "
                "them takes care of it."
            ),
            paragraph(_PROVES_NOTHING_YET),
            *([field(BlockId.ACCOUNT, "For which account?", menu)] if several else []),
            field(
                BlockId.REASON,
                "Why?",
                {"type": "plain_text_input", "multiline": True, "max_length": REASON_LENGTH},
                hint="Only whoever takes care of it reads this. Never write a code here.",
            ),
        ],
        callback=CallbackId.REQUEST_RESET,
        submit="Ask",
    )


def request_sent(help_contact: str | None) -> View:
    """Say that the request is on its way, and what comes next."""
    return told(
        TITLE,
        [
            "Your request was sent. Rekey writes to you when somebody takes care of it.",
            f"{_PROVES_NOTHING_YET} Is it urgent? You can always {call(help_contact)}.",
        ],
    )


def offered(view: NoticeView) -> Drawn:
    """Offer the request to whoever takes it first; its reason is for them alone."""
    request = _request(view)
    title = f"{tidy(request.subscriber.name)} asks for a reset of their 2FA"
    return Drawn(
        text=inert(f"{title}, for {tidy(request.account.name)}. {_MAKE_SURE}"),
        blocks=(
            header(title),
            *_about(request),
            paragraph(_MAKE_SURE),
            _take(request, "Take it and start the reset"),
            note("For administrators and owners of the account who may reset this person."),
        ),
    )


def changed(view: NoticeView) -> Drawn:
    """Say, in the place of the offer, what has become of the request."""
    request = _request(view)
    name, by = tidy(request.subscriber.name), name_of(request.taken_by, otherwise="nobody")
    words = {
        RequestState.OPEN: f"{name} asks for a reset of their 2FA.",
        RequestState.TAKEN: (
            f"{by} takes care of the reset that {name} asked for. There is nothing left for "
            "anybody else to do."
        ),
        RequestState.CLOSED: (
            f"The reset that {name} asked for is dealt with. It was taken care of by "
            f"{name_of(request.taken_by)}."
        ),
        RequestState.WITHDRAWN: f"{name} has withdrawn the request for a reset of their 2FA.",
        RequestState.EXPIRED: (
            f"The request of {name} for a reset of their 2FA has expired: it led to no reset "
            "within a day."
        ),
    }
    text = words[request.request.state]
    taken = request.request.state is RequestState.TAKEN
    further = [_take(request, "Go on with the reset")] if taken else []
    return Drawn(text=inert(text), blocks=(paragraph(text), *_about(request), *further))


def made(view: NoticeView, *, help_contact: str | None, by_mail: bool) -> Drawn:
    """Tell the requester what was sent in their name, and how to take it back."""
    request = _request(view)
    title = "You asked for a reset of your 2FA"
    text = (
        "Your administrators are told of it, and one of them takes care of it. "
        f"{_PROVES_NOTHING_YET} Was it not you? Withdraw it"
        f"{' in Slack' if by_mail else ''}, and {call(help_contact)}."
    )
    live = request.request.state in LIVE_STATES
    return Drawn(
        text=inert(f"{title}. {text}"),
        blocks=(
            header(title),
            *_about(request, named=False),
            paragraph(text),
            *([_withdraw(request)] if live else []),
        ),
    )


def taken(view: NoticeView, *, help_contact: str | None) -> Drawn:
    """Tell the requester who takes care of their request."""
    request = _request(view)
    title = f"{name_of(request.taken_by)} takes care of your request"
    text = (
        f"They make sure that it is you, and then reset your 2FA. {_NO_CODES} If nothing happens, "
        f"{call(help_contact)}."
    )
    return Drawn(
        text=inert(f"{title}. {text}"),
        blocks=(header(title), *_about(request, named=False), paragraph(text)),
    )


def ended(view: NoticeView, *, help_contact: str | None) -> Drawn:
    """Tell the requester, or whoever had taken the request, how it ended."""
    request = _request(view)
    if view.recipient is not None and view.recipient.id != request.request.subscriber_id:
        name = tidy(request.subscriber.name)
        title = f"{name} has withdrawn the request for a reset"
        text = "A reset that you have begun already goes on. If you do not know why, ask them."
        about = _about(request)
    else:
        title, text = "Your request for a reset has ended", _how_it_ended(view, request)
        text = f"{text} Do you still need it? Ask again, or {call(help_contact)}."
        about = _about(request, named=False)
    return Drawn(text=inert(f"{title}. {text}"), blocks=(header(title), *about, paragraph(text)))


def _how_it_ended(view: NoticeView, request: RequestView) -> str:
    if request.request.state is RequestState.EXPIRED:
        return "It led to no reset within a day. Your 2FA was not reset."
    if view.case is None:
        return "Your 2FA was not reset."
    if view.case.case.state is CaseState.EXPIRED:  # why concerns those who administer alone
        return "The reset ended before anything was done."
    return f"The reset {words_of(view.case).state}."


def _standing(view: RequestView) -> list[Block]:
    return [paragraph(_state(view)), *_about(view, named=False), _withdraw(view)]


def _state(view: RequestView) -> str:
    if view.taken_by is not None:
        return f"You asked for a reset of your 2FA. {tidy(view.taken_by.name)} takes care of it."
    return "You asked for a reset of your 2FA. Nobody has taken it yet."


def _about(view: RequestView, *, named: bool = True) -> list[Block]:
    at: datetime = view.request.opened_at
    whom: list[tuple[str, str | Block]] = [("Who", tidy(view.subscriber.name))] if named else []
    return facts([*whom, ("Account", tidy(view.account.name)), ("Asked", markup(local(at)))])


def _take(view: RequestView, text: str) -> Block:
    return actions(button(ActionId.REQUEST_TAKE, text, value=view.request.id, style="primary"))


def _withdraw(view: RequestView) -> Block:
    question = confirmation(
        "Withdraw your request?",
        "Your administrators are told that you no longer need it.",
        yes="Withdraw it",
        no="Keep it",
    )
    return actions(
        button(
            ActionId.REQUEST_WITHDRAW,
            "Withdraw my request",
            value=view.request.id,
            confirm=question,
        )
    )


def _request(view: NoticeView) -> RequestView:
    if view.request is None:
        raise LookupError(f"a notice of kind {view.notice.kind} needs its request")
    return view.request


WITHDRAWN = "You have withdrawn your request. Your administrators are told."
WARNING = (
    "They asked for this themselves in Slack, which proves nothing: whoever holds their phone or "
    "their Slack could have asked. Make sure that it is them, as of any caller."
)
_MAKE_SURE = (
    "A request proves nothing. Whoever takes it makes sure that it is them, in person, on a video "
    "call, or by calling the number on file, which is shown then."
)
_NO_CODES = "Nobody asks you for a code or a password."
_PROVES_NOTHING_YET = (
    "The request proves nothing by itself: they make sure that it is you, in person, on a video "
    f"call, or by calling the number that they have on file. {_NO_CODES}"
)
