"""joserfc, another implementation, accepts what we accept and what we make."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwk as other_jwk
from joserfc import jwt as other_jwt

from identity.tokens.algorithms import JwsAlgorithm
from identity.tokens.jose import sign_token, verify_token
from identity.tokens.jwk import read_jwk, show_jwk, thumbprint
from identity.tokens.model import HeaderRules
from tests.identity.tokens.forge import PrivateKey, ec_key, keys, public, rsa_key
from tests.identity.tokens.kinds import KINDS
from tests.identity.tokens.test_vectors import VECTORS

SIGNERS: dict[JwsAlgorithm, Callable[[], PrivateKey]] = {
    JwsAlgorithm.ES256: ec_key,
    JwsAlgorithm.ES384: lambda: ec_key("p384", ec.SECP384R1),
    JwsAlgorithm.ES512: lambda: ec_key("p521", ec.SECP521R1),
    JwsAlgorithm.RS256: rsa_key,
}


def theirs(key: PrivateKey) -> other_jwk.ECKey | other_jwk.RSAKey:
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    kind = other_jwk.ECKey if isinstance(key, ec.EllipticCurvePrivateKey) else other_jwk.RSAKey
    return kind.import_key(pem)


@pytest.mark.parametrize("name", KINDS)
def test_accepted_by_both(name: str) -> None:
    kind = KINDS[name]
    token = kind.token()
    kind.verify(token)
    told = other_jwt.decode(token, theirs(ec_key()), algorithms=["ES256"])
    assert told.claims == kind.claims


@pytest.mark.parametrize("group", VECTORS, ids=lambda group: group["algorithm"])
def test_signatures_that_hold_hold_for_both(group: dict[str, Any]) -> None:
    key = other_jwk.import_key({**group["jwk"], "kid": "k1"})
    for one in group["tests"]:
        if one["valid"]:
            other_jwt.decode(one["token"], key, algorithms=[group["algorithm"]])


@pytest.mark.parametrize("algorithm", SIGNERS)
def test_what_we_sign_is_accepted_by_both(algorithm: JwsAlgorithm) -> None:
    key = SIGNERS[algorithm]()
    claims = {"iss": "信印", "n": 1}
    token = sign_token(claims, key, typ="receipt+jwt", key_id="k2")
    rules = HeaderRules(algorithm, frozenset({"receipt+jwt"}))
    assert verify_token(token, rules, keys(k2=public("k2", key))).claims == claims
    told = other_jwt.decode(token, theirs(key), algorithms=[algorithm.value])
    assert told.claims == claims
    assert told.header == {"typ": "receipt+jwt", "alg": algorithm.value, "kid": "k2"}


@pytest.mark.parametrize("algorithm", SIGNERS)
def test_keys_and_thumbprints_are_theirs_too(algorithm: JwsAlgorithm) -> None:
    key = SIGNERS[algorithm]()
    shown = show_jwk(key.public_key())
    assert theirs(key).as_dict(private=False) == shown
    assert thumbprint(key.public_key()) == theirs(key).thumbprint()
    again = read_jwk(json.loads(json.dumps(shown)))
    assert again.public_key == key.public_key()
