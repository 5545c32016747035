"""`xinyin document … --server`: files handed in at a server, sealed there, and taken home."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.licences.documents import messages
from cli.licences.documents.options import SignOptions
from cli.licences.documents.words import sealed_there
from cli.remote.contexts import remote_desk
from cli.remote.desk import JsonObject, RemoteDesk
from cli.remote.server import ServerRefusedError
from cli.shell.delivery import make_directory
from cli.shell.output import Output
from cli.shell.reading import MAX_DOCUMENT_BYTES, read_file
from core.errors import UnreachableError, UsageError
from core.files import write_atomically
from core.text import Text
from core.web.problems import problem_of
from registry.officers.model import JobState

EXIT_FAILURES = 20
EXIT_NOT_AGREED = 2
_PATIENCE = 10
_LONGEST_PAUSE = 10.0
_UNDER_WAY = (JobState.WAITING, JobState.RUNNING)
_NOT_ALONE = ("second_person_required", "not_allowed")
"""Codes that leave a request to somebody else."""


@dataclass(frozen=True, slots=True)
class ServerSigning:
    """Files to be sealed at a server, and where they go."""

    files: Sequence[Path]
    targets: Sequence[Path]
    options: SignOptions
    sample: Path | None
    agree: str | None
    yes: bool
    request_key: str | None
    force: bool


class DocumentsThere:
    """Seals documents at a server, as who signed in there."""

    def __init__(self, server: str, output: Output) -> None:
        self._desk: RemoteDesk = remote_desk(server, output)
        self._output = output

    def sign(self, asked: ServerSigning) -> int:
        """Hand files in, agree to the sample, ask, and fetch what was sealed; an exit code."""
        draft = self._desk.begin_draft(asked.options.type_name, asked.options.authority)
        draft_id, kept = str(draft["draft"]), False
        try:
            handed = self._hand_in(draft_id, asked)
            if len(handed) < len(asked.files):
                return EXIT_FAILURES if handed else problem_of("refused_file").exit_code
            titles = {"1": asked.options.title} if asked.options.title else {}
            self._desk.choose_terms(draft_id, asked.options.terms() | {"titles": titles})
            sample = self._desk.sample(draft_id)
            if not self._is_agreed(sample, asked):
                return EXIT_NOT_AGREED if asked.sample is None or len(asked.files) > 1 else 0
            code = str(sample["code"])
            made = self._desk.ask_documents(draft_id, code, asked.request_key or f"document-{code}")
            kept = True
        finally:
            if not kept:
                self._desk.give_up_draft(draft_id)
        return self._carried_out(made, handed, asked)

    def _hand_in(self, draft_id: str, asked: ServerSigning) -> dict[int, tuple[Path, JsonObject]]:
        """Hand each file in; say what is wrong with those that are not taken."""
        handed: dict[int, tuple[Path, JsonObject]] = {}
        for path in asked.files:
            data = read_file(path, MAX_DOCUMENT_BYTES)
            try:
                file = self._desk.hand_in_document(
                    draft_id, data, path.stem, clean=asked.options.clean
                )
            except ServerRefusedError as error:
                if error.code != "refused_file":
                    raise
                self._refused(path, error)
                continue
            handed[int(file["number"])] = (path, file)
        return handed

    def _is_agreed(self, sample: JsonObject, asked: ServerSigning) -> bool:
        code = str(sample["code"])
        if asked.agree is not None:
            if asked.agree.strip().lower() != code:
                raise UsageError(messages.OTHER_SAMPLE)
            return True
        if asked.sample is not None:
            picture = self._desk.picture(str(sample["pictures"][0]["picture"]))
            write_atomically(asked.sample, picture)
        if asked.yes:
            return True
        if self._output.as_json:
            shown = {"sample": None if asked.sample is None else str(asked.sample)}
            self._output.data(
                {
                    **shown,
                    "source": str(asked.files[0]),
                    "code": code,
                    **{key: sample[key] for key in ("title", "pages", "seal", "authority")},
                    "place": sample["place"],
                }
            )
        else:
            if asked.sample is not None:
                self._output.text(str(asked.sample))
            self._output.say(sealed_there(sample))
            self._output.say(messages.agree_with(code))
        return False

    def _carried_out(
        self,
        made: JsonObject,
        handed: dict[int, tuple[Path, JsonObject]],
        asked: ServerSigning,
    ) -> int:
        request_id = str(made["request"])
        try:
            job = self._desk.begin_job(request_id)
        except ServerRefusedError as error:
            if error.code not in _NOT_ALONE:
                raise
            if self._output.as_json:
                self._output.data(made)
            else:
                self._output.text(request_id)
            self._output.say(messages.documents_wait(request_id))
            return 0
        found = job_followed(self._desk, str(job["job"]))
        failed = self._fetched(str(job["job"]), handed, asked)
        if found["state"] == JobState.DONE:
            return EXIT_FAILURES if failed else 0
        self._output.say(messages.documents_stopped(str(job["job"]), str(found["why"])))
        code = "not_allowed" if found["state"] == JobState.STOPPED else UsageError.code
        return problem_of(code).exit_code

    def _fetched(
        self, job_id: str, handed: dict[int, tuple[Path, JsonObject]], asked: ServerSigning
    ) -> int:
        """Fetch what was sealed, and say what was not; return how many."""
        failed = 0
        targets = dict(zip(asked.files, asked.targets, strict=True))
        for row in self._desk.job_rows(job_id, "GRANTED"):
            path, file = handed[int(row["number"])]
            record = self._desk.document_record(str(row["licence"]))
            pdf = self._desk.document_file(str(row["licence"]))
            _deliver(targets[path], pdf, force=asked.force)
            self._signed(path, file, row, record, targets[path])
        for row in self._desk.job_rows(job_id, "FAILED"):
            failed += 1
            path, _ = handed[int(row["number"])]
            detail = row.get("detail") or {"zh": str(row["code"]), "en": str(row["code"])}
            self._failed(path, str(row["code"]), Text(str(detail["zh"]), str(detail["en"])), [])
        return failed

    def _signed(
        self, source: Path, file: JsonObject, row: JsonObject, record: JsonObject, path: Path
    ) -> None:
        if self._output.as_json:
            before = row["code"] == "granted_before"
            self._output.data(
                {
                    "source": str(source),
                    "source_sha256": file["sha256"],
                    "outcome": "signed_before" if before else "signed",
                    **{key: record[key] for key in ("identifier", "number", "state", "link")},
                    "path": str(path),
                    "sha256": record["sha256"],
                    "cleaned": file["cleaned"],
                    "fonts_not_embedded": file["fonts_not_embedded"],
                }
            )
            return
        self._output.text(str(path))
        reference = messages.document_reference
        self._output.say(reference(number=record["number"], identifier=record["identifier"]))
        for one in file["cleaned"]:
            self._output.say(messages.taken_out(Text(one["message"]["zh"], one["message"]["en"])))
        if file["fonts_not_embedded"]:
            self._output.say(messages.fonts_not_embedded(", ".join(file["fonts_not_embedded"])))

    def _refused(self, source: Path, error: ServerRefusedError) -> None:
        found = [
            {
                "code": one.get("problem", ""),
                "page": int(one["page"]) if one.get("page", "").isdecimal() else None,
                "detail": one.get("detail", ""),
                "message": {"zh": one.get("zh", ""), "en": one.get("en", "")},
            }
            for one in error.entries
        ]
        self._failed(source, error.code, error.text, found)

    def _failed(self, source: Path, code: str, text: Text, found: list[dict[str, Any]]) -> None:
        if self._output.as_json:
            self._output.data(
                {
                    "source": str(source),
                    "outcome": "refused" if code == "refused_file" else "failed",
                    "code": code,
                    "message": text.as_json(),
                    "findings": found,
                }
            )
            return
        self._output.say(Text(f"{source}：{text.zh}", f"{source}: {text.en}"))
        for one in found:
            words = one["message"]
            self._output.say(Text(f"  {words['zh']}", f"  {words['en']}"))


def job_followed(desk: RemoteDesk, job_id: str) -> JsonObject:
    """Return a job once it is over; a server that is away for a while is waited for."""
    away = 0
    while True:
        try:
            found, pause = desk.job(job_id)
        except UnreachableError:
            away += 1
            if away > _PATIENCE:
                raise
            time.sleep(2.0)
            continue
        away = 0
        if found["state"] not in _UNDER_WAY:
            return found
        time.sleep(min(pause, _LONGEST_PAUSE))


def _deliver(target: Path, pdf: bytes, *, force: bool) -> None:
    """Write a sealed file; the same one that is there already may stand."""
    make_directory(target.parent)
    if target.exists() and not force:
        if target.read_bytes() == pdf:
            return
        raise UsageError(messages.output_in_the_way(target))
    write_atomically(target, pdf)
