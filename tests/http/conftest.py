"""What the scenarios run against: each of the three apps, by the glue and by hand."""

from collections.abc import Iterator

import pytest

from servers import CHOSEN, MOUNTS, Folder, Server, running


@pytest.fixture(scope="session", params=CHOSEN)
def app(request: pytest.FixtureRequest) -> str:
    """An app's name."""
    return request.param


@pytest.fixture(scope="session")
def server(app: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One process, with a lease that never runs out while the suite runs."""
    with running(app, Folder(tmp_path_factory.mktemp(app), lease="10m")) as server:
        yield server


@pytest.fixture(params=MOUNTS)
def mount(request: pytest.FixtureRequest) -> str:
    """The glue, and the calls by hand."""
    return request.param


@pytest.fixture(scope="session")
def shared(app: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    """Two processes of one app on one file, with a short lease. Errors are envelopes here, so that both forms are seen."""
    folder = Folder(tmp_path_factory.mktemp(f"{app}-shared"), lease="2s", errors="envelope")
    with running(app, folder) as one, running(app, folder) as other:
        yield one, other


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """One process of every app, all on one file."""
    folder = Folder(tmp_path_factory.mktemp("mixed"), lease="2s")
    servers: dict[str, Server] = {}
    try:
        for name in CHOSEN:
            servers[name] = Server(name, folder)
        yield servers
    finally:
        for server in servers.values():
            server.kill()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Close with one line, as the other suites do."""
    passed, failed = (len(terminalreporter.stats.get(kind, [])) for kind in ("passed", "failed"))
    errors = len(terminalreporter.stats.get("error", []))
    terminalreporter.write_line(f"http ({', '.join(CHOSEN)}): {passed} passed, {failed + errors} failed")
