"""Table of every command: who may run it, and with what it is tried.

`{…}` are things of the walk's home. A command of several places has a line for each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto


class Place(Enum):
    """Where a command acts, and so who may."""

    OPERATOR = auto()
    """It changes a home: the account that `init` made its operator, and no other."""
    READER = auto()
    """It reads a home: whoever may read its files."""
    NO_HOME = auto()
    """It makes a home of its own, or needs none."""
    SERVICE = auto()
    """It does a duty of `serve`, whose roles run under accounts of their own."""
    SERVER = auto()
    """At a server alone, as who signed in there."""


@dataclass(frozen=True, slots=True)
class Line:
    """One command."""

    place: Place
    arguments: str = ""
    """As a stranger to the home is seen to be refused; for `OPERATOR`."""
    endpoints: tuple[str, ...] = ()
    """What it calls with `--server`; `tests/issuing_api/walk.py` has who may."""


def _operator(arguments: str, *endpoints: str) -> Line:
    return Line(Place.OPERATOR, arguments, endpoints)


_READER, _NO_HOME = Line(Place.READER), Line(Place.NO_HOME)
_V1 = "/issuing/v1"
_EXPORT = f"{_V1}/exports/{{export_id}}"
_JOB, _LICENCE = f"{_V1}/jobs/{{job_id}}", f"{_V1}/licences/{{identifier}}"
_SEAL = f"{_V1}/seals/{{seal_id}}"
_CORRECTION = f"{_V1}/corrections/{{correction_id}}"
_REQUEST = f"{_V1}/requests/{{request_id}}"
_ROUND = f"{_V1}/countersigning/{{identifier}}"

COMMANDS: Mapping[str, Line] = {
    "init": _NO_HOME,
    "demo": _NO_HOME,
    "serve": Line(Place.SERVICE),
    "verify": _NO_HOME,
    "authority add": _operator("x --name 样例局 --uscc {uscc} --level township"),
    "authority change": _operator("{authority} --valid-from 2026-01-01"),
    "authority list": _READER,
    "seal add": _operator("x --authority {authority}"),
    "seal ask": Line(Place.SERVER, endpoints=(f"POST {_V1}/seal-requests",)),
    "seal compromised": _operator("{seal} --since 2026-01-01 --basis b --yes"),
    "seal import": _operator("x --certificate {file} --chain {file} --root-sha256 {sha256}"),
    "seal filing": Line(Place.READER, endpoints=(f"GET {_V1}/seals",)),
    "seal list": _READER,
    "seal show": Line(Place.READER, endpoints=(f"GET {_SEAL}",)),
    "seal status": Line(
        Place.READER, endpoints=(f"GET {_SEAL}/status", f"GET {_LICENCE}/seal-status")
    ),
    "seal uses": Line(Place.READER, endpoints=(f"GET {_SEAL}/uses",)),
    "seal reinstate": _operator("{seal} --basis b"),
    "seal renew": _operator("{seal}"),
    "seal request": _operator("{seal} --out {new}"),
    "seal reseal": _operator("{seal} --basis b"),
    "seal suspend": _operator("{seal} --basis b"),
    "login": Line(Place.SERVER, endpoints=(f"GET {_V1}/sign-in", f"GET {_V1}/me")),
    "logout": Line(Place.SERVER),
    "whoami": Line(Place.SERVER, endpoints=(f"GET {_V1}/me", f"GET {_V1}/me/certificates")),
    "enrol": Line(
        Place.SERVER,
        endpoints=(
            f"POST {_V1}/enrolment-challenges",
            f"POST {_V1}/enrolments",
            f"GET {_V1}/enrolments/{{enrolment_id}}",
        ),
    ),
    "account add": _operator("li --name 李样 --password-stdin"),
    "account code": _operator("li"),
    "account disable": _operator("li --basis b --yes"),
    "account list": _READER,
    "account password": _operator("li --password-stdin"),
    "account remove-passkey": _operator("li x"),
    "break-glass acknowledge": _operator("x --basis n"),
    "break-glass end": _operator("--basis x"),
    "break-glass list": _READER,
    "break-glass prepare": _operator(""),
    "client-key jwks": _READER,
    "client-key make": _operator("client-9"),
    "context list": _NO_HOME,
    "context use": _NO_HOME,
    "context remove": _NO_HOME,
    "request ask": Line(Place.SERVER, endpoints=(f"POST {_V1}/requests",)),
    "job list": Line(Place.READER, endpoints=(f"GET {_V1}/jobs",)),
    "job show": Line(Place.READER, endpoints=(f"GET {_JOB}",)),
    "job wait": Line(
        Place.SERVER, endpoints=(f"GET {_JOB}", f"GET {_JOB}/rows", f"GET {_LICENCE}/document")
    ),
    "job cancel": Line(Place.SERVER, endpoints=(f"POST {_JOB}/cancellation",)),
    "job pause": Line(Place.SERVER, endpoints=(f"POST {_JOB}/pause",)),
    "job resume": Line(Place.SERVER, endpoints=(f"POST {_JOB}/resumption",)),
    "export list": Line(Place.SERVER, endpoints=(f"GET {_V1}/exports",)),
    "export show": Line(Place.SERVER, endpoints=(f"GET {_EXPORT}",)),
    "export fetch": Line(Place.SERVER, endpoints=(f"GET {_EXPORT}", f"GET {_EXPORT}/file")),
    "export cancel": Line(Place.SERVER, endpoints=(f"POST {_EXPORT}/cancellation",)),
    "batch ask": Line(Place.SERVER, endpoints=(f"POST {_V1}/batches",)),
    "officer add": _operator("--issuer https://id.example --subject x --name 某人"),
    "officer assign": _operator("x operator --authority {authority}"),
    "officer disable": _operator("x --basis b --yes"),
    "officer enable": _operator("x --basis b"),
    "officer list": _READER,
    "officer merge": _operator("x --into y --basis b --yes"),
    "officer reconcile": _operator("{file} --issuer https://id.example --basis b --yes"),
    "officer show": _READER,
    "officer unassign": _operator("x --basis b"),
    "request approve": _operator("x --basis b", f"POST {_REQUEST}/approval"),
    "request carry-out": _operator(
        "x",
        f"GET {_REQUEST}",
        f"POST {_REQUEST}/licence",
        f"POST {_REQUEST}/job",
        f"POST {_REQUEST}/seal",
        f"GET {_LICENCE}/document",
    ),
    "request list": Line(Place.READER, endpoints=(f"GET {_V1}/requests",)),
    "request reject": _operator("x --basis b", f"POST {_REQUEST}/rejection"),
    "request sign": Line(
        Place.SERVER, endpoints=(f"POST {_REQUEST}/signature", f"PUT {_REQUEST}/signature")
    ),
    "request show": Line(Place.READER, endpoints=(f"GET {_REQUEST}", f"GET {_REQUEST}/content")),
    "request close": _operator("x --basis b", f"POST {_REQUEST}/closing"),
    "request withdraw": _operator("x --basis b", f"POST {_REQUEST}/withdrawal"),
    "type add": _operator("{type}"),
    "type diff": _READER,
    "type init": _NO_HOME,
    "type lint": _NO_HOME,
    "type list": _READER,
    "type preview": _NO_HOME,
    "type sample": _NO_HOME,
    "type sheet": _READER,
    "type show": _READER,
    "matter list": _READER,
    "matter load": _operator("{matters}"),
    "matter remove": _operator("000131006000 --basis b --yes"),
    "matter show": _READER,
    "correction request": _operator(
        "{licence} --field f --wanted w --reason r", f"POST {_V1}/corrections"
    ),
    "correction list": Line(Place.READER, endpoints=(f"GET {_V1}/corrections",)),
    "correction show": Line(Place.READER, endpoints=(f"GET {_CORRECTION}",)),
    "correction evidence": Line(
        Place.READER, endpoints=(f"GET {_CORRECTION}/evidence/{{number}}",)
    ),
    "correction accept": _operator("x --reason b", f"POST {_CORRECTION}/decision"),
    "correction refuse": _operator("x --reason b"),
    "correction withdraw": _operator("x --reason b"),
    "correction extend": _operator("x --reason b"),
    "licence change": _operator(
        "{licence} --data {record} --out {new} --basis b",
        f"POST {_LICENCE}/versions",
        f"POST {_LICENCE}/version-requests",
    ),
    "licence correct": _operator("{licence} --data {record} --out {new} --basis b"),
    "licence reissue": _operator("{licence} --data {record} --out {new} --basis b"),
    "licence renew": _operator("{licence} --data {record} --out {new} --basis b"),
    "licence cancel": _operator("{licence} --reason SURRENDERED --basis b --yes"),
    "licence erase": _operator("{licence} --basis b --yes"),
    "licence hold": _operator("{licence} --basis b"),
    "licence expiring": Line(Place.READER, endpoints=(f"GET {_V1}/licences/expiring",)),
    "licence export": _READER,
    "licence issue": _operator("--type food-operation --data {record} --out {new}"),
    "licence list": _READER,
    "licence reinstate": _operator("{licence} --basis b"),
    "licence replace": _operator(
        "{licence} --data {record} --out {new} --reason RENEWED --basis b"
    ),
    "licence resume": _operator(""),
    "licence search": Line(
        Place.READER,
        endpoints=(
            f"GET {_V1}/search",
            f"POST {_V1}/exports",
            f"GET {_EXPORT}",
            f"GET {_EXPORT}/file",
        ),
    ),
    "licence show": _READER,
    "licence statistics": Line(Place.READER, endpoints=(f"GET {_V1}/statistics",)),
    "licence suspend": _operator("{licence} --reason WITHHELD --basis b"),
    "licence void": _operator("{licence} --why w --yes"),
    "batch list": _READER,
    "batch plan": _READER,
    "batch cancel": _operator("x --yes"),
    "batch pause": _operator("x"),
    "batch resume": _operator("x"),
    "batch run": _operator("--type food-operation --data {sheet} --out {new}"),
    "batch sample": _READER,
    "batch show": _READER,
    "document awaiting": Line(Place.READER, endpoints=(f"GET {_V1}/countersigning",)),
    "document countersign": _operator(
        "x --out {new} --yes", f"GET {_ROUND}", f"POST {_ROUND}/request", f"GET {_ROUND}/file"
    ),
    "document deadline": _operator("x --until 2099-12-31 --reason b", f"PUT {_ROUND}/deadline"),
    "document export": Line(Place.READER, endpoints=(f"GET {_ROUND}", f"GET {_ROUND}/file")),
    "document refuse": _operator("x --reason b --yes", f"GET {_ROUND}", f"POST {_ROUND}/refusal"),
    "document take-in": _operator(
        "{file} --out {new}", f"POST {_V1}/documents/signed-files", f"GET {_ROUND}/file"
    ),
    "document sign": _operator("{record} --type official-document --out {new} --yes"),
    "document list": _READER,
    "document show": _READER,
    "document cancel": _operator("{licence} --reason RECALLED --basis b --yes"),
    "audit export": _READER,
    "audit list": _READER,
    "audit sign": Line(Place.SERVICE),
    "audit verify": _READER,
    "doctor": _READER,
    "licence import": _operator("{file} --signer {file}"),
    "licence take-over": _operator(
        "--type food-operation --authority {authority} --data {file} --scans {file} --basis b"
    ),
    "licence taken-over": _READER,
    "archive export": _operator("--all --out {new}", f"GET {_LICENCE}/archive-package"),
    "archive renew": _operator(""),
    "archive status": _READER,
    "trust add": _operator("{certificate} --name-zh 甲 --name-en A --kind test"),
    "trust discard": _operator(""),
    "trust export": _READER,
    "trust import-etsi": _operator("{file} --signer {certificate}"),
    "trust kit": _READER,
    "trust list": _READER,
    "trust remove": _operator("{sha256}"),
    "trust show": _READER,
    "trust sign": _operator("--basis b"),
    "ca ceremony run": _operator("{ceremony}"),
    "ca ceremony verify": _NO_HOME,
    "ca confirm-clock": _operator("--basis b"),
    "ca crl": _operator(""),
    "ca export": _READER,
    "ca fetch-crls": Line(Place.SERVICE),
    "ca hold": _operator("{serial} --basis b"),
    "ca import": _operator("--chain {certificate}"),
    "ca issue": _operator(
        "--profile receipt --name 回执 --authority {authority} --out {new} --key receipts"
    ),
    "ca list": _READER,
    "ca pin-root": _operator("{certificate} --yes"),
    "ca profiles": _NO_HOME,
    "ca release": _operator("{serial} --basis b"),
    "ca renew": Line(Place.SERVICE),
    "ca request": _operator("{new}"),
    "ca revoke": _operator("{serial} --reason superseded --basis b --yes"),
    "ca rollover": _operator("--yes"),
    "ca show": _READER,
    "key check": _operator(""),
    "key destroy": _operator("{key} --basis b --yes {key}"),
    "key list": _READER,
    "key retire": _operator("{key} --basis b --yes"),
    "backup": _READER,
    "restore": _NO_HOME,
    "journal accept-loss": _operator("--basis b --yes"),
    "journal join": _operator(""),
    "journal share": _operator(""),
    "journal show": _READER,
    "journal start": _operator("--basis b"),
    "privacy rotate": _operator("--yes"),
    "privacy seal": _operator(""),
    "database migrate": _operator(""),
    "objects move": _operator("--to bucket"),
    "database reindex": _operator(""),
    "completion": _NO_HOME,
}
"""By name. Who has a home's files has its keys, whatever a command says: the operator's account is
asked for so that nobody acts by mistake, and so that the audit names who acted."""
