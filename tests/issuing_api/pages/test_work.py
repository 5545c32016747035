"""Pages of batches and jobs, changes by a second person, seals and keys."""

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import delete, update

from ca.profiles.profiles import ProfileKind
from core.ids import AuthorityId, IdentityId
from core.permits import Action
from home.identity.enrolling import open_enrolments
from home.identity.file import read_identity_file
from home.identity.sign_in import open_rights
from identity.people.model import Identity, IdentityKind, SignInWay
from registry.db.tables import batch_rows, jobs
from registry.desk.enrolment.evidence import EnrolmentEvidence
from registry.officers.identities import find_identity
from registry.types.catalogue import put_type
from registry.types.types import parse_type
from tests.issuing_api.desk import RunningDesk
from tests.issuing_api.pages.browsing import FOOD, Officer, officer, plain
from tests.issuing_api.pages.test_pages import licences
from tests.registry.desk.batch.batch_world import sheet

SignedIn = Callable[[str], Officer]
NEW_BATCH = "/issuing/batches/new"
STRONG = "urn:xinyin:two"


def what(page: str) -> str:
    """Return the choice of the food licence."""
    found = re.search(rf'<option value="({FOOD}@[^"]+)"', page)
    assert found
    return found[1]


def ask_for(who: Officer, content: bytes, **fields: str) -> str:
    """Ask for a sheet; return the address of what came of it."""
    page = who.see(NEW_BATCH)
    sent = {"what": what(page), "do": "ask", **fields}
    answer = who.post(NEW_BATCH, sent, page=page, files={"sheet": ("s.csv", content)})
    assert answer.status_code == 303, plain(answer.text)
    return answer.headers["location"]


@pytest.fixture
def second_person(site: RunningDesk) -> Iterator[None]:
    """The type needs a second person meanwhile."""
    with site.home.database.reading() as connection:
        source = site.home.catalogue.find(connection, FOOD).source
    for text in (f"{source}\n[desk]\nsecond_person = true\n", source):
        with site.home.database.writing() as connection:
            permit = site.home.permit(Action.MANAGE_AUTHORITY)
            put_type(connection, parse_type(text), permit, site.home.clock.now())
        if text is not source:
            yield


def see_results(who: Officer, job: str, rows: list[str]) -> None:
    """See in both sheets of results that these rows were granted."""
    told = who.get(f"{job}/results.csv").text.removeprefix("\ufeff")
    headings, *lines = csv.reader(told.splitlines())
    assert headings == ["行", "结果", "证照编号", "证照标识", "问题"]
    assert [(one[0], one[1]) for one in lines] == [(row, "已签发") for row in rows]
    named = {address.rpartition("/")[2] for address in licences(who.see(job))}
    assert {one[3] for one in lines} == named
    assert who.get(f"{job}/results.xlsx").content.startswith(b"PK")


def see_samples(page: str, address: str) -> None:
    """See the pages that rows 2 and 3 would lead to, or one of them."""
    samples = page.partition('aria-labelledby="samples"')[2].partition("</section>")[0]
    assert 1 <= samples.count('<svg class="sheet"') <= 2
    assert f'href="{address}/preview.pdf?row=2"' in samples
    assert "".join(re.findall(r"<text[^>]*>([^<]*)", samples)).count(sheet_cells(24)[0]) == 1
    assert "未签章预览" in samples
    assert re.findall(r'<th scope="row"[^>]*>(\d+)</th>', page) == ["2", "3"]


def test_a_batch_passes_from_its_sheet_to_its_documents(
    site: RunningDesk, signed_in: SignedIn
) -> None:
    li, wang, zhao, sun = (signed_in(one) for one in ("li", "wang", "zhao", "sun"))
    page = li.see(NEW_BATCH)
    looked = li.post(
        NEW_BATCH,
        {"what": what(page), "do": "check"},
        page=page,
        files={"sheet": ("s.csv", sheet(24, 2))},
    )
    assert "检查通过：共 2 行" in plain(looked.text)
    address = ask_for(li, sheet(24, 2))
    assert "批量申请：食品经营许可证（2 份）" in plain(li.see("/issuing/"))
    assert "批量申请" in plain(li.see("/issuing/requests"))
    see_samples(wang.see(address), address)
    assert f'href="{address}"' in wang.see("/issuing/")
    assert sun.get(address).status_code == 404
    assert wang.post(address, {"do": "approve", "reason": "齐全"}).status_code == 303
    assert "用印签发全部" in plain(zhao.see(address))
    assert f'href="{address}"' in zhao.see("/issuing/")
    begun = zhao.post(address, {"do": "carry_out"})
    job = begun.headers["location"]
    assert job.startswith("/issuing/jobs/")
    asked = li.see(address)
    assert (f'href="{job}"' in asked, "samples" in asked) == (True, False), "a seal is in use"
    for page in (job, address, "/issuing/requests"):
        assert "排队中（已签发 0，共 2 份）" in plain(li.see(page)), page
    renews = '<meta http-equiv="refresh" content="5">'
    assert renews not in li.see(job), "only where it is asked for"
    followed = li.see(f"{job}?follow=1")
    assert renews in followed
    assert '<progress id="done" max="2" value="0">' in followed
    with site.home.database.writing() as connection:
        which = jobs.c.job_id == job.rpartition("/")[2]
        connection.execute(update(jobs).where(which).values(why="storage"))
    assert "暂停，将自动继续（已签发 0" in plain(li.see(address))
    site.work()
    for page in (job, address, "/issuing/requests"):
        assert "已完成（已签发 2，共 2 份）" in plain(li.see(page)), page
    over = li.see(f"{job}?follow=1")
    assert (renews in over, "<progress" in over) == (False, False)
    assert "新签发 2 行，用时 " in plain(over)
    see_results(zhao, job, ["2", "3"])
    packed = zhao.get(f"{job}/documents?after=0")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert len(archive.namelist()) == 2
    assert sun.get(job).status_code == 404
    assert zhao.post(job, {"do": "go_on"}).status_code == 409, "nothing is left to go on with"
    # The same sheet again: said before it is asked for, before the seal is used, and afterwards.
    page = li.see(NEW_BATCH)
    fields, files = {"what": what(page), "do": "check"}, {"sheet": ("s.csv", sheet(24, 2))}
    words = plain(li.post(NEW_BATCH, fields, page=page, files=files).text)
    assert "第 2 行：已签发过，不再重复" in words
    again = ask_for(li, sheet(24, 2))
    assert "其中 2 行早先已签发，不会再签发；新签发 0 行" in plain(wang.see(again))
    wang.post(again, {"do": "approve", "reason": "齐全"})
    job = zhao.post(again, {"do": "carry_out"}).headers["location"]
    site.work()
    for place in (job, again):
        assert "共 2 份；其中 2 份早先已签发，不再重复" in plain(li.see(place)), place
    assert plain(li.see(job)).count("早先已签发，不再重复") >= 3, "each row says it"


def test_a_batch_whose_job_is_gone_says_to_send_it_again(
    site: RunningDesk, signed_in: SignedIn
) -> None:
    """As after a restore: the request is done, and nothing of it was granted."""
    li, zhao = signed_in("li"), signed_in("zhao")
    address = ask_for(li, sheet(26, 1))
    zhao.post(address, {"do": "carry_out"})
    request = address.rpartition("/")[2]
    assert "重新提出" not in plain(li.see(address))
    with site.home.database.writing() as connection:
        connection.execute(delete(jobs).where(jobs.c.request_id == request))
        connection.execute(delete(batch_rows).where(batch_rows.c.request_id == request))
    assert "重新提出" in plain(li.see(address))
    for page in (address, "/issuing/requests"):
        assert "任务已不在" in plain(li.see(page))


def test_rows_to_mend_stand_in_a_table_in_words(signed_in: SignedIn) -> None:
    li = signed_in("li")
    page = li.see(NEW_BATCH)
    wrong = sheet(26, 2, 统一社会信用代码="91990102MA1CAG8D5X")
    answer = li.post(
        NEW_BATCH, {"what": what(page), "do": "ask"}, page=page, files={"sheet": ("s.csv", wrong)}
    )
    assert answer.status_code == 422
    assert 'data-label="列">统一社会信用代码' in answer.text
    assert "91990102MA1CAG8D5X" not in answer.text, "what a row says is not repeated"
    nothing = li.post(NEW_BATCH, {"do": "ask"}, page=page)
    assert (nothing.status_code, 'id="sheet-error"' in nothing.text) == (422, True)
    junk = li.post(
        NEW_BATCH, {"what": what(page), "do": "ask"}, page=page, files={"sheet": ("s", b"PK\3\4")}
    )
    assert (junk.status_code, "未执行" in plain(junk.text)) == (422, True)
    pdf = li.post(
        NEW_BATCH, {"what": what(page), "do": "ask"}, page=page, files={"sheet": ("s", b"%PDF-1.7")}
    )
    assert (pdf.status_code, "PDF 文档，不是表格" in plain(pdf.text)) == (422, True)
    bare = sheet(26, 1).partition(b"\n")[2]
    headless = li.post(
        NEW_BATCH, {"what": what(page), "do": "ask"}, page=page, files={"sheet": ("s", bare)}
    )
    assert "第一行应写列名" in plain(headless.text)
    assert bare.decode().split(",")[0] not in headless.text


def test_a_sheet_comes_back_with_remarks_beside_its_rows(signed_in: SignedIn) -> None:
    li, sun = signed_in("li"), signed_in("sun")
    page = li.see(NEW_BATCH)
    assert 'value="remarks"' not in page, "nothing is to be mended yet"
    fields = {"what": what(page), "do": "remarks"}
    wrong = sheet(26, 2, 统一社会信用代码="91990102MA1CAG8D5X")
    refused = li.post(NEW_BATCH, fields | {"do": "ask"}, page=page, files={"sheet": ("s", wrong)})
    assert 'name="do" value="remarks"' in refused.text
    copy = li.post(NEW_BATCH, fields, page=refused.text, files={"sheet": ("s", wrong)})
    assert copy.headers["content-disposition"].startswith("attachment")
    headings, first, second = csv.reader(copy.text.removeprefix("\ufeff").splitlines())
    assert headings[-1].startswith("批注（系统添加）")
    assert first[-1].startswith("统一社会信用代码：不是正确的统一社会信用代码")
    assert (first[1], second[-1]) == ("91990102MA1CAG8D5X", sheet_cells(27)[-1])
    mended = copy.content.replace(b"91990102MA1CAG8D5X", sheet_cells(26)[1].encode())
    good = li.post(NEW_BATCH, fields, page=page, files={"sheet": ("s", mended)})
    assert "检查通过：共 2 行" in plain(good.text), "its column of remarks is no part of the table"
    page = sun.see(NEW_BATCH)
    assert sun.post(NEW_BATCH, fields, page=page, files={"sheet": ("s", wrong)}).status_code == 422


def sheet_cells(number: int) -> list[str]:
    """Return the cells of a row of the examples."""
    return next(csv.reader([sheet(number, 1).decode("utf-8-sig").splitlines()[1]]))


def see_failed(site: RunningDesk, li: Officer, zhao: Officer, job: str, address: str) -> None:
    """See a row that fails come back as a sheet that can be sent again."""
    with site.home.database.writing() as connection:
        here = batch_rows.c.request_id == address.rpartition("/")[2]
        why = {"zh": "编号已被占用。", "en": "Taken."}
        failed_now = {"state": "FAILED", "code": "conflict", "detail": why}
        connection.execute(update(batch_rows).where(here).values(failed_now))
    failed = zhao.get(f"{job}/failed")
    headings, row = csv.reader(failed.text.removeprefix("\ufeff").splitlines())
    told = dict(zip(headings, row, strict=True))
    assert (told["经营者名称"], told["批注（系统添加）"]) == (
        sheet_cells(28)[0],
        "原第 2 行：编号已被占用。",
    )
    page = li.see(NEW_BATCH)
    fields, files = {"what": what(page), "do": "check"}, {"sheet": ("s.csv", failed.content)}
    again = plain(li.post(NEW_BATCH, fields, page=page, files=files).text)
    assert "检查通过：共 1 行" in again, "it is sent as it is, once mended"


def test_a_job_is_cancelled_with_a_reason(site: RunningDesk, signed_in: SignedIn) -> None:
    li, zhao = signed_in("li"), signed_in("zhao")
    address = ask_for(li, sheet(28, 1))
    # The type needs no second person: who seals begins it at once.
    job = zhao.post(address, {"do": "carry_out"}).headers["location"]
    bare = zhao.post(job, {"do": "cancel", "reason": ""})
    assert (bare.status_code, 'id="reason-error"' in bare.text) == (422, True)
    refused = li.post(job, {"do": "cancel", "reason": "样例"}, page=li.see("/issuing/seals/new"))
    assert refused.status_code == 403
    see_failed(site, li, zhao, job, address)
    assert zhao.post(job, {"do": "cancel", "reason": "填错"}).status_code == 303
    assert "已取消" in plain(zhao.see(job))
    failed = zhao.get(f"{job}/failed")
    assert failed.content.startswith(b"\xef\xbb\xbf")
    assert failed.headers["content-type"].startswith("text/csv")


@pytest.mark.usefixtures("second_person")
def test_a_change_is_asked_for_and_made_by_a_second_persons_leave(signed_in: SignedIn) -> None:
    li, wang = signed_in("li"), signed_in("wang")
    licence = licences(li.see("/issuing/licences?state=IN_FORCE"))[-1]
    page = li.see(licence)
    assert "须经另一人批准" in plain(page)
    number = "立案〔2026〕8号"
    change = {"do": "suspend", "reason": "UNDER_REVIEW", "basis": "举报", "document_number": number}
    made = li.post(licence, change, page=page)
    address = made.headers["location"]
    assert address.startswith("/issuing/requests/")
    assert li.post(licence, change, page=page).headers["location"] == address, "pressed twice"
    words = plain(wang.see(address))
    for one in ("变更状态：食品经营许可证", "暂停使用", "立案〔2026〕8号"):
        assert one in words, one
    assert f'href="{licence}"' in wang.see(address)
    assert "变更状态" in plain(wang.see("/issuing/"))
    assert wang.post(address, {"do": "approve", "reason": "属实"}).status_code == 303
    assert "执行变更" in plain(li.see(address))
    done = li.post(address, {"do": "carry_out"})
    assert done.headers["location"] == licence
    assert "暂停使用" in plain(li.see(licence))
    back = li.post(licence, {"do": "reinstate", "basis": "结案"}).headers["location"]
    wang.post(back, {"do": "approve", "reason": "属实"})
    assert li.post(back, {"do": "carry_out"}).headers["location"] == licence


def test_a_seal_is_asked_for_approved_strongly_and_made(
    site: RunningDesk, signed_in: SignedIn
) -> None:
    chen, li, new = signed_in("chen"), signed_in("li"), "/issuing/seals/new"
    assert "您的角色不能申请印章" in plain(li.see(new))
    page = chen.see(new)
    body = re.search(r'<option value="([^"]+)"', page)
    assert body
    wrong = chen.post(new, {"authority": body[1], "seal": "Not A Name"}, page=page)
    assert (wrong.status_code, 'id="seal-error"' in wrong.text) == (422, True)
    asked = {"authority": body[1], "seal": "page-seal", "name": "样例专用章"}
    address = chen.post(new, asked, page=page).headers["location"]
    words = plain(chen.see(address))
    for one in ("申请：印章", "page-seal", "样例专用章", "新印章"):
        assert one in words, one
    assert 'value="withdraw"' in chen.see(address)
    zheng = officer(site, "zheng")
    assert f'href="{address}"' in zheng.see("/issuing/")
    weak = zheng.post(address, {"do": "approve", "reason": "已核"})
    assert (weak.status_code, "请重新登录验证" in plain(weak.text)) == (403, True)
    zheng.person.sign_in("zheng", query=f"?max_age=0&acr_values={STRONG}", acr=STRONG)
    assert zheng.post(address, {"do": "approve", "reason": "已核"}).status_code == 303
    made = zheng.post(address, {"do": "carry_out"})
    assert made.status_code == 303, plain(made.text)
    assert "已办结" in plain(zheng.see(address))
    assert "page-seal" in plain(chen.see("/issuing/seals"))
    again = chen.see(f"{new}?authority={body[1]}&seal=page-seal")
    assert 'value="page-seal"' in again


def test_an_officers_key_is_approved_by_its_fingerprint(
    site: RunningDesk, signed_in: SignedIn
) -> None:
    li, key = signed_in("li"), b"a key in a token"
    me = li.person.ask("GET", "/issuing/v1/me").json()
    file = read_identity_file(site.home.directory)
    assert file is not None
    enrolments = open_enrolments(site.home, file, open_rights(site.home, file))
    with site.home.database.reading() as connection:
        pin = find_identity(connection, me["id"]).pin
    identity = Identity(
        pin,
        IdentityKind.PERSON,
        "李样",
        SignInWay.BROWSER,
        IdentityId(me["id"]),
        groups=frozenset({"经办"}),
        acr=STRONG,
        auth_time=site.home.clock.now(),
    )
    evidence = EnrolmentEvidence(
        "x", ProfileKind.OFFICER, AuthorityId(site.authority), key, "a.b.c", b""
    )
    with site.home.database.writing() as connection:
        request_id = enrolments._ask(connection, identity, evidence)
    address = f"/issuing/requests/{request_id}"
    chen = officer(site, "chen")
    assert "人员长期证书" in plain(chen.see("/issuing/"))
    words = plain(chen.see(address))
    for one in (hashlib.sha256(key).hexdigest(), "李样", "当面核对"):
        assert one in words, one
    assert 'value="approve"' not in li.see(address)
    chen.person.sign_in("chen", query=f"?max_age=0&acr_values={STRONG}", acr=STRONG)
    assert chen.post(address, {"do": "approve", "reason": "已核对令牌"}).status_code == 303
    page = chen.see(address)
    assert "已批准" in plain(page)
    assert 'value="carry_out"' not in page, "its officer enrols once more"


def test_one_sees_how_to_have_a_key_certified(site: RunningDesk, signed_in: SignedIn) -> None:
    words = plain(signed_in("li").see("/issuing/me"))
    assert "目前没有证书" in words
    assert f"xinyin enrol --server {site.url} --authority {site.authority}" in words
    assert "您的角色不需要签名证书" in plain(signed_in("qian").see("/issuing/me"))
