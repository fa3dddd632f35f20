package io.github.gatewright

import io.github.gatewright.internal.ffi.FfiDevice
import io.github.gatewright.internal.ffi.FfiLogin
import io.github.gatewright.internal.microsOf
import java.time.Instant

/**
 * Who logs in. [subject] and [client] are required. Names have at most 255 bytes.
 *
 * ```
 * val pair = gate.tokens.issue(Login(tenant = "acme", subject = "u-42", client = "web", roles = listOf("operator")))
 * ```
 *
 * @property tenant the tenant; empty in a system that has only one.
 * @property subject the user.
 * @property client the client of the policy that he logs in with.
 * @property roles what he may do; fixed for the session.
 * @property scope scope text, as OAuth writes it.
 * @property device the device.
 * @property claims further claims of the access token: the text of a JSON object.
 * @property authTime when he proved who he is. Default: now.
 * @property amr how he proved it (RFC 8176).
 * @property dpopJkt the thumbprint of his DPoP key. Not in this version: given, it is `invalid_argument`.
 * @property context the request that led here.
 */
public class Login @JvmOverloads constructor(
    public val tenant: String = "",
    public val subject: String,
    public val client: String,
    public val roles: List<String> = emptyList(),
    public val scope: String = "",
    public val device: Device? = null,
    public val claims: String? = null,
    public val authTime: Instant? = null,
    public val amr: List<String> = emptyList(),
    public val dpopJkt: String? = null,
    public val context: RequestContext? = null,
) {
    internal fun toFfi(): FfiLogin = FfiLogin(
        tenant = tenant,
        subject = subject,
        client = client,
        roles = roles,
        scope = scope,
        device = device?.toFfi(),
        claims = claims,
        authTime = authTime?.let { microsOf("auth_time", it) },
        amr = amr,
        dpopJkt = dpopJkt,
        context = context?.toFfi(),
    )

    /** Who, and with what. */
    override fun toString(): String = "Login(tenant=$tenant, subject=$subject, client=$client)"
}

/**
 * The device of a login. Only [id] is required.
 *
 * @property id what the client calls itself, stable across logins.
 * @property kind as `tablet`.
 * @property name as its owner calls it.
 * @property platform as `android`.
 * @property appVersion the version of the client's program.
 */
public class Device @JvmOverloads constructor(
    public val id: String,
    public val kind: String = "",
    public val name: String = "",
    public val platform: String = "",
    public val appVersion: String = "",
) {
    internal fun toFfi(): FfiDevice = FfiDevice(id, kind, name, platform, appVersion)

    /** The device's id. */
    override fun toString(): String = "Device($id)"
}

/**
 * A DPoP proof and the request that it covers. Not in this version: a call that is given one is `invalid_argument`.
 *
 * @property proof the proof, a JWT.
 * @property method the request's HTTP method.
 * @property url the request's URL.
 */
public class DpopProof(public val proof: String, public val method: String, public val url: String) {
    /** The request. */
    override fun toString(): String = "DpopProof($method $url)"
}
