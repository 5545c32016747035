"""Local accounts with their passkeys, failed sign-ins, the emergency credential; sessions' limit"""

import sqlalchemy as sa
from alembic import op

from registry.db.migrations.private_tables import keep_private

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_TABLES = ("passkeys", "local_accounts", "challenges", "sign_in_tries", "break_glass")
_INSTANT = sa.DateTime(timezone=True)


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, _INSTANT, nullable=nullable)


def _octets(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def upgrade() -> None:
    op.add_column("sessions", _at("until", nullable=True))
    op.create_table(
        "local_accounts",
        _text("sub", 64),
        _text("login", 64),
        _text("name", 128),
        _text("password_hash", 255, nullable=True),
        _octets("browser_secret"),
        _at("created_at"),
        _at("password_at", nullable=True),
        _text("code_digest", 64, nullable=True),
        _at("code_until", nullable=True),
        sa.PrimaryKeyConstraint("sub", name=op.f("pk_local_accounts")),
        sa.UniqueConstraint("login", name=op.f("uq_local_accounts_login")),
    )
    op.create_table(
        "passkeys",
        _text("digest", 64),
        _text("passkey_id", 32),
        _text("sub", 64),
        _octets("credential_id"),
        _octets("public_key"),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        _text("label", 64),
        _at("created_at"),
        _at("last_used_at", nullable=True),
        sa.Column("suspect", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["sub"], ["local_accounts.sub"], name=op.f("fk_passkeys_sub")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("passkey_id", name=op.f("uq_passkeys_passkey_id")),
    )
    op.create_index("ix_passkeys_sub", "passkeys", ["sub"])
    op.create_table(
        "challenges",
        _text("digest", 64),
        _text("purpose", 16),
        _octets("challenge"),
        sa.Column("detail", sa.Text(), nullable=False),
        _at("made_at"),
        sa.PrimaryKeyConstraint("digest", "purpose", name=op.f("pk_challenges")),
    )
    op.create_index("ix_challenges_made_at", "challenges", ["made_at"])
    op.create_table(
        "sign_in_tries",
        _text("digest", 64),
        sa.Column("failures", sa.Integer(), nullable=False),
        _at("last_at"),
        _at("not_before"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_in_tries")),
    )
    op.create_index("ix_sign_in_tries_last_at", "sign_in_tries", ["last_at"])
    op.create_table(
        "break_glass",
        _text("use_id", 32),
        _text("secret_hash", 255),
        _text("prepared_by", 128),
        _at("prepared_at"),
        _at("replaced_at", nullable=True),
        _at("used_at", nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        _text("acknowledged_by", 128, nullable=True),
        _at("acknowledged_at", nullable=True),
        sa.PrimaryKeyConstraint("use_id", name=op.f("pk_break_glass")),
    )
    keep_private(_TABLES)


def downgrade() -> None:
    for name in _TABLES:
        op.drop_table(name)
    op.drop_column("sessions", "until")
