"""Updates that honest makers append after a signature; each says what is peculiar about it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from asn1crypto import cms

from signing.report import LaterChanges
from tests.signing.inspection.raw_updates import (
    CATALOGUE,
    PAPER,
    ROOM,
    XMP,
    Manner,
    appended,
    appended_hybrid,
    appended_in_streams,
    body,
    filled,
    last_start,
    signature,
    signed_paper,
    stream,
    written,
)
from tests.signing.material import How, pki, sign

VALIDATION, SIGNATURES = LaterChanges.VALIDATION_DATA, LaterChanges.SIGNATURES
REPLACED = ("validation_data_replaced",)


@dataclass(frozen=True)
class Harmless:
    """A file whose first signature is followed by something harmless."""

    make: Callable[[], bytes]
    later: LaterChanges = VALIDATION
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.make.__name__


HARMLESS: list[Harmless] = []


def harmless(
    later: LaterChanges = VALIDATION, notes: tuple[str, ...] = ()
) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    def keep(make: Callable[[], bytes]) -> Callable[[], bytes]:
        HARMLESS.append(Harmless(make, later, notes))
        return make

    return keep


def certificate() -> bytes:
    return pki().issuing.der


def dss(catalogue: bytes, reference: bytes = b"50 0 R") -> bytes:
    return catalogue.rstrip()[:-2] + b"/DSS %s >>" % reference


def with_dss(data: bytes, first: int = 50) -> bytes:
    """A DSS with one certificate, in objects from `first` on."""
    objects = {
        1: dss(body(data, 1).split(b"/DSS")[0] + b">>" if b"/DSS" in body(data, 1)
               else body(data, 1), b"%d 0 R" % first),
        first: b"<< /Type /DSS /Certs [ %d 0 R ] >>" % (first + 1),
        first + 1: stream(certificate()),
    }  # fmt: skip
    return appended(data, objects)


ORPHAN = {40: b"<< /Unused true >>"}


# 13: comments and white space


@harmless()
def comments_between_objects() -> bytes:
    """Comments are white space (ISO 32000-2 7.2.4)."""
    how = Manner(before={40: b"% made by a maker\n", 0: b"%\xe2\xe3\xcf\xd3\r\n"})
    return appended(signed_paper(), ORPHAN, how)


@harmless()
def a_comment_after_the_trailer() -> bytes:
    """iText names itself between the trailer and startxref."""
    return appended(signed_paper(), ORPHAN, Manner(after_trailer=b"%iText-Core-8.0.5\n"))


@harmless()
def white_space_after_the_last_end() -> bytes:
    """Mail and web forms append line ends."""
    return appended(signed_paper(), ORPHAN, Manner(tail=b"\r\n\r\n  \n"))


@harmless()
def startxref_before_the_white_space() -> bytes:
    """startxref points at the line end before `xref`."""
    return appended(signed_paper(), ORPHAN, Manner(before={0: b"\n"}, early=1))


@harmless(LaterChanges.NONE, ("eol_after_eof",))
def nothing_but_white_space() -> bytes:
    """No update at all, only white space after %%EOF."""
    return signed_paper() + b"\n \r\n"


# 14: the trailer


@harmless()
def trailer_entries_of_libreoffice() -> bytes:
    """/AdditionalStreams and /DocChecksum bind nothing."""
    extra = b"/DocChecksum /0123456789ABCDEF0123456789ABCDEF /AdditionalStreams [ /A 40 0 R ]"
    return appended(signed_paper(), ORPHAN, Manner(extra=extra))


@harmless(VALIDATION, ("identifier_changed",))
def another_identifier() -> bytes:
    """Both halves of /ID are new; the first should never change (14.4)."""
    return appended(signed_paper(), ORPHAN, Manner(extra=b"/ID [ <0a0b> <0c0d> ]"))


@harmless()
def the_catalogue_under_another_number() -> bytes:
    """/Root moved; the catalogue is the same."""
    return appended(signed_paper(), {40: body(signed_paper(), 1)}, Manner(root=40))


# 15: objects


@harmless()
def objects_written_again() -> bytes:
    """Page, catalogue, font and a stream, byte for byte."""
    paper = signed_paper()
    return appended(paper, {number: body(paper, number) for number in (1, 3, 4, 5, 6, 8, 18)})


@harmless()
def a_dictionary_in_another_order() -> bytes:
    """The same page with its entries turned round and a reference in place of a direct object."""
    again = (
        b"<< /Annots 41 0 R /Resources << /XObject << /X1 6 0 R >> /Font << /F1 3 0 R >> >>"
        b" /Contents 5 0 R /MediaBox [0 0 300.0 200] /Parent 2 0 R /Type /Page >>"
    )
    annotations = b"[ 7 0 R 9 0 R 10 0 R 11 0 R 18 0 R ]"
    return appended(signed_paper(), {4: again, 41: annotations})


@harmless()
def a_length_of_its_own() -> bytes:
    """A stream's /Length is an object of the same update."""
    data = b"<< /Length 41 0 R >>\nstream\n%s\nendstream" % certificate()
    objects = {
        1: dss(body(signed_paper(), 1)),
        50: b"<< /Certs [ 51 0 R ] >>",
        51: data,
        41: b"%d" % len(certificate()),
    }
    return appended(signed_paper(), objects)


@harmless()
def a_hybrid_update() -> bytes:
    """A table, and a cross-reference stream for newer readers (7.5.8.4)."""
    return appended_hybrid(signed_paper(), ORPHAN, {41: b"(a)", 42: b"<< /B 1 >>"})


@harmless()
def objects_in_an_object_stream() -> bytes:
    """A cross-reference stream and an object stream; the catalogue is in the latter."""
    inside = {1: dss(body(signed_paper(), 1)), 50: b"<< /Certs [ 51 0 R ] >>"}
    return appended_in_streams(signed_paper(), {51: stream(certificate())}, inside)


@harmless()
def numbers_never_used_are_free() -> bytes:
    """Free entries for numbers that were never in use."""
    free = (b"0 1\n0000000030 65535 f \n", b"30 2\n0000000031 00001 f \n0000000000 00000 f \n")
    return appended(signed_paper(), ORPHAN, Manner(free=free, size=60))


@harmless()
def an_unused_object_is_freed() -> bytes:
    """An object that nothing refers to is freed in the update after."""
    data = appended(signed_paper(), ORPHAN)
    return appended(data, {41: b"(x)"}, Manner(free=(b"40 1\n0000000000 00001 f \n",)))


# 16: further signatures and what comes with them


def added_field(
    widget: bytes,
    value: bytes,
    *,
    more: dict[int, bytes] | None = None,
    stamp: bool = False,
    paper: bytes | None = None,
    flags: bytes = b"/F 132",
) -> bytes:
    """A further field (40) with its value (41), in the form and on the page."""
    data = paper or signed_paper()
    objects = {
        4: re.sub(rb"/Annots \[ (.*?) \]", rb"/Annots [ \1 40 0 R ]", body(data, 4)),
        8: body(data, 8).replace(b"/Fields [", b"/Fields [ 40 0 R"),
        40: b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Further) %s /P 4 0 R /V 41 0 R"
        b" %s >>" % (flags, widget),
        41: value,
        **(more or {}),
    }
    return filled(appended(data, objects), stamp=stamp)


NOWHERE = b"/Rect [ 0 0 0 0 ]"
STAMP = b"/Type /DocTimeStamp /SubFilter /ETSI.RFC3161"


@harmless(SIGNATURES)
def a_further_signature() -> bytes:
    """An invisible field, first in the form's list."""
    return added_field(NOWHERE, signature())


@harmless(SIGNATURES)
def a_visible_signature_with_everything() -> bytes:
    """All the entries that makers write into a field and its value."""
    widget = (
        b"/Rect [ 220 10 290 40 ] /AP << /N 42 0 R >> /MK << /BG [ 1 ] >> /H /N /DR << /Font <<"
        b" /F1 3 0 R >> >> /DA (/F1 0 Tf) /TU (sign here) /Lock 43 0 R /StructParent 3 /Ff 1"
    )
    value = (
        b"/Type /Sig /SubFilter /ETSI.CAdES.detached /Name (Li) /Reason (approved) /M"
        b" (D:20260302080000Z) /Location (here) /ContactInfo (x) /Prop_Build << /App <<"
        b" /Name /Maker /R 1 >> >> /Prop_AuthType /Password"
    )
    more = {
        42: stream(b"0 0 1 rg 0 0 70 30 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 70 30]"),
        43: b"<< /Type /SigFieldLock /Action /Include /Fields [ (name) ] >>",
    }
    return added_field(widget, signature(value), more=more)


@harmless()
def a_document_timestamp() -> bytes:
    """A field with an empty appearance, as some makers give to timestamps too."""
    more = {42: stream(b"", b"/Type /XObject /Subtype /Form /BBox [ 0 0 0 0 ]")}
    widget = NOWHERE + b" /AP << /N 42 0 R >> /MK << >> /H /N /DA (/F1 0 Tf)"
    return added_field(widget, signature(STAMP), more=more, stamp=True)


@harmless()
def a_document_timestamp_called_a_signature() -> bytes:
    """/Type /Sig on a timestamp; its /SubFilter says what it is."""
    return added_field(NOWHERE, signature(b"/Type /Sig /SubFilter /ETSI.RFC3161"), stamp=True)


@harmless()
def a_document_timestamp_without_a_type() -> bytes:
    """/Type is optional (ISO 32000-2 table 255)."""
    return added_field(NOWHERE, signature(b"/SubFilter /ETSI.RFC3161"), stamp=True)


@harmless(SIGNATURES)
def the_form_gets_a_default_appearance() -> bytes:
    """/DA is added and /DR grows by a new font (Acrobat does both)."""
    data = signed_paper()
    form = body(data, 8).replace(b"/F1 3 0 R", b"/F1 3 0 R /Helv 44 0 R")
    form = form.replace(b"/Fields [", b"/DA (/Helv 0 Tf 0 g) /Fields [ 40 0 R")
    more = {8: form, 44: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"}
    return added_field(NOWHERE, signature(), more=more)


@harmless(SIGNATURES)
def the_prepared_field_is_signed() -> bytes:
    """A field that stood in the paper gets its value and its appearance."""
    data = signed_paper()
    widget = body(data, 11)[:-2] + b"/V 41 0 R /AP << /N 42 0 R >> >>"
    look = stream(b"0 0 1 rg 0 0 60 20 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 60 20]")
    return filled(appended(data, {11: widget, 41: signature(), 42: look}))


@harmless(SIGNATURES)
def a_field_under_a_parent() -> bytes:
    """The widget is a kid of the field."""
    data = signed_paper()
    objects = {
        4: body(data, 4).replace(b"18 0 R ]", b"18 0 R 42 0 R ]"),
        8: body(data, 8).replace(b"/Fields [", b"/Fields [ 40 0 R"),
        40: b"<< /FT /Sig /T (Further) /V 41 0 R /Kids [ 42 0 R ] >>",
        41: signature(),
        42: b"<< /Type /Annot /Subtype /Widget /Parent 40 0 R /P 4 0 R /Rect [0 0 0 0] /F 132 >>",
    }
    return filled(appended(data, objects))


@harmless(SIGNATURES)
def a_page_gets_an_order_of_tabs() -> bytes:
    """Acrobat adds /Tabs and /StructParents to the page of a new field."""
    data = signed_paper()
    page = body(data, 4).replace(b"18 0 R ]", b"18 0 R 40 0 R ] /Tabs /S /StructParents 0")
    return added_field(NOWHERE, signature(), more={4: page})


@harmless(SIGNATURES)
def two_further_signatures() -> bytes:
    """Two more signatures, one after the other."""
    data = added_field(NOWHERE, signature())
    objects = {
        4: body(data, 4).replace(b"40 0 R ]", b"40 0 R 45 0 R ]"),
        8: body(data, 8).replace(b"/Fields [", b"/Fields [ 45 0 R"),
        45: b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Third) /F 132 /P 4 0 R /V 46 0 R"
        b" /Rect [ 0 0 0 0 ] >>",
        46: signature(),
    }
    return filled(appended(data, objects))


# 17: validation data


@harmless()
def validation_data() -> bytes:
    """A DSS where there was none."""
    return with_dss(signed_paper())


@harmless()
def validation_data_rebuilt() -> bytes:
    """A second DSS with the same content in new objects."""
    return with_dss(with_dss(signed_paper()), 52)


@harmless(VALIDATION, REPLACED)
def validation_data_replaced() -> bytes:
    """A second DSS without what the first one held."""
    data = with_dss(signed_paper())
    objects = {50: b"<< /Certs [ 51 0 R ] >>", 51: stream(pki().root.der)}
    return appended(data, objects)


@harmless(VALIDATION, REPLACED)
def validation_data_taken_away() -> bytes:
    """The catalogue loses its /DSS."""
    data = with_dss(signed_paper())
    return appended(data, {1: body(signed_paper(), 1)})


@harmless()
def an_empty_vri() -> bytes:
    """A /VRI with an entry that holds nothing."""
    name = b"0123456789ABCDEF0123456789ABCDEF01234567"
    objects = {
        1: dss(body(signed_paper(), 1)),
        50: b"<< /Type /DSS /VRI << /%s << >> /%s 51 0 R >> >>" % (name, name[::-1]),
        51: b"<< /Type /VRI /TU (D:20260302080000Z) >>",
    }
    return appended(signed_paper(), objects)


@harmless()
def a_vri_with_a_token() -> bytes:
    """/TS holds a timestamp token."""
    whole = filled(appended(signed_paper(), {41: signature(STAMP)}), stamp=True)
    start = whole.rindex(b"/Contents <") + 11
    token = cms.ContentInfo.load(bytes.fromhex(whole[start : start + ROOM].decode()))
    objects = {
        1: dss(body(signed_paper(), 1)),
        50: b"<< /Type /DSS /VRI << /%s << /TS 51 0 R >> >> >>" % (b"AB" * 20),
        51: stream(token.dump()),
    }
    return appended(signed_paper(), objects)


# 18: metadata


@harmless(VALIDATION, ("info_changed",))
def dates_and_producer() -> bytes:
    """What every tool writes into the Info dictionary."""
    info = b"<< /Title (Licence) /Producer <FEFF4FE1> /ModDate (D:20270101) /Creator (x) >>"
    return appended(signed_paper(), {16: info})


@harmless(VALIDATION, ("info_changed",))
def xmp_serialised_otherwise() -> bytes:
    """Another prefix, attributes for elements, a new date, a history, padding of 2 KiB."""
    xmp = (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<rdf:RDF'
        ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '<rdf:Description rdf:about="" xmlns:p="http://ns.adobe.com/xap/1.0/"'
        ' p:ModifyDate="2027-01-01T00:00:00Z" p:CreatorTool="Maker"/>\n'
        '<rdf:Description rdf:about="" xmlns:d="http://purl.org/dc/elements/1.1/"'
        ' xmlns:mm="http://ns.adobe.com/xap/1.0/mm/">\n<d:title>\n <rdf:Alt>'
        '<rdf:li xml:lang="x-default">Licence</rdf:li></rdf:Alt>\n</d:title>\n<mm:History><rdf:Seq>'
        '<rdf:li rdf:parseType="Resource"/></rdf:Seq></mm:History></rdf:Description></rdf:RDF>'
        + (" " * 99 + "\n") * 20
        + '<?xpacket end="w"?>'
    )
    return appended(signed_paper(), {15: stream(xmp.encode(), b"/Type /Metadata /Subtype /XML")})


@harmless(VALIDATION, ("info_changed",))
def xmp_written_again_with_a_date() -> bytes:
    """The same packet with another ModifyDate."""
    xmp = XMP.replace("2026-01-01", "2027-01-01")
    return appended(signed_paper(), {15: stream(xmp.encode(), b"/Type /Metadata /Subtype /XML")})


@harmless(VALIDATION, ("version_changed",))
def a_newer_version() -> bytes:
    """/Version in the catalogue."""
    return appended(signed_paper(), {1: body(signed_paper(), 1).replace(b"/2.0\n", b"/1.7\n")})


@harmless()
def developer_extensions() -> bytes:
    """/Extensions gains a prefix."""
    again = body(signed_paper(), 1).replace(
        b"/Extensions <<", b"/Extensions << /ADBE << /BaseVersion /1.7 /ExtensionLevel 8 >>"
    )
    return appended(signed_paper(), {1: again})


@harmless(VALIDATION, ("info_changed",))
def a_title_only_in_the_metadata() -> bytes:
    """iText drops what PDF 2.0 deprecates in the Info dictionary; XMP still has the title."""
    return appended(signed_paper(), {16: b"<< /ModDate (D:20270101000000Z) >>"})


@harmless(VALIDATION, ("info_changed",))
def a_title_in_another_encoding() -> bytes:
    """The Info dictionary written again, its strings in UTF-16."""
    title = "Licence".encode("utf-16-be").hex().encode()
    return appended(signed_paper(), {16: b"<< /Title <FEFF%s> /Producer (OpenPDF) >>" % title})


@harmless(VALIDATION, ("info_changed",))
def a_date_given_twice_in_the_metadata() -> bytes:
    """OpenPDF adds its own dates beside those that stand there as attributes."""
    xmp = XMP.replace('rdf:about=""', 'rdf:about="" xmp:ModifyDate="2026-01-02T00:00:00Z"')
    xmp = xmp.replace("?><x:xmpmeta", "?>\n<x:xmpmeta")
    return appended(signed_paper(), {15: stream(xmp.encode(), b"/Type /Metadata /Subtype /XML")})


@harmless(SIGNATURES)
def a_number_below_the_older_size() -> bytes:
    """PDFBox takes a number that the signed revision counted and did not use."""
    paper = written(PAPER).replace(b"/Size 17", b"/Size 44")
    data = sign(paper, pki(), How("B-B", docmdp=None))
    return added_field(NOWHERE, signature(), paper=data)


@harmless()
def a_cross_reference_stream_that_does_not_list_itself() -> bytes:
    """It may (ISO 32000-2 7.5.8.2 says it should); OpenPDF and PDFBox leave it out."""
    paper = signed_paper()
    update = appended_in_streams(paper, {}, {41: b"(y)"})[len(paper) :]
    cells = (1).to_bytes(1) + last_start(update).to_bytes(4) + (0).to_bytes(2)
    for entry, without in ((cells, b""), (b" 59 1 ]", b" ]"), (b"/Length 21", b"/Length 14")):
        assert update.count(entry) == 1
        update = update.replace(entry, without)
    return paper + update


def tagged() -> bytes:
    """The paper with a structure tree of one paragraph, signed."""
    catalogue = CATALOGUE[:-2] + b"/MarkInfo << /Marked true >> /StructTreeRoot 17 0 R >>"
    objects = {
        1: catalogue,
        17: b"<< /Type /StructTreeRoot /K [ 18 0 R ] /ParentTree 19 0 R >>",
        18: b"<< /Type /StructElem /S /P /P 17 0 R /Pg 4 0 R /K 0 >>",
        19: b"<< /Nums [ ] >>",
    }
    return sign(written({**PAPER, **objects}), pki(), How("B-B", docmdp=None))


@harmless(SIGNATURES)
def a_tagged_signature() -> bytes:
    """The widget of a further signature is tagged as a form element."""
    data = tagged()
    more = {
        17: b"<< /Type /StructTreeRoot /K [ 18 0 R 48 0 R ] /ParentTree 19 0 R"
        b" /ParentTreeNextKey 1 >>",
        19: b"<< /Nums [ 0 48 0 R ] >>",
        48: b"<< /Type /StructElem /S /Form /P 17 0 R /Pg 4 0 R /K << /Type /OBJR /Obj 40 0 R"
        b" /Pg 4 0 R >> >>",
    }
    widget = NOWHERE + b" /StructParent 0"
    return added_field(widget, signature(), more=more, paper=data)
