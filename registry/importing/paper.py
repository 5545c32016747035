"""Licences on paper, a row each, with a scan: judged by their type as far as their grade asks.

Grades A and B answer for the data, so every field must be as the type has it. Of C and D the
number, the holder, the days and the state are recorded as they were told; what else the row says
must at least be of its field's kind.
"""

import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

from core.ids import Sha256, TypeCode
from core.resident_ids import is_resident_id
from core.text import Text
from registry.accession.grades import CHECKED, Grade
from registry.accession.rows import NewAccession, Origin, paper_accession
from registry.importing import messages
from registry.importing.scans import ChecksPictures, check_scan
from registry.importing.sheets import BadTableError, Table, TableRow
from registry.licences.reason_words import OTHER_NAMES, REASON_NAMES
from registry.model import BODY, RESIDENT, Authority, Holder, LicenceState, Reason
from registry.objects.store import sha256_of
from registry.types.cells.civil_dates import parse_date
from registry.types.cells.cleaning import clean_code, clean_text
from registry.types.fields import FieldKind, FieldRule
from registry.types.licence_type import LicenceType
from registry.types.row_problems import BadValueError, FieldProblem
from registry.types.values import read_value
from signing.report import Structure

T = TypeVar("T")
NUMBER, GRANTED_ON, FIRST, LAST = "number", "granted_on", "valid_from", "valid_until"
STATE, REASON, SCAN, GRADE = "state", "reason", "scan", "grade"
LABELS: Final = {
    "证照编号": NUMBER,
    "颁发日期": GRANTED_ON,
    "有效期起": FIRST,
    "有效期至": LAST,
    "证照状态": STATE,
    "事由": REASON,
    "扫描件": SCAN,
    "可信等级": GRADE,
}
"""Columns beside those of the type, by their Chinese headings; their keys will do too."""
_NEEDED: Final = (NUMBER, GRANTED_ON, STATE, SCAN)
_MAX_NUMBER: Final = 64
_LONG_TERM: Final = frozenset({"长期", "长期有效", ""})
_STATES: Final = {
    "有效": LicenceState.IN_FORCE,
    "IN_FORCE": LicenceState.IN_FORCE,
    "已过有效期": LicenceState.EXPIRED,
    "过期": LicenceState.EXPIRED,
    "EXPIRED": LicenceState.EXPIRED,
    "暂停使用": LicenceState.SUSPENDED,
    "SUSPENDED": LicenceState.SUSPENDED,
    "CANCELLED": LicenceState.CANCELLED,
}
_SUSPENDING: Final = frozenset({Reason.WITHHELD, Reason.UNDER_REVIEW})
_CANCELLING: Final = frozenset(
    {
        Reason.ANNULLED,
        Reason.FORFEITED,
        Reason.RECALLED,
        Reason.SURRENDERED,
        Reason.DEREGISTERED,
    }
)
_REASONS: Final = {
    **{one.value: one for one in Reason},
    **{name.zh: one for one, name in REASON_NAMES.items()},
    **OTHER_NAMES,
}


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One row, judged: what would be recorded with its scan, or all that is wrong with it."""

    number: int
    accession: NewAccession | None
    scan: bytes
    problems: tuple[FieldProblem, ...]


@dataclass(frozen=True, slots=True)
class PaperRules:
    """Rules that hold for all rows of a sheet."""

    licence_type: LicenceType
    authority: Authority
    grade: Grade | None
    """Of rows that name none."""
    today: date
    scans: Callable[[str], bytes]
    """Returns a scan by its name. Raises `BadValueError`."""
    structure_of: Callable[[bytes], Structure]
    """Judges a PDF where nothing can happen."""
    pictures: ChecksPictures
    """Opens a picture there."""


def judge_paper(table: Table, rules: PaperRules) -> Iterator[PaperRow]:
    """Yield every row, judged. Raises `BadTableError` for the headings."""
    keys = _keys(table, rules.licence_type)
    unread = {int(one.source.removeprefix("row ")): one for one in table.problems}
    for number, problem in sorted(unread.items()):
        yield PaperRow(number, None, b"", (problem,))
    seen: dict[str, int] = {}
    for row in table.rows:
        judged = _RowReading(rules, row, dict(zip(keys, row.cells, strict=True))).judge()
        accession = judged.accession
        if accession is not None:
            first = seen.setdefault(accession.accession_id, row.number)
            if first != row.number:
                text = messages.number_repeated(first)
                problem = FieldProblem(row.source, "证照编号", text, "repeated_number")
                judged = PaperRow(row.number, None, b"", (problem,))
        yield judged


def _keys(table: Table, licence_type: LicenceType) -> list[str]:
    known = {_fold(name): f"field:{key}" for name, key in licence_type.columns.items()}
    known |= {_fold(licence_type.number.label.zh): NUMBER}
    known |= {_fold(label): key for label, key in LABELS.items()}
    known |= {key: key for key in LABELS.values()}
    keys = [known.get(_fold(name), "") for name in table.header]
    strange = [name for name, key in zip(table.header, keys, strict=True) if not key]
    if strange or len(set(keys)) != len(keys):
        raise BadTableError(messages.paper_columns("、".join(strange)))
    needed = {*_NEEDED, f"field:{licence_type.holder.name}"}
    if needed - set(keys):
        labels = {key: label for label, key in LABELS.items()}
        labels[f"field:{licence_type.holder.name}"] = licence_type.label_of(
            licence_type.holder.name
        )
        missing = "、".join(labels[key] for key in sorted(needed - set(keys)))
        raise BadTableError(messages.paper_columns_missing(missing))
    return keys


def _fold(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).strip("*\ufeff").lower()


class _RowReading:
    """Reads one row; collects problems instead of stopping at the first."""

    def __init__(self, rules: PaperRules, row: TableRow, values: Mapping[str, str]) -> None:
        self._rules = rules
        self._row = row
        self._values = values
        self._holder_name = rules.licence_type.holder.name
        self._problems: list[FieldProblem] = []

    def judge(self) -> PaperRow:
        """Return the row, judged."""
        grade = self._read(GRADE, self._grade)
        number = self._read(NUMBER, self._number)
        granted_on = self._read(GRANTED_ON, self._day)
        first = self._read(FIRST, self._first)
        last = self._read(LAST, self._last)
        state, reason = self._state(first or granted_on, last)
        data = self._data(grade)
        scan = self._read(SCAN, self._scan)
        if self._problems or None in (grade, number, granted_on, state, scan):
            return PaperRow(self._row.number, None, b"", tuple(self._problems))
        assert grade is not None
        assert number is not None
        assert granted_on is not None
        assert state is not None
        assert scan is not None
        accession = self._accession(
            grade,
            number,
            days=(granted_on, first or granted_on, last),
            standing=(state, reason),
            data=data,
            scan=scan,
        )
        return PaperRow(self._row.number, accession, scan, ())

    def _read(self, key: str, read: Callable[[str], T]) -> T | None:
        try:
            return read(self._values.get(key, "").strip())
        except BadValueError as error:
            label = next(name for name, one in LABELS.items() if one == key)
            self._note(label, error)
            return None

    def _note(self, label: str, error: BadValueError) -> None:
        self._problems.append(FieldProblem(self._row.source, label, error.text, error.flaw))

    def _grade(self, raw: str) -> Grade:
        word = raw.upper().removesuffix("级")
        if not word and self._rules.grade is not None:
            return self._rules.grade
        try:
            return Grade(word)
        except ValueError as error:
            raise BadValueError("grade", messages.GRADE_NEEDED) from error

    def _number(self, raw: str) -> str:
        number = clean_code(raw)
        if not 1 <= len(number) <= _MAX_NUMBER:
            raise BadValueError("missing", messages.PAPER_NUMBER)
        return number

    def _day(self, raw: str) -> date:
        day = parse_date(raw)
        if day > self._rules.today:
            raise BadValueError("future_date", messages.DAY_IN_FUTURE)
        return day

    def _first(self, raw: str) -> date | None:
        return parse_date(raw) if raw else None

    def _last(self, raw: str) -> date | None:
        return None if raw in _LONG_TERM else parse_date(raw)

    def _state(
        self, first: date | None, last: date | None
    ) -> tuple[LicenceState | None, Reason | None]:
        try:
            return self._read_state(first, last)
        except BadValueError as error:
            self._note("证照状态", error)
            return None, None

    def _read_state(
        self, first: date | None, last: date | None
    ) -> tuple[LicenceState, Reason | None]:
        if first is not None and last is not None and last < first:
            raise BadValueError("wrong_term", messages.TERM_ENDS_BEFORE)
        word = self._values.get(STATE, "").strip()
        told = self._values.get(REASON, "").strip()
        if told and told not in _REASONS:
            raise BadValueError("unknown_reason", messages.PAPER_REASON)
        reason = _REASONS.get(told) or _REASONS.get(word)
        state = _STATES.get(word)
        if state is None and reason in _CANCELLING:
            state = LicenceState.CANCELLED
        elif state is None and reason in _SUSPENDING:
            state = LicenceState.SUSPENDED
        if state is LicenceState.EXPIRED:
            if last is None or last >= self._rules.today:
                raise BadValueError("not_expired", messages.NOT_EXPIRED)
            return LicenceState.IN_FORCE, None  # what follows from a date is computed when asked
        fits = {
            LicenceState.IN_FORCE: reason is None,
            LicenceState.SUSPENDED: reason in _SUSPENDING,
            LicenceState.CANCELLED: reason in _CANCELLING,
        }
        if state is None or not fits[state]:
            raise BadValueError("unknown_state", messages.PAPER_STATE)
        return state, reason

    def _data(self, grade: Grade | None) -> dict[str, str]:
        data: dict[str, str] = {}
        for key, rule in self._rules.licence_type.fields.items():
            if rule.kind is FieldKind.PHOTO:
                continue
            try:
                value = self._field(key, rule, grade)
            except BadValueError as error:
                self._note(rule.label.zh, error)
                continue
            if value is not None:
                data[key] = value
        return data

    def _field(self, key: str, rule: FieldRule, grade: Grade | None) -> str | None:
        raw, is_name = self._values.get(f"field:{key}", ""), key == self._holder_name
        if not raw.strip():
            if is_name or (rule.required and grade in CHECKED):
                raise BadValueError("missing", messages.PAPER_FIELD_EMPTY)
            return None
        if is_name or grade in CHECKED:
            return read_value(rule, raw, self._rules.today)
        return clean_text(raw, lines=True)  # as it was told

    def _scan(self, name: str) -> bytes:
        if not name:
            raise BadValueError("scan_missing", messages.SCAN_MISSING)
        data = self._rules.scans(name)
        check_scan(data, self._rules.structure_of, self._rules.pictures)
        return data

    def _accession(
        self,
        grade: Grade,
        number: str,
        *,
        days: tuple[date, date, date | None],
        standing: tuple[LicenceState, Reason | None],
        data: dict[str, str],
        scan: bytes,
    ) -> NewAccession:
        kind, authority = self._rules.licence_type, self._rules.authority
        code = data.get(kind.holder.code, "")
        holder = Holder(data[kind.holder.name], RESIDENT if is_resident_id(code) else BODY, code)
        sha256 = sha256_of(scan)
        return NewAccession(
            accession_id=paper_accession(kind.code, authority.uscc, number),
            origin=Origin.PAPER,
            grade=grade,
            identifier=None,
            type_code=TypeCode(kind.code),
            type_name=Text(kind.name.zh, kind.name.en),
            authority_name=authority.name,
            authority_uscc=authority.uscc,
            authority_id=authority.authority_id,
            number=number,
            personal=kind.number_holds_holder_code,
            state=standing[0],
            reason=standing[1],
            holders=(holder,),
            data=data,
            granted_on=days[0],
            valid_from=days[1],
            valid_until=days[2],
            file_sha256=sha256,
            document_sha256=sha256,
            handed_out_sha256=sha256,
            source="",
            stated_sha256=_stated(grade, self._values, sha256),
        )


def _stated(grade: Grade, values: Mapping[str, str], scan: Sha256) -> str:
    """Return the digest of what a row says, whatever its columns' order."""
    others = ((key, value.strip()) for key, value in values.items() if key != GRADE)
    said = sorted((key, value) for key, value in others if value)
    told = json.dumps([grade, scan, said], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()
