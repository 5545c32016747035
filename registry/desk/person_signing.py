"""An officer's own signature over what they carry out, by the desk.

1. *begin*: an approved request is reserved in their name, or what they reserved before is taken up;
   they get the page, and sign it on their own machine with a key that is never here.
2. *finish*: their signature over that page is kept.
3. *carry out* (`registry.desk.desk`) puts the seal on; so does the duty that finishes grants.

The certificate is one that was issued to this very identity, for the authority that grants, and
says who vouched for them. All is looked up again at each step: who left meanwhile signs nothing.
"""

from dataclasses import dataclass

from cryptography import x509
from sqlalchemy import Connection, select

from ca.encoding.identity_issuer import IDENTITY_ISSUER, identity_issuer_of
from core.ids import AuthorityId, IssuerId, LicenceIdentifier
from registry.db.tables import certificates, officer_certificates
from registry.desk import messages
from registry.desk.contents import OtherContentError
from registry.desk.desk import Desk
from registry.desk.orders import asks_for_other
from registry.desk.rights import CallerStanding
from registry.granting.person_signing import PreparedSignature
from registry.model import ConflictError, NotFoundError, RegistryError
from registry.officers.certificates import find_signer
from registry.officers.identities import IdentityEndedError, refuse_ended
from registry.officers.model import DeskRequest, DeskRequestState
from registry.officers.request_rows import find_request
from registry.types.desk import SignsInPerson


class NotYourCertificateError(RegistryError):
    """The certificate is not one that this officer may sign with here."""

    code = "signer_refused"


@dataclass(frozen=True, slots=True)
class SigningDesk:
    """Signatures of officers over what the desk carries out."""

    desk: Desk

    def begin(
        self, standing: CallerStanding, request_id: str, certificate: bytes
    ) -> PreparedSignature:
        """Return the page that the caller is to sign.

        Raises `NoSuchRequestError`, `NotYourCertificateError`, `ConflictError`, and as
        `Desk.carry_out` and `PersonSigning.prepare`.
        """
        rights, actor = self.desk.rights, standing.actor
        found = rights.sight(standing).request(request_id)
        if found.state is DeskRequestState.DONE:
            identifier = self._waiting(standing, found)
        else:
            order = self.desk.orders.order(standing, found)
            with rights.database.writing() as connection:
                self._check_certificate(connection, standing, found.authority_id, certificate)
            if order.licence_type.desk.signs is SignsInPerson.NEVER:
                raise ConflictError(messages.NOT_SIGNED_IN_PERSON)
            granting = self.desk.granting()
            pending = granting.reserve_for(
                order.signed_by(actor.name), certificate, order.within, order.last
            )
            identifier = pending.licence.identifier
        with self.desk.granting().pending_for(identifier, actor.name) as pending:
            return self.desk.granting().persons.prepare(
                pending,
                certificate,
                lambda connection: self._check(connection, standing, found, certificate),
            )

    def finish(self, standing: CallerStanding, request_id: str, value: bytes) -> LicenceIdentifier:
        """Keep the caller's signature over the page that they got; return whose it is.

        Raises `NoSuchRequestError`, `ConflictError`, and as `PersonSigning.keep`.
        """
        found = self.desk.rights.sight(standing).request(request_id)
        identifier = self._waiting(standing, found)
        with self.desk.granting().pending_for(identifier, standing.actor.name) as pending:
            self.desk.granting().persons.keep(
                pending,
                value,
                standing.actor,
                lambda connection, certificate: self._check(
                    connection, standing, found, certificate
                ),
            )
        return identifier

    def _waiting(self, standing: CallerStanding, found: DeskRequest) -> LicenceIdentifier:
        """Return the licence that was reserved for a request, if the caller may seal it still."""
        if asks_for_other(found):
            raise OtherContentError(messages.OTHER_KIND_OF_REQUEST)
        self.desk.orders.permit_to_seal(standing, found)
        licence = self.desk.orders.waiting(found)
        if licence is None or found.state is not DeskRequestState.DONE:
            raise ConflictError(messages.NOTHING_TO_SIGN)
        return licence.identifier

    def _check(
        self,
        connection: Connection,
        standing: CallerStanding,
        found: DeskRequest,
        certificate: bytes,
    ) -> None:
        """See, in the transaction that acts on it, that nothing ended meanwhile."""
        refuse_ended(connection, standing.actor)
        self._check_certificate(connection, standing, found.authority_id, certificate)
        assert find_request(connection, found.request_id).digest == found.digest

    def _check_certificate(
        self,
        connection: Connection,
        standing: CallerStanding,
        authority_id: AuthorityId | None,
        certificate: bytes,
    ) -> None:
        """See that a certificate (DER) is the caller's. Raises `NotYourCertificateError`.

        The transaction may write: it locks the identity.
        """
        bound, entry = officer_certificates.c, certificates.c
        query = (
            select(entry.issuer, entry.serial, bound.authority_id)
            .join(
                officer_certificates,
                (bound.issuer == entry.issuer) & (bound.serial == entry.serial),
            )
            .where(
                bound.identity_id == standing.identity.identity_id,
                entry.certificate == certificate,
            )
        )
        found = connection.execute(query).one_or_none()
        if found is None or found.authority_id not in (None, authority_id):
            raise NotYourCertificateError(messages.NOT_YOUR_CERTIFICATE)
        try:
            which = IssuerId(found.issuer), int(found.serial, 16)
            find_signer(connection, which, self.desk.rights.clock.now())
        except (IdentityEndedError, NotFoundError) as error:
            raise NotYourCertificateError(messages.NOT_YOUR_CERTIFICATE) from error
        if _vouched_by(certificate) != standing.identity.pin.iss:
            raise NotYourCertificateError(messages.CERTIFICATE_NAMES_NO_ISSUER)


def _vouched_by(certificate: bytes) -> str | None:
    for one in x509.load_der_x509_certificate(certificate).extensions:
        if one.oid == IDENTITY_ISSUER and isinstance(one.value, x509.UnrecognizedExtension):
            return identity_issuer_of(one.value.value)
    return None
