"""Sign-outs that providers tell of, their security events, and whom they recorded by SCIM"""

import sqlalchemy as sa
from alembic import op

from registry.db.migrations.private_tables import keep_private

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_TABLES = ("provisioned", "security_events", "sign_outs")
_INSTANT = sa.DateTime(timezone=True)


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, _INSTANT, nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "sign_outs",
        _text("iss", 255),
        _text("sub", 255),
        _at("before"),
        _at("until"),
        sa.PrimaryKeyConstraint("iss", "sub", name=op.f("pk_sign_outs")),
    )
    op.create_index("ix_sign_outs_until", "sign_outs", ["until"])
    op.create_table(
        "security_events",
        _text("digest", 64),
        sa.Column("told", sa.JSON(), nullable=True),
        _at("received_at"),
        _at("done_at", nullable=True),
        _at("until"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_security_events")),
    )
    op.create_index("ix_security_events_done_at", "security_events", ["done_at", "received_at"])
    op.create_index("ix_security_events_until", "security_events", ["until"])
    op.create_table(
        "provisioned",
        _text("identity_id", 32),
        _text("iss", 255),
        _text("user_name", 255),
        _text("user_key", 255),
        _text("external_id", 255, nullable=True),
        _at("created_at"),
        _at("changed_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identities.identity_id"], name=op.f("fk_provisioned_identity_id")
        ),
        sa.PrimaryKeyConstraint("identity_id", name=op.f("pk_provisioned")),
        sa.UniqueConstraint("iss", "user_key", name=op.f("uq_provisioned_iss")),
    )
    op.create_index("ix_provisioned_external_id", "provisioned", ["iss", "external_id"])
    keep_private(_TABLES)


def downgrade() -> None:
    for name in _TABLES:
        op.drop_table(name)
