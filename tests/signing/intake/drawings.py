"""Small PDFs to be taken in, each with one thing that must not be sealed."""

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from reportlab.pdfgen.canvas import Canvas

Change = Callable[[Pdf], None]
SCRIPT = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def plain(pages: int = 2) -> bytes:
    """Return pages with a line of text and a link."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(400, 300), invariant=1)
    for number in range(1, pages + 1):
        canvas.drawString(50, 200, f"Notice, page {number}")
        canvas.drawString(250, 80, "Seal here")
        canvas.linkURL("https://example.gov.cn/", (50, 195, 150, 215))
        canvas.showPage()
    canvas.setTitle("A notice")
    canvas.save()
    return buffer.getvalue()


def turned(turn: int) -> bytes:
    """Return a page that is shown turned clockwise."""

    def turn_it(pdf: Pdf) -> None:
        pdf.pages[0].Rotate = turn

    return changed(turn_it, plain(1))


def changed(change: Change, data: bytes | None = None) -> bytes:
    """Return the pages with a change."""
    with pikepdf.open(io.BytesIO(data or plain())) as pdf:
        change(pdf)
        buffer = io.BytesIO()
        pdf.save(buffer, static_id=True)
    return buffer.getvalue()


def slow(pages: int, at: int, levels: int) -> bytes:
    """Return pages of which one draws a square 10 to the power of `levels` times."""

    def nest(pdf: Pdf) -> None:
        inner = pdf.make_indirect(appearance(pdf))
        for _ in range(levels):
            outer = Stream(pdf, b"/F Do " * 10)
            its = Dictionary(XObject=Dictionary(F=inner))
            box = Array([0, 0, 200, 200])
            outer.update(Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=box, Resources=its))
            inner = pdf.make_indirect(outer)
        page = pdf.pages[at - 1]
        page.Resources.XObject = Dictionary(F=inner)
        page.contents_add(b" q /F Do Q ")

    return changed(nest, plain(pages))


def appearance(pdf: Pdf) -> Stream:
    """Return a red square as an appearance."""
    form = Stream(pdf, b"1 0 0 rg 0 0 40 20 re f")
    form.update({"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": Array([0, 0, 40, 20])})
    return form


def annotate(pdf: Pdf, **entries: Any) -> None:
    """Add an annotation to the first page."""
    box = Array([100, 100, 140, 120])
    whole = Dictionary(Type=Name.Annot, Rect=box, F=4, **entries)
    page = pdf.pages[0]
    page.Annots = Array([*page.get("/Annots", Array()), pdf.make_indirect(whole)])


def script_at_opening(pdf: Pdf) -> None:
    pdf.Root.OpenAction = SCRIPT


def script_by_name(pdf: Pdf) -> None:
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("x"), SCRIPT])))


def script_of_page(pdf: Pdf) -> None:
    pdf.pages[1].AA = Dictionary(O=SCRIPT)


def launching_link(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.Link, A=Dictionary(S=Name.Launch, F=String("calc.exe")))


def script_behind_link(pdf: Pdf) -> None:
    web = Dictionary(S=Name.URI, URI=String("https://example.org"), Next=SCRIPT)
    annotate(pdf, Subtype=Name.Link, A=web)


def local_link(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String("file:///etc/passwd")))


def link_to_other_file(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.Link, A=Dictionary(S=Name.GoToR, F=String("other.pdf")))


def movie(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.Screen)


def comment(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.Square, AP=Dictionary(N=appearance(pdf)))


def note(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.Text, Contents=String("not so"), AP=Dictionary(N=appearance(pdf)))


def script_of_link(pdf: Pdf) -> None:
    web = Dictionary(S=Name.URI, URI=String("https://example.org"))
    annotate(pdf, Subtype=Name.Link, A=web, AA=Dictionary(E=web))


def script_of_unknown_kind(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.Link, A=Dictionary(S=Name.Other, JS=String("app.alert(1)")))


def attached_file(pdf: Pdf) -> None:
    file = Stream(pdf, b"secret")
    file.Type = Name.EmbeddedFile
    spec = Dictionary(Type=Name.Filespec, F=String("a.txt"), EF=Dictionary(F=file))
    pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String("a"), spec])))


def portfolio(pdf: Pdf) -> None:
    pdf.Root.Collection = Dictionary(View=Name.D)


def form_field(pdf: Pdf) -> None:
    looks = {"AP": Dictionary(N=appearance(pdf))}
    annotate(pdf, Subtype=Name.Widget, FT=Name.Tx, T=String("name"), V=String("x"), **looks)
    pdf.Root.AcroForm = Dictionary(Fields=Array([pdf.pages[0].Annots[-1]]))


def form_drawn_by_reader(pdf: Pdf) -> None:
    form_field(pdf)
    pdf.Root.AcroForm.NeedAppearances = True


def xfa(pdf: Pdf) -> None:
    form_field(pdf)
    pdf.Root.AcroForm.XFA = Stream(pdf, b"<xdp/>")


def dynamic_xfa(pdf: Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=Stream(pdf, b"<xdp/>"))
    pdf.Root.NeedsRendering = True


def layer(pdf: Pdf, *, hidden: bool = False) -> None:
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("stamp")))
    usual = Dictionary(Order=Array([group]))
    if hidden:
        usual.OFF = Array([group])
    pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=usual)
    page = pdf.pages[0]
    page.Resources.Properties = Dictionary(MC0=group)
    page.contents_add(Stream(pdf, b"/OC /MC0 BDC 0 1 0 rg 200 200 30 30 re f EMC"))


def hidden_layer(pdf: Pdf) -> None:
    layer(pdf, hidden=True)


def picture_elsewhere(pdf: Pdf) -> None:
    image = Stream(pdf, b"")
    size = {"/Width": 1, "/Height": 1, "/ColorSpace": Name.DeviceGray, "/BitsPerComponent": 8}
    image.update(
        {"/Type": Name.XObject, "/Subtype": Name.Image, "/F": String("http://a/b"), **size}
    )
    pdf.pages[0].Resources.XObject = Dictionary(Im=image)


def page_of_other_file(pdf: Pdf) -> None:
    form = appearance(pdf)
    form.Ref = Dictionary(F=String("other.pdf"), Page=0)
    pdf.pages[0].Resources.XObject = Dictionary(Fm=form)


def alternate_picture(pdf: Pdf) -> None:
    image = Stream(pdf, b"\0")
    size = {"/Width": 1, "/Height": 1, "/ColorSpace": Name.DeviceGray, "/BitsPerComponent": 8}
    image.update({"/Type": Name.XObject, "/Subtype": Name.Image, "/Alternates": Array([]), **size})
    pdf.pages[0].Resources.XObject = Dictionary(Im=image)


def postscript(pdf: Pdf) -> None:
    program = Stream(pdf, b"showpage")
    program.update({"/Type": Name.XObject, "/Subtype": Name.PS})
    pdf.pages[0].Resources.XObject = Dictionary(Ps=program)


def empty_field(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.Widget, FT=Name.Sig, T=String("Seal1"))
    pdf.Root.AcroForm = Dictionary(Fields=Array([pdf.pages[0].Annots[-1]]), SigFlags=1)


def signed_field(pdf: Pdf) -> None:
    value = Dictionary(Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), Contents=String("x"))
    annotate(pdf, Subtype=Name.Widget, FT=Name.Sig, T=String("Seal1"), V=pdf.make_indirect(value))
    pdf.Root.AcroForm = Dictionary(Fields=Array([pdf.pages[0].Annots[-1]]), SigFlags=3)


def signed_and_not_shown(pdf: Pdf) -> None:
    value = Dictionary(Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), Contents=String("x"))
    field = pdf.make_indirect(Dictionary(FT=Name.Sig, T=String("s"), V=pdf.make_indirect(value)))
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)


def pixels(data: bytes) -> list[bytes]:
    """Return each page as it is drawn."""
    document = pypdfium2.PdfDocument(data)
    document.init_forms()
    return [page.render(scale=1.5).to_pil().tobytes() for page in document]
