"""Daily summaries: who at an office said how it wants letters, where it works, and who may be quoted."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("contact", sa.Column("answered_by", sa.String(), server_default="", nullable=False))
    op.add_column("contact", sa.Column("zone", sa.String(), server_default="", nullable=False))
    op.add_column("evidence", sa.Column("quote", sa.Boolean(), server_default=sa.text("false"), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("evidence") as evidence:
        evidence.drop_column("quote")
    with op.batch_alter_table("contact") as contact:
        contact.drop_column("zone")
        contact.drop_column("answered_by")
