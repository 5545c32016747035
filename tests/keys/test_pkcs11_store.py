"""Keys on a real token: they sign, stay there, are found again, and survive its absence."""

import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pkcs11
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from pkcs11.constants import TokenFlag

from core.clock import SystemClock
from core.errors import ConfigurationError
from core.ids import KeyId
from keys.algorithms import UnsupportedKeyError
from keys.model import (
    KeyAlgorithm,
    KeyExistsError,
    KeyNotFoundError,
    KeyPurpose,
    KeyUnavailableError,
    Signer,
    WrongPassphraseError,
    WrongPurposeError,
)
from keys.pkcs11_keys import StaysOnTokenError
from keys.pkcs11_module import Module, load_module
from keys.pkcs11_signer import AmbiguousKeyError
from keys.pkcs11_store import HalfKeyError, Pkcs11KeyStore
from keys.pkcs11_uri import parse_token_uri
from tests.softhsm import MODULE, PIN, SoftHsm, SoftToken

ON_TOKENS = (KeyAlgorithm.ECDSA_P256, KeyAlgorithm.ECDSA_P384, KeyAlgorithm.RSA_3072)
K = KeyId("k")


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the library be initialised anew as often as is wanted, so that no test must wait."""
    monkeypatch.setattr("keys.pkcs11_module._RESTART_INTERVAL_S", 0.0)
    monkeypatch.setattr("keys.pkcs11_token._PAUSES", ())


def store(
    token: SoftToken, pin: str = PIN, namespace: str | None = None, asked: list[str] | None = None
) -> Pkcs11KeyStore:
    def read() -> bytes:
        if asked is not None:
            asked.append(pin)
        return pin.encode()

    address = parse_token_uri(token.uri(pin_source=False))
    return Pkcs11KeyStore(address, read, SystemClock(), secrets.token_bytes, namespace)


def verify(signer: Signer, signature: bytes, data: bytes = b"data") -> None:
    public = signer.public_key
    if isinstance(public, rsa.RSAPublicKey):
        public.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
    else:
        assert isinstance(public, ec.EllipticCurvePublicKey)
        digest = hashes.SHA384() if public.key_size == 384 else hashes.SHA256()
        public.verify(signature, data, ec.ECDSA(digest))


@pytest.mark.parametrize("algorithm", ON_TOKENS)
def test_a_key_signs_after_it_was_found_again(token: SoftToken, algorithm: KeyAlgorithm) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    info = store(token).generate(K, KeyPurpose.SEAL, algorithm)
    again = store(token)
    assert again.find(K) == info
    assert again.list_keys() == [info]
    assert (info.key_id, info.purpose, info.algorithm) == (K, KeyPurpose.SEAL, algorithm)
    assert before <= info.created_at <= datetime.now(UTC)
    signer = again.open(K, KeyPurpose.SEAL)
    assert signer.info == info
    verify(signer, signer.sign(b"data"))
    assert again.open(K, KeyPurpose.SEAL) is signer


def test_a_witness_says_that_it_cannot_leave(token: SoftToken, tmp_path: Path) -> None:
    signer_info = store(token).generate(K, KeyPurpose.TSA, KeyAlgorithm.ECDSA_P256)
    listed = token.tool("--list-objects")
    private = listed[listed.index("Private Key Object") :].partition("Public Key Object")[0]
    assert "label:      k" in private
    assert "Usage:      sign\n" in private, "and nothing else"
    for attribute in ("sensitive", "always sensitive", "never extractable", "local"):
        assert attribute in private
    exported = tmp_path / "k"
    token.tool("--read-object", "--type", "privkey", "--label", "k", "--output-file", exported)
    assert not exported.exists() or exported.read_bytes() == b""
    token.tool("--read-object", "--type", "pubkey", "--label", "k", "--output-file", exported)
    assert exported.read_bytes() == signer_info.spki


def test_openssl_believes_the_signature(token: SoftToken, tmp_path: Path) -> None:
    keys = store(token)
    keys.generate(K, KeyPurpose.SEAL, KeyAlgorithm.RSA_3072)
    signer = keys.open(K, KeyPurpose.SEAL)
    for name, content in (
        ("data", b"data"),
        ("signature", signer.sign(b"data")),
        ("key", signer.info.spki),
    ):
        (tmp_path / name).write_bytes(content)
    command: list[str | Path] = [
        "openssl",
        "dgst",
        "-sha256",
        "-keyform",
        "DER",
        "-verify",
        tmp_path / "key",
    ]
    subprocess.run(
        [*command, "-signature", tmp_path / "signature", tmp_path / "data"],
        check=True,
        capture_output=True,
    )


def test_the_facade_signs_and_holds_nothing(token: SoftToken) -> None:
    keys = store(token)
    keys.generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    keys.generate(KeyId("r"), KeyPurpose.SEAL, KeyAlgorithm.RSA_3072)
    curve = keys.open(K, KeyPurpose.SEAL).builder_key()
    assert isinstance(curve, ec.EllipticCurvePrivateKey)
    digest = hashes.Hash(hashes.SHA256())
    digest.update(b"data")
    hashed = digest.finalize()
    signature = curve.sign(hashed, ec.ECDSA(Prehashed(hashes.SHA256())))
    curve.public_key().verify(signature, b"data", ec.ECDSA(hashes.SHA256()))
    with pytest.raises(ValueError, match="length"):
        curve.sign(b"data", ec.ECDSA(Prehashed(hashes.SHA256())))
    with pytest.raises(StaysOnTokenError):
        curve.sign(b"data", ec.ECDSA(hashes.SHA1()))
    with pytest.raises(StaysOnTokenError):
        curve.private_numbers()
    with pytest.raises(StaysOnTokenError):
        curve.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    modular = keys.open(KeyId("r"), KeyPurpose.SEAL).builder_key()
    assert isinstance(modular, rsa.RSAPrivateKey)
    modular.public_key().verify(
        modular.sign(b"data", padding.PKCS1v15(), hashes.SHA512()),
        b"data",
        padding.PKCS1v15(),
        hashes.SHA512(),
    )
    with pytest.raises(StaysOnTokenError):
        modular.sign(b"data", padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    with pytest.raises(StaysOnTokenError):
        modular.private_numbers()
    with pytest.raises(StaysOnTokenError):
        modular.decrypt(b"", padding.PKCS1v15())


@pytest.mark.parametrize("algorithm", [a for a in KeyAlgorithm if a not in ON_TOKENS])
def test_post_quantum_keys_are_refused_plainly(token: SoftToken, algorithm: KeyAlgorithm) -> None:
    with pytest.raises(UnsupportedKeyError, match="P-256, P-384 or RSA-3072"):
        store(token).generate(K, KeyPurpose.SEAL, algorithm)
    assert store(token).list_keys() == []


def test_a_key_serves_its_purpose_only(token: SoftToken) -> None:
    keys = store(token)
    keys.generate(K, KeyPurpose.OCSP, KeyAlgorithm.ECDSA_P256)
    with pytest.raises(WrongPurposeError):
        keys.open(K, KeyPurpose.SEAL)


def test_purpose_and_name_cannot_be_changed(token: SoftToken) -> None:
    keys = store(token)
    keys.generate(K, KeyPurpose.OCSP, KeyAlgorithm.ECDSA_P256)
    for kind in ("privkey", "pubkey"):
        token.tool("--set-id", "00", "--type", kind, "--label", "k")
    assert store(token).find(K).purpose is KeyPurpose.OCSP


def test_a_key_is_never_made_twice(token: SoftToken) -> None:
    info = store(token).generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    with pytest.raises(KeyExistsError):
        store(token).generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    assert store(token).find(K) == info


@pytest.mark.parametrize("name", ["missing", "../k", "K", "", "k@other", "a" * 64])
def test_what_is_not_there_or_no_name_is_not_found(token: SoftToken, name: str) -> None:
    with pytest.raises(KeyNotFoundError):
        store(token).open(KeyId(name), KeyPurpose.SEAL)


def test_homes_on_one_token_do_not_meet(token: SoftToken) -> None:
    first, second = store(token, namespace="one"), store(token, namespace="two")
    made = first.generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    assert second.list_keys() == store(token).list_keys() == []
    other = second.generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    assert first.find(K) == made != other
    second.destroy(K)
    assert first.list_keys() == [made]


def test_keys_of_other_applications_are_not_ours(token: SoftToken) -> None:
    token.tool("--keypairgen", "--key-type", "EC:prime256v1", "--label", "k", "--id", "01")
    assert store(token).list_keys() == []
    with pytest.raises(KeyNotFoundError):
        store(token).find(K)
    store(token).generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    assert [info.key_id for info in store(token).list_keys()] == [K]


def test_a_key_that_could_leave_is_not_used(token: SoftToken) -> None:
    object_id = b"xinyin/seal/20260101T000000Z/00000000".hex()
    token.tool(
        *("--keypairgen", "--key-type", "EC:prime256v1", "--label", "k", "--id", object_id),
        "--extractable",
    )
    with pytest.raises(KeyUnavailableError, match="read out"):
        store(token).open(K, KeyPurpose.SEAL)


def test_two_keys_of_one_name_are_an_error_not_a_guess(token: SoftToken) -> None:
    for last in "01":
        object_id = f"xinyin/seal/20260101T000000Z/0000000{last}".encode().hex()
        token.tool("--keypairgen", "--key-type", "EC:prime256v1", "--label", "k", "--id", object_id)
    for attempt in (
        lambda: store(token).find(K),
        lambda: store(token).open(K, KeyPurpose.SEAL),
        lambda: store(token).list_keys(),
        lambda: store(token).destroy(K),
    ):
        with pytest.raises(AmbiguousKeyError):
            attempt()
    with pytest.raises(KeyExistsError):
        store(token).generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)


def test_what_an_interrupted_generation_left_is_made_anew(token: SoftToken) -> None:
    store(token).generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    token.tool("--delete-object", "--type", "privkey", "--label", "k")
    with pytest.raises(KeyNotFoundError):
        store(token).find(K)
    info = store(token).generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    assert store(token).list_keys() == [info]
    verify(
        store(token).open(K, KeyPurpose.SEAL), store(token).open(K, KeyPurpose.SEAL).sign(b"data")
    )


def test_a_lone_private_key_is_never_thrown_away(token: SoftToken) -> None:
    store(token).generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    token.tool("--delete-object", "--type", "pubkey", "--label", "k")
    with pytest.raises(HalfKeyError):
        store(token).find(K)
    with pytest.raises(HalfKeyError):
        store(token).generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    assert "Private Key Object" in token.tool("--list-objects")


def test_what_is_destroyed_is_gone(token: SoftToken) -> None:
    keys = store(token)
    keys.generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    signer = keys.open(K, KeyPurpose.SEAL)
    keys.destroy(K)
    keys.destroy(K)
    assert "Key Object" not in token.tool("--list-objects")
    with pytest.raises(KeyNotFoundError):
        keys.open(K, KeyPurpose.SEAL)
    with pytest.raises(KeyUnavailableError):
        signer.sign(b"data")


def test_listing_needs_no_pin(token: SoftToken) -> None:
    store(token).generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    asked: list[str] = []
    other = store(token, asked=asked)
    assert len(other.list_keys()) == 1
    assert token.label in other.location
    assert asked == []


def test_a_wrong_pin_is_tried_once(token: SoftToken) -> None:
    asked: list[str] = []
    mistyped = store(token, pin="0000", asked=asked)
    for _ in range(5):
        with pytest.raises(WrongPassphraseError):
            mistyped.find(K)
    assert asked == ["0000"]


@pytest.mark.parametrize("flag", [TokenFlag.USER_PIN_FINAL_TRY, TokenFlag.USER_PIN_LOCKED])
def test_the_last_try_of_a_pin_is_left_to_a_person(
    token: SoftToken, flag: TokenFlag, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SoftHSM2 never locks; the flags are those that PKCS#11 2.40 gives such a token."""
    asked: list[str] = []
    keys = store(token, asked=asked)
    tokens = Module._tokens

    def nearly_locked(module: Module) -> Iterator[object]:
        for one in tokens(module):
            flags = one.flags | flag
            yield SimpleNamespace(
                flags=flags,
                label=one.label,
                serial=one.serial,
                manufacturer_id=one.manufacturer_id,
                model=one.model,
                slot=one.slot,
            )

    monkeypatch.setattr(Module, "_tokens", nearly_locked)
    with pytest.raises(WrongPassphraseError):
        keys.find(K)
    assert asked == []


def test_the_pin_is_asked_for_once(token: SoftToken, patient: None) -> None:
    asked: list[str] = []
    keys = store(token, asked=asked)
    keys.generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    with token.away(), pytest.raises(KeyUnavailableError):
        keys.find(K)
    keys.find(K)
    assert asked == [PIN]


def test_a_token_that_cannot_be_seen_for_a_moment_is_looked_for(token: SoftToken) -> None:
    """As while another process logs in, when SoftHSM2 writes the token's file."""
    store(token).generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    new = store(token)
    SoftToken.noticed()
    with ThreadPoolExecutor(1) as pool:
        with token.away():
            found = pool.submit(new.list_keys)
            time.sleep(0.15)
        assert [info.key_id for info in found.result(5)] == [K]
    with token.away():
        with pytest.raises(KeyUnavailableError):
            new.open(K, KeyPurpose.SEAL)
        begun = time.monotonic()
        for _ in range(3):
            with pytest.raises(KeyUnavailableError):
                new.open(K, KeyPurpose.SEAL)
        assert time.monotonic() - begun < 0.7, "one look for all that ask within a second"


def test_a_signer_works_again_when_the_token_returns(token: SoftToken, patient: None) -> None:
    keys = store(token)
    keys.generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    signer = keys.open(K, KeyPurpose.SEAL)
    with token.away():
        for attempt in (
            lambda: signer.sign(b"data"),
            lambda: keys.find(K),
            lambda: keys.generate(KeyId("new"), KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256),
            lambda: store(token).list_keys(),
            lambda: keys.destroy(K),
            lambda: signer.sign(b"data"),
        ):
            with pytest.raises(KeyUnavailableError):
                attempt()
    verify(signer, signer.sign(b"data"))
    assert [info.key_id for info in keys.list_keys()] == [K]


def test_one_token_away_leaves_the_other_at_work(
    token: SoftToken, softhsm: SoftHsm, patient: None
) -> None:
    other = softhsm.token()
    signers = []
    for one in (token, other):
        keys = store(one)
        keys.generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
        signers.append(keys.open(K, KeyPurpose.SEAL))
    with token.away():
        with pytest.raises(KeyUnavailableError):
            signers[0].sign(b"data")
        verify(signers[1], signers[1].sign(b"data"))
    for signer in signers:
        verify(signer, signer.sign(b"data"))


def test_an_absent_token_is_not_hammered(token: SoftToken, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = store(token)
    keys.generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    module = load_module(MODULE)
    with token.away():
        with pytest.raises(KeyUnavailableError):
            keys.find(K)
        before = module.generation
        for _ in range(3):
            with pytest.raises(KeyUnavailableError):
                keys.find(K)
        assert module.generation == before


def test_a_token_of_the_same_name_with_another_key_is_noticed(
    token: SoftToken, softhsm: SoftHsm, patient: None
) -> None:
    keys = store(token)
    keys.generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    signer = keys.open(K, KeyPurpose.SEAL)
    with token.away():
        impostor = softhsm.token(token.label)
        store(impostor).generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
        with pytest.raises(KeyUnavailableError, match="another key"):
            signer.sign(b"data")
        impostor.remove()
    verify(signer, signer.sign(b"data"))


def test_a_signer_survives_a_lost_session(token: SoftToken, patient: None) -> None:
    keys = store(token)
    keys.generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    signer = keys.open(K, KeyPurpose.SEAL)
    assert keys._token._login is not None
    keys._token._login.session.close()  # which logs out, too
    verify(signer, signer.sign(b"data"))
    pkcs11.lib(str(MODULE)).reinitialize()  # all handles become void
    verify(signer, signer.sign(b"data"))


def test_one_login_serves_all_stores_of_a_process(token: SoftToken, patient: None) -> None:
    first, second = store(token), store(token)
    first.generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    signers = [one.open(K, KeyPurpose.SEAL) for one in (first, second)]
    assert first._token._login is not None
    first._token._login.session.close()
    for signer in reversed(signers):
        verify(signer, signer.sign(b"data"))


def test_threads_sign_at_once(token: SoftToken) -> None:
    keys = store(token)
    for name in ("a", "b", "c"):
        keys.generate(KeyId(name), KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    failures: list[BaseException] = []

    def work(name: str) -> None:
        try:
            signer = keys.open(KeyId(name), KeyPurpose.SEAL)
            for turn in range(50):
                data = f"{name}{turn}".encode()
                verify(signer, signer.sign(data), data)
        except BaseException as error:  # noqa: BLE001  # told by the main thread
            failures.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcabc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def in_a_child(work: Callable[[], bytes]) -> bytes:
    """Run `work` in a forked child and return what it returned."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, work())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        answer = file.read()
    os.waitpid(child, 0)
    return answer


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_signs_with_what_it_inherited(token: SoftToken) -> None:
    keys = store(token)
    keys.generate(K, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    signer = keys.open(K, KeyPurpose.SEAL)
    stop = threading.Event()

    def sign_on() -> None:
        while not stop.is_set():
            signer.sign(b"data")

    busy = threading.Thread(target=sign_on)
    busy.start()
    try:
        for _ in range(3):
            verify(signer, in_a_child(lambda: signer.sign(b"data")))
            verify(signer, in_a_child(lambda: in_a_child(lambda: signer.sign(b"data"))))
    finally:
        stop.set()
        busy.join()
    verify(signer, signer.sign(b"data"))


def test_a_module_that_is_none_is_refused(tmp_path: Path, token: SoftToken) -> None:
    writable, text = tmp_path / "writable.so", tmp_path / "text.so"
    for path in (writable, text):
        path.write_text("no library")
    writable.chmod(0o666)
    for path, said in ((writable, "write"), (text, "no PKCS#11"), (tmp_path / "x", "There is no")):
        address = parse_token_uri(f"pkcs11:?module-path={path}")
        keys = Pkcs11KeyStore(address, PIN.encode, SystemClock(), secrets.token_bytes)
        with pytest.raises(ConfigurationError, match=said):
            keys.list_keys()


def test_a_process_that_starts_without_the_token_says_so(
    token: SoftToken, softhsm: SoftHsm
) -> None:
    program = (
        "from tests.keys.test_pkcs11_store import *;"
        f"token = SoftToken({token.label!r}, Path('/'), Path('/'));"
        "from core.errors import XinyinError\n"
        "try: store(token).find(K)\n"
        "except XinyinError as error: print(error.code)"
    )
    with softhsm.away():
        run = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
        )
    assert run.stdout.strip() == "key_unavailable"
