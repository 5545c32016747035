"""Addresses of tokens: `pkcs11:` URIs (RFC 7512), of which a strict subset is taken.

A URI names a token, never an object: which key is meant is said by its id. `pin-value` is refused,
since a URI stands in files, arguments and logs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from core.errors import ConfigurationError
from core.text import Text
from keys import messages

SCHEME = "pkcs11:"
_MAX_CHARACTERS = 1024
_PATH_VALUE = re.compile(r"(?:[A-Za-z0-9\-._~:\[\]@!$'()*+,=&]|%[0-9A-Fa-f]{2})*")
"""RFC 7512 2.3, pk11-pchar."""
_QUERY_VALUE = re.compile(r"(?:[A-Za-z0-9\-._~:\[\]@!$'()*+,=/?|]|%[0-9A-Fa-f]{2})*")
"""RFC 7512 2.3, pk11-qchar."""
_PATH_NAMES = frozenset({"token", "serial", "slot-id", "manufacturer", "model"})
_QUERY_NAMES = frozenset({"module-path", "pin-source"})
_OBJECT_NAMES = frozenset({"object", "type", "id"})


@dataclass(frozen=True, slots=True)
class TokenAddress:
    """Location of a token; an attribute that is None matches anything."""

    module_path: Path
    """The vendor's library, absolute."""
    token: str | None = None
    """CK_TOKEN_INFO.label."""
    serial: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    slot_id: int | None = None
    pin_file: Path | None = None
    """Where `pin-source` says that the PIN is, absolute."""


def parse_token_uri(uri: str) -> TokenAddress:
    """Take a URI apart. Raises `ConfigurationError`, which never repeats a PIN."""
    if not uri.startswith(SCHEME):
        raise _bad(messages.PKCS11_SCHEME_REQUIRED)
    if len(uri) > _MAX_CHARACTERS:
        raise _bad(messages.token_address_too_long(_MAX_CHARACTERS))
    path, _, query = uri.removeprefix(SCHEME).partition("?")
    attributes = dict(_attributes(path.split(";"), _PATH_VALUE, _PATH_NAMES))
    queries = dict(_attributes(query.split("&"), _QUERY_VALUE, _QUERY_NAMES))
    if "module-path" not in queries:
        raise _bad(messages.MODULE_PATH_MISSING)
    pin_source = queries.get("pin-source")
    return TokenAddress(
        module_path=_absolute(queries["module-path"], "module-path"),
        token=attributes.get("token"),
        serial=attributes.get("serial"),
        manufacturer=attributes.get("manufacturer"),
        model=attributes.get("model"),
        slot_id=_slot_id(attributes.get("slot-id")),
        pin_file=None if pin_source is None else _pin_file(pin_source),
    )


def _attributes(
    parts: list[str], allowed: re.Pattern[str], known: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """Yield decoded attributes; each at most once (RFC 7512 2.3)."""
    seen: set[str] = set()
    for part in parts:
        if not part and len(parts) == 1:
            return
        name, separator, value = part.partition("=")
        _check_name(name, known)
        if not separator or not value or not allowed.fullmatch(value):
            raise _bad(messages.attribute_value_malformed(name))
        if name in seen:
            raise _bad(messages.duplicate_attribute(name))
        seen.add(name)
        yield name, _decoded(name, value)


def _check_name(name: str, known: frozenset[str]) -> None:
    if name == "pin-value":
        raise _bad(messages.PIN_VALUE_REFUSED)
    if name in _OBJECT_NAMES:
        raise _bad(messages.object_attribute_refused(name))
    if name not in known:
        shown = name if name.isascii() and name.isprintable() and len(name) <= 32 else "?"  # noqa: PLR2004
        raise _bad(messages.attribute_unsupported(shown))


def _decoded(name: str, value: str) -> str:
    try:
        decoded = unquote_to_bytes(value).decode()
    except UnicodeDecodeError as error:
        raise _bad(messages.attribute_value_not_utf8(name)) from error
    if not decoded.isprintable():
        raise _bad(messages.attribute_value_unprintable(name))
    return decoded


def _absolute(value: str, name: str) -> Path:
    path = Path(value)
    if not path.is_absolute():
        raise _bad(messages.absolute_path_required(name))
    return path


def _pin_file(value: str) -> Path:
    """RFC 7512 2.4 also has `|command`; a PIN by running something is refused."""
    path = value.removeprefix("file:")
    if path.startswith("//"):
        path = path.removeprefix("//")
    return _absolute(path, "pin-source")


def _slot_id(value: str | None) -> int | None:
    if value is None:
        return None
    if not re.fullmatch("[0-9]{1,19}", value):
        raise _bad(messages.SLOT_ID_NOT_DECIMAL)
    return int(value)


def _bad(text: Text) -> ConfigurationError:
    return ConfigurationError(messages.token_address_invalid(text))
