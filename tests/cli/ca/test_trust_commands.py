"""`xinyin ca renew` and `confirm-clock`, and what a service in operation says of itself."""

import httpx2

from tests.cli.conftest import DemoHome
from tests.cli.test_serve import serving


def test_nothing_is_renewed_before_it_is_time(shared: DemoHome) -> None:
    ran = shared.run("ca", "renew", "--json")
    assert (ran.code, ran.out) == (0, "")


def test_every_service_gets_a_new_key_at_an_operators_word(own: DemoHome) -> None:
    before = {one["key"] for one in own.run("key", "list", "--json").records}
    renewed = own.run("ca", "renew", "--force-renewal", "--json").records
    assert len(renewed) == 2
    after = {one["key"] for one in own.run("key", "list", "--json").records}
    assert {str(one).rpartition("-")[0] for one in after - before} == {"ocsp-issuing-1", "tsa"}
    with serving(own.directory) as (url, _):
        metrics = httpx2.get(f"{url}/metrics").text
        for name in ("xinyin_service_certificate_seconds", "xinyin_crl_seconds"):
            assert f"\n{name}{{" in metrics


def test_whoever_confirms_the_clock_is_on_record(own: DemoHome) -> None:
    assert own.run("ca", "confirm-clock", "--basis", "GPS").code == 0
    assert '"clock.confirmed"' in own.run("audit", "list", "--json").out


def test_too_many_timestamps_of_one_network_are_refused(own: DemoHome) -> None:
    settings = own.directory / "xinyin.toml"
    settings.write_text(settings.read_text("utf-8") + "\n[trust]\ntimestamps_per_minute = 5\n")
    with serving(own.directory) as (url, _):
        headers = {"content-type": "application/timestamp-query"}
        asked = [httpx2.post(f"{url}/pki/tsa", content=b"x", headers=headers) for _ in range(3)]
        assert [one.status_code for one in asked] == [200, 429, 429]
        assert int(asked[1].headers["retry-after"]) > 0
        assert asked[1].json()["code"] == "too_many_requests"
        metrics = httpx2.get(f"{url}/metrics").text
        assert 'xinyin_timestamps_total{outcome="bad_data_format"} 1' in metrics
        assert 'route="/pki/tsa",method="POST",status="429"} 2' in metrics
