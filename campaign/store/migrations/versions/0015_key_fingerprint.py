"""The fingerprint of the root key. `store/root_key.py` writes the row, after the key has been proved."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "root_key",
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_root_key")),
    )


def downgrade() -> None:
    op.drop_table("root_key")
