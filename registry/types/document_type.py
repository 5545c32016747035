"""Types of official documents (公文): a type whose face is a page that somebody else made.

A document type is a licence type in all that the register does with it: its code, numbers, mandates
and states. What a licence's form decides is the same for all documents, and is filled in here.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from registry.model import TypeKind

ISSUER: Final = "issuer"
ISSUER_CODE: Final = "issuer_code"
TITLE: Final = "title"
SOURCE: Final = "source"
"""SHA-256 of the file that was handed in."""
TERMS: Final = "terms"
"""Terms of its signing, as JSON: the place, the words under the seal, what may follow."""
LONGEST_TITLE: Final = 200
LONGEST_TERMS: Final = 4000
_FORM: Final[dict[str, Any]] = {
    "validity": {"rule": "long_term"},
    "design": {"orientation": "portrait", "colour": "#8c1f1b"},
    "holder": {
        "name": ISSUER,
        "code": ISSUER_CODE,
        "licences": "many",
        "told_apart_by": [SOURCE],
    },
    "fields": [
        {
            "key": TITLE,
            "label": {"zh": "标题", "en": "Title"},
            "kind": "text",
            "max_length": LONGEST_TITLE,
            "wide": True,
            "public": True,
        },
        {
            "key": ISSUER,
            "label": {"zh": "发文机关", "en": "Issued by"},
            "kind": "text",
            "max_length": 128,
        },
        {
            "key": ISSUER_CODE,
            "label": {"zh": "发文机关代码", "en": "Issuer's code"},
            "kind": "code",
            "check": "uscc",
        },
        {
            "key": SOURCE,
            "label": {"zh": "原文件摘要（SHA-256）", "en": "Digest of the file signed (SHA-256)"},
            "kind": "text",
            "max_length": 64,
        },
        {
            "key": TERMS,
            "label": {"zh": "签章要求", "en": "Terms of signing"},
            "kind": "text",
            "max_length": LONGEST_TERMS,
            "on_face": False,
        },
    ],
    "reasons": {
        "ANNULLED": {"code": "03", "name": {"zh": "撤销", "en": "Annulled"}},
        "RECALLED": {"code": "06", "name": {"zh": "撤回", "en": "Recalled"}},
        "DEREGISTERED": {"code": "04", "name": {"zh": "废止", "en": "Repealed"}},
    },
}


def others_may_sign(data: Mapping[str, str]) -> bool:
    """Tell whether a record is of a document that was approved without certifying it, or that
    others are to seal.
    """
    try:
        terms = json.loads(data.get(TERMS, "{}"))
        return terms.get("approval") is True or bool(terms.get("countersigners"))
    except (ValueError, AttributeError):
        return False


def with_form(raw: Any) -> Any:
    """Return a definition as it was read, with the form of documents where it is one.

    Raises `ValueError` where it states what is the same for all.
    """
    if not isinstance(raw, Mapping) or raw.get("kind") != TypeKind.DOCUMENT:
        return raw
    stated = sorted(_FORM.keys() & raw.keys())
    if stated:
        raise ValueError(f"kind “document” leaves out: {', '.join(stated)}")
    return {**_FORM, **raw}
