"""Accepted tokens, and what is handed on of them."""

import hashlib
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta

import pytest

from identity.tokens.access_token import AccessToken, AccessTokenProfile, Confirmation
from identity.tokens.algorithms import JwsAlgorithm
from identity.tokens.client_assertion import ClientAssertion
from identity.tokens.dpop import DpopProof, normal_address
from identity.tokens.id_token import IdToken, IdTokenProfile, half_hash
from identity.tokens.jwks import KeySet
from identity.tokens.logout_token import LogoutToken
from identity.tokens.refusals import Refusal, TokenRefusedError
from identity.tokens.security_event import SecurityEvent
from tests.identity.tokens.forge import (
    CLIENT,
    ISSUER,
    NOW,
    RESOURCE,
    T,
    b64,
    digest,
    ec_key,
    issuer,
    public,
)
from tests.identity.tokens.kinds import (
    ACCESS,
    ASSERTION,
    EVENT,
    ID,
    OUT,
    PROOF,
    REQUEST,
    REVOKED,
    asked,
    print_of,
    proved,
)


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(T + seconds, UTC)


def test_an_id_token_tells_who_signed_in_and_how() -> None:
    given = ID.token(
        sub="张三@人社局",
        auth_time=T - 100,
        acr="urn:2",
        amr=["pwd", "otp"],
        sid="s-1",
        groups=["sealers"],
        azp=CLIENT,
    )
    told = asked(max_age=100, acr_values=frozenset({"urn:2", "urn:3"})).verify(given)
    assert isinstance(told, IdToken)
    assert (told.issuer, told.subject) == (ISSUER, "张三@人社局")
    assert (told.issued_at, told.expires_at, told.auth_time) == (at(-5), at(300), at(-100))
    assert (told.acr, told.amr, told.session_id) == ("urn:2", ("pwd", "otp"), "s-1")
    assert told.claims["groups"] == ["sealers"]


@pytest.mark.parametrize("kind", ["JWT", "jwt", "application/jwt", "Application/JWT"])
def test_a_type_is_a_media_type(kind: str) -> None:
    ID.verify(ID.token(header={"typ": kind}))


def test_what_may_be_absent() -> None:
    told = ID.verify(ID.token("typ", auth_time=None, sid=None))
    assert isinstance(told, IdToken)
    assert (told.auth_time, told.acr, told.amr, told.session_id) == (None, None, (), None)
    asked(nonce=None).verify(ID.token("nonce"))


def test_ids_may_have_255_characters() -> None:
    """OpenID Connect Core 2: of `sub`; also of `kid`, which is ours to bound."""
    longest = "证" * 255
    trusted = issuer(held=KeySet({longest: public(longest, ec_key())}))
    told = ID.verify(ID.token(sub=longest, header={"kid": longest}), trusted=trusted)
    assert isinstance(told, IdToken)
    assert told.subject == longest


def test_a_token_may_live_for_a_second() -> None:
    ID.verify(ID.token(iat=T, exp=T + 1))


def test_unknown_header_members_are_ignored() -> None:
    """RFC 7515 4: a thumbprint of a certificate, for one, leads nowhere."""
    ID.verify(ID.token(header={"x5t": "AAAA", "x5t#S256": digest("c"), "cty": "x"}))


def test_other_audiences_that_are_trusted() -> None:
    profile = IdTokenProfile(issuer(), CLIENT, other_audiences=frozenset({"portal"}))
    given = ID.token(aud=["portal", CLIENT], azp=CLIENT)
    assert profile.verify(given, REQUEST, NOW).subject == "u-17"
    assert profile.verify(ID.token(aud=[CLIENT]), REQUEST, NOW).subject == "u-17"
    with pytest.raises(TokenRefusedError) as caught:
        profile.verify(ID.token(aud=["portal", CLIENT]), REQUEST, NOW)
    assert caught.value.reason is Refusal.NO_AUTHORIZED_PARTY


@pytest.mark.parametrize("algorithm", list(JwsAlgorithm))
def test_half_a_digest_binds_the_access_token(algorithm: JwsAlgorithm) -> None:
    """OpenID Connect Core 3.1.3.6: of the digest that belongs to the token's algorithm."""
    of = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}[algorithm[2:]]
    whole = of(b"access").digest()
    assert half_hash("access", algorithm) == b64(whole[: len(whole) // 2])


def test_the_access_token_that_came_along() -> None:
    given = ID.token(at_hash=b64(hashlib.sha256(b"access").digest()[:16]))
    asked(access_token="access").verify(given)
    asked(access_token="access").verify(ID.token())
    with pytest.raises(TokenRefusedError) as caught:
        asked(access_token="\ud800").verify(given)
    assert caught.value.reason is Refusal.WRONG_TOKEN_HASH


def test_an_access_token_tells_client_scopes_and_binding() -> None:
    cnf = {"jkt": print_of(ec_key("client")), "x5t#S256": digest("certificate")}
    told = ACCESS.verify(ACCESS.token(cnf=cnf, aud=[RESOURCE, "https://more.example"], acr="2"))
    assert isinstance(told, AccessToken)
    assert (told.subject, told.client_id, told.token_id) == ("u-17", "batch", "a-1")
    assert told.scopes == {"grant", "read"}
    assert told.confirmation == Confirmation(cnf["jkt"], cnf["x5t#S256"])
    assert (told.acr, told.expires_at) == ("2", at(300))
    bearer = ACCESS.verify(ACCESS.token("scope"))
    assert isinstance(bearer, AccessToken)
    assert (bearer.scopes, bearer.confirmation) == (frozenset(), None)


def test_bounds_belong_to_what_is_allowed() -> None:
    ACCESS.verify(ACCESS.token(scope="s" * 2000))
    EVENT.verify(EVENT.token(events={"urn:" + "e" * 251: {}}))


def test_how_long_tokens_may_live_is_part_of_the_profile() -> None:
    profile = AccessTokenProfile(issuer(), RESOURCE, longest=300)
    profile.verify(ACCESS.token(iat=T, exp=T + 300), NOW)
    with pytest.raises(TokenRefusedError) as caught:
        profile.verify(ACCESS.token(iat=T, exp=T + 301), NOW)
    assert caught.value.reason is Refusal.LIVES_TOO_LONG
    with pytest.raises(FrozenInstanceError):
        profile.longest = 10**9  # type: ignore[misc]


def test_a_logout_is_of_a_session_or_a_subject() -> None:
    told = OUT.verify(OUT.token("sub", "typ"))
    assert told == LogoutToken(ISSUER, None, "s-1", "l-1", at(-5))
    told = OUT.verify(OUT.token("sid"))
    assert told == LogoutToken(ISSUER, "u-17", None, "l-1", at(-5))


def test_a_proof_tells_its_key() -> None:
    told = PROOF.verify(PROOF.token())
    assert told == DpopProof(print_of(ec_key()), "p-1", at(-1))


def test_a_proof_beside_a_bound_token() -> None:
    kind = proved(access_token="a", bound_to=print_of(ec_key()), nonces=frozenset({"old", "new"}))
    kind.verify(kind.token(ath=digest("a"), nonce="old"))
    kind.verify(kind.token(ath=digest("a"), nonce="new", jti="p-2"))


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("HTTPS://Issuing.Example:443/a", "https://issuing.example/a"),
        ("https://issuing.example", "https://issuing.example/"),
        ("http://issuing.example:80/?a=b", "http://issuing.example/#c"),
        ("https://[::1]:8443/a", "https://[::1]:8443/a?b"),
    ],
)
def test_addresses_that_are_the_same(address: str, same: str) -> None:
    assert normal_address(address) == normal_address(same)


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ("https://a/b", "https://a/B"),
        ("https://a/b", "https://a/b/"),
        ("https://a/b", "https://a:0/b"),
        ("https://a/b", "http://a:443/b"),
    ],
)
def test_addresses_that_are_not(address: str, other: str) -> None:
    assert normal_address(address) != normal_address(other)


def test_an_event_tells_what_happened_to_whom() -> None:
    told = EVENT.verify(EVENT.token(toe=T - 9, txn="t-1"))
    assert isinstance(told, SecurityEvent)
    assert told.events == {REVOKED: {"event_timestamp": T - 9}}
    assert told.subject_id == {"format": "iss_sub", "iss": ISSUER, "sub": "u-17"}
    assert (told.subject, told.occurred_at, told.transaction) == (None, at(-9), "t-1")


def test_an_event_may_be_days_old() -> None:
    EVENT.verify(EVENT.token(), NOW + timedelta(days=6))


def test_an_assertion_is_of_its_client() -> None:
    assert ASSERTION.verify(ASSERTION.token()) == ClientAssertion("batch", "c-1")
    ASSERTION.verify(ASSERTION.token(header={"typ": "client-authentication+jwt"}))


def test_one_kind_is_never_taken_for_another() -> None:
    """Each kind's good token under each other profile, also without its type."""
    kinds = [ID, ACCESS, OUT, PROOF, EVENT, ASSERTION]
    for kind in kinds:
        for other in kinds:
            for gone in ((), ("typ",)):
                if kind is other:
                    continue
                judged = replace(other)
                with pytest.raises(TokenRefusedError):
                    judged.verify(kind.token(*gone))
