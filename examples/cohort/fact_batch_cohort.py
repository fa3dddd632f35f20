"""The cohort table of a farm's batches, as it was computed and as it is meant.

`python fact_batch_cohort.py [fact_batch.csv]` prints both, with what moved each batch. docs/cohort.md says why.
"""

from __future__ import annotations

import csv
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

from gatewright import kpi

# How much each figure counts, and which way it is better.
WEIGHTS = {
    "fcr": {"weight": 3.0, "lower_is_better": True},
    "adg": {"weight": 2.0, "lower_is_better": False},
    "survival": {"weight": 2.0, "lower_is_better": False},
    "uniformity": {"weight": 1.0, "lower_is_better": False},
    "health": {"weight": 2.0, "lower_is_better": False},
}
ADG_TARGET_KG = 0.060


@dataclass(frozen=True)
class Batch:
    """A row of the facts; what the farm did not write down is None."""

    id: str
    placed: int
    dead: int
    culled: int
    moved_out: int
    feed_kg: float
    live_weight_out_kg: float | None
    sold: int | None
    age_days: int
    weights_g: list[int]
    morbidity: float | None
    treatment: float | None


def read(path: Path) -> list[Batch]:
    """The batches of a CSV file."""
    with path.open(newline="", encoding="utf-8") as file:
        return [
            Batch(
                id=row["batch"],
                placed=int(row["placed"]),
                dead=int(row["dead"]),
                culled=int(row["culled"]),
                moved_out=int(row["moved_out"]),
                feed_kg=float(row["feed_kg"]),
                live_weight_out_kg=float(row["live_weight_out_kg"]) if row["live_weight_out_kg"] else None,
                sold=int(row["sold"]) if row["sold"] else None,
                age_days=int(row["age_days"]),
                weights_g=[int(weight) for weight in row["weights_g"].split()],
                morbidity=float(row["morbidity"]) if row["morbidity"] else None,
                treatment=float(row["treatment"]) if row["treatment"] else None,
            )
            for row in csv.DictReader(file)
        ]


def as_it_was(batches: list[Batch]) -> list[tuple[str, int, float]]:
    """The table by the rules that it had: kept only to show what they do."""
    rows = []
    for batch in batches:
        weight = (batch.live_weight_out_kg or 0.0) / (batch.sold or batch.placed)
        mean, sd = statistics.fmean(batch.weights_g), statistics.pstdev(batch.weights_g)
        rows.append(
            {
                "id": batch.id,
                # No weight yet: a conversion of 0, the best there is.
                "fcr": batch.feed_kg / batch.live_weight_out_kg if batch.live_weight_out_kg else 0.0,
                # kg a day against a target in g a day, or the other way round: a constant that says nothing.
                "adg": weight * 1000 / batch.age_days - ADG_TARGET_KG,
                # Animals moved alive to another house count as dead.
                "survival": (batch.placed - batch.dead - batch.culled - batch.moved_out) / batch.placed,
                "uniformity": 100 - 100 * sd / mean,
                # Nothing was written down: perfect health.
                "health": 0.4 * max(0, 100 - 1000 * batch.dead / batch.placed)
                + 0.3 * max(0, 100 - 100 * (batch.morbidity or 0))
                + 0.3 * max(0, 100 - 100 * (batch.treatment or 0)),
            }
        )
    scores = {str(row["id"]): 0.0 for row in rows}
    for name, weight in WEIGHTS.items():
        values = [float(row[name]) for row in rows]
        low, high = min(values), max(values)
        for row, value in zip(rows, values, strict=True):
            norm = (value - low) / (high - low) if high > low else 0.0
            norm = 1 - norm if weight["lower_is_better"] else norm
            scores[str(row["id"])] += norm * weight["weight"] / 10
    ordered = sorted(scores.items(), key=lambda item: -item[1])
    return [(batch, place, score) for place, (batch, score) in enumerate(ordered, start=1)]


def figures(batch: Batch) -> dict[str, float | None]:
    """The figures of a batch by the definitions of docs/kpi.md: units in the names, and None where there is none."""
    feed_g = round(batch.feed_kg * 1000)
    sold_g = None if batch.live_weight_out_kg is None else round(batch.live_weight_out_kg * 1000)
    animals = {"placed": batch.placed, "dead": batch.dead, "culled": batch.culled, "moved_out": batch.moved_out}
    mortality = kpi.mortality(**animals).value
    health = None
    if None not in (mortality, batch.morbidity, batch.treatment):
        health = kpi.health_farm(mortality=mortality, morbidity=batch.morbidity, treatment=batch.treatment).value
    mean_g = round(sold_g / batch.sold) if sold_g and batch.sold else None
    return {
        "fcr": None if sold_g is None else kpi.fcr_live_weight(feed_g=feed_g, live_weight_out_g=sold_g).value,
        "adg": None if mean_g is None else kpi.adg_from_zero(weight_g=mean_g, age_days=batch.age_days).value,
        "survival": kpi.survival_at_risk(**animals).value,
        "uniformity": kpi.uniformity_score(weights=batch.weights_g).value,
        "health": health,
    }


def as_it_is_meant(batches: list[Batch]) -> list[kpi.Ranked]:
    """The table by `rank.v1`: norms over the cohort, weights, coverage, ties that share a rank."""
    return kpi.rank(cohort=[{"id": batch.id, "figures": figures(batch)} for batch in batches], weights=WEIGHTS)


def main() -> None:
    """Prints both tables."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("fact_batch.csv")
    batches = read(path)
    print("as it was       rank  score")
    for batch, place, score in as_it_was(batches):
        print(f"  {batch:<12}  {place:>4}  {score:5.3f}")
    print("as it is meant  rank  score  coverage")
    for ranked in as_it_is_meant(batches):
        rank = "-" if ranked.rank is None else ranked.rank
        score = "-" if ranked.score is None else f"{ranked.score:5.3f}"
        print(f"  {ranked.id:<12}  {rank:>4}  {score:>5}  {ranked.coverage:8.0%}")


if __name__ == "__main__":
    main()
