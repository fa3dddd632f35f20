//! Domains of later versions: their members are known, and checked for form.

use super::*;

#[test]
fn limits() {
    let tier = "{ id = \"minute\", limit = 100, period = \"1m\" }";
    let field = |member: &str| format!("limits.policies[0].tiers[0].{member}");
    for (to, member) in [
        ("{ id = \"Minute\", limit = 100, period = \"1m\" }", "id"),
        ("{ id = \"minute\", limit = 0, period = \"1m\" }", "limit"),
        ("{ id = \"minute\", limit = 100, period = \"1us\" }", "period"),
        ("{ id = \"minute\", limit = 100 }", "period"),
        ("{ id = \"minute\", limit = 100, period = \"1m\", algo = \"leaky\" }", "algo"),
        ("{ id = \"minute\", limit = 100, period = \"1m\", burst = 2147483648 }", "burst"),
    ] {
        assert_fault(tier, to, &field(member), "");
    }
    assert_fault("id = \"hour\"", "id = \"minute\"", "limits.policies[0].tiers[1].id", "already taken");
    assert_fault("id = \"login\"\ntiers", "id = \"tenant\"\ntiers", "limits.policies[1].id", "already taken");
    assert_fault("{ local = 0.5 }", "{ local = 1.5 }", "limits.policies[0].on_store_error.local", "at most 1");
    assert_fault("{ local = 0.5 }", "{}", "limits.policies[0].on_store_error.local", "share");
    assert_fault("{ local = 0.5 }", "\"maybe\"", "limits.policies[0].on_store_error", "\"allow\", \"deny\"");
    assert_fault("subject = \"email\"\non_store", "subject = \"phone\"\non_store", "limits.policies[1].subject", "\"email\"");
    let quarter = "tiers = [{ id = \"quarter\", limit = 5, period = \"15m\", algo = \"sliding_log\" }]";
    assert_loads(quarter, "preset = \"login\"\nrefundable = true\nmax_keys = 1000\non_full = \"evict\"\ninherit = \"reset\"");
    assert_loads(
        quarter,
        "tiers = [{ id = \"m\", limit = 5, algo = \"calendar\", unit = \"month\", tz_offset_min = -720 }, { id = \"c\", limit = 5, algo = \"concurrent\", lease_ttl = \"1m\" }]",
    );
    assert_loads(quarter, "preset = \"outbound\"\nreserve_max_wait = \"1s\"");
    assert_fault(quarter, "reserve_max_wait = \"1s\"\npreset = \"login\"", "limits.policies[1].reserve_max_wait", "token buckets");
    assert_fault(quarter, &format!("{quarter}\npreset = \"login\""), "limits.policies[1].preset", "not both");
    assert_fault(quarter, "tiers = []", "limits.policies[1].tiers", "1 to 8");
}

#[test]
fn lockout_and_http() {
    assert_fault("threshold = 10", "threshold = 0", "lockout.policies[0].threshold", "from 1 to");
    assert_fault("window = \"24h\"", "window = \"x\"", "lockout.policies[0].window", "write a duration");
    assert_fault("threshold = 10", "tries = 10", "lockout.policies[0].tries", "duration, id, multiplier");
    assert_fault("errors = \"problem\"", "errors = \"html\"", "http.errors", "\"problem\", \"envelope\"");
    assert_fault("rate_limit_headers = [\"legacy\"]", "rate_limit_headers = [\"draft-8\"]", "http.rate_limit_headers[0]", "\"draft-10\"");
    assert_fault("rate_limit_headers = [\"legacy\"]", "rate_limit_headers = \"legacy\"", "http.rate_limit_headers", "list");
}
