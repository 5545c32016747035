"""The holder's code beside each licence, by which a second licence of one holder is noticed"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_AT_ONCE = 1_000
licences = sa.table(
    "licences",
    sa.column("identifier", sa.String),
    sa.column("holders", sa.JSON),
    sa.column("holder_code", sa.String),
)


def upgrade() -> None:
    # Without a copy of the table, to which others refer.
    op.add_column("licences", sa.Column("holder_code", sa.String(length=64), nullable=True))
    _fill(op.get_bind())
    op.create_index("ix_licences_holder", "licences", ["holder_code", "type_code"], unique=False)


def _fill(connection: sa.Connection) -> None:
    column = licences.c
    query = sa.select(column.identifier, column.holders).order_by(column.identifier)
    change = (
        sa.update(licences)
        .where(column.identifier == sa.bindparam("of"))
        .values(holder_code=sa.bindparam("code"))
    )
    last = ""
    while rows := connection.execute(query.where(column.identifier > last).limit(_AT_ONCE)).all():
        last = rows[-1].identifier
        found = [
            {"of": row.identifier, "code": row.holders[0]["code"]} for row in rows if row.holders
        ]
        if found:
            connection.execute(change, found)


def downgrade() -> None:
    op.drop_index("ix_licences_holder", "licences")
    op.drop_column("licences", "holder_code")
