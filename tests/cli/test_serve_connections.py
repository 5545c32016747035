"""What `serve` holds open when it makes its workers."""

from unittest.mock import patch

from click.testing import CliRunner

from cli.main import xinyin
from registry.db.database import Database
from tests.cli.conftest import DemoHome


def test_no_worker_inherits_a_connection(own: DemoHome) -> None:
    opened: list[Database] = []
    plain = Database.__init__

    def remember(self: Database, *args: object, **kwargs: object) -> None:
        plain(self, *args, **kwargs)  # type: ignore[arg-type]
        opened.append(self)

    def start(*_: object, **__: object) -> int:
        assert opened
        assert [one.engine.pool.checkedin() for one in opened] == [0] * len(opened)  # type: ignore[attr-defined]
        return 0

    with patch.object(Database, "__init__", remember), patch("cli.serve_command.serve", start):
        ran = CliRunner().invoke(xinyin, ["serve", "--home", str(own.directory), "--workers", "2"])
    assert ran.exit_code == 0, ran.output
