"""Tokens that serve once, remembered in SQL for all workers (`identity.tokens.replay`)."""

import hashlib
from datetime import datetime

from sqlalchemy import delete, func, select

from identity.tokens.refusals import Refusal, TokenRefusedError
from registry.db.conflicts import insert_unless_there
from registry.db.database import Database
from registry.db.tables import used_tokens


class SqlReplays:
    """Memory of ids that were used, in the registry's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def use(self, scope: str, token_id: str, until: datetime, now: datetime) -> None:
        """Note that an id was used. Raises `TokenRefusedError`: REPLAYED."""
        del now
        digest = hashlib.sha256(f"{len(scope)}:{scope}{token_id}".encode()).hexdigest()
        with self._database.writing() as connection:
            noted = insert_unless_there(connection, used_tokens, {"digest": digest, "until": until})
        if not noted:
            raise TokenRefusedError(Refusal.REPLAYED)

    def sweep(self, now: datetime) -> int:
        """Forget those that would not be accepted any more; return how many are remembered."""
        with self._database.writing() as connection:
            connection.execute(delete(used_tokens).where(used_tokens.c.until < now))
            return connection.execute(select(func.count()).select_from(used_tokens)).scalar_one()
