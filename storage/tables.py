"""Tables, portable between SQLite and PostgreSQL; `migrations/` brings a database to them.

A partial index serves a query only if that holds the index's own words, so these stand here once.
"""

from collections.abc import Collection
from enum import StrEnum

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TextClause,
    UniqueConstraint,
    false,
    text,
)

from bot.domain.model.cases import OPEN_STATES, WAITING_STATES, CaseKind, CaseState, Proof
from bot.domain.model.notices import CHANNEL_LETTERS, Channel, NoticeKind, Way
from bot.domain.model.people import (
    AttemptKind,
    AuthenticatorState,
    AuthenticatorType,
    Role,
    SessionStage,
    SuspensionCause,
    TwoFactor,
)
from bot.domain.model.requests import LIVE_STATES, RequestState
from storage.types import UtcDateTime, one_of


def _in_states(states: Collection[StrEnum]) -> TextClause:
    return text("state IN ({})".format(", ".join(f"'{state}'" for state in sorted(states))))


OPEN = _in_states(OPEN_STATES)
WAITING = _in_states(WAITING_STATES)
LIVE = _in_states(LIVE_STATES)
AWAITING = text(f"state = '{CaseState.AWAITING_CONFIRMATION}'")
EXECUTING = text(f"state = '{CaseState.EXECUTING}'")
COMPLETED = text(f"state = '{CaseState.COMPLETED}'")
IN_CHARGE = "coalesce(taken_over_by, admin_id)"
UNSENT = text("sent_at IS NULL AND failed_at IS NULL")
WAY = (
    f"CASE WHEN channel = '{Channel.EMAIL}' THEN '{Way.EMAIL}'"
    f" WHEN encrypted_response_url IS NOT NULL THEN '{Way.ANSWER}'"
    f" WHEN kind = '{NoticeKind.REQUEST_CHANGED}' THEN '{Way.CHANGE}'"
    f" WHEN substr(slack_address, 1, 1) IN {CHANNEL_LETTERS} THEN '{Way.CHANNEL}'"
    f" ELSE '{Way.POST}' END"
)
"""`bot.domain.model.notices.Notice.way` of an unsent row."""
NOT_ENDED = text("ended_at IS NULL")
NOT_LIFTED = text("lifted_at IS NULL")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _partial(
    name: str, *columns: str | TextClause, where: TextClause, unique: bool = False
) -> Index:
    """Return an index over some rows, in PostgreSQL too, where the migrations say so.

    Saying it here would load PostgreSQL's dialect at each start, for nothing.
    """
    return Index(name, *columns, unique=unique, sqlite_where=where)


accounts = Table(
    "accounts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("two_factor", one_of(TwoFactor), nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("email", Text, nullable=False, unique=True),  # in lower case
    Column("username", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("phone", Text),
    Column("manager", Text),
    # '' for none: NULLs are all different, and would let two contacts share one identity
    Column("slack_enterprise", String(64), nullable=False),
    Column("slack_team", String(64)),
    Column("slack_user", String(64)),
    Column("password_hash", Text),
    Column("password_must_change", Boolean, nullable=False),
    Column("set_up_required", Boolean, nullable=False),
    Column("sign_in_epoch", Integer, nullable=False),
    UniqueConstraint("slack_enterprise", "slack_team", "slack_user"),
    CheckConstraint("(slack_team IS NULL) = (slack_user IS NULL)", name="slack_whole"),
)

memberships = Table(
    "memberships",
    metadata,
    Column("contact_id", ForeignKey("contacts.id"), primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("role", one_of(Role), nullable=False),
    Index(None, "account_id", "role"),
)

authenticators = Table(
    "authenticators",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("contact_id", ForeignKey("contacts.id"), nullable=False, index=True),
    Column("type", one_of(AuthenticatorType), nullable=False),
    Column("state", one_of(AuthenticatorState), nullable=False),
    Column("encrypted_secret", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("bound_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
    Column("invalidated_at", UtcDateTime),
    Column("last_accepted_step", BigInteger),
    Column("failed_in_a_row", Integer, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("contact_id", ForeignKey("contacts.id"), nullable=False),
    Column("stage", one_of(SessionStage), nullable=False),
    Column("sign_in_epoch", Integer, nullable=False),
    Column("browser", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("token_hash", String(128), nullable=False, unique=True),
    Column("authenticator_id", ForeignKey("authenticators.id")),
    Column("set_up_code_hash", String(128)),
    Column("set_up_code_expires_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    _partial("ix_sessions_not_ended", "contact_id", where=NOT_ENDED),
)

suspensions = Table(
    "suspensions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("contact_id", ForeignKey("contacts.id"), nullable=False),
    Column("cause", one_of(SuspensionCause), nullable=False),
    Column("case_id", ForeignKey("cases.id")),
    Column("suspended_by", ForeignKey("contacts.id")),
    Column("suspended_at", UtcDateTime, nullable=False),
    Column("lifted_by", Text),  # a contact's id, or an operator
    Column("lifted_at", UtcDateTime),
    _partial("ix_suspensions_not_lifted", "contact_id", where=NOT_LIFTED),
)

cases = Table(
    "cases",
    metadata,
    Column("number", Integer, primary_key=True),  # in the order of opening
    Column("id", String(64), nullable=False, unique=True),
    Column("kind", one_of(CaseKind), nullable=False),
    Column("state", one_of(CaseState), nullable=False),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("admin_id", ForeignKey("contacts.id")),
    Column("subscriber_id", ForeignKey("contacts.id"), nullable=False, index=True),
    Column("proof", one_of(Proof)),
    Column("reason", Text),
    Column("ticket", Text),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("confirm_by", UtcDateTime),
    Column("decided_at", UtcDateTime),
    Column("completed_at", UtcDateTime),
    Column("re_enrolled_at", UtcDateTime),
    Column("ended_reason", Text),
    Column("reminders_sent", Integer, nullable=False),
    Column("next_reminder_at", UtcDateTime),
    Column("taken_over_by", ForeignKey("contacts.id")),
    Column("spared_at", UtcDateTime),
    # while EXECUTING: which process works on it, and until when nobody else may
    Column("lease_holder", String(64)),
    Column("lease_until", UtcDateTime),
    Index(None, "admin_id", "completed_at"),
    _partial("uq_cases_open", "subscriber_id", where=OPEN, unique=True),
    _partial("ix_cases_to_expire", "confirm_by", where=AWAITING),
    _partial("ix_cases_to_remind", "next_reminder_at", where=COMPLETED),
    _partial("ix_cases_completed", text(IN_CHARGE), where=COMPLETED),
    _partial("ix_cases_to_lapse", "completed_at", where=COMPLETED),
    _partial("ix_cases_waiting", "number", where=WAITING),
    _partial("ix_cases_executing", "lease_until", where=EXECUTING),
)

hand_overs = Table(
    "hand_overs",
    metadata,
    Column("number", Integer, primary_key=True),  # in the order of handing over
    Column("id", String(64), nullable=False, unique=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False, index=True),
    Column("session_id", ForeignKey("sessions.id"), nullable=False, index=True),
    Column("handed_over_by", ForeignKey("contacts.id")),
    Column("proof", one_of(Proof)),
    Column("handed_over_at", UtcDateTime, nullable=False),
)

requests = Table(
    "requests",
    metadata,
    Column("number", Integer, primary_key=True),  # in the order of asking
    Column("id", String(64), nullable=False, unique=True),
    Column("subscriber_id", ForeignKey("contacts.id"), nullable=False, index=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("reason", Text),
    Column("state", one_of(RequestState), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("taken_by", ForeignKey("contacts.id")),
    Column("taken_at", UtcDateTime),
    Column("case_id", ForeignKey("cases.id")),
    Column("ended_at", UtcDateTime),
    _partial("uq_requests_live", "subscriber_id", where=LIVE, unique=True),
    _partial("ix_requests_to_expire", "opened_at", where=LIVE),
)

request_messages = Table(
    "request_messages",
    metadata,
    Column("request_id", ForeignKey("requests.id"), primary_key=True),
    Column("channel", String(64), primary_key=True),
    Column("ts", String(64), primary_key=True),
)

attempts = Table(
    "attempts",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("kind", one_of(AttemptKind), nullable=False),
    Column("key", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Index(None, "kind", "key", "at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("number", Integer, primary_key=True),  # in the order of writing
    Column("id", String(64), nullable=False, unique=True),
    Column("kind", one_of(NoticeKind), nullable=False),
    Column("channel", one_of(Channel), nullable=False),
    Column("contact_id", ForeignKey("contacts.id")),
    Column("slack_address", String(64)),
    Column("case_id", ForeignKey("cases.id")),
    Column("session_id", ForeignKey("sessions.id")),
    Column("subject_id", ForeignKey("contacts.id")),
    Column("facts", JSON, nullable=False),
    Column("encrypted_response_url", LargeBinary),
    Column("replace_original", Boolean, nullable=False),
    Column("once", Text, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("next_attempt_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("failed_at", UtcDateTime),
    Column("error", Text),
    # by which process it is being sent; still there where that one never said what came of it
    Column("claimed_by", String(64)),
    Column("in_doubt", Boolean, nullable=False, server_default=false()),
    _partial("ix_outbox_due", "next_attempt_at", "number", where=UNSENT),
    _partial("ix_outbox_way", text(f"({WAY})"), "next_attempt_at", "number", where=UNSENT),
    _partial("ix_outbox_session", "session_id", where=text("session_id IS NOT NULL")),
    _partial("ix_outbox_failed", "number", where=text("failed_at IS NOT NULL")),
)

outbox_paces = Table(
    "outbox_paces",
    metadata,
    Column("way", String(32), primary_key=True),
    Column("booked_until", UtcDateTime, nullable=False),
    Column("held_until", UtcDateTime),
)

# The audit chain names what it is about without foreign keys: it outlives everything.
audit_records = Table(
    "audit_records",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("tag", String(128), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("subscriber_id", String(64)),
    Column("account_id", String(64)),
    Column("case_id", String(64), index=True),
    Column("slack_enterprise", String(64)),
    Column("slack_team", String(64)),
    Column("slack_user", String(64)),
    Column("details_hash", String(64), nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index(None, "account_id", "number"),
)

audit_details = Table(
    "audit_details",
    metadata,
    Column("number", ForeignKey("audit_records.number"), primary_key=True, autoincrement=False),
    Column("salt", String(64), nullable=False),
    Column("details", JSON, nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    CheckConstraint("id = 1", name="single"),
)
