"""Values for tests: whatever a test does not name has a harmless default."""

from datetime import datetime, timedelta

from bot.domain.model.audit import AuditEvent
from bot.domain.model.cases import Case, CaseKind, CaseState, Proof
from bot.domain.model.ids import (
    AccountId,
    AuthenticatorId,
    CaseId,
    ContactId,
    SessionId,
    SuspensionId,
    new_id,
)
from bot.domain.model.people import (
    Account,
    Authenticator,
    AuthenticatorState,
    AuthenticatorType,
    Contact,
    Member,
    Membership,
    Role,
    Session,
    SessionStage,
    SlackIdentity,
    Suspension,
    SuspensionCause,
    TwoFactor,
)
from tests.fakes.outside import NOON

TEAM = "T01TEST"
ACCOUNT = AccountId("acme")


def a_slack_identity(
    user: str = "U01SOMEONE", *, team: str = TEAM, enterprise: str | None = None
) -> SlackIdentity:
    return SlackIdentity(enterprise=enterprise, team=team, user=user)


def a_member(
    user: str = "U01SOMEONE",
    *,
    team: str = TEAM,
    is_deactivated: bool = False,
    is_bot: bool = False,
    is_guest: bool = False,
    is_external: bool = False,
) -> Member:
    return Member(
        identity=a_slack_identity(user, team=team),
        is_deactivated=is_deactivated,
        is_bot=is_bot,
        is_guest=is_guest,
        is_external=is_external,
    )


def an_account(
    account_id: str = "acme", *, name: str = "", two_factor: TwoFactor = TwoFactor.REQUIRED
) -> Account:
    return Account(id=AccountId(account_id), name=name or account_id.title(), two_factor=two_factor)


def a_contact(
    username: str = "someone",
    *,
    contact_id: ContactId | None = None,
    name: str = "",
    phone: str | None = None,
    manager: str | None = None,
    slack: SlackIdentity | None = None,
    roles: dict[Account, Role] | None = None,
    suspended: bool = False,
    set_up_required: bool = False,
    sign_in_epoch: int = 0,
    password_must_change: bool = False,
) -> Contact:
    """Make a contact as the directory would return it; stored nowhere."""
    return Contact(
        id=contact_id or ContactId(f"con_{username}"),
        email=f"{username}@example.com",
        username=username,
        name=name or username.title(),
        phone=phone,
        manager=manager,
        slack=slack,
        memberships=tuple(
            Membership(account=account, role=role) for account, role in (roles or {}).items()
        ),
        suspended=suspended,
        set_up_required=set_up_required,
        sign_in_epoch=sign_in_epoch,
        password_must_change=password_must_change,
    )


def a_case(
    *,
    subscriber_id: ContactId,
    account_id: AccountId = ACCOUNT,
    admin_id: ContactId | None = None,
    case_id: CaseId | None = None,
    kind: CaseKind = CaseKind.RESET,
    state: CaseState = CaseState.AWAITING_CONFIRMATION,
    proof: Proof | None = Proof.VIDEO,
    reason: str | None = "Lost the phone",
    ticket: str | None = None,
    opened_at: datetime = NOON,
    confirm_by: datetime | None = NOON + timedelta(minutes=5),
    decided_at: datetime | None = None,
    completed_at: datetime | None = None,
    re_enrolled_at: datetime | None = None,
    reminders_sent: int = 0,
) -> Case:
    return Case(
        id=case_id or CaseId(new_id("case")),
        kind=kind,
        state=state,
        account_id=account_id,
        admin_id=admin_id,
        subscriber_id=subscriber_id,
        proof=proof,
        reason=reason,
        ticket=ticket,
        opened_at=opened_at,
        confirm_by=confirm_by,
        decided_at=decided_at,
        completed_at=completed_at,
        re_enrolled_at=re_enrolled_at,
        reminders_sent=reminders_sent,
    )


def an_authenticator(
    contact_id: ContactId,
    *,
    authenticator_id: AuthenticatorId | None = None,
    state: AuthenticatorState = AuthenticatorState.PENDING,
    created_at: datetime = NOON,
    bound_at: datetime | None = None,
    failed_in_a_row: int = 0,
) -> Authenticator:
    return Authenticator(
        id=authenticator_id or AuthenticatorId(new_id("aut")),
        contact_id=contact_id,
        type=AuthenticatorType.TOTP,
        state=state,
        created_at=created_at,
        bound_at=bound_at,
        last_used_at=None,
        failed_in_a_row=failed_in_a_row,
    )


def a_session(
    contact_id: ContactId,
    *,
    session_id: SessionId | None = None,
    stage: SessionStage = SessionStage.AWAITING_CODE,
    sign_in_epoch: int = 0,
    created_at: datetime = NOON,
    expires_at: datetime = NOON + timedelta(hours=1),
) -> Session:
    return Session(
        id=session_id or SessionId(new_id("ses")),
        contact_id=contact_id,
        stage=stage,
        sign_in_epoch=sign_in_epoch,
        browser="Firefox on Linux",
        address="192.0.2.7",
        created_at=created_at,
        expires_at=expires_at,
        authenticator_id=None,
        set_up_code_expires_at=None,
    )


def a_suspension(
    contact_id: ContactId,
    *,
    cause: SuspensionCause = SuspensionCause.VETOED,
    case_id: CaseId | None = None,
    suspended_by: ContactId | None = None,
    suspended_at: datetime = NOON,
) -> Suspension:
    return Suspension(
        id=SuspensionId(new_id("sus")),
        contact_id=contact_id,
        cause=cause,
        case_id=case_id,
        suspended_by=suspended_by,
        suspended_at=suspended_at,
        lifted_by=None,
        lifted_at=None,
    )


def an_event(
    tag: str = "slack:case:completed",
    *,
    at: datetime = NOON,
    actor: str = "con_alice",
    subscriber: ContactId | None = None,
    account: AccountId | None = None,
    case: CaseId | None = None,
    slack: SlackIdentity | None = None,
    details: dict[str, str] | None = None,
) -> AuditEvent:
    return AuditEvent(
        tag=tag,
        at=at,
        actor=actor,
        subscriber=subscriber,
        account=account,
        case=case,
        slack=slack,
        details=details or {},
    )
