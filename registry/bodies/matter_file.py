"""Matters (事项) as an authority writes them down: TOML, or a table, a row for each type.

All that is wrong is told at once. Nothing here is of any holder.
"""

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from core.text import Text
from registry.bodies import messages
from registry.model import RegistryError

_MAX_SOURCE: Final = 1024 * 1024
_SHOWN: Final = 20
CODE: Final = r"^[0-9A-Za-z][0-9A-Za-z.-]{0,63}$"
_Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]
COLUMNS: Final[Mapping[str, str]] = {
    "事项编码": "code",
    "事项名称": "name_zh",
    "英文名称": "name_en",
    "机构": "authority",
    "材料": "material_zh",
    "材料英文名称": "material_en",
    "证照类型": "type",
    "字段": "fields",
}
"""Headings of a table, which may also be the keys themselves."""


class BadMattersError(RegistryError):
    """A file of matters cannot be taken as it is."""

    code = "bad_matters"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Words(_Part):
    zh: _Line
    en: _Line

    @property
    def text(self) -> Text:
        """The words as others carry them."""
        return Text(self.zh, self.en)


class AcceptedType(_Part):
    """A licence type that will do for a material."""

    type: _Line
    """Short name or code."""
    fields: Annotated[tuple[_Line, ...], Field(min_length=1, max_length=100)]
    """Keys of the fields that say what the material would."""


class MaterialEntry(_Part):
    """A material that a matter asks for."""

    name: _Words
    accepts: Annotated[tuple[AcceptedType, ...], Field(max_length=100)] = ()
    """Empty where no licence will do: paper is needed."""


class MatterEntry(_Part):
    """A matter as it is written down."""

    code: Annotated[str, StringConstraints(pattern=CODE)]
    authority: _Line
    name: _Words
    materials: Annotated[tuple[MaterialEntry, ...], Field(min_length=1, max_length=200)]


class _File(_Part):
    matters: Annotated[tuple[MatterEntry, ...], Field(min_length=1, max_length=5000)]


def read_matters(source: str, *, table: bool) -> tuple[MatterEntry, ...]:
    """Read matters from TOML, or from a `table` in CSV. Raises `BadMattersError`."""
    if len(source) > _MAX_SOURCE:
        raise bad_matters([messages.matters_too_long(_MAX_SOURCE)])
    content = {"matters": _from_table(source)} if table else _from_toml(source)
    try:
        found = _File.model_validate(content).matters
    except ValidationError as error:
        flaws = error.errors(include_url=False, include_input=False)
        raise bad_matters(
            [
                messages.matter_flaw(place=".".join(map(str, one["loc"])), told=one["msg"])
                for one in flaws
            ]
        ) from error
    codes = [one.code for one in found]
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        raise bad_matters([messages.matter_twice(code) for code in twice])
    return found


def bad_matters(flaws: list[Text]) -> BadMattersError:
    """Return the error that tells of flaws."""
    told = flaws[:_SHOWN]
    return BadMattersError(
        messages.matters_invalid(
            zh="\n".join(one.zh for one in told), en="\n".join(one.en for one in told)
        ),
        flaws=len(flaws),
    )


def _from_toml(source: str) -> dict[str, object]:
    try:
        return tomllib.loads(source)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise bad_matters([messages.matter_flaw(place="TOML", told=str(error))]) from error


def _from_table(source: str) -> list[dict[str, object]]:
    """Put the rows of a table together; a row with no type is a material that needs paper."""
    reader = csv.DictReader(io.StringIO(source))
    heads = {name: COLUMNS.get(name.strip(), name.strip()) for name in reader.fieldnames or ()}
    if missing := sorted(set(COLUMNS.values()) - set(heads.values())):
        raise bad_matters([messages.matter_columns_missing(", ".join(missing))])
    matters: dict[str, dict[str, object]] = {}
    materials: dict[tuple[str, str], dict[str, object]] = {}
    for row in _rows(reader, heads):
        matter = matters.setdefault(
            row["code"],
            {
                "code": row["code"],
                "authority": row["authority"],
                "name": {"zh": row["name_zh"], "en": row["name_en"]},
                "materials": [],
            },
        )
        key = row["code"], row["material_zh"]
        if key not in materials:
            names = {"zh": row["material_zh"], "en": row["material_en"]}
            materials[key] = {"name": names, "accepts": []}
            _list(matter, "materials").append(materials[key])
        if row["type"]:
            fields = [one.strip() for one in row["fields"].replace("；", ";").split(";")]
            accepted = {"type": row["type"], "fields": [one for one in fields if one]}
            _list(materials[key], "accepts").append(accepted)
    return list(matters.values())


def _rows(
    reader: Iterator[Mapping[str | None, object]], heads: Mapping[str, str]
) -> Iterator[dict[str, str]]:
    for row in reader:
        found = {key: str(row.get(head) or "").strip() for head, key in heads.items()}
        if any(found.values()):
            yield found


def _list(holder: Mapping[str, object], key: str) -> list[object]:
    found = holder[key]
    assert isinstance(found, list)
    return found
