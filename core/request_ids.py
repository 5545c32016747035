"""`X-Request-ID`: the name under which client, proxy and logs speak of one request."""

import re
import secrets

HEADER = "X-Request-ID"
_WELL_FORMED = re.compile(rb"[A-Za-z0-9._~+/=:@-]{1,128}")
"""UUIDs, ULIDs, trace ids, base64; nothing that could forge a line of a log or a header."""


def new_request_id() -> str:
    """Return 128 random bits in hex."""
    return secrets.token_hex(16)


def request_id_of(headers: list[tuple[bytes, bytes]]) -> str:
    """Return the id that a request brings where it is well formed and the only one, else a new."""
    brought = [value for name, value in headers if name == b"x-request-id"]
    if len(brought) == 1 and _WELL_FORMED.fullmatch(brought[0]):
        return brought[0].decode("ascii")
    return new_request_id()
