"""Wrong ZIP codes per action link; which email tells a supporter about a letter, and letters stopped without one."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNTOLD = "its supporter could not be told"
BEFORE = (
    "reason IN ('', 'taken back', 'not sent by this person', 'erased', "
    "'another holder', 'other lines', 'its text has ended')"
)
AFTER = BEFORE.removesuffix(")") + f", '{UNTOLD}')"

LETTER = sa.table(
    "letter",
    *(sa.column(name) for name in ("id", "campaign_id", "supporter_id", "receipt_id", "reason")),
)
DELIVERY = sa.table("delivery", *(sa.column(name) for name in ("id", "campaign_id", "supporter_id", "kind", "wave")))


def upgrade() -> None:
    op.create_table(
        "zip_guess",
        sa.Column("supporter_id", ID, nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("supporter_id", "campaign_id", "mark", name=op.f("pk_zip_guess")),
    )
    with op.batch_alter_table("letter") as letter:
        letter.add_column(sa.Column("receipt_id", ID))
        letter.drop_constraint(op.f("ck_letter_reason"), type_="check")
        letter.create_check_constraint(op.f("ck_letter_reason"), AFTER)
    op.execute(LETTER.update().values(receipt_id=_receipt()))


def _receipt() -> sa.ColumnElement[int]:
    """The letter's own receipt; else the supporter's newest one, which was made after the letter was confirmed."""
    mine = (
        DELIVERY.c.supporter_id == LETTER.c.supporter_id,
        DELIVERY.c.campaign_id == LETTER.c.campaign_id,
        DELIVERY.c.kind == "receipt",
    )
    newest = sa.select(sa.func.max(DELIVERY.c.id)).where(*mine).correlate(LETTER)
    own = newest.where(DELIVERY.c.wave == "letter-" + sa.cast(LETTER.c.id, sa.String))
    return sa.func.coalesce(own.scalar_subquery(), newest.scalar_subquery())


def downgrade() -> None:
    op.execute(LETTER.update().where(LETTER.c.reason == UNTOLD).values(reason="taken back"))
    with op.batch_alter_table("letter") as letter:
        letter.drop_constraint(op.f("ck_letter_reason"), type_="check")
        letter.create_check_constraint(op.f("ck_letter_reason"), BEFORE)
        letter.drop_column("receipt_id")
    op.drop_table("zip_guess")
