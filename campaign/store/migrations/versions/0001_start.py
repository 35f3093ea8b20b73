"""The first tables: people, releases, campaigns, the outbox, events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# The walls that a CHECK cannot build, for it does not see the old row.
SQLITE_WALLS = (
    """CREATE TRIGGER request_accepted_is_final BEFORE UPDATE OF state ON request
    WHEN OLD.state = 'accepted' AND NEW.state <> 'accepted'
    BEGIN SELECT RAISE(ABORT, 'nothing leaves accepted'); END""",
    """CREATE TRIGGER wave_launched_is_fixed BEFORE UPDATE OF launched ON wave
    WHEN OLD.launched <> NEW.launched
    BEGIN SELECT RAISE(ABORT, 'launched is fixed'); END""",
)
POSTGRESQL_WALLS = (
    """CREATE FUNCTION campaign_wall() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation'; END $$""",
    """CREATE TRIGGER request_accepted_is_final BEFORE UPDATE OF state ON request FOR EACH ROW
    WHEN (OLD.state = 'accepted' AND NEW.state <> 'accepted')
    EXECUTE FUNCTION campaign_wall('nothing leaves accepted')""",
    """CREATE TRIGGER wave_launched_is_fixed BEFORE UPDATE OF launched ON wave FOR EACH ROW
    WHEN (OLD.launched <> NEW.launched)
    EXECUTE FUNCTION campaign_wall('launched is fixed')""",
)


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", ID, nullable=False),
        sa.Column("delivery_id", ID, nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("delivery_id", "kind", "at", name=op.f("uq_event_delivery_id_kind_at")),
    )
    op.create_index(op.f("ix_event_delivery_id"), "event", ["delivery_id"], unique=False)
    op.create_table(
        "pull",
        sa.Column("id", ID, nullable=False),
        sa.Column("list", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("read", sa.Integer(), server_default="0", nullable=False),
        sa.Column("imported", sa.Integer(), server_default="0", nullable=False),
        sa.Column("updated", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unchanged", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rejected", sa.Integer(), server_default="0", nullable=False),
        sa.Column("mended", sa.Integer(), server_default="0", nullable=False),
        sa.Column("suppressed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rejected_path", sa.String(), server_default="", nullable=False),
        sa.Column("problem", sa.String(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pull")),
    )
    op.create_table(
        "release",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.Column("versions", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_release")),
    )
    op.create_table(
        "supporter",
        sa.Column("id", ID, nullable=False),
        sa.Column("email_hash", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("first_name", sa.String(), server_default="", nullable=False),
        sa.Column("last_name", sa.String(), server_default="", nullable=False),
        sa.Column("locale", sa.String(), server_default="", nullable=False),
        sa.Column("zip", sa.String(), server_default="", nullable=False),
        sa.Column("street", sa.LargeBinary(), nullable=True),
        sa.Column("consent", sa.String(), nullable=False),
        sa.Column("list", sa.String(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("consent <> ''", name=op.f("ck_supporter_consent")),
        sa.CheckConstraint("locale IN ('', 'en', 'es')", name=op.f("ck_supporter_locale")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supporter")),
        sa.UniqueConstraint("email_hash", name=op.f("uq_supporter_email_hash")),
    )
    op.create_table(
        "suppression",
        sa.Column("email_hash", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "reason IN ('unsubscribed', 'complained', 'bounced', 'listed', 'erased')",
            name=op.f("ck_suppression_reason"),
        ),
        sa.PrimaryKeyConstraint("email_hash", name=op.f("pk_suppression")),
    )
    op.create_table(
        "webhook",
        sa.Column("id", ID, nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("applied_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_index(op.f("ix_webhook_applied_at"), "webhook", ["applied_at"], unique=False)
    op.create_table(
        "campaign",
        sa.Column("id", ID, nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("opens_at", sa.BigInteger(), nullable=False),
        sa.Column("closes_at", sa.BigInteger(), nullable=False),
        sa.Column("paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["release"], ["release.hash"], name=op.f("fk_campaign_release")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("slug", name=op.f("uq_campaign_slug")),
    )
    op.create_table(
        "request",
        sa.Column("id", ID, nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("wave", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("variant", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("parent_id", ID, server_default="0", nullable=False),
        sa.Column("part", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.String(), server_default="queued", nullable=False),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("priority", sa.SmallInteger(), server_default="9", nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="1", nullable=False),
        sa.Column("abandoned", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("release", sa.String(), nullable=True),
        sa.Column("marked_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("provider_id", sa.String(), nullable=True),
        sa.Column("processed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("deferred", sa.Integer(), server_default="0", nullable=False),
        sa.Column("delivered", sa.Integer(), server_default="0", nullable=False),
        sa.Column("blocked", sa.Integer(), server_default="0", nullable=False),
        sa.Column("dropped", sa.Integer(), server_default="0", nullable=False),
        sa.Column("bounced", sa.Integer(), server_default="0", nullable=False),
        sa.Column("complained", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "(lease_until IS NOT NULL) = (state IN ('claimed', 'sending'))", name=op.f("ck_request_lease")
        ),
        sa.CheckConstraint("state <> 'accepted' OR answered_at IS NOT NULL", name=op.f("ck_request_answered")),
        sa.CheckConstraint(
            "state IN ('queued', 'held', 'claimed', 'sending', 'unknown', 'accepted', 'refused', 'cancelled')",
            name=op.f("ck_request_state"),
        ),
        sa.CheckConstraint("size >= 0", name=op.f("ck_request_size")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_request_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint(
            "campaign_id", "wave", "kind", "locale", "variant", "seq", "parent_id", "part", name="uq_request_place"
        ),
        sa.UniqueConstraint("token", name=op.f("uq_request_token")),
    )
    op.create_index(
        op.f("ix_request_campaign_id_state_priority_due_at"),
        "request",
        ["campaign_id", "state", "priority", "due_at"],
        unique=False,
    )
    op.create_table(
        "wave",
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("launched", sa.Integer(), nullable=False),
        sa.Column("launched_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_wave_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "name", name=op.f("pk_wave")),
    )
    op.create_table(
        "attempt",
        sa.Column("id", ID, nullable=False),
        sa.Column("request_id", ID, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_attempt_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_request_id"), "attempt", ["request_id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", ID, nullable=False),
        sa.Column("request_id", ID, nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("wave", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("supporter_id", ID, nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("fate", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("fate_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('suppressed', 'cancelled', 'refused')", name=op.f("ck_delivery_outcome")
        ),
        sa.CheckConstraint("fate BETWEEN 0 AND 7", name=op.f("ck_delivery_fate")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_delivery_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("supporter_id", "campaign_id", "wave", "kind", name="uq_delivery_once"),
    )
    op.create_index(
        op.f("ix_delivery_campaign_id_outcome"),
        "delivery",
        ["campaign_id", "outcome"],
        unique=False,
        sqlite_where=sa.text("outcome IS NOT NULL"),
        postgresql_where=sa.text("outcome IS NOT NULL"),
    )
    op.create_index(op.f("ix_delivery_request_id"), "delivery", ["request_id"], unique=False)

    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:  # updates of a delivery find room on their own page
        op.execute("ALTER TABLE delivery SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02)")
        op.execute("ALTER TABLE request SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02)")
    for wall in POSTGRESQL_WALLS if postgresql else SQLITE_WALLS:
        op.execute(wall)


def downgrade() -> None:
    op.drop_table("delivery")
    op.drop_table("attempt")
    op.drop_table("wave")
    op.drop_table("request")
    op.drop_table("campaign")
    op.drop_table("webhook")
    op.drop_table("suppression")
    op.drop_table("supporter")
    op.drop_table("release")
    op.drop_table("pull")
    op.drop_table("event")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION campaign_wall()")
