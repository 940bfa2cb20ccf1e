"""tools/campaign: a violated run fails it and is printed with its command; every seed is asked for once."""
from __future__ import annotations

import os
import subprocess
from pathlib import Path

CAMPAIGN = Path(__file__).resolve().parents[2] / "tools" / "campaign"

# Stands in for kraftsim: prints what a sweep of one coordination would, with seed 2500 violated, and notes its seeds.
FAKE = """#!/usr/bin/python3
import json, sys
first, last = map(int, sys.argv[sys.argv.index("--seeds") + 1].split("-"))
open({log!r}, "a").write(f"{{sys.argv[2]}} {{first}} {{last}}\\n")
broken = {broken} and first <= 2500 <= last
failure = {{"seed": "2500", "verdict": "violated", "invariant": "VoteOnce", "detail": "n1 voted twice",
           "reproduce": "kraftsim run x.json --seed 2500"}}
waiting = {{"seed": "1", "verdict": "inconclusive", "invariant": None, "detail": "", "reproduce": ""}}
runs = last - first + 1
print(json.dumps({{"sides": [{{"runs": runs, "events": 10 * runs, "held": runs - broken, "inconclusive": 0,
                            "failures": [waiting] + [failure] * broken}}]}}))
sys.exit(1 if broken else 0)
"""


def campaign(tmp_path: Path, broken: bool, *arguments: str) -> tuple[subprocess.CompletedProcess, list[str]]:
    fake, log = tmp_path / "kraftsim", tmp_path / "log"
    fake.write_text(FAKE.format(log=str(log), broken=broken))
    fake.chmod(0o755)
    done = subprocess.run([str(CAMPAIGN), *arguments], env=os.environ | {"KRAFTSIM_BIN": str(fake)},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done, log.read_text().splitlines()


def test_all_held(tmp_path):
    done, asked = campaign(tmp_path, False, "one", "two", "--seeds", "5000")
    assert done.returncode == 0, done.stderr
    assert asked == [f"scenarios/{name}.json {part}" for name in ("one", "two")
                     for part in ("1 2000", "2001 4000", "4001 5000")]
    assert "campaign: 10,000 runs, 100,000 events, 0 violated" in done.stdout


def test_one_violated(tmp_path):
    done, _ = campaign(tmp_path, True, "one", "--seeds", "5000")
    assert done.returncode == 1
    assert "VIOLATED VoteOnce: n1 voted twice\n  kraftsim run x.json --seed 2500\n" in done.stdout
    assert "5,000 runs, 50,000 events, 1 violated" in done.stdout
