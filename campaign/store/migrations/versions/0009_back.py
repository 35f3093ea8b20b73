"""Letters may go back to their writers: the seat has another holder, or other lines, or the text has ended."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

BEFORE = "reason IN ('', 'taken back', 'not sent by this person', 'erased')"
AFTER = (
    "reason IN ('', 'taken back', 'not sent by this person', 'erased', "
    "'another holder', 'other lines', 'its text has ended')"
)


def upgrade() -> None:
    with op.batch_alter_table("letter") as letter:
        letter.drop_constraint(op.f("ck_letter_reason"), type_="check")
        letter.create_check_constraint(op.f("ck_letter_reason"), AFTER)


def downgrade() -> None:
    letter = sa.table("letter", sa.column("reason", sa.String()))
    back = letter.c.reason.in_(["another holder", "other lines", "its text has ended"])
    op.execute(letter.update().where(back).values(reason="taken back"))
    with op.batch_alter_table("letter") as batch:
        batch.drop_constraint(op.f("ck_letter_reason"), type_="check")
        batch.create_check_constraint(op.f("ck_letter_reason"), BEFORE)
