"""kraftsim.run: what a run tells, and that it is the run which the command line makes."""
from __future__ import annotations

import json
import re
import subprocess
import threading
import time
import _thread

import pytest

import kraftsim


@pytest.mark.parametrize("coordination", ["kraft", "zookeeper"])
def test_a_run_tells_what_came_of_it(leader_killed, coordination):
    run = kraftsim.run(leader_killed, seed=7, coordination=coordination)
    assert (run.coordination, run.seed) == (coordination, 7)
    assert (run.verdict, run.invariant, run.detail) == ("held", None, "")
    assert run.events > 1000 and run.simulated_ns >= 30 * 10**9
    assert re.fullmatch("[0-9a-f]{16}", run.digest)
    [failover] = run.failovers
    assert failover["fault"].startswith("crash") and failover["fault_at_ns"] > 0
    reached = [ns for ns in failover["phases"].values() if ns is not None]
    assert len(reached) >= 3 and all(type(ns) is int and ns >= 0 for ns in reached)
    assert run.unavailable_ns["controller"] > 0


def test_the_first_coordination_is_the_default(leader_killed):
    assert kraftsim.run(leader_killed).coordination == "kraft"
    assert kraftsim.run(leader_killed | {"coordination": ["zookeeper"]}).coordination == "zookeeper"


def test_same_seed_same_run(leader_killed):
    scenario = kraftsim.load(leader_killed)
    runs = [kraftsim.run(scenario, seed) for seed in (1, 2, 1)]
    assert runs[0].digest == runs[2].digest != runs[1].digest
    assert runs[0].failovers == runs[2].failovers


def test_the_command_line_makes_the_same_run(leader_killed, tmp_path, command):
    path = tmp_path / "leader_killed.json"
    path.write_text(json.dumps(leader_killed))
    done = subprocess.run([command, "run", path, "--seed", "7", "--format", "json"], capture_output=True, check=True)
    theirs = json.loads(done.stdout)
    for their_run in theirs["runs"]:
        ours = kraftsim.run(path, 7, coordination=their_run["coordination"]).to_dict()
        [our_run] = ours["runs"]
        assert our_run | {"wall_ns": 0} == their_run | {"wall_ns": 0}
        assert {**ours, "runs": []} == {**theirs, "runs": []}


def test_of_clients_that_ask_for_the_same_one_is_served():
    def operations(**more):
        scenario = {"version": 1, "description": "Rivals.", "duration": "3s", "coordination": ["kraft"],
                    "workload": [{"create_topics": {"every": "100ms", "keep": 5, **more}}]}
        return kraftsim.run(scenario, seed=3).to_dict()["runs"][0]["operations"]

    alone, with_rivals = operations(), operations(rivals=2)
    assert alone["failed"] == 0 and alone["ok"] > 20
    assert (with_rivals["ok"], with_rivals["failed"]) == (alone["ok"], 2 * alone["ok"])


def test_a_run_prints_as_one_line(leader_killed):
    run = kraftsim.run(leader_killed, seed=7)
    assert "\n" not in repr(run)
    for part in ("kraft", "7", "held", run.digest):
        assert part in repr(run)


def test_columns(leader_killed):
    run = kraftsim.run(leader_killed, seed=7)
    entry = run.to_dict()["runs"][0]
    stages = [run.column(f"commit_{stage}") for stage in ("lingered", "leader_durable", "replicated", "latency")]
    assert {len(stage) for stage in stages} == {entry["commit_latency_ns"]["count"]}
    assert max(stages[-1]) == entry["commit_latency_ns"]["max"]
    assert all(sum(parts) == total for *parts, total in zip(*stages))
    assert list(run.column("controller_failover")) == [entry["failovers"][0]["phases"]["active"]]
    assert list(run.column("operations_ok")) == [entry["operations"]["ok"]]
    with pytest.raises(KeyError, match="comit_latency"):
        run.column("comit_latency")


def test_trace(leader_killed):
    assert kraftsim.run(leader_killed, seed=7).trace == []
    traced = kraftsim.run(leader_killed, seed=7, trace=True)
    assert traced.digest == kraftsim.run(leader_killed, seed=7).digest
    assert len(traced.trace) >= traced.events
    assert any("crash controller" in line for line in traced.trace)


def test_a_coordination_that_the_scenario_is_not_for(leader_killed):
    with pytest.raises(ValueError, match="'zookeeper': this scenario is for kraft"):
        kraftsim.run(leader_killed | {"coordination": ["kraft"]}, coordination="zookeeper")


@pytest.mark.parametrize(("seed", "error"), [(-1, ValueError), (2**64, ValueError), ("7", TypeError), (1.5, TypeError)])
def test_what_is_no_seed(leader_killed, seed, error):
    with pytest.raises(error):
        kraftsim.run(leader_killed, seed)


def test_a_violation_is_a_verdict(leader_killed):
    impossible = {"metric": "controller_failover", "coordination": "kraft", "p50": {"below": "1ms"}}
    run = kraftsim.run(leader_killed | {"expect": [impossible]}, seed=7)
    assert run.verdict == "violated"
    assert run.to_dict()["runs"][0]["expect"] != []


def test_interrupt(endless):
    """Ctrl-C ends a run soon, and the module is usable afterwards."""
    threading.Timer(0.3, _thread.interrupt_main).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        kraftsim.run(endless)
    assert time.monotonic() - began < 0.3 + 2.0
    assert kraftsim.run(endless | {"duration": "1s"}).verdict == "held"
