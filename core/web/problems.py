"""Table from error codes to RFC 9457 problems and exit codes; its default reveals nothing.

The statuses follow RFC 9110 and RFC 9457, the exit codes CONTRACT.md.
"""

from dataclasses import dataclass

from core.errors import StorageError, UnreachableError, XinyinError
from core.text import Text


@dataclass(frozen=True, slots=True)
class Problem:
    """Public appearance of an error code."""

    status: int
    exit_code: int
    title: Text


INTERNAL = Problem(500, 1, Text("内部错误", "Internal error"))
_USAGE = Problem(422, 2, Text("请求有误", "The request cannot be used"))
_UNREADABLE = Problem(422, 3, Text("无法读取输入", "The input cannot be read"))
_NOT_ALLOWED = Problem(403, 4, Text("无权操作", "Not allowed"))
_UNREACHABLE = Problem(503, 5, Text("暂时无法连接", "Not reachable just now"))
_NOT_FOUND = Problem(404, 2, Text("没有找到", "Not found"))
_CONFLICT = Problem(409, 2, Text("与当前状态冲突", "In conflict with what is there"))

PROBLEMS: dict[str, Problem] = {
    "usage": _USAGE,
    "configuration": Problem(500, 2, Text("配置有误", "The configuration cannot hold")),
    "unreadable_input": _UNREADABLE,
    "not_allowed": _NOT_ALLOWED,
    # RFC 9470 section 3: 401, with what is needed in WWW-Authenticate.
    "step_up_required": Problem(401, 4, Text("须重新登录验证", "A fresh sign-in is needed")),
    "second_person_required": Problem(
        403, 4, Text("须经他人批准", "A second person must approve it")
    ),
    "identity_ended": Problem(403, 4, Text("身份已停用", "The identity has ended")),
    "enrolment_lapsed": Problem(403, 4, Text("登录已过期", "The sign-in has lapsed")),
    "own_role": Problem(403, 4, Text("不能给自己分配角色", "No role to oneself")),
    "precondition_failed": Problem(412, 2, Text("已被他人改动", "Changed in the meantime")),
    "own_request": Problem(403, 4, Text("不能批准自己的申请", "Not on a request of one's own")),
    "unreachable": _UNREACHABLE,
    "unknown_outcome": Problem(503, 5, Text("结果未知", "Outcome unknown")),
    "storage": Problem(507, 1, Text("无法写入", "Could not write")),
    "damaged_object": Problem(
        500, 6, Text("存储的文件缺失或已损坏", "A stored file is missing or damaged")
    ),
    "not_found": _NOT_FOUND,
    "no_such_licence": Problem(404, 12, Text("没有这份证照", "No such licence")),
    "conflict": _CONFLICT,
    "not_reserved": Problem(409, 11, Text("不是本系统预留的", "Not reserved here")),
    "not_a_pdf": Problem(415, 3, Text("不是 PDF 文件", "Not a PDF file")),
    "encrypted_pdf": Problem(422, 3, Text("文件已加密", "The file is encrypted")),
    "too_large": Problem(413, 3, Text("文件过大", "The file is too large")),
    "too_many_requests": Problem(429, 5, Text("请求过多", "Too many requests")),
    "bad_value": _UNREADABLE,
    "bad_row": Problem(422, 3, Text("数据有误", "The data have errors")),
    "refused_file": Problem(422, 3, Text("文件不能签章", "The file is not to be signed")),
    "no_place": Problem(422, 2, Text("没有签章位置", "No place for the seal")),
    "bad_table": Problem(422, 3, Text("无法读取表格", "The table cannot be read")),
    "bad_type": Problem(422, 3, Text("证照类型的定义有误", "The licence type cannot hold")),
    "bad_matters": Problem(422, 3, Text("事项表有误", "The matters cannot be taken")),
    "malformed_identifier": Problem(422, 3, Text("标识有误", "The identifier is malformed")),
    "numbers_exhausted": _CONFLICT,
    "bad_profile": Problem(500, 2, Text("证书模板有误", "The certificate profile cannot hold")),
    "bad_subject": _USAGE,
    "weak_key": _USAGE,
    "bad_request": _UNREADABLE,
    "used_key": _CONFLICT,
    "lint": Problem(500, 1, Text("证书未通过合规检查", "The certificate did not pass linting")),
    "issuance": _CONFLICT,
    "not_founded": Problem(503, 2, Text("证书体系尚未建立", "The hierarchy is not founded yet")),
    "foreign_certificate": _CONFLICT,
    "seal_revoked": _CONFLICT,
    "signer_refused": _CONFLICT,
    "signer_gone": _CONFLICT,
    "awaits_signature": _CONFLICT,
    "not_awaited": _CONFLICT,
    "refused_signature": Problem(
        422, 3, Text("在外签署的文件不能接收", "What was signed elsewhere is not taken in")
    ),
    "signature_lapsed": _CONFLICT,
    "signature_needed": _CONFLICT,
    "not_the_page": Problem(502, 5, Text("签署内容不符", "Not the page to be signed")),
    "person_signature": Problem(422, 3, Text("签名不成立", "The signature does not hold")),
    "not_a_person": Problem(422, 3, Text("不是个人签名证书", "Not a person's certificate")),
    "unsuitable_level": Problem(422, 2, Text("签名级别不可用", "The level cannot be used")),
    "revocation_refused": _CONFLICT,
    "bad_ceremony": Problem(422, 3, Text("仪式文件有误", "The ceremony file cannot hold")),
    "ceremony_changed": _CONFLICT,
    "ceremony_declined": _CONFLICT,
    "bad_transcript": Problem(422, 3, Text("仪式记录有误", "The transcript does not hold")),
    "bad_trust_list": Problem(422, 3, Text("信任列表不可用", "The trust list cannot be used")),
    "bad_anchor": _UNREADABLE,
    "bad_etsi_list": Problem(422, 3, Text("不能导入此列表", "The list cannot be imported")),
    "bad_exchange": Problem(422, 3, Text("交换文件不可接受", "The exchange is not acceptable")),
    "timestamp_refused": _UNREACHABLE,
    "clock_untrusted": Problem(503, 5, Text("时钟不可信", "The clock is not to be trusted")),
    "stale_validation_data": _CONFLICT,
    "missing_glyph": _UNREADABLE,
    "field_too_long": _UNREADABLE,
    "bad_photo": _UNREADABLE,
    "qr_too_long": _USAGE,
    "bad_design": _USAGE,
    "bad_seal": _USAGE,
    "unsuitable_text": _UNREADABLE,
    "unsupported_key": _USAGE,
    "wrong_seal_key": _CONFLICT,
    "seal_too_large": INTERNAL,
    "unsuitable_page": INTERNAL,
    "unprotected_file": _CONFLICT,
    "bad_answer": _UNREACHABLE,
    "bad_package": Problem(422, 3, Text("归档包不可用", "The package cannot be taken in")),
    "bad_backup": Problem(422, 3, Text("备份不可用", "The backup cannot be used")),
    "unaccepted_loss": Problem(
        503, 15, Text("备份恢复后的数据缺失待确认", "A loss is to be accepted")
    ),
    "unreadable_record": Problem(500, 11, Text("登记内容无法读取", "A record cannot be read")),
    "counter_set_back": Problem(503, 11, Text("计数器被改小", "A counter was set back")),
    "erased": Problem(410, 3, Text("内容已删除", "The contents were erased")),
    "on_hold": _CONFLICT,
    "privacy_key_missing": Problem(
        503, 5, Text("缺少持证主体代码的密钥", "The key of holders' codes is missing")
    ),
    "unreadable_code": Problem(500, 1, Text("加密的代码无法读出", "Sealed codes cannot be read")),
    "journal": Problem(503, 5, Text("恢复日志不可用", "The journal cannot be used")),
    "crl_guard": _CONFLICT,
    "ledger": _CONFLICT,
    "audit_altered": Problem(500, 11, Text("审计记录被改动过", "The audit was altered")),
    "audit_unavailable": Problem(503, 5, Text("审计无法写入", "The audit cannot be written")),
    "key_not_found": Problem(500, 2, Text("没有此密钥", "No such key")),
    "key_exists": _CONFLICT,
    "key_wrong_purpose": Problem(500, 1, Text("密钥用途不符", "The key is for another purpose")),
    "key_unavailable": _UNREACHABLE,
    "key_ambiguous": _CONFLICT,
    "key_half_made": _CONFLICT,
    "key_life": _CONFLICT,
    "key_outside_domains": Problem(500, 4, Text("无权使用此密钥", "The key is out of reach")),
    "key_retired": Problem(500, 2, Text("密钥已停用", "The key is retired")),
    "key_stays_on_token": INTERNAL,
    "token_refused": Problem(401, 4, Text("身份凭据未被接受", "The token was not accepted")),
    "keys_unavailable": _UNREACHABLE,
    "leaving_unfinished": _UNREACHABLE,
    "list_incomplete": _UNREACHABLE,
    "reconcile_stopped": _CONFLICT,
    "not_signed_in": Problem(401, 4, Text("尚未登录", "Not signed in")),
    "forged_request": _NOT_ALLOWED,
    "sign_in_failed": Problem(403, 4, Text("登录未完成", "The sign-in was not completed")),
    "sign_in_pending": Problem(409, 5, Text("等待登录", "Waiting for the sign-in")),
    "provider_unreachable": _UNREACHABLE,
    "provider_refused": Problem(502, 4, Text("身份服务拒绝", "The identity provider refused")),
    "provider_unfit": Problem(500, 2, Text("身份服务不适用", "The provider does not fit")),
    "insecure_address": Problem(500, 2, Text("地址不安全", "The address is not secure")),
    "wrong_passphrase": Problem(500, 4, Text("口令不正确", "The passphrase is wrong")),
}

OPERATORS = frozenset(
    {
        "unreachable",
        "privacy_key_missing",
        "unreadable_code",
        "unknown_outcome",
        "storage",
        "damaged_object",
        "journal",
        "unaccepted_loss",
        "counter_set_back",
        "audit_unavailable",
        "clock_untrusted",
        "timestamp_refused",
        "bad_answer",
        "key_unavailable",
        "keys_unavailable",
        "not_founded",
    }
)
"""Codes whose sentences name paths, hosts and commands: they are for the log and the command line,
and whoever asks over HTTP is told no more than that the service is not available."""


def problem_of(code: str) -> Problem:
    """Return the problem of an error code; `INTERNAL` for any code that is not in the table."""
    return PROBLEMS.get(code, INTERNAL)


def is_of_surroundings(error: XinyinError) -> bool:
    """Tell whether an error is of what all work needs (database, disk, key), not of one piece."""
    unreachable = problem_of(UnreachableError.code).exit_code
    refused = type(error) is StorageError  # its subclass: one stored file is damaged
    return refused or problem_of(error.code).exit_code == unreachable
