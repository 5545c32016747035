"""Statistics as they are told: a table with names, and a picture (SVG) of what was granted when.

The picture needs no script, says in words what it shows (`title`, `desc`), and its table stands
beside it wherever it is shown.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from sqlalchemy import Connection

from core.text import Language, Text
from registry.desk.exports import messages
from registry.licences.statistics import COUNTED, StatisticsRow, names_of

HEADINGS: Final = {
    "authority": Text("颁发机构代码", "authority"),
    "authority_name": Text("颁发机构", "authority's name"),
    "type": Text("证照类型代码", "type"),
    "type_name": Text("证照类型", "type's name"),
    "month": Text("颁发月份", "month of granting"),
    "granted": Text("颁发（签署）", "granted (signed)"),
    "in_force": Text("有效", "in force"),
    "waiting": Text("尚未生效", "not yet valid"),
    "suspended": Text("暂停使用", "suspended"),
    "expired": Text("已过期", "expired"),
    "cancelled": Text("已注销、撤销、撤回或吊销", "cancelled"),
    "replaced": Text("已换发", "replaced"),
}
"""Columns, in order; official documents are signed, licences granted."""
TITLE: Final = Text("各月颁发数量", "Granted in each month")
_MOST_BARS: Final = 60
_WIDTH, _HEIGHT = 960, 320
_LEFT, _TOP, _BOTTOM = 70, 24, 50
_LINES = 4
_BLUE, _GREY, _INK = "#1f5fa8", "#d0d5dd", "#1d2939"
_SHOWN_LABELS = 12
_TONGUES: Final[Mapping[Language, str]] = {"zh": "zh-CN", "en": "en"}


def statistics_facts(
    connection: Connection, rows: Sequence[StatisticsRow], language: Language
) -> list[dict[str, Any]]:
    """Return the rows with names and counts, by the keys of `HEADINGS`."""
    bodies, types = names_of(connection)
    found = []
    for row in rows:
        name = types.get(row.type_code or "", ("", ""))
        found.append(
            {
                "authority": row.authority_id,
                "authority_name": bodies.get(row.authority_id or ""),
                "type": row.type_code,
                "type_name": name[0 if language == "zh" else 1] or None,
                "month": row.month,
                **{one: getattr(row.counts, one) for one in COUNTED},
            }
        )
    return found


def used_headings(facts: Sequence[Mapping[str, Any]], language: Language) -> dict[str, str]:
    """Return the headings of the columns that say something."""
    return {
        name: text.to(language)
        for name, text in HEADINGS.items()
        if name in COUNTED or any(one[name] is not None for one in facts)
    }


def by_month(facts: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many were granted in each month, without a gap between the first and the last."""
    found: dict[str, int] = {}
    for one in facts:
        if one["month"] is not None:
            found[one["month"]] = found.get(one["month"], 0) + int(one["granted"])
    if not found:
        return {}
    month, last = min(found), max(found)
    whole = {}
    while month <= last:
        whole[month] = found.get(month, 0)
        year, number = int(month[:4]), int(month[5:])
        month = f"{year + number // 12:04}-{number % 12 + 1:02}"
    return whole


def picture(months: Mapping[str, int], language: Language) -> str:
    """Return the newest sixty months as bars, an SVG."""
    shown = dict(list(months.items())[-_MOST_BARS:])
    most = max(shown.values(), default=0)
    top = _rounded(most)
    title = escape(TITLE.to(language))
    room, height = (_WIDTH - _LEFT - 10) / max(len(shown), 1), _HEIGHT - _TOP - _BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"',
        f' role="img" aria-labelledby="title desc" lang="{_TONGUES[language]}"',
        ' font-family="sans-serif" font-size="12">',
        f'<title id="title">{title}</title>',
        f'<desc id="desc">{escape(_described(shown).to(language))}</desc>',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
    ]
    for line in range(_LINES + 1):
        y = _TOP + height - height * line / _LINES
        parts.append(
            f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - 10}" y2="{y:.1f}" stroke="{_GREY}"/>'
            f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="{_INK}">'
            f"{top * line // _LINES:,}</text>"
        )
    every = -(-len(shown) // _SHOWN_LABELS) or 1
    for number, (month, count) in enumerate(shown.items()):
        x, tall = _LEFT + room * number, height * count / top
        parts.append(
            f'<rect x="{x + room * 0.1:.1f}" y="{_TOP + height - tall:.1f}" '
            f'width="{room * 0.8:.1f}" height="{tall:.1f}" fill="{_BLUE}">'
            f"<title>{escape(month)}: {count:,}</title></rect>"
        )
        if number % every == 0:
            parts.append(
                f'<text x="{x + room / 2:.1f}" y="{_HEIGHT - _BOTTOM + 18}" '
                f'text-anchor="middle" fill="{_INK}">{escape(month)}</text>'
            )
    return "".join([*parts, "</svg>"])


def _described(months: Mapping[str, int]) -> Text:
    if not months:
        return messages.NOTHING_GRANTED
    first, last = min(months), max(months)
    best = max(months, key=lambda one: months[one])
    whole = sum(months.values())
    return messages.months_described(
        first=first, last=last, count=whole, best=best, most=months[best]
    )


def _rounded(most: int) -> int:
    """Return the top of the scale: four whole steps, each 1, 2 or 5 times a power of ten."""
    step = 1
    while step * _LINES < most:
        digit = int(str(step)[0])
        step = step * 5 // 2 if digit == 2 else step * 2  # noqa: PLR2004  # 1, 2, 5, 10
    return step * _LINES
