"""A licence's page by stock ReportLab, as its user guide has it: the baseline of rendering.

The same words in the same fonts, embedded and subset by it, lines of a table, and its own QR
widget. It draws no guilloche, tags nothing and claims no PDF/A: all to its favour.
"""

from io import BytesIO
from pathlib import Path
from typing import Any

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

import signing
from signing.face import LicenceFace

_FONTS = {name: Path(signing.__path__[0]) / "fonts" / f"NotoSerifSC-{name}.ttf" for name in (
    "Regular", "Bold",
)}  # fmt: skip
_LINE = 32.0
_QR = 88.0


class StockPage:
    """Fonts are loaded once, as ReportLab keeps them."""

    def __init__(self) -> None:
        for name, path in _FONTS.items():
            pdfmetrics.registerFont(TTFont(name, str(path)))

    def render(self, face: LicenceFace) -> bytes:
        """Return the page of a licence."""
        buffer = BytesIO()
        canvas: Any = Canvas(buffer, pagesize=landscape(A4), pageCompression=1)
        wide, high = landscape(A4)
        canvas.setTitle(face.design.title.zh)
        canvas.setFont("Bold", 30)
        canvas.drawCentredString(wide / 2, high - 90, face.design.title.zh)
        canvas.setFont("Regular", 12)
        canvas.drawCentredString(wide / 2, high - 115, f"{face.number_label.zh}：{face.number}")
        top = high - 160
        for field in face.fields:
            canvas.setFont("Regular", 11)
            canvas.drawString(80, top, field.label.zh)
            canvas.drawString(190, top, field.value)
            canvas.line(76, top - 10, wide - 76, top - 10)
            top -= _LINE
        canvas.drawString(wide - 260, 150, face.authority)
        canvas.drawString(wide - 260, 130, f"{face.granted_on:%Y-%m-%d}")
        canvas.setFont("Regular", 8)
        canvas.drawString(80, 62, face.identifier)
        self._code(canvas, face.link)
        canvas.showPage()
        canvas.save()
        return buffer.getvalue()

    @staticmethod
    def _code(canvas: Any, link: str) -> None:
        make: Any = QrCodeWidget  # untyped
        code = make(link, barLevel="M")
        left, bottom, right, top = code.getBounds()
        scale = _QR / (right - left), _QR / (top - bottom)
        drawing = Drawing(_QR, _QR, transform=[scale[0], 0, 0, scale[1], 0, 0])
        drawing.add(code)
        renderPDF.draw(drawing, canvas, 76, 99)
