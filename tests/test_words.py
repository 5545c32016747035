"""The words that people see in answers and on the pages, pinned here and nowhere else.

Chinese first: these sentences are read at counters, and some are words of law.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType

import pytest

from core.text import Text
from registry import state_words
from registry.answers import claims, signature_words
from registry.answers import sentences as wording
from registry.answers.answers import CheckResult, VerificationAnswer
from registry.answers.findings import Findings, OurSeal, errored, failed, passed, skipped
from registry.audit import record_words
from registry.audit.kinds import Kind
from registry.model import LicenceState, Reason
from registry.state_words import effective_reason, state_sentence, words_of
from registry.types.row_check import check_row
from signing.report import SignatureKind
from tests.registry.type_samples import FOOD_ROW, TODAY, example_type, licence_of
from tests.verify_api import world
from verify_api import texts, verdicts
from verify_api.verdicts import verdict_of

S, R = LicenceState, Reason
FOOD = example_type("food-operation")
NOTHING = skipped("not_established")
FOREIGN = failed("unknown_issuer")


@pytest.mark.parametrize(
    ("state", "reason", "word", "sentence"),
    [
        (S.IN_FORCE, None, "有效", "在有效期内，状态有效。"),
        (S.PENDING, None, "尚未生效", "尚未生效，请自生效之日起使用。"),
        (S.SUSPENDED, None, "暂停使用", "暂停使用，目前不能凭它办理业务。"),
        (S.SUSPENDED, R.UNDER_REVIEW, "暂停使用", "暂停使用，目前不能凭它办理业务。"),
        (S.SUSPENDED, R.WITHHELD, "已被暂扣", "已被暂扣，目前不能凭它办理业务。"),
        (
            S.SUSPENDED,
            R.SEAL_COMPROMISED,
            "须重新签章",
            "须重新签章，签章所用的密钥曾经泄露，证照所载事项不受影响。",
        ),
        (S.CANCELLED, R.ANNULLED, "已被撤销", "已被撤销，不能凭它办理业务。"),
        (S.CANCELLED, R.FORFEITED, "已被吊销", "已被吊销，不能凭它办理业务。"),
        (S.CANCELLED, R.RECALLED, "已被撤回", "已被撤回，不能凭它办理业务。"),
        (S.CANCELLED, R.DEREGISTERED, "已注销", "已注销，不能凭它办理业务。"),
        (S.CANCELLED, R.SURRENDERED, "已依申请注销", "已依申请注销，不能凭它办理业务。"),
        (S.EXPIRED, None, "已过有效期", "已过有效期，不能凭它办理业务。"),
        (S.REPLACED, R.CHANGED, "已换发新证", "已换发新证，请查验新证。"),
        (S.REPLACED, R.RENEWED, "已换发新证", "已换发新证，请查验新证。"),
        (S.REPLACED, R.REISSUED, "已换发新证", "已换发新证，请查验新证。"),
        (S.REPLACED, R.CORRECTED, "已换发新证", "已换发新证，请查验新证。"),
        (S.REPLACED, R.RESEALED, "已重新签章", "已重新签章，请使用重新签章的文件。"),
        (S.VOID, None, "已作废", "已作废，不能凭它办理业务。"),
    ],
)
def test_a_state_with_its_reason_is_one_word(
    state: LicenceState, reason: Reason | None, word: str, sentence: str
) -> None:
    assert words_of(state, reason).word.zh == word
    assert state_sentence(state, reason).zh == sentence


@pytest.mark.parametrize(
    ("state", "result", "message"),
    [
        (S.IN_FORCE, 0, Text("信息一致，证照有效。", "Correct, and in force.")),
        (S.PENDING, 1, Text("信息一致，证照尚未生效。", "Correct, and not yet valid.")),
        (S.SUSPENDED, 2, Text("信息一致，证照暂停使用。", "Correct, and suspended.")),
        (S.CANCELLED, 3, Text("信息一致，证照已不再有效。", "Correct, and no longer in force.")),
        (S.REPLACED, 3, Text("信息一致，证照已不再有效。", "Correct, and no longer in force.")),
    ],
)
def test_claims_name_the_state_that_they_found(
    state: LicenceState, result: int, message: Text
) -> None:
    application = check_row(FOOD, FOOD_ROW, None, TODAY, "")
    found = replace(licence_of(FOOD, application, "JY1"), state=state)
    told = claims.judge_claims({"ZZBH": found.number}, [found], found.granted_on)
    assert told == claims.ClaimsResult(result, message)


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (S.PENDING, "待发（颁发未完成）"),
        (S.IN_FORCE, "有效"),
        (S.SUSPENDED, "暂停使用"),
        (S.CANCELLED, "已注销"),
        (S.EXPIRED, "已过有效期"),
        (S.REPLACED, "已换发新证"),
        (S.VOID, "已作废"),
    ],
)
def test_the_audit_says_states_as_others_do(state: LicenceState, word: str) -> None:
    assert record_words.standing(Kind.LICENCE, state).zh == word


def test_every_state_has_words_whatever_the_reason() -> None:
    for state in LicenceState:
        for reason in (None, *Reason):
            assert words_of(state, reason).word.zh


@pytest.mark.parametrize("state", [S.EXPIRED, S.PENDING, S.IN_FORCE])
def test_a_state_that_follows_from_a_date_has_no_reason(state: LicenceState) -> None:
    assert effective_reason(state, R.WITHHELD) is None
    assert effective_reason(S.SUSPENDED, R.WITHHELD) is R.WITHHELD


def on_record(state: LicenceState, reason: str | None = None) -> VerificationAnswer:
    licence = replace(world.LICENCE, state=state, reason=reason)
    return world.answer(world.ON_RECORD, world.RECORD, licence=licence)


def by_file(state: LicenceState, reason: str | None = None) -> VerificationAnswer:
    licence = replace(world.LICENCE, state=state, reason=reason)
    return world.answer(world.OURS, licence=licence)


def missed(asked: str) -> VerificationAnswer:
    findings = Findings(skipped("no_document"), failed("no_record"))
    return world.answer(findings, replace(world.RECORD, asked=asked))


def of_file(integrity: object, issuer: object, **subject: object) -> VerificationAnswer:
    changed = replace(world.SUBJECT, **subject)  # type: ignore[arg-type]
    return world.answer(Findings(integrity, issuer), changed)  # type: ignore[arg-type]


ORIGINAL = "请对方提供颁发机构发出的原始 PDF 文件。"
SUSPENDED = "目前不能凭它办理业务；是否恢复由颁发机构决定。详情请向颁发机构核实。"
MISS = "请与手中的证照或文件核对后重新输入；仍查不到的，不能据此判断真伪，请向所载机构核实。"


@pytest.mark.parametrize(
    ("answer", "headline", "summary"),
    [
        (
            by_file(S.IN_FORCE),
            "有效",
            "核验通过：文件与登记内容一致、未被改动，在有效期内，状态有效。",
        ),
        (
            world.SAMPLE,
            "样例，核验通过",
            "样例文件，核验通过：与登记内容一致、未被改动。样例没有法律效力，不得用于办理业务。",
        ),
        (
            by_file(S.SUSPENDED, R.UNDER_REVIEW),
            "文件与登记一致，但暂停使用",
            "文件与登记一致，但暂停使用，目前不能凭它办理业务。",
        ),
        (
            by_file(S.CANCELLED, R.FORFEITED),
            "文件与登记一致，但已被吊销",
            "文件与登记一致，但已被吊销，不能凭它办理业务。",
        ),
        (
            on_record(S.IN_FORCE),
            "登记信息有效，未核验文件",
            (
                "登记的这份证照在有效期内，状态有效。"
                "未核验文件：请与手中证照逐项比对，或上传 PDF 文件核验。"
            ),
        ),
        (
            on_record(S.REPLACED, R.RENEWED),
            "已登记，但已换发新证",
            "登记的这份证照已换发新证，请查验新证。未核验文件：请与手中证照逐项比对。",
        ),
        (missed("number"), "未查到登记信息", "本平台没有这个编号的登记信息。" + MISS),
        (missed("identifier"), "未查到登记信息", "本平台没有这个标识的登记信息。" + MISS),
        (missed("link"), "未查到登记信息", "本平台没有这个链接的登记信息。" + MISS),
        (
            world.MISTYPED,
            "输入可能有误",
            "输入的编号或标识校验位不符，可能抄错了一位。请对照证照或文件重新输入。",
        ),
        (
            of_file(failed("signature_broken"), NOTHING),
            "文件内容与签章时不一致",
            "此文件与签章时不一致，请勿据此办理。" + ORIGINAL,
        ),
        (
            of_file(failed("signature_missing"), NOTHING),
            "不是原始电子文件",
            "这不是原始电子文件，请勿据此办理。" + ORIGINAL,
        ),
        (
            of_file(failed("unparseable"), NOTHING),
            "不是原始电子文件",
            "这不是原始电子文件，请勿据此办理。" + ORIGINAL,
        ),
        (
            of_file(failed("changed_after_sealing"), NOTHING, registered_length=7),
            "登记内容之后被改动",
            "此文件与签章时不一致，请勿据此办理。"
            + ORIGINAL
            + "文件开头的登记部分完好：请单独取出，再核验一次。",
        ),
        (
            world.ADDED,
            "登记部分真实，附加内容不能担保",
            "证照的登记部分真实；其后附加了本平台不能担保的内容。请以登记的部分为准。",
        ),
        (
            world.ADDED_TO_CANCELLED,
            "登记部分真实，但已注销",
            (
                "证照的登记部分真实；其后附加了本平台不能担保的内容。请以登记的部分为准。"
                "但这份证照已注销，不能凭它办理业务。"
            ),
        ),
        (
            of_file(errored("annotated_after_signing"), FOREIGN),
            "未在本平台登记",
            (
                "这份文件未在本平台登记。签名时的内容未被改动，签名后添加过批注："
                "批注不是签名者所签的内容。这不说明文件有问题。请向签名者核实。"
            ),
        ),
        (
            of_file(passed("signatures_intact"), FOREIGN),
            "未在本平台登记",
            (
                "这份文件未在本平台登记。文件自署名“青云市临海区市场监督管理局”的签名以来未被改动。"
                "请向该单位核实。"
            ),
        ),
        (
            of_file(passed("signatures_intact"), FOREIGN, signatures=()),
            "未在本平台登记",
            "这份文件未在本平台登记。文件自签名以来未被改动。请向文件所载颁发机构核实。",
        ),
        (
            of_file(errored("unsupported_algorithm"), FOREIGN),
            "未在本平台登记",
            (
                "这份文件未在本平台登记。本平台无法判断此文件的签名（签名算法不支持），"
                "这不说明文件有问题。请用出具单位的核验渠道。"
            ),
        ),
        (
            of_file(passed("signatures_intact"), passed("seal_without_record")),
            "没有这份文件的登记信息",
            (
                "签章所用的电子印章在本平台登记过，但没有这份文件的登记信息。"
                "此情况已记录，请勿据此办理，并联系所载颁发机构。"
            ),
        ),
        (
            world.SCAN,
            "这是扫描件，不是电子文件",
            ("这是扫描件或照片，不是电子文件。请提供颁发机构发出的 PDF 文件，或扫描其上的二维码。"),
        ),
        (
            of_file(skipped("no_signature"), failed("no_signature")),
            "文件中没有电子签章",
            "文件中没有电子签章。请提供颁发机构发出的 PDF 文件。",
        ),
        (
            of_file(skipped("unknown_digest"), NOTHING, document_checked=False),
            "未查到这一摘要值",
            "未查到这一摘要值的登记。请上传文件核验。",
        ),
        (
            world.COULD_NOT_CHECK,
            "暂时无法核验",
            "暂时无法核验，这不说明文件有问题。请稍后再试，或联系颁发机构。",
        ),
        (
            of_file(errored("record_disagrees"), NOTHING),
            "未能核验",
            (
                "登记信息与审计记录不一致，未能核验。"
                "这是本平台的原因，不说明文件有问题。请联系颁发机构核实。"
            ),
        ),
    ],
)
def test_the_top_of_an_answer(answer: VerificationAnswer, headline: str, summary: str) -> None:
    assert answer.summary.zh == summary
    assert verdict_of(answer).headline.zh == headline


@pytest.mark.parametrize(
    ("answer", "step"),
    [
        (
            world.IN_FORCE,
            "核验通过。办理业务前，请核对办事人身份；单位证照还须核对经办人的授权。",
        ),
        (world.SAMPLE, "不得用于办理任何业务：样例只用于演示和测试。"),
        (
            world.BY_RECORD,
            "请将以下内容与手中证照逐项比对；有 PDF 文件的，请再核验文件。",
        ),
        (world.CANCELLED, "不能凭此办理业务。请持证主体提供有效证照，或向颁发机构核实。"),
        (by_file(S.SUSPENDED), SUSPENDED),
        (by_file(S.PENDING), "请自生效之日起使用。"),
        (by_file(S.REPLACED), "请持证主体提供换发的新证。"),
        (by_file(S.REPLACED, R.RESEALED), "请持证主体提供重新签章的文件。"),
        (by_file(S.SUSPENDED, R.WITHHELD), SUSPENDED),
        (
            by_file(S.SUSPENDED, R.SEAL_COMPROMISED),
            (
                "签章所用的密钥曾经泄露，这份文件不能再单独作为凭证；证照所载事项不受影响。"
                "请持证主体提供重新签章的文件，或持证照编号向颁发机构核实。"
            ),
        ),
        (
            world.NO_RECORD,
            (
                "请检查输入是否正确。确认无误仍查不到的，不能据此判断真伪：它可能不在本平台登记。"
                "请向所载机构核实。"
            ),
        ),
        (
            world.COULD_NOT_CHECK,
            "这是本平台的原因，不代表文件有问题。请稍后再试；急需办理的，请联系颁发机构。",
        ),
    ],
)
def test_what_to_do_next(answer: VerificationAnswer, step: str) -> None:
    assert verdict_of(answer).next_step.zh == step


WRONG = (
    "采信", "现行有效", "原件", "索要", "登记簿", "逐字节", "凭证照编号", "证照权利", "脱机",
    "非本平台颁发", "持证人", "已暂停", "补发", "新版", "本平台的印章", "内存", "MiB",
)  # fmt: skip
"""Words that were law words, another thing's word, or accused somebody (see the glossary)."""


def every_text() -> Iterator[Text]:
    """Yield every text in the modules that answers and pages take theirs from."""
    modules: tuple[ModuleType, ...] = (
        wording, signature_words, state_words, claims, texts, verdicts
    )  # fmt: skip
    for module in modules:
        yield from _texts(list(vars(module).values()))


def _texts(value: object) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, state_words.StateWords):
        yield from (value.word, value.meaning, value.step)
    elif isinstance(value, verdicts.Verdict):
        yield from (value.headline, value.next_step)
    elif isinstance(value, claims.ClaimsResult):
        yield value.message


def test_no_word_that_says_something_else() -> None:
    found = list(every_text())
    assert len(found) > 200
    for text in found:
        for word in WRONG:
            assert word not in text.zh, text.zh


def test_what_was_withheld_is_said_of_nothing_else() -> None:
    """暂扣 is a penalty (行政处罚法 9(3)); 无效 means void from the start."""
    withheld = [text for text in every_text() if "暂扣" in text.zh]
    assert withheld == [words_of(S.SUSPENDED, R.WITHHELD).word]
    invalid = {text.zh for text in every_text() if "无效" in text.zh}
    assert invalid == {"三项结果分别给出。暂时无法核验的会如实说明，不等于证照无效。"}


def test_chinese_is_set_as_chinese() -> None:
    """Full-width punctuation beside Chinese characters (GB/T 15834), nothing untranslated."""
    for text in every_text():
        assert bool(text.zh) == bool(text.en)
        assert not re.search("[\u4e00-\u9fff][,?:;()]|[,?;()][\u4e00-\u9fff]", text.zh), text.zh
        assert "  " not in text.en


def test_nobody_is_told_to_try_again_what_will_never_work() -> None:
    for code in (*wording.CHECKS, *signature_words.NOT_JUDGED):
        message = wording.check_message(code)
        again = "稍后再试" in message.zh or "try again shortly" in message.en.lower()
        assert again is (code == "registry_unavailable"), code


def test_our_failure_is_never_worded_as_the_document_s() -> None:
    for code in wording.CHECKS:
        answer = of_file(errored(code), errored(code))
        for words in (answer.summary, *_texts([verdict_of(answer).headline])):
            assert "无效" not in words.zh
            assert "invalid" not in words.en.lower()
        assert answer.integrity.result is CheckResult.ERROR


def test_the_seal_is_no_signature_and_its_act_no_seal() -> None:
    assert texts.KINDS[SignatureKind.SEAL] == Text("电子签章", "Seal")
    assert set(OurSeal) == {"none", "broken", "holds"}
