"""kraftsim: a deterministic simulator of Kafka's control plane.

    import kraftsim
    run = kraftsim.run("scenarios/demo.json", seed=7, coordination="kraft")
    run.verdict, run.failovers[0]["phases"]["active"]      # ('held', nanoseconds since the fault)

    sweep = kraftsim.sweep("scenarios/demo.json", seeds=range(1, 101))
    numpy.asarray(sweep.column("controller_failover"))     # no copy
    sweep.failovers.to_pandas()

A run is a function of (scenario, coordination, seed): the same three give the same run, to the byte, here and on the
command line. What a file says under "replay", its seed and shuffled ties, is for the command `kraftsim replay` and not
heeded here. All durations are integer nanoseconds of simulated time. Every function releases the GIL while it simulates,
and Ctrl-C ends it with KeyboardInterrupt.
"""
from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Union

from . import _core
from ._core import MISSING, Column, Run, Scenario, Sweep, Table

__all__ = ["MISSING", "Column", "Diagnostic", "Metric", "Run", "Scenario", "ScenarioError", "Sweep", "Table",
           "load", "metrics", "run", "sweep"]

__version__ = _core.VERSION
Source = Union[Scenario, Mapping[str, Any], str, "os.PathLike[str]"]


class Diagnostic(NamedTuple):
    """One mistake in a scenario and where it stands."""

    path: str        #: the file; "<dict>" or "<text>" if there is none
    line: int        #: from 1; 0 if the mistake has no place in the text
    column: int      #: from 1, in characters
    pointer: str     #: JSON pointer (RFC 6901); "" is the whole document
    message: str     #: what is wrong
    suggestion: str  #: the nearest valid name, or ""


class ScenarioError(ValueError):
    """A scenario cannot be used. `errors` holds every mistake found, `str()` prints one per line."""

    def __init__(self, text: str, errors: Iterable[tuple[str, int, int, str, str, str]]) -> None:
        self.errors = [Diagnostic(*error) for error in errors]
        super().__init__(text, self.errors)  # both, so that the exception can be pickled

    def __str__(self) -> str:
        return str(self.args[0])


class Metric(NamedTuple):
    """A number that can be asked for by name: of `Run.column`, `Sweep.column` and the tables of a sweep."""

    name: str
    unit: str   #: "ns" (of simulated time), "partition ns" or "count"
    per: str    #: what one sample stands for: "failover", "batch", "operation" or "run"
    what: str   #: its meaning in one sentence
    kafka: str  #: Kafka's own name of it, or ""


def metrics() -> list[Metric]:
    """Every metric, in the order in which reports list them; the same as `kraftsim list metrics`."""
    return [Metric(*metric) for metric in _core.metrics()]


def load(source: Source) -> Scenario:
    """Reads and checks a scenario.

    source: a path; or a dict as `json.load` would give it; or JSON text (a str that starts with "{"); or a Scenario,
    which is returned as it is. Positions in messages about a dict refer to `json.dumps(source, indent=2)`.

    Raises ScenarioError with every mistake in it, also for a file that cannot be read; TypeError or ValueError for a
    dict that is not JSON.
    """
    if isinstance(source, Scenario):
        return source
    if isinstance(source, Mapping):
        return _core.read_text(json.dumps(source, indent=2, allow_nan=False), "<dict>")
    if isinstance(source, str) and source.lstrip().startswith("{"):
        return _core.read_text(source, "<text>")
    return _core.read_file(os.fspath(source))


def run(scenario: Source, seed: int = 1, *, coordination: str | None = None, trace: bool = False) -> Run:
    """Runs a scenario once.

    scenario: what `load` accepts. seed: 0 to 2**64 - 1. coordination: "kraft" or "zookeeper", one that the scenario
    names; None: the first it names. trace: keep a line of text per event in `Run.trace` (large).

    A broken invariant is a verdict, not an exception. Raises ScenarioError; ValueError for a seed out of range or a
    coordination that the scenario is not for.
    """
    return _core.run(load(scenario), _checked(seed), coordination, trace)


def sweep(scenario: Source, seeds: Iterable[int] | tuple[int, int] = (1, 100), *, jobs: int | None = None,
          coordination: str | None = None, progress: Callable[[int, int], object] | None = None) -> Sweep:
    """Runs a scenario once per seed and coordination.

    scenario: what `load` accepts. seeds: a pair of first and last, both included, as `--seeds 1-100` has them; or any
    other iterable of seeds, e.g. a range. jobs: threads; None: one per CPU that this process may use. coordination:
    "kraft" or "zookeeper"; None: each that the scenario names. progress: called as progress(done, planned) in the
    calling thread, a few times a second and once at the end; what it raises ends the sweep.

    The result does not depend on `jobs`. Broken invariants are verdicts (`sweep.runs["verdict"]`), not exceptions.
    Raises ScenarioError; ValueError for no seeds, a seed out of range, jobs < 1, or a coordination that the scenario is
    not for. An interrupted sweep (Ctrl-C) raises KeyboardInterrupt and keeps nothing.
    """
    scenario = load(scenario)
    ranges = list(_ranges(seeds))
    if not ranges:
        raise ValueError("no seeds")
    if jobs is None:
        jobs = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if jobs < 1:
        raise ValueError(f"jobs must be at least 1, not {jobs}")
    return _core.sweep(scenario, ranges, jobs, coordination, progress)


def _checked(seed: int) -> int:
    """The seed. Raises ValueError for one out of range."""
    if not 0 <= seed < 2**64:
        raise ValueError(f"seed {seed}: it must be from 0 to 2**64 - 1")
    return seed


def _ranges(seeds: Iterable[int] | tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The seeds in their order, as stretches of consecutive ones."""
    if isinstance(seeds, tuple) and len(seeds) == 2:
        seeds = range(seeds[0], seeds[1] + 1)
    first = last = None
    for seed in map(_checked, seeds):
        if first is None:
            first = seed
        elif seed != last + 1:
            yield first, last
            first = seed
        last = seed
    if first is not None:
        yield first, last
