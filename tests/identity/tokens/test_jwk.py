"""Public keys as JSON, and the sets in which issuers publish them."""

import base64
import json
from collections.abc import Mapping

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from identity.tokens.algorithms import JwsAlgorithm, is_strong
from identity.tokens.jwk import read_jwk
from identity.tokens.jwks import MAX_KEYS, KeySet
from identity.tokens.refusals import Refusal, TokenRefusedError
from tests.identity.tokens.forge import b64, ec_key, rsa_key
from tests.identity.tokens.kinds import jwk

R = Refusal
EC = jwk(ec_key())
OKP = {"kty": "OKP", "crv": "Ed25519", "x": b64(bytes(32))}


def of_rsa(bits: int = 2048, exponent: int = 65537) -> dict[str, object]:
    numbers = rsa_key(bits, exponent).public_key().public_numbers()
    assert isinstance(numbers, rsa.RSAPublicNumbers)
    n, e = (
        b64(number.to_bytes((number.bit_length() + 7) // 8, "big"))
        for number in (numbers.n, numbers.e)
    )
    return {"kty": "RSA", "n": n, "e": e}


def refusal_of(value: Mapping[str, object]) -> R:
    with pytest.raises(TokenRefusedError) as caught:
        read_jwk(value)
    return caught.value.reason


def test_what_is_said_of_a_key() -> None:
    key = read_jwk(
        {**EC, "kid": "k", "use": "sig", "alg": "ES256", "key_ops": ["verify"], "x": EC["x"]}
    )
    assert (key.key_id, key.use, key.algorithm) == ("k", "sig", "ES256")
    assert key.operations == frozenset({"verify"})
    assert key.public_key == ec_key().public_key()
    assert read_jwk(of_rsa()).public_key == rsa_key().public_key()


RSA = of_rsa()


def padded(name: str) -> str:
    """Return a coordinate with a zero octet before it."""
    return b64(b"\0" + base64.urlsafe_b64decode(str(EC[name]) + "="))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({**EC, "kty": "ec"}, R.WRONG_KEY_TYPE),
        ({**EC, "kty": ["EC"]}, R.WRONG_KEY_TYPE),
        ({**EC, "crv": "secp256k1"}, R.WRONG_KEY_TYPE),
        ({**EC, "crv": "P-384"}, R.BAD_KEY),
        ({**EC, "crv": ["P-256"]}, R.BAD_KEY),
        ({**EC, "x": 1}, R.BAD_KEY),
        ({**EC, "x": str(EC["x"])[:-1] + "B"}, R.NOT_CANONICAL_BASE64URL),
        ({**EC, "x": b64(bytes(32)), "y": b64(bytes(32))}, R.BAD_KEY),
        ({**EC, "x": b64(b"\xff" * 32)}, R.BAD_KEY),
        ({**EC, "x": padded("x")}, R.BAD_KEY),
        ({**EC, "y": padded("y")}, R.BAD_KEY),
        ({**EC, "kid": 1}, R.BAD_KEY),
        ({**EC, "use": None}, R.BAD_KEY),
        ({**EC, "key_ops": "verify"}, R.BAD_KEY),
        ({**EC, "key_ops": ["verify", 1]}, R.BAD_KEY),
        ({**EC, "d": None}, R.PRIVATE_KEY),
        ({**RSA, "p": "AA"}, R.PRIVATE_KEY),
        ({"kty": "RSA", "n": RSA["n"]}, R.BAD_KEY),
        ({**RSA, "e": ""}, R.BAD_KEY),
        ({**RSA, "n": ""}, R.BAD_KEY),
        ({**RSA, "e": b64(b"\0\1\0\1")}, R.BAD_KEY),
        ({**RSA, "e": b64(b"\1\0\0")}, R.BAD_KEY),
        ({**RSA, "n": b64(b"\xff" * 1025)}, R.WEAK_KEY),
        ({**RSA, "e": b64(b"\xff" * 1025)}, R.WEAK_KEY),
        ({**RSA, "e": b64(b"\xff" * 300)}, R.BAD_KEY),
        ({**RSA, "n": "AQ"}, R.BAD_KEY),
    ],
)
def test_what_is_no_public_key(value: Mapping[str, object], reason: R) -> None:
    assert refusal_of(value) is reason


@pytest.mark.parametrize(
    ("bits", "exponent", "strong"),
    [(2048, 65537, True), (2047, 65537, False), (2048, 3, False)],
)
def test_strength_of_rsa(bits: int, exponent: int, strong: bool) -> None:  # noqa: FBT001
    key = rsa_key(bits, exponent).public_key()
    assert is_strong(key) is strong


def test_rsa_of_8192_bits_is_not_too_long() -> None:
    key = read_jwk({**RSA, "n": b64(b"\xff" * 1024)})
    key.check(JwsAlgorithm.RS256)


def test_a_longer_curve_does_not_do() -> None:
    """python-jose takes P-384 and P-521 under ES256."""
    fits = {
        (algorithm, curve.name)
        for algorithm in JwsAlgorithm
        for curve in (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1())
        if algorithm.takes(ec_key(curve.name, type(curve)).public_key())
    }
    assert fits == {
        (JwsAlgorithm.ES256, "secp256r1"),
        (JwsAlgorithm.ES384, "secp384r1"),
        (JwsAlgorithm.ES512, "secp521r1"),
    }
    assert [one for one in JwsAlgorithm if one.takes(rsa_key().public_key())] == [
        JwsAlgorithm.RS256,
        JwsAlgorithm.RS384,
        JwsAlgorithm.RS512,
    ]


def read(*keys: object, **more: object) -> KeySet:
    return KeySet.read(json.dumps({"keys": keys, **more}).encode())


def test_keys_of_no_use_are_left_out() -> None:
    held = read(
        {**EC, "kid": "sig", "use": "sig"},
        {**RSA, "kid": "any"},
        {**EC, "kid": "enc", "use": "enc"},
        {**OKP, "kid": "okp"},
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA", "kid": "akp"},
        {"kid": "nothing"},
        {**EC, "kid": "bent", "y": b64(bytes(32))},
        EC,
        more="ignored",
    )
    assert set(held.keys) == {"sig", "any"}
    assert held.find("any").public_key == rsa_key().public_key()
    with pytest.raises(TokenRefusedError) as caught:
        held.find("enc")
    assert caught.value.reason is R.UNKNOWN_KEY


def test_one_id_for_two_keys_that_are_no_rivals() -> None:
    """RFC 7517 4.5 lets ids be shared; what we do not use does not count."""
    held = read({**OKP, "kid": "k"}, {**EC, "kid": "k"}, {**RSA, "kid": "k", "use": "enc"})
    assert held.find("k").public_key == ec_key().public_key()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", R.NOT_JSON),
        (b"<html>", R.NOT_JSON),
        (b"[]", R.NOT_AN_OBJECT),
        (b"{}", R.BAD_KEY),
        (b'{"keys":{}}', R.BAD_KEY),
        (b'{"keys":["k"]}', R.BAD_KEY),
        (b'{"keys":[],"keys":[]}', R.DUPLICATE_MEMBER),
        (
            json.dumps({"keys": [{**EC, "kid": "k"}, {**RSA, "kid": "k"}]}).encode(),
            R.DUPLICATE_MEMBER,
        ),
        (json.dumps({"keys": [{**EC, "kid": "k", "d": "AA"}]}).encode(), R.PRIVATE_KEY),
        (json.dumps({"keys": [{**OKP, "d": "AA"}]}).encode(), R.PRIVATE_KEY),
        (json.dumps({"keys": [{"kty": "oct", "k": "AA"}]}).encode(), R.PRIVATE_KEY),
        (json.dumps({"keys": [{"kty": "AKP", "priv": "AA"}]}).encode(), R.PRIVATE_KEY),
        (json.dumps({"keys": [{**EC, "use": "enc", "d": "AA"}]}).encode(), R.PRIVATE_KEY),
        (json.dumps({"keys": [OKP] * (MAX_KEYS + 1)}).encode(), R.BAD_KEY),
    ],
)
def test_what_is_no_key_set(data: bytes, reason: R) -> None:
    with pytest.raises(TokenRefusedError) as caught:
        KeySet.read(data)
    assert caught.value.reason is reason


def test_a_set_may_be_full_and_empty() -> None:
    assert read(*[OKP] * MAX_KEYS).keys == {}
    assert read().keys == {}
