"""Names and groups as an issuer tells them, bounded."""

from collections.abc import Mapping

from core.errors import NotAllowedError
from identity.people import messages

MAX_NAME = 100
MAX_GROUPS = 200


def name_of(value: object) -> str:
    """Return a display name as an issuer gives it, bounded; empty for what is none."""
    if not isinstance(value, str):
        return ""
    return "".join(one for one in value if one.isprintable()).strip()[:MAX_NAME]


def groups_of(value: object) -> tuple[str, ...]:
    """Return the groups that an issuer names. Raises `NotAllowedError` for too many.

    Some left out would be roles taken away in silence.
    """
    if not isinstance(value, list):
        return ()
    if len(value) > MAX_GROUPS:
        raise NotAllowedError(messages.too_many_groups(MAX_GROUPS))
    return tuple(one for one in value if isinstance(one, str) and one)


def divided(name: str, claims: Mapping[str, object]) -> tuple[str, str] | None:
    """Return surname and given name, where the issuer divides this very name; else None.

    The claims say where the name is divided and add nothing to it.
    """
    surname, given = (name_of(claims.get(one)) for one in ("family_name", "given_name"))
    if not surname or not given:
        return None
    return (surname, given) if name in whole_names(surname, given) else None


def whole_names(surname: str, given: str) -> tuple[str, ...]:
    """Return the ways in which a name is put together of its parts."""
    return f"{surname}{given}", f"{surname} {given}", f"{given} {surname}"
