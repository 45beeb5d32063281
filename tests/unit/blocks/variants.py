"""What the bot draws, in each way that it can read: the table behind `docs/reference/views.md`.

Ordinary messages, one of each kind, stand in docs/reference/messages.md already, and refusals in
docs/reference/refusals.md. Here stands the rest: the views, and what else a message may say.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.blocks import cases, hand_over, modals, picker, requests
from bot.blocks.elements import Block, Drawn, View
from bot.blocks.endings import ended_text
from bot.blocks.home import home, turned_away
from bot.blocks.notices import draw
from bot.blocks.own_status import own_status
from bot.blocks.story import particulars, sentence
from bot.domain.desk.home_view import Desk, HomeState, HomeView, Row
from bot.domain.model.audit import AuditEvent, AuditRecord, seal
from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.errors import (
    GuestRefused,
    NoAuthenticator,
    WorkspaceUnavailableError,
)
from bot.domain.model.ids import AccountId, CaseId, ContactId, SessionId
from bot.domain.model.notices import Channel, NoticeKind
from bot.domain.model.people import SuspensionCause
from bot.domain.model.requests import LIVE_STATES, RequestForm, RequestState
from bot.domain.model.reset_form import Named
from bot.domain.model.views import (
    CaseList,
    CaseStory,
    CaseView,
    ContactEntry,
    NoticeView,
    OwnStatus,
)
from bot.domain.set_up.handing_over import HandedOver, HandOverForm
from bot.domain.set_up.set_up_codes import ShownCode
from bot.mail.rendering import as_mail
from tests.fakes import NOON
from tests.unit.blocks import samples
from tests.unit.blocks.samples import ALICE, BOB, HELP_CONTACT, PORTAL_URL

ALAN = samples.contact("Alan Ames", key="alan", user="U0ALAN")
ACME = BOB.memberships[0].account
GLOBEX = replace(ACME, id=AccountId("globex"), name="Globex Inc")
LATER = NOON + timedelta(minutes=10)
NAMED = Named(slack_user="U0BOB")
WITHOUT_SLACK = replace(BOB, slack=None)
CONTEXT = modals.Context(
    subscriber=NAMED, response_url="https://hooks.slack.example/1", reason="Lost his phone"
)
TO_SUBSCRIBERS = [
    NoticeKind.SUBSCRIBER_RESET,
    NoticeKind.SET_UP_WAITING,
    NoticeKind.SUBSCRIBER_ENROLLED,
    NoticeKind.SUBSCRIBER_REMINDED,
    NoticeKind.SUBSCRIBER_HANDED_OVER,
    NoticeKind.SUBSCRIBER_LAPSED,
    NoticeKind.REINSTATED,
    NoticeKind.VETO_TAKEN,
    NoticeKind.OPERATOR_ACTED,
    NoticeKind.IDENTITY_BOUND,
    NoticeKind.IDENTITY_REPLACED,
]
_DATE = re.compile(r"<!date\^[^|>]*\|([^>]*)>")


# -- what is drawn


def notice(
    kind: NoticeKind,
    *,
    facts: Mapping[str, str] | None = None,
    of: Mapping[str, Any] | None = None,
    channel: Channel = Channel.SLACK,
    **changes: Any,
) -> NoticeView:
    """Return an ordinary notice; `facts` are added, `of` is changed of its case."""
    view = replace(samples.notice_view(kind), **changes)
    given = {**view.notice.facts, **(facts or {})}
    case = changed(view.case, **of) if view.case and of else view.case
    return replace(view, notice=replace(view.notice, facts=given, channel=channel), case=case)


def changed(view: CaseView, *, admin: Any = ..., taken_over_by: Any = None, **of: Any) -> CaseView:
    """Return the view with its case changed, and whoever looks after it."""
    return replace(
        view,
        case=replace(view.case, **of),
        admin=view.admin if admin is ... else admin,
        taken_over_by=taken_over_by,
    )


def message(view: NoticeView, help_contact: str | None = HELP_CONTACT) -> Drawn:
    return draw(view, portal_url=PORTAL_URL, help_contact=help_contact)


def hand_over_form(count: int = 1, text: str | None = None, **of: Any) -> HandOverForm:
    """`of` is changed of the case on which the sign-ins wait."""
    view = samples.hostile_case_view(text) if text is not None else samples.case_view()
    view = changed(view, **{"state": CaseState.COMPLETED, **of})
    sign_in = samples.session() if text is None else samples.session(text, text)
    return HandOverForm(
        subscriber=view.subscriber,
        accounts=tuple(m.account for m in view.subscriber.memberships),
        case=view,
        sessions=tuple(replace(sign_in, id=SessionId(f"sign_in_{n}")) for n in range(count)),
    )


def shown_code(text: str | None = None) -> ShownCode:
    sign_in = samples.session() if text is None else samples.session(text, text)
    return ShownCode(code="ABCD-2345", session=sign_in, expires_at=LATER)


def record(tag: str, *, actor: str = "cont_alice", **details: str) -> AuditRecord:
    event = AuditEvent(
        tag=tag,
        at=NOON,
        actor=actor,
        subscriber=ContactId("cont_bob"),
        account=AccountId("acme"),
        case=CaseId("case_1"),
        details=details,
    )
    return seal(event, number=1, previous_hash="0" * 64, salt="5a17")


def own(**changes: Any) -> OwnStatus:
    used = replace(samples.authenticator(), last_used_at=NOON)
    ordinary = OwnStatus(
        contact=BOB, authenticators=(used,), set_up_required=False, suspension=None
    )
    return replace(ordinary, **changes)


def entry(**changes: Any) -> ContactEntry:
    nothing: dict[str, Any] = dict.fromkeys(
        ("last_used_at", "waits_for", "waits_since", "suspension")
    )
    return ContactEntry(**{"contact": BOB, "authenticators": 0, **nothing, **changes})


def row(*, can_reset: bool = False, **changes: Any) -> Row:
    return Row(entry=entry(**changes), can_reset=can_reset)


def desk(*rows: Row, **changes: Any) -> Desk:
    ordinary = Desk(
        account=ACME,
        accounts=(ACME,),
        rows=rows,
        total=len(rows),
        cases=CaseList(as_of=NOON, cases=(), total=0),
        acts=(),
        names={},
        exposed=(),
    )
    return replace(ordinary, **changes)


def home_view(shown: Desk | None = None, **changes: Any) -> HomeView:
    alice = own(contact=ALICE, authenticators=(samples.authenticator(),))
    return HomeView(**{"as_of": NOON, "own": alice, "state": HomeState(), "desk": shown, **changes})


def tab(seen: HomeView) -> View:
    return home(seen, portal_url=PORTAL_URL, help_contact=HELP_CONTACT)


SUSPENSION = samples.person_status().suspensions[0]
COMPLETED = samples.case_view(CaseState.COMPLETED)
FIRST: dict[str, Any] = {"kind": CaseKind.FIRST_SET_UP, "admin_id": None, "admin": None}
OPERATORS: dict[str, Any] = {"kind": CaseKind.OPERATOR, "admin_id": None, "admin": None}


def _modals() -> Iterator[tuple[str, View]]:
    bare = replace(
        samples.form(subscriber=replace(WITHOUT_SLACK, phone=None, manager=None)),
        authenticators=(),
        last_reset_at=None,
        ways=(),
        ticket_required=True,
    )
    yield "reset form: ordinary", modals.code_modal(samples.form(), CONTEXT)
    yield "reset form: several accounts", modals.code_modal(samples.form(ACME, GLOBEX), CONTEXT)
    yield "reset form: little on file", modals.code_modal(bare, CONTEXT)
    by_mail = replace(samples.form(), ways=(Channel.EMAIL,))
    yield "reset form: e-mail alone", modals.code_modal(by_mail, CONTEXT)
    yield "reset picker", picker.reset_picker(CONTEXT)
    yield "reset that waits already", modals.already_waiting(samples.case_view())
    yield "report, before it is made", modals.report_confirm(samples.case_view())
    yield "report, taken", modals.report_taken(HELP_CONTACT)
    yield (
        "one's own set-up code",
        modals.set_up_code(
            "ABCD-2345", samples.session(), expires_at=LATER, help_contact=HELP_CONTACT
        ),
    )
    yield "hand-over picker", picker.hand_over_picker()
    yield "hand-over form: one sign-in", hand_over.hand_over_modal(hand_over_form(), NAMED)
    yield "hand-over form: several", hand_over.hand_over_modal(hand_over_form(2), NAMED)
    for title, of in (("a first sign-in", FIRST), ("the operator's case", OPERATORS)):
        modal = hand_over.hand_over_modal(hand_over_form(**of), NAMED)
        yield f"hand-over form: {title}", modal
    for title, subscriber in (("a number", BOB), ("no number", replace(BOB, phone=None))):
        handed_over = HandedOver(subscriber=subscriber, shown=shown_code())
        yield f"code to give: {title} on file", hand_over.code_to_give(handed_over)
    yield "request form", requests.request_modal(RequestForm(accounts=(ACME, GLOBEX)))
    yield "request, sent", requests.request_sent(HELP_CONTACT)
    story = CaseStory(
        view=COMPLETED,
        records=(record("slack:case:taken_over", actor="con_alan"),),
        earlier=3,
        names={"con_alan": "Alan Ames"},
    )
    yield "story: of a reset", cases.case_details(story)
    without = changed(samples.case_view(), **FIRST, proof=None, reason=None, ticket=None)
    nobodys = CaseStory(view=without, records=(), earlier=0, names={})
    yield "story: of a first set-up", cases.case_details(nobodys)


def _home() -> Iterator[tuple[str, View]]:
    for why in (GuestRefused(), WorkspaceUnavailableError()):
        yield f"turned away: {why.tag}", turned_away(why, now=NOON, help_contact=HELP_CONTACT)
    yield "home: of a member", tab(home_view())
    yield "home: of an administrator without 2FA", tab(home_view(no_desk=NoAuthenticator()))
    asked = samples.request_view(RequestState.OPEN, samples.case_view())
    yield "home: of somebody who has asked for a reset", tab(home_view(own=own(request=asked)))
    yield "home: of an empty account", tab(home_view(desk()))
    nobody = home_view(desk(), state=HomeState(account_id=ACME.id, words="bob"))
    yield "home: nobody found", tab(nobody)
    set_up = replace(BOB, set_up_required=True)
    rows = (
        row(can_reset=True),
        row(authenticators=1),
        row(authenticators=1, last_used_at=NOON),
        row(contact=set_up),
        row(contact=set_up, waits_for=CaseKind.RESET, waits_since=NOON),
        row(contact=set_up, waits_for=CaseKind.FIRST_SET_UP, waits_since=NOON),
        *(row(suspension=replace(SUSPENSION, cause=cause)) for cause in SuspensionCause),
    )
    full = desk(
        *rows,
        accounts=(ACME, GLOBEX),
        acts=(record("slack:case:declined"),),
        names={"cont_alice": "Alice"},
        exposed=((ALICE, 0), (BOB, 1)),
        cases=CaseList(as_of=NOON, cases=samples.person_status(COMPLETED).cases, total=1),
        total=10_000,
    )
    yield "home: full", tab(home_view(full))
    yield "home: last page", tab(home_view(desk(row(), total=10_000), state=HomeState(page=4)))


def _answers() -> Iterator[tuple[str, Drawn]]:
    yield "waiting", modals.waiting(samples.case_view())
    for state in CaseState:
        status = samples.person_status(samples.case_view(state))
        cut = replace(status, suspensions=(), last_resets=())
        yield f"status: {state}", cases.person_status(cut)
    vetoed = samples.person_status(changed(COMPLETED, taken_over_by=ALAN), older=2)
    unknown = replace(vetoed.subscriber, phone=None, manager=None)
    yield "status: with all there is", cases.person_status(vetoed)
    yield (
        "status: with nothing on file",
        cases.person_status(replace(vetoed, subscriber=unknown, cases=())),
    )
    for title, of in (("first set-up", FIRST), ("operator's case", OPERATORS)):
        status = samples.person_status(changed(COMPLETED, **of))
        yield f"status: of a {title}", cases.person_status(status)
    many = replace(vetoed.cases[0], undelivered=vetoed.cases[0].undelivered * 7)
    yield "status: with much undelivered", cases.person_status(replace(vetoed, cases=(many,)))
    nothing = replace(samples.person_status(), suspensions=(), last_resets=())
    yield "status: of nothing", cases.person_status(nothing)
    for cause in SuspensionCause:
        held = replace(nothing, suspensions=(replace(SUSPENSION, cause=cause),))
        yield f"status: suspended, {cause}", cases.person_status(held)
    shown = CaseList(as_of=NOON, cases=vetoed.cases, total=1)
    for title, listed in (
        ("all", shown),
        ("some", replace(shown, total=37)),
        ("at least some", replace(shown, at_least=True)),
        ("none", CaseList(as_of=NOON, cases=(), total=0)),
        ("none of many", CaseList(as_of=NOON, cases=(), total=0, at_least=True)),
    ):
        yield f"cases that wait: {title}", cases.pending_cases(listed)
        yield f"one's own cases: {title}", cases.own_cases(listed)
    for title, changes in (
        ("set up", {}),
        ("to be set up", {"set_up_required": True}),
        ("never set up", {"authenticators": ()}),
        ("suspended", {"suspension": SUSPENSION, "set_up_required": True}),
    ):
        yield f"one's own: {title}", own_status(own(**changes), help_contact=HELP_CONTACT)
    for request in sorted(LIVE_STATES):
        own_request = requests.own_request(samples.request_view(request, samples.case_view()))
        yield f"one's own request: {request}", own_request


_TAKEN_OVER: dict[str, Any] = {"of": {"taken_over_by": ALAN}}
_TO_OTHERS: dict[str, Any] = {"recipient": ALICE, "subject": BOB}
_TO_ALICE = replace(samples.notice_view(NoticeKind.SET_UP_UNREACHABLE).notice, contact_id=ALICE.id)
_FORGOTTEN = replace(samples.notice_view(NoticeKind.ALERT).notice, facts={})
_EXPIRED = samples.case_view(CaseState.EXPIRED)
_WITHDRAWN = samples.request_view(RequestState.WITHDRAWN, COMPLETED)
_REQUEST_EXPIRED = samples.request_view(RequestState.EXPIRED, COMPLETED)
_AT_THE_PORTAL = {"count": "20", "minutes": "60", "door": "portal"}
_NOTICES: list[tuple[NoticeKind, str, dict[str, Any]]] = [
    (NoticeKind.ALERT, "wrong codes at the Portal", {"facts": _AT_THE_PORTAL, "subject": ALICE}),
    (NoticeKind.ALERT, "many resets", {"facts": {"what": "many_resets"}, "subject": ALICE}),
    (NoticeKind.ALERT, "a second reset", {"facts": {"what": "second_reset"}, "subject": BOB}),
    (NoticeKind.ALERT, "forgotten", {"notice": _FORGOTTEN, "subject": None, "case": None}),
    *(
        (NoticeKind.OUTCOME, f"{state}", {"case": samples.case_view(state), "subject": None})
        for state in CaseState
    ),
    (
        NoticeKind.OUTCOME,
        "cancelled by Alan",
        {"case": samples.case_view(CaseState.CANCELLED), "subject": ALAN},
    ),
    (NoticeKind.OUTCOME, "e-mail alone", {"case": replace(COMPLETED, ways=(Channel.EMAIL,))}),
    (NoticeKind.OUTCOME, "no way to tell them", {"case": replace(COMPLETED, ways=())}),
    (NoticeKind.OUTCOME, "perhaps again", {"in_doubt": True}),
    (NoticeKind.OUTCOME, "taken over", _TAKEN_OVER),
    (NoticeKind.CONFIRM_ASKED, "without ticket and proof", {"of": {"ticket": None, "proof": None}}),
    (
        NoticeKind.CONFIRM_ASKED,
        "no way to tell them",
        {"case": replace(samples.case_view(), ways=())},
    ),
    (NoticeKind.SUBSCRIBER_RESET, "the operator's case", {"of": OPERATORS}),
    (NoticeKind.SUBSCRIBER_REMINDED, "taken over", _TAKEN_OVER),
    (NoticeKind.SUBSCRIBER_REMINDED, "first set-up", {"of": FIRST}),
    (NoticeKind.SUBSCRIBER_REMINDED, "the operator's case", {"of": OPERATORS}),
    (NoticeKind.SUBSCRIBER_ENROLLED, "without a case", {"case": None}),
    (NoticeKind.ADMIN_ENROLLED, "taken over", _TAKEN_OVER),
    (NoticeKind.ADMIN_ENROLLED, "first set-up", {"of": FIRST}),
    (
        NoticeKind.ADMIN_DIGEST,
        "first set-ups",
        {"stale": (changed(COMPLETED, **FIRST),) * 2},
    ),
    (NoticeKind.OWNER_RESET, "to the channel", {"recipient": None}),
    (NoticeKind.OWNER_REMINDED, "taken over", _TAKEN_OVER),
    (NoticeKind.OWNER_REMINDED, "first set-up", {"of": FIRST}),
    (NoticeKind.VETO_REPORTED, "taken over", _TAKEN_OVER),
    (NoticeKind.VETO_REPORTED, "without an admin", {"of": {"admin": None}}),
    (NoticeKind.VETO_REPORTED, "after a hand-over", {"facts": {"handed_over": "yes"}}),
    (NoticeKind.LAPSED, "taken over", _TAKEN_OVER),
    (NoticeKind.LAPSED, "to its admin", {"recipient": ALICE}),
    (NoticeKind.SPARED, "to its admin", {"recipient": ALICE}),
    (NoticeKind.REINSTATED, "without a case", {"case": None}),
    (NoticeKind.REINSTATED, "to others", _TO_OTHERS),
    (NoticeKind.REINSTATED, "to others, without a case", {**_TO_OTHERS, "case": None}),
    (NoticeKind.OPERATOR_ACTED, "to others", _TO_OTHERS),
    *(
        (NoticeKind.CASE_ACT_DONE, act, {"facts": {"act": act}})
        for act in ("take_over", "cancel", "something_new")
    ),
    (
        NoticeKind.CASE_ACT_DONE,
        "cancel, by its admin",
        {"facts": {"act": "cancel"}, "recipient": ALICE},
    ),
    (NoticeKind.CASE_ACT_DONE, "without its status", {"status": None}),
    (NoticeKind.CASE_TAKEN_OVER, "to the new one", {"recipient": ALAN, "subject": ALAN}),
    (NoticeKind.CASE_TAKEN_OVER, "to the former", {"recipient": ALICE, "subject": ALAN}),
    (NoticeKind.SET_UP_WAITING, "ended", {"session": None}),
    (NoticeKind.SET_UP_UNREACHABLE, "to its admin", {"recipient": ALICE, "notice": _TO_ALICE}),
    (NoticeKind.SET_UP_UNREACHABLE, "ended", {"session": None}),
    (NoticeKind.SET_UP_UNREACHABLE, "without a case", {"case": None}),
    (NoticeKind.SUBSCRIBER_HANDED_OVER, "by Alice", {"subject": ALICE}),
    (NoticeKind.SUBSCRIBER_HANDED_OVER, "by the operator", {"subject": None}),
    (NoticeKind.SUBSCRIBER_HANDED_OVER, "without a case", {"case": None, "session": None}),
    (NoticeKind.UNDELIVERABLE, "by e-mail", {"facts": {"channel": Channel.EMAIL}}),
    (NoticeKind.UNDELIVERABLE, "a code waits", {"facts": {"kind": NoticeKind.SET_UP_WAITING}}),
    *(
        (
            NoticeKind.REQUEST_CHANGED,
            f"{state}",
            {"request": samples.request_view(state, COMPLETED)},
        )
        for state in RequestState
    ),
    (NoticeKind.REQUEST_MADE, "withdrawn", {"request": _WITHDRAWN}),
    (NoticeKind.REQUEST_ENDED, "of an expired case", {"case": _EXPIRED}),
    (NoticeKind.REQUEST_ENDED, "expired", {"request": _REQUEST_EXPIRED}),
    (NoticeKind.REQUEST_ENDED, "without a case", {"case": None}),
    (NoticeKind.REQUEST_ENDED, "to whoever had taken it", {"recipient": ALICE}),
    (NoticeKind.IDENTITY_BOUND, "forgotten", {"subject": None, "recipient": None}),
]


def _stories() -> Iterator[tuple[str, str]]:
    names = {"cont_alice": "Alice Archer", "cont_bob": "Bob Brown", "acme": "Acme Ltd"}
    by = {"operator_user": "root", "operator_host": "desk"}
    set_anew = record("operator:password:set", actor="operator", **by)
    unproven = record("slack:reset:not_a_contact", actor="nobody")
    nobody = replace(record("portal:sign_in:sign_in_failed", actor="nobody"), subscriber=None)
    for title, told in (
        ("an act", record("slack:case:awaiting_confirmation")),
        ("a refusal", record("slack:reset:outranked")),
        ("through Slack", record("slack:case:completed")),
        ("through the Portal", record("portal:case:completed")),
        ("the operator, with user and host", set_anew),
        ("the operator, with erased details", replace(set_anew, details=None)),
        ("nobody: Rekey's own", record("sweep:suspension:lifted", actor="sweep")),
        ("somebody in Slack", replace(unproven, slack_user="U0EVE")),
        ("somebody", unproven),
        ("about nobody", nobody),
        ("a tag of a later version", record("slack:quorum:reached")),
    ):
        yield title, sentence(told, names)
    yield "without names", sentence(record("slack:case:declined"), {})
    opened = record("slack:case:awaiting_confirmation", proof="video", reason="Lost it", ticket="")
    yield "what is said beside it", str(particulars(opened))
    odd = record("slack:case:declined", proof="magic", left_over="1")
    yield "what is unknown beside it", str(particulars(odd))


def _endings() -> Iterator[tuple[str, str]]:
    for reason in (
        "deadline",
        "confirmed_too_long_ago",
        "admin_suspended",
        "identity_replaced",
        "something_newer",
        None,
    ):
        yield str(reason), ended_text(reason)


# -- how it is read


def variants() -> str:
    """Return the page: of each variant the lines that the ordinary one has not, and has alone."""
    parts = {
        "Modals": _in_groups(_modals()),
        "Home": _in_groups(_home()),
        "Answers": _in_groups(_answers()),
        "Messages for screen readers": (
            f"{kind}: {message(notice(kind)).text}" for kind in NoticeKind
        ),
        "Messages, said otherwise": _messages(),
        "E-mails": _mails(),
        "Audit records": (f"{title}: {said}" for title, said in _stories()),
        "Why a case ended": (f"{title}: {said}" for title, said in _endings()),
    }
    fenced = {name: "\n".join(said).strip() for name, said in parts.items()}
    return "\n".join(f"## {name}\n\n```text\n{said}\n```\n" for name, said in fenced.items())


def _in_groups(entries: Iterator[tuple[str, Drawn | View]]) -> Iterator[str]:
    """The first of each group is the ordinary one."""
    ordinary: dict[str, list[str]] = {}
    for title, drawn in entries:
        group, lines = title.partition(":")[0], read(drawn)
        yield _entry(title, lines, ordinary.get(group, []))
        ordinary.setdefault(group, lines)


def _messages() -> Iterator[str]:
    for kind, title, changes in _NOTICES:
        ordinary, lines = (read(message(notice(kind, **given))) for given in ({}, changes))
        yield _entry(f"{kind}: {title}", lines, ordinary)


def _mails() -> Iterator[str]:
    gone: dict[str, Any] = {"recipient": WITHOUT_SLACK, "subject": WITHOUT_SLACK}
    for kind in TO_SUBSCRIBERS:
        in_slack, by_mail = _mail(kind, channel=Channel.SLACK), _mail(kind)
        yield _entry(f"{kind}", by_mail, in_slack)
        yield _entry(f"{kind}: without Slack", _mail(kind, **gone), by_mail)
    ended = _mail(NoticeKind.SET_UP_WAITING, session=None)
    yield _entry("set_up_waiting: ended", ended, _mail(NoticeKind.SET_UP_WAITING))
    yield _entry("reply: all of it", _mail(NoticeKind.REPLY), [])


def _mail(kind: NoticeKind, *, channel: Channel = Channel.EMAIL, **changes: Any) -> list[str]:
    mail = as_mail(message(notice(kind, channel=channel, **changes)), written_at=NOON)
    return [f"Subject: {mail.subject}", *filter(None, mail.text.splitlines())]


def _entry(title: str, lines: Sequence[str], ordinary: Sequence[str]) -> str:
    gone = [f"- {line}" for line in ordinary if line not in lines]
    return "\n".join([f"== {title}", *gone, *(line for line in lines if line not in ordinary), ""])


def read(drawn: Drawn | View) -> list[str]:
    """Return all that is seen of it, line by line; for a message its text comes first."""
    if isinstance(drawn, Drawn):
        seen = [f"text: {drawn.text}", *_lines(drawn.blocks)]
    else:
        around = [f"{n}: {drawn[n]['text']}" for n in ("title", "submit") if n in drawn]
        seen = [*around, *_lines(drawn["blocks"])]
    return [_DATE.sub(r"«\1»", line) for part in seen for line in part.split("\n")]


def _lines(blocks: Any) -> Iterator[str]:
    for block in blocks:
        kind = block["type"]
        if kind == "header":
            yield f"# {block['text']['text']}"
        elif kind == "section":
            yield from _section(block)
        elif kind == "context":
            yield from (f"({element['text']})" for element in block["elements"])
        elif kind == "actions":
            yield from (_element(element) for element in block["elements"])
        elif kind == "input":
            yield _input(block)


def _section(block: Block) -> Iterator[str]:
    if "text" in block:
        yield block["text"]["text"]
    fields = [field["text"] for field in block.get("fields", ())]
    yield from (f"{label} {value}" for label, value in zip(fields[::2], fields[1::2], strict=True))
    if "accessory" in block:
        yield _element(block["accessory"])


def _input(block: Block) -> str:
    optional = " (optional)" if block["optional"] else ""
    hint = f" ({block['hint']['text']})" if "hint" in block else ""
    return f"{block['label']['text']}{optional}: {_element(block['element'])}{hint}"


def _element(element: Block) -> str:
    said = [element[name]["text"] for name in ("text", "placeholder") if name in element]
    said += [f"= {element['initial_value']}"] if "initial_value" in element else []
    for option in element.get("options", ()):
        detail = f" ({option['description']['text']})" if "description" in option else ""
        said.append(f"/ {option['text']['text']}{detail}")
    if "confirm" in element:
        said += [
            "?",
            *(element["confirm"][n]["text"] for n in ("title", "text", "confirm", "deny")),
        ]
    return f"[{element['action_id']}: {' '.join(said)}]"
