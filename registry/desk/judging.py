"""Judging of what is asked for, before anything is kept: one record, or a whole sheet."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from core.clock import civil_date
from core.errors import NotAllowedError, UsageError
from core.ids import AuthorityId
from core.permits import Permit
from core.text import Text
from registry.bodies.authorities import find_authority, mandated_seal, no_such_authority
from registry.desk import messages
from registry.desk.contents import BatchAsk, GrantAsk
from registry.desk.rights import CallerStanding, Rights
from registry.desk.row_words import for_desk, without_commands
from registry.granting.batches import ChangeDecision, is_undecided, undecided
from registry.granting.paper import PaperLicences
from registry.granting.recognising import RecognisedRow, RowKind
from registry.granting.reservation import GrantRequest
from registry.importing.file_kinds import WORKBOOK
from registry.importing.photo_archive import PhotoArchive
from registry.importing.plans import Plan
from registry.importing.records import judge_record
from registry.importing.sheet_choice import SheetChoice
from registry.importing.sheet_judging import plan, read_table
from registry.licences.printability import PageRenderer, Printability
from registry.licences.replacing import Replacement
from registry.model import ConflictError, RegistryError
from registry.officers.model import DeskRequest
from registry.types.catalogue import Catalogue, source_sha256
from registry.types.licence_type import LicenceType
from registry.types.numbering import FROM_PAPER_LABEL
from registry.types.photos import ReadPhoto, ReadPhotos, refuse_photo, refuse_photos
from signing.levels import PadesLevel

MAX_ROWS = 20_000
"""Of one batch; what one person can answer for, and one decide on."""


@dataclass(frozen=True, slots=True)
class SheetAsk:
    """A sheet whose rows somebody asks to be granted."""

    type_code: str
    """Code or short name of the type."""
    sheet: bytes = field(repr=False)
    """CSV or .xlsx, told by its beginning."""
    photos: bytes | None = field(default=None, repr=False)
    """A .zip of the files that the sheet names."""
    authority_id: AuthorityId | None = None
    basis: str | None = None
    level: PadesLevel = PadesLevel.B_LT
    changed: ChangeDecision | None = None
    further: bool = False
    name: str = ""
    """Of a batch that grants anew what was granted before and left force."""
    choice: SheetChoice = field(default_factory=SheetChoice)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing to put right in a sheet; nothing of it repeats what a row says."""

    row: int | None
    """None: the sheet as a whole."""
    field: str
    """The column; empty: the row as a whole."""
    code: str
    text: Text
    identifier: str | None = None
    """Of the licence that the row speaks of."""


class TypeChangedError(ConflictError):
    """The type has another definition than when the request was made."""


class BadBatchError(RegistryError):
    """Rows of a sheet cannot be granted; nothing was kept."""

    code = "bad_row"

    def __init__(self, problems: tuple[RowProblem, ...]) -> None:
        super().__init__(messages.rows_to_mend(len(problems)), problems=len(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Judging:
    """Judges what is asked for."""

    rights: Rights
    catalogue: Catalogue
    read_photo: ReadPhoto = refuse_photo
    read_photos: ReadPhotos = refuse_photos

    def target(
        self, standing: CallerStanding, type_code: str, authority_id: AuthorityId | None
    ) -> tuple[LicenceType, AuthorityId]:
        """Return the type, and the authority that would grant it; out of reach there is none.

        Raises `NotFoundError`, `NotAllowedError`.
        """
        with self.rights.database.reading() as connection:
            licence_type = self.catalogue.find(connection, type_code)
            if authority_id is not None and not standing.reach.includes(authority_id):
                raise no_such_authority(authority_id)
            seal = mandated_seal(connection, licence_type.code, authority_id)
        if not standing.reach.includes(seal.authority_id):
            raise NotAllowedError(messages.NOT_YOUR_AUTHORITY)
        return licence_type, seal.authority_id

    def grant_request(
        self,
        licence_type: LicenceType,
        authority_id: AuthorityId,
        ask: GrantAsk,
        permit: Permit,
        request_key: str | None = None,
    ) -> GrantRequest:
        """Return the grant that a record asks for. Raises `RowProblems`, `UsageError`."""

        def load_photo(name: str) -> bytes:
            del name
            return ask.photo or b""

        application = judge_record(
            licence_type,
            ask.record,
            load_photo,
            self.read_photo,
            today=civil_date(self.rights.clock.now(), self.rights.zone),
            source=messages.RECORD.zh,
        )
        if ask.photo is not None and application.photo is None:
            raise UsageError(messages.PHOTO_NOT_NAMED)
        if ask.replaces is not None and application.from_paper is not None:
            raise UsageError(messages.PAPER_OR_VERSION)
        return GrantRequest(
            application,
            permit,
            basis=ask.basis,
            authority_id=authority_id,
            level=ask.level,
            request_key=request_key,
            document_number=ask.document_number,
            replaces=ask.replaces,
            reason=ask.reason,
            from_paper=application.from_paper,
        )

    def refuse_unfit_version(
        self, standing: CallerStanding, licence_type: LicenceType, request: GrantRequest
    ) -> None:
        """See that a licence could take another's place as things stand: the place of one on
        paper, or as a new version.

        Raises `NoSuchLicenceError`, also for one out of reach, and as `Replacement.check`.
        """
        if request.from_paper is not None:
            with self.rights.database.reading() as connection:
                body = str(request.authority_id)
                self.paper(connection, licence_type, body).find(
                    request.from_paper, request.application
                )
        if request.replaces is None:
            return
        before = self.rights.sight(standing).licence(request.replaces)
        asked = Replacement(
            request.application,
            AuthorityId(str(request.authority_id)),
            request.reason,
            request.basis,
            request.document_number,
        )
        asked.check(before, licence_type, civil_date(self.rights.clock.now(), self.rights.zone))

    def paper(
        self, connection: Connection, licence_type: LicenceType, authority_id: str
    ) -> PaperLicences:
        """Return an authority's licences on paper of a type."""
        authority = find_authority(connection, AuthorityId(authority_id))
        today = civil_date(self.rights.clock.now(), self.rights.zone)
        return PaperLicences(connection, licence_type.code, authority.uscc, today)

    def refuse_unfit_paper(
        self, licence_type: LicenceType, authority_id: AuthorityId, rows: Sequence[RecognisedRow]
    ) -> None:
        """See that each new row could take the place of the licence on paper that it names.

        Raises `BadBatchError`.
        """
        problems = []
        with self.rights.database.reading() as connection:
            known = self.paper(connection, licence_type, authority_id)
            for row in rows:
                number = row.application.from_paper
                if number is None or row.kind not in (RowKind.NEW, RowKind.FURTHER):
                    continue
                try:
                    known.find(number, row.application)
                except RegistryError as error:
                    line, label = row_of(row.application.source), FROM_PAPER_LABEL.zh
                    text = without_commands(error.text)
                    problems.append(RowProblem(line, label, error.code, text))
        if problems:
            raise BadBatchError(tuple(problems))

    def sheet(
        self,
        licence_type: LicenceType,
        authority_id: AuthorityId,
        ask: SheetAsk,
        renderer: PageRenderer,
        public_url: str,
    ) -> Plan:
        """Judge each row of a sheet, and whether its page can be printed.

        Raises `BadTableError`, `UsageError`.
        """
        replaces = ask.changed not in (None, ChangeDecision.SKIP)
        if replaces and not (ask.basis or "").strip():
            raise UsageError(messages.BASIS_NEEDED)
        table = read_table(path_of(ask), ask.choice, ask.sheet)
        if len(table.rows) > MAX_ROWS:
            raise UsageError(messages.too_many_rows(len(table.rows), MAX_ROWS))
        today = civil_date(self.rights.clock.now(), self.rights.zone)
        photos = PhotoArchive(ask.photos or _NO_PHOTOS)
        with self.rights.database.reading() as connection:
            authority = find_authority(connection, authority_id)
        checked = plan(
            licence_type,
            table,
            today=today,
            photos=photos.load,
            read_photos=self.read_photos,
            pages=Printability(renderer, licence_type, authority, public_url, today),
        )
        if not checked.applications and not checked.problems:
            raise UsageError(messages.NO_ROWS)
        return checked


def path_of(ask: SheetAsk) -> Path:
    """Return a name for a sheet, with the ending of its form."""
    return Path("sheet.xlsx" if ask.sheet.startswith(WORKBOOK) else "sheet.csv")


def batch_ask(ask: SheetAsk, licence_type: LicenceType, authority_id: AuthorityId) -> BatchAsk:
    """Return how the rows of a sheet are to be granted."""
    return BatchAsk(
        licence_type.code,
        authority_id,
        ask.basis,
        ask.level,
        ask.changed,
        ask.further,
        ask.name,
    )


def refuse_problems(checked: Plan, rows: Sequence[RecognisedRow], ask: BatchAsk) -> None:
    """See that every row is good; with what is not, all that is to be decided is told as well.

    `rows` are the good ones. Raises `BadBatchError`.
    """
    if not checked.problems:
        return
    problems = [
        RowProblem(row_of(one.source), one.field, one.code, for_desk(one.code, one.text))
        for one in checked.problems
    ]
    problems += undecided_rows(rows, ask)
    raise BadBatchError(tuple(sorted(problems, key=lambda one: one.row or 0)))


def refuse_undecided(rows: Sequence[RecognisedRow], ask: BatchAsk) -> None:
    """See that it is said of every row what it means. Raises `BadBatchError`."""
    if problems := undecided_rows(rows, ask):
        raise BadBatchError(tuple(problems))


def undecided_rows(rows: Sequence[RecognisedRow], ask: BatchAsk) -> list[RowProblem]:
    """Return the rows of which nobody said what they mean."""
    problems = []
    for row in rows:
        if is_undecided(row, ask.changed, further=ask.further):
            error = undecided(row)
            licence = row.licence
            problems.append(
                RowProblem(
                    row_of(row.application.source),
                    "",
                    row.kind,
                    for_desk(row.kind, error.text),
                    None if licence is None else licence.identifier,
                )
            )
    return problems


def definition_of(licence_type: LicenceType) -> str:
    """Return the digest of a type's definition, for which alone an approval is good."""
    return source_sha256(licence_type.source)


def refuse_other_type(found: DeskRequest, licence_type: LicenceType) -> None:
    """See that a type still has the definition under which something was asked for.

    Raises `TypeChangedError`.
    """
    if found.type_sha256 not in (None, definition_of(licence_type)):
        raise TypeChangedError(messages.APPROVAL_OF_OTHER_TYPE)


def row_of(source: str) -> int | None:
    """Return the number of a row by its place in messages; None: the sheet as a whole."""
    number = source.removeprefix("row ")
    return int(number) if number.isascii() and number.isdecimal() else None


_NO_PHOTOS = b"PK\x05\x06" + bytes(18)
"""An archive with nothing in it."""
