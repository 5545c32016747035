"""An issuing CA below somebody else's: its certificate and chain come in, checked.

Where a government CA exists, ours asks it for a certificate (`ca.outside.exchange`, request.csr),
and is trusted through it. What it issued must suit us too: it stands above every seal.
"""

from dataclasses import replace

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.issuers import IssuerRecord, IssuerRole, IssuerState
from ca.issuing.parts import CaParts
from ca.outside import messages
from ca.outside.adoption import record_adopted
from ca.outside.crls import Fetch, OutsideCrls, outside_id
from ca.outside.exchange import refused
from ca.outside.path import build_path, load_certificates
from ca.profiles.describe import fingerprint
from ca.profiles.profiles import ProfileKind
from ca.profiles.public_keys import spki_fingerprint
from core.errors import UnreachableError
from core.permits import Permit
from keys.model import KeyNotFoundError, KeyStore


def adopt_chain(  # noqa: PLR0917  # each of another type
    parts: CaParts, keys: KeyStore, data: bytes, root_sha256: str, fetch: Fetch, permit: Permit
) -> tuple[IssuerRecord, UnreachableError | None]:
    """Give a waiting CA the certificate that a CA outside issued, with its chain (PEM).

    `root_sha256`: of the trust anchor's certificate (DER), which must be in the chain, as the
    operator has it by other means. Returns the CA, and why a CRL of those above it could not be
    had. Raises `ExchangeError`; nothing is recorded then, also where a CRL is not accepted.
    """
    certificates = load_certificates(data)
    waiting = _waiting(parts, keys)
    found = [one for one in certificates if spki_fingerprint(one.public_key()) in waiting]
    if len(found) != 1:
        raise refused(messages.NO_AWAITED_CERTIFICATE_IN_FILE)
    (own,) = found
    try:
        anchor = bytes.fromhex(root_sha256)
    except ValueError as error:
        raise refused(messages.ROOT_SHA256_MALFORMED) from error
    path = build_path(own, certificates, anchor, parts.clock.now())
    if len(path) == 1:
        raise refused(messages.CERTIFICATE_SELF_SIGNED)
    _check_own(own)
    record = replace(
        waiting[spki_fingerprint(own.public_key())],
        parent=None,
        certificate=own.public_bytes(Encoding.DER),
        chain=tuple(one.public_bytes(Encoding.DER) for one in path[1:]),
    )
    crls = OutsideCrls(parts.ledger, parts.clock)
    judged = crls.judge_path([one.public_bytes(Encoding.DER) for one in path], fetch)
    record_adopted(parts, outside_id(path[1]), ProfileKind.ISSUING, own, permit)
    parts.ledger.save_issuer(record, parts.clock.now(), permit)
    crls.record(judged.found)
    return record, judged.unreachable


def _waiting(parts: CaParts, keys: KeyStore) -> dict[str, IssuerRecord]:
    """Issuing CAs without a certificate, by the SHA-256 of their keys."""
    found = {}
    for record in parts.ledger.list_issuers():
        if record.role is IssuerRole.ISSUING and record.state is IssuerState.PREPARED:
            try:
                found[fingerprint(keys.find(record.key_id).spki)] = record
            except KeyNotFoundError:
                continue
    return found


def _check_own(certificate: x509.Certificate) -> None:
    """Ours issues to end entities and signs CRLs, and what it issues names its key by its SKI."""
    extensions = certificate.extensions
    try:
        constraints = extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
        extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound as error:
        raise refused(messages.CERTIFICATE_LACKS_EXTENSIONS) from error
    if not constraints.ca or not usage.key_cert_sign or not usage.crl_sign:
        raise refused(messages.CERTIFICATE_LACKS_SIGNING_USAGE)
    if not list(certificate.subject):
        raise refused(messages.CERTIFICATE_LACKS_SUBJECT)
