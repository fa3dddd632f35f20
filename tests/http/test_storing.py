"""Which answers are kept, and which give the key back."""

import pytest

from client import Operation, base64_of
from servers import Server

# By policy and by whether the handler marks its effects first: whether an answer of this status is kept.
KEPT = [200, 202, 301, 400, 402, 404, 410, 422, 451]
RELEASED = [401, 403, 408, 413, 415, 421, 425, 429]
FAILED = [409, 500, 502, 503, 599]
TABLE = [
    *[("implicit", status, True) for status in KEPT],
    *[("implicit", status, False) for status in RELEASED + FAILED],
    *[("money", status, True) for status in KEPT + FAILED],
    *[("money", status, False) for status in RELEASED],
    *[("explicit", status, True) for status in KEPT],
    *[("explicit", status, False) for status in RELEASED + FAILED],
]


@pytest.mark.parametrize(("route", "status", "is_kept"), TABLE)
def test_the_status_says_whether_an_answer_is_kept(server: Server, mount: str, route: str, status: int, is_kept: bool) -> None:
    operation = Operation.new(f"{mount}/{route}", plan={"status": status, "headers": [["retry-after", "9"]]})
    first = operation.send(server)
    again = operation.planned().send(server)
    assert first.status == status and first.values("retry-after") == ["9"]
    if is_kept:
        assert (again.status, again.body, again.is_replay) == (status, first.body, True)
    else:
        assert (again.status, again.is_replay) == (201, False)
    assert len(server.folder.runs(operation.id)) == (1 if is_kept else 2)


@pytest.mark.parametrize("route", ["implicit", "money", "explicit"])
@pytest.mark.parametrize("status", [201, 401, 409, 429, 500, 503])
def test_after_a_mark_everything_is_kept(server: Server, mount: str, route: str, status: int) -> None:
    operation = Operation.new(f"{mount}/{route}").planned(["mark"], status=status)
    first = operation.send(server)
    again = operation.planned().send(server)
    assert (again.status, again.body, again.is_replay) == (status, first.body, True)
    assert len(server.folder.runs(operation.id)) == 1


def test_an_answer_after_a_release_is_not_kept(server: Server, mount: str) -> None:
    operation = Operation.new(f"{mount}/implicit").planned(["release"])
    first, again = operation.send(server), operation.send(server)
    assert first.status == again.status == 201
    assert first.json["run"] != again.json["run"]
    assert first.json["fence"] < again.json["fence"]


@pytest.mark.parametrize("route", ["implicit", "explicit"])
def test_a_handler_that_fails_gives_the_key_back(server: Server, mount: str, route: str) -> None:
    operation = Operation.new(f"{mount}/{route}").planned(["throw"])
    assert operation.send(server).status in (0, 500)
    again = operation.planned().send(server)
    assert again.status == 201 and not again.is_replay
    assert len(server.folder.runs(operation.id)) == 2


@pytest.mark.parametrize(("route", "steps"), [("money", []), ("implicit", [["mark"]]), ("explicit", [["mark"]])])
def test_a_handler_that_fails_after_its_act_is_not_run_again(server: Server, mount: str, route: str, steps: list) -> None:
    operation = Operation.new(f"{mount}/{route}").planned(*steps, ["throw"])
    assert operation.send(server).status in (0, 500)
    again = operation.planned().send(server)
    assert again.code == "in_progress"
    assert len(server.folder.runs(operation.id)) == 1


def test_a_released_key_takes_another_request(server: Server, mount: str) -> None:
    operation = Operation.new(f"{mount}/implicit", plan={"status": 429})
    assert operation.send(server).status == 429
    other = operation.planned().send(server, body=b"another")
    assert other.status == 201
    assert operation.send(server).code == "idempotency_key_reused"


def test_an_app_may_answer_with_a_problem_of_its_own(server: Server, mount: str) -> None:
    document = b'{"type":"about:blank","status":404,"code":"in_progress"}'
    headers = [["content-type", "application/problem+json"]]
    operation = Operation.new(f"{mount}/implicit", plan={"status": 404, "body": base64_of(document), "headers": headers})
    assert operation.send(server).body == document
    again = operation.send(server)
    assert (again.status, again.body, again.is_replay) == (404, document, True)
