"""Attempts to sign in."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INDEXED = ("account", "address", "created")


def upgrade() -> None:
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
    )
    for column in INDEXED:
        op.create_index(f"ix_sign_in_attempt_{column}", "sign_in_attempt", [column])


def downgrade() -> None:
    op.drop_table("sign_in_attempt")
