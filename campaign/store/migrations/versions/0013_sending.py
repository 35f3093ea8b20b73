"""Remember what was canceled while it may have been on its way, and find a supporter's letters."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("delivery", sa.Column("cancel_reason", sa.String()))
    op.create_index(op.f("ix_letter_supporter_id_campaign_id"), "letter", ["supporter_id", "campaign_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_letter_supporter_id_campaign_id"), "letter")
    with op.batch_alter_table("delivery") as delivery:
        delivery.drop_column("cancel_reason")
