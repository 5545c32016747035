"""Helpers of templates that all pages share: words and dates in one reader's language."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from core.text import Language, Text

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


class ReaderView:
    """One rendering's language and time zone."""

    def __init__(self, language: Language, zone: ZoneInfo) -> None:
        self.language = language
        self.other: Language = "en" if language == "zh" else "zh"
        self._zone = zone

    @property
    def tag(self) -> str:
        """The language tag (RFC 5646) of the page."""
        return "zh-CN" if self.language == "zh" else "en"

    @property
    def other_tag(self) -> str:
        """The language tag of the link to the other language."""
        return "en" if self.language == "zh" else "zh-CN"

    def say(self, text: Text) -> str:
        """Return a text in the page's language."""
        return text.to(self.language)

    def day(self, day: date) -> str:
        """Return a civil date."""
        if self.language == "zh":
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def instant(self, instant: datetime) -> str:
        """Return an instant in the service's zone, named by its offset."""
        local = instant.astimezone(self._zone)
        offset = local.strftime("%z")
        if self.language == "zh" and offset == "+0800":
            return f"{self.day(local.date())} {local:%H:%M:%S}（北京时间）"
        return f"{self.day(local.date())} {local:%H:%M:%S} UTC{offset[:3]}:{offset[3:]}"
