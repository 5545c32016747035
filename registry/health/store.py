"""Check of the object store: that it answers, and what it does against loss and a stolen key."""

import time
from collections.abc import Iterator

from registry.health import messages
from registry.health.health import HealthFinding, HealthSubject, ok, warn
from registry.objects.bucket import BucketStore


def check_store(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that the bucket is there, keeps versions and locks new objects; writes nothing."""
    store = subject.store
    if not isinstance(store, BucketStore):
        yield ok(messages.DOCUMENTS_IN_FILES)
        return
    began = time.monotonic()
    store.check_reach()
    took = time.monotonic() - began
    yield ok(messages.store_answers(int(took * 1000) + 1))
    versioned, lock = store.is_versioned, store.lock
    if not versioned:
        yield warn(messages.STORE_KEEPS_NO_VERSIONS, messages.KEEP_VERSIONS)
    if lock is None:
        yield warn(messages.STORE_HAS_NO_LOCK, messages.LOCK_NEW_OBJECTS)
    if versioned and lock is not None:
        yield ok(messages.store_locks(lock))
