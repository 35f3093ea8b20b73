"""Addresses of offices' contact forms that were corrected here."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "form_correction",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("mark", "seat", "holder")),
        sa.Column("url", sa.String()),
        sa.Column("source", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), server_default="", nullable=False) for name in ("by", "why", "needs")),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("source IN ('hand', 'check')", name=op.f("ck_form_correction_source")),
        sa.CheckConstraint("(source = 'hand') = (by <> '')", name=op.f("ck_form_correction_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_correction")),
    )


def downgrade() -> None:
    op.drop_table("form_correction")
