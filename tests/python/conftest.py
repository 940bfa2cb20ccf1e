"""What the Python tests share: small scenarios, and Hypothesis' settings.

Hypothesis: `ci`, the default here, tries the same examples every time. HYPOTHESIS_PROFILE=explore looks further.
"""
from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any

import hypothesis
import pytest

hypothesis.settings.register_profile("ci", derandomize=True, database=None, deadline=None, max_examples=150)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=5000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

LEADER_KILLED: dict[str, Any] = {
    "version": 1,
    "name": "leader_killed",
    "description": "The active controller is killed and comes back.",
    "duration": "30s",
    "coordination": ["kraft", "zookeeper"],
    "cluster": {"brokers": {"count": 3, "config": {"zookeeper.session.timeout.ms": 6000}},
                "topics": [{"count": 2, "partitions": 3, "replication": 3}]},
    "workload": [{"create_topics": {"every": "500ms", "partitions": 2, "replication": 3}}],
    "faults": [{"at": "4s", "crash": {"node": "active_controller", "restart_after": "15s"}}],
}


@pytest.fixture
def leader_killed() -> dict[str, Any]:
    return copy.deepcopy(LEADER_KILLED)


@pytest.fixture
def endless(leader_killed: dict[str, Any]) -> dict[str, Any]:
    """A scenario that takes longer to run than anybody waits."""
    return leader_killed | {"name": "endless", "duration": "10000h", "faults": []}


@pytest.fixture(scope="session")
def repository() -> Path:
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def command(repository: Path) -> Path:
    """The command line program of the same build."""
    path = Path(os.environ.get("KRAFTSIM_BIN", repository / "build/ci/sim/cli/kraftsim"))
    if not path.exists():
        pytest.skip(f"{path} is not built")
    return path
