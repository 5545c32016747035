"""Signed trust lists for tests, and a folder of a home that holds one."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.text import Text
from keys.algorithms import sign_with
from signing.trust.anchors import Anchor, AnchorKind
from signing.trust.list_file import FOLDER, LIST, SIGNERS
from signing.trust.lists import SignedTrustList, TrustList, in_order, statement
from tests.signing.material import NOW, pki

KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
LIST_NAME = "青云省互认机构名录"


def entry(certificate: bytes | None = None, **more: object) -> Anchor:
    """Return a government's CA; the certificate is the root of the tests' PKI."""
    values: dict[str, object] = {
        "certificate": certificate or pki().root.der,
        "name": Text("邻省电子政务根证书", "Root CA of the neighbouring province"),
        "list_name": LIST_NAME,
        "kind": AnchorKind.GOVERNMENT,
    }
    return Anchor(**(values | more))  # type: ignore[arg-type]


def a_list(
    *entries: Anchor,
    version: int = 1,
    issued_at: datetime = NOW - timedelta(days=1),
    next_update: datetime = NOW + timedelta(days=90),
) -> TrustList:
    return TrustList(version, issued_at, next_update, in_order(entries))


def signed(
    content: TrustList, key: ec.EllipticCurvePrivateKey = KEY, name: str = "trust-list-1"
) -> SignedTrustList:
    return SignedTrustList(content, name, sign_with(key, statement(content, name)))


def pem(*keys: ec.EllipticCurvePrivateKey) -> bytes:
    return b"".join(
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        for key in keys
    )


def publish(
    home: Path,
    content: TrustList | None,
    *,
    signer: ec.EllipticCurvePrivateKey = KEY,
    pinned: Iterable[ec.EllipticCurvePrivateKey] = (KEY,),
) -> Path:
    """Write list and pins into a home; return the folder."""
    folder = home / FOLDER
    folder.mkdir(exist_ok=True)
    if content is not None:
        (folder / LIST).write_bytes(signed(content, signer).encode())
    (folder / SIGNERS).write_bytes(pem(*pinned))
    return folder
