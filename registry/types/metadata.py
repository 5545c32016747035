"""The GB/T 36903 metadata that travels inside a licence's PDF, as an XML attachment.

XML, because those who take licences in read this vocabulary as XML elements (and a JSON reader
is no safer); no declaration of a document type, no namespaces, UTF-8. It says no more than the
face shows: where the face hides a birthday or leaves a field out, so does this.

Our vocabulary meets the wire's names here and nowhere else.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from registry.model import Authority, Holder, Licence
from registry.types.faces import face_fields
from registry.types.fields import FieldRule
from registry.types.licence_type import LicenceType

FILE_NAME: Final = "licence-metadata.xml"
MEDIA_TYPE: Final = "application/xml"
ZONE: Final = ZoneInfo("Asia/Shanghai")
"""The sealing time is written in the zone in which licences' dates are civil dates."""
_LONG_TERM: Final = "长期"
NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Outside the Char production of XML 1.0 (2.2): such a character cannot even be escaped."""


class WireName(StrEnum):
    """GB/T 36903's names as public systems write them."""

    NAME = "ZZMC"
    """证照名称."""
    TYPE_CODE = "ZZLXDM"
    """证照类型代码."""
    NUMBER = "ZZBH"
    """证照编号."""
    IDENTIFIER = "ZZBS"
    """证照标识."""
    AUTHORITY = "ZZBFJG"
    """颁发机构."""
    AUTHORITY_CODE = "ZZBFJGDM"
    """颁发机构代码."""
    GRANTED_ON = "ZZBFRQ"
    """颁发日期."""
    HOLDER = "CZZT"
    """持证主体."""
    HOLDER_CODE = "CZZTDM"
    """持证主体代码."""
    HOLDER_CODE_TYPE = "CZZTDMLX"
    """持证主体代码类型."""
    HOLDER_CODE_TYPE_CODE = "CZZTDMLXDM"
    """持证主体代码类型代码."""
    VALID_FROM = "ZZYXQQSRQ"
    """有效期起始日期."""
    VALID_UNTIL = "ZZYXQJZRQ"
    """有效期截止日期; 长期 where there is none."""
    SEALED_BY = "ZZQZR"
    """签章人."""
    SEALED_AT = "ZZQZSJ"
    """签章时间."""
    SEAL_NAME = "ZZQZMC"
    """签章名称."""
    REPLACES = "GLZZBS"
    """关联证照标识: the one that this licence replaces."""


_DECLARATION: Final = "<?xml version='1.0' encoding='utf-8'?>"
FACE_PREFIX: Final = "KZ_"
"""Before the key of a face field (扩展)."""

CODE_TYPES: Final = {
    "001": "统一社会信用代码",
    "099": "其他法人或其他组织有效证件代码",
    "111": "公民身份号码",
    "114": "军官证",
    "411": "外交护照",
    "412": "公务护照",
    "413": "普通护照",
    "414": "外国人护照",
    "511": "台湾居民来往大陆通行证",
    "516": "港澳居民来往内地通行证",
    "999": "其他自然人有效证件",
}
"""Holder code types of GB/T 36903, as far as they are known."""


_LINES: Final = {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#09;"}
"""Escapes of an attribute beside those of any text."""


class _Entry(NamedTuple):
    name: str
    value: str
    label: str = ""


def gbt36903(
    licence: Licence,
    licence_type: LicenceType,
    authority: Authority,
    seal_name: str,
    sealed_at: datetime,
) -> bytes:
    """Return the metadata attachment: UTF-8 XML, root `DZZZ`.

    `seal_name` is the seal's name in the ring, empty for the authority's own; `sealed_at` an
    aware instant, written in the zone of the licence's dates. Raises `ValueError` if it is naive.
    """
    if sealed_at.tzinfo is None:
        raise ValueError("sealed_at must be aware")
    said = [_line(1, one) for one in _entries(licence, authority, seal_name, sealed_at)]
    holders: list[str] = []
    for holder in licence.holders:
        entries = _holder_entries(holder, licence, licence_type)
        holders += _element(2, "CZZTX", [_line(3, one) for one in entries])
    face = [
        _line(2, _Entry(FACE_PREFIX + field.key, field.value, field.label.zh))
        for field in face_fields(licence_type, licence)
    ]
    parts = [*said, *_element(1, "CZZTXX", holders), *_element(1, "KZXX", face)]
    document = "\n".join((_DECLARATION, *_element(0, "DZZZ", parts)))
    return NOT_XML.sub("\ufffd", document).encode("utf-8")


def _entries(
    licence: Licence, authority: Authority, seal_name: str, sealed_at: datetime
) -> Iterator[_Entry]:
    until = licence.valid_until.isoformat() if licence.valid_until else _LONG_TERM
    yield _Entry(WireName.NAME, licence.type_name.zh)
    yield _Entry(WireName.TYPE_CODE, licence.type_code)
    yield _Entry(WireName.NUMBER, licence.number)
    yield _Entry(WireName.IDENTIFIER, licence.identifier)
    yield _Entry(WireName.AUTHORITY, authority.name)
    yield _Entry(WireName.AUTHORITY_CODE, authority.uscc)
    yield _Entry(WireName.GRANTED_ON, licence.granted_on.isoformat())
    yield _Entry(WireName.VALID_FROM, licence.valid_from.isoformat())
    yield _Entry(WireName.VALID_UNTIL, until)
    yield _Entry(WireName.SEALED_BY, authority.name)
    yield _Entry(WireName.SEAL_NAME, seal_name or authority.name)
    yield _Entry(WireName.SEALED_AT, sealed_at.astimezone(ZONE).isoformat(timespec="seconds"))
    if licence.replaces is not None:
        yield _Entry(WireName.REPLACES, licence.replaces)


def _holder_entries(
    holder: Holder, licence: Licence, licence_type: LicenceType
) -> Iterator[_Entry]:
    yield _Entry(WireName.HOLDER, holder.name)
    code = _shown_code(holder, licence, licence_type.fields[licence_type.holder.code])
    if code:
        yield _Entry(WireName.HOLDER_CODE, code)
    yield _Entry(WireName.HOLDER_CODE_TYPE, CODE_TYPES.get(holder.code_type, ""))
    yield _Entry(WireName.HOLDER_CODE_TYPE_CODE, holder.code_type)


def _shown_code(holder: Holder, licence: Licence, rule: FieldRule) -> str:
    """Return the holder's code as the face shows it, empty where it does not."""
    if rule.on_face:
        return rule.shown(holder.code)
    return holder.code if holder.code in licence.number else ""


def _line(depth: int, entry: _Entry) -> str:
    """Return an element that holds a text; as `xml.etree` writes it, in a fraction of its time."""
    name, value, label = entry
    said = f' MC="{escape(label, _LINES)}"' if label else ""
    opened = f"{'  ' * depth}<{name}{said}"
    return f"{opened}>{escape(value)}</{name}>" if value else f"{opened} />"


def _element(depth: int, name: str, lines: list[str]) -> list[str]:
    """Return the lines of an element that holds others."""
    indent = "  " * depth
    return [f"{indent}<{name}>", *lines, f"{indent}</{name}>"] if lines else [f"{indent}<{name} />"]
