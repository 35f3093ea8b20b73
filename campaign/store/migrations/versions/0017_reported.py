"""What supporters say they did: forms beside calls. What a visitor typed. What was open on the page."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OUTCOMES = (
    "(way = 'call' AND outcome IN ('answered', 'voicemail', 'busy')) "
    "OR (way = 'form' AND outcome IN ('chosen', 'sent', 'failed'))"
)
PLACE = "id, campaign_id, supporter_id, seat, holder"


def upgrade() -> None:
    op.create_table(
        "reported",
        sa.Column("id", ID, nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("supporter_id", ID, nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(OUTCOMES, name=op.f("ck_reported_outcome")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reported")),
        sa.UniqueConstraint("supporter_id", "campaign_id", "seat", "holder", "way", name="uq_reported_once"),
    )
    op.create_index(op.f("ix_reported_campaign_id_way_outcome"), "reported", ["campaign_id", "way", "outcome"])
    op.execute(
        f"INSERT INTO reported ({PLACE}, way, outcome, at) "  # noqa: S608 - constants of this file
        f"SELECT {PLACE}, 'call', outcome, at FROM call WHERE outcome <> 'later'"
    )
    if op.get_bind().dialect.name == "postgresql":
        newest = "(SELECT coalesce(max(id), 0) + 1 FROM reported)"
        op.execute(f"SELECT setval(pg_get_serial_sequence('reported', 'id'), {newest}, false)")
    op.drop_table("call")
    op.create_table(
        "typed_form",
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_typed_form")),
    )
    op.create_index(op.f("ix_typed_form_expires_at"), "typed_form", ["expires_at"])
    op.execute(
        "ALTER TABLE evidence ADD COLUMN shown VARCHAR DEFAULT 'whole' NOT NULL "
        "CONSTRAINT ck_evidence_shown CHECK (shown IN ('whole', 'difference'))"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE evidence DROP COLUMN shown")
    op.drop_table("typed_form")
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
    op.execute(f"INSERT INTO call ({PLACE}, outcome, at) SELECT {PLACE}, outcome, at FROM reported WHERE way = 'call'")  # noqa: S608
    op.drop_table("reported")
