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
    op.create_table(
        "outbox_paces",
        sa.Column("way", _TAG, nullable=False),
        sa.Column("free_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("way", name="pk_outbox_paces"),
    )
