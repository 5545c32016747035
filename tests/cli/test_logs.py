"""What each role logs while it is driven with names, numbers and tokens; what it lets one watch."""

import contextlib
import json
import re
import shutil
import signal
import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2
import pytest
import yaml

from home.role_names import RoleName
from tests.cli.commands import environment
from tests.cli.conftest import DemoHome
from tests.forked import Forked

ROOT = Path(__file__).parents[2]
NAME, LATIN, RESIDENT = "张三", "Zhangsan", "11010519491231002X"
NUMBER, PHONE, SECRET = "JY19901010000015", "13812345678", "s3cr3t-bearer"
PERSONAL = (NAME, quote(NAME), LATIN, RESIDENT, NUMBER, PHONE, SECRET, "198.51.100.77")
PATHS = (
    "/v/{token}",
    f"/v1/{RESIDENT}",
    f"/{quote(NAME)}/{NUMBER}",
    f"/?name={LATIN}&id={RESIDENT}",
    f"/pki/{LATIN}.crl",
    f"/pki/{RESIDENT}.cer",
    f"/pki/ocsp/{NUMBER}",
    f"/healthz?{NUMBER}",
    f"/readyz?{NUMBER}",
    f"/metrics?{NUMBER}",
)
PDF = f"%PDF-1.7\n{NAME}{RESIDENT}".encode()
CLAIMS = {"type": LATIN, "claims": {NAME: RESIDENT}, "use_cause": NAME}
BODIES = (
    ("/v1/verifications/code", {"json": {"code": NUMBER}}),
    ("/v1/verifications/code", {"json": {"code": f"{NAME} {RESIDENT}\n2026 CRITICAL forged"}}),
    ("/v1/verifications/claims", {"json": CLAIMS}),
    ("/v1/verifications", {"files": {"file": (f"{NAME}{NUMBER}.pdf", PDF)}}),
    ("/lookup", {"data": {"code": NUMBER}}),
    ("/pki/tsa", {"content": RESIDENT.encode()}),
    ("/pki/ocsp", {"content": RESIDENT.encode()}),
)  # fmt: skip
HEADERS = {
    "X-Request-ID": RESIDENT,
    "User-Agent": LATIN,
    "Authorization": f"Bearer {SECRET}",
    "Cookie": f"id={RESIDENT}",
    "Referer": f"http://example.cn/{NUMBER}",
    "X-Forwarded-For": "198.51.100.77",
}


class Driven:
    """What a role said."""

    def __init__(self, role: RoleName, log: bytes, metrics: str) -> None:
        self.role, self.metrics = role, metrics
        self.text = log.decode()
        self.lines: list[dict[str, Any]] = [json.loads(line) for line in self.text.splitlines()]


def drive(role: RoleName, home: Path, shared: DemoHome) -> Driven:
    """Ask a role everything, also while its database lacks a table."""
    path = home.parent / f"log-{role}"
    link = shared.run("licence", "show", shared.document("in_force")["identifier"], "--json")
    token = link.json["link"].rpartition("/")[2]
    with path.open("wb") as log, Forked(
        ["serve", "--home", home, "--role", role, "--port", "0", "--workers", "2"],
        stderr=log,
        env=environment(XINYIN_LOG_LEVEL="debug"),
    ) as process:  # fmt: skip
        try:
            assert process.stdout
            url = process.stdout.readline().strip()
            assert url, path.read_text()
            _drive(url, token)
            metrics = httpx2.get(f"{url}/metrics", timeout=30).text
            with closing(sqlite3.connect(home / "registry.db")) as database:
                database.execute("ALTER TABLE licences RENAME TO licences_away")
                _drive(url, token)
                database.execute("ALTER TABLE licences_away RENAME TO licences")
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
    found = Driven(role, path.read_bytes(), metrics)
    assert token not in found.text
    return found


def _drive(url: str, token: str) -> None:
    with httpx2.Client(base_url=url, timeout=60, headers=HEADERS) as client:
        for path in PATHS:
            client.get(path.format(token=token))
            client.get(path.format(token=token), headers={"Accept": "text/html"})
        client.request(LATIN.upper(), f"/{NUMBER}")
        for path, body in BODIES:
            client.post(path, **body)
        client.get("/nothing", headers={"X-Request-ID": "known-1"})
    for raw in (f"GET /{RESIDENT} HTTP/9.9\r\n\r\n", f"{NAME}\r\n\r\n", f"GET /{NUMBER}\x1b[31m"):
        with socket.create_connection((urlsplit(url).hostname, urlsplit(url).port)) as connection:
            connection.sendall(raw.encode())
            connection.shutdown(socket.SHUT_WR)
            with contextlib.suppress(OSError):
                connection.recv(1000)


def check_nothing_personal_is_logged(driven: Driven) -> None:
    assert driven.lines
    for personal in PERSONAL:
        assert personal.lower() not in driven.text.lower()
    assert driven.text.replace("\n", "").isprintable()


def check_every_line_has_its_fields(driven: Driven) -> None:
    for line in driven.lines:
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
        assert line["role"] == driven.role
        assert line["level"] in ("debug", "info", "warning", "error", "critical")
        assert line["message"]


def check_each_request_has_one_line_with_route_and_status(driven: Driven) -> None:
    lines = [one for one in driven.lines if one["logger"].startswith("access")]
    asked = 2 * (2 * len(PATHS) + 1 + len(BODIES)) + 1  # a method that is none is the wire's
    answered = [one for one in lines if one["status"] != 400 or one["route"] != "-"]
    assert len(answered) == asked
    for one in lines:
        assert {"method", "route", "status", "duration_ms", "bytes", "request_id"} <= set(one)
        assert one["network"] == "127.0.0.0/24"
        assert "{" in one["route"] or one["route"] in (
            "-", "/", "/healthz", "/readyz", "/metrics", "/lookup", "/pki/tsa", "/pki/ocsp",
            "/v1/verifications", "/v1/verifications/code", "/v1/verifications/claims",
        )  # fmt: skip
    assert [one["status"] for one in lines if one["request_id"] == "known-1"] == [404, 404]


def check_the_wire_s_own_refusals_are_logged_once(driven: Driven) -> None:
    refused = [one for one in driven.lines if one.get("code") == "usage" and one["route"] == "-"]
    assert len(refused) >= 4
    assert not [one for one in driven.lines if "Invalid HTTP" in one["message"]]


def check_answers_tell_what_they_said(driven: Driven) -> None:
    codes = {one.get("code") for one in driven.lines if one["logger"] == "access"}
    if driven.role in (RoleName.ALL, RoleName.VERIFY):
        assert {"in_force", "not_found", "not_issued_here", "could_not_check"} <= codes
    if driven.role in (RoleName.ALL, RoleName.TRUST):
        assert {"not_found", "malformed_request"} <= codes


def check_the_role_says_which_it_is_and_what_it_logged(driven: Driven) -> None:
    assert f'role="{driven.role}"' in driven.metrics
    assert 'xinyin_log_lines_total{level="info"}' in driven.metrics
    assert 'xinyin_disk_free_bytes{place="home"}' in driven.metrics


def exported_by(driven: Driven) -> set[str]:
    """Return the names of a role's metrics, as Prometheus keeps them."""
    found: set[str] = set()
    for name, kind in re.findall(r"(?m)^# TYPE (\w+) (\w+)$", driven.metrics):
        parts = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
        found.update(name + part for part in parts)
    return found


def _named(text: str) -> set[str]:
    return set(re.findall(r"\bxinyin_\w+", text))


OF_A_QUEUE = {
    "xinyin_chunks_taken_over_total",
    "xinyin_queue_chunks",
    "xinyin_queue_oldest_seconds",
    "xinyin_queue_workers",
}
"""Of batches on PostgreSQL, where people sign in (`tests/registry/desk/batch/test_engine.py`)."""


def check_alerts_and_dashboard(of_roles: dict[RoleName, set[str]]) -> None:
    """What they ask for is there, also where roles run apart."""
    exported = OF_A_QUEUE.union(*of_roles.values())
    rules = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text("utf-8"))
    [group] = rules["groups"]
    dashboard = json.loads((ROOT / "deploy/grafana/xinyin.json").read_text("utf-8"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    assert len(asked) > 20
    assert set().union(*(_named(rule["expr"]) for rule in group["rules"])) <= exported
    assert _named(" ".join(asked)) <= exported
    apart = (RoleName.VERIFY, RoleName.TRUST, RoleName.ISSUING, RoleName.CA)
    split = OF_A_QUEUE.union(*(of_roles[role] for role in apart))
    assert set().union(*(_named(rule["expr"]) for rule in group["rules"])) <= split


NO_METRICS = {"xinyin_verify", "xinyin_security_events_total", "xinyin_batch_rows_total"}
"""A role of PostgreSQL, and what a home exports whose people sign in; these homes' do not."""


def check_guides(exported: set[str]) -> None:
    """They name no metric that is not there."""
    for name in ("operators-guide.md", "operators-guide.zh.md"):
        text = (ROOT / "docs" / name).read_text("utf-8")
        named = {one.removesuffix("_") for one in _named(text)} - NO_METRICS - OF_A_QUEUE
        assert named <= exported | {one.removesuffix("_bucket") for one in exported}


@pytest.mark.timeout(400)
def test_roles_log_and_export_what_operators_need(shared: DemoHome, tmp_path: Path) -> None:
    """One test, since each role takes long to start, and alerts ask for metrics of all of them."""
    home = tmp_path / "home"
    shutil.copytree(shared.directory, home)
    of_roles: dict[RoleName, set[str]] = {}
    for role in RoleName:
        driven = drive(role, home, shared)
        check_nothing_personal_is_logged(driven)
        check_every_line_has_its_fields(driven)
        check_each_request_has_one_line_with_route_and_status(driven)
        check_the_wire_s_own_refusals_are_logged_once(driven)
        check_answers_tell_what_they_said(driven)
        check_the_role_says_which_it_is_and_what_it_logged(driven)
        of_roles[role] = exported_by(driven)
    check_alerts_and_dashboard(of_roles)
    check_guides(set().union(*of_roles.values()))


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_command_that_fails_says_so_once(shared: DemoHome, form: str) -> None:
    ran = shared.process("licence", "show", NUMBER, env=environment(XINYIN_LOG_FORMAT=form))
    assert ran.code == 12
    [said] = ran.err.splitlines()
    if form == "text":
        assert said.startswith("xinyin: ")
        return
    line = json.loads(said)
    assert (line["level"], line["role"], line["code"]) == ("error", "command", "no_such_licence")
    assert line["command"] == "licence"
    assert NUMBER not in said
