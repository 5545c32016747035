"""Table of every endpoint of the issuing API: who may call it, and what answers whom.

Written by hand from what people are promised, not from the code's own table of rights.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from core.permits import Role

V1 = "/issuing/v1"
ANY_ROLE = frozenset(Role)
ASKS = frozenset({Role.OPERATOR})
"""May ask for a licence of the walk's type, which narrows what the table of rights allows."""
SEALS = frozenset({Role.SEALER})
DECIDES = frozenset({Role.APPROVER})
NOBODY: frozenset[Role] = frozenset()


class Kind(Enum):
    """What an endpoint is about, and so who learns of it."""

    OPEN = auto()
    """Nobody has to be signed in."""
    SELF = auto()
    """Whoever is signed in, about themselves."""
    LIST = auto()
    """What is within reach; of the rest nothing."""
    OBJECT = auto()
    """A thing of one authority; out of reach there is none."""
    CREATE = auto()
    """For an authority that the body names; out of reach it is refused."""


@dataclass(frozen=True, slots=True)
class Things:
    """Things of the authority whose officers are let in; made anew for each call that uses them."""

    asked: Callable[[], str]
    """A request that waits, asked for by an operator who is nobody of the walk."""
    own: Callable[[], str]
    """The same, asked for by the caller where they may ask."""
    approved: Callable[[], str]
    licence: str
    body: Callable[[], dict[str, Any]]
    """A licence asked for in the authority's name."""
    key: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One endpoint."""

    kind: Kind
    allowed: frozenset[Role] = ANY_ROLE
    """In the authority, or in all: others there are refused."""
    ok: frozenset[int] = frozenset({200})
    """Statuses that say yes."""
    no: frozenset[int] = frozenset({403})
    """Statuses for who is there in another role."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Field of `Things` by parameter of the path."""
    body: Callable[[Things], Any] | None = None
    keyed: bool = False
    """It takes an idempotency key."""


def _reason(things: Things) -> dict[str, Any]:
    del things
    return {"reason": "样例理由"}


def _change(things: Things) -> dict[str, Any]:
    del things
    return {"change": "reinstate", "basis": "样例依据"}


def _certificate(things: Things) -> dict[str, Any]:
    del things
    return {"certificate": "MAMCAQA="}


def _value(things: Things) -> dict[str, Any]:
    del things
    return {"value": "MAMCAQA="}


def _licence(things: Things) -> dict[str, Any]:
    return things.body()


_ASKED = {"request_id": "asked"}
_OF_LICENCE = {"identifier": "licence"}

WALK: Mapping[str, Entry] = {
    # Sign-in: the provider of this desk is away, and says so.
    "GET /issuing/openapi.json": Entry(Kind.OPEN),
    f"GET {V1}/sign-in": Entry(Kind.OPEN),
    "GET /issuing/sign-in/{alias}": Entry(Kind.OPEN, ok=frozenset({503})),
    "GET /issuing/signed-in/{alias}": Entry(Kind.OPEN, ok=frozenset({401, 403, 422})),
    "POST /issuing/sign-out": Entry(Kind.OPEN, ok=frozenset({415})),
    "POST /issuing/signed-out/{alias}": Entry(Kind.OPEN, ok=frozenset({415})),
    f"GET {V1}/me": Entry(Kind.SELF),
    # Requests.
    f"POST {V1}/requests": Entry(Kind.CREATE, ASKS, frozenset({201}), body=_licence, keyed=True),
    f"GET {V1}/requests": Entry(Kind.LIST),
    f"GET {V1}/requests/{{request_id}}": Entry(Kind.OBJECT, names=_ASKED),
    f"GET {V1}/requests/{{request_id}}/content": Entry(Kind.OBJECT, names=_ASKED),
    f"GET {V1}/requests/{{request_id}}/photo": Entry(
        Kind.OBJECT, ok=frozenset({404}), names=_ASKED
    ),
    f"POST {V1}/requests/{{request_id}}/approval": Entry(
        Kind.OBJECT, DECIDES, names=_ASKED, body=_reason
    ),
    f"POST {V1}/requests/{{request_id}}/rejection": Entry(
        Kind.OBJECT, DECIDES, names=_ASKED, body=_reason
    ),
    f"POST {V1}/requests/{{request_id}}/withdrawal": Entry(
        Kind.OBJECT, ASKS, no=frozenset({403, 404}), names={"request_id": "own"}, body=_reason
    ),
    f"POST {V1}/requests/{{request_id}}/licence": Entry(
        Kind.OBJECT, SEALS, frozenset({201}), names={"request_id": "approved"}
    ),
    # Nobody of the walk has a certificate, nor anything that waits for their signature.
    f"POST {V1}/requests/{{request_id}}/signature": Entry(
        Kind.OBJECT, SEALS, frozenset({409}), names={"request_id": "approved"}, body=_certificate
    ),
    f"PUT {V1}/requests/{{request_id}}/signature": Entry(
        Kind.OBJECT, SEALS, frozenset({409}), names={"request_id": "approved"}, body=_value
    ),
    # Licences.
    # Who asks and who seals are two roles: nobody of the walk has both.
    f"POST {V1}/licences": Entry(Kind.CREATE, NOBODY, body=_licence, keyed=True),
    f"GET {V1}/licences": Entry(Kind.LIST),
    f"GET {V1}/licences/{{identifier}}": Entry(Kind.OBJECT, names=_OF_LICENCE),
    f"GET {V1}/licences/{{identifier}}/document": Entry(Kind.OBJECT, names=_OF_LICENCE),
    # In force already: the state machine refuses whom the rights let through.
    f"POST {V1}/licences/{{identifier}}/changes": Entry(
        Kind.OBJECT, ASKS, frozenset({409}), names=_OF_LICENCE, body=_change
    ),
}
"""By method and path."""
