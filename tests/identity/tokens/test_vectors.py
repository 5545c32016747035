"""Signatures made by node's crypto, good and bad, and known answers of the RFCs."""

import json
from pathlib import Path
from typing import Any

import pytest

from identity.tokens.algorithms import JwsAlgorithm
from identity.tokens.dpop import token_digest
from identity.tokens.jose import verify_token
from identity.tokens.jwk import read_jwk
from identity.tokens.jwks import KeySet
from identity.tokens.model import HeaderRules
from identity.tokens.refusals import Refusal, TokenRefusedError

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text("utf-8"))["groups"]


def judge(group: dict[str, Any], token: str) -> None:
    keys = KeySet.read(json.dumps({"keys": [{**group["jwk"], "kid": "k1"}]}).encode())
    verify_token(token, HeaderRules(JwsAlgorithm(group["algorithm"]), frozenset({None})), keys)


@pytest.mark.parametrize("group", VECTORS, ids=lambda group: group["algorithm"])
def test_signatures_as_node_makes_and_breaks_them(group: dict[str, Any]) -> None:
    held = {one["comment"]: one for one in group["tests"] if one["valid"]}
    assert len(held) >= 3
    assert len(group["tests"]) - len(held) >= 20
    for one in group["tests"]:
        if one["valid"]:
            judge(group, one["token"])
            continue
        with pytest.raises(TokenRefusedError) as caught:
            judge(group, one["token"])
        assert caught.value.reason is Refusal.BAD_SIGNATURE, one["comment"]


def test_there_is_a_group_for_each_algorithm() -> None:
    assert {group["algorithm"] for group in VECTORS} == {one.value for one in JwsAlgorithm}


RFC_7638_N = (
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWK"
    "RXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMic"
    "AtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3"
    "XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
)


def test_thumbprints_of_the_rfcs() -> None:
    of_rsa = {"kty": "RSA", "n": RFC_7638_N, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}
    assert read_jwk(of_rsa).thumbprint == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    of_rfc_9449 = {
        "kty": "EC",
        "crv": "P-256",
        "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
    }
    assert read_jwk(of_rfc_9449).thumbprint == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


def test_digest_of_an_access_token_as_rfc_9449_has_it() -> None:
    token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
    assert token_digest(token) == "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"
