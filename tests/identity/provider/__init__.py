"""An OpenID-certified provider (npm oidc-provider) in a process of its own, on loopback."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx2
import pytest

from identity.oidc.sign_in import SignInClient
from identity.oidc.token_endpoint import TokenSet
from identity.tokens.algorithms import PublicKey
from identity.tokens.jose import SigningKey
from identity.tokens.jwk import show_jwk

_DIRECTORY = Path(__file__).parent
_HOPS = 12


def public_client(client_id: str, *redirects: str, **more: object) -> dict[str, object]:
    """Return the registration of a client without a key, as a command line is."""
    return {
        "client_id": client_id,
        "redirect_uris": list(redirects),
        "application_type": "native",
        "token_endpoint_auth_method": "none",
        "dpop_bound_access_tokens": True,
        "grant_types": [
            "authorization_code",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
        **more,
    }


def key_client(
    client_id: str, key: PublicKey, *redirects: str, **more: object
) -> dict[str, object]:
    """Return the registration of a client that proves itself by a key."""
    return {
        "client_id": client_id,
        "redirect_uris": list(redirects),
        "application_type": "native",
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks": {"keys": [{**show_jwk(key), "kid": "client-1", "use": "sig"}]},
        "backchannel_logout_session_required": True,
        "backchannel_logout_uri": "http://127.0.0.1:1/signed-out",
        **more,
    }


@dataclass
class RunningProvider:
    """A provider that answers, and the hands of people who sign in there."""

    issuer: str
    process: "subprocess.Popen[str]"
    opened: ExitStack

    def tell(self, **command: object) -> Mapping[str, Any]:
        """Send a command, as provider.mjs lists them."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        while line and not line.startswith("{"):  # its advice on features of tests
            line = self.process.stdout.readline()
        told: Mapping[str, Any] = json.loads(line)
        return told

    def browser(self) -> "Browser":
        """Return a browser without cookies yet."""
        client = httpx2.Client(trust_env=False, timeout=20)
        return Browser(self.opened.enter_context(client))


@dataclass
class Browser:
    """Cookies and redirects of one person, without a window."""

    client: httpx2.Client

    def sign_in(self, address: str, account: str = "", **form: str) -> dict[str, str]:
        """Go to an address of the provider, sign in as an account, and return what the provider
        sends back to the client's address.
        """
        back = self.follow(address, account, **form)
        return dict(parse_qsl(urlsplit(back).query, keep_blank_values=True))

    def follow(self, address: str, account: str = "", **form: str) -> str:
        """Do the same; return the client's address with all that it carries."""
        host = urlsplit(address).netloc
        response = self.client.get(address)
        for _ in range(_HOPS):
            while response.is_redirect:
                address = urljoin(address, response.headers["location"])
                if urlsplit(address).netloc != host:
                    return address
                response = self.client.get(address)
            assert response.status_code == 200, f"{response.status_code}: {_text(response.text)}"
            assert "/interaction/" in address, response.text[:500]
            response = self.client.post(address, data={"account": account, **form})
        raise AssertionError("the provider goes round in circles")

    def enter_code(self, address: str, account: str) -> None:
        """Finish a sign-in that another device began, at the address with the code in it."""
        response = self.client.get(address)
        for _ in range(_HOPS):
            while response.is_redirect:
                address = urljoin(address, response.headers["location"])
                response = self.client.get(address)
            if "/interaction/" in address:
                response = self.client.post(address, data={"account": account})
                continue
            form = _hidden(response.text)
            if not form:
                assert response.status_code == 200, response.text[:500]
                return
            address = urljoin(address, form.pop("action"))
            response = self.client.post(address, data=form)

    def end_session(self, address: str) -> None:
        """Sign out at the provider, and say yes to its question."""
        page = self.client.get(address)
        form = _hidden(page.text)
        form["logout"] = "yes"
        response = self.client.post(urljoin(address, form.pop("action")), data=form)
        assert response.status_code in {200, 302, 303}, _text(response.text)


def _text(page: str) -> str:
    return re.sub("<style.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL).strip()[:800]


def _hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of a page's form and where it goes; {} where there is none."""
    found: dict[str, str] = {}
    for piece in page.split("<")[1:]:
        tag = piece.partition(">")[0].removesuffix("/")
        words = dict(
            part.split("=", 1) for part in tag.replace('"', "").split() if part.count("=") == 1
        )
        if tag.startswith("form"):
            found["action"] = words.get("action", "")
        elif tag.startswith("input") and "hidden" in tag and "name" in words:
            found[words["name"]] = words.get("value", "")
    return found if "action" in found and len(found) > 1 else {}


def tokens_of_system(client: SignInClient, key: SigningKey, scope: str = "issuing") -> TokenSet:
    """Ask for a system's own tokens (RFC 6749 4.4), bound to a key."""
    form = {"grant_type": "client_credentials"}
    if scope:
        form["scope"] = scope
    assert client.provider.resource is not None
    form["resource"] = client.provider.resource
    return client.endpoint.ask_tokens(client.metadata.token_endpoint, form, key)


@contextmanager
def running_provider(
    clients: Sequence[Mapping[str, object]],
    accounts: Mapping[str, Mapping[str, object]],
    **options: object,
) -> Iterator[RunningProvider]:
    """Start a provider; skip the test where npm's parts are not installed."""
    if shutil.which("node") is None or not (_DIRECTORY / "node_modules").is_dir():
        pytest.skip("the test provider is not installed: make npm")
    told = json.dumps({"clients": clients, "accounts": accounts, **options})
    with subprocess.Popen(
        ["node", "--no-deprecation", _DIRECTORY / "provider.mjs", told],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            with ExitStack() as opened:
                yield RunningProvider(json.loads(line)["issuer"], process, opened)
        finally:
            process.kill()
