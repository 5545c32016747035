"""People and systems, their roles and requests; whose successor an authority is"""

import sqlalchemy as sa
from alembic import op

from registry.db.migrations.private_tables import keep_private

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_OF_PEOPLE = ("officer_certificates", "grant_requests", "role_assignments", "identities")
_INSTANT = sa.DateTime(timezone=True)
_OF_AUTHORITIES = ("parent", "successor", "valid_from", "valid_until")


def _id(name: str, length: int = 32, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _at(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, _INSTANT, nullable=nullable)


def upgrade() -> None:
    for name in _OF_AUTHORITIES:  # without a copy of the table, to which others refer
        kind = sa.Date() if name.startswith("valid") else sa.String(length=64)
        op.add_column("authorities", sa.Column(name, kind, nullable=True))
    _identities()
    _role_assignments()
    _grant_requests()
    op.create_table(
        "officer_certificates",
        _id("issuer", 64),
        _id("serial", 40),
        _id("identity_id"),
        _id("authority_id", 64, nullable=True),
        _at("bound_at", nullable=False),
        _at("ended_at"),
        sa.Column("why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("issuer", "serial", name=op.f("pk_officer_certificates")),
        _refers("officer_certificates", "identity_id", "identities.identity_id"),
        _refers("officer_certificates", "authority_id", "authorities.authority_id"),
    )
    op.create_index("ix_officer_certificates_identity_id", "officer_certificates", ["identity_id"])
    keep_private(_OF_PEOPLE)


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))


def _identities() -> None:
    op.create_table(
        "identities",
        _id("identity_id"),
        _id("iss", 255),
        _id("sub", 255),
        _id("kind", 16),
        _id("name", 128),
        _id("state", 16),
        _id("merged_into", nullable=True),
        _id("owner", nullable=True),
        _id("salt", 64),
        _at("created_at", nullable=False),
        _at("last_seen_at"),
        sa.PrimaryKeyConstraint("identity_id", name=op.f("pk_identities")),
        sa.UniqueConstraint("iss", "sub", name=op.f("uq_identities_iss")),
        _refers("identities", "merged_into", "identities.identity_id"),
        _refers("identities", "owner", "identities.identity_id"),
    )
    op.create_index("ix_identities_owner", "identities", ["owner"])
    op.create_index("ix_identities_merged_into", "identities", ["merged_into"])


def _role_assignments() -> None:
    op.create_table(
        "role_assignments",
        _id("assignment_id"),
        _id("identity_id"),
        _id("role", 16),
        _id("authority_id", 64, nullable=True),
        _at("valid_from"),
        _at("valid_until"),
        _id("given_by", 128),
        _at("given_at", nullable=False),
        _id("ended_by", 128, nullable=True),
        _at("ended_at"),
        sa.Column("why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_role_assignments")),
        _refers("role_assignments", "identity_id", "identities.identity_id"),
        _refers("role_assignments", "authority_id", "authorities.authority_id"),
    )
    op.create_index("ix_role_assignments_identity_id", "role_assignments", ["identity_id"])
    op.create_index("ix_role_assignments_authority_id", "role_assignments", ["authority_id"])


def _grant_requests() -> None:
    op.create_table(
        "grant_requests",
        _id("request_id"),
        _id("action"),
        _id("authority_id", 64, nullable=True),
        _id("type_code", 21, nullable=True),
        _id("digest", 64),
        _id("request_key", 64, nullable=True),
        _id("requested_by", 128),
        _at("requested_at", nullable=False),
        _at("lapses_at", nullable=False),
        _id("state", 16),
        _id("decided_by", 128, nullable=True),
        _at("decided_at"),
        sa.Column("reason", sa.Text(), nullable=True),
        _at("changed_at", nullable=False),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_grant_requests")),
        sa.UniqueConstraint("request_key", name=op.f("uq_grant_requests_request_key")),
        _refers("grant_requests", "authority_id", "authorities.authority_id"),
        _refers("grant_requests", "type_code", "licence_types.code"),
    )
    op.create_index("ix_grant_requests_authority_id", "grant_requests", ["authority_id", "state"])
    op.create_index("ix_grant_requests_requested_by", "grant_requests", ["requested_by"])
    op.create_index("ix_grant_requests_state", "grant_requests", ["state", "lapses_at"])


def downgrade() -> None:
    for table in _OF_PEOPLE:
        op.drop_table(table)
    for name in _OF_AUTHORITIES:
        op.drop_column("authorities", name)
