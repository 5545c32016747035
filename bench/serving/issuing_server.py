"""Server of the signed-in rows: `python -m bench.serving.issuing_server floor|issuing`.

`issuing` serves a demo home whose officer is signed in; `floor` returns the same answers as
constant bytes. Prints one line of JSON as `bench.serving.trust_server` does; ends with its stdin.
"""

import contextlib
import io
import json
import secrets
import sys
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from starlette.types import ASGIApp, Receive, Scope, Send

from bench.serving.trust_server import serve
from cli.main import xinyin
from core.permits import Action, Role
from core.web.limits.throttling import Rate
from home.identity.sign_in import open_issuing_app
from home.wiring import Home
from identity.people.model import IdentityKind, Pin
from identity.sessions.browser import SESSION_COOKIE
from identity.sessions.sessions import Sessions
from issuing_api.app import IssuingLimits, IssuingMetrics
from registry.bodies.authorities import list_authorities
from registry.desk.sign_in.session_store import SqlSessions
from registry.officers.identities import NewIdentity, add_identity
from registry.officers.roles import RoleGift, assign_role

PATHS = {"me": "/issuing/v1/me", "requests": "/issuing/v1/requests", "page": "/issuing/"}
ISSUER = "http://127.0.0.1:1"
UNLIMITED = Rate(burst=10**9, per_minute=10**9)


def main(kind: str) -> None:
    """Serve until stdin ends."""
    with tempfile.TemporaryDirectory(prefix="xinyin-bench-") as name:
        directory = Path(name) / "home"
        with contextlib.redirect_stdout(io.StringIO()):
            xinyin(["demo", "--home", str(directory), "--count", "1"], standalone_mode=False)
        _name_provider(directory)
        with Home(directory, {}) as home:
            cookie = _signed_in(home)
            opened = open_issuing_app(home, IssuingMetrics(), limits=IssuingLimits(UNLIMITED))
            assert opened is not None
            requests = {name: [_get(path, cookie)] for name, path in PATHS.items()}
            serve(_constant() if kind == "floor" else opened[0], requests)


def _name_provider(directory: Path) -> None:
    """Name a provider that nobody asks: who is signed in is known."""
    key = ec.generate_private_key(ec.SECP256R1())
    file = directory / "client.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    file.chmod(0o600)
    (directory / "identity.toml").write_text(
        f'public_url = "http://localhost:1"\n[[providers]]\nalias = "main"\nlabel = "统一身份"\n'
        f'issuer = "{ISSUER}"\nclient_id = "desk"\nclient_key_file = "client.pem"\n'
        'client_key_id = "client-1"\nalgorithm = "ES256"\nplain_loopback = true\n',
        "utf-8",
    )


def _signed_in(home: Home) -> str:
    """Record an operator and sign them in; return the cookie."""
    permit, now = home.permit(Action.MANAGE_OFFICERS), home.clock.now()
    new = NewIdentity(Pin(ISSUER, "li"), IdentityKind.PERSON, "李样", None)
    with home.database.writing() as connection:
        made = add_identity(connection, new, permit, now, secrets.token_bytes)
        authority = list_authorities(connection)[0].authority_id
        gift = RoleGift(made.identity_id, Role.OPERATOR, authority)
        assign_role(connection, gift, permit, now, secrets.token_bytes)
    sessions = Sessions(SqlSessions(home.database), home.clock, secrets.token_bytes)
    cookie, _ = sessions.open(
        issuer=ISSUER,
        subject="li",
        alias="main",
        provider_session=None,
        auth_time=now,
        acr=None,
        groups=(),
        name="李样",
        id_token=None,
    )
    return cookie


def _get(path: str, cookie: str) -> bytes:
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {SESSION_COOKIE}={cookie}\r\n\r\n"
    return head.encode()


def _constant() -> ASGIApp:
    """Return an application that answers all with one JSON object."""
    body = json.dumps({"name": "李样", "roles": [], "padding": "x" * 600}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    return app


if __name__ == "__main__":
    main(sys.argv[1])
