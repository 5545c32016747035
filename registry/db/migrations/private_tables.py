"""Tables that only their owner reads, whatever default privileges give to others."""

from collections.abc import Collection

import sqlalchemy as sa
from alembic import op


def keep_private(tables: Collection[str]) -> None:
    """Take back what default privileges gave: the public verifier reads all tables but these."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    grants = sa.text(
        "SELECT DISTINCT table_name, grantee FROM information_schema.role_table_grants "
        "WHERE table_schema = current_schema() AND grantee <> current_user"
    )
    quote = connection.dialect.identifier_preparer.quote_identifier
    for table, grantee in connection.execute(grants).all():
        if table in tables:
            whose = "PUBLIC" if grantee == "PUBLIC" else quote(grantee)
            op.execute(f"REVOKE ALL ON TABLE {quote(table)} FROM {whose}")
