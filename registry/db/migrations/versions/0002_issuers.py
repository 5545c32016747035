"""Several issuers; when a key fell into other hands; which CRL speaks of a certificate"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    issuers = op.create_table(
        "issuers",
        sa.Column("issuer", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("parent", sa.String(length=64), nullable=True),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=True),
        sa.Column("chain", sa.JSON(), nullable=False),
        sa.Column("crl_shards", sa.Integer(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("issuer", name=op.f("pk_issuers")),
    )
    with op.batch_alter_table("certificates", schema=None) as batch_op:
        batch_op.add_column(sa.Column("invalidity_at", _INSTANT, nullable=True))
        batch_op.add_column(sa.Column("shard", sa.Integer(), nullable=False, server_default="0"))
    _record_the_founded(issuers)


def _record_the_founded(issuers: sa.Table) -> None:
    """A home that was founded before has one root and one issuing CA, under these names."""
    certificates = sa.table(
        "certificates",
        sa.column("issuer", sa.String),
        sa.column("profile", sa.String),
        sa.column("state", sa.String),
        sa.column("certificate", sa.LargeBinary),
        sa.column("issued_at", _INSTANT),
    )
    connection = op.get_bind()
    for issuer, role, parent in (("root", "root", None), ("issuing-1", "issuing", "root")):
        found = connection.execute(
            sa.select(certificates.c.certificate, certificates.c.issued_at)
            .where(
                certificates.c.issuer == "root",
                certificates.c.profile == role,
                certificates.c.state != "INTENDED",
            )
            .order_by(certificates.c.issued_at.desc())
            .limit(1)
        ).one_or_none()
        if found is not None:
            values = {
                "issuer": issuer,
                "role": role,
                "parent": parent,
                "key_id": issuer,
                "state": "ACTIVE",
                "certificate": found.certificate,
                "chain": [],
                "crl_shards": 1,
                "created_at": found.issued_at,
            }
            connection.execute(issuers.insert().values(values))


def downgrade() -> None:
    with op.batch_alter_table("certificates", schema=None) as batch_op:
        batch_op.drop_column("shard")
        batch_op.drop_column("invalidity_at")
    op.drop_table("issuers")
