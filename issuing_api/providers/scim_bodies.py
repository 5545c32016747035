"""Bodies of SCIM requests, without the attributes of a user that we do not take.

Providers send along what they know of somebody: names, addresses, a manager. RFC 7643 has a name
for each; all but ours are left out before anything else reads them. What no standard names is a
mistake, and told as one.
"""

import json
from typing import Any, Final

from scim2_models import InvalidFilterException, InvalidSyntaxException

from identity.tokens.refusals import TokenRefusedError
from identity.tokens.strict import read_object
from issuing_api.providers.scim_filters import refuse_monster

MAX_BODY: Final = 64 * 1024
_OURS: Final = frozenset({"schemas", "id", "meta", "externalid", "username", "active"})
_LEFT_OUT: Final = frozenset(
    {
        "name",
        "displayname",
        "nickname",
        "profileurl",
        "title",
        "usertype",
        "preferredlanguage",
        "locale",
        "timezone",
        "password",
        "emails",
        "phonenumbers",
        "ims",
        "photos",
        "addresses",
        "groups",
        "entitlements",
        "roles",
        "x509certificates",
    }
)
"""Attributes of RFC 7643 4.1 that are not kept."""
_CORE: Final = "urn:ietf:params:scim:schemas:core:2.0:user"
_EXTENSIONS: Final = "urn:ietf:params:scim:schemas:extension:"
_MAX_OPERATIONS: Final = 50


def without_unkept(method: str, path: str, body: bytes) -> bytes | None:
    """Return a body with what we keep alone; None for a change of nothing that we keep.

    Raises `InvalidSyntaxException`, `InvalidFilterException`.
    """
    try:
        content = read_object(body) if body else {}
    except TokenRefusedError as error:
        raise InvalidSyntaxException(detail=error.reason.clause.en) from error
    if path.rstrip("/").endswith("/.search"):
        asked = content.get("filter")
        if asked is not None and not isinstance(asked, str):
            raise InvalidFilterException
        refuse_monster(asked or "")
    elif method == "PATCH":
        listed = _operations(content)
        kept = [one for one in map(_kept_operation, listed) if one is not None]
        if listed and not kept:
            return None
        content = {**content, "Operations": kept}
    else:
        content = _kept(content)
        if method == "POST" and not any(name.lower() == "active" for name in content):
            content["active"] = True
    return json.dumps(content).encode()


def _operations(content: dict[str, Any]) -> list[Any]:
    for name, value in content.items():
        if name.lower() == "operations":
            if not isinstance(value, list) or len(value) > _MAX_OPERATIONS:
                raise InvalidSyntaxException(detail=f"at most {_MAX_OPERATIONS} operations")
            del content[name]
            return value
    return []


def _kept_operation(operation: Any) -> Any:
    """Return an operation without what is not kept; None where nothing is left of it."""
    if not isinstance(operation, dict):
        return operation
    members = {name.lower(): name for name in operation}
    path = operation.get(members.get("path", ""))
    if isinstance(path, str):
        refuse_monster(path)
        return None if _is_unkept(path) else operation
    value = operation.get(members.get("value", ""))
    if isinstance(value, dict):
        kept = _kept(value)
        return {**operation, members["value"]: kept} if kept or not value else None
    return operation


def _kept(value: dict[str, Any]) -> dict[str, Any]:
    kept = {name: one for name, one in value.items() if not _is_unkept(name)}
    for name, one in kept.items():
        if name.lower() == "schemas" and isinstance(one, list):
            kept[name] = [urn for urn in one if not _is_extension(urn)]
    return kept


def _is_unkept(path: str) -> bool:
    """Tell whether an attribute's path leads to something that is not kept."""
    lower = path.lower().removeprefix(f"{_CORE}:")
    if _is_extension(lower):
        return True
    name = lower.split(".")[0].split("[")[0].strip()
    return name not in _OURS and name in _LEFT_OUT


def _is_extension(urn: object) -> bool:
    return isinstance(urn, str) and urn.lower().startswith(_EXTENSIONS)
