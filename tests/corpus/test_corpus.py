"""Interleavings that once broke something: on the code as it is, each of them holds.

They are scenarios that planted bugs were shrunk to (tools/mutants --corpus), or that found a real one. A file's "replay"
says with which seed it is run and what it broke then.
"""
from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = os.environ.get("KRAFTSIM_BIN", str(ROOT / "build/release/sim/cli/kraftsim"))
FILES = sorted(Path(__file__).parent.glob("*.json"))


def test_every_scenario_of_the_corpus_holds():
    done = subprocess.run([BIN, "replay", "--quiet", *FILES], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert FILES and done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == ""


def test_every_scenario_of_the_corpus_says_what_it_broke():
    for path in FILES:
        replay = json.loads(path.read_text())["replay"]
        assert replay["seed"].isdigit() and replay["invariant"] and len(replay["digest"]) == 16, path.name
