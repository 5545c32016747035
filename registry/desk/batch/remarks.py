"""A copy of a sheet that was sent, with what is to be mended beside each row.

It is made anew from the sheet each time: nothing of a sheet that was refused is kept.
"""

import io
from collections import defaultdict
from collections.abc import Sequence

from core.text import Language
from registry.desk.judging import RowProblem, SheetAsk, path_of
from registry.importing.messages import REMARKS
from registry.importing.remarks import with_remarks


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
