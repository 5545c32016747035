"""Happenings that security event tokens tell of: what each ends here, and of whom.

Event types of OpenID CAEP 1.0 and RISC 1.0, subjects by RFC 9493 and the Shared Signals Framework
1.0. Nobody is found but by issuer and subject: an e-mail address or a telephone number changes
hands.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from identity.tokens.claims import optional_id
from identity.tokens.refusals import TokenRefusedError
from identity.tokens.security_event import Event, SecurityEvent

CAEP: Final = "https://schemas.openid.net/secevent/caep/event-type/"
RISC: Final = "https://schemas.openid.net/secevent/risc/event-type/"
UNKNOWN: Final = "unknown"
"""Name of every event that is not in the table: what others call theirs is not repeated."""
_MAX_ALIASES: Final = 20


class Effect(StrEnum):
    """Effect of an event."""

    SIGN_OUT = "sign_out"
    """Sessions and access tokens end; who may sign in signs in anew."""
    DISABLE = "disable"
    """All ends, as by `xinyin officer disable`."""


EFFECTS: Mapping[str, Effect] = MappingProxyType(
    {
        f"{CAEP}session-revoked": Effect.SIGN_OUT,
        f"{CAEP}credential-change": Effect.SIGN_OUT,
        # Groups may be others now: they are looked at when somebody signs in.
        f"{CAEP}token-claims-change": Effect.SIGN_OUT,
        f"{RISC}sessions-revoked": Effect.SIGN_OUT,
        f"{RISC}account-credential-change-required": Effect.SIGN_OUT,
        f"{RISC}credential-compromise": Effect.SIGN_OUT,
        f"{RISC}account-disabled": Effect.DISABLE,
        f"{RISC}account-purged": Effect.DISABLE,
    }
)
"""Events that end something; all others are acknowledged and counted."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a token."""

    name: str
    """Last part of a known type, else `unknown`."""
    effect: Effect | None
    """None: it ends nothing here."""
    subject: str | None
    """In the token's own issuer; None: it names nobody whom we could know."""
    session: str | None = None
    """Of the provider (`sid`), where the event is of one session alone."""


def happenings_of(token: SecurityEvent) -> tuple[Happening, ...]:
    """Return the happenings of a verified token."""
    return tuple(_happening(token, kind, event) for kind, event in token.events.items())


def _happening(token: SecurityEvent, kind: str, event: Event) -> Happening:
    effect = EFFECTS.get(kind)
    name = UNKNOWN if effect is None else kind.rpartition("/")[2]
    # SSF 1.0 has the subject beside the events, drafts before it within; RFC 8417 knows `sub`.
    within = event.get("subject")
    named = within if isinstance(within, dict) else token.subject_id
    if named is None:
        return Happening(name, effect, token.subject)
    return Happening(name, effect, _subject(named, token.issuer), _session(named))


def _subject(named: Mapping[str, object], issuer: str) -> str | None:
    """Return the first subject of this issuer; another's is none of its business."""
    for one in _identifiers(named):
        if one.get("iss") == issuer:
            with suppress(TokenRefusedError):
                return optional_id(one, "sub")
    return None


def _session(named: Mapping[str, object]) -> str | None:
    """Return the session of a complex subject; in any other form the whole user is meant."""
    session = named.get("session")
    if isinstance(session, dict) and session.get("format") == "opaque":
        with suppress(TokenRefusedError):
            return optional_id(session, "id")
    return None


def _identifiers(named: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Yield the pairs of issuer and subject in a subject identifier."""
    match named.get("format") or named.get("subject_type"):
        case "iss_sub" | "iss-sub":
            yield named
        case "aliases":
            listed = named.get("identifiers")
            for one in (listed if isinstance(listed, list) else [])[:_MAX_ALIASES]:
                if isinstance(one, dict) and one.get("format") == "iss_sub":
                    yield one
        case "complex" | None:
            user = named.get("user")
            if isinstance(user, dict) and user.get("format") != "complex" and "user" not in user:
                yield from _identifiers(user)
        case _:
            return
