"""Which sessions are old, and what still names them.

Only adds indexes, so that the version before goes on beside this one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NAMES_ONE = sa.text("session_id IS NOT NULL")


def upgrade() -> None:
    """Add what finds old sessions, and the rows without which none may be deleted."""
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_index("ix_hand_overs_session_id", "hand_overs", ["session_id"])
    op.create_index(
        "ix_outbox_session",
        "outbox",
        ["session_id"],
        sqlite_where=_NAMES_ONE,
        postgresql_where=_NAMES_ONE,
    )
