"""People's own requests for a reset, and the messages that offer them; an account's last acts."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.String(length=64)
_TAG = sa.String(length=32)
_INSTANT = sa.DateTime(timezone=True)

_LIVE = sa.text("state IN ('open', 'taken')")


def upgrade() -> None:
    """Add both tables, one live request a person, and an index by account for the audit log."""
    op.create_table(
        "requests",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("subscriber_id", _ID, nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("state", _TAG, nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("taken_by", _ID),
        sa.Column("taken_at", _INSTANT),
        sa.Column("case_id", _ID),
        sa.Column("ended_at", _INSTANT),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_requests_account_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_requests_case_id"),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["contacts.id"], name="fk_requests_subscriber_id"
        ),
        sa.ForeignKeyConstraint(["taken_by"], ["contacts.id"], name="fk_requests_taken_by"),
        sa.PrimaryKeyConstraint("number", name="pk_requests"),
        sa.UniqueConstraint("id", name="uq_requests_id"),
    )
    op.create_index("ix_requests_subscriber_id", "requests", ["subscriber_id"])
    _on_live("uq_requests_live", "subscriber_id", unique=True)
    _on_live("ix_requests_to_expire", "opened_at")
    op.create_table(
        "request_messages",
        sa.Column("request_id", _ID, nullable=False),
        sa.Column("channel", _ID, nullable=False),
        sa.Column("ts", _ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name="fk_request_messages_request_id"
        ),
        sa.PrimaryKeyConstraint("request_id", "channel", "ts", name="pk_request_messages"),
    )
    op.create_index("ix_audit_records_account_id_number", "audit_records", ["account_id", "number"])


def _on_live(name: str, column: str, *, unique: bool = False) -> None:
    op.create_index(
        name, "requests", [column], unique=unique, sqlite_where=_LIVE, postgresql_where=_LIVE
    )
