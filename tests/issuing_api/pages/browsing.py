"""People at the desk's pages without a browser: forms are sent as a browser would send them."""

import csv
import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import httpx2

from tests.issuing_api.desk import Person, RunningDesk

EXAMPLES = Path(__file__).parents[3] / "examples" / "data"
FOOD = "food-operation"
_INPUT = re.compile(r"<(input|textarea|select|button)\b([^>]*)>", re.DOTALL)
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


def record(number: int = 0, name: str = FOOD, encoding: str = "utf-8-sig") -> dict[str, str]:
    """Return a row of the example's sheet that no demo home has granted yet."""
    with (EXAMPLES / f"{name}.csv").open(encoding=encoding) as file:
        return list(csv.DictReader(file))[number + 10]


@dataclass
class Officer:
    """Somebody signed in who reads pages and sends their forms."""

    person: Person
    language: str = "zh"

    @property
    def desk(self) -> RunningDesk:
        return self.person.desk

    def get(self, path: str, **headers: str) -> httpx2.Response:
        """Open a page."""
        return self._send("GET", path, headers)

    def see(self, path: str) -> str:
        """Open a page that must be there; return its HTML."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, plain(answer.text)[:600])
        return answer.text

    def hidden(self, page: str) -> dict[str, str]:
        """Return the hidden fields of a page's forms, the last form's counting."""
        found = {}
        for _, tag in _INPUT.findall(page):
            words = dict(_ATTRIBUTE.findall(tag))
            if words.get("type") == "hidden":
                found[words["name"]] = unescape(words.get("value", ""))
        return found

    def post(
        self,
        path: str,
        fields: dict[str, str],
        *,
        page: str | None = None,
        files: dict[str, Any] | None = None,
        **headers: str,
    ) -> httpx2.Response:
        """Send the form of a page, which is opened first unless it is handed in."""
        data = self.hidden(page if page is not None else self.see(path.partition("?")[0])) | fields
        parts = {name: (None, value) for name, value in data.items()} | (files or {})
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._send("POST", path, more, files=parts)

    def _send(self, method: str, path: str, more: dict[str, str], **what: Any) -> httpx2.Response:
        desk, cookies = self.desk, self.person.cookies
        sent = {
            "Cookie": "; ".join(f"{key}={value}" for key, value in cookies.items()),
            "Accept": "text/html",
            "Accept-Language": self.language,
        }
        if method != "GET":
            sent |= {"Origin": desk.url, "Sec-Fetch-Site": "same-origin"}
        sent = {k: v for k, v in (sent | more).items() if v}
        answer = desk.http.request(method, f"{desk.url}{path}", headers=sent, **what)
        for cookie in answer.headers.get_list("set-cookie"):
            name, _, rest = cookie.partition("=")
            cookies[name] = rest.partition(";")[0]
        return answer


def officer(desk: RunningDesk, account: str, language: str = "zh", **form: str) -> Officer:
    """Return somebody who is signed in."""
    return Officer(desk.person(account, **form), language)


def typed(row: dict[str, str], columns: dict[str, str]) -> dict[str, str]:
    """Return the fields of a form for a row of a sheet; `columns` lead from headings to keys."""
    return {f"f_{columns[name]}": value for name, value in row.items() if name in columns}


def plain(page: str) -> str:
    """Return the words of a page."""
    text = re.sub(r"<(style|svg)\b.*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(text).split())
