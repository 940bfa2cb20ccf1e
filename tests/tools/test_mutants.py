"""The planted bugs: every patch applies to the code as it is, and says what it expects."""
from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATCHES = sorted((ROOT / "tests" / "mutants").glob("*.patch"))


@pytest.mark.parametrize("path", PATCHES, ids=lambda path: path.stem)
def test_a_patch_applies(path, tmp_path):
    text = path.read_text()
    assert re.match(r"# what: .+\n# source: .+\n# expect: .+\n--- a/", text)
    for name in re.findall(r"^\+\+\+ b/(\S+)", text, re.M):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    done = subprocess.run(["patch", "-p1", "--batch", "--dry-run", "-i", str(path)], cwd=tmp_path, capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stdout + done.stderr
