"""Sign-ups from the open page, and which opt-outs joining again does not lift."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "sign_up",
        sa.Column("id", ID, nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("email_hash", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.String()),
        sa.Column("first_name", sa.String(), server_default="", nullable=False),
        sa.Column("last_name", sa.String(), server_default="", nullable=False),
        sa.Column("locale", sa.String(), server_default="", nullable=False),
        sa.Column("zip", sa.String(), server_default="", nullable=False),
        sa.Column("source", sa.String(), server_default="", nullable=False),
        sa.Column("agreed", sa.String(), server_default="", nullable=False),
        sa.Column("words", sa.LargeBinary()),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger()),
        sa.CheckConstraint("locale IN ('', 'en', 'es')", name=op.f("ck_sign_up_locale")),
        sa.CheckConstraint(
            "email IS NOT NULL OR (first_name = '' AND zip = '' AND words IS NULL)", name=op.f("ck_sign_up_blank")
        ),
        sa.CheckConstraint("confirmed_at IS NULL OR email IS NULL", name=op.f("ck_sign_up_confirmed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_up")),
        sa.UniqueConstraint("email_hash", "campaign_id", name="uq_sign_up_once"),
        sa.UniqueConstraint("nonce", name=op.f("uq_sign_up_nonce")),
    )
    op.add_column("suppression", sa.Column("final", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    suppression = sa.table("suppression", sa.column("reason"), sa.column("final"))
    barred = suppression.c.reason.in_(["bounced", "complained", "listed"])
    op.execute(suppression.update().where(barred).values(final=True))


def downgrade() -> None:
    op.drop_column("suppression", "final")
    op.drop_table("sign_up")
