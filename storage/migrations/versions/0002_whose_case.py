"""Who has a case taken over, what was spared from lapsing, and who handed a set-up code over."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.String(length=64)
_TAG = sa.String(length=32)
_INSTANT = sa.DateTime(timezone=True)

_COMPLETED = sa.text("state = 'completed'")


def upgrade() -> None:
    """Add two columns to the cases, the hand-overs, and the indexes of what is looked for."""
    # both databases take a reference within the column; Alembic makes SQLite copy the whole table
    op.execute(
        "ALTER TABLE cases ADD COLUMN taken_over_by VARCHAR(64) "
        "CONSTRAINT fk_cases_taken_over_by REFERENCES contacts (id)"
    )
    op.add_column("cases", sa.Column("spared_at", _INSTANT))
    op.create_index("ix_cases_admin_id_completed_at", "cases", ["admin_id", "completed_at"])
    op.drop_index("ix_cases_completed", "cases")
    _on_completed("ix_cases_completed", sa.text("coalesce(taken_over_by, admin_id)"))
    _on_completed("ix_cases_to_lapse", "completed_at")
    op.create_table(
        "hand_overs",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("session_id", _ID, nullable=False),
        sa.Column("handed_over_by", _ID),
        sa.Column("proof", _TAG),
        sa.Column("handed_over_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_hand_overs_case_id"),
        sa.ForeignKeyConstraint(
            ["handed_over_by"], ["contacts.id"], name="fk_hand_overs_handed_over_by"
        ),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="fk_hand_overs_session_id"),
        sa.PrimaryKeyConstraint("number", name="pk_hand_overs"),
        sa.UniqueConstraint("id", name="uq_hand_overs_id"),
    )
    op.create_index("ix_hand_overs_case_id", "hand_overs", ["case_id"])


def _on_completed(name: str, column: str | sa.TextClause) -> None:
    op.create_index(name, "cases", [column], sqlite_where=_COMPLETED, postgresql_where=_COMPLETED)
