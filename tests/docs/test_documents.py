"""The documents: what they name exists, the commands they show are commands, and README.md shows real output."""
from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "HACKING.md", "CHANGELOG.md", "scenarios/README.md")]
NAMES = [path.relative_to(ROOT).as_posix() for path in DOCUMENTS]
BIN = os.environ.get("KRAFTSIM_BIN", str(ROOT / "build/release/sim/cli/kraftsim"))

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.S | re.M)
LINK = re.compile(r"\]\((?!\w+:)([^)#]+)\)")
PATH = re.compile(r"`((?:core|sim|tests|tools|python|scenarios|bench|docs|notebooks|cmake|\.ci|\.github)/[\w./-]*)`")


def shell_lines(text: str) -> list[str]:
    """The commands of the fenced sh blocks, comments cut off, continued lines joined."""
    blocks = [body.replace("\\\n", " ") for language, body in FENCE.findall(text) if language == "sh"]
    lines = [line.split(" # ")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def commands(text: str) -> list[list[str]]:
    """Of the fenced sh blocks and of inline code: what calls kraftsim, without the program's own name."""
    inline = [code for code in re.findall(r"`([^`\n]+)`", FENCE.sub("", text)) if code.startswith("kraftsim ")]
    found = [shlex.split(line) for line in shell_lines(text) + inline]
    return [words[1:] for words in found if words and Path(words[0]).name == "kraftsim"]


def kraftsim(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([BIN, *arguments], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)


@pytest.mark.parametrize("name", NAMES)
def test_files_that_are_named_exist(name):
    path = ROOT / name
    text = path.read_text()
    missing = [link for link in LINK.findall(text) if not (path.parent / link).exists()]
    missing += [found for found in PATH.findall(text) if not (ROOT / found).exists()]
    for line in shell_lines(text):
        missing += [word for word in shlex.split(line) if re.match(r"(scenarios|tools|tests|sim)/\S*$", word)
                    and not (ROOT / word).exists()]
    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_make_targets_that_are_named_exist(name):
    text = (ROOT / name).read_text()
    named = set(re.findall(r"^(?:\w+=\S+ )*make ([a-z-]+)", "\n".join(shell_lines(text)), re.M))
    named |= set(re.findall(r"`make ([a-z-]+)", text))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert named <= targets


@pytest.mark.parametrize("name", NAMES)
def test_commands_are_commands(name):
    for verb, *arguments in commands((ROOT / name).read_text()):
        shown = kraftsim(verb, "--help")
        assert shown.returncode == 0, f"kraftsim {verb} --help: {shown.stderr}"
        options = [word.split("=")[0] for word in arguments if word.startswith("--")]
        assert [option for option in options if not re.search(rf"{option}\b", shown.stdout)] == [], verb
        for word in arguments:
            if word.startswith("scenarios/"):
                checked = kraftsim("check", word)
                assert checked.returncode == 0, checked.stderr


def test_readme_shows_what_the_program_prints():
    done = subprocess.run([str(ROOT / "tools/documents"), "--check"], cwd=ROOT, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_invariant_is_in_the_changelog():
    cards = {name for path in (ROOT / "sim/check").glob("*.hpp")
             for name in re.findall(r'kCard\{\s*"(\w+)"', path.read_text())}
    assert cards and all(card in (ROOT / "CHANGELOG.md").read_text() for card in cards)


def test_the_rooms_are_those_of_the_linter():
    listed = re.findall(r"^\| `((?:core|sim)/\w+)` \|", (ROOT / "ARCHITECTURE.md").read_text(), re.M)
    linter = re.search(r"_ALL = \((.*?)\)", (ROOT / "tools/tidy.py").read_text(), re.S)[1]
    assert listed == re.findall(r'"([\w/]+)"', linter)
