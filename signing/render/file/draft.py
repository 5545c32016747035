"""A file being drawn: what its gaps will hold, and the plan of its objects."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from signing.document_properties import Claim, Properties, information, packet
from signing.face import RenderedLicence
from signing.pdf_syntax import stream
from signing.render.file.document import INFORMATION, METADATA
from signing.render.file.objects import deflated
from signing.render.file.plan import FilePlan, PlannedElement, Planning
from signing.render.file.skeleton import content_gap, link_gap, skeleton_of
from signing.render.type.embedding import UsedFonts


@dataclass(slots=True)
class FileDraft:
    """State of one file while its pages are drawn: what they have in common."""

    planning: Planning = field(default_factory=Planning)
    fonts: UsedFonts = field(default_factory=UsedFonts)
    contents: list[bytes] = field(default_factory=list)
    """Operators of each page."""
    links: list[bytes] = field(default_factory=list)
    """Where each link lies and leads to."""
    values: dict[str, bytes] = field(default_factory=dict)
    """Of further gaps, by name: pictures and what is read aloud."""

    def file(
        self,
        properties: Properties,
        created_at: datetime | None,
        seal: PlannedElement,
        centre: tuple[float, float],
    ) -> RenderedLicence:
        """Return the file. Raises `UnsuitableTextError`."""
        # (1) What fills the gaps.
        xmp = packet(properties, created_at, Claim.ACCESSIBLE)
        values = {
            **self.values,
            INFORMATION: information(properties, created_at).encode("ascii"),
            METADATA: stream(xmp, "/Type /Metadata /Subtype /XML"),
        }
        values |= {content_gap(at): deflated(one) for at, one in enumerate(self.contents)}
        values |= {link_gap(at): one for at, one in enumerate(self.links)}
        # (2) An identifier that depends on all that is drawn and said (ISO 32000-1 14.4). A page's
        # operators have its characters by number alone.
        digest = hashlib.sha256(self.fonts.characters().encode())
        for name in sorted(values):
            digest.update(values[name])
        # (3) The file.
        values |= self.fonts.values()
        skeleton = skeleton_of(FilePlan(tuple(self.planning.steps), self.fonts.fonts))
        return RenderedLicence(
            skeleton.filled(values, digest.hexdigest()[:32]),
            centre,
            seal_element=skeleton.elements[seal.number],
            impression=skeleton.impression,
        )
