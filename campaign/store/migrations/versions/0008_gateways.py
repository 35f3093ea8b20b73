"""The chambers' gateways for letters, as this installation may use them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "gateway",
        sa.Column("chamber", sa.String(), nullable=False),
        sa.Column("environment", sa.String(), nullable=False),
        sa.Column("offices", sa.String(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.Column("off", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint("chamber IN ('house', 'senate')", name=op.f("ck_gateway_chamber")),
        sa.CheckConstraint("environment IN ('uat', 'production')", name=op.f("ck_gateway_environment")),
        sa.PrimaryKeyConstraint("chamber", name=op.f("pk_gateway")),
    )


def downgrade() -> None:
    op.drop_table("gateway")
