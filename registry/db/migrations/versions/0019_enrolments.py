"""Challenges for enrolments, and what officers asked for with them"""

import sqlalchemy as sa
from alembic import op

from registry.db.migrations.private_tables import keep_private

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_TABLE = "enrolments"
_INSTANT = sa.DateTime(timezone=True)
_OPEN = sa.text("state = 'REQUESTED'")
_REFERS = {
    "identity_id": "identities.identity_id",
    "authority_id": "authorities.authority_id",
    "request_id": "grant_requests.request_id",
}


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=True)


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("challenge_sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        _text("identity_id", 32),
        _text("authority_id", 64),
        _text("profile", 32),
        _text("spki_sha256", 64),
        sa.Column("evidence", sa.JSON(), nullable=True),
        _text("request_id", 32),
        sa.Column("requested_at", _INSTANT, nullable=True),
        sa.Column("claimed_at", _INSTANT, nullable=True),
        _text("issuer", 64),
        _text("serial", 40),
        sa.Column("settled_at", _INSTANT, nullable=True),
        _text("detail", 64),
        *(
            sa.ForeignKeyConstraint([name], [to], name=op.f(f"fk_{_TABLE}_{name}"))
            for name, to in _REFERS.items()
        ),
        sa.PrimaryKeyConstraint("challenge_sha256", name=op.f(f"pk_{_TABLE}")),
    )
    op.create_index("ix_enrolments_state", _TABLE, ["state", "expires_at"])
    op.create_index(
        "uq_enrolments_key",
        _TABLE,
        ["spki_sha256"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    keep_private([_TABLE])


def downgrade() -> None:
    op.drop_table(_TABLE)
