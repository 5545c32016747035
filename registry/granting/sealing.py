"""Sealing desk: fonts, seals' keys and appearances stay open across licences."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from ca.hierarchy.hierarchy import Hierarchy, SealServices
from ca.recorder import Collector, Recorder
from ca.validation.remote import UnitChangedError
from core.clock import Clock
from core.ids import KeyId, LicenceIdentifier, SealId
from keys.model import KeyPurpose, KeyStore
from registry.bodies.appearances import appearance_of
from registry.bodies.authorities import find_authority, find_seal
from registry.db.database import Database
from registry.granting.document_terms import terms_of, title_of
from registry.granting.groups.kept_answers import KeptAnswers
from registry.model import Authority, Licence, Seal
from registry.types.licence_type import LicenceType
from registry.types.metadata import FILE_NAME, MEDIA_TYPE, gbt36903
from signing.face import LicenceFace, RenderedLicence, SealAppearance
from signing.levels import WITH_VALIDATION_DATA, PadesLevel
from signing.render.renderer import LicenceRenderer
from signing.sealing.pades import SealedDocument, Sealer, SealingRequest
from signing.sealing.personal import PersonalSigning
from signing.sealing.request import CountersealRequest


@dataclass(frozen=True, slots=True)
class _Desk:
    """One seal, ready for use."""

    seal: Seal
    authority: Authority
    sealer: Sealer
    appearance: SealAppearance
    services: SealServices
    answers: KeptAnswers


@dataclass(frozen=True, slots=True)
class Drawn:
    """A licence's page without seal and signature, and what it is of."""

    rendered: RenderedLicence
    licence: Licence
    licence_type: LicenceType
    seal_id: SealId
    level: PadesLevel

    def request(self, desk: _Desk, at: datetime) -> SealingRequest:
        """Return the request for its seal; the attachment says when the page was made."""
        licence, type_name = self.licence, self.licence.type_name.zh
        if self.licence_type.is_document:
            return self._document_request(desk)
        return SealingRequest(
            rendered=self.rendered,
            appearance=desk.appearance,
            metadata=gbt36903(licence, self.licence_type, desk.authority, desk.seal.name, at),
            metadata_name=FILE_NAME,
            metadata_type=MEDIA_TYPE,
            title=f"{type_name} {licence.identifier}",
            author=desk.authority.name,
            subject=type_name,
            identifier=licence.identifier,
            reason=type_name,
            level=self.level,
        )

    @property
    def _level(self) -> PadesLevel:
        """Level of this seal: a document timestamp comes after the last one."""
        rounds = terms_of(self.licence).round
        return PadesLevel.B_LT if rounds else self.level

    def _document_request(self, desk: _Desk) -> SealingRequest:
        """Return the request of an official document, whose page is somebody else's."""
        licence, terms = self.licence, terms_of(self.licence)
        return SealingRequest(
            rendered=self.rendered,
            appearance=terms.appearance(desk.appearance),
            metadata=None,
            metadata_name="",
            title=title_of(licence),
            author=desk.authority.name,
            subject=licence.type_name.zh,
            identifier=licence.identifier,
            reason=terms.reason or licence.type_name.zh,
            level=self._level,
            approval=terms.approval,
            others=terms.empty_fields(desk.appearance),
        )


@dataclass(frozen=True, slots=True)
class Countersealing:
    """A further seal that is asked for on a document that was sealed before."""

    identifier: LicenceIdentifier
    pdf: bytes
    field: str
    reason: str
    turn: int = 0
    """Of its page."""
    visible: bool = True
    archive: bool = False
    """It is the last one, and a document timestamp follows."""
    anew: bool = False
    """Somebody else's program wrote the revision before."""


class SealingRoom:
    """One per process; not for several threads at once, since sealing scales by processes."""

    def __init__(
        self,
        *,
        database: Database,
        keys: KeyStore,
        hierarchy: Hierarchy,
        renderer: LicenceRenderer,
        clock: Clock,
        recorder: Recorder,
    ) -> None:
        """`recorder` takes the events of tokens that are asked for as samples."""
        self._database = database
        self._keys = keys
        self._hierarchy = hierarchy
        self._renderer = renderer
        self._clock = clock
        self._desks: dict[SealId, _Desk] = {}
        self.signed = Collector(recorder)
        """Events of the timestamps made here, for the transaction that releases the document."""

    def prepare(self, seal_id: SealId, level: PadesLevel) -> None:
        """Open a seal's key, so that what stands in its way is known before a number is taken.

        A seal that was renewed meanwhile is opened anew, and each seal once our time-stamping unit
        was. Raises `SealRevokedError` where its
        certificate is revoked or on hold, `StaleValidationDataError` where the level needs what
        has ended.
        """
        with self._database.reading() as connection:
            certificate = find_seal(connection, seal_id).certificate
        desk = self._desks.get(seal_id)
        if desk is None or desk.seal.certificate != certificate or self._is_stale(desk):
            desk = self._open(seal_id)
        desk.answers.check_seal(certificate, proof=level in WITH_VALIDATION_DATA)

    def render(self, face: LicenceFace) -> RenderedLicence:
        """Return the page without its seal. Raises what `LicenceRenderer.render` raises."""
        return self._renderer.render(face)

    def seal(self, drawn: Drawn, *, in_group: bool = False) -> SealedDocument:
        """Seal a licence's page; of a group, with an answer about the seal that may be seconds old.

        Raises what `Sealer.seal` and the key store raise.
        """
        desk = self._desks.get(drawn.seal_id) or self._open(drawn.seal_id)
        request = drawn.request(desk, self._clock.now())
        # An archive's answer is from after the seal's timestamp.
        with desk.answers.reusing(in_group and drawn.level is not PadesLevel.B_LTA):
            return self._sealed(desk, request.identifier, lambda sealer: sealer.seal(request))

    def counterseal(self, seal_id: SealId, asked: Countersealing) -> SealedDocument:
        """Put a further seal on a document. Raises as `seal`."""
        desk = self._desks.get(seal_id) or self._open(seal_id)
        shown = replace(desk.appearance, turn=asked.turn) if asked.visible else None
        request = CountersealRequest(
            pdf=asked.pdf,
            field=asked.field,
            appearance=shown,
            author=desk.authority.name,
            identifier=asked.identifier,
            reason=asked.reason,
            archive=asked.archive,
            anew=asked.anew,
        )
        return self._sealed(desk, request.identifier, lambda sealer: sealer.counterseal(request))

    def person(self, certificate: bytes) -> PersonalSigning:
        """Return the signing of a person's certificate (DER).

        Raises `ForeignCertificateError`, `NoPersonError`.
        """
        services = self._hierarchy.person_services(certificate, self.signed)
        return PersonalSigning(
            certificate=certificate,
            chain=services.chain,
            timestamper=services.timestamper,
            validation=services.validation,
        )

    def page_for(self, person: PersonalSigning, drawn: Drawn, at: datetime, room: int) -> bytes:
        """Return the page that a person is to sign, the same each time. Raises as
        `PersonalSigning.prepare`.
        """
        desk = self._desks.get(drawn.seal_id) or self._open(drawn.seal_id)
        return person.prepare(drawn.request(desk, at), at, room)

    def seal_signed(
        self, person: PersonalSigning, drawn: Drawn, at: datetime, page: bytes
    ) -> SealedDocument:
        """Seal the page that a person signed. Raises what `Sealer.seal_signed` raises."""
        desk = self._desks.get(drawn.seal_id) or self._open(drawn.seal_id)
        request = drawn.request(desk, at)
        return self._sealed(
            desk,
            request.identifier,
            lambda sealer: sealer.seal_signed(page, person.certificate, request, person.data),
        )

    def _sealed(
        self, desk: _Desk, identifier: str, seal: Callable[[Sealer], SealedDocument]
    ) -> SealedDocument:
        with self.signed.purpose(identifier):
            try:
                return seal(desk.sealer)
            except UnitChangedError:  # known from the answer alone
                return seal(self._open(desk.seal.seal_id).sealer)

    def _is_stale(self, desk: _Desk) -> bool:
        unit = desk.services.unit
        return unit is not None and unit != self._hierarchy.tsa

    def _open(self, seal_id: SealId) -> _Desk:
        with self._database.reading() as connection:
            seal = find_seal(connection, seal_id)
            authority = find_authority(connection, seal.authority_id)
        services = self._hierarchy.services_for(seal.certificate, self.signed)
        answers = KeptAnswers(services.validation, self._clock)
        sealer = Sealer(
            signer=self._keys.open(KeyId(seal.key_id), KeyPurpose.SEAL),
            certificate=seal.certificate,
            chain=services.chain,
            timestamper=services.timestamper,
            validation=answers,
            clock=self._clock,
        )
        appearance = appearance_of(authority, seal.name)
        desk = self._desks[seal_id] = _Desk(seal, authority, sealer, appearance, services, answers)
        return desk
