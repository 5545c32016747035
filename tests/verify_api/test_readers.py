"""The page of what readers show, and the trust kit, without a browser and in one."""

from collections.abc import Iterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import pkcs7
from starlette.testclient import TestClient

from core.errors import ConfigurationError
from core.text import Language, Text
from signing.trust.anchors import AnchorKind
from signing.trust.state import ListReading, ListState
from tests.signing.material import pki
from tests.signing.trust.lists import LIST_NAME, a_list, entry
from tests.verify_api.test_pages import check_accessible
from tests.verify_api.world import PUBLIC_URL, ScriptedVerifier
from verify_api.app import create_app
from verify_api.metrics import Metrics
from verify_api.reader_texts import READERS, WORDS
from verify_api.readers import ReaderTrust
from verify_api.settings import VerifyApiSettings

FILES = (
    "root.pem",
    "root.cer",
    "root.p7c",
    "root.acrobatsecuritysettings",
    "fingerprints.txt",
)
LISTED = ListReading(ListState.IN_FORCE, a_list(entry()))


def client_of(trust: ReaderTrust | None) -> TestClient:
    app = create_app(
        ScriptedVerifier(),
        VerifyApiSettings(public_url=PUBLIC_URL),
        ready=lambda: True,
        metrics=Metrics(),
        trust=trust,
    )
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def client() -> Iterator[TestClient]:
    with client_of(ReaderTrust(lambda: (pki().root.der,), lambda: LISTED)) as client:
        yield client


def digits() -> str:
    certificate: x509.Certificate = pki().root.certificate
    return certificate.fingerprint(hashes.SHA256()).hex().upper()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_names_each_reader_and_the_fingerprint(client: TestClient, lang: Language) -> None:
    page = client.get(f"/readers?lang={lang}")
    assert page.status_code == 200
    check_accessible(page.text, "zh-CN" if lang == "zh" else "en")
    for name in ("Acrobat", "Foxit", "WPS", "Chrome", "Firefox", "pdfsig"):
        assert name in page.text
    shown = page.text.replace("</code>", "").replace("<code>", "").replace(" ", "")
    assert digits() in shown
    for name in FILES:
        assert f'href="/readers/{name}"' in page.text
    assert entry().name.to(lang) in page.text
    assert LIST_NAME in page.text


def test_what_was_not_tried_is_said_to_be_so() -> None:
    for one in READERS:
        tried = "22.12.0" in one.basis.en
        assert tried or "ot tried" in one.basis.en or "could not be tried" in one.basis.en
        assert tried or "未能实际测试" in one.basis.zh
    assert "could not be tried" in WORDS["step_settings"].en


def test_every_word_stands_on_the_page() -> None:
    """In one state of the trust or another."""
    listed = ListReading(ListState.IN_FORCE, a_list(entry(kind=AnchorKind.TEST)))
    roots = lambda: (pki().root.der,)  # noqa: E731
    states = (ReaderTrust(roots, lambda: listed), None)
    seen = "".join(client_of(trust).get("/readers?lang=zh").text for trust in states)
    for key, text in WORDS.items():
        if key != "more_listed":
            assert text.zh in seen, key


def test_the_kit_s_files_hold_the_root(client: TestClient) -> None:
    root = pki().root.certificate
    got = {name: client.get(f"/readers/{name}") for name in FILES}
    assert {one.status_code for one in got.values()} == {200}
    for name, one in got.items():
        assert one.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert one.headers["x-content-type-options"] == "nosniff"
    assert x509.load_pem_x509_certificate(got["root.pem"].content) == root
    assert x509.load_der_x509_certificate(got["root.cer"].content) == root
    assert pkcs7.load_der_pkcs7_certificates(got["root.p7c"].content) == [root]
    assert digits() in got["fingerprints.txt"].text.replace(" ", "").replace("\n", "")
    assert PUBLIC_URL in got["fingerprints.txt"].text


@pytest.mark.parametrize("name", ["root-2.cer", "x", "..%2F..%2Fetc", "fingerprints.pdf"])
def test_there_are_no_other_files(client: TestClient, name: str) -> None:
    assert client.get(f"/readers/{name}").status_code == 404


def test_without_roots_the_page_says_so() -> None:
    client = client_of(None)
    page = client.get("/readers?lang=en")
    assert page.status_code == 200
    assert WORDS["no_roots"].en in page.text
    assert client.get("/readers/root.pem").status_code == 404


@pytest.mark.parametrize("state", [ListState.EXPIRED, ListState.NOT_SIGNED])
def test_a_list_that_is_not_used_is_told(state: ListState) -> None:
    reading = ListReading(state, a_list(entry()))
    client = client_of(ReaderTrust(lambda: (pki().root.der,), lambda: reading))
    page = client.get("/readers?lang=en")
    assert reading.said.en in page.text
    assert entry().name.en not in page.text


def test_hostile_names_of_a_list_do_no_harm() -> None:
    name = Text("<script>alert(1)</script>", "\u202ereversed")
    reading = ListReading(ListState.IN_FORCE, a_list(entry(name=name)))
    page = client_of(ReaderTrust(lambda: (), lambda: reading)).get("/readers?lang=zh")
    assert "<script>alert" not in page.text
    page = client_of(ReaderTrust(lambda: (), lambda: reading)).get("/readers?lang=en")
    assert "\u202e" not in page.text


def test_a_fault_of_ours_is_no_bare_500() -> None:
    def broken() -> tuple[bytes, ...]:
        raise ConfigurationError(Text("无法读取根证书文件。", "Could not read a root file."))

    page = client_of(ReaderTrust(broken, lambda: LISTED)).get("/readers?lang=en")
    assert page.status_code == 500
    assert "root file" not in page.text
