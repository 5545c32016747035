"""Sign-ins at a certified provider on loopback, and what a false one is refused for."""

import dataclasses
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from core.clock import SystemClock
from identity.oidc.errors import (
    ProviderRefusedError,
    ProviderUnfitError,
    ProviderUnreachableError,
    SignInFailedError,
    SignInPendingError,
)
from identity.oidc.grants import ask_device, begin_device, refreshed, revoke
from identity.oidc.provider import ClientKey, Provider
from identity.oidc.sign_in import TIME_TO_SIGN_IN, SignInClient
from identity.tokens.access_token import AccessTokenProfile
from identity.tokens.algorithms import JwsAlgorithm
from identity.tokens.jwk import thumbprint
from identity.tokens.refusals import Refusal, TokenRefusedError
from tests.identity.provider import (
    RunningProvider,
    key_client,
    public_client,
    running_provider,
    tokens_of_system,
)

CALLBACK = "http://127.0.0.1:1/signed-in/main"
RESOURCE = "https://issuing.example"
ACCOUNTS = {
    "li": {"name": "李样", "groups": ["市场监管局/经办"]},
    "wang": {"name": "王例", "groups": []},
}
CLIENT_KEY, PROOF_KEY = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
SYSTEM = {
    "grant_types": ["client_credentials"],
    "redirect_uris": [],
    "response_types": [],
    "dpop_bound_access_tokens": True,
}


class MovedClock:
    """The machine's clock, moved."""

    def __init__(self, by: timedelta = timedelta(0)) -> None:
        self.by = by

    def now(self) -> datetime:
        return SystemClock().now() + self.by


@pytest.fixture(scope="module")
def running() -> Iterator[RunningProvider]:
    clients = [
        key_client("desk", CLIENT_KEY.public_key(), CALLBACK),
        public_client("line", "http://127.0.0.1/callback"),
        key_client("store", CLIENT_KEY.public_key(), **SYSTEM),
    ]
    with running_provider(clients, ACCOUNTS, nonce=True) as provider:
        yield provider


def provider_of(running: RunningProvider, **changed: object) -> Provider:
    provider = Provider(
        "main",
        running.issuer,
        "desk",
        JwsAlgorithm.ES256,
        ClientKey(CLIENT_KEY, "client-1"),
        scopes=("openid", "profile", "issuing"),
        resource=RESOURCE,
        plain_loopback=True,
    )
    return dataclasses.replace(provider, **changed)  # type: ignore[arg-type]


def client_of(
    running: RunningProvider, clock: MovedClock | None = None, **changed: object
) -> SignInClient:
    provider = provider_of(running, **changed)
    return SignInClient(provider, clock or MovedClock(), secrets.token_bytes)


def line_of(running: RunningProvider, clock: MovedClock | None = None) -> SignInClient:
    """The client of a command line, which has no key."""
    return client_of(running, clock, client_id="line", client_key=None)


def test_somebody_signs_in(running: RunningProvider) -> None:
    client = client_of(running)
    address, pending = client.begin(CALLBACK, max_age=600)
    signed_in = client.finish(pending, running.browser().sign_in(address, "li"))
    token = signed_in.id_token
    assert (token.issuer, token.subject) == (running.issuer, "li")
    assert token.auth_time is not None
    assert token.session_id is not None
    assert pending.state not in repr(pending)
    assert pending.verifier not in repr(pending)
    assert signed_in.tokens.access_token not in repr(signed_in)


def test_the_access_token_is_bound_to_the_key_of_who_signed_in(running: RunningProvider) -> None:
    client = client_of(running)
    address, pending = client.begin(CALLBACK)
    answer = running.browser().sign_in(address, "li")
    tokens = client.finish(pending, answer, PROOF_KEY).tokens
    assert tokens.bound
    profile = AccessTokenProfile(client.profile.issuer, RESOURCE)
    access = profile.verify(tokens.access_token, SystemClock().now())
    assert access.confirmation is not None
    assert access.confirmation.thumbprint == thumbprint(PROOF_KEY.public_key())
    assert (access.subject, access.client_id, access.scopes) == (
        "li",
        "desk",
        frozenset({"issuing"}),
    )
    assert access.claims["groups"] == ["市场监管局/经办"]


def test_tokens_are_renewed_and_taken_back(running: RunningProvider) -> None:
    client = line_of(running)
    address, pending = client.begin("http://127.0.0.1:7/callback")
    answer = running.browser().sign_in(address, "li")
    first = client.finish(pending, answer, PROOF_KEY).tokens
    second = refreshed(client, first, PROOF_KEY)
    assert second.access_token != first.access_token
    assert second.bound
    assert revoke(client, second)
    with pytest.raises(SignInFailedError, match="has ended"):
        refreshed(client, second, PROOF_KEY)


def test_a_stolen_refresh_token_is_no_use_with_another_key(running: RunningProvider) -> None:
    client = line_of(running)
    address, pending = client.begin("http://127.0.0.1:7/callback")
    tokens = client.finish(pending, running.browser().sign_in(address, "li"), PROOF_KEY).tokens
    with pytest.raises(SignInFailedError):
        refreshed(client, tokens, ec.generate_private_key(ec.SECP256R1()))


def test_a_code_serves_once(running: RunningProvider) -> None:
    client = client_of(running)
    address, pending = client.begin(CALLBACK)
    answer = running.browser().sign_in(address, "li")
    client.finish(pending, answer)
    with pytest.raises(ProviderRefusedError, match="invalid_grant"):
        client.finish(pending, answer)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"state": "another"}, "not begun in this browser"),
        ({"state": ""}, "not begun in this browser"),
        ({"iss": "https://attacker.example"}, "another identity provider"),
        ({"iss": None}, "another identity provider"),
        ({"code": ""}, "no code"),
        ({"error": "access_denied"}, "declined"),
        ({"error": "<script>"}, "cannot be understood"),
    ],
)
def test_another_answer_is_refused(
    running: RunningProvider, changed: dict[str, str | None], why: str
) -> None:
    client = client_of(running)
    address, pending = client.begin(CALLBACK)
    answer = {**running.browser().sign_in(address, "li"), **changed}
    told = {name: value for name, value in answer.items() if value is not None}
    with pytest.raises(SignInFailedError, match=why):
        client.finish(pending, told)


def test_who_says_no_is_not_signed_in(running: RunningProvider) -> None:
    client = client_of(running)
    address, pending = client.begin(CALLBACK)
    with pytest.raises(SignInFailedError, match="declined"):
        client.finish(pending, running.browser().sign_in(address, deny="1"))


def test_a_sign_in_at_one_provider_is_none_at_another(running: RunningProvider) -> None:
    clients = [key_client("desk", CLIENT_KEY.public_key(), CALLBACK)]
    with running_provider(clients, ACCOUNTS) as other:
        address, pending = client_of(running).begin(CALLBACK)
        answer = running.browser().sign_in(address, "li")
        with pytest.raises(SignInFailedError, match="another identity provider"):
            client_of(other).finish(pending, answer)
        with pytest.raises(SignInFailedError, match="another identity provider"):
            client_of(other, alias="second").finish(pending, answer)


def test_a_sign_in_lapses(running: RunningProvider) -> None:
    clock = MovedClock()
    client = client_of(running, clock)
    address, pending = client.begin(CALLBACK)
    answer = running.browser().sign_in(address, "li")
    clock.by = TIME_TO_SIGN_IN + timedelta(seconds=5)
    with pytest.raises(SignInFailedError, match="too long"):
        client.finish(pending, answer)
    clock.by = -timedelta(seconds=5)
    with pytest.raises(SignInFailedError, match="too long"):
        client.finish(pending, answer)


def test_the_nonce_is_compared(running: RunningProvider) -> None:
    client = client_of(running)
    address, pending = client.begin(CALLBACK)
    answer = running.browser().sign_in(address, "li")
    with pytest.raises(TokenRefusedError) as refused:
        client.finish(dataclasses.replace(pending, nonce="another"), answer)
    assert refused.value.reason is Refusal.WRONG_NONCE


def test_the_verifier_is_needed(running: RunningProvider) -> None:
    client = client_of(running)
    address, pending = client.begin(CALLBACK)
    answer = running.browser().sign_in(address, "li")
    with pytest.raises(ProviderRefusedError, match="invalid_grant"):
        client.finish(dataclasses.replace(pending, verifier="x" * 43), answer)


def test_a_stronger_sign_in_is_asked_for_and_needed(running: RunningProvider) -> None:
    client = client_of(running)
    browser = running.browser()
    for acr in ("urn:xinyin:two", "urn:xinyin:one"):
        address, pending = client.begin(CALLBACK, acr_values=("urn:xinyin:two",), max_age=0)
        answer = browser.sign_in(address, "li", acr=acr)
        if acr == "urn:xinyin:two":
            assert client.finish(pending, answer).id_token.acr == acr
            continue
        with pytest.raises(TokenRefusedError) as refused:
            client.finish(pending, answer)
        assert refused.value.reason is Refusal.WRONG_ACR


def test_signing_in_once_does_for_the_next_client(running: RunningProvider) -> None:
    browser = running.browser()
    for make, back in ((client_of, CALLBACK), (line_of, "http://127.0.0.1:7/callback")):
        client = make(running)
        address, pending = client.begin(back)
        answer = browser.sign_in(address, "" if make is line_of else "wang")
        assert client.finish(pending, answer, PROOF_KEY).id_token.subject == "wang"


def test_a_new_key_of_the_provider_is_found(running: RunningProvider) -> None:
    clients = [key_client("desk", CLIENT_KEY.public_key(), CALLBACK)]
    with running_provider(clients, ACCOUNTS) as provider:
        passed = [0.0]
        client = SignInClient(
            provider_of(provider), SystemClock(), secrets.token_bytes, lambda: passed[0]
        )
        for rotated in (False, True):
            if rotated:
                provider.tell(rotate=True, forget=True)
                passed[0] += 60
            address, pending = client.begin(CALLBACK)
            answer = provider.browser().sign_in(address, "li")
            assert client.finish(pending, answer).id_token.subject == "li"


def test_a_person_signs_in_on_another_device(running: RunningProvider) -> None:
    clock = MovedClock()
    client = line_of(running, clock)
    device = begin_device(client, clock)
    assert device.device_code not in repr(device)
    with pytest.raises(SignInPendingError):
        ask_device(client, device, clock, PROOF_KEY)
    assert device.whole_address is not None
    running.browser().enter_code(device.whole_address, "li")
    signed_in = ask_device(client, device, clock, PROOF_KEY)
    assert (signed_in.id_token.subject, signed_in.tokens.bound) == ("li", True)
    clock.by = timedelta(hours=1)
    with pytest.raises(SignInFailedError, match="too long"):
        ask_device(client, device, clock, PROOF_KEY)


def test_a_system_has_tokens_of_its_own(running: RunningProvider) -> None:
    client = client_of(running, client_id="store")
    tokens = tokens_of_system(client, PROOF_KEY)
    profile = AccessTokenProfile(client.profile.issuer, RESOURCE)
    access = profile.verify(tokens.access_token, SystemClock().now())
    assert (access.subject, access.client_id) == ("store", "store")
    stranger = ClientKey(ec.generate_private_key(ec.SECP256R1()), "client-1")
    other = client_of(running, client_id="store", client_key=stranger)
    with pytest.raises(ProviderRefusedError, match="invalid_client"):
        tokens_of_system(other, PROOF_KEY)


def test_signing_out_ends_the_session_at_the_provider(running: RunningProvider) -> None:
    client = client_of(running)
    address, pending = client.begin(CALLBACK)
    tokens = client.finish(pending, running.browser().sign_in(address, "li")).tokens
    out = client.sign_out_address(tokens.id_token, "http://127.0.0.1:1/")
    assert out is not None
    assert out.startswith(f"{running.issuer}/session/end?")


def test_a_provider_that_is_away_is_called_that() -> None:
    away = Provider("main", "http://127.0.0.1:9", "desk", JwsAlgorithm.ES256, plain_loopback=True)
    client = SignInClient(away, SystemClock(), secrets.token_bytes)
    with pytest.raises(ProviderUnreachableError, match="sessions and verification go on"):
        client.begin(CALLBACK)


def test_another_issuer_at_the_address_is_refused(running: RunningProvider) -> None:
    with pytest.raises(ProviderUnfitError, match="is not"):
        client_of(running, issuer=running.issuer + "/").begin(CALLBACK)
