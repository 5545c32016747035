"""A desk whose provider tells of who leaves; what it would say, a test can say."""

import secrets
from collections.abc import Mapping
from typing import Any

import httpx2

from core.clock import SystemClock
from identity.tokens.happenings import CAEP, RISC
from identity.tokens.jose import SigningKey, sign_token
from tests.issuing_api.desk import ALIAS, PROVIDER_KEY, RunningDesk

REVOKED, DISABLED = f"{CAEP}session-revoked", f"{RISC}account-disabled"
AUDIENCE = "desk"
SECEVENT = "application/secevent+jwt"


def claims_of(
    desk: RunningDesk, account: str, kind: str = REVOKED, **changed: object
) -> dict[str, Any]:
    """Return the claims of an event about an account."""
    issuer = desk.provider.issuer
    return {
        "iss": issuer,
        "aud": AUDIENCE,
        "iat": int(SystemClock().now().timestamp()),
        "jti": secrets.token_hex(8),
        "sub_id": {"format": "iss_sub", "iss": issuer, "sub": account},
        "events": {kind: {}},
        **changed,
    }


def event(
    claims: Mapping[str, object],
    key: SigningKey = PROVIDER_KEY,
    typ: str = "secevent+jwt",
    key_id: str = "sig-1",
) -> str:
    """Return a security event token."""
    return sign_token(claims, key, typ=typ, key_id=key_id)


def push(
    desk: RunningDesk, token: str | bytes, alias: str = ALIAS, media_type: str = SECEVENT
) -> httpx2.Response:
    """Push a token as a transmitter does (RFC 8935)."""
    return desk.http.post(
        f"{desk.url}/issuing/events/{alias}",
        content=token,
        headers={"Content-Type": media_type, "Accept": "application/json"},
    )


def counted(desk: RunningDesk, event: str, outcome: str) -> int:
    """Return how many events were counted so."""
    wanted = f'xinyin_security_events_total{{event="{event}",outcome="{outcome}"}} '
    found = [line for line in desk.metrics.events.lines() if line.startswith(wanted)]
    return int(found[0].rpartition(" ")[2]) if found else 0
