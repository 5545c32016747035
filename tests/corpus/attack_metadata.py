"""What a document says of itself, changed: titles, authors, rights."""

from tests.corpus.model import NOT_GOOD, OURS, UNSEEN, Pattern, Required, attack
from tests.corpus.papers import APPROVED, CERTIFIED_1, METADATA, NOTE, XMP, xmp
from tests.corpus.pdf import Pdf, Section, edited, ref, stream

REPORTED: Required = (
    *NOT_GOOD,
    Pattern(("passed",), ("not_issued_here",), (), ("info_changed",), ("none", "validation_data")),
)
"""A tool's name or a date in Info alone may pass, but it must be said."""


@attack(OURS, APPROVED, CERTIFIED_1, shown_by=UNSEEN)
def title_changed(pdf: Pdf) -> bytes:
    """Info's /Title is changed, which viewers show in their title bar."""
    return pdf.update(pdf.set(pdf.info, Title=b"(Driving licence)")).data


@attack(OURS, APPROVED, NOTE, shown_by=UNSEEN)
def author_changed(pdf: Pdf) -> bytes:
    """Info's /Author is changed."""
    return pdf.update(pdf.set(pdf.info, Author=b"(The Mayor)")).data


@attack(OURS, APPROVED, shown_by=UNSEEN)
def keywords_changed(pdf: Pdf) -> bytes:
    """Info's /Keywords, where our identifier stands, are changed."""
    return pdf.update(pdf.set(pdf.info, Keywords=b"(another)")).data


@attack(OURS, APPROVED, shown_by=UNSEEN)
def info_replaced(pdf: Pdf) -> bytes:
    """The trailer's /Info names a new dictionary with another title."""
    body = b"<< /Title (Driving licence) >>"
    return pdf.update({pdf.size: body}, Section(trailer={"/Info": ref(pdf.size)})).data


@attack(OURS, APPROVED, shown_by=UNSEEN)
def custom_property_added(pdf: Pdf) -> bytes:
    """Info gains a property of one's own that says the document was approved."""
    return pdf.update(pdf.set(pdf.info, Approved=b"(by the Mayor)")).data


@attack(OURS, APPROVED, shown_by=UNSEEN, foreign=REPORTED)
def producer_changed(pdf: Pdf) -> bytes:
    """Info's /Producer alone is changed: shown nowhere, but not what was sealed."""
    return pdf.update(pdf.set(pdf.info, Producer=b"(Somebody)")).data


@attack(APPROVED, CERTIFIED_1, shown_by=UNSEEN)
def xmp_title_changed(pdf: Pdf) -> bytes:
    """XMP's dc:title is changed."""
    return pdf.update({METADATA: xmp(XMP.replace(b"A letter", b"A deed"))}).data


@attack(APPROVED, shown_by=UNSEEN)
def xmp_creator_changed(pdf: Pdf) -> bytes:
    """XMP's dc:creator is changed."""
    return pdf.update({METADATA: xmp(XMP.replace(b"Registrar", b"The Mayor"))}).data


@attack(APPROVED, shown_by=UNSEEN)
def xmp_rights_added(pdf: Pdf) -> bytes:
    """XMP gains dc:rights and dc:description."""
    more = (
        b'<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">all to Mallory</rdf:li></rdf:Alt>'
        b"</dc:rights></rdf:Description>"
    )
    return pdf.update({METADATA: xmp(XMP.replace(b"</rdf:Description>", more))}).data


@attack(APPROVED, shown_by=UNSEEN)
def xmp_title_changed_beside_dates(pdf: Pdf) -> bytes:
    """XMP's title is changed along with the dates that every tool changes."""
    text = XMP.replace(b"A letter", b"A deed").replace(b"2026-03-01", b"2026-03-05")
    return pdf.update({METADATA: xmp(text)}).data


@attack(APPROVED, shown_by=UNSEEN)
def xmp_second_description(pdf: Pdf) -> bytes:
    """XMP gains a second description with another title for the same document."""
    second = (
        b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>'
        b'<rdf:Alt><rdf:li xml:lang="zh">Deed</rdf:li></rdf:Alt></dc:title></rdf:Description>'
        b"</rdf:RDF>"
    )
    return pdf.update({METADATA: xmp(XMP.replace(b"</rdf:RDF>", second))}).data


@attack(APPROVED, shown_by=UNSEEN)
def xmp_with_entities(pdf: Pdf) -> bytes:
    """XMP is replaced by XML with a DTD whose entities expand without end."""
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
    return pdf.update({METADATA: xmp(bomb)}).data


@attack(OURS, APPROVED, shown_by=UNSEEN)
def xmp_removed(pdf: Pdf) -> bytes:
    """The catalogue loses its /Metadata."""
    return pdf.update(pdf.set(pdf.root, Metadata=None)).data


@attack(OURS, APPROVED, shown_by=UNSEEN)
def xmp_is_no_xml(pdf: Pdf) -> bytes:
    """The catalogue's /Metadata names a stream that is no XML."""
    held = {pdf.size: stream(b"not xml", b"/Type /Metadata /Subtype /XML")}
    return pdf.update({**held, **pdf.set(pdf.root, Metadata=ref(pdf.size))}).data


@attack(APPROVED, shown_by=UNSEEN)
def metadata_of_the_page(pdf: Pdf) -> bytes:
    """A page gains metadata of its own."""
    held = {pdf.size: xmp(XMP.replace(b"A letter", b"A deed"))}
    return pdf.update({**held, **pdf.set(pdf.page, Metadata=ref(pdf.size))}).data


@attack(APPROVED, shown_by=UNSEEN)
def piece_info_added(pdf: Pdf) -> bytes:
    """The page gains private data of an editor, which that editor shows instead."""
    piece = b"<< /Illustrator << /LastModified (D:2026) /Private << /Contents (999) >> >> >>"
    return pdf.update({pdf.page: edited(pdf.objects[pdf.page], {"/PieceInfo": piece})}).data
