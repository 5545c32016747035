"""What a sealed document says of itself: Info, XMP, output intent and the metadata attachment.

Info and XMP say the same (ISO 19005-3 6.6.3), and the licence's identifier stands uncompressed in
both, where the verifier looks for it.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from xml.sax.saxutils import escape

from PIL import ImageCms
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from signing.errors import UnsuitableTextError
from signing.sealing_writer import RawObject, SealWriter

PRODUCER = "Xinyin"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (2.2) cannot hold."""
_SRGB = "sRGB IEC61966-2.1"


@dataclass(frozen=True, slots=True)
class Properties:
    """Document properties: of the licence, never of its holder."""

    title: str
    author: str
    subject: str
    identifier: str
    """Of the licence; stands as the one keyword in Info and XMP."""
    keywords: tuple[str, ...] = ()
    """Further ones, in XMP alone (dc:subject)."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels inside the document."""

    name: str
    content: bytes
    media_type: str
    description: str


def describe(writer: SealWriter, properties: Properties, at: datetime) -> None:
    """Set Info, XMP and the output intent. Raises `UnsuitableTextError`."""
    writer.replace_info(RawObject(_info(properties, at)))
    packet = _xmp(properties, at).encode()
    writer.root["/Metadata"] = writer.add_object(_stream(b"/Type /Metadata /Subtype /XML", packet))
    if "/OutputIntents" not in writer.root:
        writer.root["/OutputIntents"] = _output_intents(writer)


def attach(writer: SealWriter, attachment: Attachment, at: datetime) -> None:
    """Embed a file as the document's associated file (ISO 19005-3 6.8).

    Its relationship is /Data: the data that the page presents. /Source would say that the page was
    made from it, /Alternative that it could stand in for the page (ISO 32000-2 table 43).
    """
    date = f"/CreationDate {_date(at)} /ModDate {_date(at)}"
    media_type = attachment.media_type.replace("/", "#2F")
    content = _stream(
        f"/Type /EmbeddedFile /Subtype /{media_type} "
        f"/Params << /Size {len(attachment.content)} {date} >>".encode(),
        attachment.content,
    )
    name = generic.TextStringObject(attachment.name)
    file = writer.add_object(content)
    specification = writer.add_object(
        generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Filespec"),
                pdf_name("/F"): name,
                pdf_name("/UF"): name,
                pdf_name("/Desc"): generic.TextStringObject(attachment.description),
                pdf_name("/AFRelationship"): pdf_name("/Data"),
                pdf_name("/EF"): generic.DictionaryObject(
                    {pdf_name("/F"): file, pdf_name("/UF"): file}
                ),
            }
        )
    )
    names = generic.DictionaryObject(
        {pdf_name("/Names"): generic.ArrayObject([name, specification])}
    )
    writer.root["/Names"] = generic.DictionaryObject({pdf_name("/EmbeddedFiles"): names})
    writer.root["/AF"] = generic.ArrayObject([specification])


def _info(properties: Properties, at: datetime) -> bytes:
    entries = {
        "Title": _text(properties.title),
        "Author": _text(properties.author),
        "Subject": _text(properties.subject),
        "Keywords": _text(properties.identifier),
        "Creator": _text(PRODUCER),
        "Producer": _text(PRODUCER),
        "CreationDate": _date(at),
        "ModDate": _date(at),
    }
    return f"<< {' '.join(f'/{key} {value}' for key, value in entries.items())} >>".encode()


def _xmp(properties: Properties, at: datetime) -> str:
    title, author, subject, identifier = (
        _xml(text)
        for text in (
            properties.title, properties.author, properties.subject, properties.identifier,
        )
    )  # fmt: skip
    bag = "".join(f"<rdf:li>{_xml(word)}</rdf:li>" for word in properties.keywords)
    topics = f"<dc:subject><rdf:Bag>{bag}</rdf:Bag></dc:subject>" if bag else ""
    date = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" '
        'xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">\n'
        "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>\n"
        "<dc:format>application/pdf</dc:format>"
        f"<dc:identifier>{identifier}</dc:identifier>\n"
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>\n'
        f"<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>\n"
        '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">'
        f"{subject}</rdf:li></rdf:Alt></dc:description>{topics}\n"
        f"<pdf:Keywords>{identifier}</pdf:Keywords><pdf:Producer>{PRODUCER}</pdf:Producer>\n"
        f"<xmp:CreatorTool>{PRODUCER}</xmp:CreatorTool><xmp:CreateDate>{date}</xmp:CreateDate>"
        f"<xmp:ModifyDate>{date}</xmp:ModifyDate><xmp:MetadataDate>{date}</xmp:MetadataDate>\n"
        '</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end="r"?>'
    )


def _xml(text: str) -> str:
    """Escape text for XML."""
    if _NOT_XML.search(text):
        raise UnsuitableTextError(
            "文件属性中含有控制字符，无法写入。请更正证照名称或颁发机构名称。",
            "The document's properties hold control characters. Mend the names that they are "
            "made from.",
        )
    return escape(text)


def _text(text: str) -> str:
    """Return a text string (ISO 32000-1 7.9.2.2): literal where it is ASCII, else UTF-16BE."""
    if text.isascii():
        return "(" + re.sub(r"([\\()])", r"\\\1", text) + ")"
    return f"<FEFF{text.encode('utf-16-be').hex().upper()}>"


def _date(at: datetime) -> str:
    """Return a date (ISO 32000-1 7.9.4) in UTC."""
    return f"(D:{at.astimezone(UTC):%Y%m%d%H%M%S}Z)"


def _stream(entries: bytes, data: bytes) -> RawObject:
    """Return an uncompressed stream."""
    head = b"<< %s /Length %d >>\nstream\n" % (entries, len(data))
    return RawObject(head + data + b"\nendstream")


def _output_intents(writer: SealWriter) -> generic.ArrayObject:
    profile = writer.add_object(_stream(b"/N 3", _srgb_profile()))
    intent = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/OutputIntent"),
            pdf_name("/S"): pdf_name("/GTS_PDFA1"),
            pdf_name("/OutputConditionIdentifier"): generic.TextStringObject(_SRGB),
            pdf_name("/Info"): generic.TextStringObject(_SRGB),
            pdf_name("/DestOutputProfile"): profile,
        }
    )
    return generic.ArrayObject([writer.add_object(intent)])


@cache
def _srgb_profile() -> bytes:
    """Return an ICC profile of sRGB, as Little CMS makes it."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
