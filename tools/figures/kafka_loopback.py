"""A real Kafka cluster on the loopback of one machine, and the same configuration simulated.

Three isolated controllers and two brokers of Kafka 4.1.1, every timing property at its default, a client that writes
every 50 ms. What was measured is in tests/figures/data/kafka_loopback.json, trial by trial; the simulated side declares one
profile of service times and draws nothing from a result.

The names of the two sides: their first_prospective_ms is our `detected`, leader_elected_ms our `elected` and
becoming_active_ms our `active`. A vote is split when more than one voter stands before a leader is found. After a kill
the next epoch must then decide. Under a 3-second pause it need not: the old leader wakes up and casts the vote that is
missing, in the same epoch, so that a split shows as an election after the pause has ended.
"""
from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import plots
from .judge import Judge
from .simulate import ROOT, sweep

NAME = "kafka_loopback"
SEEDS = 1_000
MEDIAN_PERCENT = 10
SPLIT_POINTS = 12
KS_AFTER_KILL = 0.25
PAUSE_MS = 3_000

MEASURED = ROOT / "tests/figures/data/kafka_loopback.json"
SOURCE = ROOT.parent / "shared/data/kafka-4.1.1-kraft.json"  # where it came from; not part of the project
CASES = {"kill_leader": "kill_leader_quiet", "stop_leader": "stop_leader_cleanly_quiet",
         "pause_leader_1s": "pause_leader_1s", "pause_leader_3s": "pause_leader_3s"}
FIELDS = {"detected": "first_prospective_ms", "elected": "leader_elected_ms", "active": "becoming_active_ms"}


@dataclass(frozen=True)
class Case:
    """One entry per trial or run; times in ms from the fault, NaN for what did not happen."""
    detected: np.ndarray
    elected: np.ndarray
    active: np.ndarray
    split: np.ndarray

    def __len__(self) -> int:
        return len(self.split)

    def failed_over(self) -> np.ndarray:
        return ~np.isnan(self.elected)

    def of(self, phase: str, split: bool | None = None) -> np.ndarray:
        chosen = ~np.isnan(getattr(self, phase))
        if split is not None:
            chosen &= self.split == split
        return getattr(self, phase)[chosen]


def extract(source: dict) -> dict:
    """What the project carries of the measurement: four fields of four cases, every trial."""
    def column(trials: list[dict], field: str) -> list:
        return [trial.get(field) for trial in trials]
    return {
        "what": source["what"],
        "software": source["software"],
        "unit": "ms after the fault, on the cluster's own clock",
        "cases": {case: {**{ours: column(source["cases"][theirs]["trials"], field) for ours, field in FIELDS.items()},
                         "split": column(source["cases"][theirs]["trials"], "split_vote")}
                  for case, theirs in CASES.items()},
    }


def write_extract(source: Path) -> None:
    """Rewrites MEASURED, one list a line."""
    data = extract(json.loads(source.read_text()))
    facts = "".join(f"  {json.dumps(key)}: {json.dumps(data[key])},\n" for key in ("what", "software", "unit"))
    cases = ",\n".join(
        f"    {json.dumps(name)}: {{\n"
        + ",\n".join(f"      {json.dumps(key)}: {json.dumps(values)}" for key, values in case.items())
        + "\n    }" for name, case in data["cases"].items())
    MEASURED.write_text(f'{{\n{facts}  "cases": {{\n{cases}\n  }}\n}}\n')


def measured(path: Path = MEASURED) -> dict[str, Case]:
    cases = json.loads(path.read_text())["cases"]
    return {name: Case(*(np.array(case[phase], dtype=float) for phase in FIELDS), np.array(case["split"], dtype=bool))
            for name, case in cases.items()}


def simulated(case: str, seeds: int, jobs: int) -> Case:
    found = sweep(f"kafka_loopback_{case}", seeds, jobs)
    detected, elected, active = (found.last_ms(phase) for phase in FIELDS)
    split = elected >= PAUSE_MS if case == "pause_leader_3s" else found.last("epochs") > 1
    return Case(detected, elected, active, split)


def run(judge: Judge, seeds: int, jobs: int) -> dict[str, tuple[Case, Case]]:
    pairs = {name: (theirs, simulated(name, seeds, jobs)) for name, theirs in measured().items()}
    for name, (theirs, ours) in pairs.items():
        _judge_case(judge, name, theirs, ours)
    theirs, ours = pairs["kill_leader"]
    judge.distance(NAME, "kill_leader: elected, all", theirs.of("elected"), ours.of("elected"), KS_AFTER_KILL)
    return pairs


def _judge_case(judge: Judge, name: str, theirs: Case, ours: Case) -> None:
    total = len(theirs)
    if not theirs.failed_over().any():  # the pause was too short to be noticed
        judge.share(NAME, f"{name}: failed over (n = {total})", 0, ours.failed_over(), 0)
        return
    wanted = ours.failed_over()
    judge.fact(NAME, f"{name}: failed over (n = {total})", "100.0 %", f"{100 * wanted.mean():.1f} %", "all", ok=wanted.all())
    judge.share(NAME, f"{name}: split votes", theirs.split.mean(), ours.split[wanted], SPLIT_POINTS)
    for phase in FIELDS:
        judge.quantile(NAME, f"{name}: {phase}, median", np.median(theirs.of(phase)), ours.of(phase), 0.5,
                       MEDIAN_PERCENT)
    for split in (False, True):
        for phase in ("elected", "active"):
            found = theirs.of(phase, split)
            if len(found):
                label = f"{name}: {phase}, {'split' if split else 'no split'} (n = {len(found)})"
                judge.quantile(NAME, label, np.median(found), ours.of(phase, split), 0.5, MEDIAN_PERCENT)


def plot(pairs: dict[str, tuple[Case, Case]], path) -> None:
    shown = {"kill_leader": "killed", "stop_leader": "stopped cleanly", "pause_leader_3s": "paused for 3 s"}
    figure, axes = plots.panels(len(shown), "Active controller lost: time until a new leader is elected")
    for axis, (name, title) in zip(axes, shown.items(), strict=True):
        theirs, ours = pairs[name]
        plots.ecdf(axis, theirs.of("elected"), color=plots.COLOURS[1], label=f"Kafka 4.1.1, {len(theirs)} trials")
        plots.ecdf(axis, ours.of("elected"), color=plots.COLOURS[0], label=f"kraftsim, {len(ours)} seeds")
        axis.set(title=title, xlabel="ms after the fault", xlim=(0, None))
        axis.legend(loc="upper left" if name != "stop_leader" else "lower right", fontsize="small")
    axes[0].set_ylabel("share of failovers")
    plots.save(figure, path)
