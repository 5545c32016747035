"""A sheet with photos, from an empty one to sealed documents: over HTTP, as people do it."""

import csv
import io
import re
import secrets
import zipfile
from collections.abc import Callable

import pytest
from sqlalchemy import select

from core.ids import AuthorityId, IdentityId
from core.permits import Role
from registry.db.tables import licences
from registry.officers.roles import RoleGift, assign_role
from tests.issuing_api.desk import RunningDesk
from tests.issuing_api.pages.browsing import EXAMPLES, Officer, plain, record
from tests.permits import MANAGE_OFFICERS

NEW_BATCH = "/issuing/batches/new"
V1 = "/issuing/v1"


@pytest.fixture
def sealing(site: RunningDesk, signed_in: Callable[[str], Officer]) -> Officer:
    """An operator of the other authority who uses its seal too."""
    sun = signed_in("sun")
    who = sun.person.ask("GET", f"{V1}/me").json()
    body = re.search(r"disability@([^\"&]+)", sun.see(NEW_BATCH))
    assert body
    gift = RoleGift(IdentityId(who["id"]), Role.SEALER, AuthorityId(body[1]))
    home = site.home
    with home.database.writing() as connection:
        assign_role(connection, gift, MANAGE_OFFICERS, home.clock.now(), secrets.token_bytes)
    return sun


def test_photos_pass_from_an_archive_to_sealed_documents(
    site: RunningDesk, sealing: Officer
) -> None:
    sun, page = sealing, sealing.see(NEW_BATCH)
    choice = re.search(r'<option value="(disability@[^"]+)"', page)
    assert choice
    empty = sun.get(f"/issuing/batches/template.csv?what={choice[1]}")
    assert empty.headers["content-type"].startswith("text/csv")
    [names] = csv.reader(io.StringIO(empty.content.decode("utf-8-sig")))
    assert {"姓名*", "照片*", "监护人"} <= set(names)
    again = sun.person.ask("GET", f"{V1}/batches/template?type=disability")
    assert again.content == empty.content
    # Filled in under its own headings; the folder of photos packed as it is.
    rows = [record(number, "disability", "gb18030") for number in (0, 1)]
    text, packed = io.StringIO(), io.BytesIO()
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows([[row.get(name.rstrip("*"), "") for name in names] for row in rows])
    with zipfile.ZipFile(packed, "w") as archive:
        for row in rows:
            archive.write(EXAMPLES / row["照片"], f"批次/{row['照片']}")
    sent = {"what": choice[1], "do": "ask"}
    table = ("s.csv", text.getvalue().encode())
    bare = sun.post(NEW_BATCH, sent, page=page, files={"sheet": table})
    assert (bare.status_code, "照片压缩包中没有这个文件" in plain(bare.text)) == (422, True)
    files = {"sheet": table, "photos": ("p.zip", packed.getvalue())}
    made = sun.post(NEW_BATCH, sent, page=page, files=files)
    assert made.status_code == 303, plain(made.text)
    address = made.headers["location"]
    request_id = address.rpartition("/")[2]
    shown = sun.see(address)
    assert f"{address}/photo?row=2" in shown
    # Each row's page, before anybody decides.
    assert f"{address}/preview.pdf?row=3" in shown
    for path in (f"{address}/preview.pdf?row=3", f"{V1}/batches/{request_id}/preview?row=3"):
        pdf = sun.get(path, Accept="*/*")
        assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")
    assert sun.get(f"{address}/preview.pdf?row=9").status_code == 404
    begun = sun.post(address, {"do": "carry_out"})
    assert begun.status_code == 303, plain(begun.text)
    site.work()
    job = begun.headers["location"]
    assert "已完成（已签发 2，共 2 份）" in plain(sun.see(job))
    with zipfile.ZipFile(io.BytesIO(sun.get(f"{job}/documents").content)) as archive:
        identifiers = [name.removesuffix(".pdf") for name in archive.namelist()]
    with site.home.database.reading() as connection:
        query = select(licences.c.photo_sha256).where(licences.c.identifier.in_(identifiers))
        photos = connection.execute(query).scalars().all()
    assert len(set(photos) - {None}) == 2
