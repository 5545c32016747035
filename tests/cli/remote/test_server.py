"""A server that takes what is sent and does not answer: what the command line says of that."""

import secrets
import socket
from pathlib import Path
from unittest import mock

import pytest

from cli.remote.server import RemoteServer
from cli.remote.sign_in_file import SignInFile
from core.clock import SystemClock
from core.errors import UnreachableError


@pytest.mark.parametrize(
    ("method", "said"), [("GET", "Try again"), ("POST", "it may have been done. Look")]
)
def test_whether_it_took_effect_is_not_known(tmp_path: Path, method: str, said: str) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        mock.patch("core.web.client.TIMEOUT_SECONDS", 0.2),
    ):
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        kept = SignInFile({"XINYIN_CONFIG": str(tmp_path)})
        server = RemoteServer(address, kept, SystemClock(), secrets.token_bytes, "en")
        with pytest.raises(UnreachableError, match=said):
            server.ask_openly(method, "/requests", {})


def test_what_was_not_sent_is_tried_again(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = f"http://127.0.0.1:{gone.getsockname()[1]}"
    kept = SignInFile({"XINYIN_CONFIG": str(tmp_path)})
    server = RemoteServer(address, kept, SystemClock(), secrets.token_bytes, "en")
    with pytest.raises(UnreachableError, match=r"\(Connection refused\)\. Try again"):
        server.ask_openly("POST", "/requests", {})
