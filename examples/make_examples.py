"""Makes the tables and portraits in `examples/data`, the same ones every time.

Run it from the project's root: `python -m examples.make_examples [FOLDER]`.
"""
# ruff: noqa: S311  # the same made-up people every time; nothing here is secret

import csv
import io
import random
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from core.resident_ids import resident_id_check
from examples import vocabulary as words
from examples.portraits import draw_portrait
from registry.identifiers import uscc_check

HOLDERS: Final = 36
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
"""GB 11714: the nine characters within a USCC have a check of their own."""

Row = dict[str, str]


def main(folder: Path) -> None:
    """Write all tables and portraits below `folder`."""
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    _write(folder / "food-operation.csv", food_rows(), "utf-8-sig")
    _write(folder / "construction-qualification.csv", construction_rows(), "utf-8")
    _write(folder / "disability.csv", disability_rows(), "gb18030")
    _write(folder / "disability-with-errors.csv", faulty_rows(), "utf-8-sig")
    for number, row in enumerate(disability_rows(), start=1):
        born, woman = int(row["公民身份号码"][6:10]), row["性别"] == "女"
        (folder / row["照片"]).write_bytes(draw_portrait(number, born=born, woman=woman))


def _write(path: Path, rows: list[Row], encoding: str) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))


def food_rows() -> list[Row]:
    """Shops of single owners, companies and canteens."""
    chance = random.Random("food")
    return [_food_row(chance, number) for number in range(HOLDERS)]


def _food_row(chance: random.Random, number: int) -> Row:
    area = chance.choice(list(words.AREAS))
    word = words.SHOP_WORDS[number % len(words.SHOP_WORDS)]
    owner = _name(chance, number)
    kind = number % 3
    if kind == 0:
        pattern, form, scope = chance.choice(words.SHOPS)
        name = words.AREAS[area].removeprefix("青岚市") + pattern.format(word=word)
        code = uscc(chance, "92", area)
    elif kind == 1:
        pattern, form, scope = chance.choice(words.FOOD_COMPANIES)
        name, code = pattern.format(word=word), uscc(chance, "91", area)
    else:
        pattern, form, scope = chance.choice(words.CANTEENS)
        name = pattern.format(n=words.DIGITS[number % 10])
        code = uscc(chance, "12", area)
    address = _address(chance, area)
    return {
        "经营者名称": name,
        "统一社会信用代码": code,
        "法定代表人（负责人）": owner,
        "住所": address,
        "经营场所": address if kind else address + "一层临街",
        "主体业态": words.MAIN_FORMS[form],
        "经营项目": scope,
        "投诉举报电话": "12315",
        "行政区划代码": area,
    }


def construction_rows() -> list[Row]:
    """Builders, from a team of a county to a group's third company."""
    chance = random.Random("construction")
    return [_construction_row(chance, number) for number in range(HOLDERS)]


def _construction_row(chance: random.Random, number: int) -> Row:
    area = chance.choice(list(words.AREAS))
    pattern, form = words.BUILDERS[number % len(words.BUILDERS)]
    word = words.SHOP_WORDS[number // 4]
    small = form == "集体所有制"
    grades = _grades(chance, "劳务" in pattern, small=small)
    capital = ["600万元"] if small else ["800", "1200.5", "5,000", "10000", "36,800"]
    return {
        "证书编号": f"D299{number + 1:06d}",
        "企业名称": pattern.format(word=word),
        "详细地址": _address(chance, area),
        "统一社会信用代码": uscc(chance, "91", area),
        "法定代表人": _name(chance, number),
        "注册资本": chance.choice(capital),
        "经济性质": form,
        "资质类别及等级": "；".join(grades),
    }


def _grades(chance: random.Random, labour: bool, *, small: bool) -> list[str]:  # noqa: FBT001
    """Return qualifications in the order of the list; a small firm has the lowest levels."""
    if labour:
        return [words.LABOUR]
    count = 1 if small else chance.randint(1, 5)
    chosen = sorted(chance.sample(range(len(words.QUALIFICATIONS)), count))
    kinds = [words.QUALIFICATIONS[one] for one in chosen]
    return [f"{kind}{levels[-1] if small else chance.choice(levels)}级" for kind, levels in kinds]


def disability_rows() -> list[Row]:
    """Children, adults and old people, each with a portrait."""
    chance = random.Random("disability")
    return [_disability_row(chance, number) for number in range(HOLDERS)]


def _disability_row(chance: random.Random, number: int) -> Row:
    name = _name(chance, number)
    male = chance.random() < 0.5  # noqa: PLR2004  # one in two
    birth = _birthday(chance, 1938, 2021)
    child = birth.year > 2008  # noqa: PLR2004  # not of age
    kind = words.CLASSES[number % len(words.CLASSES)]
    guarded = child or kind in ("智力残疾", "精神残疾")
    area = chance.choice(list(words.AREAS))
    written = ("{0:%Y-%m-%d}", "{0.year}/{0.month}/{0.day}", "{0.year}年{0.month}月{0.day}日")
    return {
        "姓名": name,
        "性别": "男" if male else "女",
        "民族": words.PEOPLES.get(name) or chance.choice(words.OTHER_PEOPLES),
        "出生年月": written[number % len(written)].format(birth),
        "公民身份号码": resident_id(chance, area, birth, male=male),
        "残疾类别": kind,
        "残疾等级": chance.choice("一二三四") + "级",
        "住址": _address(chance, area),
        "监护人": _name(chance, number + 5) if guarded else "",
        "联系电话": f"199{chance.randrange(10**8):08d}" if guarded else "",
        "照片": f"photos/{number + 1:04d}.jpg",
    }


def faulty_rows() -> list[Row]:
    """One row right, and then one for each thing that goes wrong at counters most often."""
    faults: tuple[Row, ...] = (
        {},
        {"公民身份号码": "9.90102E+17"},
        {"公民身份号码": "990121195909147000"},
        {"公民身份号码": "990121201505317062"},
        {"出生年月": "2015-02-30"},
        {"出生年月": "41963"},
        {"残疾类别": "视力"},
        {"姓名": ""},
        {"照片": "../photos/0001.jpg"},
        {"照片": "photos/9999.jpg"},
    )
    return [row | fault for row, fault in zip(disability_rows(), faults, strict=False)]


def _name(chance: random.Random, number: int) -> str:
    if number % 4 == 3:  # noqa: PLR2004  # every fourth, so that a few dozen hold all of them
        return words.UNUSUAL_NAMES[number // 4 % len(words.UNUSUAL_NAMES)]
    return chance.choice(words.SURNAMES) + chance.choice(words.GIVEN)


def _address(chance: random.Random, area: str) -> str:
    street = chance.choice(words.STREETS)
    return f"云泽省{words.AREAS[area]}{street}{chance.randint(1, 288)}号"


def _birthday(chance: random.Random, first: int, last: int) -> date:
    days = (date(last, 12, 31) - date(first, 1, 1)).days
    return date(first, 1, 1) + timedelta(days=chance.randint(0, days))


def resident_id(chance: random.Random, area: str, birth: date, *, male: bool) -> str:
    """Return a resident ID with its check, in an area that does not exist."""
    sex = chance.choice("13579" if male else "02468")
    first17 = f"{area}{birth:%Y%m%d}{chance.randrange(100):02d}{sex}"
    return first17 + resident_id_check(first17)


def uscc(chance: random.Random, kind: str, area: str) -> str:
    """Return a USCC with both of its checks, in an area that does not exist."""
    body = "MA" + "".join(chance.choice("0123456789ABCDEFGH") for _ in range(6))
    total = sum(int(c, 36) * w for c, w in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    rest = 11 - total % 11
    first17 = kind + area + body + {10: "X", 11: "0"}.get(rest, str(rest))
    return first17 + uscc_check(first17)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("examples/data"))
