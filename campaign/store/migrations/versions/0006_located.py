"""Addresses: what was found for each, by its keyed hash; sources that do not answer; letters that an address proves."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

MATCHED = "matched IN ('zip', 'chosen'{})"


def upgrade() -> None:
    op.create_table(
        "located",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("congress", sa.Integer(), nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("named", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("vintage", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("matched_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(seat <> '') = (why = '')", name=op.f("ck_located_why")),
        sa.CheckConstraint("method IN ('address', 'batch')", name=op.f("ck_located_method")),
        sa.PrimaryKeyConstraint("key", "congress", name=op.f("pk_located")),
    )
    op.create_table(
        "outage",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_outage")),
    )
    op.add_column("supporter", sa.Column("place", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("letter") as letter:
        letter.drop_constraint(op.f("ck_letter_matched"), type_="check")
        letter.create_check_constraint(op.f("ck_letter_matched"), MATCHED.format(", 'address'"))


def downgrade() -> None:
    op.execute("UPDATE letter SET matched = 'chosen' WHERE matched = 'address'")
    with op.batch_alter_table("letter") as letter:
        letter.drop_constraint(op.f("ck_letter_matched"), type_="check")
        letter.create_check_constraint(op.f("ck_letter_matched"), MATCHED.format(""))
    with op.batch_alter_table("supporter") as supporter:
        supporter.drop_column("place")
    op.drop_table("outage")
    op.drop_table("located")
