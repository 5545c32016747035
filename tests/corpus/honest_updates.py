"""What other software appends after a signature, and how it writes it."""

from dataclasses import replace

from tests.corpus.model import (
    SOUND,
    UNCLEAR,
    Required,
    honest,
    not_judged,
    sound,
)
from tests.corpus.papers import (
    FONT,
    NOTE_TEXT,
    TRAILER,
    XMP,
    letter_objects,
    linearised,
    note,
    note_objects,
    signed_letter_in_streams,
    signed_note,
    xmp,
)
from tests.corpus.pdf import PLAIN, Layout, Section, edited, load, new, ref, stream
from tests.corpus.signing import Mark, filled_at_once, sign
from tests.corpus.validation_data import Store, crl, store_objects, usual, with_store

LTV = sound("validation_data")
UNCHANGED = (*sound("none"), *LTV)
"""Nothing that anybody sees was added; what it is called is of no account."""
UNCHANGED_OR_UNCLEAR: Required = (*UNCHANGED, *UNCLEAR)


def with_dss(section: Section) -> bytes:
    return with_store(signed_note(), section=section).data


@honest(SOUND)
def control() -> bytes:
    """Nothing is peculiar: one approval signature over the whole file."""
    return signed_note().data


@honest(LTV)
def control_dss() -> bytes:
    """Nothing is peculiar: a DSS follows in one update."""
    return with_store(signed_note()).data


@honest(LTV)
def comments_between_objects() -> bytes:
    """Comments stand between the update's objects (ISO 32000-2 7.2.4: white space)."""
    return with_dss(Section(between=b"% written by a robot\n"))


@honest(LTV)
def itext_comment() -> bytes:
    """A comment with the maker's name stands between trailer and startxref, as iText writes it."""
    return with_dss(Section(after_trailer=b"%iText-Core-8.0.5\n"))


@honest(LTV)
def binary_comment_between_objects() -> bytes:
    """A comment of bytes above 127 stands between objects."""
    return with_dss(Section(between=b"%\xe2\xe3\xcf\xd3\r\n"))


@honest(LTV)
def startxref_at_white_space() -> bytes:
    """startxref points at the line break before `xref`."""
    return with_dss(Section(before_references=b"\n", start_shift=-1))


@honest(LTV)
def startxref_at_crlf() -> bytes:
    """startxref points at two bytes of white space before `xref`."""
    return with_dss(Section(before_references=b"\r\n", start_shift=-2))


@honest(UNCHANGED)
def trailing_line_breaks() -> bytes:
    """White space follows the last %%EOF, as mail gateways add it."""
    return signed_note().data + b"\r\n\r\n"


@honest(UNCHANGED)
def trailing_zeros() -> bytes:
    """Zero bytes (white space in PDF) follow the last %%EOF, as some disks fill up blocks."""
    return signed_note().data + b"\x00" * 200


@honest(LTV)
def trailing_spaces_after_dss() -> bytes:
    """Blanks and tabs follow the last %%EOF of an update."""
    return with_store(signed_note()).data + b" \t \n"


@honest(LTV)
def no_line_break_after_eof() -> bytes:
    """The update ends with %%EOF and no line break."""
    return with_dss(Section(tail=b""))


@honest(LTV)
def line_breaks_of_the_mac() -> bytes:
    """The entries of the update's table end with blank and carriage return."""
    return with_dss(Section(entry_end=b" \r"))


@honest(LTV)
def crlf_in_table() -> bytes:
    """The entries of the update's table end with CR and LF."""
    return with_dss(Section(entry_end=b"\r\n"))


@honest(LTV)
def entry_zero_repeated() -> bytes:
    """The update's table repeats entry 0, as Acrobat writes it."""
    return with_dss(Section(first_free=True))


@honest(LTV)
def libreoffice_trailer() -> bytes:
    """The trailer has LibreOffice's /DocChecksum and /AdditionalStreams."""
    return with_dss(
        Section(trailer={"/DocChecksum": b"/0123456789ABCDEF", "/AdditionalStreams": b"[]"})
    )


@honest(LTV)
def private_trailer_key() -> bytes:
    """The trailer has a key of a private prefix."""
    return with_dss(Section(trailer={"/XXYY_Made": b"(by us)"}))


@honest(sound("validation_data", "identifier_changed"))
def identifier_changed() -> bytes:
    """The update changes the first half of /ID."""
    other = b"[<ffeeddccbbaa99887766554433221100> <ffeeddccbbaa99887766554433221100>]"
    return with_dss(Section(trailer={"/ID": other}))


@honest(LTV)
def second_identifier_changed() -> bytes:
    """The update changes the second half of /ID, as ISO 32000-1 14.4 asks."""
    other = b"[<00112233445566778899aabbccddeeff> <ffeeddccbbaa99887766554433221100>]"
    return with_dss(Section(trailer={"/ID": other}))


@honest(LTV)
def identifier_left_out() -> bytes:
    """The update's trailer has no /ID."""
    return with_dss(Section(trailer={"/ID": None}))


@honest((*LTV, *UNCLEAR))
def info_left_out() -> bytes:
    """The update's trailer does not name /Info."""
    return with_dss(Section(trailer={"/Info": None}))


@honest(LTV)
def pages_rewritten() -> bytes:
    """The update writes the page tree again, unchanged."""
    pdf = signed_note()
    return pdf.update({**store_objects(pdf, usual()), 2: pdf.objects[2]}).data


@honest(LTV)
def everything_rewritten() -> bytes:
    """The update writes all objects again, streams and fonts included, none changed."""
    pdf = signed_note()
    same = {number: pdf.objects[number] for number in range(1, 7)}
    return pdf.update({**same, **store_objects(pdf, usual())}).data


@honest(LTV)
def keys_in_other_order() -> bytes:
    """The update writes the page again with its keys in another order and other white space."""
    pdf = signed_note()
    held = pdf.of(3)
    turned = b"<<\n" + b"\n".join(k.encode() + b" " + held[k] for k in reversed(held)) + b"\n>>"
    return pdf.update({**store_objects(pdf, usual()), 3: turned}).data


@honest(LTV)
def content_stream_rewritten() -> bytes:
    """The update writes the page's content stream again, byte for byte."""
    pdf = signed_note()
    return pdf.update({**store_objects(pdf, usual()), 4: pdf.objects[4]}).data


@honest(UNCHANGED_OR_UNCLEAR)
def content_stream_compressed_anew() -> bytes:
    """The update writes the content stream again with another filter; decoded it is the same."""
    pdf = signed_note()
    return pdf.update({4: stream(NOTE_TEXT, packed=True)}).data


@honest(UNCHANGED)
def catalogue_moved() -> bytes:
    """/Root names a new object that is the same catalogue."""
    pdf = signed_note()
    changed = {"/Root": ref(pdf.size)}
    return pdf.update({pdf.size: pdf.objects[1]}, Section(trailer=changed)).data


@honest(UNCHANGED)
def empty_update() -> bytes:
    """An update without any object: a table of no entries, a trailer."""
    pdf = signed_note()
    return pdf.update({}, Section(table=b"xref\n0 0\n")).data


@honest(UNCHANGED)
def unreferenced_objects() -> bytes:
    """The update adds objects to which nothing refers."""
    pdf = signed_note()
    return pdf.update({pdf.size: b"(left over)", pdf.size + 1: b"<< /A 1 >>"}).data


@honest(UNCHANGED)
def free_entries_of_unused_numbers() -> bytes:
    """The update's table lists numbers never in use as free."""
    pdf = signed_note()
    made = Section(free=(pdf.size + 1, pdf.size + 2))
    return pdf.update({pdf.size: b"(left over)"}, made).data


@honest(LTV)
def indirect_length() -> bytes:
    """A DSS stream's /Length is an object of the same update."""
    pdf = signed_note()
    objects = store_objects(pdf, usual())
    number = max(objects) + 1
    first = pdf.size + 1
    size = len(usual().certificates[0])
    objects[first] = objects[first].replace(b"/Length %d" % size, b"/Length %d 0 R" % number)
    objects[number] = b"%d" % size
    return pdf.update(objects).data


@honest(LTV)
def indirect_length_first() -> bytes:
    """A DSS stream's /Length is an object that stands before it."""
    pdf = signed_note()
    objects = store_objects(pdf, usual())
    number = max(objects) + 1
    first = pdf.size + 1
    size = len(usual().certificates[0])
    objects[first] = objects[first].replace(b"/Length %d" % size, b"/Length %d 0 R" % number)
    return pdf.update({number: b"%d" % size, **objects}).data


@honest(LTV)
def dss_in_reference_stream() -> bytes:
    """The file has tables, the update a cross-reference stream."""
    return with_dss(Section(layout=Layout.STREAM))


@honest(LTV)
def dss_in_object_stream() -> bytes:
    """The update puts its dictionaries into an object stream."""
    pdf = signed_letter_in_streams()
    objects = store_objects(pdf, usual())
    packed = tuple(n for n, body in objects.items() if b"stream" not in body)
    return pdf.update(objects, Section(layout=Layout.STREAM, packed=packed)).data


@honest(LTV)
def uncompressed_reference_stream() -> bytes:
    """The update's cross-reference stream is not compressed."""
    return with_dss(Section(layout=Layout.STREAM, compressed=False))


@honest(SOUND)
def streams_throughout() -> bytes:
    """Object streams and cross-reference streams throughout, as newer software writes."""
    return signed_letter_in_streams().data


@honest(LTV)
def hybrid_update() -> bytes:
    """A hybrid update: a table, and a stream for the objects in an object stream (7.5.8.4)."""
    pdf = signed_note()
    objects = store_objects(pdf, usual())
    return pdf.update(objects, Section(layout=Layout.HYBRID, packed=(pdf.size,))).data


@honest(SOUND)
def hybrid_file() -> bytes:
    """The file itself is hybrid, then signed with a table."""
    objects = note_objects()
    made = new(objects, TRAILER, Section(layout=Layout.HYBRID, packed=(5, 6)))
    return sign(made, Mark()).data


@honest(LTV)
def hybrid_file_with_hybrid_updates() -> bytes:
    """File, signature and DSS are all hybrid; each update has its own XRef stream."""
    hybrid = Layout.HYBRID
    made = new(note_objects(), TRAILER, Section(layout=hybrid, packed=(5, 6)))
    signed = sign(made, Mark(section=Section(layout=hybrid)))
    return with_store(signed, section=Section(layout=hybrid, packed=(signed.size,))).data


@honest(LTV)
def empty_vri() -> bytes:
    """The DSS has a VRI whose entry for the signature is empty."""
    return with_store(signed_note(), replace(usual(), vri="empty")).data


@honest(LTV)
def no_vri() -> bytes:
    """The DSS has no VRI, as PAdES now advises."""
    return with_store(signed_note(), replace(usual(), vri="none")).data


@honest(LTV)
def direct_dss() -> bytes:
    """The DSS stands in the catalogue as a direct dictionary."""
    pdf = signed_note()
    return pdf.update(store_objects(pdf, usual(), reference=False)).data


@honest(LTV)
def compressed_dss() -> bytes:
    """The DSS streams are compressed with Flate."""
    return with_store(signed_note(), replace(usual(), packed=True)).data


@honest(LTV)
def dss_twice() -> bytes:
    """A second update writes the DSS again with one CRL more."""
    pdf = with_store(signed_note())
    more = replace(usual(), crls=(*usual().crls, crl(2)))
    return with_store(pdf, more).data


@honest(LTV)
def dss_rebuilt_alike() -> bytes:
    """A second update builds the DSS anew from new objects with the same content."""
    pdf = with_store(signed_note())
    return with_store(pdf).data


@honest(sound("validation_data", "validation_data_replaced"))
def dss_rebuilt_with_less() -> bytes:
    """A second update builds the DSS anew and drops a CRL and a certificate."""
    pdf = with_store(signed_note())
    return with_store(pdf, Store((usual().certificates[0],), usual().ocsps)).data


@honest(LTV)
def empty_dss() -> bytes:
    """The update adds a DSS that holds nothing."""
    return with_store(signed_note(), Store((), vri="none")).data


@honest(LTV)
def extensions_added() -> bytes:
    """The catalogue gains /Extensions for ESIC and ADBE and /Version with the DSS."""
    pdf = signed_note()
    objects = store_objects(pdf, usual())
    extra = (
        b"<< /ADBE << /BaseVersion /1.7 /ExtensionLevel 8 >> "
        b"/ESIC << /BaseVersion /1.7 /ExtensionLevel 1 >> >>"
    )
    objects[1] = edited(objects[1], {"/Extensions": extra})
    return pdf.update(objects).data


def letter_with_dss(changes: dict[int, bytes]) -> bytes:
    """Return the letter, signed, then one update with a DSS and other objects."""
    pdf = sign(new(letter_objects(), TRAILER))
    return pdf.update({**changes, **store_objects(pdf, usual())}).data


@honest(sound("validation_data"))
def xmp_dates_rewritten() -> bytes:
    """XMP is written again with other dates and another InstanceID and tool."""
    text = (
        XMP.replace(b"<xmp:ModifyDate>2026-03-01", b"<xmp:ModifyDate>2026-03-05")
        .replace(b"uuid:2", b"uuid:7")
        .replace(b"<xmp:CreatorTool>Some Office 7.2", b"<xmp:CreatorTool>Archive 3")
        .replace(b"Toolkit 1", b"Toolkit 22")
    )
    return letter_with_dss({10: xmp(text)})


@honest(sound("validation_data"))
def xmp_as_attributes() -> bytes:
    """XMP is written again with properties as attributes, in another order, another prefix."""
    text = (
        b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description '
        b'r:about="" xmlns:m="http://ns.adobe.com/xap/1.0/" xmlns:p="http://ns.adobe.com/pdf/1.3/" '
        b'xmlns:d="http://purl.org/dc/elements/1.1/" p:Producer="Some Office 7.2" '
        b'm:CreateDate="2026-03-01T09:00:00Z" m:CreatorTool="Some Office 7.2">'
        b"<d:creator><r:Seq><r:li>Registrar</r:li></r:Seq></d:creator><d:title><r:Alt>"
        b'<r:li xml:lang="x-default">A letter</r:li></r:Alt></d:title></r:Description></r:RDF>'
        b'</x:xmpmeta><?xpacket end="r"?>'
    )
    return letter_with_dss({10: xmp(text)})


@honest(sound("validation_data"))
def xmp_history_added() -> bytes:
    """XMP gains a history of the saving."""
    history = (
        b'<xmpMM:History><rdf:Seq><rdf:li xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/'
        b'ResourceEvent#" stEvt:action="saved"/></rdf:Seq></xmpMM:History></rdf:Description>'
    )
    return letter_with_dss({10: xmp(XMP.replace(b"</rdf:Description>", history))})


@honest(sound("validation_data", "info_changed"))
def chinese_producer_later() -> bytes:
    """An archive writes its Chinese /Producer and a /ModDate into Info along with the DSS."""
    pdf = signed_note()
    producer = "档案系统".encode("utf-16-be").hex().encode()
    info = edited(
        pdf.objects[6], {"/Producer": b"<feff%s>" % producer, "/ModDate": b"(D:20260305)"}
    )
    return pdf.update({**store_objects(pdf, usual()), 6: info}).data


@honest((*sound("none", "info_changed"), *sound("validation_data", "info_changed")))
def mod_date_alone() -> bytes:
    """An update changes nothing but Info's /ModDate."""
    pdf = signed_note()
    return pdf.update(pdf.set(6, ModDate=b"(D:20260305090000Z)")).data


@honest((*sound("validation_data", "info_changed"), *UNCLEAR))
def info_as_new_object() -> bytes:
    """Info is written as a new object with the same title and another /ModDate."""
    pdf = signed_note()
    objects = store_objects(pdf, usual())
    number = max(objects) + 1
    objects[number] = edited(pdf.objects[6], {"/ModDate": b"(D:20260305090000Z)"})
    return pdf.update(objects, Section(trailer={"/Info": ref(number)})).data


@honest(LTV)
def ten_updates() -> bytes:
    """Ten updates follow, each with the DSS written anew."""
    pdf = signed_note()
    for _ in range(10):
        pdf = with_store(pdf)
    return pdf.data


@honest(SOUND)
def many_revisions_before_signing() -> bytes:
    """The file was saved thirty times before it was signed, each time with new content."""
    pdf = note()
    for index in range(30):
        pdf = pdf.update({4: stream(b"BT /F1 18 Tf 25 158 Td (Draft %d) Tj ET" % index)})
    return sign(pdf).data


@honest(not_judged("limit_revisions"))
def hundred_revisions() -> bytes:
    """The file was saved a hundred times: beyond what we look at, so a limit with its reason."""
    pdf = note()
    for index in range(100):
        pdf = pdf.update({4: stream(b"BT /F1 18 Tf 25 158 Td (Draft %d) Tj ET" % index)})
    return sign(pdf).data


@honest(SOUND)
def signed_in_first_revision() -> bytes:
    """The signature stands in the first and only revision, as PDFBox can write it."""
    made = sign(note(), Mark())
    objects = {n: made.objects[n] for n in range(1, made.size)}
    return signed_at_once(objects)


def signed_at_once(objects: dict[int, bytes], section: Section = PLAIN) -> bytes:
    """Return a file of one revision whose signature is made last."""
    return filled_at_once(new(objects, TRAILER, section), Mark()).data


@honest((*LTV, *UNCLEAR))
def table_in_one_section() -> bytes:
    """The update's table covers used and unused numbers in one section, the unused ones free."""
    pdf = signed_note()
    objects = store_objects(pdf, usual())
    unused = tuple(n for n in range(max(objects) + 1, max(objects) + 4))
    return pdf.update(objects, Section(free=unused)).data


@honest((*LTV, *UNCLEAR))
def font_copied_for_later_use() -> bytes:
    """The update adds a font that only the form's /DR names (ISO 32000-2 12.7.3)."""
    pdf = signed_note()
    objects = store_objects(pdf, usual())
    number = max(objects) + 1
    objects[number] = FONT
    form = pdf.of(1)["/AcroForm"]
    fonts = b"<< /Font << /Helv %d 0 R >> >>" % number
    changed = edited(form, {"/DR": fonts, "/DA": b"(/Helv 0 Tf 0 g)"})
    objects[1] = edited(objects[1], {"/AcroForm": changed})
    return pdf.update(objects).data


@honest(SOUND)
def linearised_then_signed() -> bytes:
    """A linearised file with hint streams, signed in an update."""
    return sign(load(linearised(note())), Mark()).data


@honest(LTV)
def linearised_signed_and_dss() -> bytes:
    """A linearised file, signed, with a DSS."""
    return with_store(sign(load(linearised(note())), Mark())).data
