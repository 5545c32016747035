"""Sealing a rendered licence as PAdES (ETSI EN 319 142-1), by default B-LT in one revision.

1. The page's objects are taken over into a new file, with properties and attachment.
2. Levels B-LT and B-LTA: the validation data go in *before* the signature. Our own CA, OCSP and TSA
   know it beforehand, so that the certification signature (DocMDP) covers the whole file and
   nothing has to follow it.
3. The seal's field, its appearance and the signature with its timestamp.
4. Level B-LTA: one further revision of validation data and a document timestamp only, for which the
   seal certifies with P=2 (ISO 32000-1 table 254); all others certify with P=1.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from cryptography import x509
from pyhanko.sign.fields import MDPPerm

from core.clock import Clock
from keys.model import KeyPurpose, Signer
from signing.errors import UnsuitableLevelError, WrongSealKeyError
from signing.levels import WITH_VALIDATION_DATA, PadesLevel
from signing.sealing import messages
from signing.sealing.archive import ArchiveWriter, append_timestamp, append_to_fresh
from signing.sealing.cms import SealCms, TimestampSource, reserved_for, timestamp_of
from signing.sealing.dss import DssContent, SecurityStore
from signing.sealing.field import SealedPage, Statement, fill_seal
from signing.sealing.objects import reference
from signing.sealing.person_form import verify_signed_page
from signing.sealing.request import (
    CountersealRequest,
    SealedDocument,
    SealingRequest,
    open_page,
)
from signing.sealing.signed_file import Room
from signing.sealing.updates import fill_prepared_seal
from signing.sealing.writer import SealWriter

__all__ = ["SealedDocument", "Sealer", "SealingRequest", "ValidationDataSource"]


class ValidationDataSource(Protocol):
    """Source of validation data; `ca.validation.validation_data.ValidationSource` is one."""

    def check_seal(self, certificate: bytes, *, proof: bool) -> None:
        """Raise unless this certificate (DER) may seal now."""
        ...

    def for_seal(self, certificate: bytes) -> DssContent:
        """Return the validation data of a seal by this certificate (DER), its timestamp and their
        CAs.
        """
        ...


class Sealer:
    """One seal, its key held open; made once per process and seal."""

    def __init__(
        self,
        *,
        signer: Signer,
        certificate: bytes,
        chain: tuple[bytes, ...],
        timestamper: TimestampSource,
        validation: ValidationDataSource,
        clock: Clock,
    ) -> None:
        """Take the seal's key and certificate, and the CA certificates above it (all DER).

        Asks the timestamper for one token to learn its size. Raises `WrongSealKeyError`.
        """
        _verify_key(signer, certificate)
        self._certificate = certificate
        self._timestamper = timestamper
        self._validation = validation
        self._clock = clock
        self._cms = SealCms(signer, certificate, chain, timestamper)
        name = self._cms.digest_name
        self._plain_room = Room(name, self._cms.reserved(timestamp=False))
        self._stamped_room = Room(name, self._cms.reserved(timestamp=True))
        self._archive_room = Room(name, reserved_for(timestamp_of(timestamper, b"", name)))

    def seal(self, request: SealingRequest, data: DssContent | None = None) -> SealedDocument:
        """Return the sealed document.

        `data` is validation data of this seal that a group of documents shares
        (`ca.validation.group`), for levels that embed them; None: they are made now.

        Raises `UnsuitablePageError`, `UnsuitableTextError`, `SealTooLargeError`, and what key,
        timestamper and validation data raise; nothing is made then.
        """
        at = self._clock.now()
        # (1) The page, its properties and its attachment.
        writer = open_page(request, at)
        # (2) Validation data, before the signature covers them. A seal that is revoked or suspended
        # must not seal at any level.
        store = SecurityStore()
        if request.level not in WITH_VALIDATION_DATA:
            self._validation.check_seal(self._certificate, proof=False)
        else:
            data = data or self._validation.for_seal(self._certificate)
            if self._certificate not in data.certificates:
                raise ValueError("validation data of another seal")
            store.add(lambda content: reference(writer.add(content)), data)
            writer.set_in_catalogue("DSS", reference(writer.add(store.to_bytes())))
        # (3) The seal.
        page = self._sign(writer, request, at)
        sealed = page.file.pdf
        if request.level is not PadesLevel.B_LTA:
            return SealedDocument(sealed, (len(sealed),), request.level, at)
        # (4) The archive revision, with an OCSP answer from after the seal's timestamp.
        data = self._validation.for_seal(self._certificate)
        archived = append_to_fresh(page, store, data, self._archive_room, self._timestamper)
        return SealedDocument(archived, (len(sealed), len(archived)), request.level, at)

    def seal_signed(
        self,
        page: bytes,
        person: bytes,
        request: SealingRequest,
        person_data: Callable[[], DssContent],
    ) -> SealedDocument:
        """Put the seal on a page that a person signed (`signing.sealing.personal`), over all of it.

        `person` is their certificate (DER); `person_data` returns its validation data and raises
        where it may not sign. The seal does not certify: only a file's first signature may (ISO
        32000-1 12.8.2.2), and the person's does, with P=2. Raises `UnsuitablePageError`,
        `PersonSignatureError` where the page is not signed so, `UnsuitableLevelError`, and as
        `seal`.
        """
        at = self._clock.now()
        if request.level not in WITH_VALIDATION_DATA:
            raise UnsuitableLevelError(messages.PERSON_NEEDS_VALIDATION_DATA)
        # (1) The person's signature, before anything else is spent on the page.
        verify_signed_page(page, person)
        # (2) Validation data of both, in the revision that the seal covers.
        writer = ArchiveWriter(page)
        writer.add_validation_data(person_data(), self._validation.for_seal(self._certificate))
        # (3) The seal, in the field that stood empty when the person signed.
        sealed = fill_prepared_seal(
            writer,
            request.appearance,
            statement=self._statement(request, at, changes=None),
            room=self._stamped_room,
            make_cms=lambda digest: self._cms.sign_digest(digest, timestamp=True),
        )
        if request.level is not PadesLevel.B_LTA:
            return SealedDocument(sealed, (len(sealed),), request.level, at)
        # (4) The archive revision.
        archived = self._archive(sealed, person_data())
        return SealedDocument(archived, (len(sealed), len(archived)), request.level, at)

    def counterseal(self, request: CountersealRequest) -> SealedDocument:
        """Put a further seal on a file of ours, in the field that stands empty for it.

        It covers the whole file with its validation data, certifies nothing, and changes nothing
        of what was signed before: one revision is added. Raises as `seal`.
        """
        at = self._clock.now()
        writer = ArchiveWriter(request.pdf)
        writer.add_validation_data(self._validation.for_seal(self._certificate))
        if request.anew:
            writer.write_anew()
        statement = Statement(
            name=request.author, reason=request.reason, location="", at=at, changes=None
        )
        sealed = fill_prepared_seal(
            writer,
            request.appearance,
            statement=statement,
            room=self._stamped_room,
            make_cms=lambda digest: self._cms.sign_digest(digest, timestamp=True),
            field=request.field,
        )
        if not request.archive:
            return SealedDocument(sealed, (len(sealed),), PadesLevel.B_LT, at)
        archived = self._archive(sealed)
        return SealedDocument(archived, (len(sealed), len(archived)), PadesLevel.B_LTA, at)

    def _sign(self, writer: SealWriter, request: SealingRequest, at: datetime) -> SealedPage:
        stamped = request.level is not PadesLevel.B_B
        followed = request.level is PadesLevel.B_LTA or bool(request.others)
        changes = None
        if not request.approval:
            changes = MDPPerm.FILL_FORMS if followed else MDPPerm.NO_CHANGES
        return fill_seal(
            writer,
            request.place,
            statement=self._statement(request, at, changes=changes),
            room=self._stamped_room if stamped else self._plain_room,
            make_cms=lambda digest: self._cms.sign_digest(digest, timestamp=stamped),
            others=request.others,
        )

    @staticmethod
    def _statement(request: SealingRequest, at: datetime, *, changes: MDPPerm | None) -> Statement:
        return Statement(
            name=request.author,
            reason=request.reason,
            location=request.location,
            at=at,
            changes=changes,
        )

    def _archive(self, sealed: bytes, *others: DssContent) -> bytes:
        """Add an OCSP answer from after the seal's timestamp, and a document timestamp."""
        data = (*others, self._validation.for_seal(self._certificate))
        return append_timestamp(sealed, data, self._archive_room, self._timestamper)


def _verify_key(signer: Signer, certificate: bytes) -> None:
    """Refuse a key that is not this seal's."""
    parsed = x509.load_der_x509_certificate(certificate)
    if signer.info.purpose is not KeyPurpose.SEAL or parsed.public_key() != signer.public_key:
        raise WrongSealKeyError(messages.SEAL_KEY_MISMATCH)
