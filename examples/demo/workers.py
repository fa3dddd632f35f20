"""The four workers: processes that are asked by a line of JSON and answer by one."""

import json
import os
import queue
import secrets
import subprocess
import sys
import threading
import time
from base64 import b64encode
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds; a worker that says nothing for so long is broken
LANGUAGES = ("Rust", "Python", "Node", "Kotlin")

Reply = dict[str, Any]


def commands() -> dict[str, list[str | Path]]:
    """How each worker is started, from what `build` made."""
    examples = ROOT / "examples"
    rust = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / host_triple() / "debug" / "worker"
    kotlin = examples / "kotlin" / "target"
    return {
        "Rust": [rust],
        "Python": [ROOT / ".tools" / "venv" / "bin" / "python", examples / "python" / "worker.py"],
        "Node": ["node", examples / "node" / "worker.mjs"],
        "Kotlin": ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", f"{kotlin}/classes:{kotlin}/lib/*", "WorkerKt"],
    }


def host_triple() -> str:
    """The target of the build, as `.ci/env.sh` finds it."""
    if named := os.environ.get("CARGO_BUILD_TARGET"):
        return named
    answer = subprocess.run(["rustc", "-vV"], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    return next(line.removeprefix("host: ") for line in answer.splitlines() if line.startswith("host: "))


def fresh_secrets() -> dict[str, str]:
    """The environment variables that the policies name, with secrets that nobody has seen."""
    pkcs8 = bytes.fromhex("302e020100300506032b657004220420") + secrets.token_bytes(32)  # RFC 8410: an Ed25519 private key
    return {
        "DEMO_ROOT_1": "base64:" + b64encode(secrets.token_bytes(32)).decode(),
        "DEMO_JWT_KEY": f"-----BEGIN PRIVATE KEY-----\n{b64encode(pkcs8).decode()}\n-----END PRIVATE KEY-----\n",
        "DEMO_WEBHOOK_SECRET": secrets.token_hex(32),
        "DEMO_STANDARD_SECRET": "whsec_" + b64encode(secrets.token_bytes(32)).decode(),
    }


class Worker:
    """One process."""

    def __init__(self, language: str, command: list[str | Path], policy: Path, environment: dict[str, str]) -> None:
        self.language = language
        self.process = subprocess.Popen(
            [*command, policy], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | environment, bufsize=0
        )
        self.lines: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(b"")

    def receive(self) -> Reply:
        """Its next line."""
        try:
            line = self.lines.get(timeout=PATIENCE)
        except queue.Empty:
            raise WorkerFailed(f"the {self.language} worker has not answered for {PATIENCE:.0f} s") from None
        if not line:
            raise WorkerFailed(f"the {self.language} worker ended with {self.process.wait()}")
        return json.loads(line)

    def write(self, text: bytes) -> None:
        """Write to its input; a request is a line."""
        try:
            self.process.stdin.write(text)
        except BrokenPipeError:
            raise WorkerFailed(f"the {self.language} worker ended with {self.process.wait()}") from None

    def ask(self, call: str, **arguments: Any) -> Reply:
        """Ask, and wait for the answer."""
        self.write(json.dumps({"call": call, **arguments}).encode() + b"\n")
        return self.receive()


class WorkerFailed(Exception):
    """A worker did not do its part."""


class Workers:
    """All four, on one policy. As a context they are started at the beginning and have ended well at the end."""

    def __init__(self, policy: Path) -> None:
        environment = fresh_secrets()
        self.by_language: dict[str, Worker] = {}
        try:
            for language, command in commands().items():
                self.by_language[language] = Worker(language, command, policy, environment)
            for worker in self:
                worker.receive()  # "ready"
        except OSError as error:
            self.kill()
            raise WorkerFailed(f"{error}; `make demo` builds the workers") from None
        except WorkerFailed:
            self.kill()
            raise

    def __iter__(self):
        return iter(self.by_language.values())

    def __getitem__(self, language: str) -> Worker:
        return self.by_language[language]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            self.kill()
            return
        for worker in self:
            worker.process.stdin.close()
        for worker in self:
            try:
                status = worker.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                status = "no end"
            if status != 0:
                self.kill()
                raise WorkerFailed(f"the {worker.language} worker did not end well: {status}")

    def kill(self) -> None:
        """End those that are left."""
        for worker in self:
            if worker.process.poll() is None:
                worker.process.kill()
                worker.process.wait()


def at_once(requests: dict[Worker, dict[str, Any]]) -> tuple[dict[str, Reply], float]:
    """Ask several workers at the same moment: their answers, and how many seconds lay between first and last request."""
    for worker, request in requests.items():
        worker.write(json.dumps(request).encode())
    moments = []
    for worker in requests:  # a worker starts when it has the whole line
        moments.append(time.perf_counter())
        worker.write(b"\n")
    return {worker.language: worker.receive() for worker in requests}, moments[-1] - moments[0]


def verdict(reply: Reply, good: str) -> str:
    """An answer in a word: `good`, or the error's code with its reason."""
    if "error" not in reply:
        return good
    return f"{reply['error']} ({reply['reason']})" if reply.get("reason") else reply["error"]


def fail(error: WorkerFailed) -> int:
    """Say what broke, apart from the story."""
    print(f"\n{error}", file=sys.stderr)
    return 1
