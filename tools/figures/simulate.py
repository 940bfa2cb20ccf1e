"""Our side of a figure: sweeps a scenario with the command and hands back its samples, in milliseconds."""
from __future__ import annotations

import json
import os
import resource
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]


def kraftsim() -> Path:
    """The program to ask: KRAFTSIM_BIN, or the release build."""
    return Path(os.environ.get("KRAFTSIM_BIN", ROOT / "build/release/sim/cli/kraftsim"))


@dataclass(frozen=True)
class Sweep:
    """One side of a sweep. `metrics[name]` holds one list of samples per run."""
    runs: int
    cpu_seconds: float  # of the whole command
    metrics: dict[str, list[list[int]]]

    def last(self, metric: str) -> np.ndarray:
        """Of each run the last failover's sample, the one under study: what came before prepares it. NaN without one."""
        return np.array([samples[-1] if samples else np.nan for samples in self.metrics[metric]], dtype=float)

    def last_ms(self, metric: str) -> np.ndarray:
        return self.last(metric) / 1e6


def sweep(scenario: str, seeds: int, jobs: int, settings: dict[str, object] | None = None) -> Sweep:
    """Of a scenario with one coordination."""
    (side,) = sweeps(scenario, seeds, jobs, settings).values()
    return side


def sweeps(scenario: str, seeds: int, jobs: int, settings: dict[str, object] | None = None) -> dict[str, Sweep]:
    """By coordination. `settings`: values that replace the scenario's, by JSON pointer."""
    command = [str(kraftsim()), "sweep", f"scenarios/{scenario}.json", "--seeds", f"1-{seeds}", "--jobs", str(jobs),
               "--format", "json", "--samples"]
    for pointer, value in (settings or {}).items():
        command += ["--set", f"{pointer}={json.dumps(value)}"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 4):  # inconclusive runs have samples too; what is missing shows as NaN
        raise SystemExit(f"figures: exit {done.returncode} from {' '.join(command)}\n{done.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {side["coordination"]: Sweep(runs=side["runs"], cpu_seconds=cpu, metrics={
                name: metric["samples"] for name, metric in side["metrics"].items()})
            for side in json.loads(done.stdout)["sides"]}
