"""Shapes of official documents: drafts with their files, samples, documents on record."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from core.ids import AuthorityId
from issuing_api.wire import AskedWire, BilingualWire, Line, ToldWire
from registry.desk.documents.found import finding_words, remedy_words
from registry.desk.documents.looking import RequestedFile
from registry.desk.documents.rows import DocumentDraft, DraftFile
from registry.granting.document_orders import DocumentSample
from registry.granting.document_terms import title_of
from registry.licences.links import link_of
from registry.model import Licence, LicenceState, Reason, TypeKind
from registry.state_words import standing_on
from signing.intake.places import MM
from signing.intake.report import IntakeFinding, PageBox


class DraftBody(AskedWire):
    """A draft to be begun."""

    type: str = Field(max_length=64, examples=["official-document"])
    authority: str | None = Field(default=None, max_length=64, examples=["market"])

    def authority_id(self) -> AuthorityId | None:
        """Return the authority that is named."""
        return None if self.authority is None else AuthorityId(self.authority)


class AgreementBody(AskedWire):
    """Agreement to what a sample showed."""

    code: Annotated[str, StringConstraints(min_length=32, max_length=32)] = Field(
        description="`code` of the sample."
    )


class CancellationBody(AskedWire):
    """End of a document."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=40)] = Field(
        description="`ANNULLED`, `RECALLED` or `DEREGISTERED`; also by its Chinese name.",
        examples=["RECALLED"],
    )
    basis: Line


class FindingWire(ToldWire):
    """Something that must not be sealed."""

    code: str
    page: int | None = Field(description="Null: the document as a whole.")
    detail: str = Field(description="As the file names it.")
    message: BilingualWire
    remedy: BilingualWire

    @classmethod
    def of(cls, one: IntakeFinding) -> "FindingWire":
        """Return a finding in words."""
        return cls(
            code=one.hazard,
            page=one.page or None,
            detail=one.detail,
            message=BilingualWire.of(finding_words(one)),
            remedy=BilingualWire.of(remedy_words(one.hazard)),
        )


class PageWire(ToldWire):
    """Size of a page as it is shown."""

    width_mm: float
    height_mm: float

    @classmethod
    def of(cls, box: PageBox) -> "PageWire":
        """Measure a page."""
        across, down = size_of(box)
        return cls(width_mm=round(across, 1), height_mm=round(down, 1))


class DraftFileWire(ToldWire):
    """A file of a draft; its bytes are handed to nobody."""

    number: int
    title: str
    sha256: str
    size: int
    pages: list[PageWire]
    fields: list[str] = Field(description="Names of its empty signature fields.")
    cleaned: list[FindingWire] = Field(description="What is taken out of it.")
    fonts_not_embedded: list[str]

    @classmethod
    def of(cls, one: DraftFile) -> "DraftFileWire":
        """Return a file's facts."""
        return cls(
            number=one.number,
            title=one.name,
            sha256=one.sha256,
            size=one.size,
            pages=[PageWire.of(box) for box in one.found.pages],
            fields=list(one.found.fields),
            cleaned=[FindingWire.of(finding) for finding in one.found.findings],
            fonts_not_embedded=list(one.found.unembedded),
        )


class DraftWire(ToldWire):
    """A draft of its maker's alone, until it is asked for."""

    id: str
    type: str
    authority: str
    made_at: datetime
    lapses_at: datetime
    request: str | None = Field(description="Once it is asked for.")
    files: list[DraftFileWire]

    @classmethod
    def of(cls, draft: DocumentDraft, files: list[DraftFile]) -> "DraftWire":
        """Return a draft with its files."""
        return cls(
            id=draft.draft_id,
            type=draft.type_code,
            authority=draft.authority_id,
            made_at=draft.made_at,
            lapses_at=draft.lapses_at,
            request=draft.request_id,
            files=[DraftFileWire.of(one) for one in files],
        )


class DraftsWire(ToldWire):
    """The caller's drafts that were not asked for."""

    drafts: list[DraftWire]


class PictureWire(ToldWire):
    """A page on which the seal falls."""

    page: int
    picture: str = Field(description="Address of a PNG of it, with the seal.")


class SealPlaceWire(ToldWire):
    """Middle of the seal."""

    page: int
    left_mm: float
    top_mm: float


class SealToComeWire(SealPlaceWire):
    """Seal of a countersigner, and its middle."""

    name: str


class SampleWire(ToldWire):
    """Sample of a draft; its code stands for all that is agreed to."""

    code: str
    file: int
    title: str
    pages: int
    authority: str
    seal: str
    place: SealPlaceWire
    countersigners: list[SealToComeWire] = Field(
        default=[], description="Who is to seal it after its issuer."
    )
    pictures: list[PictureWire]
    sealed_before: str | None = Field(
        description="Document that this file led to before; no other is made of it."
    )

    @classmethod
    def of(
        cls, code: str, file: int, sample: DocumentSample, before: Licence | None, address: str
    ) -> "SampleWire":
        """Return a sample; `address` is that of its pictures."""
        sealed = sample.sealed
        pictures = [
            PictureWire(page=page, picture=f"{address}?file={file}&page={page}&sealed=true")
            for page in sealed.falls_on
        ]
        return cls(
            code=code,
            file=file,
            title=sealed.title,
            pages=sealed.pages,
            authority=sealed.authority,
            seal=sealed.seal,
            place=SealPlaceWire(
                page=sealed.page, left_mm=round(sealed.left, 1), top_mm=round(sealed.top, 1)
            ),
            countersigners=[
                SealToComeWire(
                    name=one.name,
                    page=one.page,
                    left_mm=round(one.left, 1),
                    top_mm=round(one.top, 1),
                )
                for one in sealed.others
            ],
            pictures=pictures,
            sealed_before=None if before is None else before.identifier,
        )


class RequestedFileWire(ToldWire):
    """A file that a request asks to have sealed."""

    number: int
    title: str
    sha256: str
    pages: int
    cleaned: bool
    kept: bool = Field(description="Its pages can be looked at still.")

    @classmethod
    def of(cls, one: RequestedFile) -> "RequestedFileWire":
        """Return a file's facts."""
        return cls(
            number=one.number,
            title=one.title,
            sha256=one.sha256,
            pages=one.pages,
            cleaned=one.cleaned,
            kept=one.kept,
        )


class RequestedFilesWire(ToldWire):
    """The files of a request; none for other requests, and once they are sealed."""

    files: list[RequestedFileWire]


class StandingDocumentWire(ToldWire):
    """A document on record, and how it stands today."""

    identifier: str
    number: str
    title: str
    type: str
    authority: str
    authority_name: str
    state: LicenceState
    words: BilingualWire
    reason: Reason | None
    issued_on: date
    link: str = Field(description="Where anybody verifies it.")


def standing_document(one: Licence, today: date, public_url: str) -> dict[str, Any]:
    """Return the fields that all shapes of a document share."""
    return {
        "identifier": one.identifier,
        "number": one.number,
        "title": title_of(one),
        "type": one.type_code,
        "authority": one.authority_id,
        "authority_name": one.authority_name,
        "state": one.effective_state(today),
        "words": BilingualWire.of(standing_on(one, today, TypeKind.DOCUMENT)),
        "reason": one.reason,
        "issued_on": one.granted_on,
        "link": link_of(public_url, one),
    }


class DocumentWire(StandingDocumentWire):
    """A document on record."""

    basis: str | None
    sha256: str | None = Field(default=None, description="Of its file as it is handed out.")
    source_sha256: str | None = Field(description="Of the file that was handed in.")

    @classmethod
    def of(
        cls, one: Licence, today: date, public_url: str, sha256: str | None = None
    ) -> "DocumentWire":
        """Describe a document, and how it stands today."""
        return cls(
            **standing_document(one, today, public_url),
            basis=one.basis,
            sha256=sha256,
            source_sha256=one.data.get("source"),
        )


class DocumentsWire(ToldWire):
    """Documents within reach that are searched for."""

    documents: list[DocumentWire]
    count: int | None = Field(description="How many there are, at most 200; first page alone.")
    more: bool = Field(description="There are more than `count`.")
    next: str | None = Field(description="Address of the next page, if there is one.")


def size_of(box: PageBox) -> tuple[float, float]:
    """Return width and height of a page as it is shown, in millimetres."""
    across, down = (box.right - box.left) / MM, (box.top - box.bottom) / MM
    return (down, across) if box.turn in {90, 270} else (across, down)


def entries_of(
    findings: tuple[IntakeFinding, ...], *, cleanable: bool
) -> tuple[dict[str, Any], ...]:
    """Return findings as the entries of a problem."""
    return tuple(
        {
            "pointer": "",
            "problem": one.hazard.value,
            **({"page": str(one.page)} if one.page else {}),
            "detail": one.detail,
            "cleanable": "true" if cleanable else "false",
            "zh": f"{finding_words(one).zh}。处理：{remedy_words(one.hazard).zh}",
            "en": f"{finding_words(one).en}. Remedy: {remedy_words(one.hazard).en}",
        }
        for one in findings
    )
