"""Random faults on a quorum of three never break an invariant, and the cluster recovers from them.

An example is a scenario as a dict, built so that it shrinks well: few brokers first, faults as a list of (time, act)
from which items drop out, short before long; the seed comes last, so that it is the last thing that changes.
A failure ends with the one command that reproduces it.
"""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import given

import kraftsim

CONTROLLERS = ["controller:1", "controller:2", "controller:3"]
ONE = st.sampled_from([*CONTROLLERS, "active_controller", "coordinator:leader", "follower:any"])


def milliseconds(low: int, high: int) -> st.SearchStrategy[str]:
    return st.integers(low, high).map(lambda ms: f"{ms}ms")


LENGTH = milliseconds(1, 8000)


def partition(alone: list[str], length: str) -> dict[str, Any]:
    return {"partition": {"groups": [alone, ["*"]], "for": length}}


def cut(ends: list[str], both: bool, length: str) -> dict[str, Any]:
    return {"cut": {"from": ends[0], "to": ends[1], "both": both, "for": length}}


TWO = st.permutations(CONTROLLERS).map(lambda order: order[:2])
ACT = st.one_of(
    st.builds(lambda node, length: {"pause": {"node": node, "for": length}}, ONE, LENGTH),
    st.builds(lambda node, length: {"crash": {"node": node, "restart_after": length}}, ONE, LENGTH),
    st.builds(cut, TWO, st.booleans(), LENGTH),
    st.builds(partition, st.sampled_from(CONTROLLERS).map(lambda node: [node]) | TWO, LENGTH),
)
FAULTS = st.lists(st.builds(lambda at, act: {"at": at, **act}, milliseconds(0, 20_000), ACT), max_size=8)
SEED = st.integers(1, 2**64 - 1)


def scenario(brokers: int, faults: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "version": 1,
        "name": "random_faults_r3",
        "description": "Drawn by tests/python/test_properties.py.",
        "duration": "60s",
        "cluster": {"controllers": {"count": 3}, "brokers": {"count": brokers}},
        "workload": [{"create_topics": {"every": "700ms"}}] if brokers else [],
        "faults": faults,
        "expect": [{"verdict": "live", "within": "30s", "after": "last_fault"}] if faults else [],
    }


def how_to_reproduce(run: kraftsim.Run, data: dict[str, Any], folder: Path) -> str:
    """Saves the scenario. Hypothesis fails the smallest example last, so that is the one which stays in the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{data['name']}.json"
    path.write_text(json.dumps(data, indent=2) + "\n")
    return f"{run!r}\n{run.detail}\nreproduce: kraftsim run {path} --seed {run.seed}"


@given(st.tuples(st.builds(scenario, st.integers(0, 3), FAULTS), SEED))
def test_random_faults_never_break_an_invariant(repository, example):
    data, seed = example
    run = kraftsim.run(data, seed)
    assert run.verdict == "held", how_to_reproduce(run, data, repository / ".sim" / "properties")
