"""The committed schema against result objects: the golden ones, spoilt ones, and those of the program itself."""
import copy
import json
import os
import subprocess
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))
SCHEMA = json.loads((ROOT / "sim/report/result.schema.json").read_text(encoding="utf-8"))
SCENARIO = ROOT / "scenarios" / "demo.json"


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    return jsonschema.Draft202012Validator(SCHEMA)


def load(name: str) -> dict:
    return json.loads((Path(__file__).parent / "golden" / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_golden_results_are_valid(validator: jsonschema.Draft202012Validator, path: Path) -> None:
    validator.validate(json.loads(path.read_text(encoding="utf-8")))


def test_there_is_a_golden_result_of_every_kind() -> None:
    assert {"run.json", "run_failed.json", "sweep_samples.json", "compare.json"} <= {path.name for path in GOLDEN}


SPOILT = {
    "a seed as a number": lambda run: run.update(seed=7),
    "a missing key": lambda run: run["runs"][0].pop("digest"),
    "an unknown key": lambda run: run["runs"][0].update(extra=1),
    "an unknown verdict": lambda run: run["runs"][0].update(verdict="fine"),
    "a duration with a fraction": lambda run: run["runs"][0]["failovers"][0]["phases"].update(elected=1.5),
    "a phase of the other coordination": lambda run: run["runs"][0]["failovers"][0]["phases"].update(state_loaded=1),
    "a short digest": lambda run: run["runs"][0].update(digest="abc"),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT.keys())
def test_spoilt_results_are_not(validator: jsonschema.Draft202012Validator, spoil) -> None:
    result = copy.deepcopy(load("run.json"))
    spoil(result)
    assert not validator.is_valid(result)


def test_keys_keep_the_order_of_the_design() -> None:
    run = load("run.json")
    assert list(run) == ["kraftsim", "scenario", "seed", "runs"]
    keys = ["coordination", "verdict", "invariant", "digest", "events", "simulated_ns", "wall_ns", "failovers",
            "commit_latency_ns", "unavailable_ns", "expect"]
    assert [key for key in run["runs"][0] if key in keys] == keys
    assert list(run["runs"][0]["failovers"][0]["phases"]) == [
        "detected", "pre_vote", "candidate", "elected", "established", "writable", "active", "brokers_served"]


COMMANDS = {
    "run": ["run", "--seed", "7"],
    "sweep": ["sweep", "--seeds", "1-3"],
    "sweep with samples": ["sweep", "--seeds", "1-3", "--samples"],
    "compare": ["compare", "--seeds", "1-3"],
}


@pytest.mark.skipif("KRAFTSIM_BIN" not in os.environ, reason="KRAFTSIM_BIN names the program to test")
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_what_the_program_prints_is_valid(validator: jsonschema.Draft202012Validator, command: list[str]) -> None:
    verb, *options = command
    done = subprocess.run([os.environ["KRAFTSIM_BIN"], verb, str(SCENARIO), *options, "--format", "json"],
                          capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode in (0, 1, 4), done.stderr
    validator.validate(json.loads(done.stdout))
