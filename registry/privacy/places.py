"""Places of what the desk keeps sealed for a while: each opens at its own table, record and column.

Both who keeps it (`registry.desk`) and who seals it anew (`registry.erasure.sealing`) name them.
"""

from typing import Final

DRAFT_TITLE: Final = "name"
"""Key of a file's title, among what was found in it."""
TITLE_SEALED: Final = ""
"""Stands in the column of a file's title, since the title is sealed with what was found."""


def of_content(request_id: str, column: str = "content") -> str:
    """Return the place of what a request asks for, or of its photo."""
    return f"request_contents\0{request_id}\0{column}"


def of_row(request_id: str, number: int, column: str = "record") -> str:
    """Return the place of a row of a batch, or of its photo."""
    return f"batch_rows\0{request_id}\0{number}\0{column}"


def of_wishes(draft_id: str) -> str:
    """Return the place of the terms of a draft."""
    return f"document_drafts\0{draft_id}\0wishes"


def of_file(draft_id: str, number: int, column: str) -> str:
    """Return the place of a file of a draft, or of what was found in it."""
    return f"document_files\0{draft_id}\0{number}\0{column}"
