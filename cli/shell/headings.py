"""Headings of what commands print, in Chinese; in English they are the keys of `--json`."""

from typing import Final

from core.text import Language

_ZH: Final = {
    "answer": "答复", "asked_by": "提出人", "contact": "联系方式", "correction": "更正申请",
    "corrected_by": "更正后的证照", "due_on": "办理期限", "extended": "已延期", "overdue": "已超期",
    "receipt": "查询码", "wanted": "应当是", "suspended_until": "暂停至",
    "account": "账户", "acknowledged_at": "确认时间", "acknowledged_by": "确认人",
    "action": "操作", "added": "新增", "after": "之后", "algorithm": "算法",
    "asked_at": "申请时间", "audit_head": "审计链尾", "authority": "颁发机构", "basis": "依据",
    "before": "之前", "ca_id": "CA", "carried_by": "办理人", "certificate": "证书",
    "certificate_until": "证书到期", "certificates": "证书", "code": "代码", "credential": "凭据",
    "crl_shards": "撤销列表分片", "days": "剩余天数", "decided_at": "决定时间",
    "began_at": "开始时间", "run": "批次", "data": "表格", "granted": "新颁发",
    "skipped": "未作更改", "untried": "未办", "unwritten": "文件未写入", "out": "文件夹",
    "on_error": "遇错时",
    "sheet": "工作表", "hidden": "隐藏的行", "codes_compared": "号码已对照",
    "changed": "与证照不同的行", "further": "再发一份", "results": "结果文件",
    "decided_by": "决定人", "detail": "详情", "digest": "摘要值", "directory": "目录",
    "disabled": "已停用", "done": "已办", "due": "到期", "ended_at": "结束时间", "ends": "到期",
    "entries": "条数", "erased": "已删除", "expires_at": "有效至", "failed": "失败",
    "field": "字段", "fields": "字段", "file": "文件", "file_sha256": "文件摘要值",
    "files": "文件", "from": "起",
    "granted_on": "颁发日期", "hash": "摘要值", "holder": "持证主体", "holders": "持证主体",
    "id": "标识", "identifier": "标识", "identity": "身份", "issued_at": "签发时间",
    "issuer": "签发者", "job": "任务", "key": "密钥", "kind": "种类", "last": "最近",
    "last_seen_at": "最近登录", "level": "级别", "licences": "证照", "link": "核验链接",
    "made_at": "制作时间", "mark": "水位", "materials": "材料", "matter": "事项",
    "merged_into": "并入", "name": "名称", "name_en": "英文名称", "name_zh": "中文名称",
    "next_update": "下次更新", "not_after": "止", "not_before": "起", "not_tried": "未办",
    "number": "编号", "officer": "人员", "organization": "机构", "owner": "所有者", "page": "页",
    "parent": "上级机构", "passkeys": "通行密钥", "path": "路径", "possession": "持有证明",
    "prepared_by": "准备人", "profile": "证书模板", "purpose": "用途", "reason": "原因",
    "recorded_at": "登记时间", "registry": "登记库", "removed": "移除",
    "replaced_by": "换发后的证照标识", "replaces": "原证照标识", "request": "申请",
    "requested_at": "申请时间", "requested_by": "申请人", "result": "结果",
    "revoked_at": "撤销时间", "role": "角色", "roles": "角色", "row": "行", "rows": "行数",
    "seal": "印章", "sealed_at": "签章时间", "second_person": "须第二人批准", "sequence": "序号",
    "serial": "序列号", "server": "服务器", "sha256": "SHA-256", "since": "起始时间",
    "size": "大小", "slug": "短名", "source": "来源", "standing": "状态", "started": "启用次数",
    "state": "状态", "step": "步骤", "subject": "主体", "successor": "承继机构", "text": "内容",
    "title": "标题", "total": "总数", "type": "类型", "until": "止", "uri": "地址", "url": "网址",
    "uscc": "统一社会信用代码", "used_at": "使用时间", "valid_from": "有效期起",
    "valid_until": "有效期至", "validity": "有效期", "version": "版本", "waiting": "等待",
    "where": "所在", "why": "原因", "without_paper": "可免交", "years": "年限",
    "extension": "扩展项", "critical": "关键", "value": "值",
    "status": "状态", "licence": "证照", "emergency": "应急", "reserved": "预留",
    "document": "文件", "audit-head": "审计链尾", "backed-up": "备份", "restored": "恢复",
    "loss-accepted": "确认缺失", "unshared": "停止共用", "assignment": "授权标识",
    "authority_name": "颁发机构名称",
    "batch": "批次", "certificate_sha256": "证书摘要值", "change": "变更内容", "count": "数量",
    "definition": "定义", "jobs": "批量任务", "officers": "人员", "reopened": "待重新审批",
    "requests": "申请", "revoked": "已撤销证书", "run_out": "待自然到期的证书",
    "diameter_mm": "直径（毫米）", "given_by": "授权人",
    "image_sha256": "印模摘要值", "invalidity_at": "密钥可疑起始时间", "lapses_at": "过期时间",
    "last_used_at": "最近使用", "photo": "照片", "record": "照面项目", "sign_in": "登录网址",
    "status_now": "目前状态", "types": "证照类型", "used_from": "启用时间",
    "used_until": "停用时间", "was_good": "当时是否有效",
    "seconds": "用时（秒）", "rows_per_second": "每秒行数", "seconds_left": "预计剩余（秒）",
    "errors": "未成功的行", "summary": "结果",
}  # fmt: skip


def heading_of(key: str, language: Language) -> str:
    """Return the heading of a key; one that has no word of its own stays as it is."""
    return _ZH.get(key, key) if language == "zh" else key
