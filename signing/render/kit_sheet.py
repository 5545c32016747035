"""Sheet of fingerprints to print, hang up and compare with: one page of A4."""

import io
from importlib.resources import as_file, files

from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from signing.trust.kit import INTRODUCTION, RootFacts, in_lines

_FONT, _MONO = "NotoSerifSC-sheet", "Courier-Bold"
_LEFT, _TOP, _BOTTOM = 60, 780, 60
_WIDTH = A4[0] - 2 * _LEFT


class _Page:
    """Writes lines downward; what no longer fits begins another page."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._y = float(_TOP)

    def line(self, text: str, size: float, font: str = _FONT) -> None:
        """Write a line, broken where it is too long."""
        for part in _broken(text, font, size):
            if self._y < _BOTTOM:
                self._canvas.showPage()
                self._y = float(_TOP)
            self._canvas.setFont(font, size)
            self._canvas.drawString(_LEFT, self._y, part)
            self._y -= size * 1.5

    def gap(self, height: float) -> None:
        """Leave room."""
        self._y -= height


def _broken(text: str, font: str, size: float) -> list[str]:
    """Break a text into lines, Chinese between any two characters."""
    if all(character < "\u2e80" for character in text):
        return list(simpleSplit(text, font, size, _WIDTH))
    lines = [""]
    for character in text:
        if pdfmetrics.stringWidth(lines[-1] + character, font, size) > _WIDTH:
            lines.append("")
        lines[-1] += character
    return lines


def fingerprint_sheet(roots: list[RootFacts], published_at: str) -> bytes:
    """Return the sheet as PDF."""
    with as_file(files("signing") / "fonts" / "NotoSerifSC-Regular.ttf") as path:
        pdfmetrics.registerFont(TTFont(_FONT, str(path)))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.setTitle("Fingerprints of our root certificates")
    page = _Page(canvas)
    page.line("根证书指纹", 20)
    page.line("Fingerprints of our root certificates", 14)
    page.gap(12)
    page.line(INTRODUCTION.zh, 11)
    page.line(INTRODUCTION.en, 11)
    page.line(published_at, 11)
    for root in roots:
        page.gap(18)
        page.line(root.name, 14)
        page.line(f"有效期 Valid: {root.not_before:%Y-%m-%d} – {root.not_after:%Y-%m-%d}", 11)
        for title, fingerprint in (("SHA-256", root.sha256), ("SHA-1", root.sha1)):
            page.gap(6)
            page.line(title, 11)
            for part in in_lines(fingerprint):
                page.line(part, 14, _MONO)
    canvas.save()
    return out.getvalue()
