"""Tokens, sessions and epochs for asyncio."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from gatewright import _core
from gatewright._core import Claims, TokenPair
from gatewright.types import Body, Context, Device, Json

__all__ = ["Epochs", "Sessions", "Tokens"]


class Tokens:
    """The calls on tokens: `gate.tokens`."""

    __slots__ = ("_calls",)

    def __init__(self, calls: _core.AsyncTokens) -> None:
        self._calls = calls

    async def issue(
        self,
        *,
        subject: str,
        client: str,
        tenant: str | None = None,
        roles: Iterable[str] | None = None,
        scope: str | None = None,
        device: Device | None = None,
        claims: Json | None = None,
        auth_time: datetime | None = None,
        amr: Iterable[str] | None = None,
        dpop_jkt: str | None = None,
        context: Context | None = None,
    ) -> TokenPair:
        """Begin a session and give its first pair of tokens. See `gatewright.Tokens.issue`."""
        return await self._calls.issue(
            subject=subject,
            client=client,
            tenant=tenant,
            roles=roles,
            scope=scope,
            device=device,
            claims=claims,
            auth_time=auth_time,
            amr=amr,
            dpop_jkt=dpop_jkt,
            context=context,
        )

    async def refresh(
        self,
        token: str,
        *,
        retry_key: Body | None = None,
        dpop: Mapping[str, str] | None = None,
        client: str | None = None,
        tenant: str | None = None,
        device_id: str | None = None,
        context: Context | None = None,
    ) -> TokenPair:
        """Exchange a refresh token for the next pair. See `gatewright.Tokens.refresh`."""
        return await self._calls.refresh(
            token,
            retry_key=retry_key,
            dpop=dpop,
            client=client,
            tenant=tenant,
            device_id=device_id,
            context=context,
        )

    async def refresh_access_only(
        self,
        token: str,
        *,
        dpop: Mapping[str, str] | None = None,
        client: str | None = None,
        tenant: str | None = None,
        device_id: str | None = None,
        context: Context | None = None,
    ) -> TokenPair:
        """Give an access token and change nothing; for confidential clients."""
        return await self._calls.refresh_access_only(
            token, dpop=dpop, client=client, tenant=tenant, device_id=device_id, context=context
        )

    def verify(self, access: str, issuer: str | None = None, dpop: Mapping[str, str] | None = None) -> Claims:
        """Verify an access token against the local view; touches memory only."""
        return self._calls.verify(access, issuer, dpop)

    async def verify_fresh(self, access: str, dpop: Mapping[str, str] | None = None) -> Claims:
        """Verify one of our own access tokens after a refresh of the local view from the store."""
        return await self._calls.verify_fresh(access, dpop)

    async def confirm(self, access: str) -> None:
        """Note that the client has its latest pair: the lost-response window shuts."""
        await self._calls.confirm(access)

    async def revoke(self, token: str, *, context: Context | None = None) -> None:
        """End the session of a refresh token (any generation) or of an own access token: log-out."""
        await self._calls.revoke(token, context=context)


class Sessions:
    """The calls on sessions: `gate.sessions`."""

    __slots__ = ("_calls",)

    def __init__(self, calls: _core.AsyncSessions) -> None:
        self._calls = calls

    async def revoke(self, tenant: str, subject: str, session_id: str, *, context: Context | None = None) -> None:
        """End one session of a subject. Ending a dead session is answered well."""
        await self._calls.revoke(tenant, subject, session_id, context=context)

    async def revoke_others(self, tenant: str, subject: str, *, keep: str, context: Context | None = None) -> int:
        """End all sessions of a subject but `keep`; say how many."""
        return await self._calls.revoke_others(tenant, subject, keep=keep, context=context)

    async def revoke_all(self, tenant: str, subject: str, *, context: Context | None = None) -> int:
        """End all sessions of a subject; say how many rows were ended at once."""
        return await self._calls.revoke_all(tenant, subject, context=context)


class Epochs:
    """The calls on epochs: `gate.epochs`. Each gives the new version."""

    __slots__ = ("_calls",)

    def __init__(self, calls: _core.AsyncEpochs) -> None:
        self._calls = calls

    async def bump_subject(self, tenant: str, subject: str, reason: str, *, context: Context | None = None) -> int:
        """All tokens of a subject die at once."""
        return await self._calls.bump_subject(tenant, subject, reason, context=context)

    async def bump_tenant(self, tenant: str, reason: str, *, context: Context | None = None) -> int:
        """All tokens of a tenant die at once."""
        return await self._calls.bump_tenant(tenant, reason, context=context)

    async def bump_all(self, reason: str, *, context: Context | None = None) -> int:
        """All tokens of the installation die at once."""
        return await self._calls.bump_all(reason, context=context)
