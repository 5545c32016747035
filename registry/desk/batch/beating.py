"""Signs of life of a worker that has a whole job, given by a thread while it works.

So its lease can be short, however long a group takes: who waits for a timestamp is not dead.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from core.errors import XinyinError
from registry.desk.batch.chunks import LeasedChunk
from registry.desk.rights import Rights
from registry.officers.jobs import renew_lease
from registry.officers.leases import BEAT_SECONDS, LEASE, WATCHED_LEASE, LeaseLostError
from registry.officers.model import Job

_log = logging.getLogger(__name__)


def lease_of(leased: LeasedChunk | None) -> timedelta:
    """Return the time for which a job is had: a chunk is leased, and watched, by itself."""
    return WATCHED_LEASE if leased is None else LEASE


@contextmanager
def beating(rights: Rights, job: Job) -> Iterator[None]:
    """Renew the job's lease every few seconds, until the block ends or somebody else has it."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT_SECONDS):
            try:
                with rights.database.writing() as connection:
                    renew_lease(connection, job, rights.clock.now(), WATCHED_LEASE)
            except LeaseLostError:
                return  # the worker finds out at its next transaction
            except XinyinError as error:
                _log.warning("the lease of a job was not renewed", extra={"code": error.code})

    thread = threading.Thread(target=beat, name="job-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
