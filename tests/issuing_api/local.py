"""A home without a provider, as its people use it: at a browser on its machine."""

import re
import secrets
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from core.client_networks import ConnectionLimits
from core.web import server
from home.identity.sign_in import open_issuing_app
from home.wiring import Home
from issuing_api.app import IssuingMetrics
from tests.cli.commands import Ran, xinyin
from tests.clock import StoppedClock
from tests.issuing_api.desk import MANY_SIGN_INS

PASSWORD = "violet gravel otter"  # of nobody
SIGN_IN = "/issuing/sign-in/local"
V1 = "/issuing/v1"


@dataclass
class LocalHome:
    """A running server with local accounts, its first worker."""

    url: str
    home: Home
    http: httpx2.Client
    clock: StoppedClock
    """Of the workers."""
    workers: list[str] = field(default_factory=list)
    """Addresses at which single workers answer, by their number."""

    def run(self, *arguments: str, text: str | None = None) -> Ran:
        """Run a command on the home."""
        return xinyin(*arguments, "--home", self.home.directory, stdin=(text or "").encode())

    def account(self, *options: str) -> tuple[str, dict[str, Any]]:
        """Make an account; return its login and what the command said."""
        login = f"li{secrets.token_hex(4)}"
        ran = self.run(
            *("account", "add", login, "--name", "李梅", "--password-stdin", "--json"),
            *options,
            text=f"{PASSWORD}\n",
        )
        assert ran.code == 0, ran.err
        return login, ran.json

    def forget_failures(self) -> None:
        """Let nobody wait: all tests come from one address."""
        with self.home.database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM sign_in_tries")


@dataclass
class Visitor:
    """A browser without scripts."""

    site: LocalHome
    cookies: dict[str, str] = field(default_factory=dict)
    worker: int = 0

    def ask(
        self,
        method: str,
        path: str,
        form: Mapping[str, str] | None = None,
        /,
        *,
        body: Any = None,
        **headers: str,
    ) -> httpx2.Response:
        """Send a request from a page of ours, unless `headers` say otherwise."""
        sent = {"Cookie": "; ".join(f"{key}={value}" for key, value in self.cookies.items())}
        sent["Host"] = self.site.url.partition("//")[2]
        if method != "GET":
            sent |= {"Origin": self.site.url, "Sec-Fetch-Site": "same-origin"}
        sent |= {"Accept": "text/html"} if body is None else {"Accept": "application/json"}
        sent |= {key.replace("_", "-"): value for key, value in headers.items()}
        address = f"{self.site.workers[self.worker]}{path}"
        response = self.site.http.request(
            method,
            address,
            data=form,
            json=body,
            headers={key: value for key, value in sent.items() if value},
        )
        for cookie in response.headers.get_list("set-cookie"):
            name, _, rest = cookie.partition("=")
            if "Max-Age=0" in cookie:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = rest.partition(";")[0]
        return response

    def sign_in(
        self, login: str, password: str = PASSWORD, back_to: str = "/issuing/", **headers: str
    ) -> httpx2.Response:
        """Send the form."""
        form = {"login": login, "password": password, "back_to": back_to}
        return self.ask("POST", SIGN_IN, form, **headers)

    def me(self) -> httpx2.Response:
        """Ask who one is."""
        return self.ask("GET", f"{V1}/me", Accept="application/json")

    def form_token(self) -> str:
        """Return the token in the forms of the account's page."""
        found = re.search(r'name="form_token" value="([^"]+)"', self.account_page())
        assert found is not None
        return found[1]

    def account_page(self) -> str:
        """Return the account's page."""
        page = self.ask("GET", "/issuing/account")
        assert page.status_code == 200, page.text
        return page.text


@contextmanager
def running_local_home(
    bare: Path, directory: Path, *, workers: int = 1, proxies: tuple[str, ...] = ()
) -> Iterator[LocalHome]:
    """Serve a copy of a home, with as many workers as are asked for on ports of their own."""
    shutil.copytree(bare, directory)
    with server.bind("127.0.0.1", 0) as listener:
        url = server.base_url(listener).replace("127.0.0.1", "localhost")
        settings = f'public_url = "{url}"\n[local]\naccounts = true\n'
        (directory / "identity.toml").write_text(settings, "utf-8")
        listeners = [listener, *(server.bind("127.0.0.1", 0) for _ in range(workers - 1))]
        with httpx2.Client(trust_env=False, timeout=60) as http, Home(directory, {}) as home:
            clock = StoppedClock()  # hashes take a while: waits do not end meanwhile
            addresses = [server.base_url(one) for one in listeners]
            running = [_serve(directory, one, proxies, clock) for one in listeners]
            try:
                yield LocalHome(url, home, http, clock, addresses)
            finally:
                for served, thread, opened in running:
                    served.should_exit = True
                    thread.join(10)
                    opened.close()
                for one in listeners[1:]:
                    one.close()


def _serve(
    directory: Path, listener: Any, proxies: tuple[str, ...], clock: StoppedClock
) -> tuple[server.AnnouncingServer, threading.Thread, Home]:
    home = Home(directory, {}, clock=clock)
    # Tries of accounts are counted in the register; those of a network by the app, per minute.
    opened = open_issuing_app(home, IssuingMetrics(), limits=MANY_SIGN_INS)
    assert opened is not None
    answering = threading.Event()
    limits = ConnectionLimits(proxies=proxies)
    served = server.AnnouncingServer(server.configuration(opened[0], limits), answering.set)
    thread = threading.Thread(target=served.run, args=([listener],))
    thread.start()
    assert answering.wait(10)
    return served, thread, home
