"""The planted bugs: every patch applies to the code as it is, and says what it expects."""
from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATCHES = sorted((ROOT / "tests" / "mutants").glob("*.patch"))
TABLE = ROOT / "docs" / "mutants.json"


def tool():
    """tools/mutants as a module."""
    loader = importlib.machinery.SourceFileLoader("mutants", str(ROOT / "tools" / "mutants"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("mutants", loader))
    loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", PATCHES, ids=lambda path: path.stem)
def test_a_patch_applies(path, tmp_path):
    text = path.read_text()
    assert re.match(r"# what: .+\n# source: .+\n# expect: .+\n(# says: .+\n)?--- a/", text)
    for name in re.findall(r"^\+\+\+ b/(\S+)", text, re.M):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    done = subprocess.run(["patch", "-p1", "--fuzz=0", "--batch", "--dry-run", "-i", str(path)], cwd=tmp_path,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_table_is_of_the_patches():
    expected = {path.stem: re.search(r"^# expect: (.+)$", path.read_text(), re.M).group(1) for path in PATCHES}
    rows = json.loads(TABLE.read_text())
    assert {row["name"]: row["expected"] for row in rows} == expected
    mutants = tool()
    for path in PATCHES:
        mutant = mutants.Mutant(path)
        row = next(row for row in rows if row["name"] == mutant.name)
        assert row["says"] == mutant.says and row["as_expected"] == mutants.is_as_expected(row), row["name"]


def test_another_assertion_than_the_one_meant_is_not_as_expected():
    row = {"expected": "Assertion, VoteOnce", "says": "offsets rise"}
    is_as_expected = tool().is_as_expected
    assert is_as_expected(row | {"killed_by": "VoteOnce", "detail": "two votes"})
    assert is_as_expected(row | {"killed_by": "Assertion", "detail": "failed: 42 vs 48 (offsets rise)"})
    assert not is_as_expected(row | {"killed_by": "Assertion", "detail": "failed (one voter at a time)"})
    assert not is_as_expected(row | {"killed_by": "LogMatching", "detail": "offsets rise"})


def test_the_program_knows_what_was_caught():
    mutants = tool()
    assert mutants.BUGS.read_text() == mutants.source(json.loads(TABLE.read_text()))
