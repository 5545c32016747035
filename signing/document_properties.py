"""Properties of a document, as PDF/A-3 and PDF/UA-1 want them: Info, XMP and output intent.

Info and XMP say the same (ISO 19005-3 6.6.3), and the licence's identifier stands uncompressed in
both, where the verifier looks for it.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from xml.sax.saxutils import escape

from PIL import ImageCms

from signing import messages
from signing.errors import UnsuitableTextError
from signing.pdf_syntax import date, dictionary, flate, text

PRODUCER = "Xinyin"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (2.2) cannot hold."""
_SRGB = "sRGB IEC61966-2.1"
_ACCESSIBLE = (
    '<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" '
    'xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" '
    'xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" '
    'xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">\n'
    "<pdfuaid:part>1</pdfuaid:part>\n"
    '<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">'
    "<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>"
    "<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>"
    "<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>"
    '<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">'
    "<pdfaProperty:name>part</pdfaProperty:name>"
    "<pdfaProperty:valueType>Integer</pdfaProperty:valueType>"
    "<pdfaProperty:category>internal</pdfaProperty:category>"
    "<pdfaProperty:description>Part of ISO 14289</pdfaProperty:description>"
    "</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>\n"
    "</rdf:Description>"
)
"""PDF/UA's identifier (ISO 14289-1 5), with the description that PDF/A asks of any property that it
does not know itself (ISO 19005-3 6.6.2.3)."""


class Claim(Enum):
    """Conformance that a file claims in its XMP."""

    NONE = ""
    """A document's page of whatever maker."""
    ARCHIVAL = "B"
    """PDF/A-3b."""
    ACCESSIBLE = "A"
    """PDF/A-3a and PDF/UA-1: the file is tagged."""


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


def information(properties: Properties, at: datetime | None) -> str:
    """Return the information dictionary (ISO 32000-1 14.3.3), with dates where there is one."""
    return dictionary(
        {
            "Title": text(properties.title),
            "Author": text(properties.author),
            "Subject": text(properties.subject),
            "Keywords": text(properties.identifier),
            "Creator": text(PRODUCER),
            "Producer": text(PRODUCER),
        }
        | ({} if at is None else {"CreationDate": date(at), "ModDate": date(at)})
    )


def packet(properties: Properties, at: datetime | None, claim: Claim) -> bytes:
    """Return the XMP packet with what the file claims.

    Raises `UnsuitableTextError`.
    """
    title, author, subject, identifier = (
        _xml(value)
        for value in (
            properties.title, properties.author, properties.subject, properties.identifier,
        )
    )  # fmt: skip
    bag = "".join(f"<rdf:li>{_xml(word)}</rdf:li>" for word in properties.keywords)
    topics = f"<dc:subject><rdf:Bag>{bag}</rdf:Bag></dc:subject>" if bag else ""
    dates = ""
    if at is not None:
        moment = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        dates = "".join(
            f"<xmp:{name}>{moment}</xmp:{name}>"
            for name in ("CreateDate", "ModifyDate", "MetadataDate")
        )
    written = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" '
        'xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">\n'
        f"{_claimed(claim)}"
        "<dc:format>application/pdf</dc:format>"
        f"<dc:identifier>{identifier}</dc:identifier>\n"
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>\n'
        f"<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>\n"
        '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">'
        f"{subject}</rdf:li></rdf:Alt></dc:description>{topics}\n"
        f"<pdf:Keywords>{identifier}</pdf:Keywords><pdf:Producer>{PRODUCER}</pdf:Producer>\n"
        f"<xmp:CreatorTool>{PRODUCER}</xmp:CreatorTool>{dates}\n"
        f"</rdf:Description>{_ACCESSIBLE if claim is Claim.ACCESSIBLE else ''}"
        '</rdf:RDF></x:xmpmeta>\n<?xpacket end="r"?>'
    )
    return written.encode()


def _claimed(claim: Claim) -> str:
    if claim is Claim.NONE:
        return ""
    level = f"<pdfaid:conformance>{claim.value}</pdfaid:conformance>"
    return f"<pdfaid:part>3</pdfaid:part>{level}\n"


def _xml(value: str) -> str:
    """Escape text for XML."""
    if _NOT_XML.search(value):
        raise UnsuitableTextError(messages.CONTROL_CHARACTERS_IN_PROPERTIES)
    return escape(value)


def output_intent(profile: str) -> str:
    """Return the output intent, sRGB, whose profile is the object referred to."""
    return dictionary(
        {
            "Type": "/OutputIntent",
            "S": "/GTS_PDFA1",
            "OutputConditionIdentifier": text(_SRGB),
            "Info": text(_SRGB),
            "DestOutputProfile": profile,
        }
    )


@cache
def srgb_profile() -> bytes:
    """Return an ICC profile of sRGB as a stream, as Little CMS makes it."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    return flate(profile.tobytes(), "/N 3")
