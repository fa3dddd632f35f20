"""The apps as processes: started on a policy file, killed in the middle of their work, started again."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
APPS = {
    "axum": [str(ROOT / "target" / os.environ.get("CARGO_BUILD_TARGET", "") / "debug" / "axum-app")],
    "express": ["node", str(ROOT / "tests/apps/express/app.mjs")],
    "fastapi": [sys.executable, str(ROOT / "tests/apps/fastapi/app.py")],
}

CHOSEN = os.environ.get("HTTP_APPS", ",".join(APPS)).split(",")
"""All of them, unless some are named."""

MOUNTS = ("/op", "/hand")
"""The glue, and the calls by hand."""

POLICY = """
version = 1
root_keys = [{{ id = 1, secret = "hex:0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20", state = "active" }}]
[store]
default = "sqlite:gate.db"
[idempotency]
effects = "implicit"
lease = "{lease}"
max_stored_body = "4KiB"
[[idempotency.routes]]
match = {{ path = "/*/explicit/*" }}
effects = "explicit"
[[idempotency.routes]]
match = {{ path = "/*/money/*" }}
on_5xx = "store"
on_crash = "hold"
[[limits.policies]]
id = "hourly"
tiers = [{{ id = "hour", limit = 3, period = "1h" }}, {{ id = "day", limit = 50, period = "1d", algo = "sliding_window" }}]
[[limits.policies]]
id = "brief"
tiers = [{{ id = "second", limit = 1, period = "2s" }}]
[http]
rate_limit_headers = ["legacy", "draft-10"]
errors = "{errors}"
"""


class Folder:
    """What the processes of one installation share: policy, store and journal."""

    def __init__(self, path: Path, *, lease: str = "30s", errors: str = "problem") -> None:
        self.policy = path / "gatewright.toml"
        self.policy.write_text(POLICY.format(lease=lease, errors=errors))
        self.journal = path / "journal"
        self.journal.touch()

    def runs(self, operation: str) -> list[tuple[int, str]]:
        """The attempt and checkpoint of each execution that has begun of an operation."""
        begun = [line for line in self._lines(operation) if len(line) == 3]
        return [(int(attempt), checkpoint) for _, attempt, checkpoint in begun]

    def told(self, operation: str) -> list[str]:
        """What its executions have told, in order."""
        return [line[1] for line in self._lines(operation) if len(line) == 2]

    def ends(self, operation: str) -> int:
        """How many executions have done all their steps."""
        return self.told(operation).count("done")

    def _lines(self, operation: str) -> list[list[str]]:
        # The last line may be half written.
        lines = self.journal.read_text().split("\n")[:-1]
        return [words for line in lines if (words := line.split(" "))[0] == operation]


class Server:
    """One process of an app."""

    def __init__(self, app: str, folder: Folder) -> None:
        self.app = app
        self.folder = folder
        self.start()

    def start(self) -> None:
        """Start, and wait until it listens."""
        arguments = ["--policy", str(self.folder.policy), "--port", "0", "--journal", str(self.folder.journal)]
        self.process = subprocess.Popen([*APPS[self.app], *arguments], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        # An app that never says anything is killed, so that its line ends.
        watch = threading.Timer(60, self.process.kill)
        watch.start()
        line = self.process.stdout.readline()
        watch.cancel()
        assert line.startswith("listening on 127.0.0.1:"), f"{self.app} said {line!r}"
        self.port = int(line.rsplit(":", 1)[1])

    def kill(self) -> None:
        """End it as a crash does."""
        self.process.kill()
        self.wait()

    def wait(self) -> int:
        """Wait until it has ended."""
        code = self.process.wait(timeout=60)
        assert self.process.stdout
        self.process.stdout.close()
        return code

    def stop(self) -> int:
        """End it as an operator does. Gives its exit code."""
        self.process.terminate()
        return self.wait()

    def freeze(self) -> None:
        """Stop it in the middle of whatever it does."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)


@contextmanager
def running(app: str, folder: Folder) -> Iterator[Server]:
    """A process that is gone afterwards, whatever has happened to it."""
    server = Server(app, folder)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()
