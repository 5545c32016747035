"""The fictional authorities, licence types and holders of `examples/`, as the demo uses them."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from ca.hierarchy.founding import HierarchyNames
from core.ids import AuthorityId, SealId
from registry.identifiers import uscc_check
from registry.model import Application, SealLevel
from registry.types.licence_type import LicenceType
from registry.types.row_check import check_row
from registry.types.types import parse_type

OPERATOR = HierarchyNames(organization="云泽省数据局", uscc="11990000MB0099088A")


@dataclass(frozen=True, slots=True)
class DemoType:
    """A licence type, who grants it under which seal, and its holders."""

    licence_type: LicenceType
    authority_id: AuthorityId
    authority_name: str
    uscc: str
    level: SealLevel
    seal_id: SealId
    seal_name: str
    data: Path


def examples_directory() -> Path:
    """Return the examples' directory: in the wheel within this package, else in the repository."""
    packaged = Path(__file__).parent / "examples"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "examples"


@lru_cache(maxsize=1)
def demo_types() -> tuple[DemoType, ...]:
    """Return the licence types of the examples with all that belongs to them."""
    directory = examples_directory()
    with (directory / "authorities.toml").open("rb") as file:
        authorities = tomllib.load(file)["authorities"]
    return tuple(
        DemoType(
            licence_type=parse_type((directory / "types" / f"{slug}.toml").read_text("utf-8")),
            authority_id=AuthorityId(authority["slug"]),
            authority_name=authority["name"],
            uscc=authority["uscc"],
            level=SealLevel(authority["level"]),
            seal_id=SealId(authority["slug"]),
            seal_name=authority["seal"],
            data=directory / "data" / f"{slug}.csv",
        )
        for authority in authorities
        for slug in authority["types"]
    )


def synthetic_applications(count: int, today: date) -> tuple[Application, ...]:
    """Return `count` food shops that differ in name, code and address; all are made up."""
    licence_type = next(
        kind.licence_type for kind in demo_types() if kind.licence_type.slug == "food-operation"
    )
    return tuple(
        check_row(licence_type, _shop(number), None, today, f"synthetic {number}")
        for number in range(1, count + 1)
    )


def _shop(number: int) -> dict[str, str]:
    body = f"92990100MA{number:07d}"
    return {
        "operator": f"青岚市云溪区第{number}便民食品店",
        "operator_code": body + uscc_check(body),
        "representative": "样本",
        "residence": f"青岚市云溪区清风路{number}号",
        "premises": f"青岚市云溪区清风路{number}号一层",
        "main_form": "食品销售经营者",
        "scope": "散装食品和预包装食品销售（含冷藏冷冻食品）",
        "hotline": "12315",
        "area": "990100",
    }
