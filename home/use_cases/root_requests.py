"""Requests to a root that is elsewhere: for a certificate, a CRL, a revocation."""

import hashlib
from pathlib import Path

from ca.errors import CaError
from ca.hierarchy.steps import NewCa
from ca.issuers import ROOT, IssuerRecord, IssuerRole
from ca.outside.exchange import (
    CSR,
    REQUEST,
    SIGNATURE,
    CaRequest,
    make_csr,
    read_request,
    write_request,
)
from ca.profiles.describe import describe_key
from ca.profiles.public_keys import spki_fingerprint
from ca.wire_types import PlannedRevocation
from core.errors import UsageError
from core.permits import Permit
from home.succession import open_succession
from home.use_cases import messages
from home.wiring import Home
from keys.model import KeyPurpose


def prepare_next(home: Home, permit: Permit, *, new: bool) -> tuple[IssuerRecord, NewCa]:
    """Return the issuing CA that waits for a certificate, made now with `new`.

    Raises `UsageError` where none waits, or it has its certificate.
    """
    succession, steps = open_succession(home)
    issuer = succession.next_issuer()
    ca = succession.new_ca(issuer, None, home.settings.ca.crl_shards)
    record = steps.find(issuer)
    if record is None:
        if not new:
            raise UsageError(messages.NO_PENDING_ISSUING_CA)
        record = steps.prepare_issuing(ca, permit)
    elif record.certificate is not None:
        raise UsageError(messages.issuing_ca_already_certified(issuer))
    return record, ca


def standing_request(home: Home, directory: Path, record: IssuerRecord) -> dict[str, str] | None:
    """Return the report of `write_ca_request` on a request that stands, if it is this CA's own.

    It asks for the certificate of this key, at these addresses; its signature holds.
    """
    try:
        found = read_request(directory, {}, None)
    except CaError:
        return None
    asked, key = found.asked, home.keys.find(record.key_id)
    pki_url = home.ca_parts.addresses.pki_url
    if (asked.issuer, asked.pki_url) != (record.issuer, pki_url) or found.csr is None:
        return None
    if spki_fingerprint(found.public_key) != hashlib.sha256(key.spki).hexdigest():
        return None
    files = {name: (directory / name).read_bytes() for name in (CSR, REQUEST, SIGNATURE)}
    written = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    return {**written, "key": describe_key(found.public_key)}


def write_ca_request(
    home: Home,
    directory: Path,
    record: IssuerRecord,
    ca: NewCa | None,
    revoke: tuple[PlannedRevocation, ...] = (),
) -> dict[str, str]:
    """Write a request, signed by the CA that asks; return the SHA-256 of each file and its key.

    `ca`: what it is to be certified as; None: no certificate is asked for. Raises `UsageError`
    where a CA to be revoked is none of this home's.
    """
    known = [one.issuer for one in home.ledger.list_issuers() if one.role is IssuerRole.ISSUING]
    for one in revoke:
        if one.certificate not in known:
            raise UsageError(messages.no_such_issuing_ca(one.certificate, known))
    signer = home.keys.open(record.key_id, KeyPurpose.ISSUING_CA)
    csr = None if ca is None else make_csr(ca.subject, signer)
    signed = home.ledger.find_crl(ROOT)
    asked = CaRequest.of(
        record.issuer,
        home.ca_parts.addresses.pki_url,
        home.clock.now(),
        csr=csr,
        crl_number=None if signed is None else signed.number,
        revoke=revoke,
    )
    written = write_request(directory, asked, signer, csr)
    return {**written, "key": describe_key(signer.public_key)}
