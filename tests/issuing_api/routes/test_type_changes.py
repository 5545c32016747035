"""A newer definition of a type, approved at the server by who sees what changes."""

import secrets

from core.ids import IdentityId
from core.permits import Action, Role
from registry.bodies.matter_file import read_matters
from registry.bodies.matters import put_matters
from registry.desk.type_changes import TypePermits, record_type
from registry.officers.roles import RoleGift, assign_role
from registry.types.types import parse_type
from tests.issuing_api.desk import RunningDesk, words_of
from tests.issuing_api.routes.enrolling import V1
from tests.registry.type_samples import EXAMPLES

MATTERS = "".join(
    f"""
[[matters]]
code = "m-{number}"
authority = "lanyue-disabled"
name = {{ zh = "乘车优待", en = "Free rides" }}
[[matters.materials]]
name = {{ zh = "残疾人证", en = "Disability card" }}
accepts = [{{ type = "disability", fields = ["holder_name"] }}]
"""
    for number in (1, 2)
)
SOURCE = (EXAMPLES / "types" / "food-operation.toml").read_text("utf-8")


def test_an_administrator_sees_the_changes_and_approves(desk: RunningDesk) -> None:
    home, sun = desk.home, desk.person("sun")
    newer = parse_type(SOURCE.replace('mask = "holder"\n', ""))
    identity = IdentityId(sun.ask("GET", f"{V1}/me").json()["id"])
    permits = TypePermits(home.permit(Action.MANAGE_AUTHORITY), home.permit(Action.REQUEST))
    officers, now = home.permit(Action.MANAGE_OFFICERS), home.clock.now()
    with home.database.writing() as connection:
        gift = RoleGift(identity, Role.ADMINISTRATOR, None)
        assign_role(connection, gift, officers, now, secrets.token_bytes)
    with home.database.writing() as connection:
        asked = record_type(connection, newer, permits, now, secrets.token_bytes)
    assert asked is not None
    person, request = desk.person(), f"{V1}/requests/{asked.request_id}"
    step_up = "?acr_values=urn%3Axinyin%3Atwo&max_age=60"
    assert person.sign_in("sun", step_up, acr="urn:xinyin:two").status_code == 303
    content = person.ask("GET", f"{request}/content")
    assert content.status_code == 200, words_of(content)
    told = content.json()["definition"]
    assert told["source"] == newer.source
    assert [one["zh"] for one in told["changes"]] == ["公众看到完整的“经营者名称”。"]
    page = person.ask("GET", f"/issuing/requests/{asked.request_id}")
    assert page.status_code == 200, words_of(page)
    assert "经营者名称" in page.text
    reason = {"reason": "公示办法第 3 条"}
    assert desk.person("zheng").ask("POST", f"{request}/approval", reason).status_code in (403, 404)
    assert person.ask("POST", f"{request}/approval", reason).status_code == 200


def test_matters_are_told_to_whoever_is_signed_in(desk: RunningDesk) -> None:
    home = desk.home
    with home.database.writing() as connection:
        entries = read_matters(MATTERS, table=False)
        permit = home.permit(Action.MANAGE_AUTHORITY)
        put_matters(connection, home.catalogue, entries, permit, home.clock.now())
    person = desk.person("wang")
    whole = person.ask("GET", f"{V1}/matters?limit=1").json()
    assert [one["matter"] for one in whole["matters"]] == ["m-1"]
    following = person.ask("GET", whole["next"]).json()
    assert [one["matter"] for one in following["matters"]] == ["m-2"]
    assert following["next"] is None
    (one,) = person.ask("GET", f"{V1}/matters?code=m-1&holder=person").json()["matters"]
    (licence,) = one["materials"][0]["licences"]
    assert (licence["slug"], licence["holders"]) == ("disability", ["person"])
    (none,) = person.ask("GET", f"{V1}/matters?code=m-1&holder=body").json()["matters"]
    assert none["materials"][0]["licences"] == []
    assert person.ask("GET", f"{V1}/matters?code=m-9").status_code == 404
