"""Idempotency keys and rate limits for ASGI applications: FastAPI, Starlette, or any other. Needs no framework.

It decides nothing by itself: it reads the request, asks the gate, and sends what the gate says.
"""

from gatewright.asgi.idempotency import Caller, IdempotencyMiddleware, step_of
from gatewright.asgi.limits import RateLimit, Rule, decision_of
from gatewright.asgi.messages import App, Message, Receive, Scope, Send

__all__ = [
    "App",
    "Caller",
    "IdempotencyMiddleware",
    "Message",
    "RateLimit",
    "Receive",
    "Rule",
    "Scope",
    "Send",
    "decision_of",
    "step_of",
]
