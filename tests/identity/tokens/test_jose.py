"""The wrapper around python-jose: its slips, its modules, and what it signs with."""

import base64
import json
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, rsa
from jose import exceptions as jose_exceptions
from jose import jws as jose_jws

from core.clock import SystemClock
from core.ids import KeyId
from core.text import Text
from identity.tokens.algorithms import JwsAlgorithm
from identity.tokens.client_assertion import ClientAssertionProfile
from identity.tokens.dpop import DpopProfile, ProvedRequest
from identity.tokens.jose import sign_token, verify_token
from identity.tokens.jwk import Jwk
from identity.tokens.jwks import KeySet
from identity.tokens.making import client_assertion, dpop_proof
from identity.tokens.model import HeaderRules, TrustedIssuer
from identity.tokens.refusals import Refusal, TokenRefusedError
from identity.tokens.replay import InMemoryReplays
from keys.algorithms import UnsupportedKeyError
from keys.model import KeyAlgorithm, KeyPurpose, KeyUnavailableError
from keys.pkcs11_keys import TokenEcKey
from keys.pkcs11_store import Pkcs11KeyStore
from keys.pkcs11_uri import parse_token_uri
from keys.software import SoftwareKeyStore
from tests.identity.tokens.forge import ISSUER, NOW, ec_key, forge, keys, rsa_key
from tests.identity.tokens.kinds import ID, jwk, print_of
from tests.softhsm import PIN, SoftToken

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "slip",
    [
        RecursionError(),
        TypeError("x"),
        OverflowError(),
        ValueError("x"),
        AttributeError("x"),
        KeyError("x"),
        MemoryError(),
        jose_exceptions.JWKError("x"),
        jose_exceptions.JWSError("x"),
    ],
    ids=lambda slip: type(slip).__name__,
)
def test_whatever_python_jose_lets_out_is_a_refusal(
    slip: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slipping(*_: object) -> bytes:
        raise slip

    monkeypatch.setattr(jose_jws, "verify", slipping)
    with pytest.raises(TokenRefusedError) as caught:
        ID.verify(ID.token())
    assert caught.value.reason is Refusal.BAD_SIGNATURE


def test_other_claims_than_those_read_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jose_jws, "verify", lambda *_: b'{"sub":"admin"}')
    with pytest.raises(TokenRefusedError) as caught:
        ID.verify(ID.token())
    assert caught.value.reason is Refusal.BAD_SIGNATURE


def test_claims_are_not_parsed_before_the_signature_holds() -> None:
    token = forge(ID.header, b"not json", ec_key("evil"))
    with pytest.raises(TokenRefusedError) as caught:
        ID.verify(token)
    assert caught.value.reason is Refusal.BAD_SIGNATURE


def test_neither_ecdsa_nor_rsa_nor_pyasn1_is_loaded() -> None:
    """python-jose installs them (CVE-2024-23342 of `ecdsa` among them); nothing uses them."""
    code = """
import sys
from datetime import UTC, datetime
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from identity.tokens import access_token, client_assertion, id_token, logout_token, security_event
from identity.tokens.algorithms import JwsAlgorithm
from identity.tokens.dpop import DpopProfile, ProvedRequest
from identity.tokens.jwks import KeySet
from identity.tokens.making import dpop_proof
from identity.tokens.replay import InMemoryReplays
now = datetime.now(UTC)
for key, algorithm in (
    (ec.generate_private_key(ec.SECP256R1()), JwsAlgorithm.ES256),
    (rsa.generate_private_key(65537, 2048), JwsAlgorithm.RS256),
):
    proof = dpop_proof(key, "GET", "https://a/b", now=now, random=bytes)
    profile = DpopProfile(algorithm, InMemoryReplays())
    profile.verify(proof, ProvedRequest("GET", "https://a/b"), now)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    loaded = set(done.stdout.split())
    assert "jose" in loaded
    assert not loaded & {"ecdsa", "rsa", "pyasn1"}


def test_every_reason_has_words_of_its_own() -> None:
    assert Refusal.BAD_SIGNATURE.value == "bad_signature"
    for language in ("zh", "en"):
        assert len({reason.clause.to(language) for reason in Refusal}) == len(Refusal)
    assert TokenRefusedError(Refusal.EXPIRED).text == Text(
        "身份凭据未被接受：已过期。请重新登录；仍不成功的，请联系管理员。",
        "The token was not accepted: it has expired. Sign in again; if that does not help, ask "
        "your administrator.",
    )


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ('{"sub":"u-17","name":"张三","email":"secret"}', "wrong_issuer"),
        ('{"sub":"u-17","name":"张三","email":"secret"', "not_json"),
        ('{"sub":"u-17","name":"张三","email":"secret\\ud800"}', "bad_text"),
        ('{"sub":"u-17","name":"张三","email":"secret","email":"secret"}', "duplicate_member"),
    ],
)
def test_a_refusal_tells_nothing_of_the_person(claims: str, reason: str) -> None:
    given = forge(ID.header, claims.encode())
    with pytest.raises(TokenRefusedError) as caught:
        ID.verify(given)
    error: BaseException | None = caught.value
    assert caught.value.details == {"reason": reason}
    while error is not None:
        told = f"{error!r} {error} {getattr(error, 'text', '')}"
        assert not [one for one in ("张三", "u-17", "secret", given) if one in told]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


@pytest.mark.parametrize(
    "key",
    [
        "secret",
        b"secret",
        {"kty": "oct", "k": "AAAA"},
        None,
        mldsa.MLDSA44PrivateKey.generate(),
        ec.generate_private_key(ec.SECP256K1()),
        rsa_key(1024),
    ],
    ids=["text", "bytes", "jwk", "none", "ml-dsa", "secp256k1", "rsa-1024"],
)
def test_what_does_not_sign(key: object) -> None:
    with pytest.raises(UnsupportedKeyError):
        sign_token({"a": 1}, key, typ="JWT")  # type: ignore[arg-type]


def test_bytes_are_signed_as_they_are() -> None:
    payload = b'{"b":1,"a":"\xe4\xbf\xa1\xe5\x8d\xb0"}'
    token = sign_token(payload, ec_key(), typ="receipt+jwt", key_id="k1")
    assert token.split(".")[1] == "eyJiIjoxLCJhIjoi5L-h5Y2wIn0"
    rules = HeaderRules(JwsAlgorithm.ES256, frozenset({"receipt+jwt"}))
    assert verify_token(token, rules, keys()).claims == {"a": "信印", "b": 1}


def test_what_is_no_json_is_not_signed() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        sign_token({"a": float("nan")}, ec_key(), typ="JWT")


@pytest.mark.parametrize(
    ("algorithm", "by"),
    [
        (KeyAlgorithm.ECDSA_P256, JwsAlgorithm.ES256),
        (KeyAlgorithm.ECDSA_P384, JwsAlgorithm.ES384),
        (KeyAlgorithm.RSA_3072, JwsAlgorithm.RS256),
    ],
)
def test_keys_in_custody_sign(
    token: SoftToken, tmp_path: Path, algorithm: KeyAlgorithm, by: JwsAlgorithm
) -> None:
    """On a token, where they stay, and in files."""
    address = parse_token_uri(token.uri(pin_source=False))
    on_token = Pkcs11KeyStore(address, PIN.encode, SystemClock(), secrets.token_bytes, None)
    in_files = SoftwareKeyStore(tmp_path / "keys", lambda: b"correct horse battery", SystemClock())
    for store in (on_token, in_files):
        store.generate(KeyId("r"), KeyPurpose.RECEIPT, algorithm)
        signer = store.open(KeyId("r"), KeyPurpose.RECEIPT)
        made = sign_token({"n": 1}, signer, typ="receipt+jwt", key_id="r")
        public_key = signer.public_key
        assert isinstance(public_key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey)
        held = KeySet({"r": Jwk(public_key, key_id="r")})
        rules = HeaderRules(by, frozenset({"receipt+jwt"}))
        assert verify_token(made, rules, held).claims == {"n": 1}


def test_a_key_that_cannot_be_reached_says_so() -> None:
    """Not in python-jose's words: whoever asked may try again."""

    def away(_data: bytes, _mechanism: object) -> bytes:
        raise KeyUnavailableError(Text("令牌不在。", "The token is away."))

    public_key = ec_key().public_key()
    assert isinstance(public_key, ec.EllipticCurvePublicKey)
    with pytest.raises(KeyUnavailableError, match="away"):
        sign_token({"n": 1}, TokenEcKey(public_key, away), typ="JWT")


def test_a_fault_in_signing_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> str:
        raise jose_exceptions.JWSError("x")

    monkeypatch.setattr(jose_jws, "sign", broken)
    with pytest.raises(jose_exceptions.JWSError):
        sign_token({"n": 1}, ec_key(), typ="JWT")


def test_a_header_holds_what_was_asked_for() -> None:
    def header(token: str) -> object:
        head = token.partition(".")[0]
        return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))

    assert header(sign_token({}, ec_key(), typ="x")) == {"alg": "ES256", "typ": "x"}
    shown = header(sign_token({}, ec_key(), typ="x", show_key=True))
    assert shown == {"alg": "ES256", "typ": "x", "jwk": jwk(ec_key())}


def test_proofs_and_assertions_that_we_make() -> None:
    proof = dpop_proof(
        ec_key("client"),
        "POST",
        "https://id.example/token?a=b#c",
        now=NOW,
        random=bytes,
        access_token="a",
        nonce="n",
    )
    request = ProvedRequest(
        "POST", "https://id.example/token", "a", print_of(ec_key("client")), frozenset({"n"})
    )
    told = DpopProfile(JwsAlgorithm.ES256, InMemoryReplays()).verify(proof, request, NOW)
    assert told.thumbprint == print_of(ec_key("client"))
    made = client_assertion(ec_key(), "k1", "batch", ISSUER, now=NOW, random=bytes)
    client = TrustedIssuer("batch", JwsAlgorithm.ES256, keys())
    profile = ClientAssertionProfile(client, ISSUER, InMemoryReplays(), longest=60)
    assert profile.verify(made, NOW).token_id == told.token_id  # 160 bits of the same `random`
    another = client_assertion(ec_key(), "k1", "batch", ISSUER, now=NOW, random=lambda n: b"1" * n)
    assert profile.verify(another, NOW).token_id != told.token_id
