"""Runs of batches on record in the home: what was asked for, where, and how it ended.

No row is in it, nor anybody's name: rows are recognised in the register itself. What a run needs to
be gone on with is the sheet; it must be the very same.
"""

import dataclasses
import fcntl
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Self

from cli.licences.batches import messages
from core.errors import UsageError
from core.files import locked_at_once, make_private_directory, write_atomically
from core.ids import AuthorityId
from core.permits import Permit
from core.scratch import Scratch
from registry.granting.batches import BatchOrder, ChangeDecision
from registry.importing.sheet_choice import Hidden, SheetChoice
from registry.model import ConflictError, NotFoundError
from signing.levels import PadesLevel

_FOLDER: Final = "batches"
_RUN_ID: Final = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4}")


class RunUnderWayError(ConflictError):
    """Another process is at the run, or at another one of the same sheet."""


@dataclass(frozen=True, slots=True)
class BatchRun:
    """A run: its sheet and settings, and what became of it."""

    run_id: str
    began_at: str
    type_name: str
    data: str
    """The sheet's path."""
    sha256: str
    out: str
    on_error: str
    sheet: str | None = None
    hidden: str | None = None
    codes_compared: bool = False
    authority: str | None = None
    basis: str | None = None
    name: str | None = None
    changed: str | None = None
    further: bool = False
    level: str = PadesLevel.B_LT.value
    agreed: str | None = None
    """Code of the sample of pages that was agreed to."""
    ended_at: str | None = None
    """None: under way, or cut off."""
    granted: int = 0
    before: int = 0
    """Handed out again: granted before this run."""
    skipped: int = 0
    failed: int = 0
    untried: int = 0
    unwritten: int = 0
    """Licences that are granted, and whose files could not be written."""
    results: str | None = None
    """The file that names what became of each row."""
    stopped: str | None = None
    """`Stop` that ended it, by whom (`stopped_by`)."""
    stopped_by: str | None = None

    @property
    def settings(self) -> dict[str, object]:
        """Settings that are agreed to beside the rows."""
        kept = ("basis", "name", "changed", "further", "level")
        return {key: getattr(self, key) for key in kept}

    @property
    def choice(self) -> SheetChoice:
        """The sheet and rows of a workbook."""
        hidden = None if self.hidden is None else Hidden(self.hidden)
        return SheetChoice(self.sheet, hidden, self.codes_compared)

    def order(self, permit: Permit) -> BatchOrder:
        """Return how the rows are granted."""
        return BatchOrder(
            name=self.name or "",
            permit=permit,
            authority_id=None if self.authority is None else AuthorityId(self.authority),
            basis=self.basis,
            level=PadesLevel(self.level),
            changed=None if self.changed is None else ChangeDecision(self.changed),
            further=self.further,
        )

    @property
    def is_over(self) -> bool:
        """True where nothing is left to be gone on with."""
        left = self.failed or self.untried or self.unwritten
        return self.ended_at is not None and not left

    def stop(self, stop: "Stop", actor: str) -> Self:
        """Return the run as somebody stopped it."""
        return replace(self, stopped=stop, stopped_by=actor)

    def facts(self) -> dict[str, Any]:
        """Return all that is known of it."""
        told = dataclasses.asdict(self)
        first = {"run": told.pop("run_id"), "state": _state(self), "type": told.pop("type_name")}
        return first | told

    def line(self) -> dict[str, Any]:
        """Return a line of a list."""
        shown = ("type", "began_at", "data", "granted", "before", "skipped", "failed")
        facts = self.facts()
        return {key: facts[key] for key in ("run", "state", *shown, "untried")}

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a record; what a newer version added is left out."""
        known = {one.name for one in dataclasses.fields(cls)}
        return cls(**{key: value for key, value in json.loads(text).items() if key in known})


def _state(run: BatchRun) -> str:
    if run.stopped is not None:
        return f"{run.stopped}"
    if run.ended_at is None:
        return "not_ended"
    return "done" if run.is_over else "incomplete"


class Stop(StrEnum):
    """Ways in which a person ends a run before its last row."""

    PAUSED = "paused"
    """It is gone on with by `batch resume`."""
    CANCELLED = "cancelled"


class BatchRuns:
    """The runs on record in a home; each is under way in one process of this machine at most."""

    def __init__(self, home: Path) -> None:
        self._folder = home / _FOLDER

    def scratch(self) -> Scratch:
        """Return space for the rows of a sheet that is dealt with; to be closed."""
        return Scratch(self._folder)

    def keep(self, run: BatchRun) -> None:
        """Put a run on record, or what became of it. Raises `StorageError`."""
        make_private_directory(self._folder)
        told = json.dumps(dataclasses.asdict(run), ensure_ascii=False, indent=1)
        write_atomically(self._folder / f"{run.run_id}.json", told.encode(), mode=0o600)

    @contextmanager
    def under_way(self, run: BatchRun) -> Iterator[None]:
        """Hold a run's sheet for this process: one run of it is under way at a time.

        Raises `RunUnderWayError`; `UsageError` where the run was cancelled.
        """
        make_private_directory(self._folder)
        lock = self._lock(run)
        with locked_at_once(lock) as locked:
            if not locked:
                other = self._holder(run) or run.run_id
                raise RunUnderWayError(messages.run_under_way(other), run=other)
            # Held by which run; it stays there, since a lock that is deleted can be held twice.
            lock.write_text(run.run_id)
            asked = self.asked(run.run_id)
            if asked is not None and asked[0] is Stop.CANCELLED:
                raise UsageError(messages.cancelled_stays(run.run_id))
            try:
                self._asked(run.run_id, Stop.PAUSED).unlink(missing_ok=True)
                yield
            finally:
                self._asked(run.run_id, Stop.PAUSED).unlink(missing_ok=True)

    def is_under_way(self, run: BatchRun) -> bool:
        """Tell whether a process of this machine holds a run."""
        try:
            with self._lock(run).open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except OSError:
            return self._holder(run) == run.run_id
        return False

    def ask(self, run_id: str, stop: Stop, actor: str) -> None:
        """Ask for a run to be stopped: whichever process holds it sees it, and a cancelled one is
        never gone on with. Raises `StorageError`.
        """
        said = json.dumps({"actor": actor}, ensure_ascii=False)
        write_atomically(self._asked(run_id, stop), said.encode(), mode=0o600)

    def asked(self, run_id: str) -> tuple[Stop, str] | None:
        """Return how somebody asked for a run to be stopped, and who did."""
        for stop in (Stop.CANCELLED, Stop.PAUSED):
            try:
                said = json.loads(self._asked(run_id, stop).read_text("utf-8"))
                return stop, str(said["actor"])
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return None

    def _lock(self, run: BatchRun) -> Path:
        return self._folder / f"{run.sha256}.lock"

    def _holder(self, run: BatchRun) -> str | None:
        """Return the run that holds, or held last, the sheet of a run."""
        with suppress(OSError, ValueError):
            found = self._lock(run).read_text("ascii")
            return found if _RUN_ID.fullmatch(found) else None
        return None

    def _asked(self, run_id: str, stop: Stop) -> Path:
        return self._folder / f"{run_id}.{stop}"

    def _read(self, path: Path) -> BatchRun:
        """Read a record. What was cancelled stays so, wherever its process was cut off."""
        run = BatchRun.read(path.read_text("utf-8"))
        asked = self.asked(run.run_id)
        if asked is not None and asked[0] is Stop.CANCELLED and not run.is_over:
            return run.stop(*asked)
        return run

    def find(self, run_id: str) -> BatchRun:
        """Return a run. Raises `NotFoundError`."""
        path = self._folder / f"{run_id}.json"
        if not _RUN_ID.fullmatch(run_id) or not path.is_file():
            raise NotFoundError(messages.no_such_run(run_id))
        return self._read(path)

    def all(self) -> list[BatchRun]:
        """Return the runs, the newest first."""
        paths = [one for one in self._folder.glob("*.json") if _RUN_ID.fullmatch(one.stem)]
        return [self._read(one) for one in sorted(paths, reverse=True)]


def new_run_id(now: datetime) -> str:
    """Return an id that sorts by time."""
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def refuse_other_sheet(run: BatchRun, sha256: str) -> None:
    """See that a run's sheet is what it was: decisions were made of its rows.

    Raises `UsageError`.
    """
    if sha256 != run.sha256:
        raise UsageError(messages.sheet_changed(run.data))
