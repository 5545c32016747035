"""Proofs that a sealed PDF carries, each as a file that other tools read.

For bytes whose digest is on record: they are parsed here, in this process.
"""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader

_STAMP = "signature_time_stamp_token"
_DOCUMENT_TIMESTAMP = "/DocTimeStamp"
_STORES = {"/Certs": ("certificates", "cer"), "/OCSPs": ("validation", "ocsp")} | {
    "/CRLs": ("validation", "crl")
}


@dataclass(frozen=True, slots=True)
class SignatureFile:
    """A signature or document timestamp, and the bytes that it is over."""

    field: str
    file: str
    byte_range: tuple[int, ...]
    """Offset and length, in turns, as /ByteRange has them (ISO 32000-2 12.8.1)."""
    timestamp: str | None
    """File of the timestamp token within the signature (RFC 3161)."""


@dataclass(frozen=True, slots=True)
class ProofFiles:
    """All of them, by name: certificates and revocation data by their SHA-256."""

    files: dict[str, bytes]
    signatures: tuple[SignatureFile, ...]


def proof_files(pdf: bytes) -> ProofFiles:
    """Return the signatures, timestamps and validation data in a PDF that we sealed."""
    reader = PdfFileReader(io.BytesIO(pdf))
    files = dict(_validation_data(reader))
    signatures = []
    for number, found in enumerate(reader.embedded_signatures, 1):
        signed: Any = found.signed_data
        for certificate in signed["certificates"] or ():
            der = certificate.chosen.dump()
            files[f"certificates/{hashlib.sha256(der).hexdigest()}.cer"] = der
        stamped = found.sig_object_type == _DOCUMENT_TIMESTAMP
        name = f"signatures/{number:03d}.{'tst' if stamped else 'p7s'}"
        files[name] = _der(found.pkcs7_content)
        token = None if stamped else _token(signed)
        within = None if token is None else f"signatures/{number:03d}.tst"
        if within is not None and token is not None:
            files[within] = token
        byte_range = tuple(int(value) for value in found.byte_range)
        signatures.append(SignatureFile(found.field_name, name, byte_range, within))
    return ProofFiles(files, tuple(signatures))


def _validation_data(reader: PdfFileReader) -> Iterator[tuple[str, bytes]]:
    store = reader.root["/DSS"] if "/DSS" in reader.root else {}  # noqa: SIM401  # resolves
    for key, (folder, ending) in _STORES.items():
        for one in store[key] if key in store else ():  # noqa: SIM401  # as above
            der: bytes = one.get_object().data
            yield f"{folder}/{hashlib.sha256(der).hexdigest()}.{ending}", der


def _token(signed: Any) -> bytes | None:
    for attribute in signed["signer_infos"][0]["unsigned_attrs"] or ():
        if attribute["type"].native == _STAMP:
            token: bytes = attribute["values"][0].dump()
            return token
    return None


def _der(contents: bytes) -> bytes:
    """Return a DER value without the zeros that fill the place reserved for it."""
    length, octets = contents[1], 2
    if length & 0x80:
        octets += length & 0x7F
        length = int.from_bytes(contents[2:octets], "big")
    return contents[: octets + length]
