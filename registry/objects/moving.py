"""Moving what is stored from one place to another, while the service may go on running."""

from collections.abc import Callable, Iterable

from core.errors import ConfigurationError
from core.ids import Sha256
from registry.objects import messages
from registry.objects.store import MissingObjectError, ObjectStore

Progress = Callable[[list[Sha256]], Iterable[Sha256]]


def copy_objects(source: ObjectStore, target: ObjectStore, progress: Progress) -> tuple[int, int]:
    """Copy what the target lacks; return how many were copied, and how many were there before.

    Cut off, the next call goes on where this one ended. Each is checked against its name when it is
    read, and by the target when it is put. What was erased meanwhile is passed over. Raises
    `DamagedObjectError`, `StorageError`, `StoreUnreachableError`.
    """
    objects, there = source.list_objects(), set(target.list_objects())
    lacking = [one for one in objects if one not in there]
    copied = 0
    for sha256 in progress(lacking):
        try:
            data = source.get(sha256)
        except MissingObjectError:
            continue
        target.put(data)
        copied += 1
    return copied, len(objects) - len(lacking)


def remove_objects(
    source: ObjectStore, target: ObjectStore, progress: Progress, *, in_use: bool
) -> int:
    """Remove from the source what the target gives back whole; return how many were removed.

    `in_use`: the source is the store that the settings name. Raises `ConfigurationError` then, and
    as `copy_objects`, `LockedObjectError`.
    """
    if in_use:
        raise ConfigurationError(messages.SOURCE_IN_USE)
    removed = 0
    for sha256 in progress(source.list_objects()):
        target.get(sha256)
        source.erase(sha256)
        removed += 1
    return removed
