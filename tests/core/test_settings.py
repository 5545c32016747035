"""Settings: order of sources, nothing unknown, errors that name the key."""

from pathlib import Path

import pytest

from core.errors import ConfigurationError
from core.settings import (
    Settings,
    default_home,
    is_loopback,
    is_saved,
    load_settings,
    parse_settings,
    save_settings,
    to_toml,
)

GOOD = {
    "service": {"public_url": "https://v.example.gov.cn/", "pki_url": "http://p.example.gov.cn"},
    "operator": {"account": "root"},
}


def settings(**sections: object) -> Settings:
    return parse_settings(GOOD | sections, "test")


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    odd = tmp_path / 'a "quoted" \\ 路径'
    made = settings(
        keys={"passphrase_file": odd},
        verify={"workers": 5, "trusted_proxies": ["10.0.0.0/8", "::1"]},
    )
    save_settings(tmp_path, made)
    assert load_settings(tmp_path, {}) == made
    assert (tmp_path / "xinyin.toml").read_bytes() == to_toml(made)


def test_the_environment_overrules_the_file(tmp_path: Path) -> None:
    save_settings(tmp_path, settings())
    changed = load_settings(tmp_path, {"XINYIN_VERIFY_WORKERS": "7"})
    assert changed.verify.workers == 7


def test_trusted_proxies_may_come_from_the_environment_and_may_be_none(tmp_path: Path) -> None:
    save_settings(tmp_path, settings(verify={"trusted_proxies": ["192.0.2.1"]}))
    several = load_settings(tmp_path, {"XINYIN_VERIFY_TRUSTED_PROXIES": "10.0.0.0/8, ::1"})
    assert several.verify.trusted_proxies == ("10.0.0.0/8", "::1")
    none = load_settings(tmp_path, {"XINYIN_VERIFY_TRUSTED_PROXIES": ""})
    assert none.verify.trusted_proxies == ()


@pytest.mark.parametrize(
    ("variable", "value", "key"),
    [
        ("XINYIN_VERIFY_TRUSTED_PROXIES", "10.0.0.1,nonsense", "verify.trusted_proxies.1"),
        ("XINYIN_PROFILES_OFFICER_SHORT_VALIDITY_HOURS", "x", "officer-short.validity_hours"),
    ],
)
def test_a_wrong_value_is_looked_for_where_it_stands(
    tmp_path: Path, variable: str, value: str, key: str
) -> None:
    save_settings(tmp_path, settings())
    with pytest.raises(ConfigurationError, match=f"{key} in {variable} cannot hold") as refused:
        load_settings(tmp_path, {variable: value})
    assert "Value error" not in refused.value.text.en
    with pytest.raises(ConfigurationError, match=r"log\.level in file"):
        parse_settings(GOOD | {"log": {"level": "loud"}}, "file", {variable: value})


def test_addresses_lose_their_last_slash() -> None:
    assert settings().service.public_url == "https://v.example.gov.cn"


@pytest.mark.parametrize(
    ("section", "values", "key"),
    [
        ("service", {"public_url": "ftp://x", "pki_url": "http://p"}, "service.public_url"),
        ("service", {"public_url": "https://x?y", "pki_url": "http://p"}, "service.public_url"),
        ("service", {"public_url": "https://x"}, "service.pki_url"),
        (
            "service",
            {"public_url": "https://x", "pki_url": "http://p", "zone": "Mars/North"},
            "service.zone",
        ),
        ("verify", {"workers": 0}, "verify.workers"),
        ("verify", {"trusted_proxies": ["10.0.0.0/8", "proxy.internal"]}, "verify.trusted_proxies"),
        ("verify", {"trusted_proxies": ["*"]}, "verify.trusted_proxies"),
        ("verify", {"trusted_proxies": ["10.0.0.300"]}, "verify.trusted_proxies"),
        ("verify", {"trusted_proxies": ["10.1.2.3/8"]}, "verify.trusted_proxies"),
        ("verify", {"trusted_proxies": "10.0.0.1;10.0.0.2"}, "verify.trusted_proxies"),
        ("verify", {"ipv6_prefix": 129}, "verify.ipv6_prefix"),
        ("verify", {"wrokers": 1}, "verify.wrokers"),
        ("keys", {"uri": "vault:x"}, "keys.uri"),
        ("nonsense", {}, "nonsense"),
    ],
)
def test_the_key_at_fault_is_named(section: str, values: dict[str, object], key: str) -> None:
    with pytest.raises(ConfigurationError, match=key):
        settings(**{section: values})


def test_a_directory_that_is_no_home_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="xinyin init"):
        load_settings(tmp_path, {})


@pytest.mark.parametrize("content", [b"[service", b"\xff\xfe", b"x = 1979-99-99"])
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "xinyin.toml").write_bytes(content)
    with pytest.raises(ConfigurationError):
        load_settings(tmp_path, {})


def test_the_home_is_the_one_that_was_named() -> None:
    assert default_home({"XINYIN_HOME": "/x"}) == Path("/x")
    assert default_home({}).name == "xinyin"


def test_nested_sections_are_saved_read_and_overruled(tmp_path: Path) -> None:
    made = settings(
        profiles={"officer-short": {"validity_hours": 8}, "seal": {"policies": ["1.2.3"]}},
        ca={"certificate_policy": "1.2.156.1"},
    )
    save_settings(tmp_path, made)
    assert load_settings(tmp_path, {}) == made
    changed = load_settings(
        tmp_path,
        {
            "XINYIN_PROFILES_OFFICER_SHORT_VALIDITY_HOURS": "4",
            "XINYIN_PROFILES_SEAL_ALGORITHMS": "rsa-3072, ecdsa-p256",
            "XINYIN_CA_TIMESTAMP_POLICY": "1.2.156.2",
            "XINYIN_PROFILES": "ignored",
        },
    )
    assert changed.profiles.officer_short.validity_hours == 4
    assert changed.profiles.seal.algorithms == ("rsa-3072", "ecdsa-p256")
    assert changed.profiles.seal.policies == ("1.2.3",)
    assert changed.ca.timestamp_policy == "1.2.156.2"
    assert changed.ca.certificate_policy == "1.2.156.1"


@pytest.mark.parametrize("oid", ["", "1", "3.1", "1.02", "1.2.", "x", "1..2"])
def test_a_policy_is_an_oid(oid: str) -> None:
    with pytest.raises(ConfigurationError, match=r"ca\.certificate_policy"):
        settings(ca={"certificate_policy": oid})


def test_a_kind_that_there_is_not_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"profiles\.seals"):
        settings(profiles={"seals": {"validity_days": 1}})


TOKEN = "pkcs11:token=x?module-path=/x.so"


@pytest.mark.parametrize("keys", [{"uri": TOKEN}, {"root_uri": TOKEN}, {"issuing_uri": TOKEN}])
def test_post_quantum_keys_are_software_keys(keys: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match=r"ca\.algorithms"):
        settings(ca={"algorithms": "ml-dsa"}, keys=keys)
    assert settings(ca={"algorithms": "ml-dsa"}, keys={"audit_uri": TOKEN}) is not None


@pytest.mark.parametrize("name", ["一行\n[keys]", "a\u0000b", '"""', "\\", "\x7f\t", "'"])
def test_no_name_bricks_a_home(tmp_path: Path, name: str) -> None:
    made = settings(ca={"organization": name})
    save_settings(tmp_path, made)
    assert load_settings(tmp_path, {}) == made


def test_a_file_written_another_way_says_the_same(tmp_path: Path) -> None:
    """As earlier versions wrote it, and as people do."""
    made = settings(verify={"workers": 5, "trusted_proxies": ["10.0.0.0/8", "::1"]})
    (tmp_path / "xinyin.toml").write_text(
        """[service]
public_url = 'https://v.example.gov.cn'
pki_url = "http://p.example.gov.cn"
[operator]
account = "root"
[verify]
trusted_proxies = ["10.0.0.0/8",
  "::1"]
workers = 5
"""
    )
    assert is_saved(tmp_path, made)
    assert not is_saved(tmp_path, settings())


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("http://127.0.0.1:8440", True),
        ("http://127.9.9.9", True),
        ("http://localhost", True),
        ("http://LOCALHOST:1", True),
        ("http://x.localhost", True),
        ("http://[::1]:80/", True),
        ("http://127.example.gov.cn", False),
        ("http://localhost.example.gov.cn", False),
        ("http://10.0.0.1", False),
    ],
)
def test_what_leads_to_this_machine_alone(address: str, here: bool) -> None:  # noqa: FBT001
    assert is_loopback(address) is here
