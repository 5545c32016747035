"""Queue of chunks of batches, on PostgreSQL: procrastinate's own schema, beside ours

In a schema of its own, which the role of the verifier has no right to. SQLite has no such queue.
"""

from alembic import op

from registry.db.schema import MIGRATIONS

revision = "0047"
down_revision = "0044"
branch_labels = None
depends_on = None

_SQL = MIGRATIONS / "procrastinate-3.10.sql"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    before = connection.exec_driver_sql("SHOW search_path").scalar_one()
    connection.exec_driver_sql("CREATE SCHEMA engine")
    connection.exec_driver_sql("SET LOCAL search_path TO engine")
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(_SQL.read_text("utf-8"))  # many statements, which want no parameters
    connection.exec_driver_sql("REVOKE ALL ON SCHEMA engine FROM PUBLIC")
    connection.exec_driver_sql(f"SET LOCAL search_path TO {before}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SCHEMA engine CASCADE")
