"""The attack table: each token is good but for one thing, and refused for that very thing."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from identity.tokens.model import TrustedIssuer
from identity.tokens.refusals import Refusal, TokenRefusedError
from tests.identity.tokens.forge import (
    CLIENT,
    ISSUER,
    NOW,
    RESOURCE,
    T,
    b64,
    digest,
    ec_key,
    forge,
    hmac_token,
    issuer,
    keys,
    part,
    public,
    rsa_key,
    without,
)
from tests.identity.tokens.kinds import (
    ACCESS,
    ASSERTION,
    EVENT,
    ID,
    LOGOUT,
    OUT,
    PROOF,
    Kind,
    asked,
    holding,
    jwk,
    print_of,
    proved,
)

R = Refusal
TABLE: list[ParameterSet] = []
SEEN: set[R] = set()


def row(
    name: str,
    refusal: R,
    token: Callable[[], str],
    kind: Kind = ID,
    trusted: Callable[[], TrustedIssuer] = issuer,
) -> None:
    """Put a row into the table; tokens and keys are made when it is its turn."""
    SEEN.add(refusal)
    TABLE.append(pytest.param(token, refusal, kind, trusted, id=name))


def head(**changed: object) -> Callable[[], str]:
    """Make an ID token with another header."""
    return lambda: ID.token(header=changed)


def claim(kind: Kind, *gone: str, **changed: Any) -> Callable[[], str]:
    """Make a token with other claims."""
    return lambda: kind.token(*gone, **changed)


def text(kind: Kind, claims: str | bytes) -> Callable[[], str]:
    """Make a token with claims in these very characters."""
    return lambda: forge(kind.header, claims.encode() if isinstance(claims, str) else claims)


def pem() -> bytes:
    return ec_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def der() -> bytes:
    return ec_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


GOOD = json.dumps(dict(ID.claims))
HS = {**ID.header, "alg": "HS256"}

# The form.
row("empty", R.NOT_COMPACT, str)
row("two-parts", R.NOT_COMPACT, lambda: ID.token().rpartition(".")[0])
row("four-parts", R.NOT_COMPACT, lambda: ID.token() + ".")
row("five-parts-as-jwe", R.NOT_COMPACT, lambda: ID.token() + ".AAAA.AAAA")
row("json-serialisation", R.NOT_COMPACT, lambda: json.dumps({"payload": "e30", "signatures": []}))
row("three-empty-parts", R.NOT_JSON, lambda: "..")
row("one-megabyte", R.TOO_LONG, claim(ID, x="y" * 1_048_576))
row("17-kilobytes", R.TOO_LONG, claim(ID, x="y" * 13_000))
row("long-claims", R.TOO_LONG, lambda: ID.token(x="y" * (10 * 1024 - 100)))
row("long-header", R.TOO_LONG, head(x="y" * 2048))
row("padding", R.NOT_BASE64URL, lambda: ID.token() + "==")
row("padding-in-header", R.NOT_BASE64URL, lambda: forge(b64(b'{"alg":"ES256"}') + "=", ID.claims))
row("newline-at-end", R.NOT_BASE64URL, lambda: ID.token() + "\n")
row("space-before", R.NOT_BASE64URL, lambda: " " + ID.token())
row("junk-in-signature", R.NOT_BASE64URL, lambda: ID.token()[:-9] + "!" + ID.token()[-9:])
row("standard-alphabet", R.NOT_BASE64URL, lambda: ID.token()[:-4] + "+/+/")
row("one-character-over", R.NOT_BASE64URL, lambda: part(ID.token(), 2, "A" * 85))
row("full-width-letter", R.NOT_BASE64URL, lambda: part(ID.token(), 2, "Ａ" * 86))
row("lone-surrogate", R.NOT_BASE64URL, lambda: part(ID.token(), 2, "\ud800" * 86))
row("spare-bits", R.NOT_CANONICAL_BASE64URL, lambda: part(ID.token(), 2, "A" * 85 + "B"))
row("header-no-json", R.NOT_JSON, lambda: forge(b"{alg:ES256}", ID.claims))
row("header-with-bom", R.NOT_JSON, lambda: forge(b"\xef\xbb\xbf{}", ID.claims))
row("header-no-utf-8", R.NOT_JSON, lambda: forge(b'{"alg":"\xff"}', ID.claims))
row("header-a-list", R.NOT_AN_OBJECT, lambda: forge([["alg", "ES256"]], ID.claims))
row("claims-a-text", R.NOT_AN_OBJECT, lambda: forge(ID.header, b'"claims"'))
row("claims-utf-16", R.NOT_JSON, lambda: forge(ID.header, GOOD.encode("utf-16")))
row("claims-with-tail", R.NOT_JSON, text(ID, GOOD + "{}"))
row("claims-empty", R.NOT_JSON, text(ID, ""))
row("integer-of-5000-digits", R.NOT_JSON, text(ID, GOOD[:-1] + ',"x":' + "9" * 5000 + "}"))
row("algorithm-twice", R.DUPLICATE_MEMBER, lambda: forge(
    b'{"alg":"none","kid":"k1","alg":"ES256"}', ID.claims))  # fmt: skip
row("subject-twice", R.DUPLICATE_MEMBER, text(ID, GOOD[:-1] + ',"sub":"u-1"}'))
row("subject-twice-escaped", R.DUPLICATE_MEMBER, text(ID, GOOD[:-1] + ',"s\\u0075b":"u-1"}'))
row("member-twice-within", R.DUPLICATE_MEMBER, text(ID, GOOD[:-1] + ',"x":[{"a":1,"a":2}]}'))
row("nested-9-deep", R.TOO_DEEP, text(ID, GOOD[:-1] + ',"x":' + "[" * 8 + "]" * 8 + "}"))
row(
    "nested-9-deep-after-siblings",
    R.TOO_DEEP,
    text(ID, GOOD[:-1] + ',"w":[[],[],[],[]],"x":' + "[" * 8 + "]" * 8 + "}"),
)
row("nested-6000-deep", R.TOO_DEEP, text(ID, GOOD[:-1] + ',"x":' + "[" * 6000))
row("header-nested-deep", R.TOO_DEEP, lambda: forge(b'{"a":' * 300, ID.claims))
row("not-a-number", R.BAD_NUMBER, text(ID, GOOD[:-1] + ',"x":NaN}'))
row("infinity", R.BAD_NUMBER, text(ID, GOOD[:-1] + ',"exp2":-Infinity}'))
row("beyond-floats", R.BAD_NUMBER, text(ID, GOOD[:-1] + ',"x":1e999}'))
row("half-a-character", R.BAD_TEXT, text(ID, GOOD[:-1] + ',"x":{"y":["\\ud83d"]}}'))
row("half-a-character-as-name", R.BAD_TEXT, text(ID, GOOD[:-1] + ',"\\uDE00":1}'))

# The header.
for bad in (
    "none",
    "None",
    "nOnE",
    "",
    "HS256",
    "ES384",
    "ES256K",
    "RS256",
    "PS256",
    "EdDSA",
    "es256",
):
    row(f"algorithm-{bad or 'empty'}", R.WRONG_ALGORITHM, head(alg=bad))
row(
    "algorithm-none-unsigned",
    R.WRONG_ALGORITHM,
    lambda: part(ID.token(header={"alg": "none"}), 2, ""),
)
row("no-algorithm", R.NO_ALGORITHM, claim(ID, "alg"))
row("algorithm-a-list", R.NO_ALGORITHM, head(alg=["ES256"]))
row("algorithm-null", R.NO_ALGORITHM, head(alg=None))
row("hmac-with-pem-of-public-key", R.WRONG_ALGORITHM, lambda: hmac_token(HS, ID.claims, pem()))
row("hmac-with-der-of-public-key", R.WRONG_ALGORITHM, lambda: hmac_token(HS, ID.claims, der()))
row("hmac-with-empty-key", R.WRONG_ALGORITHM, lambda: hmac_token(HS, ID.claims, b""))
row("unknown-critical", R.CRITICAL_HEADER, head(crit=["x"], x=1))
row("critical-expiry", R.CRITICAL_HEADER, head(crit=["exp"], exp=T + 9))
row("critical-empty", R.CRITICAL_HEADER, head(crit=[]))
row("unencoded-payload", R.UNENCODED_PAYLOAD, head(b64=False))
row("key-by-address", R.KEY_ADDRESS, head(jku="https://evil.example/jwks"))
row("key-brought-along", R.KEY_IN_HEADER, lambda: forge(
    {**ID.header, "jwk": jwk(ec_key("evil"))}, ID.claims, ec_key("evil")))  # fmt: skip
row("certificate-by-address", R.CERTIFICATE_ADDRESS, head(x5u="https://evil.example/c"))
row("certificate-brought-along", R.CERTIFICATE_IN_HEADER, head(x5c=["MIIB"]))
row("compressed", R.COMPRESSED, head(zip="DEF"))
row("encrypted", R.ENCRYPTED, head(enc="A256GCM"))
for typ in ("at+jwt", "logout+jwt", "dpop+jwt", "secevent+jwt", "JOSE", "", "text/jwt"):
    row(f"id-token-typed-{typ or 'empty'}", R.WRONG_TYPE, head(typ=typ))
row("type-null", R.WRONG_TYPE, head(typ=None))
row("type-a-list", R.WRONG_TYPE, head(typ=["JWT"]))
row("access-token-untyped", R.WRONG_TYPE, claim(ACCESS, "typ"), ACCESS)
row("access-token-typed-jwt", R.WRONG_TYPE, lambda: ACCESS.token(header={"typ": "JWT"}), ACCESS)
row("logout-token-typed-jwt", R.WRONG_TYPE, lambda: OUT.token(header={"typ": "JWT"}), OUT)
row("event-untyped", R.WRONG_TYPE, claim(EVENT, "typ"), EVENT)
row("proof-untyped", R.WRONG_TYPE, claim(PROOF, "typ"), PROOF)
row(
    "assertion-typed-at+jwt",
    R.WRONG_TYPE,
    lambda: ASSERTION.token(header={"typ": "at+jwt"}),
    ASSERTION,
)
row("id-token-as-access-token", R.WRONG_TYPE, ID.token, ACCESS)
row("access-token-as-id-token", R.WRONG_TYPE, ACCESS.token)
row("no-key-id", R.NO_KEY_ID, claim(ID, "kid"))
row("key-id-empty", R.NO_KEY_ID, head(kid=""))
row("key-id-a-number", R.NO_KEY_ID, head(kid=1))
row("key-id-long", R.NO_KEY_ID, head(kid="k" * 256))

# The key.
row("key-id-unknown", R.UNKNOWN_KEY, head(kid="../../dev/null"))
row("key-of-nobody", R.BAD_SIGNATURE, lambda: forge(ID.header, ID.claims, ec_key("evil")))
row("rsa-key", R.WRONG_KEY_TYPE, head(kid="r"), ID, lambda: holding(r=public("r", rsa_key())))
row("longer-curve", R.WRONG_KEY_TYPE,
    lambda: forge({**ID.header, "kid": "p"}, ID.claims, ec_key("p", ec.SECP384R1)),
    ID, lambda: holding(p=public("p", ec_key("p", ec.SECP384R1))))  # fmt: skip
row("secp256k1", R.WRONG_KEY_TYPE,
    lambda: forge({**ID.header, "kid": "k"}, ID.claims, ec_key("k", ec.SECP256K1)),
    ID, lambda: holding(k=public("k", ec_key("k", ec.SECP256K1))))  # fmt: skip
row("ec-key-for-rs256", R.WRONG_KEY_TYPE, head(alg="RS256"), ID, lambda: issuer("RS256"))
row("rsa-1024", R.WEAK_KEY, lambda: forge(
    {**ID.header, "alg": "RS256", "kid": "w"}, ID.claims, rsa_key(1024), "RS256"),
    ID, lambda: issuer("RS256", keys(w=public("w", rsa_key(1024)))))  # fmt: skip
row("rsa-2047", R.WEAK_KEY, lambda: forge(
    {**ID.header, "alg": "RS256", "kid": "w"}, ID.claims, rsa_key(2047), "RS256"),
    ID, lambda: issuer("RS256", keys(w=public("w", rsa_key(2047)))))  # fmt: skip
row("rsa-exponent-3", R.WEAK_KEY, lambda: forge(
    {**ID.header, "alg": "RS256", "kid": "w"}, ID.claims, rsa_key(2048, 3), "RS256"),
    ID, lambda: issuer("RS256", keys(w=public("w", rsa_key(2048, 3)))))  # fmt: skip
row("key-for-encryption", R.WRONG_KEY_USE, ID.token, ID,
    lambda: holding(k1=public("k1", ec_key(), use="enc")))  # fmt: skip
row("key-for-signing-alone", R.WRONG_KEY_USE, ID.token, ID,
    lambda: holding(k1=public("k1", ec_key(), operations=frozenset({"sign"}))))  # fmt: skip
row("key-of-another-algorithm", R.WRONG_KEY_ALGORITHM, ID.token, ID,
    lambda: holding(k1=public("k1", ec_key(), algorithm="ECDH-ES")))  # fmt: skip

# The signature.
row("claims-exchanged", R.BAD_SIGNATURE,
    lambda: part(ID.token(), 1, ID.token(sub="u-1").split(".")[1]))  # fmt: skip
row("header-exchanged", R.BAD_SIGNATURE,
    lambda: part(ID.token(), 0, ID.token(header={"x": 1}).split(".")[0]))  # fmt: skip
row("no-signature", R.BAD_SIGNATURE, lambda: part(ID.token(), 2, ""))
row("signature-of-zeros", R.BAD_SIGNATURE, lambda: part(ID.token(), 2, b64(bytes(64))))
row("signature-short", R.BAD_SIGNATURE, lambda: part(ID.token(), 2, b64(bytes(63))))
row("signature-long", R.BAD_SIGNATURE, lambda: part(ID.token(), 2, b64(bytes(65))))

# ID tokens.
row("no-issuer", R.WRONG_ISSUER, claim(ID, "iss"))
row("issuer-with-slash", R.WRONG_ISSUER, claim(ID, iss=ISSUER + "/"))
row("issuer-in-capitals", R.WRONG_ISSUER, claim(ID, iss="https://ID.example"))
row("issuer-a-list", R.WRONG_ISSUER, claim(ID, iss=[ISSUER]))
row("no-audience", R.NO_AUDIENCE, claim(ID, "aud"))
row("audience-empty", R.NO_AUDIENCE, claim(ID, aud=[]))
row("audience-null", R.NO_AUDIENCE, claim(ID, aud=None))
row("audience-other", R.WRONG_AUDIENCE, claim(ID, aud="other"))
row("audience-other-azp-ours", R.WRONG_AUDIENCE, claim(ID, aud="other", azp=CLIENT))
row("audience-part-of-name", R.WRONG_AUDIENCE, claim(ID, aud="desk2"))
row("audience-an-object", R.WRONG_AUDIENCE, claim(ID, aud={CLIENT: 1}))
row("audience-and-unknown", R.FOREIGN_AUDIENCE, claim(ID, aud=[CLIENT, "other"], azp=CLIENT))
row("audience-and-number", R.FOREIGN_AUDIENCE, claim(ID, aud=[CLIENT, 7], azp=CLIENT))
row("several-audiences-no-azp", R.NO_AUTHORIZED_PARTY, claim(ID, aud=[CLIENT, CLIENT]))
row("azp-other", R.WRONG_AUTHORIZED_PARTY, claim(ID, azp="other"))
row("azp-a-list", R.WRONG_AUTHORIZED_PARTY, claim(ID, azp=[CLIENT]))
row("no-subject", R.NO_SUBJECT, claim(ID, "sub"))
row("subject-null", R.NO_SUBJECT, claim(ID, sub=None))
row("subject-empty", R.BAD_SUBJECT, claim(ID, sub=""))
row("subject-a-number", R.BAD_SUBJECT, claim(ID, sub=17))
row("subject-long", R.BAD_SUBJECT, claim(ID, sub="u" * 256))
row("subject-with-nul", R.BAD_SUBJECT, claim(ID, sub="u\0"))
row("subject-with-newline", R.BAD_SUBJECT, claim(ID, sub="u-17\nadmin"))
row("no-expiry", R.NO_EXPIRY, claim(ID, "exp"))
row("expired", R.EXPIRED, claim(ID, iat=T - 400, exp=T - 60))
row("expired-in-1970", R.EXPIRED, claim(ID, exp=0))
row("expiry-a-text", R.BAD_TIME, claim(ID, exp=str(T + 300)))
row("expiry-true", R.BAD_TIME, claim(ID, exp=True))
row("expiry-1e300", R.BAD_TIME, text(ID, GOOD.replace(str(T + 300), "1e300")))
row("expiry-of-400-digits", R.BAD_TIME, claim(ID, exp=10**400))
row("expires-in-the-year-10000", R.BAD_TIME, claim(ID, exp=253402300800))
row("issued-before-1970", R.BAD_TIME, claim(ID, iat=-1))
row("no-issued-at", R.NO_ISSUED_AT, claim(ID, "iat"))
row("issued-in-61-seconds", R.ISSUED_IN_FUTURE, claim(ID, iat=T + 61))
row("issued-tomorrow", R.ISSUED_IN_FUTURE, claim(ID, iat=T + 86400, exp=T + 86700))
row("expires-as-issued", R.EXPIRES_BEFORE_ISSUED, claim(ID, iat=T, exp=T))
row("lives-for-ever", R.LIVES_TOO_LONG, claim(ID, exp=253402300799))
row("lives-a-day-and-a-second", R.LIVES_TOO_LONG, claim(ID, iat=T, exp=T + 86401))
row("not-yet", R.NOT_YET_VALID, claim(ID, nbf=T + 61))
row("not-before-a-text", R.BAD_TIME, claim(ID, nbf="0"))
row("no-nonce", R.NO_NONCE, claim(ID, "nonce"))
row("nonce-null", R.NO_NONCE, claim(ID, nonce=None))
row("nonce-of-another", R.WRONG_NONCE, claim(ID, nonce="n-2"))
row("nonce-a-list", R.WRONG_NONCE, claim(ID, nonce=["n-1"]))
row("nonce-where-none-was-sent", R.NONCE_GIVEN, ID.token, asked(nonce=None))
row("no-auth-time", R.NO_AUTH_TIME, ID.token, asked(max_age=300))
row("auth-too-old", R.AUTH_TOO_OLD, claim(ID, auth_time=T - 361), asked(max_age=300))
row("auth-in-future", R.AUTH_IN_FUTURE, claim(ID, auth_time=T + 61), asked(max_age=300))
row("auth-time-a-text", R.BAD_TIME, claim(ID, auth_time=str(T)), asked(max_age=300))
row("no-acr", R.WRONG_ACR, ID.token, asked(acr_values=frozenset({"2"})))
row("acr-too-low", R.WRONG_ACR, claim(ID, acr="1"), asked(acr_values=frozenset({"2"})))
row("acr-a-list", R.BAD_CLAIM, claim(ID, acr=["2"]), asked(acr_values=frozenset({"2"})))
row("amr-partly-numbers", R.BAD_CLAIM, claim(ID, amr=["otp", 2]))
row("amr-a-text", R.BAD_CLAIM, claim(ID, amr="otp"))
row("sid-a-number", R.BAD_CLAIM, claim(ID, sid=1))
row(
    "other-access-token",
    R.WRONG_TOKEN_HASH,
    claim(ID, at_hash=b64(bytes(16))),
    asked(access_token="a"),
)
row(
    "whole-digest-of-access-token",
    R.WRONG_TOKEN_HASH,
    claim(ID, at_hash=digest("a")),
    asked(access_token="a"),
)
row("access-token-withheld", R.WRONG_TOKEN_HASH, claim(ID, at_hash=b64(bytes(16))))
row("logout-token-as-id-token", R.EVENTS_GIVEN, claim(OUT, "typ", nonce="n-1"))

# Access tokens.
row("access-no-audience", R.NO_AUDIENCE, claim(ACCESS, "aud"), ACCESS)
row("access-for-the-client", R.WRONG_AUDIENCE, claim(ACCESS, aud=CLIENT), ACCESS)
row("access-no-subject", R.NO_SUBJECT, claim(ACCESS, "sub"), ACCESS)
row("access-no-client", R.NO_CLIENT, claim(ACCESS, "client_id"), ACCESS)
row("access-client-a-list", R.NO_CLIENT, claim(ACCESS, client_id=["batch"]), ACCESS)
row("access-no-id", R.NO_TOKEN_ID, claim(ACCESS, "jti"), ACCESS)
row("access-scope-a-list", R.BAD_CLAIM, claim(ACCESS, scope=["grant"]), ACCESS)
row("access-scope-long", R.BAD_CLAIM, claim(ACCESS, scope="s" * 2001), ACCESS)
row("access-lives-too-long", R.LIVES_TOO_LONG, claim(ACCESS, iat=T, exp=T + 3601), ACCESS)
row("access-no-expiry", R.NO_EXPIRY, claim(ACCESS, "exp"), ACCESS)
row("bound-by-text", R.BAD_CONFIRMATION, claim(ACCESS, cnf="k"), ACCESS)
row("bound-by-nothing", R.BAD_CONFIRMATION, claim(ACCESS, cnf={}), ACCESS)
row("bound-in-a-way-unknown", R.BAD_CONFIRMATION, claim(ACCESS, cnf={"jwk": {}}), ACCESS)
row("bound-by-null", R.BAD_CONFIRMATION, claim(ACCESS, cnf={"jkt": None}), ACCESS)
row("bound-by-short-digest", R.BAD_CONFIRMATION, claim(ACCESS, cnf={"jkt": b64(bytes(31))}), ACCESS)
row(
    "bound-by-padded-digest",
    R.BAD_CONFIRMATION,
    claim(ACCESS, cnf={"x5t#S256": digest("c") + "="}),
    ACCESS,
)

# What holds for all kinds that have an issuer and an audience.
for name, kind in (("access", ACCESS), ("logout", OUT), ("event", EVENT)):
    row(f"{name}-no-issuer", R.WRONG_ISSUER, claim(kind, "iss"), kind)
    row(f"{name}-other-issuer", R.WRONG_ISSUER, claim(kind, iss="https://evil.example"), kind)
    row(f"{name}-other-audience", R.WRONG_AUDIENCE, claim(kind, aud="other"), kind)
    row(f"{name}-not-yet", R.NOT_YET_VALID, claim(kind, nbf=T + 61), kind)
    row(f"{name}-of-tomorrow", R.ISSUED_IN_FUTURE, claim(kind, iat=T + 61), kind)
    row(f"{name}-bad-subject", R.BAD_SUBJECT, claim(kind, sub="u\0"), kind)
    row(
        f"{name}-by-another-key",
        R.BAD_SIGNATURE,
        partial(forge, kind.header, kind.claims, ec_key("evil")),
        kind,
    )

# Logout tokens.
row("logout-with-nonce", R.NONCE_GIVEN, claim(OUT, nonce="n-1"), OUT)
row("logout-without-events", R.NO_EVENTS, claim(OUT, "events"), OUT)
row("logout-other-event", R.BAD_EVENTS, claim(OUT, events={"urn:x": {}}), OUT)
row("logout-event-true", R.BAD_EVENTS, claim(OUT, events={LOGOUT: True}), OUT)
row("logout-events-a-list", R.BAD_EVENTS, claim(OUT, events=[LOGOUT]), OUT)
row("logout-of-nobody", R.NO_SUBJECT_OR_SESSION, claim(OUT, "sub", "sid"), OUT)
row("logout-bad-session", R.BAD_CLAIM, claim(OUT, sid=""), OUT)
row("logout-no-id", R.NO_TOKEN_ID, claim(OUT, "jti"), OUT)
row("logout-no-expiry", R.NO_EXPIRY, claim(OUT, "exp"), OUT)
row("logout-lives-too-long", R.LIVES_TOO_LONG, claim(OUT, iat=T, exp=T + 601), OUT)
row("id-token-as-logout-token", R.NONCE_GIVEN, claim(ID, "typ"), OUT)

# DPoP proofs.
row("proof-without-key", R.NO_KEY, lambda: PROOF.token("jwk"), PROOF)
row("proof-key-a-text", R.NO_KEY, lambda: PROOF.token(header={"jwk": "k"}), PROOF)
row("proof-with-private-key", R.PRIVATE_KEY, lambda: PROOF.token(
    header={"jwk": {**jwk(ec_key()), "d": b64(bytes(32))}}), PROOF)  # fmt: skip
row("proof-with-secret-key", R.PRIVATE_KEY, lambda: PROOF.token(
    header={"jwk": {"kty": "oct", "k": "AAAA"}}), PROOF)  # fmt: skip
row("proof-key-of-unknown-kind", R.WRONG_KEY_TYPE, lambda: PROOF.token(
    header={"jwk": {"kty": "OKP", "crv": "Ed25519", "x": b64(bytes(32))}}), PROOF)  # fmt: skip
row("proof-key-off-its-curve", R.BAD_KEY, lambda: PROOF.token(
    header={"jwk": {**jwk(ec_key()), "y": b64(bytes(31) + b"\1")}}), PROOF)  # fmt: skip
row("proof-key-short", R.BAD_KEY, lambda: PROOF.token(
    header={"jwk": {**jwk(ec_key()), "y": b64(bytes(31))}}), PROOF)  # fmt: skip
row("proof-key-half", R.BAD_KEY, lambda: PROOF.token(
    header={"jwk": without(jwk(ec_key()), "y")}), PROOF)  # fmt: skip
row("proof-key-not-base64url", R.NOT_BASE64URL, lambda: PROOF.token(
    header={"jwk": {**jwk(ec_key()), "y": "=" * 43}}), PROOF)  # fmt: skip
row("proof-key-for-encryption", R.WRONG_KEY_USE, lambda: PROOF.token(
    header={"jwk": {**jwk(ec_key()), "use": "enc"}}), PROOF)  # fmt: skip
row("proof-by-another-key", R.BAD_SIGNATURE, lambda: PROOF.token(
    header={"jwk": jwk(ec_key("evil"))}), PROOF)  # fmt: skip
row("proof-under-hmac", R.WRONG_ALGORITHM, lambda: PROOF.token(header={"alg": "HS256"}), PROOF)
row("proof-for-another-method", R.WRONG_METHOD, claim(PROOF, htm="GET"), PROOF)
row("proof-method-small", R.WRONG_METHOD, claim(PROOF, htm="post"), PROOF)
row("proof-no-method", R.WRONG_METHOD, claim(PROOF, "htm"), PROOF)
row("proof-no-address", R.WRONG_ADDRESS, claim(PROOF, "htu"), PROOF)
for name, address in {
    "path": RESOURCE + "/issuing/v1/request",
    "host": "https://issuing.example.evil/issuing/v1/requests",
    "scheme": "http://issuing.example/issuing/v1/requests",
    "port": "https://issuing.example:444/issuing/v1/requests",
    "user": "https://issuing.example@evil/issuing/v1/requests",
    "nowhere": "/issuing/v1/requests",
    "brackets": "https://[issuing.example/issuing/v1/requests",
    "tab": "https://issuing.example/issuing\t/v1/requests",
}.items():
    row(f"proof-for-another-{name}", R.WRONG_ADDRESS, claim(PROOF, htu=address), PROOF)
row("proof-no-issued-at", R.NO_ISSUED_AT, claim(PROOF, "iat"), PROOF)
row("proof-too-old", R.TOO_OLD, claim(PROOF, iat=T - 121), PROOF)
row("proof-of-tomorrow", R.ISSUED_IN_FUTURE, claim(PROOF, iat=T + 61), PROOF)
row("proof-no-id", R.NO_TOKEN_ID, claim(PROOF, "jti"), PROOF)
row("proof-id-long", R.NO_TOKEN_ID, claim(PROOF, jti="j" * 256), PROOF)
row("proof-no-nonce", R.NO_NONCE, PROOF.token, proved(nonces=frozenset({"a"})))
row("proof-old-nonce", R.WRONG_NONCE, claim(PROOF, nonce="b"), proved(nonces=frozenset({"a"})))
row("proof-nonce-a-list", R.WRONG_NONCE, claim(PROOF, nonce=["a"]), proved(nonces=frozenset({"a"})))
row("proof-without-token-hash", R.WRONG_TOKEN_HASH, PROOF.token, proved(access_token="a"))
row(
    "proof-of-another-token",
    R.WRONG_TOKEN_HASH,
    claim(PROOF, ath=digest("b")),
    proved(access_token="a"),
)
row("stolen-token-with-own-key", R.WRONG_PROOF_KEY, claim(PROOF, ath=digest("a")),
    proved(access_token="a", bound_to=print_of(ec_key("victim"))))  # fmt: skip
row(
    "bearer-token-with-proof",
    R.WRONG_PROOF_KEY,
    claim(PROOF, ath=digest("a")),
    proved(access_token="a"),
)

# Security events.
row("event-with-expiry", R.EXPIRY_GIVEN, claim(EVENT, exp=T + 300), EVENT)
row("event-without-events", R.NO_EVENTS, claim(EVENT, "events"), EVENT)
row("event-empty", R.BAD_EVENTS, claim(EVENT, events={}), EVENT)
row("event-a-text", R.BAD_EVENTS, claim(EVENT, events="urn:x"), EVENT)
row("event-without-object", R.BAD_EVENTS, claim(EVENT, events={"urn:x": 1}), EVENT)
row("event-of-no-address", R.BAD_EVENTS, claim(EVENT, events={"revoked": {}}), EVENT)
row("event-no-id", R.NO_TOKEN_ID, claim(EVENT, "jti"), EVENT)
row("event-no-issued-at", R.NO_ISSUED_AT, claim(EVENT, "iat"), EVENT)
row("event-of-last-month", R.TOO_OLD, claim(EVENT, iat=T - 30 * 86400), EVENT)
row("event-no-audience", R.NO_AUDIENCE, claim(EVENT, "aud"), EVENT)
row("event-subject-a-text", R.BAD_SUBJECT, claim(EVENT, sub_id="u-17"), EVENT)
row("event-subject-without-format", R.BAD_SUBJECT, claim(EVENT, sub_id={"sub": "u"}), EVENT)
row("event-time-a-text", R.BAD_TIME, claim(EVENT, toe="now"), EVENT)

# Client assertions.
row("assertion-of-another", R.WRONG_ISSUER, claim(ASSERTION, iss="other"), ASSERTION)
row("assertion-about-another", R.WRONG_CLIENT, claim(ASSERTION, sub="other"), ASSERTION)
row(
    "assertion-for-two",
    R.FOREIGN_AUDIENCE,
    claim(ASSERTION, aud=[ISSUER, "https://evil"]),
    ASSERTION,
)
row("assertion-no-expiry", R.NO_EXPIRY, claim(ASSERTION, "exp"), ASSERTION)
row("assertion-lives-too-long", R.LIVES_TOO_LONG, claim(ASSERTION, exp=T + 300), ASSERTION)
row("assertion-no-id", R.NO_TOKEN_ID, claim(ASSERTION, "jti"), ASSERTION)


@pytest.mark.parametrize(("token", "refusal", "kind", "trusted"), TABLE)
def test_refused_for_its_own_reason(
    token: Callable[[], str], refusal: R, kind: Kind, trusted: Callable[[], TrustedIssuer]
) -> None:
    with pytest.raises(TokenRefusedError) as caught:
        kind.verify(token(), NOW, trusted())
    assert caught.value.reason is refusal


def test_every_reason_has_a_row() -> None:
    elsewhere = {R.REPLAYED, R.REPLAY_MEMORY_FULL}  # tests/identity/tokens/test_replay.py
    elsewhere |= {R.SIGNED_OUT}  # tests/registry/desk/providers/test_word.py
    elsewhere |= {R.NO_CERTIFICATE, R.WRONG_CERTIFICATE}  # issuing_api/test_certificate_bound.py
    assert set(R) - SEEN == elsewhere
    assert len(TABLE) >= 200
    assert len({one.id for one in TABLE}) == len(TABLE)


@pytest.mark.parametrize("kind", [ID, ACCESS, OUT, PROOF, EVENT, ASSERTION])
def test_good_but_for_that_one_thing(kind: Kind) -> None:
    kind.verify(kind.token())


@pytest.mark.parametrize(
    ("kind", "changed", "at"),
    [
        (ID, {"exp": T + 240}, timedelta(seconds=299)),
        (ID, {"iat": T + 60}, timedelta()),
        (ID, {"nbf": T + 60}, timedelta()),
        (ID, {"iat": T, "exp": T + 86400}, timedelta()),
        (OUT, {"iat": T, "exp": T + 600}, timedelta()),
        (ASSERTION, {"iat": T, "exp": T + 300}, timedelta()),
        (PROOF, {"iat": T - 120}, timedelta()),
        (asked(max_age=300), {"auth_time": T - 360}, timedelta()),
        (asked(max_age=300), {"auth_time": T + 60}, timedelta()),
        (ACCESS, {"iat": T - 0.5, "exp": T + 3599.5}, timedelta()),
    ],
)
def test_clocks_may_differ_by_a_minute(kind: Kind, changed: dict[str, Any], at: timedelta) -> None:
    kind.verify(kind.token(**changed), NOW + at)
