"""The command line, by running it: exit codes, what it says of mistakes, Ctrl-C, formats."""
from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BIN = os.environ.get("KRAFTSIM_BIN", str(ROOT / "build/release/sim/cli/kraftsim"))
SMALL = "scenarios/crash_leader_60s_r3.json"
BOTH = "scenarios/election_leader_stopped_cleanly.json"
VERBS = ("run", "sweep", "compare", "swarm", "shrink", "replay", "materialise", "check", "diff", "list", "schema", "version")

GOOD = {"version": 1, "description": "d", "duration": "10s", "cluster": {"brokers": {"count": 0}}}
ENDLESS = GOOD | {"duration": "20000h"}


def kraftsim(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run([BIN, *map(str, arguments)], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env=os.environ | environment, timeout=300)


@pytest.fixture
def write(tmp_path):
    def write(scenario: dict, name: str = "scenario.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(scenario))
        return path
    return write


# ---- usage ----

def test_without_arguments_it_teaches():
    done = kraftsim()
    assert done.returncode == 2 and done.stdout == "" and "usage: kraftsim <command>" in done.stderr
    assert kraftsim("help").stdout == kraftsim("--help").stdout == done.stderr


@pytest.mark.parametrize("verb", VERBS)
def test_help_has_examples_that_are_commands(verb):
    done = kraftsim("help", verb)
    assert done.returncode == 0 and done.stdout == kraftsim(verb, "--help").stdout
    assert done.stdout.startswith(f"usage: kraftsim {verb}")
    examples = re.findall(rf"^  kraftsim {verb}\b.*$", done.stdout, re.M)
    assert examples
    for option in re.findall(r"--[a-z-]+", " ".join(examples)):
        assert re.search(rf"^  .*{option}\b", done.stdout[done.stdout.index("Options:"):], re.M), option


@pytest.mark.parametrize(("arguments", "said"), [
    (["rnu", SMALL], "there is no command 'rnu'; did you mean run?"),
    (["--seed", "7", "run", SMALL], "the command comes first"),
    (["run"], "'run' needs FILE"),
    (["run", SMALL, SMALL], "'run' has nothing to do with"),
    (["run", SMALL, "--sede=1"], "there is no option '--sede'; did you mean --seed?"),
    (["run", SMALL, "--se=7"], "there is no option '--se'"),
    (["run", SMALL, "--seed=-1"], "'-1' is no seed"),
    (["run", SMALL, "--seed=1.5"], "'1.5' is no seed"),
    (["run", SMALL, "--seed=18446744073709551616"], "is no seed"),
    (["run", SMALL, "--seed=1", "--seed=2"], "more than once"),
    (["run", SMALL, "--format", "xml"], "--format xml: it is one of text, json, csv"),
    (["run", SMALL, "--coordination", "raft"], "--coordination raft: it is one of kraft, zookeeper"),
    (["run", SMALL, "--set", "/duration"], "--set /duration: write a JSON pointer and a value"),
    (["run", SMALL, "--color", "yes"], "--color yes: it is one of auto, always, never"),
    (["run", SMALL, "--trace", "/nowhere/trace"], "--trace /nowhere/trace: there is no folder '/nowhere'"),
    (["diff", SMALL, "--format", "csv"], "there is no option '--format'"),
    (["check", SMALL, "--format", "csv"], "--format csv: it is one of text, json"),
    (["sweep", SMALL, "--seeds", "9-1"], "'9-1': the first seed is larger than the last"),
    (["sweep", SMALL, "--seeds", "1-x"], "'1-x' is no range of seeds"),
    (["sweep", SMALL, "--jobs", "-3"], "kraftsim: "),
    (["swarm", SMALL], "'swarm' has nothing to do with"),
    (["swarm", "--for", "10"], "--for 10: "),
    (["swarm", "--for", "0s"], "--for 0s: it must be more than 0"),
    (["swarm", "--seeds", "1", "--shrink-for", "soon"], "--shrink-for soon: "),
    (["swarm", "--seeds", "1", "--junit", "/nowhere/x.xml"], "--junit /nowhere/x.xml: there is no folder"),
    (["shrink", SMALL, "--out", "scenarios"], "--out scenarios: this is a folder"),
    (["help", "run", "sweep"], "'help' has nothing to do with 'sweep'"),
    (["compare", SMALL], "1 sides to compare, not two"),
    (["list", "metricks"], "did you mean metrics?"),
    (["schema", "scenarios"], "did you mean scenario?"),
])
def test_usage_errors(arguments, said):
    done = kraftsim(*arguments)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr and done.stdout == ""


def test_commit_hashes_and_hexadecimal_are_seeds():
    commit = "0123456789abcdef0123456789abcdef01234567"
    shown = [json.loads(kraftsim("run", SMALL, "--seed", seed, "--format", "json").stdout)["seed"]
             for seed in (commit, "0x123456789abcdef", str(0x123456789ABCDEF))]
    assert shown == [str(0x123456789ABCDEF)] * 3


# ---- scenarios with mistakes ----

def test_ten_mistakes_are_ten_messages(tmp_path):
    path = tmp_path / "ten.json"
    path.write_text("""{
  "version": 2,
  "descripton": "ten mistakes",
  "duration": 60,
  "coordination": "kraftt",
  "cluster": {"brokers": {"count": -3}, "controllers": {"config": {"controller.quorum.fetch.timeout": 1}}},
  "network": {"latency": "0.25"},
  "faults": [
    {"at": "1s", "crash": {"node": "controller:4"}},
    {"at": "2s", "pause": {"node": "broker:1", "for": "8 s"}},
    {"at": "2s", "at": "3s", "stop": {"node": "active_controller"}}
  ]
}""")
    done = kraftsim("run", path)
    assert done.returncode == 3 and done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 11  # the misspelt description is a missing one, too
    assert all(re.match(rf"{re.escape(str(path))}:\d+:\d+: error: ", line) for line in lines)
    assert f"{path}:3:3: error: /descripton: unknown key" in done.stderr
    assert "(did you mean 'description'?)" in done.stderr
    assert kraftsim("check", path).stderr == done.stderr


def test_check_reports_as_json(write):
    done = kraftsim("check", SMALL, write(GOOD | {"warm_up": 3}), "--format", "json")
    assert done.returncode == 3
    (mistake,) = json.loads(done.stdout)
    assert mistake["pointer"] == "/warm_up" and mistake["line"] == 1 and mistake["column"] > 1


def test_check_takes_folders(tmp_path):
    done = kraftsim("check", "scenarios")
    assert done.returncode == 0 and done.stderr == ""
    assert len(done.stdout.splitlines()) >= 12
    empty = kraftsim("check", tmp_path)
    assert empty.returncode == 3 and "there is no .json file in this folder" in empty.stderr


def test_one_bad_file_hides_no_other(write, tmp_path):
    write(GOOD | {"version": 7}, "bad.json")
    violated = write(FAILING, "violated.json")
    done = kraftsim("replay", tmp_path / "bad.json", violated)
    assert done.returncode == 1 and "breaks Expectation" in done.stdout and "bad.json:1:" in done.stderr
    listed = kraftsim("list", "scenarios", tmp_path)
    assert listed.returncode == 3 and "violated" in listed.stdout and "bad.json:1:" in listed.stderr


def test_what_cannot_be_written_is_said():
    with open("/dev/full", "w") as full:
        done = subprocess.run([BIN, "run", SMALL, "--quiet"], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 74 and done.stderr == "kraftsim: stdout cannot be written: No space left on device\n"
    assert kraftsim("run", SMALL, "--quiet", "--trace", "/dev/full").returncode == 74


def test_commands_that_are_printed_can_be_pasted(write):
    path = write(FAILING, "two words.json")
    assert f"kraftsim run '{path}' --coordination kraft --seed 5 --trace -" in kraftsim("replay", path).stdout


@pytest.mark.parametrize("jump", ["forward", "back"])
def test_a_clock_can_be_set_however_often(write, jump):
    faults = [{"at": "1s", "every": "10ms", "times": 60, "clock": {"node": "controller:1", jump: "3650d"}}]
    done = kraftsim("run", write(GOOD | {"faults": faults}))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("change", "said"), [
    ({"network": {"loss": 1}}, "/network/loss: a link that loses everything is cut"),
    ({"cluster": {"controllers": {"observers": 97}}}, "/cluster/controllers/observers: controllers that vote"),
    ({"coordination": "zookeeper", "cluster": {"brokers": {"count": 0}}}, "/cluster/brokers/count: without brokers"),
    ({"raft_paper": {"timeout": ["1ns", "1ns"]}}, "so short a time-out never lets a leader live"),
    ({"cluster": {"topics": [{"count": 2_000_000, "partitions": 9_999}]}}, "these are more than 10000000 replicas"),
    ({"cluster": {"topics": [{"partitions": 10_000}]}}, "10000 is out of range; the range is 1 to 9999"),
    ({"coordination": "zookeeper", "cluster": {}, "workload": [{"clients": {"zookeeper_sessions": 6_000_000}}] * 2},
     "/workload/1/clients/zookeeper_sessions: more than 10000000 sessions in all"),
    ({"replay": {"seed": 7}}, "the number 7 is no text"),
    ({"name": "a\x1b[31m"}, "has a control character in it"),
])
def test_what_could_only_fail_later_is_a_mistake(write, change, said):
    done = kraftsim("check", write(GOOD | change))
    assert done.returncode == 3 and said in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr


def test_set_is_checked_too():
    done = kraftsim("run", SMALL, "--set", "/cluster/controllers/count=0")
    assert done.returncode == 3
    assert done.stderr.startswith("--set /cluster/controllers/count=0: error: /cluster/controllers/count: 0 is out of")


# ---- results ----

def test_run_prints_the_seed_first():
    done = kraftsim("run", SMALL, "--seed", "7")
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[0] == f"kraftsim run {SMALL} --seed 7"
    assert done.stdout.splitlines()[0] == "seed 7"
    assert kraftsim("run", SMALL, "--seed", "7", "--quiet").stderr == ""


def test_the_same_seed_gives_the_same_digest():
    def digest(*more: str) -> str:
        return json.loads(kraftsim("run", SMALL, "--format", "json", *more).stdout)["runs"][0]["digest"]
    assert digest("--seed", "3") == digest("--seed", "3") != digest("--seed", "4")
    assert kraftsim("run", SMALL, "--check-determinism").returncode == 0


def test_a_violated_expectation_ends_with_the_command_that_reproduces_it(write):
    path = write(GOOD | {"faults": [{"at": "1s", "crash": {"node": "coordinator:leader"}}],
                         "expect": [{"metric": "elected", "p50": {"below": "1ns"}}]})
    done = kraftsim("run", path, "--seed", "5", "--set", "/duration=12s")
    assert done.returncode == 1
    last = done.stdout.strip().splitlines()[-1].split()
    assert last[0] == "reproduce"
    again = subprocess.run([BIN, *last[2:]], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert again.returncode == 1 and again.stdout == done.stdout


def test_an_expectation_without_a_sample_is_inconclusive(write):
    path = write(GOOD | {"expect": [{"metric": "elected", "p50": {"below": "1s"}}]})
    assert kraftsim("run", path).returncode == 4
    assert kraftsim("sweep", path, "--seeds", "1-2").returncode == 4


def test_a_sweep_that_never_met_what_it_is_about_is_inconclusive(write):
    crash = {"faults": [{"at": "1s", "crash": {"node": "coordinator:leader", "restart_after": "1s"}}]}
    path = write(GOOD | crash | {"sometimes": ["restart_as_resigned"]})
    met = kraftsim("sweep", path, "--seeds", "1-3")
    assert met.returncode == 0 and "restart_as_resigned 3" in met.stdout, met.stdout
    path = write(GOOD | crash | {"sometimes": ["restart_as_resigned", "truncation"]})
    unmet = kraftsim("sweep", path, "--seeds", "1-3")
    assert unmet.returncode == 4 and "never met, though the scenario is about it: truncation" in unmet.stdout
    assert json.loads(kraftsim("sweep", path, "--seeds", "1-3", "--format", "json").stdout)["sides"][0]["unmet"] == ["truncation"]


def test_a_sweep_does_not_depend_on_jobs():
    one, two = (kraftsim("sweep", SMALL, "--seeds", "1-8", "--jobs", jobs, "--format", "json", "--samples").stdout
                for jobs in ("1", "2"))

    def timeless(text: str) -> str:
        return re.sub(r'"wall_ns": ?\d+', "", text)
    assert timeless(one) == timeless(two) and json.loads(one)["seeds"]


def test_fail_fast_ends_with_the_first_violated_seed(write):
    path = write(GOOD | {"faults": [{"at": "1s", "crash": {"node": "coordinator:leader"}}],
                         "expect": [{"metric": "elected", "p50": {"below": "1ns"}}]})
    done = kraftsim("sweep", path, "--seeds", "3-50", "--jobs", "2", "--fail-fast", "--format", "json")
    assert done.returncode == 1
    (side,) = json.loads(done.stdout)["sides"]
    assert side["violated"] == 1 and side["runs"] == 1


def test_compare_pairs_coordinations_files_and_settings():
    for arguments in ((BOTH,), ("scenarios/thesis_wan_same_f0.json", "scenarios/thesis_wan_same_f1.json"),
                      (SMALL, "--set", "/cluster/controllers/config/controller.quorum.fetch.timeout.ms=500")):
        done = kraftsim("compare", *arguments, "--seeds", "1-3", "--format", "json")
        assert done.returncode in (0, 4), done.stderr
        assert len(json.loads(done.stdout)["sides"]) == 2, arguments


def test_trace_and_diff(tmp_path):
    trace = tmp_path / "trace.txt"
    assert kraftsim("run", SMALL, "--trace", trace).returncode == 0
    assert trace.read_text().startswith("# kraft seed 1\n") and len(trace.read_text().splitlines()) > 100
    same = kraftsim("diff", SMALL, "--seed", "1")
    assert same.returncode == 0 and same.stdout.startswith("the same: ")
    other = kraftsim("diff", SMALL, "--seed", "1", "--against-seed", "2")
    assert other.returncode == 1
    assert re.search(r"^- .*seed 1$", other.stdout, re.M) and re.search(r"^\+ .*seed 2$", other.stdout, re.M)
    assert kraftsim("run", SMALL, "--trace", tmp_path / "no" / "folder").returncode == 2


def test_colour_is_for_terminals():
    assert "\x1b[" not in kraftsim("run", SMALL).stdout
    assert "\x1b[" in kraftsim("run", SMALL, "--color", "always").stdout


def test_lists():
    for what in ("scenarios", "invariants", "targets", "config", "services", "metrics", "profiles"):
        rows = json.loads(kraftsim("list", what, "--format", "json").stdout)
        assert len(rows) >= 3, what
        text = kraftsim("list", what).stdout
        assert all(next(iter(row.values())) in text for row in rows)


def test_the_list_of_invariants_shows_what_each_has_caught():
    listed = {row["name"]: row["caught"] for row in json.loads(kraftsim("list", "invariants", "--format", "json").stdout)}
    for bug in json.loads((ROOT / "docs/mutants.json").read_text()):
        holders = {name for name, caught in listed.items() if bug["name"] in caught.split(", ")}
        assert holders == ({bug["killed_by"]} if bug["killed_by"] else set()), bug["name"]


def test_built_in_profiles_are_those_of_the_repository(tmp_path):
    shipped = {path.stem for path in (ROOT / "scenarios/profiles").glob("*.json")}
    elsewhere = json.loads(kraftsim("list", "profiles", tmp_path, "--format", "json").stdout)
    assert {row["name"] for row in elsewhere} == shipped


def test_version():
    assert re.match(r"kraftsim \d+\.\d+\.\d+ \(", kraftsim("version").stdout)
    assert kraftsim("--version").stdout == kraftsim("version").stdout
    assert json.loads(kraftsim("version", "--json").stdout)["scenario_version"] == 1


# ---- swarm, shrink, replay ----

FAILING = GOOD | {"cluster": {"brokers": {"count": 1}}, "replay": {"seed": "5"},
                  "faults": [{"at": "1s", "pause": {"node": "broker:1", "for": "1s"}},
                             {"at": "2s", "crash": {"node": "coordinator:leader"}}],
                  "expect": [{"metric": "unavailable_commits", "max": {"below": "1500ms"}}]}


def test_a_swarm_holds_whatever_the_number_of_jobs(tmp_path):
    xml = tmp_path / "swarm.xml"
    one, two = (json.loads(kraftsim("swarm", "--seeds", "5-24", "--jobs", jobs, "--format", "json", "--out", tmp_path,
                                    "--junit", xml).stdout) for jobs in ("1", "2"))
    assert (one["runs"], one["violated"], one["failures"]) == (20, 0, [])
    assert one | {"wall_ns": 0} == two | {"wall_ns": 0}
    assert '<testsuite name="swarm" tests="1" failures="0"' in xml.read_text()


def test_a_swarm_can_be_given_a_time():
    done = kraftsim("swarm", "--for", "1s", "--jobs", "1")
    assert done.returncode == 0 and re.search(r"^seeds 1-\d+: ", done.stdout, re.M), done.stdout + done.stderr


def test_what_a_swarm_draws_is_a_scenario(tmp_path):
    path = tmp_path / "drawn.json"
    path.write_text(kraftsim("swarm", "--seeds", "9", "--print").stdout)
    assert kraftsim("check", path).returncode == 0
    swarm = json.loads(kraftsim("swarm", "--seeds", "9", "--format", "json").stdout)
    replay = kraftsim("replay", path)
    assert replay.returncode == 0 and swarm["runs"] == 1 and "seed 9, " in replay.stdout


def test_shrinking_and_replaying(write, tmp_path):
    path, small = write(FAILING), tmp_path / "small.json"
    done = kraftsim("shrink", path, "--out", small)
    assert done.returncode == 1 and "2 faults, 4 nodes -> 1 fault, " in done.stdout, done.stdout + done.stderr
    again = kraftsim("replay", small)
    assert again.returncode == 1 and "breaks Expectation again, in the same run to the byte" in again.stdout
    document = json.loads(small.read_text())
    assert kraftsim("replay", write(document | {"expect": []}, "held.json")).returncode == 0
    assert "it no longer breaks Expectation" in kraftsim("replay", tmp_path / "held.json").stdout
    assert kraftsim("shrink", tmp_path / "held.json").stdout.endswith("held; there is nothing to shrink\n")
    # What is shrunk can be compared, in the run that it was written for.
    same = kraftsim("diff", small)
    assert same.returncode == 0 and document["replay"]["digest"] in same.stdout
    assert f'seed {document["replay"]["seed"]}' in kraftsim("diff", path, "--against", small).stdout


# ---- Ctrl-C ----

def interrupt(arguments: list[str], after: float) -> tuple[int, str, str]:
    process = subprocess.Popen([BIN, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(after)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def test_interrupting_a_run_says_so(write):
    code, out, err = interrupt(["run", str(write(ENDLESS))], after=1.0)
    assert code == 130 and out.startswith("seed 1") and "interrupted" in err


def test_interrupting_a_sweep_keeps_what_has_ended():
    code, out, err = interrupt(["sweep", SMALL, "--seeds", "1-10000000", "--format", "json"], after=2.0)
    result = json.loads(out)
    assert code == 130 and re.search(r"interrupted after \d+ of 10000000 runs", err)
    assert result["interrupted"] is True
    assert 0 < result["sides"][0]["runs"] < 10_000_000
