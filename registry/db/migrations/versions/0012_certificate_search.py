"""Certificates are found by fingerprint, serial and end; licences by their last day"""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0003"
branch_labels = None
depends_on = None

_INDEXES = ("sha256", "serial", "not_after")


def upgrade() -> None:
    op.add_column("certificates", sa.Column("sha256", sa.String(length=64), nullable=True))
    table = sa.table(
        "certificates",
        sa.column("issuer", sa.String),
        sa.column("serial", sa.String),
        sa.column("certificate", sa.LargeBinary),
        sa.column("sha256", sa.String),
    )
    connection = op.get_bind()
    known = sa.select(table.c.issuer, table.c.serial, table.c.certificate)
    for row in connection.execute(known.where(table.c.certificate.is_not(None))).all():
        connection.execute(
            sa.update(table)
            .where(table.c.issuer == row.issuer, table.c.serial == row.serial)
            .values(sha256=hashlib.sha256(row.certificate).hexdigest())
        )
    for column in _INDEXES:
        op.create_index(f"ix_certificates_{column}", "certificates", [column])
    op.create_index("ix_licences_valid_until", "licences", ["valid_until"])


def downgrade() -> None:
    op.drop_index("ix_licences_valid_until", "licences")
    for column in _INDEXES:
        op.drop_index(f"ix_certificates_{column}", "certificates")
    with op.batch_alter_table("certificates", schema=None) as batch_op:
        batch_op.drop_column("sha256")
