"""Messages of `ca.outside` in Chinese and English."""

from pathlib import Path
from typing import Final

from core.text import Text, counted

CERTIFICATE_LACKS_EXTENSIONS: Final = Text(
    "签发的证书缺少 basicConstraints、keyUsage 或 subjectKeyIdentifier",
    "the certificate lacks basicConstraints, keyUsage or subjectKeyIdentifier",
)
CERTIFICATE_LACKS_KEY_USAGE: Final = Text("证书没有 keyUsage", "the certificate has no keyUsage")
CERTIFICATE_LACKS_SIGNING_USAGE: Final = Text(
    "签发的证书不允许签发证书和证书撤销列表",
    "the certificate does not allow to sign certificates and CRLs",
)
CERTIFICATE_LACKS_SUBJECT: Final = Text("签发的证书没有主体名称", "the certificate has no subject")
CERTIFICATE_SELF_SIGNED: Final = Text("这是自签名证书", "this is a self-signed certificate")
CHAIN_CA_LACKS_SUBJECT: Final = Text(
    "链中的 CA 证书没有主体名称", "a CA's certificate in the chain has no subject"
)
CONTENT_NOT_CRL: Final = Text("不是证书撤销列表", "this is no CRL")
CRL_CRITICAL_EXTENSION_UNKNOWN: Final = Text(
    "该列表含有未知的关键扩展", "the CRL has an unknown critical extension"
)
CRL_OUT_OF_PERIOD: Final = Text(
    "该列表已过期或日期在将来", "the CRL has ended, or is of the future"
)
KNOWN_CRL_NEWER: Final = Text("该列表比已有的旧", "the CRL is older than the one that is known")
NO_AWAITED_CERTIFICATE_IN_FILE: Final = Text(
    "文件中没有（或不止一张）为等待中的签发CA签发的证书：密钥不符",
    "the file holds no certificate (or several) for the key of a CA that waits for one",
)
NO_CERTIFICATES_IN_FILE: Final = Text("文件中没有证书", "the file holds no certificates")
REQUEST_SIGNATURE_INVALID: Final = Text("申请的签名无效", "the request's signature does not hold")
ROOT_SHA256_MALFORMED: Final = Text(
    "--root-sha256 须为 64 位十六进制数", "--root-sha256 is 64 hex digits"
)
ROOT_SHA256_NOT_HEX: Final = Text("根的 SHA-256 须为十六进制", "the root's SHA-256 is hexadecimal")
TOO_MANY_CERTIFICATES: Final = Text("文件中的证书过多", "the file holds too many certificates")
TOO_MANY_CHAIN_PATHS: Final = Text(
    "链中的证书可有过多的组合", "the chain can be put together in too many ways"
)
TSA_CERTIFICATE_COUNT_WRONG: Final = Text(
    "--tsa-chain 中须恰有一张时间戳证书", "--tsa-chain holds one time-stamping certificate"
)
USAGE_UNFIT_FOR_SEAL: Final = Text(
    "证书的用途不适合印章", "the certificate's usage does not suit a seal"
)


def algorithm_not_accepted(*, name: str, min_rsa_bits: int) -> Text:
    return Text(
        f"“{name}”的密钥或签名算法不可接受（RSA 须至少 {min_rsa_bits} 位、指数至少 65537；曲线"
        "须写名称；不支持 SHA-1、SM2）",
        f"“{name}” has a key or signature algorithm that is not accepted (RSA of at least "
        f"{counted(min_rsa_bits, 'bit')} with an exponent of 65537 or more, P-256 to "
        "P-521 by name or ML-DSA, with SHA-2)",
    )


def authority_key_id_mismatch(*, name: str, issuer: str) -> Text:
    return Text(
        f"“{name}”的颁发者密钥标识不是“{issuer}”的",
        f"the authority key identifier of “{name}” is not that of “{issuer}”",
    )


def ca_has_another_certificate(issuer: str) -> Text:
    return Text(f"“{issuer}”已有另一证书", f"“{issuer}” has another certificate")


def ca_lacks_signing_usage(name: str) -> Text:
    return Text(
        f"“{name}”不得签发证书和证书撤销列表", f"“{name}” may not sign certificates and CRLs"
    )


def ca_not_on_record(issuer: str) -> Text:
    return Text(f"不认识签发CA“{issuer}”", f"there is no CA “{issuer}” on record")


def certificate_expired(name: str) -> Text:
    return Text(f"“{name}”已过期", f"“{name}” has ended")


def certificate_fields_unreadable(*, serial: str, error: object) -> Text:
    return Text(
        f"序列号为 {serial} 的证书的名称或扩展无法读取：{error}",
        f"the names or extensions of the certificate with serial {serial} cannot be read: {error}",
    )


def certificate_not_ca(name: str) -> Text:
    return Text(f"“{name}”不是 CA 证书", f"“{name}” is no CA's certificate")


def certificate_not_from_known_root(subject: str) -> Text:
    return Text(
        f"“{subject}”的证书不是由已登记的根签发的",
        f"the certificate of “{subject}” is not signed by a root on record",
    )


def certificate_not_valid_yet(name: str) -> Text:
    return Text(f"“{name}”尚未生效", f"“{name}” is not valid yet")


def certificate_out_of_validity(name: str) -> Text:
    return Text(f"“{name}”的证书不在有效期内", f"“{name}” is not within its validity")


def certificate_rejected(*, name: str, error_text: Text, error: object) -> Text:
    return Text(f"“{name}”未通过检查：{error_text.zh}", f"“{name}”: {error}")


def certificate_revoked(name: str) -> Text:
    return Text(f"“{name}”的证书已被撤销", f"the certificate of “{name}” is revoked")


def certificate_revoked_by_issuer(*, subject: str, issuer: str) -> Text:
    return Text(
        f"“{subject}”的证书已被“{issuer}”撤销，不能再用。",
        f"The certificate of “{subject}” was revoked by “{issuer}” and may not be used.",
    )


def certificate_subject_mismatch(*, subject: str, organization: str) -> Text:
    return Text(
        f"证书的主体“{subject}”不是“{organization}”",
        f"the certificate's subject “{subject}” is not “{organization}”",
    )


def chain_incomplete(name: str) -> Text:
    return Text(
        f"“{name}”的证书缺失，或链不通向所指明的根",
        f"the certificate of “{name}” is missing, or the chain does not lead to the root that "
        "was named",
    )


def chain_validation_failed(*, name: str, error: object) -> Text:
    return Text(
        f"独立校验未通过（{name}：{error}）",
        f"an independent validation of the chain failed ({name}: {error})",
    )


def critical_extension_unsupported(*, name: str, oid: str) -> Text:
    return Text(
        f"“{name}”含有无法遵守的关键扩展 {oid}",
        f"“{name}” has a critical extension that is not followed here: {oid}",
    )


def crl_address_differs(name: str) -> Text:
    return Text(f"“{name}”中的证书撤销列表地址不是本平台的", f"“{name}” names another CRL address")


def crl_dated_in_future(name: str) -> Text:
    return Text(f"“{name}”的日期在将来", f"“{name}” is dated in the future")


def crl_number_not_above_known(*, path_name: str, number: int, known_number: int) -> Text:
    return Text(
        f"“{path_name}”的编号 {number} 不大于已有的 {known_number}",
        f"“{path_name}” has number {number}, not above the known {known_number}",
    )


def crl_older_than_known(name: str) -> Text:
    return Text(f"“{name}”比已有的旧", f"“{name}” is older than the known one")


def crl_scope_lacks_certificate(name: str) -> Text:
    return Text(
        f"证书撤销列表不涵盖“{name}”的证书",
        f"the CRL does not speak of the certificate of “{name}”",
    )


def crl_signer_not_in_chain(name: str) -> Text:
    return Text(
        f"“{name}”不在链中，或证书撤销列表的签名无效",
        f"“{name}” is in no chain on record, or did not sign this CRL",
    )


def csr_request_mismatch(*, csr: str, request: str) -> Text:
    return Text(f"{csr} 与 {request} 不符", f"{csr} is not the one that {request} names")


def extended_key_usage_excluded(name: str) -> Text:
    return Text(
        f"“{name}”限定了扩展密钥用途，不包括所需的用途",
        f"“{name}” is restricted to extended key usages that leave ours out",
    )


def file_not_certificate(path_name: str) -> Text:
    return Text(f"“{path_name}”不是证书", f"“{path_name}” is no certificate")


def file_not_crl(path_name: str) -> Text:
    return Text(f"“{path_name}”不是证书撤销列表", f"“{path_name}” is no CRL")


def file_rejected(*, path_name: str, error: object) -> Text:
    return Text(f"“{path_name}”未通过检查", f"“{path_name}”: {error}")


def file_too_large(*, path_name: str, limit: int) -> Text:
    return Text(f"“{path_name}”过大", f"“{path_name}” has over {counted(limit, 'byte')}")


def file_unreadable(*, path_name: str, cause_zh: str, strerror: str | None) -> Text:
    return Text(f"无法读取“{path_name}”：{cause_zh}", f"“{path_name}” is unreadable: {strerror}")


def name_constraints_violated(name: str) -> Text:
    return Text(
        f"“{name}”的名称限制不容许此证书",
        f"the name constraints of “{name}” do not allow this certificate",
    )


def no_ca_awaits_certificate(subject: str) -> Text:
    return Text(
        f"没有签发CA在等待“{subject}”的证书：密钥不符",
        f"no CA waits for the certificate of “{subject}”: its key is none of theirs",
    )


def no_current_crl(name: str) -> Text:
    return Text(
        f"没有“{name}”现行的证书撤销列表。请执行 xinyin ca fetch-crls。",
        f"There is no CRL of “{name}” that holds now. Run xinyin ca fetch-crls.",
    )


def no_http_crl_address(name: str) -> Text:
    return Text(
        f"“{name}”的证书没有 http 证书撤销列表地址。请用 xinyin ca import --crl 导入。",
        f"The certificate of “{name}” names no http address of a CRL. Take one in with xinyin "
        "ca import --crl.",
    )


def not_signed_by_known_root(name: str) -> Text:
    return Text(f"“{name}”不是由已登记的根签发的", f"“{name}” is not signed by a root on record")


def path_length_exceeded(name: str) -> Text:
    return Text(f"“{name}”之下的层级过多", f"“{name}” allows fewer CAs below it")


def request_already_exists(directory: Path) -> Text:
    return Text(
        f"“{directory}”中已有申请，未作改动。请继续使用它；要新的申请请指定另一个目录。",
        f"There is a request in “{directory}” already; nothing was changed. Go on with that "
        "one, or name another directory for a new one.",
    )


def request_cut_off(directory: Path) -> Text:
    return Text(
        f"“{directory}”中有一份没有写完的申请，未作改动。请删除其中的 request.* 文件，"
        "或指定另一个目录。",
        f"There is a request in “{directory}” whose writing was cut off; nothing was changed. "
        "Delete its request.* files, or name another directory.",
    )


def request_malformed(request: str) -> Text:
    return Text(f"{request} 格式不正确", f"{request} is malformed")


def request_sha256_mismatch(*, directory_name: str, request: str, sha256: str) -> Text:
    return Text(
        f"{directory_name}/{request} 的 SHA-256 摘要值是 {sha256}，与仪式文件所写不同",
        f"{directory_name}/{request} has SHA-256 {sha256}, not the one in the ceremony's file",
    )


def root_not_on_record(*, name: str, fingerprint: str) -> Text:
    return Text(
        f"“{name}”是未登记的根证书（SHA-256 {fingerprint}）。与仪式记录核对后用 --root-sha256 指明",
        f"“{name}” is a root that is not on record (SHA-256 {fingerprint}). Compare it with "
        "the ceremony's transcript and name it with --root-sha256",
    )


def root_sha256_mismatch(*, name: str, fingerprint: str) -> Text:
    return Text(
        f"“{name}”的 SHA-256 是 {fingerprint}，不是 --root-sha256 所指明的。请与仪式记录核对",
        f"the SHA-256 of “{name}” is {fingerprint}, not the one that --root-sha256 names. "
        "Compare it with the ceremony's transcript",
    )


def self_signature_invalid(name: str) -> Text:
    return Text(f"“{name}”的签名无效", f"“{name}” is not signed by itself")


def submission_rejected(reason: Text) -> Text:
    return Text(
        f"未接受：{reason.zh}。未登记其中任何内容，请改正后重新提交。",
        f"Not accepted: {reason.en}. Nothing of it was recorded; correct it and hand it in again.",
    )


def too_many_files(directory: Path) -> Text:
    return Text(f"“{directory}”中文件过多", f"“{directory}” holds too many files")
