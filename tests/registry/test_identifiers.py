"""Check characters and identifiers: published vectors, and the laws of the check systems."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.identifiers import (
    IDENTIFIER_PATTERN,
    MalformedIdentifierError,
    build_identifier,
    is_uscc,
    mod11_10,
    mod37_36,
    parse_identifier,
    uscc_check,
)

ROOT = "1.2.156.3005.2."
ISSUED = [
    "11100000000013338W011.11430000006122244L.20230000403.001.U",
    "11100000MB03271699022.340100.000000016.001.9",  # an old licence: area code as authority
    "11100000000013338W009.11330105002500287C.2025052201.002.0",
    "11100000000013338W032.11220000013544541J.2430599.001.F",
]
MISPRINTED = (
    "11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001.M"  # D is right
)
ALNUM = string.digits + string.ascii_uppercase
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
TYPE_CODE = "11100000000013338W011"
AUTHORITY = "11430000006122244L"

bodies = st.text(USCC_ALPHABET, min_size=9, max_size=9)
areas = st.text(string.digits, min_size=6, max_size=6)
usccs = st.builds(
    lambda kind, area, body: kind + area + body + uscc_check(kind + area + body),
    st.text(USCC_ALPHABET, min_size=2, max_size=2),
    areas,
    bodies,
)


def exchanged(text: str, position: int, character: str) -> str:
    return text[:position] + character + text[position + 1 :]


@pytest.mark.parametrize("number", ["36574261809", "65929970489", "86095742719", "07945"])
def test_mod_11_10_of_published_numbers(number: str) -> None:
    """German tax numbers' test set, and the example of ISO/IEC 7064 itself."""
    assert mod11_10(number[:-1]) == number[-1]


def test_mod_37_36_of_a_global_release_identifier() -> None:
    assert mod37_36("A12425GABC1234002") == "M"


@pytest.mark.parametrize("text", ["1234x", "１２３", "", "12 3", "٣"])
def test_mod_11_10_refuses_what_are_no_digits(text: str) -> None:
    with pytest.raises(ValueError, match="digits only"):
        mod11_10(text)


@pytest.mark.parametrize("text", ["ab", "A-1", "É", "１"])
def test_mod_37_36_refuses_other_characters(text: str) -> None:
    with pytest.raises(ValueError, match="capital letters"):
        mod37_36(text)


@given(st.text(string.digits, min_size=1, max_size=20), st.data())
def test_mod_11_10_notices_any_wrong_digit(digits: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(digits) - 1))
    other = data.draw(st.sampled_from(string.digits).filter(lambda c: c != digits[position]))
    assert mod11_10(exchanged(digits, position, other)) != mod11_10(digits)


@given(st.text(ALNUM, min_size=1, max_size=60), st.data())
def test_mod_37_36_notices_any_wrong_character(text: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(ALNUM).filter(lambda c: c != text[position]))
    assert mod37_36(exchanged(text, position, other)) != mod37_36(text)


@pytest.mark.parametrize("code", ["91350100M000100Y43", "11430000006122244L", "11330105002500287C"])
def test_published_usccs_are_right(code: str) -> None:
    assert is_uscc(code)


@pytest.mark.parametrize(
    "code",
    [
        "91350100M000100Y44",  # check
        "91350100M000100Y4",  # 17 characters
        "91350100M000100Y43\n",
        "91350100m000100y43",
        "9135010OM000100Y43",  # letter O for zero
        "９1350100M000100Y43",
        "",
    ],
)
def test_wrong_usccs_are_noticed(code: str) -> None:
    assert not is_uscc(code)


@given(usccs, st.data())
def test_any_wrong_character_of_a_uscc_is_noticed(code: str, data: st.DataObject) -> None:
    assert is_uscc(code)
    position = data.draw(st.integers(0, 17))
    other = data.draw(st.sampled_from(ALNUM).filter(lambda c: c != code[position]))
    assert not is_uscc(exchanged(code, position, other))


@given(usccs, st.integers(0, 15))
def test_exchanged_neighbours_in_a_uscc_are_noticed(code: str, at: int) -> None:
    if code[at] != code[at + 1]:
        assert not is_uscc(code[:at] + code[at + 1] + code[at] + code[at + 2 :])


@pytest.mark.parametrize("length", [0, 16, 18])
def test_a_check_is_of_seventeen_characters(length: int) -> None:
    with pytest.raises(ValueError, match="17"):
        uscc_check("1" * length)


@pytest.mark.parametrize("issued", ISSUED)
def test_identifiers_in_use_are_right(issued: str) -> None:
    parts = parse_identifier(ROOT + issued)
    assert parts.identifier == ROOT + issued
    assert parse_identifier(issued) == parts
    assert parse_identifier(f" {issued.lower()}\n") == parts


@pytest.mark.parametrize("position", [0, 2, 3])
def test_identifiers_of_known_bodies_are_built_as_they_were(position: int) -> None:
    type_code, authority, sequence, version, _ = ISSUED[position].split(".")
    assert build_identifier(type_code, authority, sequence, int(version)) == ROOT + ISSUED[position]


def test_a_misprinted_identifier_is_refused() -> None:
    with pytest.raises(MalformedIdentifierError, match="check character"):
        parse_identifier(ROOT + MISPRINTED)
    assert parse_identifier(ROOT + MISPRINTED[:-1] + "D").check == "D"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "JY29901010000018",
        ROOT,
        ROOT + ISSUED[0].replace(".001.", ".000."),
        ROOT + ISSUED[0] + ".U",
        ROOT + ISSUED[0].replace(".", "·"),
        "2." + ROOT + ISSUED[0],
        ROOT + "9" * 300,
    ],
)
def test_other_text_is_no_identifier(text: str) -> None:
    with pytest.raises(MalformedIdentifierError, match="not a licence identifier"):
        parse_identifier(text)


@pytest.mark.parametrize(
    ("type_code", "authority", "sequence", "version"),
    [
        (TYPE_CODE[:-1], AUTHORITY, "1", 1),
        ("11100000000013338X011", AUTHORITY, "1", 1),
        (TYPE_CODE, "340100", "1", 1),  # read, but never written
        (TYPE_CODE, AUTHORITY, "", 1),
        (TYPE_CODE, AUTHORITY, "a", 1),
        (TYPE_CODE, AUTHORITY, "1" * 65, 1),
        (TYPE_CODE, AUTHORITY, "1", 0),
        (TYPE_CODE, AUTHORITY, "1", 1000),
    ],
)
def test_identifiers_are_built_strictly(
    type_code: str, authority: str, sequence: str, version: int
) -> None:
    with pytest.raises(MalformedIdentifierError, match="GB/T 36904"):
        build_identifier(type_code, authority, sequence, version)


sequences = st.text(ALNUM, min_size=1, max_size=64)


@given(sequences, st.integers(1, 999))
def test_what_is_built_can_be_read(sequence: str, version: int) -> None:
    identifier = build_identifier(TYPE_CODE, AUTHORITY, sequence, version)
    parts = parse_identifier(identifier)
    assert (parts.type_code, parts.authority) == (TYPE_CODE, AUTHORITY)
    assert (parts.sequence, parts.version) == (sequence, version)
    assert IDENTIFIER_PATTERN.findall(f"标识{identifier}。见 {identifier}.") == [identifier] * 2


@given(sequences, st.integers(1, 999), st.data())
def test_any_wrong_character_of_an_identifier_is_noticed(
    sequence: str, version: int, data: st.DataObject
) -> None:
    identifier = build_identifier(TYPE_CODE, AUTHORITY, sequence, version)
    position = data.draw(st.integers(len(ROOT), len(identifier) - 1))
    other = data.draw(st.sampled_from(ALNUM + ".").filter(lambda c: c != identifier[position]))
    with pytest.raises(MalformedIdentifierError):
        parse_identifier(exchanged(identifier, position, other))


def test_identifiers_are_not_found_within_longer_runs() -> None:
    assert IDENTIFIER_PATTERN.search("5." + ROOT + ISSUED[0]) is None
    assert IDENTIFIER_PATTERN.search(ROOT + ISSUED[0] + "X") is None
