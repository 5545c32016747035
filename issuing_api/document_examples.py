"""Examples of official documents: drafts, samples, documents on record."""

from typing import Any, Final

_AT = "2026-11-30T01:00:00Z"
_DRAFT = "1f6e0d9ab7e1428890ab"
_TYPE = "11990000999000101N009"
_DOCUMENT = "1.2.156.3005.2.11990000999000101N009.11990100MB00990250.000000001.001.5"
_SHA256 = "9f2c5e8d1b7a40366c52f08a9e4d7b13c8a6f1e05d3b29874ce6a0f1d2b3c4e5"
_FINDING: Final = {
    "code": "active_content",
    "page": None,
    "detail": "/OpenAction /JavaScript",
    "message": {
        "zh": "整个文件：含有脚本、动作或多媒体，打开时可能改变显示的内容"
        "（/OpenAction /JavaScript）",
        "en": "document: scripts, actions or multimedia, which may change what is shown "
        "(/OpenAction /JavaScript)",
    },
    "remedy": {
        "zh": "从 Word、WPS 另存为 PDF，不要使用带按钮或宏的模板",
        "en": "save it as PDF from Word or WPS without buttons or macros",
    },
}
_FILE: Final = {
    "number": 1,
    "title": "关于开展食品安全检查的通知",
    "sha256": _SHA256,
    "size": 182_044,
    "pages": [{"width_mm": 210.0, "height_mm": 297.0}],
    "fields": [],
    "cleaned": [_FINDING],
    "fonts_not_embedded": [],
}
_WHOLE_DRAFT: Final = {
    "id": _DRAFT,
    "type": _TYPE,
    "authority": "qinglan-market",
    "made_at": _AT,
    "lapses_at": "2026-12-01T01:00:00Z",
    "request": None,
    "files": [_FILE],
}
_ON_RECORD: Final = {
    "identifier": _DOCUMENT,
    "number": "GW0000000011",
    "title": "关于开展食品安全检查的通知",
    "type": _TYPE,
    "authority": "qinglan-market",
    "authority_name": "青岚市市场监督管理局",
    "state": "IN_FORCE",
    "words": {"zh": "有效", "en": "in force"},
    "reason": None,
    "basis": None,
    "issued_on": "2026-11-30",
    "link": "https://verify.example.gov.cn/v/GW0000000011",
    "sha256": _SHA256,
    "source_sha256": _SHA256,
}
_HIDDEN: Final = {"basis", "sha256", "source_sha256"}
_ROUND: Final = {
    "open": True,
    "ordered": True,
    "deadline": "2026-12-31",
    "overdue": False,
    "signers": [
        {
            "position": 1,
            "name": "青岚市卫生健康委员会",
            "authority": "qinglan-health",
            "outside": False,
            "state": "AWAITED",
            "awaited_since": _AT,
            "acted": None,
            "at": None,
            "place": {"page": 1, "left_mm": 60.0, "top_mm": 237.0},
            "request": None,
            "yours": True,
        }
    ],
}
_AWAITING: Final = {
    **{key: held for key, held in _ON_RECORD.items() if key not in _HIDDEN},
    "state": "SUSPENDED",
    "words": {"zh": "待会签", "en": "awaiting signatures"},
    "reason": "AWAITING_SIGNATURES",
    "issued_here": False,
    "to_do": ["qinglan-health"],
    "countersigning": _ROUND,
    "pages": 1,
    "pictures": [f"/issuing/v1/countersigning/{_DOCUMENT}/picture?page=1"],
}
DOCUMENT_EXAMPLES: Final[dict[str, Any]] = {
    "DraftBody": {"type": "official-document", "authority": "qinglan-market"},
    "TermsBody": {
        "place": {"page": -1, "keyword": "青岚市市场监督管理局"},
        "edge": True,
        "show": ["date"],
        "titles": {"1": "关于开展食品安全检查的通知"},
    },
    "WholeDocumentWire": {**_ON_RECORD, "countersigning": None},
    "CountersignBody": {"authority": "qinglan-health"},
    "RefusalBody": {"authority": "qinglan-health", "reason": "第三条与现行规定不符"},
    "LastDayBody": {"deadline": "2026-12-31", "reason": "会签单位须开会研究"},
    "CountersignedWire": _AWAITING,
    "CountersignedListWire": {"documents": [_AWAITING], "more": False},
    "AgreementBody": {"code": "5e8d1b7a40366c52f08a9e4d7b13c8a6"},
    "CancellationBody": {"reason": "RECALLED", "basis": "青市监〔2026〕12号"},
    "DraftFileWire": _FILE,
    "DraftWire": _WHOLE_DRAFT,
    "DraftsWire": {"drafts": [_WHOLE_DRAFT]},
    "SampleWire": {
        "code": "5e8d1b7a40366c52f08a9e4d7b13c8a6",
        "file": 1,
        "title": "关于开展食品安全检查的通知",
        "pages": 1,
        "authority": "青岚市市场监督管理局",
        "seal": "青岚市市场监督管理局",
        "place": {"page": 1, "left_mm": 155.0, "top_mm": 237.0},
        "pictures": [
            {
                "page": 1,
                "picture": f"/issuing/v1/documents/drafts/{_DRAFT}/picture"
                "?file=1&page=1&sealed=true",
            }
        ],
        "sealed_before": None,
    },
    "RequestedFilesWire": {
        "files": [
            {
                "number": 1,
                "title": "关于开展食品安全检查的通知",
                "sha256": _SHA256,
                "pages": 1,
                "cleaned": True,
                "kept": True,
            }
        ]
    },
    "DocumentsWire": {"documents": [_ON_RECORD], "count": 1, "more": False, "next": None},
}
