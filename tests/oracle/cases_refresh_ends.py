"""Sequences on the end of sessions: revocation and epochs."""

from cases_refresh import DAY, POLICY, forged
from script import Sequence


def fill(file):
    group = file.group("refresh.sequence", policy=POLICY, seed={"hex": "06"})
    new = lambda comment, *flags: Sequence(group, comment, *flags)
    log_out(new)
    sessions(new)
    epochs(new)


def log_out(new):
    with new("revoke by the current token", "Revoke") as s:
        s.issue()
        s.refresh("a", 600, "rotated", "b")
        s.verify("b", 601)
        s.step("revoke", 602, "valid", token="$b.refresh_token")
        s.refresh("b", 603, "revoked")
        s.refresh("a", 603, "revoked")
        s.verify("b", 603, "jwt_revoked")
        s.verify("a", 603, "jwt_revoked")
        s.verify("b", 603, "jwt_revoked", op="verify_fresh")
    with new("revoke by an old generation", "Revoke") as s:
        s.issue()
        s.refresh("a", 600, "rotated", "b")
        s.refresh("b", 1200, "rotated", "c")
        s.step("revoke", 1300, "valid", token="$a.refresh_token")
        s.refresh("c", 1301, "revoked")
    with new("revoke by a generation that the store does not know", "Revoke") as s:
        token = s.issue()["refresh_token"]
        s.step("revoke", 1, "valid", token=forged(token, gen=7))
        s.refresh("a", 2, "revoked")
    with new("revoke by an access token", "Revoke") as s:
        s.issue(client="tablet")
        s.step("revoke", 1, "valid", token="$a.access_token")
        s.refresh("a", 2, "revoked")
        s.verify("a", 2, "jwt_revoked")
    with new("revoke by an access token that has expired ends nothing", "Revoke") as s:
        s.issue()
        s.step("revoke", 930, "valid", token="$a.access_token")
        s.refresh("a", 931, "rotated")
    with new("revoke by an access token in its leeway", "Revoke") as s:
        s.issue()
        s.step("revoke", (930, -1), "valid", token="$a.access_token")
        s.refresh("a", 931, "revoked")
    with new("revoke of nonsense and of the unknown is answered well", "Revoke") as s:
        token = s.issue()["refresh_token"]
        for text in ("", "x", "gwr1_", token[:-1], token[:-1] + "_", "a.b.c", forged(token, family=bytes(16)), forged(token, flags=1)):
            s.step("revoke", 1, "valid", token=text)
        s.refresh("a", 2, "rotated")
    with new("revoke again is answered well", "Revoke") as s:
        s.issue()
        s.step("revoke", 1, "valid", token="$a.refresh_token")
        s.step("revoke", 2, "valid", token="$a.refresh_token")
        s.step("revoke", 2, "valid", token="$a.access_token")
        s.refresh("a", 3, "revoked")
    with new("no grace inside W_conc", "Revoke") as s:
        s.issue()
        s.refresh("a", 600, "rotated", "b")
        s.step("revoke", 601, "valid", token="$b.refresh_token")
        s.refresh("a", 602, "revoked")
        s.refresh("b", 602, "revoked")
    with new("no grace inside W_lost", "Revoke") as s:
        s.issue(client="tablet")
        s.refresh("a", 600, "rotated", "b", key="1")
        s.step("revoke", 601, "valid", token="$b.refresh_token")
        s.refresh("a", 602, "revoked", key="1")
    with new("a clock step back revives nothing", "Revoke") as s:
        s.issue(at=1000)
        s.refresh("a", 1600, "rotated", "b")
        s.step("revoke", 100, "valid", token="$b.refresh_token")
        s.refresh("b", 100, "revoked")
        s.verify("b", 1700, "jwt_revoked")
        s.verify("b", (2500 + 30, -1), "jwt_revoked")
        s.verify("b", 2500 + 30, "jwt_expired")
    with new("revoke leaves the subject's other sessions", "Revoke") as s:
        s.issue("a")
        s.issue("x", client="tablet")
        s.step("revoke", 1, "valid", token="$a.refresh_token")
        s.verify("x", 2)
        s.refresh("x", 2, "rotated")


def sessions(new):
    def revoke(s, at, want="valid", tenant="acme", subject="u-42", session="$a.session_id"):
        s.step("sessions.revoke", at, want, tenant=tenant, subject=subject, session_id=session)

    with new("sessions.revoke", "Revoke") as s:
        s.issue()
        s.issue("x")
        revoke(s, 1)
        s.refresh("a", 2, "revoked")
        s.verify("a", 2, "jwt_revoked")
        s.refresh("x", 2, "rotated")
        s.verify("x", 2)
    with new("sessions.revoke again is answered well", "Revoke") as s:
        s.issue()
        revoke(s, 1)
        revoke(s, 2)
        s.refresh("a", 3, "revoked")
    with new("sessions.revoke of another subject or tenant", "Revoke") as s:
        s.issue()
        revoke(s, 1, "session_not_found", subject="u-43")
        revoke(s, 1, "session_not_found", tenant="other")
        revoke(s, 1, "session_not_found", tenant="")
        revoke(s, 1, "session_not_found", session="AAECAwQFBgcICQoLDA0ODw")
        s.refresh("a", 2, "rotated")
    with new("sessions.revoke_others", "Revoke") as s:
        s.issue("a")
        s.issue("x", at=1, client="tablet")
        s.issue("y", at=2)
        s.issue("z", at=3, subject="u-43")
        s.refresh("y", 4, "rotated", "y2")
        s.step("sessions.revoke_others", 5, "valid", tenant="acme", subject="u-42", keep="$x.session_id")
        s.refresh("a", 6, "revoked")
        s.refresh("y2", 6, "revoked")
        s.verify("y2", 6, "jwt_revoked")
        s.refresh("x", 6, "rotated", "x2")
        s.verify("x2", 6)
        s.refresh("z", 6, "rotated")
    with new("sessions.revoke_others with a keep that is not live ends nothing", "Revoke") as s:
        s.issue("a")
        s.issue("x", at=1)
        s.issue("z", at=1, subject="u-43")
        others = dict(tenant="acme", subject="u-42")
        s.step("sessions.revoke_others", 2, "session_not_found", **others, keep="AAECAwQFBgcICQoLDA0ODw")
        s.step("sessions.revoke_others", 2, "session_not_found", **others, keep="$z.session_id")
        s.step("revoke", 3, "valid", token="$x.refresh_token")
        s.step("sessions.revoke_others", 4, "session_not_found", **others, keep="$x.session_id")
        s.refresh("a", 5, "rotated")
    with new("sessions.revoke_others with a keep that has expired", "Revoke", "Expiry") as s:
        s.issue("a")
        s.issue("x", at=10 * DAY)
        s.step("sessions.revoke_others", 30 * DAY, "session_not_found", tenant="acme", subject="u-42", keep="$a.session_id")
        s.refresh("x", 30 * DAY, "rotated")
    with new("sessions.revoke_others with a keep that is too old", "Revoke", "Epochs") as s:
        s.issue("a")
        s.issue("x")
        s.step("epochs.bump_tenant", 1, "valid", tenant="acme", reason="leak")
        s.issue("y", at=2)
        s.step("sessions.revoke_others", 3, "session_not_found", tenant="acme", subject="u-42", keep="$a.session_id")
        s.refresh("y", 4, "rotated")
    with new("sessions.revoke_all", "Revoke", "Epochs") as s:
        s.issue("a")
        s.issue("x", client="tablet")
        s.issue("z", subject="u-43")
        s.issue("w", tenant="other")
        s.step("sessions.revoke_all", 1, "valid", tenant="acme", subject="u-42")
        s.issue("n", at=2)
        s.refresh("a", 3, "revoked")
        s.refresh("x", 3, "revoked")
        s.verify("a", 3, "jwt_revoked")
        s.refresh("n", 3, "rotated", "m")
        s.verify("m", 3)
        s.refresh("z", 3, "rotated")
        s.refresh("w", 3, "rotated")
    with new("sessions.revoke_all and a login in the same instant", "Revoke", "Epochs") as s:
        s.issue("a")
        s.step("sessions.revoke_all", 0, "valid", tenant="acme", subject="u-42")
        s.issue("n", at=0)
        s.refresh("a", 0, "revoked")
        s.refresh("n", 0, "rotated")
        s.verify("n", 0)
        s.verify("a", 0, "jwt_revoked")
    with new("sessions.revoke_all of a subject without sessions", "Revoke", "Epochs") as s:
        s.step("sessions.revoke_all", 0, "valid", tenant="acme", subject="u-42")
        s.issue("n", at=1)
        s.refresh("n", 2, "rotated")


def epochs(new):
    def bump(s, at, level, **who):
        s.step(f"epochs.bump_{level}", at, "valid", show=("version", "value"), **who, reason="breach")

    subject, tenant = dict(tenant="acme", subject="u-42"), dict(tenant="acme")
    for level, who in (("subject", subject), ("tenant", tenant), ("all", {})):
        with new(f"bump_{level}", "Epochs") as s:
            s.issue("a")
            s.refresh("a", 600, "rotated", "b")
            bump(s, 601, level, **who)
            s.verify("b", 602, "jwt_revoked")
            s.verify("b", 602, "jwt_revoked", op="verify_fresh")
            s.refresh("b", 602, "version_too_old")
            s.refresh("b", 603, "revoked")
            s.refresh("a", 603, "revoked")
            s.issue("n", at=604)
            s.verify("n", 605)
            s.refresh("n", 605, "rotated")
        with new(f"bump_{level}: no grace in W_conc", "Epochs") as s:
            s.issue("a")
            s.refresh("a", 600, "rotated", "b")
            bump(s, 601, level, **who)
            s.refresh("a", 602, "version_too_old")
            s.refresh("b", 602, "revoked")
        with new(f"bump_{level}: whom it does not reach", "Epochs") as s:
            s.issue("a", subject="u-43")
            s.issue("b", tenant="other")
            s.issue("c", tenant="")
            bump(s, 1, level, **who)
            s.refresh("a", 2, "rotated" if level == "subject" else "version_too_old")
            s.refresh("b", 2, "version_too_old" if level == "all" else "rotated")
            s.refresh("c", 2, "version_too_old" if level == "all" else "rotated")
        with new(f"bump_{level} twice in one instant, then under a clock that is behind", "Epochs") as s:
            bump(s, 100, level, **who)
            bump(s, 100, level, **who)
            bump(s, 0, level, **who)
            s.issue("a", at=0)
            s.verify("a", 0)
            bump(s, 0, level, **who)
            s.verify("a", 1, "jwt_revoked")
            s.refresh("a", 1, "version_too_old")
    with new("a bump of all under a clock that is ahead shields nobody from the next bump of a subject", "Epochs") as s:
        bump(s, DAY, "all")
        s.issue("a", at=0)
        s.verify("a", 0)
        bump(s, 1, "subject", **subject)
        s.verify("a", 2, "jwt_revoked")
        s.refresh("a", 2, "version_too_old")
    with new("a bump of a tenant under a clock that is ahead, then of all", "Epochs") as s:
        bump(s, DAY, "tenant", **tenant)
        s.issue("a", at=0)
        bump(s, 1, "all")
        s.refresh("a", 2, "version_too_old")
    with new("a rotation does not raise a version", "Epochs") as s:
        s.issue("a")
        bump(s, 10, "subject", tenant="acme", subject="u-43")
        bump(s, 10, "tenant", tenant="other")
        s.refresh("a", 600, "rotated", "b")
        s.verify("b", 601)
        bump(s, 601, "all")
        s.refresh("b", 602, "version_too_old")
    with new("a login copies all three levels", "Epochs") as s:
        bump(s, 1, "subject", **subject)
        bump(s, 2, "tenant", **tenant)
        bump(s, 3, "all")
        s.issue("a", at=4)
        s.verify("a", 5)
        s.refresh("a", 6, "rotated", "b")
        s.verify("b", 7)
    with new("names that look alike are other subjects", "Epochs") as s:
        s.issue("a", tenant="ac", subject="meu-42")
        s.issue("b", tenant="acme", subject="u-42")
        bump(s, 1, "subject", **subject)
        s.refresh("a", 2, "rotated")
        s.refresh("b", 2, "version_too_old")
    with new("the empty tenant has an epoch of its own", "Epochs") as s:
        s.issue("a", tenant="")
        s.issue("b")
        bump(s, 1, "tenant", tenant="")
        s.refresh("a", 2, "version_too_old")
        s.refresh("b", 2, "rotated")
    with new("version before expiry, revocation before version", "Epochs", "Expiry") as s:
        s.issue("a")
        s.issue("b")
        s.step("revoke", 1, "valid", token="$b.refresh_token")
        bump(s, 2, "subject", **subject)
        s.refresh("a", 30 * DAY, "version_too_old")
        s.refresh("b", 3, "revoked")
    with new("reuse of a family that is too old", "Reuse", "Epochs") as s:
        s.issue("a")
        s.refresh("a", 600, "rotated", "b")
        bump(s, 700, "subject", **subject)
        s.refresh("a", 800, "version_too_old")
        s.refresh("b", 801, "revoked")
