"""The alert rules, by promtool: each is raised by its cause alone, and none where all is well."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy/prometheus/alerts.yml"
DAY = 86400
Series = dict[str, str]

WELL: Series = {
    "up": "1",
    "xinyin_build_info{role='ca', version='1'}": "1",
    "xinyin_reachable_keys{domain='ca'}": "1",
    "xinyin_reachable_keys{domain='audit'}": "1",
    "xinyin_reachable_keys{domain='trust'}": "0",
    "xinyin_reachable_keys{domain='root'}": "0",
    "xinyin_alarms_total{code='seal_without_record'}": "3",
    "xinyin_verifications_total{way='file', outcome='altered'}": "0+0.3",
    "xinyin_http_requests_total{route='/', status='200'}": "0+600",
    "xinyin_http_requests_total{route='/', status='500'}": "0+1",
    "xinyin_http_request_seconds_bucket{route='/', le='0.05'}": "0+600",
    "xinyin_http_request_seconds_bucket{route='/', le='+Inf'}": "0+601",
    "xinyin_register_failures_total{code='unreachable'}": "7",
    "xinyin_verification_failures_total{code='limit_time'}": "0+0.1",
    "xinyin_waiting_files": "5",
    "xinyin_refusals_total{reason='rate'}": "0+6",
    "xinyin_clock_trusted": "1",
    "xinyin_timestamps_total{outcome='granted'}": "0+9",
    "xinyin_timestamps_total{outcome='bad_request'}": "0+9",
    "xinyin_ocsp_answers_total{answer='good', source='memory'}": "0+9",
    "xinyin_crl_seconds{crl='root'}": f"{31 * DAY}",
    "xinyin_crl_seconds{crl='issuing-1'}": f"{6 * DAY}",
    "xinyin_certificate_expiry_seconds{kind='root'}": f"{731 * DAY}",
    "xinyin_certificate_expiry_seconds{kind='issuing'}": f"{366 * DAY}",
    "xinyin_certificate_expiry_seconds{kind='seal'}": f"{61 * DAY}",
    "xinyin_service_certificate_seconds{service='ocsp'}": f"{10 * DAY}",
    "xinyin_service_certificate_seconds{service='tsa'}": f"{366 * DAY}",
    "xinyin_archive_expiry_seconds": f"{91 * DAY}",
    "xinyin_duty_age_seconds{duty='crl'}": "60",
    "xinyin_duty_age_seconds{duty='archive'}": "3700",
    "xinyin_audit_unsigned_seconds": "300",
    "xinyin_journal_lag_seconds": "1",
    "xinyin_pending_oldest_seconds": "120",
    "xinyin_batch_waiting_seconds": "600",
    "xinyin_queue_oldest_seconds": "5",
    "xinyin_queue_workers": "2",
    "xinyin_chunks_taken_over_total": "1",
    "xinyin_store_reachable": "1",
    "xinyin_store_requests_total{operation='put', outcome='done'}": "0+60",
    "xinyin_store_requests_total{operation='get', outcome='unreachable'}": "2",
    "xinyin_store_seconds_bucket{route='put', le='0.5'}": "0+60",
    "xinyin_store_seconds_bucket{route='put', le='+Inf'}": "0+61",
    "xinyin_break_glass_unacknowledged": "0",
    "xinyin_backup_age_seconds": "90000",
    "xinyin_disk_free_bytes{place='home'}": f"{3 * 2**30}",
    "xinyin_database_connections{state='in_use'}": "5",
    "xinyin_database_connections{state='allowed'}": "15",
    "xinyin_log_lines_total{level='critical'}": "2",
    "xinyin_log_lines_total{level='info'}": "0+50",
    "xinyin_log_lines_dropped_total{level='info'}": "4",
}
"""Of one process: a value, or a beginning and what is added each minute."""

SETTLED = 80
"""Minutes after which Prometheus has seen enough to tell what is new."""
W, C = "warning", "critical"
ILL: list[tuple[dict[str, str], Series, int]] = [
    ({"XinyinDown": C}, {"up": "0"}, 20),
    ({"XinyinNoCa": C}, {"xinyin_build_info{role='ca', version='1'}": "-"}, 20),
    ({"XinyinKeysBeyondRole": C}, {"xinyin_reachable_keys{domain='trust'}": "1"}, 2),
    ({"XinyinKeysBeyondRole": C}, {"xinyin_reachable_keys{domain='root'}": "1"}, 2),
    ({"XinyinBreakGlass": C}, {"xinyin_break_glass_unacknowledged": "1"}, 5),
    ({"XinyinAlarm": C}, {"xinyin_alarms_total{code='not_the_sealed_bytes'}": "_x80 1x60"}, 90),
    ({"XinyinAlarm": C}, {"xinyin_alarms_total{code='seal_without_record'}": "3x80 4x60"}, 90),
    (
        {"XinyinAltered": W},
        {"xinyin_verifications_total{way='file', outcome='altered'}": "0x200 0+1x60"},
        250,
    ),
    ({"XinyinErrors": C}, {"xinyin_http_requests_total{route='/', status='500'}": "0+10"}, 20),
    (
        {"XinyinSlow": W},
        {
            "xinyin_http_request_seconds_bucket{route='/', le='0.05'}": "0+500",
            "xinyin_http_request_seconds_bucket{route='/', le='2.5'}": "0+601",
        },
        30,
    ),
    (
        {"XinyinRegisterUnreachable": C},
        {"xinyin_register_failures_total{code='unreachable'}": "0+1"},
        20,
    ),
    (
        {"XinyinVerificationFailures": W},
        {"xinyin_verification_failures_total{code='worker_died'}": "0+1"},
        40,
    ),
    ({"XinyinFilesWait": W}, {"xinyin_waiting_files": "40"}, 20),
    ({"XinyinRefusals": W}, {"xinyin_refusals_total{reason='rate'}": "0+90"}, 30),
    ({"XinyinClockUntrusted": C}, {"xinyin_clock_trusted": "0"}, 5),
    (
        {"XinyinTimestampsFail": C},
        {"xinyin_timestamps_total{outcome='system_failure'}": "0+1"},
        20,
    ),
    (
        {"XinyinOcspFails": C},
        {"xinyin_ocsp_answers_total{answer='try_later', source='made'}": "0+1"},
        20,
    ),
    ({"XinyinCrlOld": W}, {"xinyin_crl_seconds{crl='issuing-1'}": f"{4 * DAY}"}, 20),
    ({"XinyinCrlOld": W, "XinyinCrlEnds": C}, {"xinyin_crl_seconds{crl='issuing-1'}": "9"}, 20),
    ({"XinyinRootCrlDue": W}, {"xinyin_crl_seconds{crl='root-2'}": f"{29 * DAY}"}, 80),
    ({"XinyinRootCrlDue": W, "XinyinCrlEnds": C}, {"xinyin_crl_seconds{crl='root'}": "-9"}, 80),
    *(
        (
            {"XinyinCertificateEndsSoon": W},
            {f"xinyin_certificate_expiry_seconds{{kind='{kind}'}}": f"{days * DAY}"},
            80,
        )
        for kind, days in (("root", 729), ("issuing", 364), ("seal", 59))
    ),
    *(
        (
            {"XinyinCertificateEndsSoon": W, "XinyinCertificateEnds": C},
            {f"xinyin_certificate_expiry_seconds{{kind='{kind}'}}": f"{days * DAY}"},
            80,
        )
        for kind, days in (("root", 179), ("issuing", 89), ("seal", 6))
    ),
    *(
        (
            {"XinyinServiceCertificateEnds": W},
            {f"xinyin_service_certificate_seconds{{service='{service}'}}": f"{days * DAY}"},
            20,
        )
        for service, days in (("ocsp", 8), ("tsa", 364))
    ),
    ({"XinyinArchiveDue": W}, {"xinyin_archive_expiry_seconds": f"{89 * DAY}"}, 80),
    ({"XinyinDutyLate": W}, {"xinyin_duty_age_seconds{duty='crl'}": "1900"}, 20),
    ({"XinyinDutyLate": W}, {"xinyin_duty_age_seconds{duty='archive'}": "7900"}, 20),
    *(
        ({"XinyinLeaversLate": C}, {f"xinyin_duty_age_seconds{{duty='{duty}'}}": "300"}, 20)
        for duty in ("event-poll-main", "security-events", "leavers")
    ),
    ({"XinyinAuditUnsigned": C}, {"xinyin_audit_unsigned_seconds": "1900"}, 20),
    ({"XinyinJournalLag": C}, {"xinyin_journal_lag_seconds": "700"}, 20),
    ({"XinyinPendingLicences": W}, {"xinyin_pending_oldest_seconds": "3700"}, 20),
    ({"XinyinBatchesWait": W}, {"xinyin_batch_waiting_seconds": "3700"}, 20),
    (
        {"XinyinQueueIdle": C},
        {"xinyin_queue_oldest_seconds": "70", "xinyin_queue_workers": "0"},
        20,
    ),
    ({"XinyinTakeovers": W}, {"xinyin_chunks_taken_over_total": "0+1"}, 20),
    ({"XinyinStoreUnreachable": C}, {"xinyin_store_reachable": "0"}, 20),
    (
        {"XinyinStoreFails": W},
        {"xinyin_store_requests_total{operation='get', outcome='unreachable'}": "0+1"},
        20,
    ),
    (
        {"XinyinStoreSlow": W},
        {
            "xinyin_store_seconds_bucket{route='put', le='0.5'}": "0+50",
            "xinyin_store_seconds_bucket{route='put', le='5.0'}": "0+61",
        },
        40,
    ),
    ({"XinyinBackupOld": C}, {"xinyin_backup_age_seconds": "1e12"}, 20),
    ({"XinyinDiskLow": W}, {"xinyin_disk_free_bytes{place='journal'}": f"{2**30}"}, 20),
    ({"XinyinDiskLow": W, "XinyinDiskFull": C}, {"xinyin_disk_free_bytes{place='home'}": "9"}, 20),
    ({"XinyinDatabasePool": W}, {"xinyin_database_connections{state='in_use'}": "15"}, 20),
    ({"XinyinLogCritical": W}, {"xinyin_log_lines_total{level='critical'}": "2x120 3x60"}, 125),
    ({"XinyinLogLost": W}, {"xinyin_log_lines_dropped_total{level='info'}": "4x120 9x60"}, 125),
]  # fmt: skip


def rules() -> list[dict[str, object]]:
    [group] = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    found: list[dict[str, object]] = group["rules"]
    return found


def promtool(*arguments: str | Path) -> str:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed")
    ran = subprocess.run(
        ["promtool", *arguments], capture_output=True, text=True, check=False, timeout=110
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def history(values: str, minutes: int) -> str:
    """Return promtool's notation of values that go on for so long."""
    return values if "x" in values else f"{values}x{minutes}"


def series(name: str, values: str, minutes: int) -> dict[str, str]:
    metric, _, labels = name.partition("{")
    inside = labels.rstrip("}").replace("'", '"')
    given = ", ".join(filter(None, ('job="xinyin"', 'instance="a"', inside)))
    return {"series": f"{metric}{{{given}}}", "values": history(values, minutes)}


def case(raised: dict[str, str], changed: Series, minute: int) -> dict[str, object]:
    if minute < SETTLED:
        minute += SETTLED
    given = {name: values for name, values in {**WELL, **changed}.items() if values != "-"}
    return {
        "name": " and ".join(raised) or "all is well",
        "interval": "1m",
        "input_series": [series(name, value, minute + 10) for name, value in given.items()],
        "promql_expr_test": [
            {
                "expr": 'count by (alertname, severity) (ALERTS{alertstate="firing"})',
                "eval_time": f"{minute}m",
                "exp_samples": [
                    {"labels": f'{{alertname="{name}", severity="{level}"}}', "value": 1}
                    for name, level in raised.items()
                ],
            }
        ],
    }


def steady() -> dict[str, object]:
    """Return the case of altered files that are as many all day: no news."""
    altered = "xinyin_verifications_total{way='file', outcome='altered'}"
    only = dict.fromkeys(WELL, "-") | {
        altered: "0+0.5",
        "xinyin_build_info{role='ca', version='1'}": "1",
    }
    return case({}, only, 1500)


def test_each_alert_is_raised_by_its_cause_alone(tmp_path: Path) -> None:
    cases = [case({}, {}, 130), *(case(*one) for one in ILL), steady()]
    file = tmp_path / "tests.yml"
    # Seldomer than Prometheus does: what is ill here stays so, and each look costs.
    written = {"rule_files": [str(RULES)], "evaluation_interval": "5m", "tests": cases}
    file.write_text(yaml.safe_dump(written, allow_unicode=True, sort_keys=False), "utf-8")
    assert "SUCCESS" in promtool("test", "rules", file)


def test_each_alert_is_tested() -> None:
    assert {rule["alert"] for rule in rules()} == {name for raised, _, _ in ILL for name in raised}


def test_promtool_reads_the_rules() -> None:
    assert f"{len(rules())} rules found" in promtool("check", "rules", RULES)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_each_says_in_both_languages_what_it_is_and_where_help_stands(
    rule: dict[str, dict[str, str]],
) -> None:
    said = rule["annotations"]
    assert rule["labels"]["severity"] in (W, C)
    assert set(said) == {
        "summary", "summary_zh", "description", "description_zh", "guide", "guide_zh"
    }  # fmt: skip
    for key in ("summary_zh", "description_zh"):
        assert re.search("[一-鿿]", said[key])
        values = [sorted(re.findall("{{.*?}}", said[one])) for one in (key, key[:-3])]
        assert values[0] == values[1]
    for key in ("guide", "guide_zh"):
        name, _, anchor = said[key].partition("#")
        text = (ROOT / "docs" / name).read_text("utf-8")
        assert anchor in [one.lower() for one in re.findall(r"(?m)^#+ (\w+)$", text)]
