"""A person's own signature over a licence's page, whose key is never here.

1. *prepare*: the page with its properties, the seal's field, empty, and the person's field with
   room for a signature. Their certification (DocMDP, P=2) is a file's first signature, as it has
   to be; it lets the seal's field be filled and timestamps follow, and nothing else.
2. The person's own machine digests the page and signs (`signing.sealing.person_form`).
3. *embed*: the value is verified over attributes made here, stamped, and put in its place.
4. The seal then covers all of it (`signing.sealing.pades.Sealer.seal_signed`).

The same request, certificate, time and room make the same page, so that nothing of it need be
kept between the steps: what is sealed in the end is compared with what the register says then.
"""

from datetime import datetime
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from pyhanko.sign.fields import MDPPerm

from ca.profiles.public_keys import verify_signature
from keys.algorithms import algorithm_of, digest_of
from signing.errors import PersonSignatureError
from signing.sealing import messages
from signing.sealing.cms import TimestampSource, timestamp_of
from signing.sealing.dss import DssContent
from signing.sealing.field import Statement, prepare_for_person
from signing.sealing.person_form import (
    common_name_of,
    form_of,
    read_empty_page,
    to_be_signed,
    verify_signed_page,
)
from signing.sealing.request import SealingRequest, open_page
from signing.sealing.signed_file import Room


class PersonDataSource(Protocol):
    """Source of a person's validation data; `ca.validation.validation_data.ValidationSource` is
    one.
    """

    def check_person(self, certificate: bytes, *, proof: bool = False) -> x509.Certificate:
        """Raise unless this certificate (DER) may sign now."""
        ...

    def for_person(self, certificate: bytes) -> DssContent:
        """Return the validation data of a person's signature; raises as `check_person`."""
        ...


class PersonalSigning:
    """Signatures of one person's certificate."""

    def __init__(
        self,
        *,
        certificate: bytes,
        chain: tuple[bytes, ...],
        timestamper: TimestampSource,
        validation: PersonDataSource,
    ) -> None:
        """Take the certificate and those above it (DER). Raises `NoPersonError`."""
        self.certificate = certificate
        self._form = form_of(certificate, *chain)
        self._timestamper = timestamper
        self._validation = validation

    def room(self) -> int:
        """Return how many octets the longest signature can take; asks for one sample token."""
        return self._form.reserved(self._timestamper)

    def check(self) -> None:
        """Raise what the source of validation data raises unless the certificate may sign now."""
        self._validation.check_person(self.certificate, proof=True)

    def data(self) -> DssContent:
        """Return the validation data of its signatures, as of now; raises as `check`."""
        return self._validation.for_person(self.certificate)

    def prepare(self, request: SealingRequest, at: datetime, room: int) -> bytes:
        """Return the page with room for the signature.

        Raises `UnsuitablePageError`, `UnsuitableTextError`.
        """
        statement = Statement(
            name=common_name_of(self.certificate),
            reason=request.reason,
            location=request.location,
            at=at,
            changes=MDPPerm.FILL_FORMS,
        )
        return prepare_for_person(
            open_page(request, at),
            request.place,
            statement=statement,
            room=Room(self._form.digest_name, room),
        )

    def embed(self, prepared: bytes, signature: bytes) -> bytes:
        """Return the page with the person's signature and its timestamp.

        Raises `PersonSignatureError` for a value that is not theirs over this page, and as `check`.
        """
        self._verify(to_be_signed(prepared, self.certificate), signature)
        self.check()
        page, name = read_empty_page(prepared), self._form.digest_name
        token = timestamp_of(self._timestamper, signature, name)
        signed = page.with_contents(self._form.enclose(page.digest(name), signature, token))
        verify_signed_page(signed, self.certificate)
        return signed

    def _verify(self, octets: bytes, signature: bytes) -> None:
        key = x509.load_der_x509_certificate(self.certificate).public_key()
        try:
            verify_signature(key, signature, octets, digest_of(algorithm_of(key)))
        except InvalidSignature as error:
            raise PersonSignatureError(messages.PERSON_SIGNATURE_MISMATCH) from error
