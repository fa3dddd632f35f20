"""The example of the README."""

from gatewright import Gate

with Gate.open("gatewright.toml") as gate:
    pair = gate.tokens.issue(tenant="acme", subject="u-42", client="web", roles=["operator"])
    pair = gate.tokens.refresh(pair.refresh_token)
    print("hello", gate.tokens.verify(pair.access_token).subject)

    body = b'{"event":"barrier_opened"}'
    headers = gate.webhooks.sign("parking", body)
    with gate.webhooks.verify("parking", headers, body) as message:  # leaving the block commits
        print("signed with", message.key_id)
