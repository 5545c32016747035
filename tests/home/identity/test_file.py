"""`identity.toml`: the guides' own sample, and what cannot hold."""

import re
from pathlib import Path

import pytest

from core.errors import ConfigurationError
from home.identity.faults import line_of
from home.identity.file import FILE_NAME, read_client_key, read_identity_file

DOCS = Path(__file__).parents[3] / "docs"


def sample(guide: str) -> str:
    found = re.search(
        r"```toml\n# identity.toml\n(.*?)```", (DOCS / guide).read_text("utf-8"), re.DOTALL
    )
    assert found is not None
    return found[1]


@pytest.mark.parametrize("guide", ["operators-guide.md", "operators-guide.zh.md"])
def test_the_sample_of_the_guides_holds(tmp_path: Path, guide: str) -> None:
    (tmp_path / FILE_NAME).write_text(sample(guide), "utf-8")
    file = read_identity_file(tmp_path)
    assert file is not None
    main = file.providers[0]
    assert (main.alias, file.groups[0].authority) == ("main", "market")
    assert main.scim is not None
    assert main.events is not None
    assert main.directory is not None


def test_without_the_file_nobody_signs_in(tmp_path: Path) -> None:
    assert read_identity_file(tmp_path) is None


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("https://id.example", "http://id.example", "providers.0.issuer"),
        ("https://id.example", "http://127.0.0.1", "providers.0.issuer"),
        ('alias = "main"', 'alias = "../x"', "providers.0.alias"),
        ('"ES256"', '"HS256"', "providers.0.algorithm"),
        ('"ES256"', '"none"', "providers.0.algorithm"),
        ('"operator"', '"king"', "groups.0.role"),
        ('provider = "main"', 'provider = "other"', "groups.0.provider"),
        ('authority = "market"', "", "groups.0.authority"),
        ('authority = "market"', 'authority = "market"\neverywhere = true', "groups.0.authority"),
        ("https://issuing.example.gov.cn", "http://issuing.example.gov.cn", "public_url"),
        ("https://issuing.example.gov.cn", "https://issuing.example.gov.cn/desk", "public_url"),
        ("public_url", "public_uri", "public_url"),
        ('"xinyin-enrol"', '"xinyin-desk"', "providers.0.enrolment_client"),
        ('"xinyin-enrol"', '"xinyin-cli"', "providers.0.enrolment_client"),
        ('"xinyin-enrol"', '""', "providers.0.enrolment_client"),
        ("https://issuing", "ftp://issuing", "public_url"),
        ("https://id.example.gov.cn/events", "http://10.0.0.1/events", "providers.0.events.poll"),
        (
            "https://id.example.gov.cn/scim",
            "http://169.254.169.254/scim",
            "providers.0.directory.address",
        ),
        ("https://id.example.gov.cn/scim", "file:///etc/passwd", "providers.0.directory.address"),
        ('subject = "externalId"', 'subject = "emails"', "providers.0.scim.subject"),
        ('client = "xinyin-provisioning"', "", "providers.0.scim.client"),
        ('client = "xinyin-provisioning"', 'client = "xinyin-desk"', "providers.0.scim.client"),
        ("most = 10", "most = 0", "providers.0.directory.most"),
        ('subject = "id"', 'subject = "email"', "providers.0.directory.subject"),
        ("client_key_id", "client_kid", "providers.0.client_kid"),
        ('client_key_id = "client-1"', "", "providers.0.client_key_id"),
        (
            "client_key_file",
            'client_key = "custody:client-1"\nclient_key_file',
            "providers.0.client_key",
        ),
        ('client_key_file = "client.pem"', "", "providers.0.client_key"),
        ('client_key_file = "client.pem"', 'client_key = "client"', "providers.0.client_key"),
        ('alias = "main"', 'alias = "local"', "providers.0.alias"),
        ("[[providers]]", "[local]\naccounts = true\n[[providers]]", "local.beyond_this_machine"),
        (
            "[[providers]]",
            'certificate_proxies = ["nginx"]\n[[providers]]',
            "certificate_proxies.0",
        ),
    ],
)
def test_what_cannot_hold_is_named(tmp_path: Path, old: str, new: str, key: str) -> None:
    text = sample("operators-guide.md")
    assert old in text
    (tmp_path / FILE_NAME).write_text(text.replace(old, new), "utf-8")
    with pytest.raises(ConfigurationError) as refused:
        read_identity_file(tmp_path)
    assert refused.value.details["key"] == key
    said = refused.value.text
    assert key.rpartition(".")[2].replace("0", "certificate_proxies[1]") in said.zh
    on_a_line = new != "public_uri"  # what is missing above all tables is on none
    assert ("第" in said.zh, ", line " in said.en) == (on_a_line, on_a_line)
    told = said.zh.partition("：")[2] + said.en
    assert "Value error" not in told
    assert "不符合要求（" not in told, "English words in the place of Chinese ones"


def test_two_providers_are_told_apart(tmp_path: Path) -> None:
    text = sample("operators-guide.md")
    table = text[text.index("[[providers]]") : text.index("[[groups]]")]
    (tmp_path / FILE_NAME).write_text(text + table, "utf-8")
    with pytest.raises(ConfigurationError, match="no two providers have the same"):
        read_identity_file(tmp_path)


def test_a_client_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(sample("operators-guide.md"), "utf-8")
    file = read_identity_file(tmp_path)
    assert file is not None
    key = tmp_path / "client.pem"
    key.write_bytes(b"pem")
    key.chmod(0o640)
    with pytest.raises(ConfigurationError, match="open to others"):
        read_client_key(tmp_path, file.providers[0])
    key.chmod(0o600)
    assert read_client_key(tmp_path, file.providers[0]) == b"pem"


def test_a_file_that_others_may_change_is_refused(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_text(sample("operators-guide.md"), "utf-8")
    path.chmod(0o664)
    with pytest.raises(ConfigurationError, match="go-w"):
        read_identity_file(tmp_path)
    path.chmod(0o644)
    path.write_text(path.read_text("utf-8") + "#" * 300_000, "utf-8")
    with pytest.raises(ConfigurationError, match="larger than 256 KiB"):
        read_identity_file(tmp_path)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ('public_url = "http://localhost:8440"\n[local]\naccounts = true\n', True),
        ('public_url = "http://127.0.0.1:8440"\n[local]\n', True),
        ('public_url = "http://localhost:8440"\n[local]\naccounts = false\n', False),
        ('public_url = "http://localhost:8440"\n', False),
        ('public_url = "https://desk.example.gov.cn"\n[local]\naccounts = true\n', False),
        ('public_url = "https://desk.example.gov.cn"\n[local]\nbeyond_this_machine = true\n', True),
    ],
)
def test_local_accounts_are_for_one_machine(tmp_path: Path, text: str, *, fits: bool) -> None:
    (tmp_path / FILE_NAME).write_text(text, "utf-8")
    if fits:
        file = read_identity_file(tmp_path)
        assert file is not None
        assert file.has_accounts
        return
    with pytest.raises(ConfigurationError):
        read_identity_file(tmp_path)


def test_a_key_in_custody_is_known_by_its_name(tmp_path: Path) -> None:
    text = sample("operators-guide.md").replace(
        'client_key_file = "client.pem"', 'client_key = "custody:client-2027"'
    )
    (tmp_path / FILE_NAME).write_text(text.replace('client_key_id = "client-1"', ""), "utf-8")
    file = read_identity_file(tmp_path)
    assert file is not None
    (provider,) = file.providers
    assert (provider.custody_name, provider.key_id) == ("client-2027", "client-2027")


PLACED = """public_url = "https://desk.example.gov.cn"
# [[providers]]
text = '''
issuer = "in a text"
'''
[[providers]]
alias = "a"
[providers.scim]
client = "x"
[[providers]]
alias = "b"
  [providers.scim]
  client = "y"
[[groups]]
provider = "a"
[local]
accounts = true
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("public_url",), 1),
        (("providers", 0, "alias"), 7),
        (("providers", 0, "issuer"), 6),
        (("providers", 0, "scim", "client"), 9),
        (("providers", 1), 10),
        (("providers", 1, "scim", "client"), 13),
        (("groups", 0, "provider"), 15),
        (("local", "beyond_this_machine"), 16),
        (("certificate_proxies", 0), None),
        (("issuer",), None),
    ],
)
def test_the_line_of_a_key_is_found(place: tuple[str | int, ...], line: int | None) -> None:
    assert line_of(PLACED, place) == line


def test_where_it_stops_to_be_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('public_url = "https://x.example"\n[[providers\n', "utf-8")
    with pytest.raises(ConfigurationError) as refused:
        read_identity_file(tmp_path)
    assert "第 2 行" in refused.value.text.zh
    assert "line 2, column 12" in refused.value.text.en


def test_a_fault_is_told_by_table_key_and_line(tmp_path: Path) -> None:
    text = sample("operators-guide.md").replace('role = "operator"', 'role = "king"')
    (tmp_path / FILE_NAME).write_text(text, "utf-8")
    with pytest.raises(ConfigurationError) as refused:
        read_identity_file(tmp_path)
    line = text.splitlines().index('role = "king"') + 1
    assert f"第 {line} 行，groups[1] role：只能为" in refused.value.text.zh
    assert f"line {line}: groups[1] role: Input should be" in refused.value.text.en
