"""A key that left use, as the journal keeps it, and as a restore takes it from there.

Without it a restored register would let a retired key sign again. A key that was destroyed comes
back with the key files of a backup: `xinyin key list` names it, and destroying it again finishes.
"""

from datetime import datetime

from sqlalchemy import Connection, select, update

from keys.life import KeyState
from registry.audit.chain import RESTORER, NewEvent
from registry.db.tables import key_records
from registry.journal.journal import Facts

_STAGES = (KeyState.INTENDED, KeyState.GENERATED, KeyState.ACTIVE, KeyState.RETIRED)
_TIMES = {KeyState.RETIRED: "retired_at", KeyState.DESTROYED: "destroyed_at"}


def key_entry(key_id: str, spki_sha256: str | None, state: KeyState, at: datetime) -> Facts:
    """Return the journal's entry for a key that left use."""
    return {"key": key_id, "spki_sha256": spki_sha256, "state": state, "at": at.isoformat()}


def merge_key(connection: Connection, told: Facts, at: datetime) -> NewEvent | None:
    """Let a key be as far out of use as it was said to be; return the event of that.

    None where it is already, or where the register knows no such key: by its public half, since
    the ids of keys are only names. Raises `KeyError`, `ValueError` for facts of another making.
    """
    state = KeyState(str(told["state"]))
    earlier = _STAGES[: _STAGES.index(KeyState.RETIRED) + (state is KeyState.DESTROYED)]
    this = (
        key_records.c.key_id == told["key"],
        key_records.c.spki_sha256.is_not_distinct_from(told["spki_sha256"]),
        key_records.c.state.in_(earlier),
    )
    before = connection.execute(select(key_records.c.state).where(*this)).scalar_one_or_none()
    if before is None:
        return None
    values = {"state": state, _TIMES[state]: datetime.fromisoformat(str(told["at"]))}
    connection.execute(update(key_records).where(*this).values(values))
    return NewEvent(
        at=at,
        actor=RESTORER,
        action=f"key.{state.lower()}",
        subject=f"key:{told['key']}",
        before={"state": before},
        after={"state": state},
    )
