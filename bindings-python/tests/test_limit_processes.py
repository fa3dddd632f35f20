"""Limits and lockouts of several processes, and of a process that forks."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_processes import run_program


@pytest.fixture
def shared(tmp_path: Path) -> str:
    return f"sqlite:{tmp_path / 'gate.db'}"


def test_processes_on_one_file_admit_exactly_the_limit(shared: str) -> None:
    done = run_program(
        """
        policy["limits"]["policies"] = [{"id": "p", "tiers": [{"id": "month", "limit": 50, "period": "30d"}]}]
        Gate.from_policy(policy).close()

        def work(_):
            with Gate.from_policy(policy) as gate:
                return sum(gate.limits.check("p", "s").allowed for _ in range(40))

        with multiprocessing.get_context("fork").Pool(4) as pool:
            admitted = pool.map_async(work, range(4)).get(50)
        assert sum(admitted) == 50, admitted
        print("done")
        """,
        shared,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


def test_processes_that_guess_check_no_more_passwords_than_are_allowed(shared: str) -> None:
    done = run_program(
        """
        from gatewright.errors import Locked

        policy["lockout"]["policies"][0]["threshold"] = 10
        Gate.from_policy(policy).close()

        def work(_):
            checked = 0
            with Gate.from_policy(policy) as gate:
                for _ in range(10):
                    try:
                        with gate.lockout.begin("login", "ada@example.com") as attempt:
                            checked += 1
                            attempt.settle(False)
                    except Locked:
                        pass
            return checked

        with multiprocessing.get_context("fork").Pool(4) as pool:
            checked = pool.map_async(work, range(4)).get(50)
        assert sum(checked) == 10, checked
        print("done")
        """,
        shared,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


@pytest.mark.parametrize("store", ["memory:", "shared"])
def test_a_forked_child_ends_no_attempt_of_its_parents(store: str, shared: str) -> None:
    done = run_program(
        """
        gate = Gate.from_policy(policy)
        attempt = gate.lockout.begin("login", "ada@example.com")
        permit = gate.limits.check("jobs", "j", 2).permit
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            with attempt:
                pass
            del attempt
            assert gate.lockout.status("login", "ada@example.com").fails == 1
            assert gate.limits.check("tenant", "acme").allowed
            os._exit(7)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 7, status
        assert gate.lockout.status("login", "ada@example.com").fails == 1
        attempt.settle(True)
        assert gate.lockout.status("login", "ada@example.com").fails == 0
        assert gate.limits.refund(permit).tiers[0].used == 0
        print("done")
        """,
        shared if store == "shared" else store,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


ENDING = """
    async def main():
        gate = await aio.Gate.from_policy(policy)
        await gate.limits.check("outbound", "p")
        granted = await gate.limits.reserve("outbound", "p", 1, timedelta(minutes=1))
        attempt = await gate.lockout.begin("login", f"{os.getpid()}@example.com")
        asyncio.ensure_future(gate.limits.wait(granted))
        await asyncio.sleep(0)
        sys.exit(3)

    from datetime import timedelta
    asyncio.run(main())
    """


@pytest.mark.parametrize("store", ["memory:", "shared"])
def test_the_end_of_the_interpreter_is_silent(store: str, shared: str) -> None:
    for _ in range(5):
        done = run_program(ENDING, shared if store == "shared" else store)
        assert (done.returncode, done.stdout, done.stderr) == (3, "", "")
