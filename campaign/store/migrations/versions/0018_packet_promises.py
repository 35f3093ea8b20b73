"""Who promised to hand in packets at an office, and on which day."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

LIVE = sa.text("cancelled_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "packet_promise",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("slug", "seat", "holder", "by", "day", "city")),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("cancelled_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packet_promise")),
    )
    op.create_index(
        "uq_packet_promise_live",
        "packet_promise",
        ["slug", "seat", "day"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )


def downgrade() -> None:
    op.drop_table("packet_promise")
