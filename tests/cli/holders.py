"""Made-up food shops, as the JSON that `licence issue` takes."""

import json
from pathlib import Path

from registry.identifiers import uscc_check


def shop(number: int, **changed: str) -> dict[str, str]:
    """Return the fields of a shop that no other test has."""
    body = f"92990100MA{number:07d}"
    return {
        "operator": f"青岚市云溪区第{number}小食店",
        "operator_code": body + uscc_check(body),
        "representative": "欧阳䶮",
        "residence": f"青岚市云溪区清风路{number}号",
        "premises": f"青岚市云溪区清风路{number}号一层",
        "main_form": "食品销售经营者",
        "scope": "预包装食品(含冷藏冷冻食品)销售",
        "hotline": "12315",
        "area": "990100",
    } | changed


def write_shop(path: Path, number: int, **changed: str) -> Path:
    """Write it as JSON."""
    path.write_text(json.dumps(shop(number, **changed), ensure_ascii=False), "utf-8")
    return path


def rows_csv(path: Path, numbers: range, **changed: str) -> Path:
    """Write several shops as a CSV, every one but the first with `changed`."""
    shops = [shop(n, **(changed if n != numbers[0] else {})) for n in numbers]
    lines = [",".join(shops[0]), *(",".join(one.values()) for one in shops)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
