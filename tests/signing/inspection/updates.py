"""Incremental updates, honest and hostile, made by pyHanko's writer or by hand."""

# mypy: disable-error-code="no-untyped-call, method-assign, no-any-return"

import io
import re
from collections.abc import Callable
from unittest.mock import patch

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfSigner

from tests.signing.material import How, pki, sign

Change = Callable[[IncrementalPdfFileWriter], None]


def updated(data: bytes, change: Change) -> bytes:
    """Append one update in which `change` was made, and nothing else."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    writer._update_meta = lambda: None
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def sign_regardless(data: bytes, how: How) -> bytes:
    """Add a signature that a certification in the file forbids."""
    with patch.object(PdfSigner, "_enforce_certification_constraints", lambda *_: None):
        return sign(data, pki(), how)


def _page(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    return writer.root["/Pages"]["/Kids"][0]


def change_content(writer: IncrementalPdfFileWriter) -> None:
    page = _page(writer)
    stream = generic.StreamObject(stream_data=b"BT /F1 12 Tf 20 100 Td (forged) Tj ET")
    page[pdf_name("/Contents")] = writer.add_object(stream)
    writer.update_container(page)


def add_annotation(writer: IncrementalPdfFileWriter) -> None:
    page = _page(writer)
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 300, 200))),
            pdf_name("/Contents"): generic.TextStringObject("forged"),
        }
    )
    annotations = page["/Annots"]
    annotations.append(writer.add_object(note))
    writer.update_container(annotations)  # the page, or an array of its own


def change_info(writer: IncrementalPdfFileWriter, key: str = "/ModDate") -> None:
    info = writer.trailer["/Info"]
    info[pdf_name(key)] = generic.TextStringObject("D:20270101000000Z")
    writer.update_container(info)


def change_title(writer: IncrementalPdfFileWriter) -> None:
    change_info(writer, "/Title")


def replace_info(writer: IncrementalPdfFileWriter) -> None:
    entries = {pdf_name("/Title"): generic.TextStringObject("forged")}
    writer.set_info(writer.add_object(generic.DictionaryObject(entries)))


def add_orphan(writer: IncrementalPdfFileWriter) -> None:
    writer.add_object(generic.TextStringObject("nobody refers to me"))


def add_script(writer: IncrementalPdfFileWriter) -> None:
    action = {
        pdf_name("/S"): pdf_name("/JavaScript"),
        pdf_name("/JS"): generic.TextStringObject("app.alert('x')"),
    }
    writer.root[pdf_name("/OpenAction")] = generic.DictionaryObject(action)
    writer.update_root()


def drop_dss_items(writer: IncrementalPdfFileWriter) -> None:
    dss = writer.root["/DSS"]
    dss[pdf_name("/OCSPs")] = generic.ArrayObject()
    writer.update_container(dss)


def replace_dss_stream(writer: IncrementalPdfFileWriter) -> None:
    first = writer.root["/DSS"].raw_get("/OCSPs").raw_get(0)
    other = writer.root["/DSS"]["/OCSPs"][1]
    stream = generic.StreamObject(stream_data=other.data)
    writer.objects[(first.generation, first.idnum)] = stream


def hide_in_dss(writer: IncrementalPdfFileWriter) -> None:
    dss = writer.root["/DSS"]
    dss[pdf_name("/Extra")] = writer.add_object(generic.TextStringObject("hidden"))
    writer.update_container(dss)


def add_field(writer: IncrementalPdfFileWriter) -> None:
    field = {
        pdf_name("/FT"): pdf_name("/Tx"),
        pdf_name("/T"): generic.TextStringObject("forged"),
        pdf_name("/V"): generic.TextStringObject("forged"),
    }
    form = writer.root["/AcroForm"]
    form["/Fields"].append(writer.add_object(generic.DictionaryObject(field)))
    writer.update_container(form)


def fill_form(writer: IncrementalPdfFileWriter) -> None:
    for reference in writer.root["/AcroForm"]["/Fields"]:
        field = reference.get_object()
        if field["/FT"] == "/Tx":
            field[pdf_name("/V")] = generic.TextStringObject("filled in later")
            writer.update_container(field)


def unchanged_object(writer: IncrementalPdfFileWriter) -> None:
    page = _page(writer)
    writer.update_container(page)


def move_startxref(data: bytes, insert: bytes) -> bytes:
    """Insert bytes before the last cross-reference section and set its pointer right."""
    start = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    tail = data[start:]
    moved = tail.replace(b"startxref\n%d" % start, b"startxref\n%d" % (start + len(insert)))
    return data[:start] + insert + moved


def shadow_catalogue(data: bytes) -> bytes:
    """An update by hand whose table names an object hidden in the last update's bytes."""
    number = int(re.findall(rb"/Root (\d+) 0 R", data)[-1])
    size = int(re.findall(rb"/Size (\d+)", data)[-1])
    previous = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    document_id = re.findall(rb"/ID \[.*?\]", data)[-1]
    hidden = data.rfind(b"\n%d 0 obj" % number) + 1
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, hidden)
    trailer = b"trailer\n<< /Root %d 0 R /Size %d /Prev %d %s >>\n" % (
        number, size, previous, document_id,
    )  # fmt: skip
    return data + table + trailer + b"startxref\n%d\n%%%%EOF\n" % len(data)
