"""Whatever comes in: an accepted token or a `TokenRefusedError`, and never anything else."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.tokens.jwks import KeySet
from identity.tokens.refusals import Refusal, TokenRefusedError
from identity.tokens.strict import decode_base64url, encode_base64url, read_object
from tests.identity.tokens.forge import b64, ec_key, forge, segment
from tests.identity.tokens.kinds import KINDS, jwk

TEXT = st.text(max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
COMMON_CLAIMS = ("iss", "aud", "sub", "exp", "iat", "nbf", "jti", "azp", "nonce", "sid", "events")
OTHER_CLAIMS = (
    "auth_time", "acr", "amr", "at_hash", "cnf", "scope", "client_id", "htm", "htu", "ath",
    "sub_id", "toe", "txn",
)  # fmt: skip
HEADER = st.sampled_from(["alg", "typ", "kid", "jwk", "crit", "b64", "x5t", "cty"])
CLAIM = st.sampled_from([*COMMON_CLAIMS, *OTHER_CLAIMS])
KEY = st.sampled_from(["kty", "crv", "x", "y", "n", "e", "kid", "use", "alg", "key_ops"])
NAME = st.sampled_from(list(KINDS))


def judged(name: str, token: str) -> None:
    with suppress(TokenRefusedError):
        KINDS[name].verify(token)


@given(NAME, st.dictionaries(HEADER, JSON), st.dictionaries(CLAIM, JSON))
def test_signed_nonsense(name: str, header: dict[str, object], claims: dict[str, object]) -> None:
    """What a trusted issuer may send: any value in any place."""
    kind = KINDS[name]
    judged(name, forge({**kind.header, **header}, {**kind.claims, **claims}))


@given(NAME, st.binary(max_size=60), st.binary(max_size=60))
def test_signed_noise(name: str, header: bytes, claims: bytes) -> None:
    judged(name, forge(header, KINDS[name].claims))
    judged(name, forge(KINDS[name].header, claims))


@given(NAME, st.integers(0, 2000), st.integers(0, 4), st.text(max_size=4))
def test_tokens_with_a_piece_exchanged(name: str, at: int, gone: int, piece: str) -> None:
    token = KINDS[name].token()
    start = at % (len(token) + 1)
    changed = token[:start] + piece + token[start + gone :]
    if changed == token:
        return
    with pytest.raises(TokenRefusedError):
        KINDS[name].verify(changed)


@given(NAME, st.text())
def test_any_text(name: str, token: str) -> None:
    judged(name, token)
    judged(name, f"{segment(dict(KINDS[name].header))}.{token}.{b64(bytes(64))}")


@given(st.dictionaries(KEY, JSON))
def test_any_key_in_a_set(changed: dict[str, object]) -> None:
    for base in (jwk(ec_key()), {"kty": "RSA", "n": b64(b"\xff" * 256), "e": "AQAB"}):
        with suppress(TokenRefusedError):
            KeySet.read(json.dumps({"keys": [{**base, "kid": "k", **changed}]}).encode())


@given(st.binary(max_size=200))
def test_base64url_has_one_spelling(data: bytes) -> None:
    text = encode_base64url(data)
    assert text == b64(data)
    assert decode_base64url(text) == data


@given(st.text(alphabet="ABCDwxyz0189-_", max_size=12))
def test_what_is_decoded_is_encoded_the_same(text: str) -> None:
    with suppress(TokenRefusedError):
        assert encode_base64url(decode_base64url(text)) == text


@given(st.dictionaries(TEXT, JSON, max_size=4))
def test_json_is_read_as_the_standard_library_reads_it(value: dict[str, object]) -> None:
    data = json.dumps(value).encode()
    with suppress(TokenRefusedError):
        assert read_object(data) == json.loads(data)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":"[[[[[[[[[[[["}',
        '{"a":"\\"[[[[[[[[[[[["}',
        '{"a":"\\\\","b":"[[[[[[[[[["}',
        '{"[[[[[[[[[[":1}',
        '{"a":' + "[" * 7 + "]" * 7 + "}",
        '{"a":[[],[],[],[],[],[],[],[],[],[]]}',
    ],
)
def test_brackets_in_text_and_beside_each_other_are_not_nested(text: str) -> None:
    assert read_object(text.encode()) == json.loads(text)


@pytest.mark.parametrize(
    "text", ['{"a":"' + "[" * 9000, '{"a":"\\', '{"a":"x\n' + "[" * 9000, "[" * 9000 + '"']
)
def test_broken_text_does_not_hide_nesting(text: str) -> None:
    with pytest.raises(TokenRefusedError) as caught:
        read_object(text.encode())
    assert caught.value.reason in {Refusal.NOT_JSON, Refusal.TOO_DEEP}
