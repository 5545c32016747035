"""Reader of what people type, paste and scan, in the spellings in which they do."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.licences.asked import AskedKind, read_asked, read_token

URL = "https://verify.example.gov.cn"
TOKEN = "3q2-7wAAAAAAAAAAAAAAAAAAAAA"
IDENTIFIER = "1.2.156.3005.2.11990000999000101N001.11990100MB00990250.000000002.001.U"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
NUMBER = "JY19901210000017"


@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        "jy19901210000017",
        "  JY1 990121 000001 7\n",
        "ＪＹ１９９０１２１００００１７".replace("００００１", "０００００１"),
        f"许可证编号：{NUMBER}",
        f"许可证编号 {NUMBER}",
        f"证照编号（No.）：{NUMBER}",
        f"No. {NUMBER}",
        f"Licence No.: {NUMBER}",
        f"编号:{NUMBER}",
        f"编号：{NUMBER}。",
        f"{NUMBER}，",
        f"\ufeff{NUMBER}\u200b",
        "JY\u200b19901210000017",
        "JY1990121\u3000000001\u00a07",
    ],
)
def test_a_number(text: str) -> None:
    asked = read_asked(text, URL)
    assert asked.kind is AskedKind.NUMBER
    assert NUMBER in asked.numbers


@pytest.mark.parametrize(
    "text",
    [
        IDENTIFIER,
        IDENTIFIER.lower(),
        IDENTIFIER.removeprefix("1.2.156.3005.2."),
        f"证照标识：{IDENTIFIER}",
        f"证照标识 {IDENTIFIER}。",
        f"Identifier: {IDENTIFIER}",
        IDENTIFIER.replace(".", "．"),
        IDENTIFIER.replace(".", "。"),
        IDENTIFIER.replace(".", ". "),
        "\n".join(IDENTIFIER[at : at + 30] for at in range(0, len(IDENTIFIER), 30)),
        f"电子证照\n标识:{IDENTIFIER}\n",
    ],
)
def test_an_identifier(text: str) -> None:
    asked = read_asked(text, URL)
    assert asked.kind is AskedKind.IDENTIFIER
    assert asked.identifier is not None
    assert asked.identifier.identifier == IDENTIFIER


@pytest.mark.parametrize(
    "text",
    [
        IDENTIFIER[:-1] + "V",
        IDENTIFIER.replace("000000002", "000000003"),
        f"标识：{IDENTIFIER[:-1]}v",
    ],
)
def test_a_slip_in_the_check_character_is_named(text: str) -> None:
    assert read_asked(text, URL).kind is AskedKind.MISTYPED


def test_two_identifiers_are_none() -> None:
    other = "1.2.156.3005.2.11990000999000101N001.11990100MB00990250.000000003.001.S"
    assert read_asked(f"{IDENTIFIER} / {other}", URL).kind is not AskedKind.IDENTIFIER


@pytest.mark.parametrize(
    "text",
    [
        f"sha256:{DIGEST}",
        f"SHA256:{DIGEST.upper()}",
        f"SHA-256：{DIGEST}",
        DIGEST,
        f" {DIGEST} ",
    ],
)
def test_a_digest(text: str) -> None:
    asked = read_asked(text, URL)
    assert (asked.kind, asked.digest) == (AskedKind.DIGEST, DIGEST)


@pytest.mark.parametrize(
    "text",
    [
        f"{URL}/v/{TOKEN}",
        f"{URL}/v/{TOKEN}/",
        f"{URL}/v/{TOKEN}?lang=en",
        f"{URL}/v/{TOKEN}#main",
        f"{URL.upper()}/v/{TOKEN}",
        f"http://verify.example.gov.cn/v/{TOKEN}",
        f"{URL}:443/v/{TOKEN}",
        f"verify.example.gov.cn/v/{TOKEN}",
        f"Verify.Example.gov.cn/v/{TOKEN}",
        f"\t{URL}/v/{TOKEN}\n",
        TOKEN,
    ],
)
def test_a_link_of_ours(text: str) -> None:
    asked = read_asked(text, URL)
    assert (asked.kind, asked.token) == (AskedKind.LINK, TOKEN)
    assert read_token(text, URL) == TOKEN


@pytest.mark.parametrize(
    "text",
    [
        f"https://evil.example/v/{TOKEN}",
        f"{URL}.evil.example/v/{TOKEN}",
        f"{URL}@evil.example/v/{TOKEN}",
        f"https://evil.example\\@verify.example.gov.cn/v/{TOKEN}",
        f"https://evil.example/\\verify.example.gov.cn/v/{TOKEN}",
        f"{URL}:8443/v/{TOKEN}",
        f"{URL}/x/{TOKEN}",
        f"ftp://verify.example.gov.cn/v/{TOKEN}",
        f"javascript://verify.example.gov.cn/v/{TOKEN}",
        f"https://verify.example.gov.cn:port/v/{TOKEN}",
        f"https://[::1/v/{TOKEN}",
        f"https://veriſy.example.gov.cn/v/{TOKEN}",
        f"https://verify。example.gov.cn/v/{TOKEN}",
        f"{URL} /v/{TOKEN}",
    ],
)
def test_a_link_that_only_looks_like_ours(text: str) -> None:
    assert read_asked(text, URL).kind is AskedKind.FOREIGN_LINK
    assert read_token(text, URL) is None


def test_a_service_on_a_port_of_its_own() -> None:
    url = "http://127.0.0.1:8080"
    assert read_asked(f"{url}/v/{TOKEN}", url).token == TOKEN
    assert read_asked(f"http://127.0.0.1/v/{TOKEN}", url).kind is AskedKind.FOREIGN_LINK


@given(st.text(max_size=300) | st.text(string.printable, max_size=300))
def test_nothing_makes_it_raise(text: str) -> None:
    read_asked(text, URL)
    read_token(text, URL)


@pytest.mark.parametrize("text", ["9" * 100_000, "1." * 50_000, "(" * 50_000, "编" * 50_000])
def test_long_text_is_cut(text: str) -> None:
    read_asked(text, URL)
