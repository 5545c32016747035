"""Words that pages print of themselves, and dates in words."""

from datetime import date
from typing import Final
from urllib.parse import urlsplit

from core.text import Text
from signing.face import LicenceFace

TITLE: Final = Text("证照名称", "Title")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
HEADING: Final = Text("页名", "Heading")
GRANTED: Final = Text("发证日期", "Granted on")
PAGE_OF: Final = Text("第 {} 页，共 {} 页", "Page {} of {}")
STATEMENT: Final = Text("说明", "Statement")
IDENTIFIER: Final = Text("证照标识", "Licence identifier")
ADDRESS: Final = Text("核验网址", "Verification site")
SCAN: Final = Text("扫码核验", "Scan to verify")
SAMPLE: Final = Text("样例", "Sample")
PREVIEW: Final = Text("未签章预览", "Preview, not sealed")


def validity(face: LicenceFace) -> str:
    """Return the term in words; the last day is included."""
    if face.design.until_only:
        return "长期有效" if face.valid_until is None else chinese_date(face.valid_until)
    start = chinese_date(face.valid_from)
    if face.valid_until is None:
        return f"{start}起长期有效"
    return f"{start}至{chinese_date(face.valid_until)}"


def english_validity(face: LicenceFace) -> str:
    """Return the term in English."""
    if face.design.until_only:
        return "Long-term" if face.valid_until is None else english_date(face.valid_until)
    start = english_date(face.valid_from)
    if face.valid_until is None:
        return f"From {start}, long-term"
    return f"{start} to {english_date(face.valid_until)}"


def english_date(day: date) -> str:
    """Return a date as English readers write it, whatever the process's locale."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def chinese_date(day: date) -> str:
    """Return a date as licences print it, without leading zeros (GB/T 9704 7.3.5.4)."""
    return f"{day.year}年{day.month}月{day.day}日"


def site_of(link: str) -> str:
    """Return the address of the site that a link leads to."""
    parts = urlsplit(link)
    return f"{parts.scheme}://{parts.netloc}/"


def host_of(link: str) -> str:
    """Return the site as it is printed."""
    return urlsplit(link).netloc
