"""What Rekey talks about: accounts, contacts, authenticators, and the people in Slack."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.model.ids import (
    AccountId,
    AuthenticatorId,
    CaseId,
    ContactId,
    SessionId,
    SuspensionId,
)


class Role(StrEnum):
    """What a contact may do in one account; ordered by `rank`."""

    MEMBER = "member"
    ADMINISTRATOR = "administrator"
    OWNER = "owner"

    @property
    def rank(self) -> int:
        """Place among the roles; a higher one includes the lower ones."""
        return tuple(Role).index(self)


class TwoFactor(StrEnum):
    REQUIRED = "required"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A customer organisation."""

    id: AccountId
    name: str
    two_factor: TwoFactor


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackIdentity:
    """Who somebody is in Slack: enterprise (Grid only), workspace and user together."""

    enterprise: str | None
    team: str
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A contact's role in one account."""

    account: Account
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person in the directory, as far as rules and messages need to know."""

    id: ContactId
    email: str
    username: str
    name: str
    phone: str | None
    manager: str | None
    slack: SlackIdentity | None
    memberships: tuple[Membership, ...]
    suspended: bool
    set_up_required: bool
    sign_in_epoch: int
    password_must_change: bool

    def role_in(self, account_id: AccountId) -> Role | None:
        """Return the role in that account, `None` for a stranger to it."""
        for membership in self.memberships:
            if membership.account.id == account_id:
                return membership.role
        return None

    @property
    def administered(self) -> tuple[Account, ...]:
        """The accounts whose administrator or owner the contact is."""
        return tuple(m.account for m in self.memberships if m.role.rank >= Role.ADMINISTRATOR.rank)

    def administers(self, account_id: AccountId) -> bool:
        """Whether the contact is administrator or owner of that account."""
        role = self.role_in(account_id)
        return role is not None and role.rank >= Role.ADMINISTRATOR.rank

    @property
    def two_factor_required(self) -> bool:
        """Whether any account requires 2FA: the strictest one wins (design rule 7)."""
        return any(m.account.two_factor is TwoFactor.REQUIRED for m in self.memberships)


class AuthenticatorType(StrEnum):
    TOTP = "totp"


class AuthenticatorState(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    INVALIDATED = "invalidated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticator:
    """What is bound to a contact; its shared secret is read apart, and only to verify a code."""

    id: AuthenticatorId
    contact_id: ContactId
    type: AuthenticatorType
    state: AuthenticatorState
    created_at: datetime
    bound_at: datetime | None
    last_used_at: datetime | None
    failed_in_a_row: int


class SessionStage(StrEnum):
    """How far a sign-in has come; each stage reaches its own page and nothing else."""

    AWAITING_CODE = "awaiting_code"
    AWAITING_SET_UP_CODE = "awaiting_set_up_code"
    SETTING_UP = "setting_up"
    SIGNED_IN = "signed_in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser's way through the sign-in.

    Void once the contact's `sign_in_epoch` has moved past its own (design rule 7).
    """

    id: SessionId
    contact_id: ContactId
    stage: SessionStage
    sign_in_epoch: int
    browser: str
    address: str
    created_at: datetime
    expires_at: datetime
    authenticator_id: AuthenticatorId | None
    set_up_code_expires_at: datetime | None


class SuspensionCause(StrEnum):
    VETOED = "vetoed"
    LAPSED = "lapsed"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """Why a contact may not sign in or act, and until when."""

    id: SuspensionId
    contact_id: ContactId
    cause: SuspensionCause
    case_id: CaseId | None
    suspended_by: ContactId | None
    suspended_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person as Slack describes them now."""

    identity: SlackIdentity
    is_deactivated: bool
    is_bot: bool
    is_guest: bool
    is_external: bool


class AttemptKind(StrEnum):
    """What is counted, and by what key."""

    CODE = "code"  # by authenticator
    PASSWORD = "password"  # by user name as typed, and address  # noqa: S105  # not a password
    SET_UP_CODE = "set_up_code"  # by contact
    SET_UP_MESSAGE = "set_up_message"  # by contact
    REMINDER = "reminder"  # sent by an administrator's hand, by case
    REQUEST = "request"  # for one's own reset, by contact


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """The operating system's user, and the host's name, as every operator's act is audited."""

    user: str
    host: str

    def details(self) -> dict[str, str]:
        """Return what an audit record's details say of the operator."""
        return {"operator_user": self.user, "operator_host": self.host}
