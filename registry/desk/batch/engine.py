"""Chunks of jobs on PostgreSQL, leased through procrastinate to the workers of all machines.

Its queue is in the register's own database, in a schema of its own (`engine`). A worker that
shows no sign of life for six seconds is taken for dead, and whoever is at work leases its chunk
out again; a lease is fenced by the attempt, which each transaction of the worker compares. Nothing
is polled while no batch is under way: the duty that calls this looks every few seconds (ADR 54).
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import ConnectorException, ProcrastinateException
from procrastinate.types import JSONDict
from psycopg_pool import PoolTimeout
from sqlalchemy import Connection, make_url, text

from registry.db.faults import DatabaseBusyError
from registry.desk.batch import messages
from registry.desk.batch.chunks import Chunk, LeasedChunk
from registry.desk.batch.working import JobWorker
from registry.officers.jobs import is_anything_free
from registry.officers.leases import lease_lost

SCHEMA: Final = "engine"
QUEUE: Final = "chunks"
_TASK: Final = "chunk"
HEARTBEAT_SECONDS, DEAD_AFTER_SECONDS, LOOK_SECONDS = 2.0, 6.0, 1.0
_OPENED_WITHIN_SECONDS = 10.0
_OPTIONS = f"-c search_path={SCHEMA} -c lock_timeout=10s -c statement_timeout=60s"
_HELD = text(
    f"SELECT id FROM {SCHEMA}.procrastinate_jobs "  # noqa: S608  # a constant
    "WHERE id = :id AND attempts = :attempts AND status = 'doing' FOR SHARE"
)
_PLANNED_WITHIN: Final = timedelta(seconds=5)
"""Of whoever plans a job: the time between its lease and its chunks."""
_LOST = (
    "FROM jobs WHERE state = 'RUNNING' AND why IS NULL AND lease_until > :now "  # noqa: S608
    "AND changed_at < :before AND NOT EXISTS "
    f"(SELECT 1 FROM {SCHEMA}.procrastinate_jobs AS chunk "
    "WHERE chunk.status IN ('todo', 'doing') AND chunk.args->>'job_id' = jobs.job_id "
    "AND chunk.args->>'fence' = jobs.fence::text)"
)
"""Jobs of which no chunk is left in the queue, though they are neither over nor put off."""
_ANY_LOST = text(f"SELECT job_id {_LOST} LIMIT 1")
_SET_FREE = text(
    "UPDATE jobs SET lease_until = :now "  # noqa: S608  # as above
    f"WHERE job_id IN (SELECT job_id {_LOST}) RETURNING job_id"
)
_ANY = text(f"SELECT id FROM {SCHEMA}.procrastinate_jobs LIMIT 1")  # noqa: S608  # as above

_log = logging.getLogger(__name__)


class ChunkEngine:
    """Plans jobs and works on their chunks; one per process that may use seals."""

    def __init__(
        self, url: str, worker: JobWorker, count_takeover: Callable[[], None] = lambda: None
    ) -> None:
        self._url = make_url(url).set(drivername="postgresql")
        self._worker = worker
        self._count_takeover = count_takeover

    def work(self, is_over: Callable[[], bool]) -> None:
        """Work until nothing is left, here or elsewhere, or the time is over.

        Raises `DatabaseBusyError`.
        """
        if not self.is_anything_there():
            return
        try:
            asyncio.run(self._turn(is_over))
        except (ConnectorException, PoolTimeout) as error:
            raise DatabaseBusyError(messages.QUEUE_OUT_OF_REACH) from error

    def is_anything_there(self) -> bool:
        """Tell whether there is a job, or a chunk of one, for anybody."""
        rights = self._worker.rights
        with rights.database.reading() as connection:
            free = is_anything_free(connection, rights.clock.now())
            return (
                free
                or connection.execute(_ANY).first() is not None
                or connection.execute(_ANY_LOST, self._before()).first() is not None
            )

    async def _turn(self, is_over: Callable[[], bool]) -> None:
        app = self._app()
        async with app.open_async():
            heir = asyncio.create_task(self._take_over(app))
            try:
                while not is_over():
                    await self._plan(app)
                    await self._drain(app, is_over)
                    if not await asyncio.to_thread(self.is_anything_there):
                        return
                    await asyncio.sleep(1)  # somebody else's last chunks, which may become ours
            finally:
                heir.cancel()
                with suppress(asyncio.CancelledError):
                    await heir

    def _app(self) -> App:
        chosen = self._url.query.get("options", ())
        options = " ".join([_OPTIONS, *((chosen,) if isinstance(chosen, str) else chosen)])
        conninfo = self._url.difference_update_query(["options"])
        connector = PsycopgConnector(
            conninfo=conninfo.render_as_string(hide_password=False),
            kwargs={"options": options, "connect_timeout": 5},
            min_size=1,
            max_size=4,
            timeout=_OPENED_WITHIN_SECONDS,
        )
        app = App(connector=connector)
        app.task(name=_TASK, queue=QUEUE, pass_context=True)(self._run)
        return app

    async def _plan(self, app: App) -> None:
        await asyncio.to_thread(self._set_lost_free)
        chunks = await asyncio.to_thread(self._worker.plan)
        if chunks:
            asked: list[JSONDict] = [
                {"job_id": one.job_id, "fence": one.fence, "first": one.first, "last": one.last}
                for one in chunks
            ]
            await app.configure_task(_TASK, queue=QUEUE).batch_defer_async(*asked)

    def _set_lost_free(self) -> None:
        """Let jobs be planned anew whose chunks are gone: their worker met a fault that left it no
        way to say so, as when the database went away beneath it.
        """
        rights, this = self._worker.rights, self._before()
        with rights.database.reading() as connection:
            if connection.execute(_ANY_LOST, this).first() is None:
                return
        with rights.database.writing() as connection:
            freed = connection.execute(_SET_FREE, this).all()
        _log.warning("chunks were lost: %d jobs are planned anew", len(freed))

    def _before(self) -> dict[str, datetime]:
        now = self._worker.rights.clock.now()
        return {"now": now, "before": now - _PLANNED_WITHIN}

    @staticmethod
    async def _drain(app: App, is_over: Callable[[], bool]) -> None:
        """Work on chunks until none waits; when the time is over, finish the one under way."""
        working = asyncio.create_task(
            app.run_worker_async(
                queues=[QUEUE],
                wait=False,
                concurrency=1,
                listen_notify=False,
                install_signal_handlers=False,
                delete_jobs="always",
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=DEAD_AFTER_SECONDS,
            )
        )
        ending = False
        while not (await asyncio.wait([working], timeout=0.5))[0]:
            if is_over() and not ending:
                ending = working.cancel()  # once: a second time it would not wait for the chunk
        with suppress(asyncio.CancelledError):
            await working

    async def _take_over(self, app: App) -> None:
        """Lease the chunks of dead workers out again."""
        while True:
            for job in await app.job_manager.get_stalled_jobs(
                queue=QUEUE, seconds_since_heartbeat=DEAD_AFTER_SECONDS
            ):
                with suppress(ProcrastinateException):  # another was quicker
                    await app.job_manager.retry_job(job)
                    self._count_takeover()
                    _log.warning("the chunk of a worker without a sign of life is leased out again")
            await asyncio.sleep(LOOK_SECONDS)

    def _run(self, context: JobContext, job_id: str, fence: int, first: int, last: int) -> None:
        """Grant one chunk; `context` names the attempt."""
        mine = {"id": context.job.id, "attempts": context.job.attempts}

        def held(connection: Connection) -> None:
            if connection.execute(_HELD, mine).first() is None:
                raise lease_lost()

        self._worker.run_chunk(LeasedChunk(Chunk(job_id, fence, first, last), held))
