"""Anonymous counts of what people on the open page did."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EVENTS = "'zip', 'call_answered', 'call_voicemail', 'call_busy', 'form_sent', 'form_failed', 'joined'"


def upgrade() -> None:
    op.create_table(
        "tally",
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"event IN ({EVENTS})", name=op.f("ck_tally_event")),
        sa.CheckConstraint("number >= 0", name=op.f("ck_tally_number")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_tally_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "source", "day", "event", "seat", name=op.f("pk_tally")),
    )


def downgrade() -> None:
    op.drop_table("tally")
