"""Grades of trust (可信等级) of electronic licences: who vouches for what is on record."""

from enum import StrEnum

from core.text import Text


class Grade(StrEnum):
    """Grade, from what the issuer made itself down to what the holder says."""

    A = "A"
    """Made by the issuer."""
    B = "B"
    """Compared with the original by a clerk."""
    C = "C"
    """Uploaded: the original must be seen."""
    D = "D"
    """Declared by the holder."""


CHECKED = frozenset({Grade.A, Grade.B})
"""Grades at which somebody answers for what is on record; of the others it proves nothing."""

WORDS = {
    Grade.A: Text("A 级：由颁发机构制作", "grade A: made by the issuing authority"),
    Grade.B: Text(
        "B 级：经工作人员与纸质证照比对", "grade B: compared with the original by a clerk"
    ),
    Grade.C: Text(
        "C 级：只有上传的扫描件，内容未与纸质证照比对，须查看纸质证照",
        "grade C: only a scan that was uploaded; nothing was compared with the original, which "
        "must be seen",
    ),
    Grade.D: Text(
        "D 级：由持证主体自行申报，内容未经任何核实，须查看纸质证照",
        "grade D: declared by the holder; nothing of it was checked, and the original must be seen",
    ),
}
"""Sense of each, as the public reads it."""
