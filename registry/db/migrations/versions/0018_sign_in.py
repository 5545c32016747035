"""Sessions, begun sign-ins, tokens that serve once, and what requests ask for"""

import sqlalchemy as sa
from alembic import op

from registry.db.migrations.private_tables import keep_private

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_TABLES = ("used_tokens", "begun_sign_ins", "sessions", "request_contents")
_INSTANT = sa.DateTime(timezone=True)


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _at(name: str) -> sa.Column[object]:
    return sa.Column(name, _INSTANT, nullable=False)


def upgrade() -> None:
    op.create_table(
        "request_contents",
        _text("request_id", 32),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("photo", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["grant_requests.request_id"],
            name=op.f("fk_request_contents_request_id"),
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_request_contents")),
    )
    op.create_table(
        "sessions",
        _text("digest", 64),
        _text("iss", 255),
        _text("sub", 255),
        _text("alias", 40),
        _text("provider_session", 255, nullable=True),
        _at("auth_time"),
        _text("acr", 255, nullable=True),
        sa.Column("groups", sa.JSON(), nullable=False),
        _text("name", 128),
        _at("begun_at"),
        _at("seen_at"),
        _text("form_token", 64),
        sa.Column("id_token", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_iss", "sessions", ["iss", "sub"])
    op.create_index("ix_sessions_seen_at", "sessions", ["seen_at"])
    op.create_table(
        "begun_sign_ins",
        _text("digest", 64),
        sa.Column("pending", sa.JSON(), nullable=False),
        sa.Column("back_to", sa.Text(), nullable=False),
        _at("begun_at"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_begun_sign_ins")),
    )
    op.create_index("ix_begun_sign_ins_begun_at", "begun_sign_ins", ["begun_at"])
    op.create_table(
        "used_tokens",
        _text("digest", 64),
        _at("until"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_used_tokens")),
    )
    op.create_index("ix_used_tokens_until", "used_tokens", ["until"])
    keep_private(_TABLES)


def downgrade() -> None:
    for name in _TABLES:
        op.drop_table(name)
