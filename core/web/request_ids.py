"""`X-Request-ID`: the name under which client, proxy and logs speak of one request."""

import re
import secrets

from core.resident_ids import holds_resident_id

HEADER = "X-Request-ID"
_WELL_FORMED = re.compile(rb"[A-Za-z0-9._~+/=:-]{1,128}")
"""UUIDs, ULIDs, trace ids, base64; nothing that could forge a line of a log or a header, and no
e-mail address."""
_TELEPHONE = re.compile(r"(?<![0-9A-Za-z])(?:\+?86-?)?1[3-9][0-9]{9}(?![0-9A-Za-z])")
"""A mobile telephone number by itself (numbering plan of the MIIT): it would name a person."""


def new_request_id() -> str:
    """Return 128 random bits in hex."""
    return secrets.token_hex(16)


def request_id_of(headers: list[tuple[bytes, bytes]]) -> str:
    """Return the id that a request brings where it is well formed and the only one, else a new.

    Since it is logged, one that is a person's number (identity, telephone) is replaced as well.
    """
    brought = [value for name, value in headers if name == b"x-request-id"]
    if len(brought) == 1 and _WELL_FORMED.fullmatch(brought[0]):
        name = brought[0].decode("ascii")
        if not _TELEPHONE.search(name) and not holds_resident_id(name):
            return name
    return new_request_id()
