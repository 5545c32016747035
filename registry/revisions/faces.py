"""Digest of what a licence says, which the events of its grant hold: no word of it can be changed
in the table without contradicting the chain.

SHA-256 over canonical JSON with a random salt that stands beside the record and nowhere else: who
has the audit alone cannot try names and codes until one fits, and erasing the record with its salt
leaves a number that means nothing. A key would have to be shared with every verifier instead.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict

from core.canonical import canonical_json
from registry.model import Licence

FACT = "face"
"""Name of the fact."""
REQUEST = "request"
"""Name of the fact that holds a request's digest, in the event of a reservation."""
SIGNER = "signer"
"""Column of the officer who is to sign in person; covered where there is one, so that the digests
of all other licences are what they were."""
OTHERS = ("series_id", "version", "seal_id", "level", "photo_sha256", "salt", SIGNER)
"""Columns that it covers beside those of `Licence`."""


def face_of(licence: Licence, others: Mapping[str, object]) -> str:
    """Return the digest (lower-case hex) of a licence; `others` has the columns `OTHERS`."""
    return digest_of(
        {
            "identifier": licence.identifier,
            "number": licence.number,
            "type_code": licence.type_code,
            "authority_id": licence.authority_id,
            "holders": [asdict(holder) for holder in licence.holders],
            "data": licence.data,
            "granted_on": licence.granted_on.isoformat(),
            "valid_from": licence.valid_from.isoformat(),
            "valid_until": None if licence.valid_until is None else licence.valid_until.isoformat(),
            "link_token": licence.link_token,
            "replaces": licence.replaces,
            "sample": licence.sample,
            **{name: others[name] for name in OTHERS if name != SIGNER},
            **signer_of(others),
        }
    )


def signer_of(others: Mapping[str, object]) -> dict[str, object]:
    """Return the part of a face that says who signs in person; empty where nobody does."""
    return {} if others[SIGNER] is None else {SIGNER: others[SIGNER]}


def request_of(values: Mapping[str, object]) -> str:
    """Return the digest (lower-case hex) of what a licence was asked for under, and with what."""
    return digest_of({name: values[name] for name in ("request_key", "request_digest", "salt")})


def digest_of(values: Mapping[str, object]) -> str:
    """Return the digest of columns by their names; dates as ISO 8601."""
    return hashlib.sha256(canonical_json(values)).hexdigest()
