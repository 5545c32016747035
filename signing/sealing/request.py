"""Request for a seal, and the page that is made of it before anybody signs."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from signing.document_properties import Claim, Properties
from signing.face import RenderedLicence, SealAppearance
from signing.levels import PadesLevel
from signing.sealing import messages
from signing.sealing.field import PlacedSeal, PreparedField
from signing.sealing.properties import Attachment, attach, describe
from signing.sealing.writer import SealWriter

_END_BYTES = 4096


@dataclass(frozen=True, slots=True)
class SealingRequest:
    """One page to be sealed, and what the document says of itself: nothing of its holder."""

    rendered: RenderedLicence
    appearance: SealAppearance
    metadata: bytes | None
    """The licence's metadata (GB/T 36903), attached as `metadata_name`; None: a document's page,
    of whatever maker, which has none and is not said to be PDF/A.
    """
    metadata_name: str
    title: str
    author: str
    """The authority's name; stands in Info and as /Name of the signature."""
    subject: str
    identifier: str
    """The licence's identifier, stored uncompressed in Info and XMP."""
    keywords: tuple[str, ...] = ()
    metadata_type: str = "application/xml"
    reason: str = ""
    """Why it is sealed, as readers show it."""
    location: str = ""
    level: PadesLevel = PadesLevel.B_LT
    approval: bool = False
    """It approves, and does not certify."""
    others: tuple[PreparedField, ...] = ()
    """Fields of those who sign after it, for which it certifies with P=2."""

    @property
    def place(self) -> PlacedSeal:
        """The place of the seal, with words for those who do not see it."""
        words = messages.seal_read_aloud(self.author)
        return PlacedSeal(self.rendered, self.appearance, f"{words.zh} {words.en}")


@dataclass(frozen=True, slots=True)
class CountersealRequest:
    """A further seal on a file that was sealed before."""

    pdf: bytes
    field: str
    """Which stands empty in it."""
    appearance: SealAppearance | None
    """None: it shows nothing."""
    author: str
    """The authority's name."""
    identifier: str
    reason: str
    archive: bool = False
    """It is the last one, and a document timestamp follows (B-LTA)."""
    anew: bool = False
    """Somebody else's program wrote the revision before."""


@dataclass(frozen=True, slots=True)
class SealedDocument:
    """A sealed PDF."""

    pdf: bytes
    revisions: tuple[int, ...]
    """Length of each revision, the sealed one first; the last is the whole file's."""
    level: PadesLevel
    sealed_at: datetime
    """The time that the seal claims (/M)."""


def open_page(request: SealingRequest, at: datetime) -> SealWriter:
    """Return a writer of the page with its properties and its attachment.

    The same request at the same time makes the same bytes. Raises `UnsuitablePageError`,
    `UnsuitableTextError`.
    """
    writer = SealWriter(request.rendered.pdf, _document_id(request, at))
    _furnish(writer, request, at)
    return writer


def _document_id(request: SealingRequest, at: datetime) -> bytes:
    """Return a file identifier, from content and time (ISO 32000-1 14.4).

    Of the page its end is enough, which says where each object begins.
    """
    digest = hashlib.sha256(request.rendered.pdf[-_END_BYTES:])
    digest.update(f"{request.identifier} {at.isoformat()}".encode())
    return digest.digest()[:16]


def _claim(request: SealingRequest) -> Claim:
    if request.metadata is None:
        return Claim.NONE
    return Claim.ARCHIVAL if request.rendered.seal_element is None else Claim.ACCESSIBLE


def _furnish(writer: SealWriter, request: SealingRequest, at: datetime) -> None:
    properties = Properties(
        title=request.title,
        author=request.author,
        subject=request.subject,
        identifier=request.identifier,
        keywords=request.keywords,
    )
    describe(writer, properties, at, _claim(request))
    if request.metadata is None:
        return
    metadata = Attachment(
        name=request.metadata_name,
        content=request.metadata,
        media_type=request.metadata_type,
        description="证照元数据 (GB/T 36903)",
    )
    attach(writer, metadata, at)
