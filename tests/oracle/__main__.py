"""`python3 tests/oracle` writes tests/vectors; with --check it fails if a committed test would change or go."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import cases_config  # noqa: E402
import cases_config_idempotency  # noqa: E402
import cases_config_limits  # noqa: E402
import cases_format  # noqa: E402
import cases_headers_read  # noqa: E402
import cases_headers_render  # noqa: E402
import cases_idempotency_answer  # noqa: E402
import cases_idempotency_fingerprint  # noqa: E402
import cases_idempotency_key  # noqa: E402
import cases_idempotency_scope  # noqa: E402
import cases_idempotency_time  # noqa: E402
import cases_idempotency_walk  # noqa: E402
import cases_jws  # noqa: E402
import cases_jwt  # noqa: E402
import cases_jwt_foreign  # noqa: E402
import cases_kpi_animals  # noqa: E402
import cases_kpi_arguments  # noqa: E402
import cases_kpi_first  # noqa: E402
import cases_kpi_growth  # noqa: E402
import cases_kpi_moments  # noqa: E402
import cases_kpi_published  # noqa: E402
import cases_kpi_report  # noqa: E402
import cases_kpi_samples  # noqa: E402
import cases_kpi_scores  # noqa: E402
import cases_limits  # noqa: E402
import cases_limits_first  # noqa: E402
import cases_limits_tables  # noqa: E402
import cases_lockout  # noqa: E402
import cases_refresh  # noqa: E402
import cases_refresh_policy  # noqa: E402
import cases_webhook  # noqa: E402
import cases_webhook_sequence  # noqa: E402
import fixed_values  # noqa: E402

MODULES = (
    cases_config,
    cases_config_idempotency,
    cases_config_limits,
    cases_format,
    cases_headers_read,
    cases_headers_render,
    cases_idempotency_answer,
    cases_idempotency_fingerprint,
    cases_idempotency_key,
    cases_idempotency_scope,
    cases_idempotency_time,
    cases_idempotency_walk,
    cases_jws,
    cases_jwt,
    cases_jwt_foreign,
    cases_kpi_animals,
    cases_kpi_arguments,
    cases_kpi_first,
    cases_kpi_growth,
    cases_kpi_moments,
    cases_kpi_published,
    cases_kpi_report,
    cases_kpi_samples,
    cases_kpi_scores,
    cases_limits,
    cases_limits_first,
    cases_limits_tables,
    cases_lockout,
    cases_refresh,
    cases_refresh_policy,
    cases_webhook,
    cases_webhook_sequence,
)


def main() -> int:
    fixed_values.check()
    files = [file for module in MODULES for file in module.build()]
    if sys.argv[1:] == ["--check"]:
        changes = [change for file in files for change in file.changes()]
        print("\n".join(changes) or f"{len(files)} files: no committed test would change")
        return 1 if changes else 0
    if sys.argv[1:]:
        print(__doc__)
        return 2
    for file in files:
        file.write()
        print(file.path.relative_to(file.path.parent.parent), sum(len(group.tests) for group in file.groups))
    return 0


if __name__ == "__main__":
    sys.exit(main())
