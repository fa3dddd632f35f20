"""Threads, forks and the end of the interpreter."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any

import pytest

from conftest import policy_for
from gatewright import Gate

DEADLINE = 60
"""A child that hangs is killed; nothing here is measured."""

PRELUDE = """
import asyncio, multiprocessing, os, signal, sys, threading
from gatewright import Gate, aio
from conftest import policy_for

policy = policy_for(sys.argv[1])
"""


def run_program(program: str, store: str) -> subprocess.CompletedProcess[str]:
    text = textwrap.dedent(PRELUDE) + textwrap.dedent(program)
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", text, store],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
        cwd=Path(__file__).parent,
    )


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return "memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'gate.db'}"


def test_eight_threads_share_a_gate(store: str) -> None:
    failures: list[BaseException] = []
    with Gate.from_policy(policy_for(store)) as gate:
        shared = gate.tokens.issue(subject="shared", client="web")
        successors: set[str] = set()

        def work(number: int) -> None:
            try:
                successors.add(gate.tokens.refresh(shared.refresh_token).refresh_token)
                for _ in range(50):
                    pair = gate.tokens.issue(subject=f"u-{number}", client="web")
                    pair = gate.tokens.refresh(pair.refresh_token)
                    assert gate.tokens.verify(pair.access_token).subject == f"u-{number}"
                    body = bytes(3000)
                    with gate.webhooks.verify("parking", gate.webhooks.sign("parking", body), body):
                        pass
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    assert len(successors) == 1


def test_a_child_of_fork_goes_on_with_the_gate(store: str) -> None:
    done = run_program(
        """
        gate = Gate.from_policy(policy)
        pair = gate.tokens.issue(subject="u", client="web")

        def work(name):
            again = gate.tokens.issue(subject=name, client="web")
            again = gate.tokens.refresh(again.refresh_token)
            assert gate.tokens.verify(again.access_token).subject == name
            assert gate.tokens.refresh(pair.refresh_token).outcome in {"rotated", "retry_concurrent"}

        for round in range(5):
            child = os.fork()
            if child == 0:
                signal.alarm(20)
                work("child")
                os._exit(7)
            work("parent")
            _, status = os.waitpid(child, 0)
            assert os.waitstatus_to_exitcode(status) == 7, status
        print("done")
        """,
        store,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


def test_a_child_of_fork_goes_on_with_the_gate_of_asyncio(store: str) -> None:
    done = run_program(
        """
        async def opened():
            gate = await aio.Gate.from_policy(policy)
            await asyncio.gather(*(gate.tokens.issue(subject="u", client="web") for _ in range(20)))
            return gate

        async def work(name):
            pairs = await asyncio.gather(*(gate.tokens.issue(subject=name, client="web") for _ in range(20)))
            again = await gate.tokens.refresh(pairs[0].refresh_token)
            assert gate.tokens.verify(again.access_token).subject == name

        gate = asyncio.run(opened())
        for round in range(5):
            child = os.fork()
            if child == 0:
                signal.alarm(20)
                asyncio.run(work("child"))
                os._exit(7)
            asyncio.run(work("parent"))
            _, status = os.waitpid(child, 0)
            assert os.waitstatus_to_exitcode(status) == 7, status
        print("done")
        """,
        store,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


def test_a_pool_of_forked_workers_shares_the_gate(store: str) -> None:
    done = run_program(
        """
        gate = Gate.from_policy(policy)
        gate.tokens.issue(subject="before", client="web")

        def work(number):
            pair = gate.tokens.issue(subject=f"u-{number}", client="web")
            assert gate.tokens.refresh(pair.refresh_token).outcome == "rotated"
            return pair.session_id

        if __name__ == "__main__":
            with multiprocessing.get_context("fork").Pool(4) as pool:
                sessions = pool.map_async(work, range(40)).get(30)
            assert len(set(sessions)) == 40
            print("done")
        """,
        store,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


def test_a_fork_amid_the_work_of_other_threads_finds_no_lock_held(store: str) -> None:
    done = run_program(
        """
        gate = Gate.from_policy(policy)
        events = []
        gate.on_event(lambda event: events.append(event.kind))
        over = threading.Event()
        failures = []

        def busy():
            while not over.is_set():
                try:
                    gate.tokens.issue(subject="u", client="web")
                except BaseException as error:
                    failures.append(error)
                    return

        threads = [threading.Thread(target=busy) for _ in range(4)]
        for thread in threads:
            thread.start()
        statuses = set()
        for round in range(25):
            child = os.fork()
            if child == 0:
                signal.alarm(20)
                pair = gate.tokens.issue(subject="child", client="web")
                gate.tokens.refresh(pair.refresh_token)
                os._exit(7)
            statuses.add(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        over.set()
        for thread in threads:
            thread.join()
        assert not failures, failures
        assert statuses == {7}, statuses
        assert events
        print("done")
        """,
        store,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


ENDINGS = {
    "futures pending": """
        async def main():
            gate = await aio.Gate.from_policy(policy)
            gate.on_event(lambda event: None)
            tasks = [asyncio.ensure_future(gate.tokens.issue(subject="u", client="web")) for _ in range(300)]
            await asyncio.sleep(0)
            sys.exit(3)

        asyncio.run(main())
        """,
    "futures pending on a loop that never runs again": """
        loop = asyncio.new_event_loop()
        gate = loop.run_until_complete(aio.Gate.from_policy(policy)._open())

        async def begin():
            for _ in range(300):
                gate.tokens._calls.issue(subject="u", client="web")

        loop.run_until_complete(begin())
        loop.close()
        sys.exit(3)
        """,
    "a gate left open": """
        gate = Gate.from_policy(policy)
        gate.on_event(lambda event: None)
        gate.tokens.issue(subject="u", client="web")
        sys.exit(3)
        """,
}


@pytest.mark.parametrize("ending", list(ENDINGS))
def test_the_end_of_the_interpreter_is_silent(ending: str, store: str) -> None:
    outcomes = {_outcome(run_program(ENDINGS[ending], store)) for _ in range(10)}
    assert outcomes == {(3, "", "")}


def _outcome(done: subprocess.CompletedProcess[str]) -> tuple[Any, ...]:
    return done.returncode, done.stdout, done.stderr


def test_a_signal_reaches_its_handler_during_a_call() -> None:
    done = run_program(
        """
        def interrupted(*_):
            raise KeyboardInterrupt

        signal.signal(signal.SIGALRM, interrupted)
        gate = Gate.from_policy(policy)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            while True:
                gate.tokens.issue(subject="u", client="web")
        except KeyboardInterrupt:
            print("done")
        """,
        "memory:",
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


def test_a_forked_child_keeps_no_lease_of_its_parents(tmp_path: Path) -> None:
    """The parent dies in the middle of an operation: its child, alive and with the gate open, must not hold it."""
    done = run_program(
        """
        import time
        from gatewright.errors import InProgress

        # Long enough for a busy machine, which is late to renew it.
        policy["idempotency"]["lease"] = "4s"
        request = {
            "key": "order-000017",
            "scope": {"tenant": "acme", "principal": "u-42", "method": "POST", "path": "/orders"},
            "body": b"{}",
        }
        begun, say = os.pipe()
        parent = os.fork()
        if parent == 0:
            gate = Gate.from_policy(policy)
            step = gate.idempotency.begin(**request)
            assert step.outcome == "execute"
            if os.fork() == 0:
                # Long enough to renew it many times.
                gate.health()
                os.write(say, b"%d" % os.getpid())
                time.sleep(600)
                os._exit(0)
            time.sleep(600)
        observer = Gate.from_policy(policy)
        child = int(os.read(begun, 20))

        # What is left of the lease, in seconds.
        def left():
            try:
                print(observer.idempotency.begin(**request).outcome)
            except InProgress as refused:
                return refused.retry_after.total_seconds()

        # While the parent lives it renews its lease: what is left of it grows. Then nobody does.
        before = left()
        while (now := left()) is not None and now <= before:
            before = now
            time.sleep(0.05)
        os.kill(parent, signal.SIGKILL)
        os.waitpid(parent, 0)
        now = left()
        while now is not None:
            time.sleep(0.05)
            before, now = now, left()
            if now is not None and now > before:
                print("the child renews the lease")
                break
        os.kill(child, signal.SIGKILL)
        """,
        f"sqlite:{tmp_path / 'gate.db'}",
    )
    assert (done.returncode, done.stdout) == (0, "resume\n"), done.stderr
