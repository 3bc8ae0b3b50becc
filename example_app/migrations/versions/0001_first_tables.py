"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def place_of(field: str) -> list[sa.Column[str]]:
    """Return the columns that say where the files of a field are."""
    return [
        sa.Column(name, sa.String(255), nullable=False)
        for name in (f"{field}_storage_type", f"{field}_storage_bucket_name")
    ]


def image() -> list[sa.Column[str] | sa.Column[int]]:
    return [
        sa.Column("image", sa.String(255), nullable=False),
        *place_of("image"),
        sa.Column("image_size", sa.Integer, nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "thingy",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        *image(),
    )
    op.create_table(
        "picture",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("content_type", sa.String(255), nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        *image(),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("file", sa.String(255), nullable=False),
        *place_of("file"),
    )
    op.create_table(
        "album",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("photos", sa.JSON),
        *place_of("photos"),
    )
    op.create_table(
        "role",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(80), nullable=False, unique=True),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(255), nullable=False, unique=True),
        sa.Column("password", sa.String(255), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("fs_uniquifier", sa.String(64), nullable=False, unique=True),
    )
    op.create_table(
        "roles_users",
        sa.Column("user_id", sa.Integer, sa.ForeignKey("user.id"), primary_key=True),
        sa.Column("role_id", sa.Integer, sa.ForeignKey("role.id"), primary_key=True),
    )


def downgrade() -> None:
    for table in ("roles_users", "user", "role", "album", "document", "picture", "thingy"):
        op.drop_table(table)
