"""Software keys: encrypted, for one purpose, opened once."""

import json
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, padding, rsa

from core.clock import SystemClock
from core.errors import ConfigurationError
from core.ids import KeyId
from keys.model import (
    KeyAlgorithm,
    KeyExistsError,
    KeyNotFoundError,
    KeyPurpose,
    WrongPassphraseError,
    WrongPurposeError,
)
from keys.software import SoftwareKeyStore

PASSPHRASE = b"correct horse battery"


def store(directory: Path, passphrase: bytes = PASSPHRASE) -> SoftwareKeyStore:
    return SoftwareKeyStore(directory / "keys", lambda: passphrase, SystemClock())


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_a_key_signs_after_it_was_read_back(tmp_path: Path, algorithm: KeyAlgorithm) -> None:
    info = store(tmp_path).generate(KeyId("k"), KeyPurpose.SEAL, algorithm)
    signer = store(tmp_path).open(KeyId("k"), KeyPurpose.SEAL)
    assert signer.info == info
    signature = signer.sign(b"data")
    public = signer.public_key
    if isinstance(public, ec.EllipticCurvePublicKey):
        digest = hashes.SHA384() if algorithm is KeyAlgorithm.ECDSA_P384 else hashes.SHA256()
        public.verify(signature, b"data", ec.ECDSA(digest))
    elif isinstance(public, rsa.RSAPublicKey):
        public.verify(signature, b"data", padding.PKCS1v15(), hashes.SHA256())
    else:
        assert isinstance(
            public, mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey
        )
        public.verify(signature, b"data")


def test_the_file_is_private_and_holds_no_plain_key(tmp_path: Path) -> None:
    keys = store(tmp_path)
    keys.generate(KeyId("k"), KeyPurpose.TSA, KeyAlgorithm.ECDSA_P256)
    path = tmp_path / "keys" / "k.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in path.read_bytes()
    plain = subprocess.run(
        ["openssl", "pkey", "-in", path, "-passin", f"pass:{PASSPHRASE.decode()}", "-noout"],
        capture_output=True,
        check=False,
    )
    assert plain.returncode != 0, "the passphrase alone, unstretched, must not open it"


def test_a_wrong_passphrase_does_not_open_it(tmp_path: Path) -> None:
    store(tmp_path).generate(KeyId("k"), KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    with pytest.raises(WrongPassphraseError):
        store(tmp_path, b"another passphrase").open(KeyId("k"), KeyPurpose.SEAL)


def test_a_key_serves_its_purpose_only(tmp_path: Path) -> None:
    keys = store(tmp_path)
    keys.generate(KeyId("k"), KeyPurpose.OCSP, KeyAlgorithm.ECDSA_P256)
    with pytest.raises(WrongPurposeError):
        keys.open(KeyId("k"), KeyPurpose.SEAL)


def test_an_edited_purpose_makes_a_key_that_does_not_open(tmp_path: Path) -> None:
    store(tmp_path).generate(KeyId("k"), KeyPurpose.OCSP, KeyAlgorithm.ECDSA_P256)
    path = tmp_path / "keys" / "k.pem"
    head, _, body = path.read_bytes().partition(b"\n\n")
    fields = json.loads(head) | {"purpose": "seal"}
    path.write_bytes(json.dumps(fields).encode() + b"\n\n" + body)
    with pytest.raises(WrongPassphraseError):
        store(tmp_path).open(KeyId("k"), KeyPurpose.SEAL)


def test_a_renamed_file_makes_a_key_that_does_not_open(tmp_path: Path) -> None:
    store(tmp_path).generate(KeyId("a"), KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    (tmp_path / "keys" / "a.pem").rename(tmp_path / "keys" / "b.pem")
    with pytest.raises(WrongPassphraseError):
        store(tmp_path).open(KeyId("b"), KeyPurpose.SEAL)


@pytest.mark.parametrize("content", [b"", b"{}\n\n", b"[]\n\nx", b"\xff\xfe\n\n", b"{"])
def test_a_damaged_file_is_said_to_be_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "k.pem").write_bytes(content)
    with pytest.raises(WrongPassphraseError):
        store(tmp_path).find(KeyId("k"))


def test_a_key_is_opened_once_per_process(tmp_path: Path) -> None:
    keys = store(tmp_path)
    keys.generate(KeyId("k"), KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    assert keys.open(KeyId("k"), KeyPurpose.SEAL) is keys.open(KeyId("k"), KeyPurpose.SEAL)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    keys = store(tmp_path)
    keys.generate(KeyId("k"), KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    before = (tmp_path / "keys" / "k.pem").read_bytes()
    with pytest.raises(KeyExistsError):
        keys.generate(KeyId("k"), KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    assert (tmp_path / "keys" / "k.pem").read_bytes() == before


@pytest.mark.parametrize("name", ["missing", "../k", "K", "", "a" * 64])
def test_what_is_not_there_or_no_name_is_not_found(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyNotFoundError):
        store(tmp_path).open(KeyId(name), KeyPurpose.SEAL)


def test_a_short_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="too short"):
        store(tmp_path, b"short").generate(KeyId("k"), KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)


def test_keys_of_one_store_share_their_passphrase(tmp_path: Path) -> None:
    store(tmp_path).generate(KeyId("a"), KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    mistyped = store(tmp_path, b"correct horse batterz")
    with pytest.raises(WrongPassphraseError):
        mistyped.generate(KeyId("b"), KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    assert [info.key_id for info in store(tmp_path).list_keys()] == ["a"]


def test_a_signer_says_nothing_of_its_key(tmp_path: Path) -> None:
    keys = store(tmp_path)
    keys.generate(KeyId("k"), KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    assert repr(keys.open(KeyId("k"), KeyPurpose.SEAL)) == "<SoftwareSigner k for seal>"
