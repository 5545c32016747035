"""A ceremony: the steps of a reviewed file, each agreed to, done, and put on record.

1. The whole file is judged before anything is made.
2. Entry `begun`: what was reviewed (SHA-256 of the file), who is present, which program.
3. For each step: entry `started`, durable before its first key is used; then the step; then its
   files; then entry `done` with what was made and the files' SHA-256.
4. Entry `closed`.

Cut off anywhere, the same file continues at the first step that is not done, and finishes one that
was started: what it had made by then is found again. A changed file is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ca.ceremony import messages
from ca.ceremony.file import CeremonyFile, Step
from ca.ceremony.steps import CeremonyDesk, Made, StepWork
from ca.ceremony.transcript import (
    BEGUN,
    CLOSED,
    DONE,
    MAX_BYTES,
    STARTED,
    Transcript,
    TranscriptEntry,
)
from ca.errors import BadCeremonyError, CeremonyChangedError, TranscriptError
from ca.profiles.describe import Fact, fingerprint, instant
from core.files import PUBLIC, write_atomically
from core.os_errors import cause_zh
from core.permits import Permit

TRANSCRIPT = "transcript.txt"
REVIEWED = "ceremony.toml"
_MAX_ARTEFACT_BYTES = 64 * 1024 * 1024
"""A root's CRL lists CAs: kilobytes. Far above it, so that none is refused that was signed."""

Confirm = Callable[[int, Step, list[Fact]], bool]
"""Asked before a step is begun, with its number from one and what is known of it."""


class CeremonyDeclinedError(BadCeremonyError):
    """Somebody did not agree to a step; what was done before it stays done."""

    code = "ceremony_declined"


@dataclass(frozen=True, slots=True)
class Conduct:
    """Operator of a ceremony, and the program used."""

    account: str
    program: str


class CeremonyRun:
    """One ceremony at one desk; made anew for each attempt."""

    def __init__(self, file: CeremonyFile, desk: CeremonyDesk, conduct: Conduct) -> None:
        """Judge the file and find what was done. Raises `BadCeremonyError` and its like,
        `CeremonyChangedError`, `TranscriptError`.
        """
        self._file = file
        self._desk = desk
        self._conduct = conduct
        self.directory = desk.directory / file.ceremony.ceremony.id
        self._transcript = self._load()
        self._work = StepWork(file, desk)

    @property
    def transcript(self) -> Transcript:
        """Transcript of the ceremony so far."""
        return self._transcript

    def run(self, confirm: Confirm, permit: Permit) -> None:
        """Do what is not done. Raises `CeremonyDeclinedError`, and what the steps raise."""
        if self._transcript.is_closed:
            return
        if not self._transcript.entries:
            self._begin()
        for number, step in enumerate(self._file.ceremony.step, 1):
            if self._find(DONE, number) is None:
                self._do(number, step, confirm, permit)
        self._add(CLOSED, [])

    def _do(self, number: int, step: Step, confirm: Confirm, permit: Permit) -> None:
        started = self._find(STARTED, number)
        if started is None:
            if self._work.is_done_elsewhere(step):
                raise BadCeremonyError(messages.step_result_exists(number))
            facts = self._work.before(step)
            if not confirm(number, step, facts):
                raise CeremonyDeclinedError(messages.step_declined(number))
            started = self._add(STARTED, [("step", step_name(number, step)), *facts])
        made = self._work.do(step, dict(started.facts), permit)
        files = self._write(made)
        self._add(DONE, [("step", step_name(number, step)), *made.facts, *files])

    def _write(self, made: Made) -> list[Fact]:
        for name, data in made.files.items():
            write_atomically(self.directory / name, data, mode=PUBLIC)
        return [("file", f"{name} SHA-256 {fingerprint(d)}") for name, d in made.files.items()]

    def _begin(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        write_atomically(self.directory / REVIEWED, self._file.content, mode=PUBLIC)
        ceremony = self._file.ceremony
        head = ceremony.ceremony
        facts = [
            ("ceremony", head.id),
            ("title", head.title),
            ("place", head.place),
            ("planned-for", head.on.isoformat()),
            ("organization", f"{head.organization}, {head.uscc}"),
            ("pki-url", head.pki_url),
            ("steps", str(len(ceremony.step))),
            ("file", f"{REVIEWED} SHA-256 {self._file.sha256}"),
            ("program", self._conduct.program),
        ]
        people = (*ceremony.participant, *ceremony.witness)
        self._add(BEGUN, [*facts, *(("present", person.told) for person in people)])

    def _add(self, kind: str, facts: list[Fact]) -> TranscriptEntry:
        at = ("at", instant(self._desk.parts.clock.now()))
        entry = self._transcript.add(kind, [at, ("by", self._conduct.account), *facts])
        # Whole and in one piece: a power cut leaves the text with the entry or without it.
        write_atomically(
            self.directory / TRANSCRIPT, self._transcript.to_text().encode(), mode=PUBLIC
        )
        return entry

    def _find(self, kind: str, number: int) -> TranscriptEntry | None:
        name = step_name(number, self._file.ceremony.step[number - 1])
        entries = self._transcript.entries
        return next((e for e in entries if e.kind == kind and e.get("step") == name), None)

    def _load(self) -> Transcript:
        path = self.directory / TRANSCRIPT
        if not path.exists():
            return Transcript()
        transcript = read_transcript(path)
        if _files(transcript.entries[0]).get(REVIEWED) != self._file.sha256:
            raise CeremonyChangedError(messages.ceremony_file_differs(self.directory.name))
        return transcript


def rehearse(file: CeremonyFile, desk: CeremonyDesk, permit: Permit) -> list[tuple[Step, Made]]:
    """Do all steps at a desk whose ledger and keys are thrown away; return what they made."""
    work = StepWork(file, desk)
    return [(step, work.do(step, dict(work.before(step)), permit)) for step in file.ceremony.step]


def step_name(number: int, step: Step) -> str:
    """Return how a step is called: its number, what it does, and to whom."""
    told = step.model_dump(exclude_none=True)
    parts = [f"{key} {told[key]}" for key in ("issuer", "subject", "by") if key in told]
    return f"{number} {step.do} {', '.join(parts)}"


def read_transcript(path: Path) -> Transcript:
    """Read a transcript. Raises `TranscriptError`."""
    return Transcript.parse(_read(path, MAX_BYTES))


def verify_transcript(path: Path) -> Transcript:
    """Check a transcript's chain, and every file that it names, beside it.

    Raises `TranscriptError`.
    """
    transcript = read_transcript(path)
    for entry in transcript.entries:
        for name, sha256 in _files(entry).items():
            if fingerprint(_read(path.parent / name, _MAX_ARTEFACT_BYTES)) != sha256:
                raise TranscriptError(
                    messages.file_entry_mismatch(file_name=name, number=entry.number)
                )
    return transcript


def _files(entry: TranscriptEntry) -> Mapping[str, str]:
    found = {}
    for value in entry.all("file"):
        name, separator, sha256 = value.partition(" SHA-256 ")
        if not separator or Path(name).name != name:
            raise TranscriptError(messages.entry_file_name_wrong(entry.number))
        found[name] = sha256
    return found


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise TranscriptError(
            messages.file_unreadable(
                path_name=path.name, cause_zh=cause_zh(error), strerror=error.strerror
            ),
        ) from error
    if len(data) > limit:
        raise TranscriptError(messages.file_too_large(path.name))
    return data
