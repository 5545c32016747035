"""Limits on what arrives: bodies in size and depth, sign-ins and requests in number."""

from tests.issuing_api.desk import ALIAS, RunningDesk

V1 = "/issuing/v1"


def test_a_body_beyond_its_limit_is_refused_before_it_is_read(desk: RunningDesk) -> None:
    li = desk.person("li")
    cookie = {"Cookie": "; ".join(f"{k}={v}" for k, v in li.cookies.items()), "Origin": desk.url}
    headers = {**cookie, "Content-Type": "application/json", "Idempotency-Key": "request-1"}
    address = f"{desk.url}{V1}/requests"
    for content in (b"x" * (13 * 1024 * 1024), (b"x" * 65536 for _ in range(210))):
        answer = desk.http.post(address, content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    for content in (b"[" * 200_000, b'{"a":' * 50_000, b"\xff\xfe", b"", b"9" * 10_000):
        answer = desk.http.post(address, content=content, headers=headers)
        assert answer.status_code == 422, content[:10]
        assert content[:10].decode("latin-1") not in answer.text or not content


def test_sign_ins_are_counted(desk: RunningDesk) -> None:
    person = desk.person()
    statuses = [person.ask("GET", f"/issuing/sign-in/{ALIAS}").status_code for _ in range(70)]
    assert statuses[0] == 303
    assert 429 in statuses
    answer = person.ask("GET", f"/issuing/sign-in/{ALIAS}")
    assert int(answer.headers["retry-after"]) >= 1
    assert person.ask("GET", f"{V1}/me").status_code == 401, "other requests go on"
    begun = desk.http.post(f"{desk.url}{V1}/enrolment-challenges")
    assert begun.status_code == 429, "a challenge keeps a row too"
