"""A desk for a rehearsal: a copy of the ledger, keys in memory, and stand-ins for real roots."""

from dataclasses import replace

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.ceremony.steps import CeremonyDesk
from ca.issuers import IssuerRole
from core.permits import Permit
from keys.algorithms import algorithm_of, digest_of
from keys.model import KeyPurpose, Signer
from keys.throwaway import ThrowAwayKeys


def rehearsal_desk(copy: CeremonyDesk, permit: Permit) -> CeremonyDesk:
    """Return a desk that signs with throw-away keys; `copy`: one whose ledger is a copy.

    A root that is there already gets a throw-away key in its place, and its certificate one that
    says the same of that key: the real one is asleep until the ceremony.
    """
    keys = ThrowAwayKeys(copy.parts.clock)
    ledger = copy.parts.ledger
    for record in ledger.list_issuers():
        if record.role is not IssuerRole.ROOT or record.certificate is None:
            continue
        algorithm = algorithm_of(record.x509.public_key())
        keys.generate(record.key_id, KeyPurpose.ROOT_CA, algorithm)
        stand_in = _stand_in(record.x509, keys.open(record.key_id, KeyPurpose.ROOT_CA))
        encoded = stand_in.public_bytes(Encoding.DER)
        stood_in = replace(record, certificate=encoded)
        ledger.save_issuer(stood_in, copy.parts.clock.now(), permit)
    return replace(copy, root_keys=keys, keys=None if copy.keys is None else keys)


def _stand_in(certificate: x509.Certificate, signer: Signer) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .serial_number(certificate.serial_number)
        .issuer_name(certificate.issuer)
        .subject_name(certificate.subject)
        .public_key(signer.public_key)
        .not_valid_before(certificate.not_valid_before_utc)
        .not_valid_after(certificate.not_valid_after_utc)
    )
    for extension in certificate.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    digest = digest_of(signer.info.algorithm)
    return builder.sign(signer.builder_key(), digest)  # type: ignore[arg-type]
