"""Calls to offices, as the people who made them say."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "call",
        sa.Column("id", ID, nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("supporter_id", ID, nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("outcome IN ('answered', 'voicemail', 'busy', 'later')", name=op.f("ck_call_outcome")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("supporter_id", "campaign_id", "seat", "holder", name="uq_call_once"),
    )
    op.create_index(op.f("ix_call_campaign_id_outcome"), "call", ["campaign_id", "outcome"])


def downgrade() -> None:
    op.drop_table("call")
