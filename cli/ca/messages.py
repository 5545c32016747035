"""Messages of `cli.ca` in Chinese and English."""

from pathlib import Path
from typing import Final

from core.text import Text, counted

ALREADY_ON_HOLD: Final = Text("此前已暂停", "On hold before")
ALREADY_RELEASED: Final = Text("此前已解除暂停", "Released before")
ALREADY_REVOKED: Final = Text("此前已撤销", "Revoked before")
CERTIFICATE_NOT_REVOKED: Final = Text("该证书未被撤销。", "The certificate is not revoked.")
CHAIN_NEEDS_ROOT_SHA256: Final = Text(
    "--chain 须与 --root-sha256 同用：根的 SHA-256 摘要值须另行获知。",
    "--chain goes with --root-sha256, which you must have by other means.",
)
CONFIRM_ROOT: Final = Text("与仪式记录一致，信任此根？", "As in the transcript: trust this root?")
CONFIRM_STEP: Final = Text("执行这一步？", "Do this step?")
CSR_FIELDS_IGNORED: Final = Text(
    "只取用申请中的公钥；其中的名称、扩展和属性均未采用。",
    "Only the public key of the request is used; its names, extensions and attributes are not.",
)
CSR_OR_KEY_NEEDED: Final = Text(
    "请给出 --csr 或 --key 之一。", "Give one of --csr and --key: whose key is certified."
)
DOCUMENTATION_POLICY_OID: Final = Text(
    "证书策略仍是文档示例 OID（RFC 5612）；请在 [ca] certificate_policy 设置本单位的 OID。",
    "The certificate policy is one for documentation (RFC 5612): set your own under [ca] "
    "certificate_policy.",
)
DRY_RUN_ENDED: Final = Text(
    "\n这是预演，什么都没有保留。密钥、序列号、日期及由此而来的摘要值在仪式中会不同，其余内容"
    "相同。",
    "\nThis was a dry run and nothing of it was kept. Keys, serial numbers, dates and the "
    "hashes that follow from them will differ in the ceremony; all else will not.",
)
EXPORT_FILE_SUFFIX_WRONG: Final = Text(
    "文件名须以 .pem、.csv 或（单张证书）.der 结尾。",
    "The file's name must end in .pem, .csv or, for one certificate, .der.",
)
EXPORT_TARGET_NEEDED: Final = Text(
    "请给出目录，或 --serial/--all 之一并用 --out 指定文件。",
    "Give a DIRECTORY, or one of --serial and --all with --out FILE.",
)
IMPORT_DONE: Final = Text("已导入。", "Taken in.")
IMPORT_SOURCE_NEEDED: Final = Text(
    "请指定目录、--chain 或 --crl 中的一个。", "Name one: a directory, --chain or --crl."
)
ISSUED_CERTIFICATES_DISTRUSTED: Final = Text(
    "它签发的证书随之失去信任：见运维指南“签发CA密钥泄露”。",
    "What it issued is no longer trusted: see the operator's guide on a compromised CA.",
)
NEW_AND_CRL_EXCLUSIVE: Final = Text("--new 与 --crl 只能取一个。", "Take --new or --crl, not both.")
NOTHING_NEW: Final = Text("没有新的内容。", "There was nothing new.")
NO_ACTIVE_ISSUING_CA: Final = Text("没有在用的签发CA。", "There is no active issuing CA.")
NO_ROOT_WITH_SHA256: Final = Text(
    "没有此摘要值的根证书，未作改动。", "There is no root with that SHA-256; nothing was changed."
)
ONLY_INTENT_ON_RECORD: Final = Text(
    "这张证书只有签发意图的记录，没有证书本身。",
    "Of this certificate only the intent is on record, not the certificate.",
)
ON_HOLD: Final = Text("已暂停", "On hold")
RELEASED: Final = Text("已解除暂停", "Released")
REVOCATION_PUBLISHED: Final = Text(
    "新的证书撤销列表已签发，OCSP 将在一秒内更新。", "OCSP says so within a second, the CRL now."
)
REVOKED: Final = Text("已撤销", "Revoked")
REVOKE_NEEDS_CRL: Final = Text("--revoke 须与 --crl 同用。", "--revoke goes with --crl.")
REVOKE_OPTION_MALFORMED: Final = Text(
    "--revoke 的格式为 CA=原因，如 issuing-1=cACompromise。",
    "--revoke takes CA=REASON, such as issuing-1=cACompromise.",
)
ROOT_AGREEMENT_NEEDS_TERMINAL: Final = Text(
    "须在终端中确认；脚本请用 --yes 或 --root-sha256。",
    "This must be agreed to on a terminal; scripts take --yes or --root-sha256.",
)
SEALED_LICENCES_UNHANDLED: Final = Text(
    "所签证照尚未处理：请运行 xinyin seal compromised。",
    "What it sealed has not been dealt with: run xinyin seal compromised.",
)
SEALING_PERMITTED_AGAIN: Final = Text("可以重新用它签章。", "It may be used for sealing again.")
SEALING_SUSPENDED: Final = Text(
    "解除暂停或撤销之前不能用它签章；此前所签仍然有效。",
    "Nothing is sealed with it until it is released or revoked; what it sealed before stands.",
)
SEAL_CERTIFICATE_FROM_OUTSIDE_CA: Final = Text(
    "该印章的证书由外部 CA 签发，这里不能撤销、暂停或导出：请由该 CA 处理；xinyin seal renew "
    "可换成这里签发的证书。",
    "That seal's certificate is from a CA outside and cannot be revoked, held or exported "
    "here: have that CA do it. xinyin seal renew gives the seal a certificate of ours.",
)
SERIAL_AMBIGUOUS: Final = Text(
    "多个签发CA签发过此序列号，请改用证书的 SHA-256 指纹指明。",
    "Several CAs issued that serial; name the certificate by its SHA-256 fingerprint.",
)
STEP_AGREEMENT_NEEDS_TERMINAL: Final = Text(
    "每一步都须在终端中同意；脚本请用 --yes。",
    "Each step must be agreed to on a terminal; scripts take --yes.",
)
TIMESTAMPED_SIGNATURES_VALID: Final = Text(
    "此前带可信时间戳的签名仍然有效。",
    "Signatures with a trusted timestamp from before stay valid.",
)
TIMESTAMPS_DISTRUSTED: Final = Text(
    "它签发的时间戳全部不再可信：见运维指南“时间戳密钥泄露”。",
    "No timestamp of it is believed any more: see the operator's guide on a compromised "
    "time-stamping key.",
)


def ca_in_use(issuer: str) -> Text:
    return Text(f"{issuer} 已启用。", f"{issuer} is in use.")


def ca_published_for_rollover(issuer: str) -> Text:
    return Text(
        f"{issuer} 已就绪并发布；再次运行 xinyin ca rollover 即启用。",
        f"{issuer} is ready and published; xinyin ca rollover puts it to use.",
    )


def ca_ready_for_rollover(issuer: str) -> Text:
    return Text(
        f"{issuer} 已就绪；用 xinyin ca rollover 启用。",
        f"{issuer} is ready; xinyin ca rollover puts it to use.",
    )


def ceremony_closed(sha256: str) -> Text:
    return Text(
        f"仪式已结束。请记下 transcript.txt 末尾所载的 SHA-256 摘要值：{sha256}",
        f"The ceremony is closed. SHA-256 that transcript.txt ends with: {sha256}",
    )


def certificate_list_truncated(limit: int) -> Text:
    return Text(
        f"只列出了前 {limit} 张；用 --limit 或条件查看其余。",
        f"Shown are only the first {limit}; use --limit or narrow the search.",
    )


def clock_confirmed(at: str) -> Text:
    return Text(f"已确认时钟：{at}。", f"The clock was confirmed: {at}.")


def confirm_last_crl(issuer: str) -> Text:
    return Text(
        f"将签发 {issuer} 的最后一份证书撤销列表，此后不能再撤销。",
        f"Sign the last CRL of {issuer}; nothing can be revoked after it.",
    )


def confirm_revocation(subject: str) -> Text:
    return Text(f"将撤销证书 {subject}。", f"Revoke the certificate {subject}.")


def confirm_rollover(active_ca: str) -> Text:
    return Text(
        f"将由下一个签发CA接替 {active_ca}，后者不再签发。",
        f"The next issuing CA takes over from {active_ca}, which issues nothing more.",
    )


def crl_signed(*, issuer: str, number: int) -> Text:
    return Text(f"{issuer} 的证书撤销列表 {number} 已签发。", f"CRL {number} of {issuer} signed.")


def file_not_certificate(file: Path) -> Text:
    return Text(f"“{file}”不是证书。", f"“{file}” is no certificate.")


def issuance_result(*, issued: int, waiting: int) -> Text:
    return Text(
        f"已签发 {issued} 张证书，{waiting} 个申请待处理。",
        f"{counted(issued, 'certificate')} issued, {counted(waiting, 'request')} waiting.",
    )


def no_such_ca(*, issuer: str, known_cas: str) -> Text:
    return Text(
        f"没有签发CA“{issuer}”；现有：{known_cas}。",
        f"There is no CA “{issuer}”; there are: {known_cas}.",
    )


def no_such_certificate(target: str) -> Text:
    return Text(
        f"证书台账中没有“{target}”。请给出 xinyin ca list 所示的序列号、证书的 SHA-256 或印章"
        "标识。",
        f"The ledger knows no “{target}”. Give a serial as xinyin ca list shows it, a "
        "certificate's SHA-256, or a seal's id.",
    )


def profile_option_needed(option: str) -> Text:
    return Text(f"此模板须有 {option}。", f"This profile needs {option}.")


def request_written(directory: Path) -> Text:
    return Text(
        f"申请已写入 {directory}。请把 request.json 的 SHA-256 摘要值写入仪式文件。",
        f"The request stands in {directory}. Put the SHA-256 of request.json into the "
        "ceremony's file.",
    )


def rollover_done(*, issuer: str, retired_ca: str) -> Text:
    return Text(
        f"{issuer} 已启用，{retired_ca} 已停用：不再签发，其证书撤销列表和 OCSP 继续到其证书到期。",
        f"{issuer} is in use. {retired_ca} issues nothing more; its CRLs and OCSP answers go "
        "on until its certificate ends.",
    )


def roots_pinned(count: int) -> Text:
    return Text(f"已固定 {count} 个根证书。", f"{counted(count, 'root')} pinned.")
