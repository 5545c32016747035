"""An index by which a CRL's entries are found: among many certificates few are revoked."""

from alembic import op

revision = "0049"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_certificates_state", "certificates", ["issuer", "shard", "state", "serial"])


def downgrade() -> None:
    op.drop_index("ix_certificates_state", "certificates")
