"""Signing of official documents: a file is taken in, given its seal, and granted like a licence.

The same file under the same type and authority is signed once: its digest is the request's key, so
that a run that was cut off, by whatever, is finished by running it again.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core.canonical import canonical_json
from core.clock import Clock, civil_date
from core.errors import UsageError
from core.ids import Sha256
from registry.bodies.appearances import appearance_of
from registry.bodies.authorities import find_authority, mandated_seal
from registry.db.database import Database
from registry.granting import messages
from registry.granting.document_orders import (
    CaptionPart,
    DocumentOrder,
    DocumentSample,
    NotADocumentTypeError,
    RefusedFileError,
    SealToCome,
    SignedDocument,
    SignedOtherwiseError,
    ToBeSealed,
)
from registry.granting.document_terms import DocumentTerms, terms_of
from registry.granting.document_titles import title_for
from registry.granting.granting import Granting
from registry.granting.reservation import GrantRequest
from registry.granting.round_drafting import (
    AwaitedBody,
    draft_round,
    refuse_drawn_over,
    who_seals,
)
from registry.licences.licences import CLOSED, find_by_request, find_licence
from registry.model import (
    BODY,
    Application,
    Authority,
    ConflictError,
    Holder,
    Licence,
    LicenceState,
    Seal,
)
from registry.objects.store import sha256_of
from registry.types.catalogue import Catalogue
from registry.types.cells.civil_dates import chinese_date
from registry.types.document_type import (
    ISSUER,
    ISSUER_CODE,
    LONGEST_TERMS,
    SOURCE,
    TERMS,
    TITLE,
    Countersigner,
)
from registry.types.licence_type import LicenceType
from signing.face import SealAppearance
from signing.intake.intake import Intake
from signing.intake.places import (
    NoPlaceError,
    as_measured,
    find_further,
    find_place,
    fit,
)
from signing.intake.report import TakenFile
from signing.intake.sharing import SharedIntake
from signing.sealing.page_preview import empty_place, preview_of
from signing.sealing.page_stamps import edge_imprints, imprint_at, stamped

_CODE_DIGITS = 32
"""Of a preview's code, hexadecimal: nobody finds other files with the same one."""


@dataclass(frozen=True, slots=True)
class _Bodies:
    """Bodies that a document is of."""

    licence_type: LicenceType
    seal: Seal
    authority: Authority
    others: tuple[AwaitedBody, ...] = ()
    """Those who are to seal it after."""


@dataclass(frozen=True, slots=True)
class _Drafted:
    """A file that can be signed."""

    taken: TakenFile
    page: bytes
    terms: DocumentTerms
    title: str
    appearance: SealAppearance


class DocumentSigning:
    """Signs official documents; one per process."""

    def __init__(
        self,
        *,
        database: Database,
        catalogue: Catalogue,
        granting: Callable[[], Granting],
        intake: Callable[[], Intake | SharedIntake],
        clock: Clock,
        zone: ZoneInfo,
        sample: bool,
    ) -> None:
        """`granting` and `intake` are opened when they are first needed; `sample`: all are."""
        self._database = database
        self._catalogue = catalogue
        self._granting = granting
        self._intake = intake
        self._clock = clock
        self._zone = zone
        self._sample = sample

    def sign(
        self,
        data: bytes,
        order: DocumentOrder,
        *,
        title: str,
        request_key: str | None = None,
        within: Callable[[Connection], object] = lambda _: None,
    ) -> SignedDocument:
        """Sign a file, or return it as it was signed before; `title`: of the file's name.

        `within` runs first in the transaction that takes the number. Raises `RefusedFileError`,
        `NoPlaceError`, `SignedOtherwiseError`, and as `Granting.grant`.
        """
        source = sha256_of(data)
        with self._database.reading() as connection:
            bodies = self._bodies(connection, order)
            key = request_key or _key_of(bodies.licence_type, source)
            known = find_by_request(connection, bodies.authority.authority_id, key, None)
        if known is not None:
            return self._known(known, order, source)
        drafted = self._draft(data, order, bodies, title)
        request = GrantRequest(
            application=self._application(drafted, bodies, source),
            permit=order.permit,
            basis=order.basis,
            authority_id=bodies.authority.authority_id,
            level=order.level,
            request_key=key,
        )
        granted = self._granting().grant(request, within)
        cleaned = drafted.taken.findings
        return SignedDocument(granted, source, cleaned, drafted.taken.unembedded)

    def is_known(self, data: bytes, order: DocumentOrder) -> bool:
        """Tell whether a file was signed, or begun to be."""
        return self.find_signed(sha256_of(data), order) is not None

    def find_signed(self, source: Sha256, order: DocumentOrder) -> Licence | None:
        """Return the document that a file led to, or is about to."""
        with self._database.reading() as connection:
            bodies = self._bodies(connection, order)
            key = _key_of(bodies.licence_type, source)
            return find_by_request(connection, bodies.authority.authority_id, key, None)

    def sample(
        self, data: bytes, order: DocumentOrder, *, title: str, batch: str = ""
    ) -> DocumentSample:
        """Return a preview of a file as it will be signed, and what is agreed to by that.

        `batch` stands for the files that are agreed to with it: it is part of the code. Raises as
        `sign`; nothing is signed.
        """
        with self._database.reading() as connection:
            bodies = self._bodies(connection, order)
        drafted = self._draft(data, order, bodies, title)
        empty = [
            (one.page, (one.x / 100, one.y / 100), _placeholder(one, drafted.appearance.diameter))
            for one in drafted.terms.round.signers
        ]
        pdf = preview_of(drafted.terms.rendered(drafted.page), drafted.appearance, empty)
        agreed = {
            "type": bodies.licence_type.code,
            "seal": hashlib.sha256(bodies.seal.certificate).hexdigest(),
            "order": order.digest(),
            "source": sha256_of(data),
            "batch": batch,
        }
        code = hashlib.sha256(canonical_json(agreed)).hexdigest()[:_CODE_DIGITS]
        place, pages = drafted.terms, drafted.taken.pages
        further = {one.page if one.page > 0 else len(pages) + one.page + 1 for one in order.further}
        left, top = as_measured(pages[place.page], *place.centre)
        others = tuple(
            SealToCome(
                one.name, one.page + 1, *as_measured(pages[one.page], one.x / 100, one.y / 100)
            )
            for one in place.round.signers
        )
        seen = {place.page + 1, *further, *(one.page for one in others)}
        sealed = ToBeSealed(
            title=drafted.title,
            type_name=bodies.licence_type.name,
            authority=bodies.authority.name,
            seal=bodies.seal.name or bodies.authority.name,
            pages=len(pages),
            page=place.page + 1,
            left=left,
            top=top,
            falls_on=tuple(range(1, len(pages) + 1)) if order.edge else tuple(sorted(seen)),
            others=others,
        )
        return DocumentSample(pdf, code, drafted.taken.findings, sealed)

    def _bodies(self, connection: Connection, order: DocumentOrder) -> _Bodies:
        licence_type = self._catalogue.find(connection, order.type_name)
        if not licence_type.is_document:
            raise NotADocumentTypeError(messages.not_a_document_type(licence_type.slug))
        seal = mandated_seal(connection, licence_type.code, order.authority_id)
        today = civil_date(self._clock.now(), self._zone)
        others = who_seals(connection, order, seal.authority_id, licence_type.code, today)
        authority = find_authority(connection, seal.authority_id)
        return _Bodies(licence_type, seal, authority, others)

    def _known(self, known: Licence, order: DocumentOrder, source: Sha256) -> SignedDocument:
        # Where nothing had to be taken out, --clean has changed nothing.
        alike = {order.digest(), replace(order, clean=False).digest()}
        if known.data.get(SOURCE) != source or terms_of(known).asked not in alike:
            raise SignedOtherwiseError(
                messages.signed_otherwise(known.identifier), identifier=known.identifier
            )
        if known.replaced_by is not None:  # the same, sealed anew
            with self._database.reading() as connection:
                known = find_licence(connection, known.replaced_by)
        if known.state in CLOSED:
            raise ConflictError(
                messages.document_left_force(known.identifier), identifier=known.identifier
            )
        granting = self._granting()
        if known.state is LicenceState.PENDING:
            granted = granting.finished(known.identifier, order.permit)
        else:
            granted = granting.granted(known.identifier)
        return SignedDocument(granted, source)

    def _draft(self, data: bytes, order: DocumentOrder, bodies: _Bodies, title: str) -> _Drafted:
        taken = self._intake().take(data, clean=order.clean)
        if taken.refused or not taken.pdf:
            raise RefusedFileError(taken.refused)
        order = replace(order, clean=order.clean and bool(taken.findings))
        place = find_place(order.place, taken, lambda word: self._intake().find(taken.pdf, word))
        terms = DocumentTerms(
            page=place.page,
            x=0,
            y=0,
            turn=place.turn,
            caption=self._caption(order, bodies),
            reason=order.reason,
            asked=order.digest(),
            approval=order.approval,
        )
        seal = appearance_of(bodies.authority, bodies.seal.name)
        appearance = terms.appearance(seal)
        place = fit(place, order.place, appearance, taken)
        others = draft_round(
            order,
            bodies.others,
            (place, seal),
            taken,
            lambda word: self._intake().find(taken.pdf, word),
        )
        terms = replace(terms, x=round(place.x * 100), y=round(place.y * 100), round=others)
        if len(terms.to_text()) > LONGEST_TERMS:
            raise UsageError(messages.TOO_MUCH_TO_SIGN)
        refuse_drawn_over(others, order, seal, taken)
        page = _imprinted(order, seal, taken)
        named = title_for(order.title, taken.title, title)
        return _Drafted(taken, page, terms, named, appearance)

    def _caption(self, order: DocumentOrder, bodies: _Bodies) -> tuple[str, ...]:
        words = {
            CaptionPart.NAME: bodies.authority.name,
            CaptionPart.DATE: chinese_date(civil_date(self._clock.now(), self._zone)),
            CaptionPart.REASON: order.reason or bodies.licence_type.name.zh,
        }
        said = tuple(words[part] for part in CaptionPart if part in order.caption)
        return (*said, messages.SAMPLE_CAPTION.zh) if self._sample else said

    def _application(self, drafted: _Drafted, bodies: _Bodies, source: Sha256) -> Application:
        authority = bodies.authority
        return Application(
            type_code=bodies.licence_type.code,
            holders=(Holder(authority.name, BODY, authority.uscc),),
            data={
                TITLE: drafted.title,
                ISSUER: authority.name,
                ISSUER_CODE: authority.uscc,
                SOURCE: source,
                TERMS: drafted.terms.to_text(),
            },
            number=None,
            valid_from=civil_date(self._clock.now(), self._zone),
            valid_until=None,
            photo=drafted.page,
            source=drafted.title,
        )


def _placeholder(one: Countersigner, issuers: float) -> SealAppearance:
    """Return the place of a countersigner's seal as a preview shows it: an empty ring, named."""
    return empty_place(one.size / 100 if one.size else issuers, one.name, one.turn)


def _key_of(licence_type: LicenceType, source: Sha256) -> str:
    return hashlib.sha256(f"document:{licence_type.code}:{source}".encode()).hexdigest()


def _imprinted(order: DocumentOrder, seal: SealAppearance, taken: TakenFile) -> bytes:
    """Return the file with the seal drawn where it stands besides. Raises `NoPlaceError`."""
    imprints = [
        imprint_at(page, taken.pages[page], seal, centre)
        for page, centre in (find_further(one, seal, taken) for one in order.further)
    ]
    if order.edge:
        if len(taken.pages) == 1:
            raise NoPlaceError(messages.EDGE_NEEDS_PAGES)
        imprints += edge_imprints(taken.pages, seal)
    return stamped(taken.pdf, seal, imprints) if imprints else taken.pdf
