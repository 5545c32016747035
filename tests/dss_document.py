"""The table of EU DSS's verdicts beside ours as two documents, one in each language."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.text import Language, Text
from tests.corpus.model import Case

DOCS: Final = Path(__file__).parents[1] / "docs"
EDITIONS: Final[dict[Language, Path]] = {
    "en": DOCS / "witness-dss.md",
    "zh": DOCS / "witness-dss.zh.md",
}
FEW: Final = 12
"""So many files are named one by one."""
OURS: Final = {
    "failed": Text("已被改动", "altered"),
    "passed": Text("完好", "sound"),
    "error": Text("未作判断", "not judged"),
    "skipped": Text("没有签名", "no signature"),
    "refused": Text("不予受理", "refused"),
}
THEIRS: Final = {
    "failed": Text("不通过", "failed"),
    "none": Text("无签名", "none"),
    "sound": Text("完好", "sound"),
    "timestamp": Text("仅时间戳", "timestamp"),
    "undecided": Text("未定", "undecided"),
    "unreadable": Text("无法读取", "unreadable"),
    "warned": Text("警告", "warned"),
}
NOT_EXPLAINED: Final = Text("**没有说明**", "**NOT EXPLAINED**")
_TITLE: Final = Text("与 EU DSS 的对照", "EU DSS beside us 与 EU DSS 的对照")
_OTHER_EDITION: Final = Text(
    "English: [witness-dss.md](witness-dss.md).", "中文版：[witness-dss.zh.md](witness-dss.zh.md)。"
)
_LEGEND: Final = Text(
    "*不通过*：TOTAL_FAILED。*警告*：有 DSS 不能解释的改动。*未定*：没有判断到底。*无签名*："
    "没有找到签名。*仅时间戳*：只有文档时间戳。",
    "*failed*: TOTAL_FAILED. *warned*: changes that DSS does not explain. *undecided*: not judged "
    "to the end. *none*: no signature found. *timestamp*: a document timestamp alone.",
)
_CORNER: Final = Text("本平台 \\ DSS", "we say \\ DSS says")
_HEAD: Final = Text("| 文件 | 本平台，DSS | 原因 |", "| files | we say, DSS says | why |")


@dataclass(frozen=True, slots=True)
class Difference:
    """Files about which both differ for one reason."""

    files: str
    count: int
    ours: str
    theirs: str
    why: Text


@dataclass(frozen=True, slots=True)
class Comparison:
    """What both said of all files."""

    pairs: dict[tuple[str, str], int]
    agreed: int
    differences: tuple[Difference, ...]


def names(found: list[Case]) -> str:
    """Name honest cases, and few attacks; of many, how many of each family."""
    named = [f"`{one.name}`" for one in found if one.kind == "honest" or len(found) <= FEW]
    if len(found) <= FEW:
        return ", ".join(named)
    families = Counter(one.family for one in found if one.kind == "attack")
    return ", ".join([*named, *(f"{name} ({count})" for name, count in families.most_common())])


def _introduction(total: int) -> Text:
    return Text(
        f"本页由 `make dss-table` 用 `tests/corpus` 的 {total} 个文件生成，请勿手改。DSS 6.3，"
        "默认策略，以本平台的根证书为唯一信任锚，不联网；签名所覆盖的文档安全存储计入该签名"
        "（`tests/witness/dss/src/StoreBeforeSeal.java`）。比较的是两者对文件内容的判断：DSS "
        "信任谁是另一回事，所以因没有路径而为 INDETERMINATE 的算作完好。",
        f"Made by `make dss-table` from the {total} files of `tests/corpus`. DSS 6.3 with its "
        "default policy, our root as its only trust anchor, no network, and a document security "
        "store counted for a signature that covers it "
        "(`tests/witness/dss/src/StoreBeforeSeal.java`). Compared is what each says of the bytes: "
        "whom DSS trusts is another matter, so that INDETERMINATE for want of a path counts as "
        "sound.",
    )


def document(found: Comparison, language: Language) -> str:
    """Return a comparison as Markdown."""
    total = sum(found.pairs.values())
    agreed = Text(
        f"{total} 个文件中，判断一致的有 {found.agreed} 个。其余的：",
        f"Agreed on {found.agreed} of {total}. The others:",
    )
    columns = [one for one in THEIRS if any(theirs == one for _, theirs in found.pairs)]
    shown = (THEIRS[one].to(language) for one in columns)
    lines = [
        *(f"# {_TITLE.to(language)}", "", _OTHER_EDITION.to(language), ""),
        *(_introduction(total).to(language), ""),
        f"| {_CORNER.to(language)} | " + " | ".join(shown) + " |",
        "|" + "---|" * (len(columns) + 1),
    ]
    for integrity, title in OURS.items():
        if any((integrity, column) in found.pairs for column in columns):
            counts = [str(found.pairs.get((integrity, column), "")) for column in columns]
            lines.append(f"| {title.to(language)} | " + " | ".join(counts) + " |")
    lines += [
        *("", _LEGEND.to(language), "", agreed.to(language), ""),
        *(_HEAD.to(language), "|---|---|---|"),
    ]
    stop, comma = ("。", "，") if language == "zh" else (".", ", ")
    for one in found.differences:
        ours, theirs = OURS[one.ours].to(language), THEIRS[one.theirs].to(language)
        said = f"{one.count} × {ours}{comma}{theirs}"
        lines.append(f"| {one.files} | {said} | {one.why.to(language)}{stop} |")
    return "\n".join(lines) + "\n"


def write(found: Comparison) -> None:
    """Write both editions."""
    for language, path in EDITIONS.items():
        path.write_text(document(found, language), "utf-8")
