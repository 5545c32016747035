"""Additions of sealing to a page: Info, XMP, output intent, and the attachment of metadata."""

from dataclasses import dataclass
from datetime import datetime

from signing.document_properties import (
    Claim,
    Properties,
    information,
    output_intent,
    packet,
    srgb_profile,
)
from signing.pdf_syntax import date, dictionary, text
from signing.sealing.objects import array, reference, stream
from signing.sealing.writer import SealWriter


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels inside the document."""

    name: str
    content: bytes
    media_type: str
    description: str


def describe(writer: SealWriter, properties: Properties, at: datetime, claim: Claim) -> None:
    """Set Info and XMP, with what the file claims, and the output intent if it claims anything.

    A page that we did not tag ourselves never claims to be accessible. Raises
    `UnsuitableTextError`.
    """
    writer.replace_info(information(properties, at))
    if claim is Claim.ACCESSIBLE and writer.tags is None:
        claim = Claim.ARCHIVAL
    written = packet(properties, at, claim)
    writer.replace_metadata(stream(written, {"Type": "/Metadata", "Subtype": "/XML"}))
    if claim is not Claim.NONE and "OutputIntents" not in writer.root:
        profile = reference(writer.add(srgb_profile()))
        intent = writer.add_text(output_intent(profile))
        writer.set_in_catalogue("OutputIntents", array([intent]))


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
    file = reference(writer.add(stream(attachment.content, entries)))
    name = text(attachment.name)
    specification = writer.add_text(
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
    names = dictionary({"Names": f"[{name} {specification}]"})
    writer.set_in_catalogue("Names", dictionary({"EmbeddedFiles": names}))
    writer.set_in_catalogue("AF", array([specification]))
