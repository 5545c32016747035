"""Codes of holders sealed beside their records, holds, and what was erased

The codes themselves are sealed by `xinyin database migrate`, which has the keys, after this.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_COLUMNS: dict[str, Any] = {
    "secret": sa.Text(),
    "erased_at": sa.DateTime(timezone=True),
    "erased_by": sa.String(length=16),
    "erased_objects": sa.JSON(),
}
_ERASING = sa.text("erased_objects IS NOT NULL")
_UNSEALED = sa.text("secret IS NULL AND erased_at IS NULL")


def upgrade() -> None:
    op.add_column("licences", sa.Column("hold", sa.Text(), nullable=True))
    for table in ("licences", "accessions"):
        for name, kind in _COLUMNS.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))
    for name, column, where in (
        ("ix_licences_erasing", "erased_at", _ERASING),
        ("ix_licences_unsealed", "identifier", _UNSEALED),
    ):
        op.create_index(name, "licences", [column], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name in ("ix_licences_unsealed", "ix_licences_erasing"):
        op.drop_index(name, "licences")
    for table in ("accessions", "licences"):
        for name in reversed(_COLUMNS):
            op.drop_column(table, name)
    op.drop_column("licences", "hold")
