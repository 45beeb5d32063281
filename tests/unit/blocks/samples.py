"""People, cases and notices to draw: ordinary ones, and the longest and most hostile ones."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.desk.statuses import MOST_CASES
from bot.domain.model.cases import Case, CaseState, Proof
from bot.domain.model.ids import (
    AccountId,
    AuthenticatorId,
    CaseId,
    ContactId,
    MessageId,
    RequestId,
    SessionId,
)
from bot.domain.model.notices import Message, Notice, NoticeKind
from bot.domain.model.people import (
    Account,
    Authenticator,
    AuthenticatorState,
    Contact,
    Membership,
    Role,
    Session,
)
from bot.domain.model.requests import OwnRequest, RequestState, RequestView
from bot.domain.model.reset_form import REASON_LENGTH, ResetForm
from bot.domain.model.views import (
    CaseAct,
    CaseStatus,
    CaseView,
    NoticeView,
    PersonStatus,
    Undelivered,
    acts_on,
)
from bot.domain.record.alerts import Alert
from tests.fakes import (
    NOON,
    a_case,
    a_contact,
    a_session,
    a_slack_identity,
    a_suspension,
    an_account,
    an_authenticator,
)

PORTAL_URL = "https://portal.example/portal/sign-in"
HELP_CONTACT = "+44 20 7946 0000"
HOSTILE = "<!channel> <@U1|x> <https://evil.example|*Click*> &amp; _x_ ~y~ `z` :fire:\n\u202e\0"
LONGEST = (HOSTILE * 4)[:255]
WIDEST = "&" * 255  # grows fivefold when it is escaped


ACME = an_account("acme", name="Acme Ltd")


def contact(name: str = "Bob Brown", *, key: str = "bob", user: str | None = "U0BOB") -> Contact:
    person = a_contact(
        key,
        contact_id=ContactId(key),
        name=name,
        phone="+44 20 7946 0101",
        manager="carol@acme.example",
        slack=a_slack_identity(user, team="T0ACME") if user else None,
        roles={ACME: Role.MEMBER},
    )
    return replace(person, email=f"{key}@acme.example")


BOB = contact()
ALICE = contact("Alice Archer", key="alice", user="U0ALICE")


def hostile_contact(text: str, *, key: str) -> Contact:
    account = replace(ACME, id=AccountId("a" * 64), name=text)
    return replace(
        contact(text, key=key),
        email=text,
        username=text,
        phone=text,
        manager=text,
        memberships=(Membership(account=account, role=Role.ADMINISTRATOR),),
    )


def case(state: CaseState = CaseState.AWAITING_CONFIRMATION) -> Case:
    return a_case(
        case_id=CaseId("case_0123456789abcdef0123"),
        state=state,
        admin_id=ALICE.id,
        subscriber_id=BOB.id,
        proof=Proof.CALLED_BACK,
        reason="Lost his phone",
        ticket="HD-42",
        decided_at=NOON + timedelta(minutes=1),
        completed_at=NOON + timedelta(minutes=1),
        re_enrolled_at=NOON + timedelta(hours=1),
        reminders_sent=1,
    )


def case_view(state: CaseState = CaseState.AWAITING_CONFIRMATION) -> CaseView:
    return CaseView(case=case(state), account=ACME, subscriber=BOB, admin=ALICE)


def hostile_case_view(text: str, state: CaseState = CaseState.AWAITING_CONFIRMATION) -> CaseView:
    subscriber = hostile_contact(text, key="bob")
    return CaseView(
        case=replace(case(state), reason=(text * 3)[:REASON_LENGTH], ticket=text * 12),
        account=subscriber.memberships[0].account,
        subscriber=subscriber,
        admin=hostile_contact(text, key="alice"),
    )


def session(browser: str = "Firefox on Linux", address: str = "192.0.2.7") -> Session:
    waiting = a_session(BOB.id, session_id=SessionId("sess_0123456789abcdef0123"))
    return replace(waiting, browser=browser, address=address)


def authenticator(number: int = 1) -> Authenticator:
    return an_authenticator(
        BOB.id,
        authenticator_id=AuthenticatorId(f"auth_{number}"),
        state=AuthenticatorState.ACTIVE,
        bound_at=NOON,
    )


def form(*accounts: Account, subscriber: Contact = BOB) -> ResetForm:
    return ResetForm(
        admin=ALICE,
        subscriber=subscriber,
        accounts=accounts or (ACME,),
        authenticators=(authenticator(),),
        last_reset_at=NOON,
    )


def person_status(*views: CaseView, older: int = 0) -> PersonStatus:
    subscriber = views[0].subscriber if views else BOB
    missed = Message(
        id=MessageId("msg_1"),
        notice=Notice(kind=NoticeKind.SUBSCRIBER_RESET, contact_id=subscriber.id),
        created_at=NOON,
        next_attempt_at=NOON,
        attempts=1,
        sent_at=None,
        failed_at=NOON,
        error="user_disabled",
    )
    return PersonStatus(
        as_of=NOON + timedelta(hours=3),
        subscriber=subscriber,
        accounts=tuple(m.account for m in subscriber.memberships),
        cases=tuple(
            CaseStatus(
                view=view,
                undelivered=(Undelivered(message=missed, recipient=subscriber),),
                acts=acts_on(view.case, ContactId("alan")),
            )
            for view in views
        ),
        older=older,
        suspensions=(a_suspension(subscriber.id),),
        last_resets=(NOON,),
    )


def hostile_person_status(view: CaseView) -> PersonStatus:
    """As many cases as a message shows, each with more undelivered messages than it tells of."""
    views = [
        replace(view, case=replace(view.case, id=CaseId(f"case_{n}"))) for n in range(MOST_CASES)
    ]
    ordinary = person_status(*views, older=20)
    (missed,) = ordinary.cases[0].undelivered
    error = replace(missed, message=replace(missed.message, error=view.subscriber.name * 9))
    return replace(
        ordinary, cases=tuple(replace(case, undelivered=(error,) * 9) for case in ordinary.cases)
    )


FACTS: dict[NoticeKind, dict[str, str]] = {
    NoticeKind.REPLY: {"text": "Somebody else asked for this reset."},
    NoticeKind.SUBSCRIBER_REMINDED: {"suspend_on": "2026-01-15T12:01:00+00:00"},
    NoticeKind.OWNER_REMINDED: {"suspend_on": "2026-01-15T12:01:00+00:00"},
    NoticeKind.ADMIN_DIGEST: {"case_0123456789abcdef0123": "2026-01-15T12:01:00+00:00"},
    NoticeKind.OPERATOR_ACTED: {
        "act": "enrolled an authenticator",
        "about": "It was done at the console.",
    },
    NoticeKind.ALERT: {
        "what": Alert.WRONG_CODES,
        "count": "5",
        "minutes": "5",
        "door": "slack",
        "at": NOON.isoformat(),
    },
    NoticeKind.AUDIT_HEAD: {"head": "5a" * 32, "number": "42", "at": NOON.isoformat()},
    NoticeKind.UNDELIVERABLE: {
        "kind": NoticeKind.SUBSCRIBER_RESET,
        "recipient": "bob",
        "error": "user_disabled",
    },
    NoticeKind.CASE_ACT_DONE: {"act": CaseAct.REMIND},
}
REQUEST_STATES = {
    NoticeKind.REQUEST_OFFERED: RequestState.OPEN,
    NoticeKind.REQUEST_CHANGED: RequestState.TAKEN,
    NoticeKind.REQUEST_MADE: RequestState.OPEN,
    NoticeKind.REQUEST_TAKEN: RequestState.TAKEN,
    NoticeKind.REQUEST_ENDED: RequestState.CLOSED,
}
CASE_STATES = {
    NoticeKind.CONFIRM_ASKED: CaseState.AWAITING_CONFIRMATION,
    NoticeKind.SUBSCRIBER_ENROLLED: CaseState.RE_ENROLLED,
    NoticeKind.ADMIN_ENROLLED: CaseState.RE_ENROLLED,
    NoticeKind.VETO_REPORTED: CaseState.VETOED,
    NoticeKind.VETO_TAKEN: CaseState.VETOED,
    NoticeKind.SUBSCRIBER_LAPSED: CaseState.LAPSED,
    NoticeKind.LAPSED: CaseState.LAPSED,
    NoticeKind.REQUEST_ENDED: CaseState.DECLINED,
}


def request_view(state: RequestState, case: CaseView) -> RequestView:
    """Bob's own request, taken by the case's admin unless it is open."""
    taken = None if state is RequestState.OPEN else case.admin
    return RequestView(
        request=OwnRequest(
            id=RequestId("req_0123456789abcdef0123"),
            subscriber_id=case.subscriber.id,
            account_id=case.account.id,
            reason="Lost the phone",
            state=state,
            opened_at=NOON,
            taken_by=taken.id if taken else None,
        ),
        account=case.account,
        subscriber=case.subscriber,
        taken_by=taken,
    )


def notice_view(kind: NoticeKind) -> NoticeView:
    """An ordinary notice of that kind, as `compose` returns it."""
    view = case_view(CASE_STATES.get(kind, CaseState.COMPLETED))
    return NoticeView(
        notice=Notice(
            kind=kind, contact_id=BOB.id, case_id=view.case.id, facts=FACTS.get(kind, {})
        ),
        recipient=BOB,
        case=view,
        session=session(),
        subject=BOB,
        stale=(view, view) if kind is NoticeKind.ADMIN_DIGEST else (),
        written_at=NOON,
        status=person_status(view) if kind is NoticeKind.CASE_ACT_DONE else None,
        request=request_view(REQUEST_STATES[kind], view) if kind in REQUEST_STATES else None,
    )


def hostile_notice_view(kind: NoticeKind, text: str) -> NoticeView:
    """The same with `text` wherever somebody could have typed it, and as many cases as can be."""
    ordinary = notice_view(kind)
    view = hostile_case_view(text, CASE_STATES.get(kind, CaseState.COMPLETED))
    facts = dict.fromkeys(FACTS.get(kind, {}), text * 12)
    return replace(
        ordinary,
        notice=replace(ordinary.notice, facts=facts),
        recipient=view.subscriber,
        case=view,
        session=session(text * 4, text),
        subject=view.admin,
        stale=(view,) * 150 if ordinary.stale else (),
        status=hostile_person_status(view) if ordinary.status else None,
        request=request_view(REQUEST_STATES[kind], view) if ordinary.request else None,
    )
