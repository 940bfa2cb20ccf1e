"""The generated schema: as committed, valid, and of one mind with the reader."""
from __future__ import annotations

import copy
import json
import os
import subprocess
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[3]
BIN = os.environ.get("KRAFTSIM_BIN", str(ROOT / "build/release/sim/cli/kraftsim"))
SCENARIOS = sorted((ROOT / "scenarios").glob("*.json"))
PROFILES = sorted((ROOT / "scenarios/profiles").glob("*.json"))


def kraftsim(*arguments: str | Path) -> subprocess.CompletedProcess:
    return subprocess.run([BIN, *map(str, arguments)], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)


def schema(name: str) -> dict:
    return json.loads(kraftsim("schema", name).stdout)


@pytest.mark.parametrize("name", ["scenario", "profile"])
def test_the_committed_schema_is_what_the_program_prints(name):
    committed = ROOT / f"scenarios/schema/{name}.schema.json"
    assert committed.read_text() == kraftsim("schema", name).stdout, "run tools/schema"
    jsonschema.Draft202012Validator.check_schema(schema(name))


def test_the_reference_in_the_readme_is_what_the_program_prints():
    readme = (ROOT / "scenarios/README.md").read_text()
    assert readme.endswith(kraftsim("schema", "reference").stdout.rstrip("\n") + "\n"), "run tools/schema"


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_shipped_scenarios_are_valid(path):
    jsonschema.Draft202012Validator(schema("scenario")).validate(json.loads(path.read_text()))


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_shipped_profiles_are_valid(path):
    jsonschema.Draft202012Validator(schema("profile")).validate(json.loads(path.read_text()))


BASE = json.loads((ROOT / "scenarios/zookeeper_session_storm.json").read_text())

# One change each: the path to a value, and what stands there instead (None: it is taken away).
CHANGES = [
    (("duration",), None), (("duration",), "0s"), (("duration",), 5), (("duration",), "1000.5s"), (("version",), 2),
    (("version",), "1"), (("description",), 3), (("name",), None), (("coordination",), "kraft"), (("coordination",), []),
    (("coordination",), "zk"), (("warm_up",), "-1s"), (("warm_up",), "0s"), (("warm_up",), "1 s"), (("unknown",), 1),
    (("stop_at_first_failover",), "true"), (("stop_at_first_failover",), False),
    (("cluster", "brokers", "count"), -1), (("cluster", "brokers", "count"), 3.5), (("cluster", "brokers", "racks"), "a"),
    (("cluster", "controllers", "count"), 0), (("cluster", "zookeeper", "config"), {"tickTime": 0}),
    (("cluster", "zookeeper", "config"), {"tick": 1}), (("cluster", "brokers", "config"), {"tickTime": 2000}),
    (("cluster", "nodes"), {"controller:2": {"config": {"controller.quorum.fetch.timeout.ms": 700}}}),
    (("cluster", "nodes"), {"controller:2": {"config": {"tickTime": 700}}}),
    (("cluster", "nodes"), {"coordinator:2": {"config": {"tickTime": 700}}}), (("cluster", "nodes"), {"brokers": {}}),
    (("network", "latency"), "1ms"), (("network", "latency"), {}), (("network", "latency"), {"p50": "1ms", "q": "1ms"}),
    (("network", "latency"), {"uniform": ["1ms", "2ms"]}), (("network", "latency"), {"uniform": ["1ms"]}),
    (("network", "latency"), {"p101": "1ms"}), (("network", "latency"), {"p99.99": "1ms"}),
    (("network", "loss"), 0.5), (("network", "loss"), 1.5), (("network", "loss"), "0.5"),
    (("network", "bandwidth"), "10Mbit/s"), (("network", "bandwidth"), "10Mbps"), (("network", "bandwidth"), "0B/s"),
    (("network", "links"), [{"from": "broker:1", "to": ["broker:2"]}]), (("network", "links"), [{"from": "broker:1"}]),
    (("workload",), [{}]), (("workload",), [{"create_topics": {"every": "1s"}, "clients": {}}]),
    (("faults", 0, "pause", "node"), "leader"), (("faults", 0, "pause", "node"), "controller:0"),
    (("faults", 0, "pause", "for"), "0s"), (("faults", 0, "pause", "for"), None), (("faults", 0, "crash"), {"node": "*"}),
    (("faults", 0, "at"), None), (("faults", 1, "partition", "groups"), [["*"]]),
    (("faults", 1, "partition", "groups"), [["*"], []]), (("faults", 1, "partition", "for"), None),
    (("faults", 2), {"at": "1s", "cut": {"from": "broker:1", "to": ["*"]}}),
    (("faults", 2), {"at": "1s", "slow_disk": {"node": "broker:1", "fsync": {"p50": "1s"}, "for": "1s"}}),
    (("expect", 0, "metric"), "nothing"), (("expect", 0, "verdict"), "live"), (("expect", 1, "verdict"), "dead"),
    (("raft_paper",), {"timeout": ["1ms", "2ms"]}), (("raft_paper",), {"timeout": ["1ms"]}), (("raft_paper",), {}),
    (("service",), {"raft.fetch": "1ms"}), (("service",), {"raft.fetch": 1}), (("service",), {"fetch": "1ms"}),
    (("disk",), {"fsync": {"p50": "1ms"}, "bandwidth": "1GB/s", "source": "x"}), (("disk",), {"sync": "1ms"}),
]


def changed(path: tuple, value: object) -> dict:
    scenario = copy.deepcopy(BASE)
    at = scenario
    for key in path[:-1]:
        at = at[key] if isinstance(at, list) else at.setdefault(key, {})
    if value is None:
        at.pop(path[-1], None)
    else:
        at[path[-1]] = value
    return scenario


def test_schema_and_reader_agree(tmp_path):
    validator = jsonschema.Draft202012Validator(schema("scenario"))
    files = []
    for number, (path, value) in enumerate(CHANGES):
        files.append(tmp_path / f"{number}.json")
        files[-1].write_text(json.dumps(changed(path, value)))
    mistakes = json.loads(kraftsim("check", *files, "--format", "json").stdout)
    refused = {mistake["path"] for mistake in mistakes}
    disagree = [change for file, change in zip(files, CHANGES)
                if validator.is_valid(json.loads(file.read_text())) != (str(file) not in refused)]
    assert disagree == []
    assert 20 < len(refused) < len(files) - 15
