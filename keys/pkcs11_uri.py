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
        raise _bad("须以 pkcs11: 开头", "it must begin with pkcs11:")
    if len(uri) > _MAX_CHARACTERS:
        raise _bad(f"超过 {_MAX_CHARACTERS} 个字符", f"it is longer than {_MAX_CHARACTERS}")
    path, _, query = uri.removeprefix(SCHEME).partition("?")
    attributes = dict(_attributes(path.split(";"), _PATH_VALUE, _PATH_NAMES))
    queries = dict(_attributes(query.split("&"), _QUERY_VALUE, _QUERY_NAMES))
    if "module-path" not in queries:
        raise _bad("缺少 module-path", "module-path (the vendor's library) is missing")
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
            raise _bad(f"{name} 的值不正确", f"the value of {name} is malformed")
        if name in seen:
            raise _bad(f"{name} 重复", f"{name} is there twice")
        seen.add(name)
        yield name, _decoded(name, value)


def _check_name(name: str, known: frozenset[str]) -> None:
    if name == "pin-value":
        raise _bad(
            "不接受 pin-value：PIN 不得写入地址。请用 pin-source=file:…、描述符、systemd 凭据"
            "或终端",
            "pin-value is refused: a PIN must not stand in an address. Use pin-source=file:…, a "
            "descriptor, a systemd credential or the terminal",
        )
    if name in _OBJECT_NAMES:
        raise _bad(
            f"{name} 指的是令牌中的对象；此处只需指明令牌",
            f"{name} names an object; only the token is to be named here",
        )
    if name not in known:
        shown = name if name.isascii() and name.isprintable() and len(name) <= 32 else "?"  # noqa: PLR2004
        raise _bad(f"不支持属性“{shown}”", f"the attribute “{shown}” is not supported")


def _decoded(name: str, value: str) -> str:
    try:
        decoded = unquote_to_bytes(value).decode()
    except UnicodeDecodeError as error:
        raise _bad(f"{name} 的值不是 UTF-8", f"the value of {name} is not UTF-8") from error
    if not decoded.isprintable():
        raise _bad(f"{name} 的值含不可见字符", f"the value of {name} holds unprintable characters")
    return decoded


def _absolute(value: str, name: str) -> Path:
    path = Path(value)
    if not path.is_absolute():
        raise _bad(f"{name} 须为绝对路径", f"{name} must be an absolute path")
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
        raise _bad("slot-id 须为十进制数", "slot-id must be a decimal number")
    return int(value)


def _bad(zh: str, en: str) -> ConfigurationError:
    return ConfigurationError(f"令牌地址有误：{zh}。", f"The token's address cannot hold: {en}.")
