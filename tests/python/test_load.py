"""kraftsim.load: every form of a scenario, and errors with their positions."""
from __future__ import annotations

import json
import pickle
import textwrap
from pathlib import Path

import pytest

import kraftsim

THREE_MISTAKES = textwrap.dedent("""\
    {
      "version": 1,
      "description": "Three mistakes.",
      "duration": "20",
      "cluster": {"brokers": {"count": 3, "rack": ["a"]}},
      "faults": [{"at": "1s", "crash": {"node": "controler:1"}}]
    }
    """)


def test_every_form_is_the_same_scenario(leader_killed, tmp_path):
    text = json.dumps(leader_killed, indent=2)
    path = tmp_path / "leader_killed.json"
    path.write_text(text)
    scenarios = [kraftsim.load(source) for source in (leader_killed, text, "\n " + text, path, str(path))]
    assert {scenario.name for scenario in scenarios} == {"leader_killed"}
    assert [scenario.path for scenario in scenarios] == ["<dict>", "<text>", "<text>", str(path), str(path)]
    assert len({kraftsim.run(scenario, 3).digest for scenario in scenarios}) == 1
    assert kraftsim.load(scenarios[0]) is scenarios[0]


def test_what_a_scenario_tells(leader_killed):
    scenario = kraftsim.load(leader_killed)
    assert scenario.coordination == ("kraft", "zookeeper")
    assert scenario.duration_ns == 30 * 10**9
    assert scenario.description == "The active controller is killed and comes back."
    assert repr(scenario) == "<scenario leader_killed 30s for kraft, zookeeper>"
    with pytest.raises(AttributeError):
        scenario.name = "other"


def test_all_mistakes_are_reported_with_their_positions():
    with pytest.raises(kraftsim.ScenarioError) as caught:
        kraftsim.load(THREE_MISTAKES)
    by_pointer = {error.pointer: error for error in caught.value.errors}
    assert set(by_pointer) == {"/duration", "/cluster/brokers/rack", "/faults/0/crash/node"}
    assert {error.path for error in caught.value.errors} == {"<text>"}
    for pointer, text, suggestion in [("/duration", '"20"', by_pointer["/duration"].suggestion),
                                      ("/cluster/brokers/rack", '"rack"', "racks"),
                                      ("/faults/0/crash/node", '"controler:1"', "controller:1")]:
        error = by_pointer[pointer]
        assert THREE_MISTAKES.splitlines()[error.line - 1].find(text) == error.column - 1
        assert error.suggestion == suggestion
        assert error.message
    assert len(str(caught.value).splitlines()) == 3
    assert str(caught.value).splitlines()[0].startswith("<text>:4:15: ")


def test_positions_in_a_dict_are_those_of_its_indented_text(leader_killed):
    del leader_killed["faults"][0]["at"]
    leader_killed["faultz"] = []
    with pytest.raises(kraftsim.ScenarioError) as caught:
        kraftsim.load(leader_killed)
    lines = json.dumps(leader_killed, indent=2).splitlines()
    unknown = next(error for error in caught.value.errors if error.pointer == "/faultz")
    assert lines[unknown.line - 1][unknown.column - 1:].startswith('"faultz"')


def test_a_scenario_error_is_a_value_error_and_can_be_pickled():
    with pytest.raises(ValueError) as caught:
        kraftsim.load("{}")
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is kraftsim.ScenarioError
    assert (str(again), again.errors) == (str(caught.value), caught.value.errors)


@pytest.mark.parametrize("content", [b"", b"\x7fELF\x00\xff", b"[1, 2", b"[" * 100_000],
                         ids=["empty", "binary", "cut off", "nested too deeply"])
def test_files_that_are_no_scenario(tmp_path: Path, content: bytes):
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(kraftsim.ScenarioError) as caught:
        kraftsim.load(path)
    assert len(caught.value.errors) == 1


def test_a_file_that_is_not_there():
    with pytest.raises(kraftsim.ScenarioError, match="no/such/file.json"):
        kraftsim.load("no/such/file.json")


def test_a_dict_that_is_not_json(leader_killed):
    with pytest.raises(ValueError):
        kraftsim.load(leader_killed | {"duration": float("nan")})
    with pytest.raises(TypeError):
        kraftsim.load(leader_killed | {"duration": object()})
