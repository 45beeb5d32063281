"""Who works on a case or sends a message just now, and how soon Slack takes the next one.

Only adds what may be left out, so that the version before goes on beside this one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.String(length=64)
_TAG = sa.String(length=32)
_INSTANT = sa.DateTime(timezone=True)

_EXECUTING = sa.text("state = 'executing'")
_UNSENT = sa.text("sent_at IS NULL AND failed_at IS NULL")
_WAY = sa.text(
    "(CASE WHEN channel = 'email' THEN 'e-mail'"
    " WHEN encrypted_response_url IS NOT NULL THEN 'response_url'"
    " WHEN kind = 'request_changed' THEN 'chat.update'"
    " WHEN substr(slack_address, 1, 1) IN ('C', 'G') THEN 'channel'"
    " ELSE 'chat.postMessage' END)"
)


def upgrade() -> None:
    """Add the lease of a case, the claim on a message, and the pace of each way out."""
    op.add_column("cases", sa.Column("lease_holder", _ID))
    op.add_column("cases", sa.Column("lease_until", _INSTANT))
    op.create_index(
        "ix_cases_executing",
        "cases",
        ["lease_until"],
        sqlite_where=_EXECUTING,
        postgresql_where=_EXECUTING,
    )
    op.add_column("outbox", sa.Column("claimed_by", _ID))
    op.add_column(
        "outbox", sa.Column("in_doubt", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_index(
        "ix_outbox_way",
        "outbox",
        [_WAY, "next_attempt_at", "number"],
        sqlite_where=_UNSENT,
        postgresql_where=_UNSENT,
    )
    op.create_table(
        "outbox_paces",
        sa.Column("way", _TAG, nullable=False),
        sa.Column("booked_until", _INSTANT, nullable=False),
        sa.Column("held_until", _INSTANT),
        sa.PrimaryKeyConstraint("way", name="pk_outbox_paces"),
    )
