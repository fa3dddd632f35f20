package io.github.gatewright

/**
 * Whose idempotent request it is, and to what. The same key of another caller, or on another path, is another key.
 *
 * @property tenant the tenant; empty where there is a principal.
 * @property principal who calls, within the tenant; empty where there is a tenant.
 * @property method the HTTP method, as received.
 * @property path the raw path, without the query.
 */
public class Scope(
    public val tenant: String = "",
    public val principal: String = "",
    public val method: String,
    public val path: String,
) {
    /** The method and the path. */
    override fun toString(): String = "Scope(tenant=$tenant, principal=$principal, $method $path)"
}
