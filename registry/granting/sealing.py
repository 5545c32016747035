"""Sealing desk: fonts, seals' keys and appearances stay open across licences."""

from dataclasses import dataclass

from ca.hierarchy.hierarchy import Hierarchy, SealServices
from ca.recorder import Collector, Recorder
from ca.validation.remote import UnitChangedError
from core.clock import Clock
from core.ids import KeyId, SealId
from keys.model import KeyPurpose, KeyStore
from registry.bodies.appearances import appearance_of
from registry.bodies.authorities import find_authority, find_seal
from registry.db.database import Database
from registry.model import Authority, Licence, Seal
from registry.types.licence_type import LicenceType
from registry.types.metadata import FILE_NAME, MEDIA_TYPE, gbt36903
from signing.face import LicenceFace, RenderedLicence, SealAppearance
from signing.levels import WITH_VALIDATION_DATA, PadesLevel
from signing.pades import SealedDocument, Sealer, SealingRequest
from signing.render.renderer import LicenceRenderer


@dataclass(frozen=True, slots=True)
class _Desk:
    """One seal, ready for use."""

    seal: Seal
    authority: Authority
    sealer: Sealer
    appearance: SealAppearance
    services: SealServices


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
        desk.services.validation.check_seal(certificate, proof=level in WITH_VALIDATION_DATA)

    def render(self, face: LicenceFace) -> RenderedLicence:
        """Return the page without its seal. Raises what `LicenceRenderer.render` raises."""
        return self._renderer.render(face)

    def seal(
        self,
        rendered: RenderedLicence,
        licence: Licence,
        licence_type: LicenceType,
        *,
        seal_id: SealId,
        level: PadesLevel,
    ) -> SealedDocument:
        """Seal a licence's page. Raises what `Sealer.seal` and the key store raise."""
        desk = self._desks.get(seal_id) or self._open(seal_id)
        metadata = gbt36903(
            licence, licence_type, desk.authority, desk.seal.name, self._clock.now()
        )
        request = SealingRequest(
            rendered=rendered,
            appearance=desk.appearance,
            metadata=metadata,
            metadata_name=FILE_NAME,
            metadata_type=MEDIA_TYPE,
            title=f"{licence.type_name.zh} {licence.identifier}",
            author=desk.authority.name,
            subject=licence.type_name.zh,
            identifier=licence.identifier,
            reason=licence.type_name.zh,
            level=level,
        )
        try:
            return self._sealed(desk, request)
        except UnitChangedError:  # known from the answer alone
            return self._sealed(self._open(seal_id), request)

    def _sealed(self, desk: _Desk, request: SealingRequest) -> SealedDocument:
        with self.signed.purpose(request.identifier):
            return desk.sealer.seal(request)

    def _is_stale(self, desk: _Desk) -> bool:
        unit = desk.services.unit
        return unit is not None and unit != self._hierarchy.tsa

    def _open(self, seal_id: SealId) -> _Desk:
        with self._database.reading() as connection:
            seal = find_seal(connection, seal_id)
            authority = find_authority(connection, seal.authority_id)
        services = self._hierarchy.services_for(seal.certificate, self.signed)
        sealer = Sealer(
            signer=self._keys.open(KeyId(seal.key_id), KeyPurpose.SEAL),
            certificate=seal.certificate,
            chain=services.chain,
            timestamper=services.timestamper,
            validation=services.validation,
            clock=self._clock,
        )
        appearance = appearance_of(authority, seal.name)
        desk = self._desks[seal_id] = _Desk(seal, authority, sealer, appearance, services)
        return desk
