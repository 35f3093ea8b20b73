"""Who launched a wave, as that person said."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("wave", sa.Column("by", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("wave") as wave:
        wave.drop_column("by")
