"""Everything, as first released."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.String(length=64)
_TAG = sa.String(length=32)
_INSTANT = sa.DateTime(timezone=True)

_COMPLETED = "state = 'completed'"
_AWAITING = "state = 'awaiting_confirmation'"
_OPEN = "state IN ('awaiting_confirmation', 'executing')"
_WAITING = (
    "state IN ('awaiting_confirmation', 'completed', 'executing', 'failed', 'lapsed', 'vetoed')"
)
_UNSENT = "sent_at IS NULL AND failed_at IS NULL"

_GENESIS_HASH = "0" * 64

_SQLITE_TRIGGERS = (
    # a REPLACE deletes without telling a DELETE trigger, hence those on INSERT
    """
    CREATE TRIGGER audit_records_insert BEFORE INSERT ON audit_records
    WHEN EXISTS (SELECT 1 FROM audit_records WHERE number = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'audit records are never changed'); END
    """,
    """
    CREATE TRIGGER audit_records_update BEFORE UPDATE ON audit_records
    BEGIN SELECT RAISE(ABORT, 'audit records are never changed'); END
    """,
    """
    CREATE TRIGGER audit_records_delete BEFORE DELETE ON audit_records
    BEGIN SELECT RAISE(ABORT, 'audit records are never deleted'); END
    """,
    """
    CREATE TRIGGER audit_details_insert BEFORE INSERT ON audit_details
    WHEN EXISTS (SELECT 1 FROM audit_details WHERE number = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'audit details are never changed'); END
    """,
    """
    CREATE TRIGGER audit_details_update BEFORE UPDATE ON audit_details
    BEGIN SELECT RAISE(ABORT, 'audit details are never changed'); END
    """,
)
_POSTGRESQL_TRIGGERS = (
    """
    CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
    """,
    """
    CREATE TRIGGER audit_records_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_records
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()
    """,
    """
    CREATE TRIGGER audit_details_change BEFORE UPDATE OR TRUNCATE ON audit_details
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()
    """,
)


def upgrade() -> None:
    """Create every table, and the triggers that keep the audit chain append-only."""
    _directory()
    _cases()
    _sign_in()
    _outbox()
    _audit()
    postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in _POSTGRESQL_TRIGGERS if postgresql else _SQLITE_TRIGGERS:
        op.execute(statement)


def _partial(
    name: str, table: str, columns: list[str], *, where: str, unique: bool = False
) -> None:
    predicate = sa.text(where)
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=predicate, postgresql_where=predicate
    )


def _directory() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("two_factor", _TAG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
    )
    op.create_table(
        "contacts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text()),
        sa.Column("manager", sa.Text()),
        sa.Column("slack_enterprise", _ID, nullable=False),
        sa.Column("slack_team", _ID),
        sa.Column("slack_user", _ID),
        sa.Column("password_hash", sa.Text()),
        sa.Column("password_must_change", sa.Boolean(), nullable=False),
        sa.Column("set_up_required", sa.Boolean(), nullable=False),
        sa.Column("sign_in_epoch", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(slack_team IS NULL) = (slack_user IS NULL)", name=op.f("ck_contacts_slack_whole")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
        sa.UniqueConstraint("email", name="uq_contacts_email"),
        sa.UniqueConstraint(
            "slack_enterprise",
            "slack_team",
            "slack_user",
            name="uq_contacts_slack_enterprise_slack_team_slack_user",
        ),
        sa.UniqueConstraint("username", name="uq_contacts_username"),
    )
    op.create_table(
        "memberships",
        sa.Column("contact_id", _ID, nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("role", _TAG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_memberships_account_id"),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_memberships_contact_id"),
        sa.PrimaryKeyConstraint("contact_id", "account_id", name="pk_memberships"),
    )
    op.create_index("ix_memberships_account_id_role", "memberships", ["account_id", "role"])


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", _TAG, nullable=False),
        sa.Column("state", _TAG, nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("admin_id", _ID),
        sa.Column("subscriber_id", _ID, nullable=False),
        sa.Column("proof", _TAG),
        sa.Column("reason", sa.Text()),
        sa.Column("ticket", sa.Text()),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("confirm_by", _INSTANT),
        sa.Column("decided_at", _INSTANT),
        sa.Column("completed_at", _INSTANT),
        sa.Column("re_enrolled_at", _INSTANT),
        sa.Column("ended_reason", sa.Text()),
        sa.Column("reminders_sent", sa.Integer(), nullable=False),
        sa.Column("next_reminder_at", _INSTANT),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_cases_account_id"),
        sa.ForeignKeyConstraint(["admin_id"], ["contacts.id"], name="fk_cases_admin_id"),
        sa.ForeignKeyConstraint(["subscriber_id"], ["contacts.id"], name="fk_cases_subscriber_id"),
        sa.PrimaryKeyConstraint("number", name="pk_cases"),
        sa.UniqueConstraint("id", name="uq_cases_id"),
    )
    _partial("ix_cases_completed", "cases", ["admin_id"], where=_COMPLETED)
    op.create_index("ix_cases_subscriber_id", "cases", ["subscriber_id"])
    _partial("ix_cases_to_expire", "cases", ["confirm_by"], where=_AWAITING)
    _partial("ix_cases_to_remind", "cases", ["next_reminder_at"], where=_COMPLETED)
    _partial("ix_cases_waiting", "cases", ["number"], where=_WAITING)
    _partial("uq_cases_open", "cases", ["subscriber_id"], where=_OPEN, unique=True)
    op.create_table(
        "suspensions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("contact_id", _ID, nullable=False),
        sa.Column("cause", _TAG, nullable=False),
        sa.Column("case_id", _ID),
        sa.Column("suspended_by", _ID),
        sa.Column("suspended_at", _INSTANT, nullable=False),
        sa.Column("lifted_by", sa.Text()),
        sa.Column("lifted_at", _INSTANT),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_suspensions_case_id"),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_suspensions_contact_id"),
        sa.ForeignKeyConstraint(
            ["suspended_by"], ["contacts.id"], name="fk_suspensions_suspended_by"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_suspensions"),
    )
    _partial("ix_suspensions_not_lifted", "suspensions", ["contact_id"], where="lifted_at IS NULL")


def _sign_in() -> None:
    op.create_table(
        "authenticators",
        sa.Column("id", _ID, nullable=False),
        sa.Column("contact_id", _ID, nullable=False),
        sa.Column("type", _TAG, nullable=False),
        sa.Column("state", _TAG, nullable=False),
        sa.Column("encrypted_secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("bound_at", _INSTANT),
        sa.Column("last_used_at", _INSTANT),
        sa.Column("invalidated_at", _INSTANT),
        sa.Column("last_accepted_step", sa.BigInteger()),
        sa.Column("failed_in_a_row", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name="fk_authenticators_contact_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_authenticators"),
    )
    op.create_index("ix_authenticators_contact_id", "authenticators", ["contact_id"])
    op.create_table(
        "sessions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("contact_id", _ID, nullable=False),
        sa.Column("stage", _TAG, nullable=False),
        sa.Column("sign_in_epoch", sa.Integer(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("token_hash", sa.String(length=128), nullable=False),
        sa.Column("authenticator_id", _ID),
        sa.Column("set_up_code_hash", sa.String(length=128)),
        sa.Column("set_up_code_expires_at", _INSTANT),
        sa.Column("ended_at", _INSTANT),
        sa.ForeignKeyConstraint(
            ["authenticator_id"], ["authenticators.id"], name="fk_sessions_authenticator_id"
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_sessions_contact_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("token_hash", name="uq_sessions_token_hash"),
    )
    _partial("ix_sessions_not_ended", "sessions", ["contact_id"], where="ended_at IS NULL")
    op.create_table(
        "attempts",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", _TAG, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_attempts"),
    )
    op.create_index("ix_attempts_at", "attempts", ["at"])
    op.create_index("ix_attempts_kind_key_at", "attempts", ["kind", "key", "at"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", _TAG, nullable=False),
        sa.Column("channel", _TAG, nullable=False),
        sa.Column("contact_id", _ID),
        sa.Column("slack_address", _ID),
        sa.Column("case_id", _ID),
        sa.Column("session_id", _ID),
        sa.Column("subject_id", _ID),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("encrypted_response_url", sa.LargeBinary()),
        sa.Column("replace_original", sa.Boolean(), nullable=False),
        sa.Column("once", sa.Text()),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("next_attempt_at", _INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", _INSTANT),
        sa.Column("failed_at", _INSTANT),
        sa.Column("error", sa.Text()),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_outbox_case_id"),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_outbox_contact_id"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="fk_outbox_session_id"),
        sa.ForeignKeyConstraint(["subject_id"], ["contacts.id"], name="fk_outbox_subject_id"),
        sa.PrimaryKeyConstraint("number", name="pk_outbox"),
        sa.UniqueConstraint("id", name="uq_outbox_id"),
        sa.UniqueConstraint("once", name="uq_outbox_once"),
    )
    _partial("ix_outbox_due", "outbox", ["next_attempt_at", "number"], where=_UNSENT)
    _partial("ix_outbox_failed", "outbox", ["number"], where="failed_at IS NOT NULL")


def _audit() -> None:
    op.create_table(
        "audit_records",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("tag", sa.String(length=128), nullable=False),
        sa.Column("actor", _ID, nullable=False),
        sa.Column("subscriber_id", _ID),
        sa.Column("account_id", _ID),
        sa.Column("case_id", _ID),
        sa.Column("slack_enterprise", _ID),
        sa.Column("slack_team", _ID),
        sa.Column("slack_user", _ID),
        sa.Column("details_hash", _ID, nullable=False),
        sa.Column("previous_hash", _ID, nullable=False),
        sa.Column("hash", _ID, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_records"),
    )
    op.create_index("ix_audit_records_case_id", "audit_records", ["case_id"])
    op.create_table(
        "audit_details",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("salt", _ID, nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["audit_records.number"], name="fk_audit_details_number"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_audit_details"),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", _ID, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_single")),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.execute(
        sa.text("INSERT INTO audit_head (id, number, hash) VALUES (1, 0, :hash)").bindparams(
            hash=_GENESIS_HASH
        )
    )
