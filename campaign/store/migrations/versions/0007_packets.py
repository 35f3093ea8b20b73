"""Letters on paper: packets, what is in each, and what becomes of such a delivery."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OUTCOMES = "outcome IS NULL OR outcome IN ('suppressed', 'cancelled', 'refused', 'handed_off', 'reported'{})"


def upgrade() -> None:
    op.create_table(
        "packet",
        sa.Column("id", ID, nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("printed_at", sa.BigInteger(), nullable=False),
        sa.Column("handed_on", sa.String(), server_default="", nullable=False),
        sa.Column("handed_by", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint("(handed_on = '') = (handed_by = '')", name=op.f("ck_packet_handed")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_packet_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packet")),
        sa.UniqueConstraint("campaign_id", "seat", "number", name="uq_packet_number"),
    )
    op.create_table(
        "packed",
        sa.Column("letter_id", ID, nullable=False),
        sa.Column("packet_id", ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_packed_letter_id")),
        sa.ForeignKeyConstraint(["packet_id"], ["packet.id"], name=op.f("fk_packed_packet_id")),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_packed")),
        sa.UniqueConstraint("packet_id", "place", name="uq_packed_place"),
    )
    op.create_index(op.f("ix_packed_packet_id"), "packed", ["packet_id"])
    _outcomes(OUTCOMES.format(", 'to_print', 'printed', 'handed_in'"))


def downgrade() -> None:
    """What was on paper counts as taken back; who printed it knows better."""
    op.drop_table("packed")
    op.drop_table("packet")
    op.execute("UPDATE delivery SET outcome = 'cancelled' WHERE outcome IN ('to_print', 'printed', 'handed_in')")
    _outcomes(OUTCOMES.format(""))


def _outcomes(check: str) -> None:
    with op.batch_alter_table("delivery") as delivery:
        delivery.drop_constraint(op.f("ck_delivery_outcome"), type_="check")
        delivery.create_check_constraint(op.f("ck_delivery_outcome"), check)
