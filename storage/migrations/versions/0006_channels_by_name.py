"""A message to a channel that is named with `#` leaves by the way of channels, too.

Only makes an index anew: the version before goes on beside this one, and finds the same messages
without it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_UNSENT = sa.text("sent_at IS NULL AND failed_at IS NULL")
_WAY = sa.text(
    "(CASE WHEN channel = 'email' THEN 'e-mail'"
    " WHEN encrypted_response_url IS NOT NULL THEN 'response_url'"
    " WHEN kind = 'request_changed' THEN 'chat.update'"
    " WHEN substr(slack_address, 1, 1) IN ('C', 'G', '#') THEN 'channel'"
    " ELSE 'chat.postMessage' END)"
)


def upgrade() -> None:
    """Make the index of what leaves next by each way anew."""
    op.drop_index("ix_outbox_way", "outbox")
    op.create_index(
        "ix_outbox_way",
        "outbox",
        [_WAY, "next_attempt_at", "number"],
        sqlite_where=_UNSENT,
        postgresql_where=_UNSENT,
    )
