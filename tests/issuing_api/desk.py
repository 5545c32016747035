"""A home that serves the issuing API for real, with a certified provider and people at browsers."""

import json
import secrets
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from core.clock import SystemClock
from core.schedule import Duty
from core.web import server
from core.web.limits.throttling import Rate
from home.identity.file import read_identity_file
from home.identity.sign_in import open_desk, open_issuing_app, open_rights
from home.wiring import Home
from identity.oidc.provider import ClientKey, Provider
from identity.oidc.sign_in import SignInClient
from identity.tokens.algorithms import JwsAlgorithm
from identity.tokens.jwk import show_jwk
from identity.tokens.making import dpop_proof
from identity.tokens.strict import encode_base64url
from issuing_api.app import IssuingLimits, IssuingMetrics
from tests.identity.provider import (
    Browser,
    RunningProvider,
    key_client,
    public_client,
    running_provider,
    tokens_of_system,
)

ALIAS = "main"
MANY_SIGN_INS = IssuingLimits(sign_ins=Rate(burst=10_000, per_minute=10_000))
"""For tests that share a network and sign in more often than its 60 a minute."""
CLIENT_KEY = ec.generate_private_key(ec.SECP256R1())
PROVIDER_KEY = ec.generate_private_key(ec.SECP256R1())
"""By which the provider signs: what it would say, a test can say."""
ACCOUNTS: Mapping[str, Mapping[str, object]] = {
    "li": {"name": "李样", "groups": ["经办"]},
    "wang": {"name": "王例", "groups": ["审批"]},
    "zhao": {"name": "赵样", "groups": ["签发"]},
    "sun": {"name": "孙例", "groups": ["住建经办"]},
    "qian": {"name": "钱样", "groups": ["监督"]},
    "zhou": {"name": "周例", "groups": ["经办", "签发"]},
    "chen": {"name": "陈样", "groups": ["登记"]},
    "zheng": {"name": "郑例", "groups": ["登记"]},
    "wei": {"name": "魏例", "groups": ["住建审批"]},
    "han": {"name": "韩样", "groups": ["住建签发"]},
    "nobody": {"name": "无职", "groups": []},
}
GROUPS = """
[[groups]]
provider = "main"
group = "经办"
role = "operator"
authority = "{authority}"
[[groups]]
provider = "main"
group = "审批"
role = "approver"
authority = "{authority}"
[[groups]]
provider = "main"
group = "签发"
role = "sealer"
authority = "{authority}"
[[groups]]
provider = "main"
group = "登记"
role = "registrar"
authority = "{authority}"
[[groups]]
provider = "main"
group = "住建经办"
role = "operator"
authority = "{other}"
[[groups]]
provider = "main"
group = "住建审批"
role = "approver"
authority = "{other}"
[[groups]]
provider = "main"
group = "住建签发"
role = "sealer"
authority = "{other}"
[[groups]]
provider = "main"
group = "监督"
role = "auditor"
everywhere = true
"""


@dataclass
class Person:
    """Somebody at a browser: their cookies here, and at the provider."""

    desk: "RunningDesk"
    browser: Browser
    cookies: dict[str, str] = field(default_factory=dict)

    def sign_in(self, account: str = "", query: str = "", **form: str) -> httpx2.Response:
        """Sign in at the provider, and come back."""
        begun = self.ask("GET", f"/issuing/sign-in/{ALIAS}{query}")
        assert begun.status_code == 303, begun.text
        back = self.browser.follow(begun.headers["location"], account, **form)
        return self.ask("GET", back.removeprefix(self.desk.url))

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """Send a request as this browser would, from a page of ours."""
        sent = {"Cookie": "; ".join(f"{key}={value}" for key, value in self.cookies.items())}
        if method != "GET":
            sent |= {"Origin": self.desk.url, "Sec-Fetch-Site": "same-origin"}
        sent |= {key.replace("_", "-"): value for key, value in headers.items()}
        response = self.desk.http.request(
            method,
            f"{self.desk.url}{path}",
            json=body,
            headers={k: v for k, v in sent.items() if v},
        )
        for cookie in response.headers.get_list("set-cookie"):
            name, _, rest = cookie.partition("=")
            value = rest.partition(";")[0]
            if "Max-Age=0" in cookie:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return response


@dataclass
class RunningDesk:
    """A server that answers below /issuing, and its provider."""

    url: str
    home: Home
    provider: RunningProvider
    http: httpx2.Client
    duties: list[Duty] = field(default_factory=list)
    """Of the server, none of which runs by itself here."""
    metrics: IssuingMetrics = field(default_factory=IssuingMetrics)
    authority: str = ""
    """Of most of its officers."""

    def duty(self, name: str) -> None:
        """Do what a service would do by itself."""
        next(one for one in self.duties if one.name == name).work()

    def person(self, account: str | None = None, **form: str) -> Person:
        """Return somebody, signed in where an account is named."""
        person = Person(self, self.provider.browser())
        if account is not None:
            response = person.sign_in(account, **form)
            if response.status_code == 429:  # many tests of one desk signed in within the minute
                time.sleep(int(response.headers["Retry-After"]) + 1)
                response = person.sign_in(account, **form)
            assert response.status_code == 303, response.text
        return person

    def token_of_browser_client(self, account: str, key: ec.EllipticCurvePrivateKey) -> str:
        """Return a person's access token to us that the browser's client asked for."""
        provider = Provider(
            ALIAS,
            self.provider.issuer,
            "desk",
            JwsAlgorithm.ES256,
            ClientKey(CLIENT_KEY, "client-1"),
            ("openid", "profile", "issuing"),
            self.url,
            plain_loopback=True,
        )
        client = SignInClient(provider, SystemClock(), secrets.token_bytes)
        address, pending = client.begin(f"{self.url}/issuing/signed-in/{ALIAS}")
        answer = self.provider.browser().sign_in(address, account)
        return client.finish(pending, answer, key).tokens.access_token

    def work(self) -> None:
        """Carry out the jobs that wait, as the duty does."""
        file = read_identity_file(self.home.directory)
        assert file is not None
        open_desk(self.home, open_rights(self.home, file)).worker.work(lambda: False)

    def system(self) -> "System":
        """Return a system with tokens of its own."""
        return System(self, ec.generate_private_key(ec.SECP256R1()))


@dataclass
class System:
    """A system that calls with a token bound to its key."""

    desk: RunningDesk
    key: ec.EllipticCurvePrivateKey
    token: str = ""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """Send a request with a proof of its own."""
        sent = self.headers(method, path)
        sent |= {key.replace("_", "-"): value for key, value in headers.items()}
        address = f"{self.desk.url}{path}"
        return self.desk.http.request(method, address, json=body, headers=sent)

    def headers(self, method: str, path: str) -> dict[str, str]:
        """Return the token and a new proof for a request."""
        if not self.token:
            self.token = self.fetch_token()
        proof = dpop_proof(
            self.key,
            method,
            f"{self.desk.url}{path}",
            now=SystemClock().now(),
            random=secrets.token_bytes,
            access_token=self.token,
        )
        return {"Authorization": f"DPoP {self.token}", "DPoP": proof}

    def fetch_token(self, scope: str = "issuing", client_id: str = "store") -> str:
        """Ask the provider for a token bound to the key."""
        provider = Provider(
            ALIAS,
            self.desk.provider.issuer,
            client_id,
            JwsAlgorithm.ES256,
            ClientKey(CLIENT_KEY, "client-1"),
            resource=self.desk.url,
            plain_loopback=True,
        )
        client = SignInClient(provider, SystemClock(), secrets.token_bytes)
        return tokens_of_system(client, self.key, scope).access_token


def provider_jwk() -> dict[str, object]:
    """Return the provider's private key as its settings take it."""
    secret = PROVIDER_KEY.private_numbers().private_value.to_bytes(32, "big")
    public = show_jwk(PROVIDER_KEY.public_key())
    named = {"kid": "sig-1", "use": "sig", "alg": "ES256"}
    return {**public, **named, "d": encode_base64url(secret)}


@contextmanager
def running_desk(
    directory: Path,
    authority: str,
    other: str,
    more: str = "",
    *,
    limits: IssuingLimits = MANY_SIGN_INS,
) -> Iterator[RunningDesk]:
    """Serve the issuing API of a home on a free port, with a provider beside it; `more` of its
    settings.
    """
    with (
        server.bind("127.0.0.1", 0) as listener,
        served_elsewhere(directory, server.base_url(listener), authority, other, more) as desk,
    ):
        opened = open_issuing_app(desk.home, desk.metrics, limits=limits)
        assert opened is not None
        desk.duties = opened[1]
        answering = threading.Event()
        served = server.AnnouncingServer(server.configuration(opened[0]), answering.set)
        thread = threading.Thread(target=served.run, args=([listener],))
        thread.start()
        assert answering.wait(10)
        try:
            yield desk
        finally:
            served.should_exit = True
            thread.join(10)


@contextmanager
def served_elsewhere(
    directory: Path,
    url: str,
    authority: str,
    other: str,
    more: str = "",
    *,
    trusted: ssl.SSLContext | bool = True,
) -> Iterator[RunningDesk]:
    """Set a home up for the issuing API at `url`, with a provider beside it."""
    pem = CLIENT_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key_file = directory / "client.pem"
    key_file.write_bytes(pem)
    key_file.chmod(0o600)
    secure = url.startswith("https:")
    desk = key_client(
        "desk",
        CLIENT_KEY.public_key(),
        f"{url}/issuing/signed-in/{ALIAS}",
        backchannel_logout_uri=f"{url}/issuing/signed-out/{ALIAS}",
        post_logout_redirect_uris=[f"{url}/issuing/"],
        application_type="web" if secure else "native",  # which of them may be at localhost
    )
    store = key_client(
        "store",
        CLIENT_KEY.public_key(),
        grant_types=["client_credentials"],
        response_types=[],
        dpop_bound_access_tokens=True,
    )
    provisioning = {**store, "client_id": "provisioning"}
    line = public_client("line", "http://127.0.0.1/callback")
    enrol = public_client("enrol", "http://127.0.0.1/callback", dpop_bound_access_tokens=False)
    desk["grant_types"] = ["authorization_code", "refresh_token", "client_credentials"]
    clients = [desk, store, provisioning, line, enrol]
    with running_provider(clients, ACCOUNTS, key=provider_jwk()) as provider:
        settings = (
            f'public_url = "{url}"\n[[providers]]\nalias = "{ALIAS}"\nlabel = "统一身份"\n'
            f'issuer = "{provider.issuer}"\nclient_id = "desk"\n'
            'command_line_client = "line"\nenrolment_client = "enrol"\n'
            'client_key_file = "client.pem"\nclient_key_id = "client-1"\n'
            'algorithm = "ES256"\nscopes = ["openid", "profile", "issuing"]\n'
            'strong_acrs = ["urn:xinyin:two"]\nplain_loopback = true\n'
        )
        text = settings + more + GROUPS.format(authority=authority, other=other)
        (directory / "identity.toml").write_text(text, "utf-8")
        client = httpx2.Client(trust_env=False, timeout=60, verify=trusted)
        with Home(directory, {}) as home, client as http:
            yield RunningDesk(url, home, provider, http, authority=authority)


def words_of(response: httpx2.Response) -> str:
    """Return what a problem says, for messages of failed tests."""
    return json.dumps(response.json(), ensure_ascii=False) if response.text else ""
