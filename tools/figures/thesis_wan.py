"""Raft's election on a simulated WAN, as in Ongaro's thesis, by our KRaft replica under the Raft papers' time-outs.

Six curves; the one metric is the start of the leadership that lasted. The scenario of a curve is
scenarios/thesis_wan_<curve>.json; the published numbers are in tests/figures/data/thesis_wan.json.
"""
from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from . import plots
from .judge import Judge
from .simulate import ROOT, Sweep, sweep

NAME = "thesis_wan"
SEEDS = 10_000              # elections a curve, as published
MEAN_PERCENT = 3
P99_PERCENT = 6
CPU_SECONDS = 10            # a curve, on one core
ONE_WAY_MS = 35             # the mean of the scenario's 30 to 40 ms
QUANTILES = {"p5": 0.05, "p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p99.9": 0.999}


@dataclass(frozen=True)
class Curve:
    name: str
    published: dict
    sweep: Sweep

    @property
    def label(self) -> str:
        return f"{self.published['logs']} logs, f = {self.published['failed']}"

    @property
    def elected(self) -> np.ndarray:
        found = self.sweep.last_ms("elected")
        return np.sort(found[~np.isnan(found)])


def published() -> dict:
    return json.loads((ROOT / "tests/figures/data/thesis_wan.json").read_text())["curves"]


def run(judge: Judge, seeds: int, jobs: int) -> list[Curve]:
    curves = [Curve(name, numbers, sweep(f"thesis_wan_{name}", seeds, jobs)) for name, numbers in published().items()]
    for curve in curves:
        judge.mean(NAME, f"{curve.label}: mean", curve.published["mean"], curve.elected, MEAN_PERCENT)
        judge.quantile(NAME, f"{curve.label}: p99", curve.published["p99"], curve.elected, 0.99, P99_PERCENT)
        elected, runs = len(curve.elected), curve.sweep.runs
        judge.fact(NAME, f"{curve.label}: elections", "10000", f"{elected} of {runs}", "all", ok=elected == runs)
        if not judge.reduced:
            judge.fact(NAME, f"{curve.label}: CPU seconds", "", f"{curve.sweep.cpu_seconds:.1f}", f"{CPU_SECONDS}",
                       ok=curve.sweep.cpu_seconds <= CPU_SECONDS)
    _pull_replication(judge, curves)
    return curves


def _pull_replication(judge: Judge, curves: list[Curve]) -> None:
    """The election itself is pushed in KRaft as in Raft (Vote, BeginQuorumEpoch), so the curves can be compared. The
    first commit is not: a follower asks for what it does not know of yet. Begin, Fetch, answer and the Fetch that
    acknowledges are four journeys where AppendEntries and its answer are two."""
    for curve in curves:
        elected, writable = curve.sweep.last_ms("elected"), curve.sweep.last_ms("writable")
        both = ~np.isnan(writable) & ~np.isnan(elected)
        if both.any():
            journeys = np.median(writable[both] - elected[both]) / ONE_WAY_MS
            judge.fact(NAME, f"{curve.label}: from elected to first commit, in one-way latencies", "2 if pushed",
                       f"{journeys:.2f}")


def plot(curves: list[Curve], path) -> None:
    figure, axes = plots.panels(2, "Time to elect a leader on a simulated WAN (5 servers, f failed)")
    for axis, logs in zip(axes, ("same", "diff"), strict=True):
        for curve in (curve for curve in curves if curve.published["logs"] == logs):
            failed = curve.published["failed"]
            plots.ecdf(axis, curve.elected, color=plots.COLOURS[failed], label=f"f = {failed}, kraftsim")
            axis.plot([curve.published[key] for key in QUANTILES], list(QUANTILES.values()), "o", mfc="white",
                      color=plots.COLOURS[failed], label=f"f = {failed}, thesis")
        axis.set(title=f"{'equal' if logs == 'same' else 'different'} logs", xlabel="ms until the lasting leadership began",
                 xscale="log", xlim=(330, 4000))
        axis.set_xticks([400, 600, 1000, 2000, 4000], ["400", "600", "1000", "2000", "4000"])
        axis.minorticks_off()
    axes[0].set_ylabel("share of elections")
    axes[1].legend(loc="lower right")
    plots.save(figure, path)
