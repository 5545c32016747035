"""Examples of what is sent and answered, by the name of the shape; a test sees that they fit."""

from typing import Any, Final

from issuing_api.document_examples import DOCUMENT_EXAMPLES
from issuing_api.find_examples import found_examples

_REQUEST_ID = "7be1428890ab3f9a0c5d"
_JOB_ID = "5c0d9ab7e1428890af3f"
_LICENCE = "1.2.156.3005.2.11990000999000101N001.11990100MB00990250.000000001.001.9"
_AT = "2026-11-30T01:00:00Z"
_RECORD = {
    "经营者名称": "揽月县云上便利店",
    "统一社会信用代码": "92990121MA23932F6L",
    "法定代表人（负责人）": "高牧之",
    "住所": "云泽省青岚市揽月县白鹭洲路95号",
    "经营场所": "云泽省青岚市揽月县白鹭洲路95号一层临街",
    "主体业态": "食品销售经营者",
    "经营项目": "散装食品和预包装食品销售（含冷藏冷冻食品）",
    "投诉举报电话": "12315",
    "行政区划代码": "990121",
}
_ROW_RECORD = {
    "operator": "揽月县云上便利店",
    "operator_code": "92990121MA23932F6L",
    "representative": "高牧之",
    "residence": "云泽省青岚市揽月县白鹭洲路95号",
    "premises": "云泽省青岚市揽月县白鹭洲路95号一层临街",
    "main_form": "食品销售经营者",
    "scope": "散装食品和预包装食品销售（含冷藏冷冻食品）",
    "hotline": "12315",
    "area": "990121",
}
"""The same as a row of a sheet is kept: by the type's keys."""
_REQUEST: Final = {
    "id": _REQUEST_ID,
    "state": "WAITING",
    "action": "licence.grant",
    "type": "11990000999000101N001",
    "authority": "qinglan-market",
    "requested_by": "id:0f7c2a6b9d3e4f5a6b7c",
    "requested_at": _AT,
    "lapses_at": "2026-12-30T01:00:00Z",
    "decided_by": None,
    "decided_at": None,
    "reason": None,
    "rows": None,
}
_COUNTS: Final = {"waiting": 120, "granted": 379, "skipped": 0, "failed": 1, "before": 0}
_JOB: Final = {
    "id": _JOB_ID,
    "request": _REQUEST_ID,
    "state": "RUNNING",
    "why": None,
    "type": "11990000999000101N001",
    "authority": "qinglan-market",
    "carried_by": "id:3e4f5a6b7c0f7c2a6b9d",
    "asked_at": _AT,
    "changed_at": "2026-11-30T01:00:16Z",
    "counts": _COUNTS,
    "progress": {
        "done": 380,
        "rows": 500,
        "seconds": 16.0,
        "rows_per_second": 23.75,
        "seconds_left": 5,
        "errors": [
            {
                "code": "conflict",
                "title": {"zh": "与当前状态冲突", "en": "In conflict with what is there"},
                "rows": 1,
            }
        ],
        "summary": None,
    },
}
_ROW: Final = {
    "number": 12,
    "state": "FAILED",
    "record": _ROW_RECORD,
    "photo": False,
    "licence": None,
    "code": "conflict",
    "detail": {
        "zh": "该持证主体已有另一机构颁发的此类证照，不能再颁发。请与该持证主体核实。",
        "en": "The holder has a licence of this kind from another authority already, so no second "
        "one can be granted. Ask the holder.",
    },
}
_LICENCE_RECORD: Final = {
    "identifier": _LICENCE,
    "number": "JY19901000000011",
    "type": "11990000999000101N001",
    "authority": "qinglan-market",
    "state": "IN_FORCE",
    "words": {"zh": "有效", "en": "in force"},
    "reason": None,
    "basis": "准予行政许可决定书〔2026〕12号",
    "document_number": None,
    "holders": ["揽月县云上便利店"],
    "granted_on": "2026-11-30",
    "valid_from": "2026-11-30",
    "valid_until": "2031-11-29",
    "replaces": None,
    "replaced_by": None,
    "at": None,
    "told": None,
    "sha256": "9f2c5e8d1b7a40366c52f08a9e4d7b13c8a6f1e05d3b29874ce6a0f1d2b3c4e5",
}
_PROVIDER: Final = {
    "alias": "main",
    "label": "统一身份认证",
    "issuer": "https://id.example.gov.cn",
    "client_id": "xinyin-command-line",
    "algorithm": "ES256",
    "scopes": ["openid", "profile", "issuing"],
    "acr_values": ["urn:example:two-factors"],
}
_CORRECTION: Final = {
    "id": "9e4f5a6b7c0f7c2a6b9d",
    "licence": _LICENCE,
    "authority": "qinglan-market",
    "source": "office",
    "state": "OPEN",
    "asked_by": "id:0f7c2a6b9d3e4f5a6b7c",
    "asked_at": _AT,
    "due_on": "2026-12-14",
    "extended": False,
    "overdue": False,
    "field": "经营场所",
    "wanted": "云泽省青岚市揽月县白鹭洲路95号一层",
    "reason": "与不动产登记不一致",
    "contact": "住建局数据科 0990-1234567",
    "files": 1,
    "decided_by": None,
    "decided_at": None,
    "answer": None,
    "corrected_by": None,
    "receipt": None,
}
EXAMPLES: Final[dict[str, Any]] = {
    **DOCUMENT_EXAMPLES,
    "CorrectionBody": {
        "licence": _LICENCE,
        "source": "office",
        "field": "经营场所",
        "wanted": "云泽省青岚市揽月县白鹭洲路95号一层",
        "reason": "与不动产登记不一致",
        "contact": "住建局数据科 0990-1234567",
        "evidence": [],
    },
    "CorrectionWire": {**_CORRECTION, "receipt": "k3mZ0q1Yt2c9d8e7f6g5h4i3j2k"},
    "CorrectionsWire": {"corrections": [_CORRECTION], "next": None},
    "CorrectionDecisionBody": {"decision": "accept", "reason": "经核实登记有误"},
    "GrantBody": {
        "type": "food-operation",
        "record": _RECORD,
        "basis": "准予行政许可决定书〔2026〕12号",
    },
    "ExpiryNoticesWire": {
        "notices": [
            {
                "licence": _LICENCE,
                "number": "JY19901000000011",
                "type": "11990000999000101N001",
                "authority": "qinglan-market",
                "valid_until": "2031-11-29",
                "within": 60,
                "at": "2031-09-30T00:10:00Z",
            }
        ],
        "last": "4711",
        "next": None,
    },
    "VersionBody": {
        "reason": "CHANGED",
        "record": _RECORD,
        "basis": "变更经营场所",
        "document_number": "准予变更决定书〔2026〕3号",
    },
    "DecisionBody": {"reason": "材料齐全"},
    "CertificateBody": {"certificate": "MIICWjCCAf+gAwIBAgIUK4V…"},
    "SignatureBody": {"value": "MEUCIQDk3v6dU0…"},
    "PreparedWire": {
        "identifier": _LICENCE,
        "document": "JVBERi0xLjcKJeLjz9MK…",
        "to_be_signed": "MYHTMBgGCSqGSIb3DQEJAzELBgkqhkiG9w0BBwEw…",
        "expires_at": "2026-11-30T02:00:00Z",
    },
    "SignedWire": {"identifier": _LICENCE},
    "ChangeBody": {"change": "suspend", "reason": "UNDER_REVIEW", "basis": "接到举报，立案核查"},
    "SheetBody": {
        "type": "food-operation",
        "sheet": "57uP6JCl6ICF5ZCN56ewLOe7n+S4gOekvuS8muS/oeeUqOS7o+eggQ==",
        "basis": "准予行政许可决定书〔2026〕12号",
    },
    "SignInWire": {"providers": [_PROVIDER]},
    "MattersWire": {
        "matters": [
            {
                "matter": "000131006000",
                "authority": "qinglan-market",
                "name": {"zh": "食品经营许可", "en": "Food operation licence"},
                "materials": [
                    {
                        "name": {"zh": "营业执照复印件", "en": "Copy of the business licence"},
                        "licences": [
                            {
                                "type": "11990000999000101N003",
                                "slug": "business-licence",
                                "name": {"zh": "营业执照", "en": "Business Licence"},
                                "holders": ["body"],
                                "fields": [
                                    {"key": "enterprise", "label": {"zh": "名称", "en": "Name"}}
                                ],
                            }
                        ],
                    }
                ],
            }
        ],
        "next": None,
    },
    "MeWire": {
        "id": "0f7c2a6b9d3e4f5a6b7c",
        "name": "李样",
        "kind": "person",
        "issuer": "https://id.example.gov.cn",
        "roles": [{"role": "operator", "authority": "qinglan-market"}],
        "authorities": ["qinglan-market"],
        "auth_time": _AT,
        "acr": "urn:example:two-factors",
        "way": "browser",
    },
    "ChallengeWire": {
        "challenge": "q3VhMZ0r8m0n1Zb4nYx2Jm7sT0u5wKcE",
        "expires_at": _AT,
        "server": "https://issuing.example.gov.cn",
        "max_age": 600,
        "providers": [_PROVIDER],
    },
    "EnrolmentBody": {
        "challenge": "q3VhMZ0r8m0n1Zb4nYx2Jm7sT0u5wKcE",
        "profile": "officer-short",
        "authority": "qinglan-market",
        "public_key": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE…",
        "id_token": "eyJhbGciOiJFUzI1NiIsImtpZCI6Im1haW4ifQ…",
        "possession": "MEUCIQDk3v6dU0…",
    },
    "EnrolmentWire": {
        "id": "5d1f0c6b9d3e4f5a6b7c",
        "state": "ISSUED",
        "request": None,
        "code": None,
        "certificate": "-----BEGIN CERTIFICATE-----\nMIICWjCCAf+gAwIBAgIUK4V…",
    },
    "OwnCertificatesWire": {
        "certificates": [
            {
                "issuer": "issuing-1",
                "serial": "18e2daaabd2f212c",
                "profile": "officer-short",
                "subject": "CN=Li Yang,O=Qinglan Market Supervision,C=CN",
                "authority": "qinglan-market",
                "not_before": _AT,
                "not_after": _AT,
                "state": "ISSUED",
                "usable": True,
            }
        ]
    },
    "SealBody": {
        "seal": "market-food",
        "authority": "qinglan-market",
        "name": "食品经营许可专用章",
    },
    "KeyContentWire": {
        "kind": "seal",
        "authority": "qinglan-market",
        "body": "青岚市市场监督管理局",
        "uscc": "11990100MB00990250",
        "seal": "market-food",
        "name": "食品经营许可专用章",
        "replaces": None,
        "officer": None,
        "profile": None,
        "spki_sha256": None,
    },
    "SealWire": {
        "seal": "market-food",
        "authority": "qinglan-market",
        "name": "食品经营许可专用章",
        "serial": "18e2daaabd2f212c",
        "not_after": _AT,
    },
    "RequestWire": _REQUEST,
    "RequestsWire": {"requests": [_REQUEST], "next": None},
    "RequestContentWire": {
        **_REQUEST,
        "record": _RECORD,
        "change": None,
        "batch": None,
        "definition": None,
        "basis": "准予行政许可决定书〔2026〕12号",
        "level": "B-LT",
        "photo": False,
    },
    "BatchCheckWire": {
        "rows": 500,
        "new": 498,
        "pending": 0,
        "granted": 2,
        "changed": 0,
        "further": 0,
        "closed": 0,
        "recognised": [
            {"row": 7, "kind": "granted", "licence": _LICENCE},
            {"row": 9, "kind": "granted", "licence": _LICENCE},
        ],
    },
    "BatchWire": {
        **_REQUEST,
        "rows": 500,
        "counts": {"waiting": 500, "granted": 0, "skipped": 0, "failed": 0, "before": 0},
        "job": None,
    },
    "RowsWire": {
        "rows": [_ROW],
        "next": f"/issuing/v1/batches/{_REQUEST_ID}/rows?state=FAILED&cursor=12",
    },
    "JobWire": _JOB,
    "EventsWire": {
        "events": [
            {
                "number": 4711,
                "at": "2026-11-25T01:30:00Z",
                "actor": "id:90ab3f9a0c5d7be14288",
                "action": "licence.granted",
                "subject": _LICENCE,
                "basis": None,
            }
        ],
        "next": None,
    },
    "JobsWire": {"jobs": [_JOB], "next": None},
    "LicenceRecordWire": _LICENCE_RECORD,
    "LicencesWire": {"licences": [_LICENCE_RECORD], "next": None},
    **found_examples(_LICENCE_RECORD),
}
