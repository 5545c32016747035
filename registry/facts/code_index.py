"""Fingerprint of the key of the register's index of codes, so that another is noticed."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from core.permits import Actor
from registry.audit import events as audit
from registry.db.conflicts import insert_unless_there
from registry.db.tables import register_facts
from registry.privacy.codes import CodeIndex

CODE_INDEX: Final = "code_index"
RECORDED: Final = "code_index.recorded"
"""Action of the event that vouches for it."""


def note_index(connection: Connection, index: CodeIndex, actor: Actor, at: datetime) -> None:
    """Put on record which index is the register's, unless it is known already."""
    values = {"name": CODE_INDEX, "value": index.fingerprint}
    if insert_unless_there(connection, register_facts, values):
        audit.record(
            connection,
            at=at,
            actor=actor,
            action=RECORDED,
            subject="register",
            after={CODE_INDEX: index.fingerprint},
        )


def known_index(connection: Connection) -> str | None:
    """Return the fingerprint of the register's index; None before there was one."""
    query = select(register_facts.c.value).where(register_facts.c.name == CODE_INDEX)
    return connection.execute(query).scalar_one_or_none()
