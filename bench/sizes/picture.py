"""`python -m bench.sizes.picture FILE… > docs/images/cost-by-size.svg`: the curve as a picture.

Reads what `bench.sizes.curve` printed. A panel for each database: milliseconds of CPU by the number
of licences, both on logarithmic scales, each line to 10^8 as if its last step went on (dashed).
"""

import json
import math
import sys
from collections import defaultdict
from pathlib import Path

SHOWN = {
    "verify by digest": ("#0b6e4f", "按摘要核验"),
    "find by holder's code": ("#1f77b4", "按代码查找"),
    "grant": ("#7b3f9d", "颁发"),
    "suspend and reinstate": ("#d1495b", "暂停并恢复"),
    "publish a CRL": ("#8c6d1f", "证书撤销列表"),
    "search: name": ("#2a9d8f", "按名称查找"),
    "list what expires": ("#e07a1f", "即将到期"),
    "duty: expiry notices": ("#555555", "到期通知"),
}
"""Colour and Chinese name of each operation."""
_ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_WIDTH, _HEIGHT, _LEFT, _TOP, _FOOT = 430, 340, 52, 34, 40
_SIZES = (3, 8)
"""Powers of ten along the bottom."""
_MS = (-1, 4)
Points = list[tuple[float, float]]


def main(files: list[str]) -> int:
    """Print the picture."""
    found: dict[str, dict[str, Points]] = defaultdict(lambda: defaultdict(list))
    for name in files:
        for line in Path(name).read_text("utf-8").splitlines():
            one = json.loads(line)
            if one.get("operation") in SHOWN:
                point = math.log10(one["licences"]), math.log10(max(one["cpu_ms"], 0.1))
                found[one["engine"]][one["operation"]].append(point)
    height = _HEIGHT + 22 * ((len(SHOWN) + 2) // 3) + 12
    print(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * _WIDTH} {height}" '
        'font-size="12" role="img">\n'
        "<style>text{font-family:'Noto Sans SC','Microsoft YaHei',system-ui,sans-serif}</style>\n"
        "<title>Milliseconds of CPU by the number of licences 毫秒 CPU 随证照数量的变化</title>\n"
        f'<rect width="{2 * _WIDTH}" height="{height}" fill="#fff"/>'
    )
    for number, engine in enumerate(_ENGINES):
        print(f'<g transform="translate({number * _WIDTH} 0)">')
        _frame(_ENGINES[engine])
        for name, points in found[engine].items():
            _line(sorted(points), SHOWN[name][0])
        print("</g>")
    for number, (name, (colour, chinese)) in enumerate(SHOWN.items()):
        x, y = 20 + 275 * (number % 3), _HEIGHT + 14 + 22 * (number // 3)
        print(f'<path d="M{x} {y}h22" stroke="{colour}" stroke-width="3"/>')
        print(f'<text x="{x + 28}" y="{y + 4}">{name} {chinese}</text>')
    print("</svg>")
    return 0


def _frame(title: str) -> None:
    right, foot = _WIDTH - 14, _HEIGHT - _FOOT
    print(f'<text x="{_LEFT}" y="20" font-weight="bold">{title}: ms of CPU 毫秒</text>')
    for power in range(_SIZES[0], _SIZES[1] + 1):
        x = _x(power)
        print(f'<path d="M{x:.1f} {_TOP}V{foot}" stroke="#e5e5e5"/>')
        print(f'<text x="{x:.1f}" y="{foot + 18}" text-anchor="middle">10<tspan dy="-5" ')
        print(f'font-size="9">{power}</tspan></text>')
    for power in range(_MS[0], _MS[1] + 1):
        y = _y(power)
        print(f'<path d="M{_LEFT} {y:.1f}H{right}" stroke="#e5e5e5"/>')
        print(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')


def _line(points: Points, colour: str) -> None:
    """Draw what was measured, and where it leads."""
    drawn = " ".join(f"{_x(a):.1f},{_y(b):.1f}" for a, b in points)
    print(f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="2"/>')
    for size, cost in points:
        print(f'<circle cx="{_x(size):.1f}" cy="{_y(cost):.1f}" r="3" fill="{colour}"/>')
    if len(points) > 1:
        (before, low), (size, cost) = points[-2:]
        end = cost + max(0.0, cost - low) / (size - before) * (_SIZES[1] - size)
        ends = f"{_x(size):.1f},{_y(cost):.1f} {_x(_SIZES[1]):.1f},{_y(end):.1f}"
        print(f'<polyline points="{ends}" fill="none" stroke="{colour}" stroke-dasharray="4 4"/>')


def _x(power: float) -> float:
    width = _WIDTH - _LEFT - 14
    return _LEFT + width * (power - _SIZES[0]) / (_SIZES[1] - _SIZES[0])


def _y(power: float) -> float:
    height = _HEIGHT - _TOP - _FOOT
    return _HEIGHT - _FOOT - height * (min(power, _MS[1]) - _MS[0]) / (_MS[1] - _MS[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
