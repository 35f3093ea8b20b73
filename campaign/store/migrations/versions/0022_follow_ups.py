"""No more emails about a letter, whether an office answered, and subjects without a topic."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "follow_up",
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("supporter_id", ID, nullable=False),
        sa.Column("quiet_at", sa.BigInteger()),
        sa.Column("answer", sa.String(), nullable=False, server_default=""),
        sa.Column("answered_at", sa.BigInteger()),
        sa.CheckConstraint("answer IN ('', 'yes', 'no', 'not_yet')", name=op.f("ck_follow_up_answer")),
        sa.CheckConstraint("(answered_at IS NULL) = (answer = '')", name=op.f("ck_follow_up_answered")),
        sa.PrimaryKeyConstraint("campaign_id", "supporter_id", name=op.f("pk_follow_up")),
    )
    op.add_column("supporter", sa.Column("discreet", sa.Boolean(), nullable=False, server_default=sa.text("false")))


def downgrade() -> None:
    with op.batch_alter_table("supporter") as supporter:
        supporter.drop_column("discreet")
    op.drop_table("follow_up")
