"""Chunks of jobs: rows from one number to another, granted by whichever worker leases them.

A chunk stands under its job's fence, and under the word of whoever leases it out: each transaction
that takes a number, or keeps what became of rows, asks both first. So a worker that was taken for
dead, and is only slow, writes nothing any more.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from registry.desk.batch_rows import waiting_numbers
from registry.officers.jobs import hold
from registry.officers.model import Job

CHUNK_ROWS = 100
"""Rows of a chunk: what a dead worker's successor goes through again takes seconds."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of a job, from one number to another, while the job has this fence."""

    job_id: str
    fence: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class LeasedChunk:
    """A chunk with the check that it is still this worker's."""

    chunk: Chunk
    held: Callable[[Connection], None]
    """Raises `LeaseLostError`; its answer holds until the transaction ends."""

    def hold(self, connection: Connection, job: Job) -> None:
        """See that job and chunk are still this worker's. Raises `LeaseLostError`."""
        hold(connection, job)
        self.held(connection)


def cut(connection: Connection, job: Job) -> list[Chunk]:
    """Return the rows left of a job, in chunks."""
    numbers = waiting_numbers(connection, job.request_id)
    groups = (numbers[at : at + CHUNK_ROWS] for at in range(0, len(numbers), CHUNK_ROWS))
    return [Chunk(job.job_id, job.fence, group[0], group[-1]) for group in groups]
