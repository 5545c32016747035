"""Exchange with an offline root: signed, small files, hostile until checked.

A request is a folder:

- `request.json`: what is asked for; canonical JSON (sorted keys, no spaces);
- `request.sig`: a signature over it, base64, by the issuing CA that asks: proof that its key is
  held there. Before the JSON stands a prefix that no certificate, CRL or CMS can begin with;
- `request.csr`: for a new issuing CA, a certification request (PKCS#10) for outside CAs too.

What comes back is the folder of a ceremony: certificates (`*.cer`) and CRLs (`*.crl`), DER.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from ca.errors import ExchangeError
from ca.issuing.csr import requested_key
from ca.outside import messages
from ca.wire_types import Id, Line, PlannedRevocation, Sha256
from core.canonical import canonical_json
from core.errors import UsageError
from core.files import PUBLIC, write_atomically
from core.ids import IssuerId
from core.os_errors import cause_zh
from core.text import Text
from keys.algorithms import digest_of, verify_with
from keys.model import Signer

MAX_FILE_BYTES: Final = 64 * 1024
"""A request with ML-DSA-87 in base64 has a fourth of it."""
_PREFIX: Final = b"xinyin-ca-request/1\n"
REQUEST, SIGNATURE, CSR = "request.json", "request.sig", "request.csr"


class CaRequest(BaseModel):
    """Request to the root."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    issuer: Id
    """Who asks."""
    pki_url: Line
    at: AwareDatetime
    csr_sha256: Sha256 | None
    """Of `request.csr`; None: no certificate is asked for."""
    crl_number: Annotated[int, Field(ge=0)] | None
    """The newest CRL of the root that is known; None: none is known."""
    revoke: tuple[PlannedRevocation, ...] = ()

    @classmethod
    def of(  # what a request says
        cls,
        issuer: IssuerId,
        pki_url: str,
        at: datetime,
        *,
        csr: bytes | None,
        crl_number: int | None,
        revoke: tuple[PlannedRevocation, ...] = (),
    ) -> "CaRequest":
        """Return a request; `csr`: the certification request that goes with it."""
        return cls(
            issuer=issuer,
            pki_url=pki_url,
            at=at.astimezone(UTC).replace(microsecond=0),
            csr_sha256=None if csr is None else hashlib.sha256(csr).hexdigest(),
            crl_number=crl_number,
            revoke=revoke,
        )

    def to_json(self) -> bytes:
        """Return the form that is signed."""
        return canonical_json(self.model_dump(mode="json"))


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose signature holds under `public_key`."""

    asked: CaRequest
    sha256: str
    """Of request.json, hexadecimal: what people compare."""
    public_key: CertificatePublicKeyTypes
    csr: bytes | None


def write_request(
    directory: Path, asked: CaRequest, signer: Signer, csr: bytes | None
) -> dict[str, str]:
    """Write a request; return the SHA-256 of its files by name.

    Nothing is overwritten. Raises `UsageError` if one is there: what was carried to the root must
    not change under its SHA-256.
    """
    there = [name for name in (SIGNATURE, REQUEST, CSR) if (directory / name).exists()]
    if there:
        is_whole = {SIGNATURE, REQUEST} <= set(there)
        told = messages.request_already_exists if is_whole else messages.request_cut_off
        raise UsageError(told(directory))
    encoded = asked.to_json()
    files = {
        SIGNATURE: base64.b64encode(signer.sign(_PREFIX + encoded)) + b"\n",
        REQUEST: encoded,
    }
    if csr is not None:
        files[CSR] = csr
    directory.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        write_atomically(directory / name, data, overwrite=False, mode=PUBLIC)
    return {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}


def make_csr(subject: x509.Name, signer: Signer) -> bytes:
    """Return a certification request (PEM) with proof of possession (RFC 2986 4.2)."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    digest = digest_of(signer.info.algorithm)
    request = builder.sign(signer.builder_key(), digest)  # type: ignore[arg-type]
    return request.public_bytes(Encoding.PEM)


def read_request(
    directory: Path, known: Mapping[str, CertificatePublicKeyTypes], expected_sha256: str | None
) -> Request:
    """Read and check a request. Raises `ExchangeError`.

    `known`: the public keys of issuing CAs that were certified before. Who asks for a certificate
    signs with the key to be certified, others with their known one.
    """
    encoded = read_small(directory / REQUEST)
    sha256 = hashlib.sha256(encoded).hexdigest()
    if expected_sha256 is not None and sha256 != expected_sha256:
        raise refused(
            messages.request_sha256_mismatch(
                directory_name=directory.name, request=REQUEST, sha256=sha256
            ),
        )
    try:
        asked = CaRequest.model_validate_json(encoded)
    except ValidationError as error:
        raise refused(messages.request_malformed(REQUEST)) from error
    csr = None if asked.csr_sha256 is None else read_small(directory / CSR)
    if csr is not None and hashlib.sha256(csr).hexdigest() != asked.csr_sha256:
        raise refused(messages.csr_request_mismatch(csr=CSR, request=REQUEST))
    key = known.get(asked.issuer) if csr is None else requested_key(csr)
    if key is None:
        raise refused(messages.ca_not_on_record(asked.issuer))
    try:
        signature = base64.b64decode(read_small(directory / SIGNATURE), validate=False)
        verify_with(key, signature, _PREFIX + encoded)
    except (InvalidSignature, ValueError) as error:
        raise refused(messages.REQUEST_SIGNATURE_INVALID) from error
    return Request(asked, sha256, key, csr)


def read_small(path: Path, limit: int = MAX_FILE_BYTES) -> bytes:
    """Read a file of bounded size. Raises `ExchangeError`."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise refused(
            messages.file_unreadable(
                path_name=path.name, cause_zh=cause_zh(error), strerror=error.strerror
            ),
        ) from error
    if len(data) > limit:
        raise refused(messages.file_too_large(path_name=path.name, limit=limit))
    return data


def refused(text: Text) -> ExchangeError:
    """Return the error that says why something was not accepted."""
    return ExchangeError(messages.submission_rejected(text))
