"""Table of every endpoint of the issuing API: who may call it, and what answers whom.

Written by hand from what people are promised, not from the code's own table of rights.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from core.permits import Role

V1 = "/issuing/v1"
ANY_ROLE = frozenset(Role)
ASKS = frozenset({Role.OPERATOR})
"""May ask for a licence of the walk's type, which narrows what the table of rights allows."""
SEALS = frozenset({Role.SEALER})
DECIDES = frozenset({Role.APPROVER})
KEEPS = frozenset({Role.REGISTRAR})
MANAGES = frozenset({Role.ADMINISTRATOR})
NOBODY: frozenset[Role] = frozenset()


class Kind(Enum):
    """What an endpoint is about, and so who learns of it."""

    OPEN = auto()
    """Nobody has to be signed in."""
    SELF = auto()
    """Whoever is signed in, about themselves."""
    LIST = auto()
    """What is within reach; of the rest nothing."""
    OBJECT = auto()
    """A thing of one authority; out of reach there is none."""
    SCREEN = auto()
    """A page within reach on which neither requests nor licences stand."""
    CREATE = auto()
    """For an authority that the body names; out of reach it is refused."""


@dataclass(frozen=True, slots=True)
class Things:
    """Things of the authority whose officers are let in; made anew for each call that uses them."""

    asked: Callable[[], str]
    """A request that waits, asked for by an operator who is nobody of the walk."""
    own: Callable[[], str]
    """The same, asked for by the caller where they may ask."""
    approved: Callable[[], str]
    seal_asked: Callable[[], str]
    """A request for a seal that waits, asked for by a registrar who is nobody of the walk."""
    licence: str
    body: Callable[[], dict[str, Any]]
    """A licence asked for in the authority's name."""
    key: Callable[[], str]
    authority: str
    sheet: Callable[[], dict[str, Any]]
    """The same as a sheet of one row."""
    batch: Callable[[], str]
    """A batch whose job waits."""
    job: Callable[[], str]
    seal: str
    """The seal that sealed the licence."""
    draft: Callable[[], str]
    """A draft of documents with a file: the caller's where they may ask, else the clerk's."""
    slug: str = "food-operation"
    correction: Callable[[], str] = lambda: ""
    """A request for a correction of the licence, that is open."""
    first: str = "1"
    """Number of a file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One endpoint."""

    kind: Kind
    allowed: frozenset[Role] = ANY_ROLE
    """In the authority, or in all: others there are refused."""
    ok: frozenset[int] = frozenset({200})
    """Statuses that say yes."""
    no: frozenset[int] = frozenset({403})
    """Statuses for who is there in another role."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Field of `Things` by parameter of the path."""
    body: Callable[[Things], Any] | None = None
    keyed: bool = False
    """It takes an idempotency key."""
    form: Mapping[str, str] | None = None
    """Fields that a page sends."""
    nobody: frozenset[int] = frozenset({401})
    """Statuses for who is not signed in."""


def _reason(things: Things) -> dict[str, Any]:
    del things
    return {"reason": "样例理由"}


def _change(things: Things) -> dict[str, Any]:
    del things
    return {"change": "reinstate", "basis": "样例依据"}


def _version(things: Things) -> dict[str, Any]:
    return {"reason": "CHANGED", "record": things.body()["record"], "basis": "样例依据"}


def _certificate(things: Things) -> dict[str, Any]:
    del things
    return {"certificate": "MAMCAQA="}


def _value(things: Things) -> dict[str, Any]:
    del things
    return {"value": "MAMCAQA="}


def _licence(things: Things) -> dict[str, Any]:
    return things.body()


def _seal(things: Things) -> dict[str, Any]:
    return {"seal": things.key(), "authority": things.authority, "name": "样例专用章"}


def _enrolment(things: Things) -> dict[str, Any]:
    return {
        "challenge": "of-nobody-and-made-up",
        "authority": things.authority,
        "public_key": "MAA=",
        "id_token": "a.b.c",
        "possession": "MAA=",
    }


def _sheet(things: Things) -> dict[str, Any]:
    return things.sheet()


def _correction(things: Things) -> dict[str, Any]:
    return {"licence": things.licence, "field": "地址", "wanted": "例路", "reason": "有误"}


def _extension(things: Things) -> dict[str, Any]:
    del things
    return {"decision": "extend", "reason": "样例理由"}


_CORRECTION = {"correction_id": "correction"}
_EVIDENCE = {**_CORRECTION, "number": "first"}
_MAY_ASK = frozenset({Role.OPERATOR, Role.APPROVER, Role.SEALER, Role.REGISTRAR})
_MAY_DECIDE = frozenset({Role.OPERATOR, Role.APPROVER, Role.SEALER})
_BATCH = {"request_id": "batch"}
_JOB = {"job_id": "job"}
_ASKED = {"request_id": "asked"}
_OF_SEAL = {"request_id": "seal_asked"}
_OF_LICENCE = {"identifier": "licence"}
_THE_SEAL = {"seal_id": "seal"}

_DRAFT = {"draft_id": "draft"}
_EXPORT = {"export_id": "first"}
"""Of no export, as another's is."""
_HIDDEN = frozenset({404})
"""Statuses for whom something is not there: a draft is its maker's alone."""


def _export(things: Things) -> dict[str, Any]:
    del things
    return {"format": "csv"}


def _draft(things: Things) -> dict[str, Any]:
    return {"type": "official-document", "authority": things.authority}


def _terms(things: Things) -> dict[str, Any]:
    del things
    return {"edge": False}


def _agreement(things: Things) -> dict[str, Any]:
    del things
    return {"code": "0" * 32}


def _cancellation(things: Things) -> dict[str, Any]:
    del things
    return {"reason": "RECALLED", "basis": "样例依据"}


def _whose(things: Things) -> dict[str, Any]:
    return {"authority": things.authority}


def _last_day(things: Things) -> dict[str, Any]:
    del things
    return {"deadline": "2099-12-31", "reason": "样例理由"}


_LED_TO_SIGN_IN = frozenset({303})
_TYPED_STAYS = frozenset({401})
"""The form is shown again with what was typed, for who signs in beside it."""
_FORM = "/issuing/requests/new/{slug}/{body}"
_OF_FORM = {"slug": "slug", "body": "authority"}


def _page(kind: Kind, names: Mapping[str, str] | None = None, ok: int = 200) -> Entry:
    return Entry(kind, ok=frozenset({ok}), names=names or {}, nobody=_LED_TO_SIGN_IN)


LOCAL: Mapping[str, Entry] = {
    # Nobody of the walk has an account of this machine, nor the emergency's credential.
    "GET /issuing/sign-in/local": Entry(Kind.OPEN),
    "POST /issuing/sign-in/local": Entry(Kind.OPEN, ok=frozenset({415})),
    "POST /issuing/sign-in/local/passkey/options": Entry(Kind.OPEN, ok=frozenset({415})),
    "POST /issuing/sign-in/local/passkey": Entry(Kind.OPEN, ok=frozenset({415})),
    "GET /issuing/account": Entry(Kind.OPEN, ok=frozenset({303})),
    "POST /issuing/account/password": Entry(Kind.OPEN, ok=frozenset({415})),
    "POST /issuing/account/passkeys/options": Entry(Kind.OPEN, ok=frozenset({415})),
    "POST /issuing/account/passkeys": Entry(Kind.OPEN, ok=frozenset({415})),
    "POST /issuing/account/passkeys/remove": Entry(Kind.OPEN, ok=frozenset({415})),
    "GET /issuing/break-glass": Entry(Kind.OPEN),
    "POST /issuing/break-glass": Entry(Kind.OPEN, ok=frozenset({415})),
}

PAGES: Mapping[str, Entry] = {
    "GET /issuing": Entry(Kind.OPEN, ok=frozenset({303})),
    "GET /issuing/": Entry(Kind.OPEN),
    "GET /issuing/requests": _page(Kind.LIST),
    "GET /issuing/licences": _page(Kind.LIST),
    "GET /issuing/licences/expiring": _page(Kind.SCREEN),
    "GET /issuing/licences/{identifier}/photo": _page(Kind.OBJECT, _OF_LICENCE, 404),
    "GET /issuing/corrections": _page(Kind.SCREEN),
    "GET /issuing/corrections/new": _page(Kind.SCREEN),
    # An empty form, and without a key.
    "POST /issuing/corrections/new": Entry(
        Kind.SCREEN, ok=frozenset({400, 422}), form={"field": "x"}, nobody=_TYPED_STAYS
    ),
    "GET /issuing/corrections/{correction_id}": _page(Kind.OBJECT, _CORRECTION),
    "GET /issuing/corrections/{correction_id}/evidence/{number}": _page(
        Kind.OBJECT, _EVIDENCE, 404
    ),
    "POST /issuing/corrections/{correction_id}": Entry(
        Kind.OBJECT,
        _MAY_DECIDE,
        frozenset({303}),
        names=_CORRECTION,
        form={"do": "extend", "reason": "样例理由"},
        nobody=_TYPED_STAYS,
    ),
    "GET /issuing/seals": _page(Kind.SCREEN),
    "GET /issuing/seals/{seal_id}": _page(Kind.OBJECT, _THE_SEAL),
    "GET /issuing/statistics": _page(Kind.SCREEN),
    "GET /issuing/statistics/picture.svg": _page(Kind.SCREEN),
    "GET /issuing/people": _page(Kind.SCREEN),
    "GET /issuing/events": _page(Kind.LIST),
    "GET /issuing/requests/new": _page(Kind.SCREEN),
    "GET /issuing/me": _page(Kind.SCREEN),
    "GET /issuing/seals/new": _page(Kind.SCREEN),
    "GET /issuing/batches/new": _page(Kind.SCREEN),
    # Of no type: there is nothing of that kind to ask for.
    "GET /issuing/batches/template.csv": _page(Kind.SCREEN, ok=404),
    "GET /issuing/batches/template.xlsx": _page(Kind.SCREEN, ok=404),
    "GET /issuing/jobs/{job_id}": _page(Kind.OBJECT, _JOB),
    "GET /issuing/jobs/{job_id}/documents": _page(Kind.OBJECT, _JOB),
    "GET /issuing/jobs/{job_id}/failed": _page(Kind.OBJECT, _JOB),
    "GET /issuing/jobs/{job_id}/results.csv": _page(Kind.OBJECT, _JOB),
    "GET /issuing/jobs/{job_id}/results.xlsx": _page(Kind.OBJECT, _JOB),
    "POST /issuing/jobs/{job_id}": Entry(
        Kind.OBJECT,
        SEALS | DECIDES,
        frozenset({303}),
        names=_JOB,
        form={"do": "cancel", "reason": "样例理由"},
        nobody=_TYPED_STAYS,
    ),
    # An empty form each: nobody's authority is among what may be chosen.
    "POST /issuing/seals/new": Entry(
        Kind.SCREEN, ok=frozenset({422}), form={"seal": "walk"}, nobody=_TYPED_STAYS
    ),
    "POST /issuing/batches/new": Entry(
        Kind.SCREEN, ok=frozenset({422}), form={"do": "ask"}, nobody=_LED_TO_SIGN_IN
    ),
    "GET /issuing/documents": _page(Kind.SCREEN),
    "GET /issuing/documents/new": _page(Kind.SCREEN),
    "POST /issuing/documents/new": Entry(
        Kind.SCREEN, ok=frozenset({422}), form={"what": ""}, nobody=_LED_TO_SIGN_IN
    ),
    # The clerk's draft, which there is for nobody else.
    "GET /issuing/documents/drafts/{draft_id}": Entry(
        Kind.SCREEN, ok=_HIDDEN, names=_DRAFT, nobody=_LED_TO_SIGN_IN
    ),
    "GET /issuing/documents/drafts/{draft_id}/page.png": Entry(
        Kind.SCREEN, ok=_HIDDEN, names=_DRAFT, nobody=_LED_TO_SIGN_IN
    ),
    "POST /issuing/documents/drafts/{draft_id}": Entry(
        Kind.OBJECT,
        ASKS,
        frozenset({303}),
        _HIDDEN,
        _DRAFT,
        form={"do": "discard"},
        nobody=_LED_TO_SIGN_IN,
    ),
    # A licence is no document, and a request for one asks for something else.
    "GET /issuing/documents/{identifier}/file": _page(Kind.OBJECT, _OF_LICENCE, 404),
    # Nor do several seal a licence.
    "GET /issuing/countersigning": _page(Kind.SCREEN),
    "GET /issuing/countersigning/{identifier}": _page(Kind.OBJECT, _OF_LICENCE, 404),
    "GET /issuing/countersigning/{identifier}/page.png": _page(Kind.OBJECT, _OF_LICENCE, 404),
    "GET /issuing/countersigning/{identifier}/file": _page(Kind.OBJECT, _OF_LICENCE, 404),
    "POST /issuing/countersigning/{identifier}": Entry(
        Kind.OBJECT,
        ok=_HIDDEN,
        names=_OF_LICENCE,
        form={"do": "move_day", "deadline": "2099-12-31", "reason": "样例理由"},
        nobody=_TYPED_STAYS,
    ),
    # Of no document: the form names none.
    "POST /issuing/countersigning/signed-files": Entry(
        Kind.SCREEN, ok=_HIDDEN, form={"document": ""}, nobody=_LED_TO_SIGN_IN
    ),
    "GET /issuing/requests/{request_id}/page.png": _page(Kind.OBJECT, _ASKED, 409),
    "GET /issuing/requests/{request_id}": _page(Kind.OBJECT, _ASKED),
    "GET /issuing/requests/{request_id}/photo": _page(Kind.OBJECT, _ASKED, 404),
    "GET /issuing/requests/{request_id}/preview.pdf": _page(Kind.OBJECT, _ASKED),
    "GET /issuing/licences/{identifier}": _page(Kind.OBJECT, _OF_LICENCE),
    "GET /issuing/exports": _page(Kind.SELF),
    "GET /issuing/exports/{export_id}": Entry(
        Kind.SCREEN, ok=_HIDDEN, names=_EXPORT, nobody=_LED_TO_SIGN_IN
    ),
    "GET /issuing/exports/{export_id}/file": Entry(
        Kind.SCREEN, ok=_HIDDEN, names=_EXPORT, nobody=_LED_TO_SIGN_IN
    ),
    "POST /issuing/exports": Entry(
        Kind.SELF, ok=frozenset({303, 409}), form={"format": "csv"}, nobody=_TYPED_STAYS
    ),
    "POST /issuing/exports/{export_id}": Entry(
        Kind.SCREEN, ok=_HIDDEN, names=_EXPORT, form={"do": "cancel"}, nobody=_LED_TO_SIGN_IN
    ),
    "GET /issuing/licences/{identifier}/document": _page(Kind.OBJECT, _OF_LICENCE),
    # A page that asks for a fresher sign-in than the walk's.
    "GET /issuing/licences/{identifier}/archive-package": Entry(
        Kind.OBJECT, SEALS | MANAGES, frozenset({403}), names=_OF_LICENCE, nobody=_LED_TO_SIGN_IN
    ),
    # What nobody may ask for here is no page.
    f"GET {_FORM}": Entry(
        Kind.CREATE, ASKS, no=frozenset({404}), names=_OF_FORM, nobody=_LED_TO_SIGN_IN
    ),
    # An empty form: its errors are told whom it is for.
    f"POST {_FORM}": Entry(
        Kind.CREATE,
        ASKS,
        frozenset({422}),
        frozenset({404}),
        _OF_FORM,
        form={"do": "submit"},
        nobody=_LED_TO_SIGN_IN,
    ),
    "POST /issuing/requests/{request_id}": Entry(
        Kind.OBJECT,
        DECIDES,
        frozenset({303}),
        names=_ASKED,
        form={"do": "approve", "reason": "样例理由"},
        nobody=_TYPED_STAYS,
    ),
    "POST /issuing/licences/{identifier}": Entry(
        Kind.OBJECT,
        ASKS,
        frozenset({409}),
        names=_OF_LICENCE,
        form={"do": "reinstate", "basis": "样例依据"},
        nobody=_TYPED_STAYS,
    ),
}
"""Pages for people, with the form of one step each."""

WALK: Mapping[str, Entry] = {
    # Sign-in: the provider of this desk is away, and says so.
    "GET /issuing/openapi.json": Entry(Kind.OPEN),
    f"GET {V1}/sign-in": Entry(Kind.OPEN),
    "GET /issuing/sign-in/{alias}": Entry(Kind.OPEN, ok=frozenset({503})),
    "GET /issuing/signed-in/{alias}": Entry(Kind.OPEN, ok=frozenset({401, 403, 422})),
    "POST /issuing/sign-out": Entry(Kind.OPEN, ok=frozenset({415})),
    "POST /issuing/signed-out/{alias}": Entry(Kind.OPEN, ok=frozenset({415})),
    # The emergency's way in: by its credential alone.
    "GET /issuing/break-glass": Entry(Kind.OPEN),
    "POST /issuing/break-glass": Entry(Kind.OPEN, ok=frozenset({415})),
    # A provider's: its signature is what counts, and the token of its one client; no role does.
    "POST /issuing/events/{alias}": Entry(Kind.OPEN, ok=frozenset({400})),
    **{
        f"{method} /issuing/scim/v2/{{path:path}}": Entry(Kind.OPEN, ok=frozenset({401}))
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    },
    f"GET {V1}/me": Entry(Kind.SELF),
    f"GET {V1}/me/certificates": Entry(Kind.SELF),
    # Of no holder, and of no authority's doings: whoever is signed in.
    f"GET {V1}/matters": Entry(Kind.SELF),
    # Enrolments: by what is handed in, not by who is signed in.
    f"POST {V1}/enrolment-challenges": Entry(Kind.OPEN, ok=frozenset({201})),
    f"POST {V1}/enrolments": Entry(Kind.OPEN, ok=frozenset({422}), body=_enrolment),
    f"GET {V1}/enrolments/{{enrolment_id}}": Entry(Kind.OPEN, ok=frozenset({422})),
    # Seals: made by a registrar with a stronger sign-in than the walk's.
    f"POST {V1}/seal-requests": Entry(Kind.CREATE, KEEPS, frozenset({201}), body=_seal, keyed=True),
    f"GET {V1}/requests/{{request_id}}/key": Entry(Kind.OBJECT, names=_OF_SEAL),
    f"POST {V1}/requests/{{request_id}}/seal": Entry(
        Kind.OBJECT, KEEPS, frozenset({401}), names=_OF_SEAL
    ),
    f"POST {V1}/corrections": Entry(
        Kind.OBJECT, _MAY_ASK, frozenset({201}), names=_OF_LICENCE, body=_correction, keyed=True
    ),
    f"GET {V1}/corrections": Entry(Kind.LIST),
    f"GET {V1}/corrections/{{correction_id}}": Entry(Kind.OBJECT, names=_CORRECTION),
    f"GET {V1}/corrections/{{correction_id}}/evidence/{{number}}": Entry(
        Kind.OBJECT, ok=frozenset({404}), names=_EVIDENCE
    ),
    f"POST {V1}/corrections/{{correction_id}}/decision": Entry(
        Kind.OBJECT, _MAY_DECIDE, names=_CORRECTION, body=_extension
    ),
    f"GET {V1}/events": Entry(Kind.LIST),
    f"GET {V1}/seals": Entry(Kind.SCREEN),
    f"GET {V1}/seals/{{seal_id}}": Entry(Kind.OBJECT, names=_THE_SEAL),
    f"GET {V1}/seals/{{seal_id}}/uses": Entry(Kind.OBJECT, names=_THE_SEAL),
    f"GET {V1}/seals/{{seal_id}}/status": Entry(Kind.OBJECT, names=_THE_SEAL),
    # Requests.
    f"POST {V1}/requests": Entry(Kind.CREATE, ASKS, frozenset({201}), body=_licence, keyed=True),
    f"GET {V1}/requests": Entry(Kind.LIST),
    f"GET {V1}/requests/{{request_id}}": Entry(Kind.OBJECT, names=_ASKED),
    f"GET {V1}/requests/{{request_id}}/content": Entry(Kind.OBJECT, names=_ASKED),
    f"GET {V1}/requests/{{request_id}}/photo": Entry(
        Kind.OBJECT, ok=frozenset({404}), names=_ASKED
    ),
    f"POST {V1}/requests/{{request_id}}/approval": Entry(
        Kind.OBJECT, DECIDES, names=_ASKED, body=_reason
    ),
    f"POST {V1}/requests/{{request_id}}/rejection": Entry(
        Kind.OBJECT, DECIDES, names=_ASKED, body=_reason
    ),
    f"POST {V1}/requests/{{request_id}}/closing": Entry(
        Kind.OBJECT, SEALS | DECIDES, names={"request_id": "approved"}, body=_reason
    ),
    f"POST {V1}/requests/{{request_id}}/withdrawal": Entry(
        Kind.OBJECT, ASKS, no=frozenset({403, 404}), names={"request_id": "own"}, body=_reason
    ),
    f"POST {V1}/requests/{{request_id}}/licence": Entry(
        Kind.OBJECT, SEALS, frozenset({201}), names={"request_id": "approved"}
    ),
    **LOCAL,
    # Nobody of the walk has a certificate, nor anything that waits for their signature.
    f"POST {V1}/requests/{{request_id}}/signature": Entry(
        Kind.OBJECT, SEALS, frozenset({409}), names={"request_id": "approved"}, body=_certificate
    ),
    f"PUT {V1}/requests/{{request_id}}/signature": Entry(
        Kind.OBJECT, SEALS, frozenset({409}), names={"request_id": "approved"}, body=_value
    ),
    **PAGES,
    # Batches and jobs.
    f"POST {V1}/batches/check": Entry(Kind.CREATE, ASKS, body=_sheet),
    f"POST {V1}/batches": Entry(Kind.CREATE, ASKS, frozenset({201}), body=_sheet, keyed=True),
    f"GET {V1}/batches/template": Entry(Kind.SELF),
    f"GET {V1}/batches/{{request_id}}/preview": Entry(Kind.OBJECT, names=_BATCH),
    f"GET {V1}/batches/{{request_id}}": Entry(Kind.OBJECT, names=_BATCH),
    f"GET {V1}/batches/{{request_id}}/rows": Entry(Kind.OBJECT, names=_BATCH),
    f"GET {V1}/batches/{{request_id}}/photo": Entry(Kind.OBJECT, ok=frozenset({404}), names=_BATCH),
    f"POST {V1}/requests/{{request_id}}/job": Entry(
        Kind.OBJECT, SEALS, frozenset({202}), names=_BATCH
    ),
    # Documents.
    f"POST {V1}/documents/drafts": Entry(Kind.CREATE, ASKS, frozenset({201}), body=_draft),
    f"GET {V1}/documents/drafts": Entry(Kind.SELF),
    f"GET {V1}/documents/drafts/{{draft_id}}": Entry(Kind.SCREEN, ok=_HIDDEN, names=_DRAFT),
    f"GET {V1}/documents/drafts/{{draft_id}}/sample": Entry(Kind.SCREEN, ok=_HIDDEN, names=_DRAFT),
    f"GET {V1}/documents/drafts/{{draft_id}}/picture": Entry(Kind.SCREEN, ok=_HIDDEN, names=_DRAFT),
    f"DELETE {V1}/documents/drafts/{{draft_id}}": Entry(
        Kind.OBJECT, ASKS, no=_HIDDEN, names=_DRAFT
    ),
    f"DELETE {V1}/documents/drafts/{{draft_id}}/files": Entry(
        Kind.OBJECT, ASKS, no=_HIDDEN, names=_DRAFT
    ),
    f"PUT {V1}/documents/drafts/{{draft_id}}/terms": Entry(
        Kind.OBJECT, ASKS, no=_HIDDEN, names=_DRAFT, body=_terms
    ),
    f"POST {V1}/documents/drafts/{{draft_id}}/request": Entry(
        Kind.OBJECT, ASKS, frozenset({409}), _HIDDEN, _DRAFT, body=_agreement, keyed=True
    ),
    # Of no draft: the address names none.
    f"POST {V1}/documents/files": Entry(Kind.SCREEN, ok=frozenset({415})),
    f"GET {V1}/requests/{{request_id}}/files": Entry(Kind.OBJECT, names=_ASKED),
    # It asks for something else.
    f"GET {V1}/requests/{{request_id}}/picture": Entry(
        Kind.OBJECT, ok=frozenset({409}), names=_ASKED
    ),
    f"GET {V1}/documents": Entry(Kind.SCREEN),
    # A licence is none.
    f"GET {V1}/documents/{{identifier}}": Entry(Kind.OBJECT, ok=_HIDDEN, names=_OF_LICENCE),
    f"GET {V1}/documents/{{identifier}}/file": Entry(Kind.OBJECT, ok=_HIDDEN, names=_OF_LICENCE),
    f"POST {V1}/documents/{{identifier}}/cancellation": Entry(
        Kind.OBJECT, ok=_HIDDEN, names=_OF_LICENCE, body=_cancellation
    ),
    # Nor do several seal it.
    f"GET {V1}/countersigning": Entry(Kind.SCREEN),
    f"GET {V1}/countersigning/{{identifier}}": Entry(Kind.OBJECT, ok=_HIDDEN, names=_OF_LICENCE),
    f"GET {V1}/countersigning/{{identifier}}/file": Entry(
        Kind.OBJECT, ok=_HIDDEN, names=_OF_LICENCE
    ),
    f"GET {V1}/countersigning/{{identifier}}/picture": Entry(
        Kind.OBJECT, ok=_HIDDEN, names=_OF_LICENCE
    ),
    f"POST {V1}/countersigning/{{identifier}}/request": Entry(
        Kind.OBJECT, ok=_HIDDEN, names=_OF_LICENCE, body=_whose, keyed=True
    ),
    f"POST {V1}/countersigning/{{identifier}}/refusal": Entry(
        Kind.OBJECT, ok=_HIDDEN, names=_OF_LICENCE, body=_reason
    ),
    f"PUT {V1}/countersigning/{{identifier}}/deadline": Entry(
        Kind.OBJECT, ok=_HIDDEN, names=_OF_LICENCE, body=_last_day
    ),
    # Of no document: the address names none.
    f"POST {V1}/documents/signed-files": Entry(Kind.SCREEN, ok=frozenset({415})),
    f"GET {V1}/jobs": Entry(Kind.LIST),
    f"GET {V1}/jobs/{{job_id}}": Entry(Kind.OBJECT, names=_JOB),
    f"GET {V1}/jobs/{{job_id}}/rows": Entry(Kind.OBJECT, names=_JOB),
    f"GET {V1}/jobs/{{job_id}}/documents": Entry(Kind.OBJECT, names=_JOB),
    # Cancelled by another call of the walk, it cannot be gone on with.
    f"POST {V1}/jobs/{{job_id}}/cancellation": Entry(
        Kind.OBJECT, SEALS | DECIDES, names=_JOB, body=_reason
    ),
    f"POST {V1}/jobs/{{job_id}}/pause": Entry(
        Kind.OBJECT, SEALS | DECIDES, frozenset({200, 409}), frozenset({403, 409}), _JOB
    ),
    f"POST {V1}/jobs/{{job_id}}/resumption": Entry(
        Kind.OBJECT, SEALS, frozenset({202, 409}), frozenset({403, 409}), _JOB
    ),
    # Licences.
    # Who asks and who seals are two roles: nobody of the walk has both.
    f"POST {V1}/licences": Entry(Kind.CREATE, NOBODY, body=_licence, keyed=True),
    f"GET {V1}/licences": Entry(Kind.LIST),
    f"GET {V1}/search": Entry(Kind.LIST),
    f"GET {V1}/search/export": Entry(Kind.LIST),
    # Each within the reach of who asks; another's is not there (tests/registry/desk/exports).
    f"POST {V1}/exports": Entry(Kind.SELF, ok=frozenset({202, 409}), body=_export, keyed=True),
    f"GET {V1}/exports": Entry(Kind.SELF),
    f"GET {V1}/exports/{{export_id}}": Entry(Kind.SCREEN, ok=_HIDDEN, names=_EXPORT),
    f"GET {V1}/exports/{{export_id}}/file": Entry(Kind.SCREEN, ok=_HIDDEN, names=_EXPORT),
    f"POST {V1}/exports/{{export_id}}/cancellation": Entry(Kind.SCREEN, ok=_HIDDEN, names=_EXPORT),
    f"GET {V1}/statistics": Entry(Kind.SCREEN),
    f"GET {V1}/licences/{{identifier}}/seal-status": Entry(Kind.OBJECT, names=_OF_LICENCE),
    # The walk's licences have years to run; tests/registry/licences/test_expiring.py has the reach.
    f"GET {V1}/licences/expiring": Entry(Kind.SCREEN),
    f"GET {V1}/expiry-notices": Entry(Kind.SCREEN),
    f"GET {V1}/licences/{{identifier}}": Entry(Kind.OBJECT, names=_OF_LICENCE),
    f"GET {V1}/licences/{{identifier}}/document": Entry(Kind.OBJECT, names=_OF_LICENCE),
    # For a fresher sign-in than the walk's.
    f"GET {V1}/licences/{{identifier}}/archive-package": Entry(
        Kind.OBJECT, SEALS | MANAGES, frozenset({401}), names=_OF_LICENCE
    ),
    # In force already: the state machine refuses whom the rights let through.
    f"POST {V1}/licences/{{identifier}}/changes": Entry(
        Kind.OBJECT, ASKS, frozenset({409}), names=_OF_LICENCE, body=_change
    ),
    f"POST {V1}/licences/{{identifier}}/change-requests": Entry(
        Kind.OBJECT, ASKS, frozenset({409}), names=_OF_LICENCE, body=_change, keyed=True
    ),
    # Of another holder than the licence's: the register refuses whom the rights let through.
    f"POST {V1}/licences/{{identifier}}/versions": Entry(
        Kind.OBJECT, NOBODY, names=_OF_LICENCE, body=_version, keyed=True
    ),
    f"POST {V1}/licences/{{identifier}}/version-requests": Entry(
        Kind.OBJECT, ASKS, frozenset({409}), names=_OF_LICENCE, body=_version, keyed=True
    ),
}
"""By method and path."""
