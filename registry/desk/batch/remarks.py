"""Sheets that are handed back with what is to be mended beside each row, and are sent again so.

A copy of what was sent is made anew from it each time: nothing of a refused sheet is kept.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Sequence

from core.text import Language
from registry.desk.batch import messages
from registry.desk.batch_rows import BatchRow
from registry.desk.judging import RowProblem, SheetAsk, path_of
from registry.importing.messages import REMARKS
from registry.importing.remarks import with_remarks
from registry.types.cells.formulas import escaped
from registry.types.licence_type import LicenceType


def remarked_copy(ask: SheetAsk, problems: Sequence[RowProblem], language: Language) -> bytes:
    """Return the copy, in the form of the sheet. Raises `BadTableError`."""
    colon, semicolon = ("：", "；") if language == "zh" else (": ", "; ")
    said = defaultdict[int, list[str]](list)
    for one in problems:
        text = one.text.to(language)
        said[one.row or 1].append(f"{one.field}{colon}{text}" if one.field else text)
    remarks = {row: semicolon.join(texts) for row, texts in said.items()}
    out = io.BytesIO()
    sheet, heading = io.BytesIO(ask.sheet), REMARKS.to(language)
    with_remarks(path_of(ask), sheet, ask.choice, remarks, heading, out)
    return out.getvalue()


def failed_sheet(licence_type: LicenceType, rows: Sequence[BatchRow], language: Language) -> bytes:
    """Return the rows that failed as CSV under the type's headings, each with its problem."""
    labels = {key: name for name, key in licence_type.accepted.items() if name != key}
    columns = list(dict.fromkeys(key for one in rows for key in one.record or {}))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*(labels.get(key, key) for key in columns), REMARKS.to(language)])
    for one in rows:
        why = (one.code or "") if one.detail is None else one.detail.to(language)
        record = one.record or {}
        cells = [*(record.get(key, "") for key in columns)]
        remark = messages.row_failed(one.number).to(language) + why
        writer.writerow([escaped(cell) for cell in (*cells, remark)])
    # Spreadsheets take a sheet for UTF-8 by its first characters alone.
    return text.getvalue().encode("utf-8-sig")
