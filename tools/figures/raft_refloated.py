"""The simulated elections of Raft Refloated (Howard et al., 2015), by our KRaft replica, beside their quantiles.

Scenario: scenarios/raft_refloated.json. Variants of theirs that are simulated here: `org` (three of five logs can win),
`ine-5` (all five), `fixed` (candidates wait 23 to 46 ms only). Not `expo` and `combo`: a candidate that backs off
exponentially is no policy of this replica; not `ine-1`: logs of which one alone can win must be equally short, and ours
are all different. From each result, theirs and ours, half a minimum time-out times a uniform draw is taken off, the
moment of the leader's loss.

Nothing is held to a bound but that every run elects: their RequestVote handler lets a candidate step down for a newer term
and refuse its vote all the same, which makes the narrow ranges slower than Raft's rules do.
"""
from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from . import plots
from .judge import Judge
from .simulate import ROOT, sweep

NAME = "raft_refloated"
SEEDS = 1_000
RANGES = ("150-151", "150-155", "150-175", "150-200", "150-300")
VARIANTS = {  # what differs from scenarios/raft_refloated.json
    "org": {},
    "fixed": {"/raft_paper/candidate_timeout": ["23ms", "46ms"]},
    "ine-5": {"/raft_paper/shorter_logs": 0},
}
QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
PHASE_SEED = 49


@dataclass(frozen=True)
class Curve:
    variant: str
    label: str
    published: dict
    ours: np.ndarray


def published() -> dict:
    return json.loads((ROOT / "tests/figures/data/raft_refloated.json").read_text())["variants"]


def run(judge: Judge, seeds: int, jobs: int) -> list[Curve]:
    numbers, curves = published(), []
    for variant, settings in VARIANTS.items():
        for label in RANGES:
            low, high = (int(end) for end in label.split("-"))
            result = sweep("raft_refloated", seeds, jobs,
                           {"/raft_paper/timeout": [f"{low}ms", f"{high}ms"], **settings})
            lost = np.random.default_rng(PHASE_SEED).uniform(0, low / 2, result.runs)
            ours = result.last_ms("elected") - lost
            curve = Curve(variant, label, numbers[variant][label], np.sort(ours[~np.isnan(ours)]))
            curves.append(curve)
            what = f"{variant} {label} ms"
            judge.fact(NAME, f"{what}: elections", "1000", f"{len(curve.ours)} of {result.runs}", "all",
                       ok=len(curve.ours) == result.runs)
            for key, found in {"mean": curve.ours.mean(),
                               **{key: np.quantile(curve.ours, share) for key, share in QUANTILES.items()}}.items():
                theirs = curve.published[key]
                judge.fact(NAME, f"{what}: {key}", f"{theirs:.1f}", f"{found:.1f}", off=f"{100 * (found / theirs - 1):+.1f} %")
    return curves


def plot(curves: list[Curve], path) -> None:
    figure, axes = plots.panels(len(VARIANTS), "Raft Refloated: time to elect a leader (5 servers)")
    for axis, variant in zip(axes, VARIANTS, strict=True):
        for colour, curve in zip(plots.COLOURS * 2, (curve for curve in curves if curve.variant == variant)):
            plots.ecdf(axis, curve.ours, color=colour, label=f"{curve.label} ms")
            axis.plot([curve.published[key] for key in QUANTILES], list(QUANTILES.values()), "o", mfc="white", color=colour)
        axis.set(title=variant, xlabel="ms (circles: theirs)", xscale="log")
    axes[0].set_ylabel("share of elections")
    axes[-1].legend(loc="lower right")
    plots.save(figure, path)
