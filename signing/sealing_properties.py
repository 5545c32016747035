"""Metadata of a sealed document: Info, XMP, output intent and the metadata attachment.

Info and XMP say the same (ISO 19005-3 6.6.3), and the licence's identifier stands uncompressed in
both, where the verifier looks for it.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from xml.sax.saxutils import escape

from PIL import ImageCms
from pyhanko.pdf_utils.generic import IndirectObject

from signing import messages
from signing.errors import UnsuitableTextError
from signing.sealing_objects import (
    RawObject,
    array,
    date,
    dictionary,
    flate_stream,
    reference,
    stream,
    text,
)
from signing.sealing_writer import SealWriter

PRODUCER = "Xinyin"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (2.2) cannot hold."""
_PDF_A = "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>\n"
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


def describe(
    writer: SealWriter, properties: Properties, at: datetime, *, archival: bool = True
) -> None:
    """Set Info and XMP and, unless not `archival`, the output intent and the claim of PDF/A.

    Raises `UnsuitableTextError`.
    """
    writer.replace_info(_info(properties, at))
    packet = _xmp(properties, at, archival=archival).encode()
    metadata = writer.add_object(stream(packet, {"Type": "/Metadata", "Subtype": "/XML"}))
    writer.set_in_catalogue("/Metadata", reference(metadata))
    if archival and "/OutputIntents" not in writer.root:
        writer.set_in_catalogue("/OutputIntents", array([_output_intent(writer)]))


def attach(writer: SealWriter, attachment: Attachment, at: datetime) -> None:
    """Embed a file as the document's associated file (ISO 19005-3 6.8).

    Its relationship is /Data: the data that the page presents. /Source would say that the page was
    made from it, /Alternative that it could stand in for the page (ISO 32000-2 table 43).
    """
    times = {"CreationDate": date(at), "ModDate": date(at)}
    entries = {
        "Type": "/EmbeddedFile",
        "Subtype": "/" + attachment.media_type.replace("/", "#2F"),
        "Params": dictionary({"Size": str(len(attachment.content)), **times}),
    }
    file = reference(writer.add_object(stream(attachment.content, entries)))
    name = text(attachment.name)
    specification = writer.add_raw(
        dictionary(
            {
                "Type": "/Filespec",
                "F": name,
                "UF": name,
                "Desc": text(attachment.description),
                "AFRelationship": "/Data",
                "EF": dictionary({"F": file, "UF": file}),
            }
        )
    )
    names = dictionary({"Names": f"[{name} {reference(specification)}]"})
    writer.set_in_catalogue("/Names", dictionary({"EmbeddedFiles": names}))
    writer.set_in_catalogue("/AF", array([specification]))


def _info(properties: Properties, at: datetime) -> str:
    return dictionary(
        {
            "Title": text(properties.title),
            "Author": text(properties.author),
            "Subject": text(properties.subject),
            "Keywords": text(properties.identifier),
            "Creator": text(PRODUCER),
            "Producer": text(PRODUCER),
            "CreationDate": date(at),
            "ModDate": date(at),
        }
    )


def _xmp(properties: Properties, at: datetime, *, archival: bool) -> str:
    title, author, subject, identifier = (
        _xml(value)
        for value in (
            properties.title, properties.author, properties.subject, properties.identifier,
        )
    )  # fmt: skip
    bag = "".join(f"<rdf:li>{_xml(word)}</rdf:li>" for word in properties.keywords)
    topics = f"<dc:subject><rdf:Bag>{bag}</rdf:Bag></dc:subject>" if bag else ""
    moment = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" '
        'xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">\n'
        f"{_PDF_A if archival else ''}"
        "<dc:format>application/pdf</dc:format>"
        f"<dc:identifier>{identifier}</dc:identifier>\n"
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>\n'
        f"<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>\n"
        '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">'
        f"{subject}</rdf:li></rdf:Alt></dc:description>{topics}\n"
        f"<pdf:Keywords>{identifier}</pdf:Keywords><pdf:Producer>{PRODUCER}</pdf:Producer>\n"
        f"<xmp:CreatorTool>{PRODUCER}</xmp:CreatorTool><xmp:CreateDate>{moment}</xmp:CreateDate>"
        f"<xmp:ModifyDate>{moment}</xmp:ModifyDate><xmp:MetadataDate>{moment}</xmp:MetadataDate>\n"
        '</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end="r"?>'
    )


def _xml(value: str) -> str:
    """Escape text for XML."""
    if _NOT_XML.search(value):
        raise UnsuitableTextError(messages.CONTROL_CHARACTERS_IN_PROPERTIES)
    return escape(value)


def _output_intent(writer: SealWriter) -> IndirectObject:
    profile = writer.add_object(_srgb_profile())
    return writer.add_raw(
        dictionary(
            {
                "Type": "/OutputIntent",
                "S": "/GTS_PDFA1",
                "OutputConditionIdentifier": text(_SRGB),
                "Info": text(_SRGB),
                "DestOutputProfile": reference(profile),
            }
        )
    )


@cache
def _srgb_profile() -> RawObject:
    """Return an ICC profile of sRGB, as Little CMS makes it."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    return flate_stream(profile.tobytes(), {"N": "3"})
