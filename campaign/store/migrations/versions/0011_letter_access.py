"""Who read letters' text: rows are added, never changed or deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SQLITE_WALL = """CREATE TRIGGER letter_access_no_{0} BEFORE {0} ON letter_access
    BEGIN SELECT RAISE(ABORT, 'letter_access only grows'); END"""
POSTGRESQL_WALL = """CREATE TRIGGER letter_access_no_{0} BEFORE {0} ON letter_access FOR EACH ROW
    EXECUTE FUNCTION campaign_wall('letter_access only grows')"""


def upgrade() -> None:
    op.create_table(
        "letter_access",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("by", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint("what IN ('packet', 'export', 'cwc')", name=op.f("ck_letter_access_what")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_letter_access_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_access")),
    )
    op.create_index(op.f("ix_letter_access_campaign_id"), "letter_access", ["campaign_id"])
    wall = POSTGRESQL_WALL if op.get_bind().dialect.name == "postgresql" else SQLITE_WALL
    for change in ("UPDATE", "DELETE"):
        op.execute(wall.format(change))


def downgrade() -> None:
    op.drop_table("letter_access")
