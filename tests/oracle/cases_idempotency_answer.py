"""`idempotency.sequence`: which statuses are stored, what of an answer is kept, what a replay is. idempotency.md B5 (what is stored, replay) and B5b."""

from operations import KEY, POLICY, SEED, Operation, to
from vector_file import VectorFile

NOTES = {
    "Status": "which statuses are stored and which are released",
    "Refusals": "refusals that come before the act are released",
    "Marked": "after a mark everything is stored, whatever the status",
    "FinishAs": "finish_as decides, whatever the status, the route and the mark",
    "NoStatus": "statuses outside 200-599 are no answer",
    "Replay": "a replay is the stored answer, the mark of a replay, and the key as this request sent it",
    "NeverStored": "headers of one exchange or one caller are not kept",
    "Connection": "headers that Connection names are not kept",
    "Order": "headers keep their order, their duplicates and their bytes",
    "Omitted": "a body that is too large is not kept: its status and digest are, and nothing is run again",
}
ROUTES = ("/orders", "/store", "/explicit")
SAID = {"/orders": "implicit", "/store": "on_5xx = store", "/explicit": "explicit, unmarked"}
# The registered statuses of 4xx and 5xx, and neighbours of ranges.
NAMED = [*range(400, 419), *range(421, 427), 428, 429, 430, 431, 451, 499, *range(500, 509), 510, 511, 520, 599]
SECRET = "secret"


def policy(**members) -> dict:
    return {**POLICY, "idempotency": {**POLICY["idempotency"], **members}}


def build():
    file = VectorFile("idempotency/answers.json", NOTES)
    group = file.group("idempotency.sequence", policy=POLICY, seed=SEED)
    statuses(group)
    finished_as(group)
    not_final(group)
    replays(group)
    never_stored(group)
    connection(group)
    order(group)
    of_another(group)
    small = file.group("idempotency.sequence", policy=policy(max_stored_body="16B"), seed=SEED)
    omitted(small)
    own = {"never_stored": ["X-Trace", "server"], "replayed_header": "X-Replayed"}
    named(file.group("idempotency.sequence", policy=policy(**own), seed=SEED))
    return [file]


def ended(s, at, path, status, headers=None, **more):
    """One operation from begin to end, and what the next request sees."""
    s.begin(at, "execute", f"g{status}", scope=to(path), key=f"status-{status}")
    more = {**more, **({"headers": headers} if headers else {})}
    s.step("guard.complete", at + 1, "valid", show=("status",), guard=f"$g{status}", status=status, **more)
    show = ("outcome", "status") if s.run.gate.load(next(reversed(s.run.store))).state == "completed" else ("outcome",)
    s.step("begin", at + 2, None, show=show, body='{"item":7}', scope=to(path), key=f"status-{status}")
    return s.steps[-1]["expect"]["outcome"]


def statuses(group):
    for first, last in ((200, 226), (300, 310), (227, 230), (398, 399)):
        with Operation(group, f"implicit: {first} to {last} are stored", "Status") as s:
            for at, status in enumerate(range(first, last + 1)):
                assert ended(s, at * 10, "/orders", status) == "replay"
    for status in NAMED:
        for path in ROUTES:
            refusal = status in (401, 403, 408, 409, 413, 415, 421, 425, 429)
            kept = (status < 500 and not refusal) or (path == "/store" and status in (409, *range(500, 600)))
            with Operation(group, f"{SAID[path]}: {status} is {'stored' if kept else 'released'}", "Status", *(["Refusals"] if refusal else [])) as s:
                assert ended(s, 0, path, status) == ("replay" if kept else "execute")
    for first, last in ((430, 450), (452, 498), (512, 598)):
        for path in ROUTES[:2]:
            with Operation(group, f"{SAID[path]}: every eighth of {first} to {last}", "Status") as s:
                for at, status in enumerate(range(first, last + 1, 8)):
                    ended(s, at * 10, path, status)
    after = [["Retry-After", "5"]]
    for path, kept in (("/orders", False), ("/store", True), ("/explicit", False)):
        with Operation(group, f"{SAID[path]}: 503 with Retry-After is {'stored' if kept else 'released'}", "Status") as s:
            assert ended(s, 0, path, 503, after) == ("replay" if kept else "execute")
        with Operation(group, f"{SAID[path]}: 429 with Retry-After is released", "Status", "Refusals") as s:
            assert ended(s, 0, path, 429, after) == "execute"
    for status in (200, 302, 400, 401, 403, 404, 408, 409, 413, 415, 421, 425, 429, 500, 502, 503, 504):
        for path in ROUTES:
            for acts in ("marked", "marked, covered"):
                with Operation(group, f"{SAID[path].replace(', unmarked', '')}, {acts}: {status} is stored", "Marked") as s:
                    s.begin(0, "execute", "a", scope=to(path))
                    s.mark("a", 1)
                    if acts != "marked":
                        s.checkpoint("a", 2)
                    s.complete("a", 3, status=status)
                    s.begin(4, "replay", scope=to(path))


def finished_as(group):
    for status, finish_as, marked in ((500, "store", False), (429, "store", False), (409, "store", False), (201, "release", False), (404, "release", False)) + (
        (201, "release", True), (500, "release", True), (500, "store", True),
    ):  # fmt: skip
        for path in ROUTES:
            comment = f"{SAID[path].replace(', unmarked', '')}, {'marked' if marked else 'unmarked'}: {status} as {finish_as}"
            with Operation(group, comment, "FinishAs") as s:
                s.begin(0, "execute", "a", scope=to(path))
                if marked:
                    s.mark("a", 1)
                s.complete("a", 2, status=status, finish_as=finish_as)
                s.begin(3, "replay" if finish_as == "store" else "execute", scope=to(path))


def not_final(group):
    for status in (-1, 0, 1, 99, 100, 101, 103, 199, 600, 601, 999, 1000, 65535, 65536, 65736, 2**31, 2**53):
        with Operation(group, f"{status} is no answer", "NoStatus") as s:
            s.begin(0, "execute", "a")
            s.complete("a", 1, "invalid_argument", status)
            s.complete("a", 2, status=204, body="")
            s.begin(3, "replay")
    with Operation(group, "finish_as does not make an answer of it", "NoStatus", "FinishAs") as s:
        s.begin(0, "execute", "a")
        s.complete("a", 1, "invalid_argument", 100, finish_as="store")
        s.complete("a", 1, "invalid_argument", 600, finish_as="release")
        s.begin(2, "in_progress")


def once(group, comment, *flags, headers=None, body="made", status=201, key=KEY, again=None):
    """Stored, then replayed."""
    with Operation(group, comment, *flags) as s:
        s.begin(0, "execute", "a", key=key)
        more = {"headers": headers} if headers is not None else {}
        s.complete("a", 1, status=status, body=body, **more)
        s.begin(2, "replay", key=again or key)


def replays(group):
    once(group, "no headers", "Replay", headers=[])
    once(group, "no body", "Replay", body="", status=204)
    once(group, "a body of any bytes", "Replay", body={"hex": bytes(range(256)).hex()})
    once(group, "a body that is no UTF-8", "Replay", body={"hex": "fffe00"})
    once(group, "a redirect", "Replay", status=303, headers=[["Location", "/orders/17"]], body="")
    once(group, "an error of the caller", "Replay", status=422, headers=[["Content-Type", "application/problem+json"]], body='{"title":"no"}')
    once(
        group,
        "Location, ETag and Content-Type are kept",
        "Replay",
        headers=[["Location", "/orders/17"], ["ETag", '"v1"'], ["Content-Type", "application/json"]],
    )
    once(group, "the key as sent: quoted where the first was bare", "Replay", again=f'"{KEY}"')
    once(group, "the key as sent: with its parameters", "Replay", again=f'"{KEY}";v=1')
    once(group, "the key as sent: bare where the first was quoted", "Replay", key=f'"{KEY}";v=1', again=KEY)
    once(group, "an answer that has a key of its own", "Replay", headers=[["Idempotency-Key", "upstream"], ["X", "1"]])
    once(group, "an answer that was a replay upstream", "Replay", headers=[["Idempotent-Replayed", "true"]])
    with Operation(group, "every replay is the same", "Replay") as s:
        s.begin(0, "execute", "a")
        s.complete("a", 1, headers=[["X-A", "1"], ["x-a", "2"]])
        for at in (2, 3, 3600, 86400):
            s.begin(at, "replay")
    with Operation(group, "the answer is the caller's where it is released", "Replay") as s:
        s.begin(0, "execute", "a")
        s.complete("a", 1, status=503, headers=[["Retry-After", "3"], ["Set-Cookie", "a=b"], ["Date", "now"]], body="down")
        s.begin(2, "execute")
    with Operation(group, "the answer is the caller's where it is stored", "Replay") as s:
        s.begin(0, "execute", "a")
        s.complete("a", 1, headers=[["Set-Cookie", "a=b"], ["Date", "now"], ["X", "1"]])
        s.begin(2, "replay")
    with Operation(group, "a stale worker gets the winner's answer as a replay with its own key", "Replay") as s:
        s.begin(0, "execute", "a", key=f'"{KEY}"')
        s.begin(40, "resume", "b")
        s.complete("b", 41, headers=[["X", "1"], ["Set-Cookie", "a=b"]], body="winner's")
        s.complete("a", 42, "stale", body="loser's")
        s.begin(43, "replay")


def of_another(group):
    """An answer belongs to one request."""
    with Operation(group, "a stale worker gets no answer to another request", "Replay") as s:
        s.begin(0, "execute", "a")
        s.release("a", 1)
        s.begin(2, "execute", "b", body='{"item":8}')
        s.complete("b", 3, body="for item 8")
        s.complete("a", 4, "stale")
        s.begin(5, "idempotency_key_reused")
    with Operation(group, "a stale worker gets the answer to its own request, whoever ran it", "Replay") as s:
        s.begin(0, "execute", "a")
        s.release("a", 1)
        s.begin(2, "execute", "b")
        s.complete("b", 3, body="the second time")
        s.complete("a", 4, "stale")
        s.mark("a", 5, "stale")
    with Operation(group, "a worker that slept past the retention gets no answer to another request", "Replay") as s:
        s.begin(0, "execute", "a", scope=to("/minute"))
        s.begin(100, "execute", "b", scope=to("/minute"), body='{"item":8}')
        s.complete("b", 101, body="for item 8")
        s.complete("a", 102, "stale")


def never_stored(group):
    names = (
        "Set-Cookie", "WWW-Authenticate", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Proxy-Anything",
        "Authorization", "Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Date", "Content-Length",
        "Traceparent", "X-Request-Id",
    )  # fmt: skip
    for name in names:
        for spelt in (name, name.lower(), name.upper()):
            once(group, f"{spelt} is not kept", "NeverStored", headers=[["X-Before", "1"], [spelt, SECRET], ["X-After", "2"]])
    once(group, "all of them at once", "NeverStored", headers=[[name, SECRET] for name in names])
    once(group, "each of them twice", "NeverStored", headers=[["X", "1"]] + [[name, SECRET] for name in names for _ in "ab"])
    for name in (
        "Cookie", "Set-Cookie3", "X-Set-Cookie", "Proxy", "Proxyless", "X-Proxy-A", "Authorizations", "Age", "Dates", "Content-Encoding",
        "Content-Language", "Cache-Control", "ETag", "Expires", "Last-Modified", "Link", "Location", "Retry-After", "Vary", "Warning",
        "X-Request", "X-Request-Id-2", "Trace-Parent", "Server", "Allow", "Content-Type", "Strict-Transport-Security", "Idempotency-Key-2",
    ):  # fmt: skip
        once(group, f"{name} is kept", "NeverStored", headers=[[name, "value"]])


def connection(group):
    x = [["X-Hop", "1"], ["X-Other", "2"]]
    for comment, value in {
        "one": "X-Hop",
        "another case": "x-hOp",
        "close and one": "close, X-Hop",
        "no space": "close,X-Hop",
        "spaces and tabs around it": " close ,\t X-Hop \t, keep-alive",
        "empty members": ",, X-Hop,,",
        "what is not there": "X-Nowhere",
        "the beginning of a name": "X-H",
        "only close": "close",
        "nothing": "",
    }.items():
        once(group, f"Connection names {comment}", "Connection", headers=[["Connection", value], *x])
    once(group, "Connection comes after what it names", "Connection", headers=[*x, ["Connection", "X-Hop"]])
    once(group, "two Connection lines", "Connection", headers=[["Connection", "X-Hop"], *x, ["connection", "x-other"]])
    once(group, "every line of a name that Connection names", "Connection", headers=[["X-Hop", "1"], ["Connection", "X-Hop"], ["X-HOP", "2"], ["Y", "3"]])


def order(group):
    once(group, "duplicates, in order", "Order", headers=[["X-A", "1"], ["X-B", "2"], ["X-A", "3"], ["X-A", "1"]])
    once(group, "Link twice", "Order", headers=[["Link", "</a>"], ["Link", "</b>"]])
    once(group, "a value of no bytes", "Order", headers=[["X-A", ""], ["X-B", "1"]])
    once(group, "a value of bytes past 0x7f", "Order", headers=[["X-A", {"hex": "e9ff80"}], ["X-B", {"hex": "c3a9"}]])
    once(group, "a value of latin-1 and one of UTF-8", "Order", headers=[["X-L", {"hex": "fc"}], ["X-U", {"hex": "c3bc"}]])
    once(group, "a value with a comma and quotes", "Order", headers=[["X-A", 'a, "b,c"'], ["X-B", "a;b=1"]])
    once(group, "a hundred headers", "Order", headers=[[f"X-{n}", str(n)] for n in range(100)])


def omitted(group):
    for count, kept in ((0, True), (15, True), (16, True), (17, False), (64, False), (4096, False)):
        with Operation(group, f"16 bytes are kept at most: {count}", "Omitted") as s:
            s.begin(0, "execute", "a")
            s.complete("a", 1, body="x" * count)
            s.begin(2, "replay" if kept else "response_unavailable")
            s.begin(3, "replay" if kept else "response_unavailable")
    for status in (200, 201, 404, 302):
        with Operation(group, f"the status of what is not kept: {status}", "Omitted") as s:
            s.begin(0, "execute", "a")
            s.complete("a", 1, status=status, body="a body of more than 16 bytes", headers=[["X", "1"]])
            s.begin(2, "response_unavailable")
    for status, path in ((500, "/orders"), (500, "/explicit"), (429, "/store")):
        with Operation(group, f"what is released is not kept either: {status} on {path}", "Omitted") as s:
            s.begin(0, "execute", "a", scope=to(path))
            s.complete("a", 1, status=status, body="a body of more than 16 bytes")
            s.begin(2, "execute", scope=to(path))
    with Operation(group, "stored by on_5xx", "Omitted") as s:
        s.begin(0, "execute", "a", scope=to("/store"))
        s.complete("a", 1, status=502, body="a body of more than 16 bytes")
        s.begin(2, "response_unavailable", scope=to("/store"))
    with Operation(group, "bytes count, not characters", "Omitted") as s:
        s.begin(0, "execute", "a")
        s.complete("a", 1, body="\u00e9" * 9)
        s.begin(2, "response_unavailable")
    with Operation(group, "the same large answer once more", "Omitted") as s:
        s.begin(0, "execute", "a")
        s.complete("a", 1, body="a body of more than 16 bytes")
        s.complete("a", 2, body="a body of more than 16 bytes")
        s.begin(3, "response_unavailable")
    with Operation(group, "a stale worker learns nothing of an answer that is not kept", "Omitted") as s:
        s.begin(0, "execute", "a")
        s.begin(40, "resume", "b")
        s.complete("b", 41, body="a body of more than 16 bytes")
        s.complete("a", 42, "stale")
    with Operation(group, "until the retention is over", "Omitted") as s:
        s.begin(0, "execute", "a")
        s.complete("a", 1, body="a body of more than 16 bytes")
        s.begin((86401, -1), "response_unavailable")
        s.begin(86401, "execute")
    with Operation(group, "a cap that was raised does not bring it back", "Omitted") as s:
        s.begin(0, "execute", "a")
        s.complete("a", 1, body="a body of more than 16 bytes")
        s.change(2)
        s.begin(3, "response_unavailable")


def named(group):
    once(group, "headers of the policy's list are not kept", "NeverStored", headers=[["x-trace", "1"], ["Server", "s"], ["X-Other", "2"], ["X-TRACE", "3"]])
    once(group, "those that are never kept stay so", "NeverStored", headers=[["Set-Cookie", SECRET], ["Date", "now"], ["X-Other", "2"]])
    once(group, "the name of the mark is the policy's", "Replay", headers=[["X-Other", "2"]])
