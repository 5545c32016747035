"""A system that grants a licence by the issuing API; needs Python 3.11 and `cryptography` alone.

    python grant_licence.py --api URL --issuer URL --client-id ID --client-key FILE --key-id KID \\
        --type CODE --record FILE.json --idempotency-key KEY --out FILE.pdf

It proves itself to the identity provider by its key (`private_key_jwt`, RFC 7523), gets a token
bound to a key that it makes for this run (DPoP, RFC 9449), and grants. Run again with the same
key, it gets the same licence: nothing is granted twice. Where the licence type wants a second
person, it asks, and says which request to approve.
"""

import argparse
import hashlib
import json
import secrets
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from base64 import urlsafe_b64encode
from http import HTTPStatus
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

TIMEOUT = 30
LARGEST_ANSWER = 33_554_432
GRANTED = (HTTPStatus.OK, HTTPStatus.CREATED)
"""Now, or by an earlier run."""


def base64url(data: bytes) -> str:
    """Return base64url without padding (RFC 7515 2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(header: dict[str, Any], claims: dict[str, Any], key: ec.EllipticCurvePrivateKey) -> str:
    """Return a JWS in compact form by ES256 (RFC 7515 7.1, RFC 7518 3.4)."""
    parts = [base64url(json.dumps(part).encode()) for part in ({"alg": "ES256", **header}, claims)]
    signature = key.sign(".".join(parts).encode(), ec.ECDSA(hashes.SHA256()))
    r, s = decode_dss_signature(signature)
    return ".".join([*parts, base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))])


def fetch(
    method: str, address: str, headers: dict[str, str] | None = None, body: bytes | None = None
) -> tuple[int, bytes]:
    """Send a request; return status and body, of errors too."""
    if not address.startswith(("https://", "http://127.0.0.1:")):
        raise SystemExit(f"{address} is not reached over TLS.")
    request = urllib.request.Request(address, body, headers or {}, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            return answer.status, answer.read(LARGEST_ANSWER)
    except urllib.error.HTTPError as error:
        return error.code, error.read(LARGEST_ANSWER)


class Caller:
    """A client of the issuing API with a token bound to a key of this run."""

    def __init__(self, api: str, issuer: str) -> None:
        self.api, self.issuer = api.rstrip("/"), issuer.rstrip("/")
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.token = ""

    def sign_in(self, client_id: str, key: ec.EllipticCurvePrivateKey, key_id: str) -> None:
        """Get a token from the provider (RFC 6749 4.4)."""
        well_known = f"{self.issuer}/.well-known/openid-configuration"
        metadata = json.loads(fetch("GET", well_known)[1])
        if metadata["issuer"].rstrip("/") != self.issuer:
            raise SystemExit("The provider says that it is another one.")
        now = int(time.time())
        assertion = {
            "iss": client_id,
            "sub": client_id,
            "aud": metadata["issuer"],
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_urlsafe(16),
        }
        form = {
            "grant_type": "client_credentials",
            "scope": "issuing",
            "resource": self.api,
            "client_id": client_id,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": signed({"typ": "JWT", "kid": key_id}, assertion, key),
        }
        address = metadata["token_endpoint"]
        headers = {"DPoP": self.proof("POST", address), "Accept": "application/json"}
        body = urllib.parse.urlencode(form).encode()
        status, answer = fetch("POST", address, headers, body)
        if status != HTTPStatus.OK:
            raise SystemExit(f"The provider gave no token: {answer.decode(errors='replace')}")
        self.token = json.loads(answer)["access_token"]

    def proof(self, method: str, address: str) -> str:
        """Return a proof of the key for one request (RFC 9449 4.2)."""
        numbers = self.key.public_key().public_numbers()
        x, y = (base64url(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        header = {"typ": "dpop+jwt", "jwk": {"kty": "EC", "crv": "P-256", "x": x, "y": y}}
        claims: dict[str, Any] = {
            "htm": method,
            "htu": address.partition("?")[0],
            "iat": int(time.time()),
            "jti": secrets.token_urlsafe(16),
        }
        if self.token:
            claims["ath"] = base64url(hashlib.sha256(self.token.encode()).digest())
        return signed(header, claims, self.key)

    def ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, idempotency_key: str = ""
    ) -> tuple[int, bytes]:
        """Send a request with the token and a new proof."""
        address = f"{self.api}/issuing/v1{path}"
        headers = {
            "Authorization": f"DPoP {self.token}",
            "DPoP": self.proof(method, address),
            "Content-Type": "application/json",
        }
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        data = None if body is None else json.dumps(body).encode()
        return fetch(method, address, headers, data)


def main() -> None:
    """Grant one licence, or ask for it."""
    parser = argparse.ArgumentParser(description="Grant a licence by the issuing API.")
    for name in ("api", "issuer", "client-id", "client-key", "key-id", "type", "record"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--idempotency-key", required=True, help="your own number of the case")
    parser.add_argument("--basis", default="", help="the decision that the licence rests on")
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args()
    key = serialization.load_pem_private_key(Path(arguments.client_key).read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SystemExit("The client's key must be a P-256 key.")
    caller = Caller(arguments.api, arguments.issuer)
    caller.sign_in(arguments.client_id, key, arguments.key_id)
    record = json.loads(Path(arguments.record).read_text("utf-8"))
    body = {"type": arguments.type, "record": record}
    if arguments.basis:
        body["basis"] = arguments.basis
    status, answer = caller.ask("POST", "/licences", body, arguments.idempotency_key)
    if (
        status == HTTPStatus.FORBIDDEN
        and json.loads(answer).get("code") == "second_person_required"
    ):
        status, answer = caller.ask("POST", "/requests", body, arguments.idempotency_key)
        if status in GRANTED:
            sys.stdout.write(json.dumps({"request": json.loads(answer)["id"]}) + "\n")
            return
    if status not in GRANTED:
        raise SystemExit(answer.decode(errors="replace"))  # problem+json: `code` says which
    licence = json.loads(answer)
    status, pdf = caller.ask("GET", f"/licences/{licence['identifier']}/document")
    digest = hashlib.sha256(pdf).hexdigest()
    if status != HTTPStatus.OK or digest != licence["sha256"]:
        raise SystemExit("The document did not come whole; run this again.")
    arguments.out.write_bytes(pdf)
    sys.stdout.write(json.dumps({"identifier": licence["identifier"], "sha256": digest}) + "\n")


if __name__ == "__main__":
    main()
