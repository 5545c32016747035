"""The words that operators read: messages, help and the guides in Chinese.

What people read in answers and on the pages is pinned in `tests/test_words.py`.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from ca.hierarchy.founding import HierarchyNames
from ca.hierarchy.succession import names_of
from core.errors import ConfigurationError
from core.setting_faults import fault_zh
from core.settings import parse_settings
from keys import words
from keys.life import KeyState
from keys.model import KeyPurpose
from registry.licences.licences import TRANSITIONS, LicenceChange
from registry.licences.reason_words import OTHER_NAMES, REASON_NAMES, list_reasons
from registry.model import LicenceState, Reason
from registry.state_words import standing_of
from tests.cli.catalogue import read_po

ROOT = Path(__file__).parent.parent
PACKAGES = (
    "ca",
    "cli",
    "core",
    "home",
    "identity",
    "issuing_api",
    "keys",
    "registry",
    "signing",
    "verify_api",
)
GUIDES = tuple(sorted([*ROOT.glob("*.zh.md"), *(ROOT / "docs").glob("*.zh.md")]))
HAN = "\u4e00-\u9fff"
WRONG = (
    "签发机构", "脱机", "失效日期", "失效时间", "链首", "挂起", "登记簿", "校验值", "补发",
    "身份证号码", "已吊销，", "证书没有吊销", "吊销列表", "后的吊销", "登记机构“", "无主对象",
    "无人引用", "体检", "不可撤回", "采信", "写到哪里", "照此书写", "打不开密钥", "更持久",
    "原机构", "登记真实", "新版本替换", "换发新版本", "我方", "本平台的印章", "签发 CA",
    "等于没有", "信任套件", "报黄", "所见",
)  # fmt: skip
"""Of two names for a thing the one that is not in the glossary, one that means another thing
(撤回 is a reason of the law, 失效日期 a date of expiry), or a sentence that is not Chinese."""
ALONE = re.compile("(?<!恢复)(?<!网络)日志")
"""The journal is 恢复日志; logs stand in the guides."""
HALF_WIDTH = re.compile(f"[{HAN}”][,;?!()]|[,;?!()][{HAN}“]|[{HAN}”]:(?! $)")
"""Beside Chinese, punctuation is Chinese (GB/T 15834); a prompt may end with a colon and blank."""


@cache
def trees() -> dict[str, ast.Module]:
    """Return the modules of our packages, parsed once."""
    paths = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8")) for path in paths}


@cache
def literals(*, docstrings: bool = True) -> tuple[tuple[str, str], ...]:
    """Return the Chinese strings of our packages with their modules."""
    return tuple(_literals(docstrings=docstrings))


def _literals(*, docstrings: bool) -> Iterator[tuple[str, str]]:
    for where, tree in trees().items():
        told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) else None
            if not isinstance(text, str) or not re.search(f"[{HAN}]", text):
                continue
            if docstrings or id(node) not in told:
                yield where, text


def guides() -> Iterator[tuple[str, str]]:
    """Yield the lines of the Chinese guides, without code, links and addresses."""
    for path in GUIDES:
        text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
        for line in re.sub(r"`[^`]*`|\]\([^)]*\)", "", text).splitlines():
            yield path.name, line


def everything() -> Iterator[tuple[str, str]]:
    """Yield all Chinese that operators read."""
    yield from literals()
    yield from (("messages.po", text) for text in read_po().values())
    yield from guides()


def test_there_is_much_to_read() -> None:
    assert len(list(literals())) > 1000
    assert len(read_po()) > 200
    assert {path.name for path in GUIDES} >= {"operators-guide.zh.md", "verifiers-leaflet.zh.md"}


@pytest.mark.parametrize("word", WRONG)
def test_one_word_for_one_thing(word: str) -> None:
    for where, text in everything():
        assert word not in text, (where, text)


def test_the_journal_is_no_log() -> None:
    for where, text in (*literals(), *(("messages.po", one) for one in read_po().values())):
        assert not ALONE.search(text), (where, text)


def test_chinese_is_set_as_chinese() -> None:
    patterns = re.compile(r"\(\?P|\\s|\[\^|[a-z]{2,} [a-z]{2,} [a-z]")  # a pattern, English help
    told = (*literals(docstrings=False), *guides())
    for where, text in (*told, *(("messages.po", one) for one in read_po().values())):
        assert patterns.search(text) or not HALF_WIDTH.search(text), (where, text)


def test_names_burnt_into_certificates_name_their_subjects() -> None:
    """A common name is a CA's or a service's, never “a certificate”."""
    first = HierarchyNames("青岚市数据局", "11990000MB00990170")
    second = names_of("青岚市数据局", "11990000MB00990170", 2)
    assert (first.root, first.issuing) == ("电子证照根CA 1", "电子证照签发CA 1")
    assert (first.ocsp, first.tsa) == ("电子证照OCSP服务 1", "电子证照时间戳服务 1")
    assert (second.issuing, second.ocsp, second.tsa) == (
        "电子证照签发CA 2",
        "电子证照OCSP服务 2",
        "电子证照时间戳服务 2",
    )
    ceremonies = "".join(
        path.read_text("utf-8") for path in (ROOT / "examples" / "ceremonies").glob("*.toml")
    )
    assert not re.search('name = ".*证书', ceremonies)


def test_system_s_own_words_stand_in_no_chinese_sentence() -> None:
    for where, shown in shown_in_chinese():
        assert not any(one.endswith("strerror") for one in shown), where


def test_codes_of_states_and_purposes_stand_in_no_chinese_sentence() -> None:
    """An enum's member in an f-string beside Chinese prints its code; a profile's is its name."""
    code = re.compile(r"(^|\.)(state|reason|purpose|outcome)$")
    for where, shown in shown_in_chinese():
        assert not any(map(code.search, shown)), where


def shown_in_chinese() -> Iterator[tuple[str, list[str]]]:
    """Yield (place, what is shown) of every Chinese sentence that shows something."""
    for file, tree in trees().items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.JoinedStr) or not re.search(f"[{HAN}]", ast.unparse(node)):
                continue
            parts = [one for one in node.values if isinstance(one, ast.FormattedValue)]
            yield f"{file}:{node.lineno}", [ast.unparse(one.value) for one in parts]


def test_purposes_and_states_of_keys_have_words() -> None:
    assert set(words.PURPOSES) == set(KeyPurpose)
    assert {state: words.STATES[state].zh for state in KeyState} == {
        KeyState.INTENDED: "待生成",
        KeyState.GENERATED: "已生成",
        KeyState.ACTIVE: "在用",
        KeyState.RETIRED: "已停用",
        KeyState.DESTROYED: "已销毁",
    }


def test_a_grant_that_has_not_finished_is_not_a_licence_whose_first_day_is_to_come() -> None:
    assert standing_of(LicenceState.PENDING, None).zh == "待发（颁发未完成）"
    assert standing_of(LicenceState.SUSPENDED, Reason.WITHHELD).zh == "已被暂扣"


def test_reasons_are_named_as_the_law_names_them() -> None:
    assert {reason: REASON_NAMES[reason].zh for reason in Reason} == {
        Reason.ANNULLED: "撤销",
        Reason.FORFEITED: "吊销",
        Reason.RECALLED: "撤回",
        Reason.SURRENDERED: "依申请注销",
        Reason.DEREGISTERED: "注销",
        Reason.WITHHELD: "暂扣",
        Reason.UNDER_REVIEW: "核查中",
        Reason.SEAL_COMPROMISED: "印章密钥泄露",
        Reason.CHANGED: "变更",
        Reason.RENEWED: "延续",
        Reason.REISSUED: "补办",
        Reason.CORRECTED: "更正",
        Reason.RESEALED: "重新签章",
        Reason.AWAITING_SIGNATURES: "待会签",
        Reason.REFUSED: "拒绝会签",
    }
    assert OTHER_NAMES["申请注销"] is Reason.SURRENDERED
    assert not set(OTHER_NAMES) & {name.zh for name in REASON_NAMES.values()}
    listed = list_reasons(TRANSITIONS[LicenceChange.SUSPEND].reasons)
    assert listed.zh == "核查中（UNDER_REVIEW）、暂扣（WITHHELD）"
    assert listed.en == "UNDER_REVIEW, WITHHELD"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"service": {"public_url": "https://a.cn", "prot": 1}}, "没有此项设置"),
        ({"service": {"public_url": 1}}, "须为文字"),
        ({"verify": {"requests_per_minute": "many"}}, None),
    ],
)
def test_what_is_wrong_with_a_setting_is_told_in_chinese(
    content: dict[str, object], said: str | None
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_settings(content, "xinyin.toml")
    zh = caught.value.text.zh
    assert "Input should" not in zh
    assert "required" not in zh
    assert said is None or said in zh or "缺少此项" in zh


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"type": "missing", "msg": "Field required"}, "缺少此项"),
        ({"type": "greater_than_equal", "msg": "…", "ctx": {"ge": 1}}, "不得小于 1"),
        (
            {"type": "enum", "msg": "…", "ctx": {"expected": "'a', 'b' or 'c'"}},
            "只能为 'a', 'b' 或 'c'",
        ),
        (
            {"type": "value_error", "msg": "Value error, is no address"},
            "不符合要求（is no address）",
        ),
    ],
)
def test_a_fault_of_a_setting(fault: dict[str, object], said: str) -> None:
    assert fault_zh(fault) == said
