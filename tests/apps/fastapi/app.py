"""The FastAPI app of tests/apps: routes with the middleware, by hand and bare, for the suite in tests/http."""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import signal
import socket
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse

import gatewright
from gatewright import aio
from gatewright.asgi import Caller, IdempotencyMiddleware, RateLimit, Scope, step_of
from gatewright.errors import BodyTooLarge, GatewrightError

MAX_BODY = 65_536
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
MEMBERS = {"id", "steps", "status", "headers", "body", "size", "chunks", "fail_after"}


def plan_of(request: Request) -> dict[str, Any]:
    """The plan of a request: see the README beside the apps."""
    plan: dict[str, Any] = json.loads(request.headers.get("x-plan", "{}"))
    if unknown := plan.keys() - MEMBERS:
        raise ValueError(f"bad plan: {unknown}")
    return {"id": "", "steps": [], "status": 201, "headers": [], "chunks": 0, **plan}


class App:
    """The gate and the journal of one process."""

    def __init__(self, gate: aio.Gate, journal: int) -> None:
        self.gate = gate
        self.journal = journal

    async def run(self, plan: dict[str, Any], step: aio.Step | None, received: int) -> gatewright.Response:
        """Do the steps, and give the answer."""
        reached = step.checkpoint_reached if step else None
        line = f"{plan['id']} {step.attempt if step else 0} {reached.name if reached else '-'}\n"
        os.write(self.journal, line.encode())
        for name, *given in plan["steps"]:
            match name:
                case "until":
                    while not Path(given[0]).exists():
                        await asyncio.sleep(0.01)
                case "tell":
                    os.write(self.journal, f"{plan['id']} {given[0]}\n".encode())
                case "sleep":
                    await asyncio.sleep(given[0] / 1000)
                case "throw":
                    raise RuntimeError("the plan says so")
                case "crash":
                    os.kill(os.getpid(), signal.SIGKILL)
                case "mark" if step:
                    await step.mark_effects()
                case "checkpoint" if step:
                    await step.checkpoint(given[0], given[1].encode())
                case "renew" if step:
                    await step.renew()
                case "release" if step:
                    await step.release()
        os.write(self.journal, f"{plan['id']} done\n".encode())

        headers = [(name, value) for name, value in plan["headers"]]
        if "body" in plan:
            return gatewright.Response(plan["status"], headers, base64.b64decode(plan["body"]))
        if "size" in plan:
            return gatewright.Response(plan["status"], headers, b"x" * plan["size"])
        document = {
            "id": plan["id"],
            "run": uuid.uuid4().hex,
            "attempt": step.attempt if step else None,
            "fence": step.fence if step else None,
            "checkpoint": [reached.name, reached.data.decode()] if reached else None,
            "bytes": received,
        }
        return gatewright.Response(
            plan["status"], [("content-type", "application/json"), *headers], json.dumps(document).encode()
        )

    async def act(self, request: Request) -> Response:
        """What the plan says, with the step that the middleware has left, if it is there."""
        plan = plan_of(request)
        return message(await self.run(plan, step_of(request.scope), len(await request.body())), plan)

    async def by_hand(self, request: Request) -> Response:
        """The same without the middleware: what an app does that calls the gate itself."""
        plan = plan_of(request)
        try:
            body = await request.body()
            if len(body) > MAX_BODY:
                raise BodyTooLarge("the body of this request is larger than is allowed here; send less")
            answer = await self.gate.idempotency.run(
                lambda step: self.run(plan, step, len(body)),
                key=[value for name, value in request.headers.raw if name == b"idempotency-key"],
                scope={**caller(request.scope), "method": request.method, "path": request.scope["raw_path"].decode()},
                body=body,
                content_type=request.headers.get("content-type"),
                query=request.scope["query_string"].decode("latin-1"),
            )
        except GatewrightError as error:
            answer = self.gate.problem(error)
        return message(answer, {"chunks": 0})


    async def counted(self, request: Request) -> Response:
        """A limit without the middleware: the app asks the gate, and tells what is left."""
        plan = plan_of(request)
        limits = self.gate.limits
        try:
            decision = await limits.check(*charge(request.scope))
        except GatewrightError as error:
            return message(self.gate.problem(error), {"chunks": 0})
        if not decision.allowed:
            return message(limits.problem(decision), {"chunks": 0})
        answer = await self.run(plan, None, len(await request.body()))
        told = gatewright.Response(answer.status, [*answer.headers, *limits.headers(decision)], answer.body)
        return message(told, plan)


def message(answer: gatewright.Response, plan: dict[str, Any]) -> Response:
    """The answer as the framework's, in pieces where the plan says so."""
    response = StreamingResponse(pieces(answer.body, plan)) if plan["chunks"] else Response(answer.body)
    length = [header for header in response.raw_headers if header[0] == b"content-length"]
    response.status_code = answer.status
    own = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    response.raw_headers = own + ([] if answer.status in (204, 304) else length)
    return response


async def pieces(body: bytes, plan: dict[str, Any]) -> AsyncIterator[bytes]:
    at = 0
    for left in range(plan["chunks"], 0, -1):
        if plan["chunks"] - left == plan.get("fail_after"):
            raise RuntimeError("the plan says so")
        size = -(-(len(body) - at) // left)
        yield body[at : at + size]
        at += size
        await asyncio.sleep(0.005)


def caller(scope: Scope) -> Caller:
    """Whose requests these are; a service takes this from its authentication."""
    headers = dict(scope["headers"])
    return {"tenant": headers.get(b"x-tenant", b"").decode(), "principal": headers.get(b"x-user", b"").decode()}


def charge(scope: Scope) -> tuple[str, str, int]:
    """What a request is charged: one unit of the policy that its path names, or as many as it says."""
    headers = dict(scope["headers"])
    policy = scope["raw_path"].decode().split("/")[2]
    return policy, headers.get(b"x-tenant", b"").decode(), int(headers.get(b"x-cost", b"1"))


def application(app: App) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await app.gate.close()

    routes = FastAPI(lifespan=lifespan)

    @routes.get("/health", status_code=204)
    async def health() -> None:
        await app.gate.health()

    def mounted(**options: Any) -> FastAPI:
        part = FastAPI()
        part.add_api_route("/{rest:path}", app.act, methods=METHODS)
        part.add_middleware(IdempotencyMiddleware, gate=app.gate, caller=caller, max_body=MAX_BODY, **options)
        return part

    routes.mount("/op", mounted())
    routes.mount("/open", mounted(required=False))
    routes.add_api_route("/hand/{rest:path}", app.by_hand, methods=METHODS)
    routes.add_api_route("/bare/{rest:path}", app.act, methods=METHODS)
    limited = FastAPI()
    limited.add_api_route("/{rest:path}", app.act, methods=METHODS)
    limited.add_middleware(RateLimit, gate=app.gate, rule=charge)
    routes.mount("/limited", limited)
    routes.add_api_route("/counted/{rest:path}", app.counted, methods=METHODS)
    return routes


class Server(uvicorn.Server):
    """Ends with code 0 when it is told to; uvicorn's own repeats the signal at itself."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.handle_exit, signal.SIGTERM, None)
        yield


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--policy", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--journal", required=True)
    options = parser.parse_args()
    gate = await aio.Gate.open(options.policy)
    journal = os.open(options.journal, os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    listener = socket.create_server(("127.0.0.1", options.port), backlog=128)
    config = uvicorn.Config(
        application(App(gate, journal)), server_header=False, date_header=False, log_level="warning", access_log=False
    )
    serving = asyncio.create_task(Server(config).serve(sockets=[listener]))
    print(f"listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)
    await serving


asyncio.run(main())
