"""Indexes by which licences about to expire are found in their order, and services' certificates:
SQLite went through all licences in force for the one, both databases through all certificates for
the other.
"""

from alembic import op

revision = "0052"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_licences_term", "licences", ["valid_until", "identifier", "state"])
    op.drop_index("ix_licences_valid_until", "licences")
    op.create_index("ix_certificates_profile", "certificates", ["profile", "state"])


def downgrade() -> None:
    op.drop_index("ix_certificates_profile", "certificates")
    op.create_index("ix_licences_valid_until", "licences", ["valid_until"])
    op.drop_index("ix_licences_term", "licences")
