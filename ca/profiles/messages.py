"""Messages of `ca.profiles` in Chinese and English."""

from typing import Final

from core.text import Text, counted

CERTIFICATE_POLICY_NEEDED: Final = Text(
    "须有至少一个证书策略（EN 319 412-2 4.3.3）", "needs at least one policy (EN 319 412-2 4.3.3)"
)
COUNTRY_CODE_MALFORMED: Final = Text("须为两位大写字母", "must be two capital letters")
EMPTY_OR_PADDED: Final = Text("不得为空或以空格开头、结尾", "must not be empty or padded by spaces")
INVISIBLE_CHARACTERS: Final = Text("含有不可见或控制字符", "holds invisible or control characters")
NOT_NFC_FORM: Final = Text("须为 Unicode NFC 形式", "must be in Unicode form NFC")
ORGANIZATION_PAIR_INCOMPLETE: Final = Text(
    "须与机构名称同时给出", "and the organization go together"
)
PERSONAL_NAME_MISSING: Final = Text(
    "、名或化名须至少有一项", "or given name or pseudonym is needed"
)
PERSON_IDENTIFIER_MALFORMED: Final = Text(
    "须形如 PI:CN-370100-0042（EN 319 412-1 5.1.3）",
    "must look like PI:CN-370100-0042 (EN 319 412-1 5.1.3)",
)
PSEUDONYM_BESIDE_NAMES: Final = Text("不得与姓名并用", "must not stand beside names")
RESIDENT_NUMBER_IN_IDENTIFIER: Final = Text(
    "含有公民身份号码；它会出现在所签的每份文件中，请改用本单位的编号",
    "holds a resident identity number, which would stand in all that is signed: use an "
    "identifier of your own",
)
RSA_KEY_ROCA_VULNERABLE: Final = Text(
    "此 RSA 公钥出自有缺陷的密钥生成器（ROCA，CVE-2017-15361），私钥可被算出。请在别处重新生"
    "成密钥。",
    "This RSA key bears the fingerprint of a faulty generator (ROCA, CVE-2017-15361): its "
    "private key can be computed. Generate another one elsewhere.",
)
SAME_AS_IDENTIFIER: Final = Text("不得与机构代码相同", "must differ from its identifier")
USCC_MALFORMED: Final = Text("须为 18 位统一社会信用代码", "must be an 18-character USCC")


def linting_failed(*, subject: str, findings: str) -> Text:
    return Text(
        f"“{subject}”未通过合规检查，没有签发：{findings}",
        f"“{subject}” did not pass linting and was not issued: {findings}",
    )


def oid_malformed(entry: str) -> Text:
    return Text(f"中的“{entry}”不是 OID", f"holds “{entry}”, which is not an OID")


def profile_refuses_public_key(*, profile: str, allowed: str) -> Text:
    return Text(
        f"证书模板“{profile}”不接受此公钥。可用：{allowed}。",
        f"The profile “{profile}” does not accept this public key. Accepted: {allowed}.",
    )


def profile_setting_invalid(*, profile: str, setting: str, fault: Text) -> Text:
    return Text(
        f"证书模板“{profile}”的 {setting} {fault.zh}。",
        f"{setting} of the profile “{profile}” {fault.en}.",
    )


def setting_choices_limited(choices: str) -> Text:
    return Text(f"只能选用：{choices}", f"must be of, each once: {choices}")


def setting_not_applicable(other_setting: str) -> Text:
    return Text(f"请改用 {other_setting}", f"does not apply here: set {other_setting}")


def setting_out_of_range(*, maximum: int, configured: int, clause: str) -> Text:
    return Text(
        f"须在 1 到 {maximum} 之间，现为 {configured}（{clause}）",
        f"must be 1 to {maximum}; it is {configured} ({clause})",
    )


def subject_field_invalid(*, field: str, fault: Text) -> Text:
    return Text(
        f"证书主体的“{field}”{fault.zh}。请更正后重试。",
        f"The certificate subject's “{field}” {fault.en}. Correct it and try again.",
    )


def too_many_characters(max_length: int) -> Text:
    return Text(
        f"不得超过 {max_length} 个字符", f"must have at most {counted(max_length, 'character')}"
    )
