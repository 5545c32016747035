"""The client in examples/clients, as a process that a stranger starts, against a real provider."""

import hashlib
import json
import secrets
import subprocess
import sys
from pathlib import Path

from core.ids import AuthorityId
from core.permits import Action, Role
from identity.people.model import IdentityKind, Pin
from registry.officers.identities import NewIdentity, add_identity
from registry.officers.roles import RoleGift, assign_role
from tests.cli.commands import xinyin
from tests.issuing_api.desk import RunningDesk
from tests.issuing_api.test_desk import record

CLIENT = Path(__file__).parents[2] / "examples" / "clients" / "grant_licence.py"


def _record_system(desk: RunningDesk) -> None:
    permit, now = desk.home.permit(Action.MANAGE_OFFICERS), desk.home.clock.now()
    owner = desk.person("wang").ask("GET", "/issuing/v1/me").json()["id"]
    new = NewIdentity(Pin(desk.provider.issuer, "store"), IdentityKind.SERVICE, "受理系统", owner)
    with desk.home.database.writing() as connection:
        made = add_identity(connection, new, permit, now, secrets.token_bytes)
        for role in (Role.OPERATOR, Role.SEALER):
            gift = RoleGift(made.identity_id, role, AuthorityId(desk.authority))
            assign_role(connection, gift, permit, now, secrets.token_bytes)


def _run(
    desk: RunningDesk, directory: Path, key: str, content: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    (directory / "record.json").write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    return subprocess.run(
        [
            *(sys.executable, CLIENT, "--api", desk.url, "--issuer", desk.provider.issuer),
            *("--client-id", "store", "--client-key", desk.home.directory / "client.pem"),
            *("--key-id", "client-1", "--type", "food-operation"),
            *("--record", directory / "record.json", "--idempotency-key", key),
            *("--out", directory / "licence.pdf"),
        ],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=directory,
    )


def test_the_client_grants_once(desk: RunningDesk, tmp_path: Path) -> None:
    _record_system(desk)
    first = _run(desk, tmp_path, "case-2027-00017", record())
    assert first.returncode == 0, first.stderr
    pdf = (tmp_path / "licence.pdf").read_bytes()
    assert json.loads(first.stdout)["sha256"] == hashlib.sha256(pdf).hexdigest()
    told = xinyin("verify", tmp_path / "licence.pdf", "--json", "--home", desk.home.directory)
    assert (told.code, told.json["outcome"]) == (0, "in_force")
    again = _run(desk, tmp_path, "case-2027-00017", record())
    assert again.stdout == first.stdout
    other = _run(desk, tmp_path, "case-2027-00017", record(1))
    assert other.returncode == 1
    assert json.loads(other.stderr)["code"] == "conflict"


def test_what_the_service_refuses_is_told(desk: RunningDesk, tmp_path: Path) -> None:
    refused = _run(desk, tmp_path, "case-2027-00018", record())
    assert refused.returncode == 1
    assert json.loads(refused.stderr)["status"] == 403
