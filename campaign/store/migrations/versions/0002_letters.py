"""Letters: contacts of offices, visits, evidence, letters, drafts; and deliveries that no request carries."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LETTER = sa.text("letter_id IS NOT NULL")
AWAY = sa.text("letter_id IS NOT NULL AND fate >= 4")
LIVE = sa.text("withdrawn_at IS NULL")
OUTCOMES = "outcome IS NULL OR outcome IN ('suppressed', 'cancelled', 'refused'{})"


def upgrade() -> None:
    op.create_table(
        "contact",
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("wants", sa.String(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("answered_on", sa.String(), server_default="", nullable=False),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("needs", sa.String(), server_default="", nullable=False),
        sa.Column("per_hour", sa.Integer(), nullable=False),
        sa.Column("off", sa.String(), server_default="", nullable=False),
        sa.Column("next_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("answered_on <> '' OR reason <> '' OR off <> ''", name=op.f("ck_contact_answered")),
        sa.CheckConstraint("wants IN ('each', 'daily')", name=op.f("ck_contact_wants")),
        sa.CheckConstraint("per_hour > 0", name=op.f("ck_contact_pace")),
        sa.PrimaryKeyConstraint("seat", name=op.f("pk_contact")),
    )
    op.create_table(
        "visit",
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("supporter_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "supporter_id", name=op.f("pk_visit")),
    )
    op.create_table(
        "evidence",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.Column("consent", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.CheckConstraint("by IN ('page', 'mail')", name=op.f("ck_evidence_by")),
        sa.ForeignKeyConstraint(["release"], ["release.hash"], name=op.f("fk_evidence_release")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_table(
        "letter",
        sa.Column("id", ID, nullable=False),
        sa.Column("evidence_id", ID, nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("supporter_id", ID, nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("matched", sa.String(), nullable=False),
        sa.Column("variant", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint("matched IN ('zip', 'chosen')", name=op.f("ck_letter_matched")),
        sa.CheckConstraint(
            "reason IN ('', 'taken back', 'not sent by this person', 'erased')", name=op.f("ck_letter_reason")
        ),
        sa.CheckConstraint("(withdrawn_at IS NOT NULL) = (reason <> '')", name=op.f("ck_letter_withdrawn")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_letter_evidence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("evidence_id", name=op.f("uq_letter_evidence_id")),
    )
    op.create_index(op.f("ix_letter_campaign_id_seat"), "letter", ["campaign_id", "seat"])
    op.create_index(
        "uq_letter_live",
        "letter",
        ["supporter_id", "campaign_id", "seat", "holder"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_table(
        "draft",
        sa.Column("id", ID, nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("supporter_id", ID, nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("supporter_id", "campaign_id", name="uq_draft_person"),
    )
    with op.batch_alter_table("delivery") as delivery:
        delivery.add_column(sa.Column("letter_id", ID, nullable=True))
        delivery.add_column(sa.Column("channel", sa.String(), nullable=True))
        delivery.add_column(sa.Column("at", sa.BigInteger(), nullable=True))
        delivery.alter_column("request_id", existing_type=ID, nullable=True)
        delivery.drop_constraint(op.f("ck_delivery_outcome"), type_="check")
        delivery.create_check_constraint(op.f("ck_delivery_outcome"), OUTCOMES.format(", 'handed_off', 'reported'"))
        delivery.create_check_constraint(op.f("ck_delivery_request"), "request_id IS NOT NULL OR outcome IS NOT NULL")
        delivery.create_check_constraint(op.f("ck_delivery_letter"), "(letter_id IS NOT NULL) = (kind = 'letter')")
        delivery.create_check_constraint(op.f("ck_delivery_channel"), "(channel IS NOT NULL) = (kind = 'letter')")
    op.create_index("ix_delivery_turned_away", "delivery", ["letter_id"], sqlite_where=AWAY, postgresql_where=AWAY)
    op.create_index(op.f("ix_request_campaign_id_answered_at"), "request", ["campaign_id", "answered_at"])
    op.create_index(
        "uq_delivery_channel",
        "delivery",
        ["letter_id", "channel"],
        unique=True,
        sqlite_where=LETTER,
        postgresql_where=LETTER,
    )


def downgrade() -> None:
    """Letters go, with all that was done about them."""
    op.drop_index("uq_delivery_channel", "delivery")
    op.drop_index("ix_delivery_turned_away", "delivery")
    op.drop_index(op.f("ix_request_campaign_id_answered_at"), "request")
    op.execute("DELETE FROM delivery WHERE kind = 'letter'")
    op.execute("DELETE FROM attempt WHERE request_id IN (SELECT id FROM request WHERE kind = 'letter')")
    op.execute("DELETE FROM request WHERE kind = 'letter'")
    with op.batch_alter_table("delivery") as delivery:
        for name in ("outcome", "request", "letter", "channel"):
            delivery.drop_constraint(op.f(f"ck_delivery_{name}"), type_="check")
        delivery.create_check_constraint(op.f("ck_delivery_outcome"), OUTCOMES.format(""))
        delivery.alter_column("request_id", existing_type=ID, nullable=False)
        for name in ("at", "channel", "letter_id"):
            delivery.drop_column(name)
    for name in ("letter", "evidence", "visit", "draft", "contact"):
        op.drop_table(name)
