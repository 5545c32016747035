"""The English and the Chinese edition of a document say the same: sections, rows, commands, links.

What is language is for readers to judge. What is not (code, file names, links, how many paragraphs
a section has) must be the same in both, so that neither edition can be a summary of the other.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
WHOLE = (
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "docs/api-guide.md",
    "docs/architecture.md",
    "docs/departments-handbook.md",
    "docs/designers-guide.md",
    "docs/glossary.md",
    "docs/issuing-api.md",
    "docs/threat-model.md",
    "docs/trust-lists.md",
    "docs/verification.md",
    "docs/witness-dss.md",
)
"""English editions whose Chinese edition is compared to the last paragraph."""
TITLES = {"信印（Xinyin）": "Xinyin (信印)"}
"""Headings that each language sets in its own way."""
APART = ("docs/operators-guide.md", "docs/verifiers-leaflet.md")
"""Editions written each by itself for its readers, compared by their sections and commands
(`tests/test_documents.py`)."""
WHOLE_SECTIONS = (
    "安装",
    "建立",
    "证书模板",
    "口令",
    "密钥",
    "固定的根证书",
    "运行",
    "PostgreSQL",
    "时间同步",
    "容量",
    "审计",
    "信任列表",
    "信任服务",
    "证书到期",
    "存档续期",
    "离线根CA与密钥仪式",
    "更换签发CA",
    "隶属于政府 CA",
    "证书撤销",
    "密钥泄露",
    "升级",
)
"""Sections of the operator's guide that are compared as whole ones; the list is to grow until the
guide stands in `WHOLE`."""
GENERATED = ("docs/configuration.md", "docs/licence-types.md")
"""Both editions are written from the models (`tests/test_configuration.py`,
`tests/registry/types`)."""

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) (.+)$")
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r'\]\(([^)\s]+)\)|<img src="([^"]+)"')
_REMARK = re.compile(r"(?:^|\s+)#(?: .*)?$")
_HAN = re.compile("[\u4e00-\u9fff]")
_ENGLISH = re.compile(r"(?:[A-Za-z][a-z’']+[ ,;]+){6,}")
"""A sentence that was left in English."""


@dataclass
class Section:
    """A part of a document up to the next heading, as what both editions share."""

    level: int
    heading: str
    codes: set[str] = field(default_factory=set)
    blocks: list[str] = field(default_factory=list)
    """A letter for each paragraph, item, row, quotation, picture, in their order."""
    rows: list[tuple[tuple[str, ...], set[str]]] = field(default_factory=list)
    """Code in the first cell of each row, or the whole of a cell without a word in it; and all code
    in the row."""
    fences: list[tuple[str, str]] = field(default_factory=list)


def chinese_of(name: str) -> str:
    """Return the name of the Chinese edition."""
    return name.removesuffix(".md") + ".zh.md"


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def sections(text: str) -> list[Section]:
    """Return the sections of a document."""
    found: list[Section] = []
    fences = list(_FENCE.finditer(text))
    for index, fence in enumerate(reversed(fences)):
        text = f"{text[: fence.start()]}```{len(fences) - 1 - index}{text[fence.end() :]}"
    for chunk in re.split(r"\n\s*\n", text):
        kind = ""
        for line in chunk.splitlines():
            if (heading := _HEADING.match(line)) is not None:
                found.append(Section(len(heading[1]), heading[2]))
                kind = ""
                continue
            section = found[-1]
            if line.startswith("```"):
                fence = fences[int(line.removeprefix("```"))]
                section.fences.append((fence[1], fence[2]))
                section.blocks.append("f")
                continue
            begins = _kind(line)
            if begins or not kind:
                section.blocks.append(begins or "p")
            kind = begins or kind or "p"
            codes = {_plain(code) for code in _CODE.findall(line)} if kind != "q" else set()
            section.codes |= codes
            if begins == "r":
                section.rows.append((_first_cell(line), codes))
    return found


def _kind(line: str) -> str:
    """Return how a line begins: a row, an item, a numbered item, a quotation, a picture."""
    for mark, kind in (("|", "r"), ("- ", "i"), ("> ", "q"), ("<img", "g"), ("![", "g")):
        if line.lstrip().startswith(mark):
            return kind
    return "n" if re.match(r"\s*\d+\. ", line) else ""


def _plain(code: str) -> str:
    """Return code without what stands for a reader's own word in it."""
    return _HAN.sub("", code).replace(".zh.md", ".md")


def _first_cell(line: str) -> tuple[str, ...]:
    cell = re.split(r"(?<!\\)\|", line.strip().strip("|"))[0].strip()
    codes = tuple(_plain(code) for code in _CODE.findall(cell))
    return codes or (() if re.search(rf"[^\W\d_]{{2}}|{_HAN.pattern}", cell) else (cell,))


def links(text: str) -> Iterator[str]:
    """Yield the targets of a document's links and pictures."""
    for groups in _LINK.findall(_FENCE.sub("", text)):
        yield groups[0] or groups[1]


def anchors(text: str) -> set[str]:
    """Return the fragments that GitHub gives the headings of a document."""
    given: set[str] = set()
    for heading in re.findall(r"^#{1,6} (.+)$", _FENCE.sub("", text), re.MULTILINE):
        shown = re.sub(r"\]\([^)]*\)|[`\[]", "", heading)
        anchor = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        plain, number = anchor, 0
        while anchor in given:
            number += 1
            anchor = f"{plain}-{number}"
        given.add(anchor)
    return given


def _shared(link: str) -> str:
    """Return what a link leads to, whatever the language: without fragment and edition."""
    return link.partition("#")[0].replace(".zh.md", ".md") if "://" not in link else link


def _commands(fence: tuple[str, str]) -> list[str]:
    """Return the lines of a block without remarks; of a drawing nothing."""
    language, block = fence
    if language == "text":
        return []
    if language not in ("sh", "toml"):
        return [language, *block.splitlines()]
    return [language, *(line for one in block.splitlines() if (line := _REMARK.sub("", one)))]


def test_every_document_with_two_editions_is_compared() -> None:
    found = {name.replace(".zh.md", ".md") for name in NAMES if name.endswith(".zh.md")}
    assert found == {*WHOLE, *APART, *GENERATED}


@pytest.mark.parametrize("name", WHOLE)
def test_both_editions_have_the_same_sections(name: str) -> None:
    """An English heading that has Chinese is the Chinese one, or ends with it."""
    english, chinese = sections(text_of(name)), sections(text_of(chinese_of(name)))
    told = [(one.level, one.heading) for one in chinese]
    assert [one.level for one in english] == [level for level, _ in told], told
    for one, (_, other) in zip(english, told, strict=True):
        same = one.heading in (other, TITLES.get(other)) or one.heading.endswith(f" {other}")
        assert same or not _HAN.search(one.heading), (one.heading, other)


@pytest.mark.parametrize("name", WHOLE)
def test_both_editions_are_as_long(name: str) -> None:
    """Each paragraph, item and row of one stands in the other, in the same order."""
    english, chinese = sections(text_of(name)), sections(text_of(chinese_of(name)))
    for one, other in zip(english, chinese, strict=True):
        assert "".join(one.blocks) == "".join(other.blocks), one.heading
        assert one.rows == other.rows, one.heading


@pytest.mark.parametrize("name", WHOLE)
def test_both_editions_name_the_same_things(name: str) -> None:
    """Commands, files, codes, settings, states: whatever is set as code."""
    english, chinese = sections(text_of(name)), sections(text_of(chinese_of(name)))
    for one, other in zip(english, chinese, strict=True):
        assert one.codes == other.codes, (one.heading, one.codes ^ other.codes)
        shown = [[_commands(fence) for fence in each.fences] for each in (one, other)]
        assert shown[0] == shown[1], one.heading


@pytest.mark.parametrize("name", WHOLE)
def test_both_editions_lead_to_the_same_places(name: str) -> None:
    here, there = Path(name).name, Path(chinese_of(name)).name
    english, chinese = list(links(text_of(name))), list(links(text_of(chinese_of(name))))
    assert there in english[:2], "the English edition begins with the way to the Chinese one"
    assert here in chinese[:2], "and the other way round"
    assert sorted(map(_shared, english)) == sorted(map(_shared, chinese))
    for link in chinese:
        target = link.partition("#")[0]
        other = chinese_of(target) if target.endswith(".md") and ".zh." not in target else ""
        exists = bool(other) and "://" not in link and (ROOT / name).parent.joinpath(other).exists()
        assert not exists or target == here, f"{link} has a Chinese edition"


def _chapter(name: str, heading: str) -> tuple[str, set[str], int]:
    """Return blocks, code and how many shell blocks a section of the second level has."""
    found = sections(text_of(name))
    begin = next(n for n, one in enumerate(found) if one.heading.endswith(heading))
    rest = found[begin + 1 :]
    after = next((n for n, one in enumerate(rest) if one.level <= found[begin].level), len(rest))
    chapter = [found[begin], *rest[:after]]
    blocks = "".join("".join(one.blocks) for one in chapter).replace("q", "")
    codes = {code for one in chapter for code in one.codes}
    return blocks, codes, sum(len(one.fences) for one in chapter)


@pytest.mark.parametrize("heading", WHOLE_SECTIONS)
def test_sections_of_the_guide_are_whole(heading: str) -> None:
    """Quotations aside, which are summaries in Chinese of the English edition."""
    english, chinese = (
        _chapter(name, heading)
        for name in ("docs/operators-guide.md", "docs/operators-guide.zh.md")
    )
    assert (english[0], english[2]) == (chinese[0], chinese[2])
    assert english[1] - chinese[1] == set()


@pytest.mark.parametrize("name", WHOLE)
def test_a_chinese_edition_is_chinese(name: str) -> None:
    text = re.sub(r"`[^`\n]*`|“[^”]*”|\]\([^)]*\)", "", _FENCE.sub("", text_of(chinese_of(name))))
    for line in text.splitlines():
        assert _ENGLISH.search(line) is None, line


def test_both_glossaries_have_the_same_words() -> None:
    """What a thing is called in either language stands in both, in the same order."""
    english, chinese = (
        re.findall(r"^\| (.+?) \| (.+?) \|", text_of(name), re.MULTILINE)[1:]
        for name in ("docs/glossary.md", "docs/glossary.zh.md")
    )
    assert len(english) > 70
    assert english == chinese


@pytest.mark.parametrize("name", NAMES)
def test_every_fragment_leads_to_a_heading(name: str) -> None:
    for link in links(text_of(name)):
        target, _, fragment = link.partition("#")
        if fragment and "://" not in link:
            path = (ROOT / name).parent / target if target else ROOT / name
            assert path.suffix != ".md" or fragment in anchors(path.read_text("utf-8")), link
