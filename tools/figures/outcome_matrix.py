"""Who still has a leader when the network is half broken: eight cases under four policies.

The cases are scenarios/outcome_s*.json, a fault of 60 s each; the policies are plain Raft, Raft with pre-vote, with
pre-vote and check-quorum, all with time-outs of U(1, 2) s, and Kafka's own settings. No-ops are written every 500 ms,
so that seconds without commits are seconds without a leader that can lead. A cell is the median run:

    stable    commits for nine tenths of the fault's time, and two epochs used up at most
    recovers  as much, after more epochs than that
    churning  less
    stuck     commits for less than a quarter of the time, whoever leads

and in brackets the medians of the seconds without commits and of the epochs. What the literature leads one to expect
(Howard and Abraham 2020, OmniPaxos 2023, Jensen et al. 2021) stands beside ours.
"""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import plots
from .judge import Judge
from .simulate import sweep

NAME = "outcome_matrix"
NOTE = """\
   In brackets: seconds without commits, which with a no-op every 500 ms are those without a leader that can lead, and
   epochs. It differs from what is expected for one cut edge under plain Raft: voters on both sides of the cut take turns
   only until one wins who sees everybody, and then nobody stands any more.
"""
SEEDS = 200
FAULT_SECONDS = 60
TIMEOUT = ["1s", "2s"]
POLICIES = {
    "plain Raft": {"timeout": TIMEOUT},
    "+ pre-vote": {"timeout": TIMEOUT, "pre_vote": True},
    "+ check-quorum": {"timeout": TIMEOUT, "pre_vote": True, "check_quorum": True},
    "Kafka": None,
}
CASES = {
    "S1 one edge cut": "outcome_s1_one_edge_cut_r5",
    "S2 hub only": "outcome_s2_hub_only_r5",
    "S3 hub with stale log": "outcome_s3_hub_with_stale_log_r5",
    "S4 chain": "outcome_s4_chain_r3",
    "S5 leader hears nobody": "outcome_s5_leader_hears_nobody_r5",
    "S5 nobody hears leader": "outcome_s5_nobody_hears_leader_r5",
    "S6 flaky edge": "outcome_s6_flaky_edge_r5",
    "S7 rejoin": "outcome_s7_rejoin_r5",
    "S8 half the segments lost": "outcome_s8_half_loss_r5",
}
EXPECTED = {  # reasoned from the sources, not measured; where they say nothing there is nothing
    ("S1 one edge cut", "plain Raft"): "churning",
    ("S1 one edge cut", "+ pre-vote"): "stable",
    ("S1 one edge cut", "+ check-quorum"): "stable",
    ("S2 hub only", "plain Raft"): "recovers",  # as epochs inflate
    ("S2 hub only", "+ pre-vote"): "stuck",
    ("S2 hub only", "+ check-quorum"): "stable",
    ("S3 hub with stale log", "plain Raft"): "stuck",
    ("S3 hub with stale log", "+ pre-vote"): "stuck",
    ("S3 hub with stale log", "+ check-quorum"): "stuck",
    ("S4 chain", "plain Raft"): "churning",
    ("S4 chain", "+ pre-vote"): "stable",
    ("S4 chain", "+ check-quorum"): "stable",
}


@dataclass(frozen=True)
class Cell:
    case: str
    policy: str
    silent_s: float   # median seconds without commits
    epochs: float     # median number used up

    @property
    def outcome(self) -> str:
        served = 1 - self.silent_s / FAULT_SECONDS
        if served < 0.25:
            return "stuck"
        if served < 0.9:
            return "churning"
        return "stable" if self.epochs <= 2 else "recovers"

    def __str__(self) -> str:
        return f"{self.outcome} ({self.silent_s:.1f} s, {self.epochs:.0f})"


def run(judge: Judge, seeds: int, jobs: int) -> list[Cell]:
    cells = []
    for case, scenario in CASES.items():
        for policy, settings in POLICIES.items():
            result = sweep(scenario, seeds, jobs, {"/raft_paper": settings} if settings else None)
            silent = np.array([samples[0] / 1e9 for samples in result.metrics["unavailable_commits"]])
            epochs = np.array([sum(samples) for samples in result.metrics["epochs"]])
            cell = Cell(case, policy, float(np.median(silent)), float(np.median(epochs)))
            cells.append(cell)
            expected = EXPECTED.get((case, policy), "")
            judge.fact(NAME, f"{case}, {policy}", expected, str(cell),
                       off="differs" if expected and expected != cell.outcome else "")
    return cells


def plot(cells: list[Cell], path) -> None:
    """Seconds without commits, a row of bars per case."""
    figure, (axis,) = plots.panels(1, f"Seconds without commits in {FAULT_SECONDS} s of a half-broken network")
    height = 0.8 / len(POLICIES)
    for number, (policy, colour) in enumerate(zip(POLICIES, plots.COLOURS)):
        silent = [cell.silent_s for cell in cells if cell.policy == policy]
        axis.barh(np.arange(len(CASES)) + number * height, silent, height, color=colour, label=policy)
    axis.set(yticks=np.arange(len(CASES)) + 0.4 - height / 2, yticklabels=list(CASES), xlabel="median seconds",
             ylim=(len(CASES), -0.3))
    axis.legend(loc="lower right")
    plots.save(figure, path)
