#!/usr/bin/python3
"""The project's own linter: the layering, the determinism bans and the form of files.

    tools/tidy.py [--root DIR] [--list-rules]

Prints `file:line: rule: message`, sorted; exits with 1 if there is anything to print. A line of C++ may be excused, on
the line itself or in a comment directly above it, by `// tidy: allow(<rule>) because <reason>`. The reason is
mandatory, and an excuse that excuses nothing is reported as well.
"""
from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Iterable, Iterator, NamedTuple

# ---- The architecture: room -> the rooms it may include, besides itself ----------------------------------------------
# sim/zookeeper is the control group of every comparison: it shares the world with KRaft and none of its code.
_ALL = ("core/base", "core/records", "core/raft", "core/metadata", "core/node",
        "sim/engine", "sim/world", "sim/cluster", "sim/kraft", "sim/zookeeper",
        "sim/check", "sim/measure", "sim/scenario", "sim/report", "sim/cli")


def _above(room: str) -> tuple[str, ...]:
    return _ALL[:_ALL.index(room)]


MAY_INCLUDE: dict[str, tuple[str, ...]] = {
    "core/base": (),
    "core/records": ("core/base",),
    "core/raft": ("core/base", "core/records"),
    "core/metadata": ("core/base", "core/records"),
    "core/node": ("core/base", "core/records", "core/raft", "core/metadata"),
    "sim/engine": ("core/base",),
    "sim/world": ("core/base", "sim/engine"),
    "sim/cluster": ("core/base", "sim/engine", "sim/world"),
    "sim/kraft": ("core/base", "core/records", "core/raft", "core/metadata", "core/node", "sim/engine", "sim/world",
                  "sim/cluster"),
    "sim/zookeeper": ("core/base", "sim/engine", "sim/world", "sim/cluster"),
    "sim/check": _above("sim/check"),
    "sim/measure": _above("sim/measure"),
    "sim/scenario": _above("sim/scenario"),
    "sim/report": _above("sim/report"),
    "sim/cli": _above("sim/cli"),
}
VERSION_HEADER = "kraftsim_version.hpp"
MAY_INCLUDE_VERSION = ("sim/scenario", "sim/cli")

# ---- The determinism bans --------------------------------------------------------------------------------------------
CORE = tuple(room for room in _ALL if room.startswith("core/"))
DECIDES_TIMES = CORE + ("sim/engine", "sim/world", "sim/cluster", "sim/kraft", "sim/zookeeper")


@dataclass(frozen=True)
class Ban:
    rule: str
    pattern: re.Pattern[str]
    reason: str
    instead: str
    rooms: tuple[str, ...] = _ALL
    exceptions: dict[str, str] = field(default_factory=dict)  # room -> why it may

    def applies_to(self, room: str) -> bool:
        return room in self.rooms and room not in self.exceptions


def _ban(rule: str, pattern: str, reason: str, instead: str, rooms: tuple[str, ...] = _ALL,
         exceptions: dict[str, str] | None = None) -> Ban:
    return Ban(rule, re.compile(pattern), reason, instead, rooms, exceptions or {})


BANS: tuple[Ban, ...] = (
    _ban("unordered", r"\bunordered_(?:multi)?(?:map|set)\b|\babsl::(?:flat|node)_hash_",
         "the order of iteration differs between libraries and runs", "std::map, flat_map or a sorted vector"),
    _ban("std-distribution", r"\b(?:std|boost)::(?:random::)?\w+_distribution\b",
         "the numbers drawn differ between libraries and versions", "the integer samplers of core/base/rng.hpp"),
    _ban("std-shuffle", r"\bstd::(?:ranges::)?(?:shuffle|sample|random_shuffle)\b",
         "the permutation drawn differs between libraries", "the shuffle of core/base/rng.hpp"),
    _ban("random-device", r"\brandom_device\b",
         "a run is a function of its seed", "a named stream of core/base/rng.hpp"),
    _ban("std-engine", r"\b(?:mt19937(?:_64)?|minstd_rand0?|default_random_engine|ranlux\d+\w*|knuth_b"
         r"|(?:mersenne_twister|linear_congruential|subtract_with_carry)_engine)\b",
         "there is one generator, split into named streams", "a named stream of core/base/rng.hpp"),
    _ban("c-rand", r"(?<![\w.>:])(?:std::|::)?s?rand\s*\(|\b[dlm]rand48\b",
         "hidden state shared by the whole process", "a named stream of core/base/rng.hpp"),
    _ban("std-hash", r"\bstd::hash\b",
         "hash values differ between libraries", "core/base/digest.hpp, or an ordered container"),
    _ban("wall-clock",
         r"\b(?:system_clock|steady_clock|high_resolution_clock|clock_gettime|gettimeofday|timespec_get)\b"
         r"|(?<![\w.>])time\s*\(\s*(?:nullptr|NULL|0|&)|\bstd::clock\s*\(|__(?:DATE|TIME|TIMESTAMP)__",
         "real time is not part of a run", "the `now` that is passed in",
         exceptions={"sim/cli": "shows progress", "sim/scenario": "reports wall_ns and enforces time limits"}),
    _ban("getenv", r"\b(?:secure_)?getenv\b", "the environment is not part of a run", "a flag or a scenario key",
         exceptions={"sim/cli": "decides about colour and annotations"}),
    _ban("threads",
         r"\bstd::(?:jthread|thread|async|this_thread|(?:\w+_)?mutex|condition_variable\w*|future|promise)\b",
         "one run is one thread", "parallel runs, which sim/scenario starts",
         exceptions={"sim/cli": "starts sweeps and handles interrupts", "sim/scenario": "runs seeds in parallel"}),
    _ban("thread-local", r"\bthread_local\b", "state outside the copyable simulation", "a member"),
    _ban("pointer-cast", r"\breinterpret_cast\b|\bu?intptr_t\b", "addresses differ between runs; casts read padding",
         "std::bit_cast, std::byte spans, or an id"),
    _ban("pointer-key", r"\b(?:flat_)?(?:multi)?(?:map|set)\s*<\s*(?:(?:const\s+)?[\w:]+(?:<[^<>]*>)?(?:\s+const)?\s*\*"
         r"|std::(?:shared|unique)_ptr\b)", "ordered by address, which differs between runs", "an id as the key"),
    _ban("floating-point", r"\b(?:double|float)\b", "rounding must never decide what happens when",
         "integers: nanoseconds, counts, ratios of two integers", rooms=DECIDES_TIMES),
    _ban("switch-default", r"\bdefault\s*:", "it silences -Wswitch when an enumerator is added",
         "one case per enumerator", rooms=CORE),
)

OTHER_RULES: dict[str, str] = {
    "layers": "a file may include its own room and those the table at the top of tidy.py lists",
    "static": "a variable outside the copyable simulation survives a fork and leaks between runs; constexpr may stay",
    "header-comment": "every file opens with what it is, why it has this shape, and what it must not know",
    "pragma-once": "every header opens with it",
    "leftover": "FIXME, XXX and HACK are notes to finish before a change goes in",
    "line-length": "120 columns are the end of the page",
    "scenario-json": "every .json below scenarios/ must parse",
    "scenario-listed": "scenarios/README.md tells what each scenario is for",
    "test-registered": "a *_test.cpp in a folder without kraftsim_tests() in CMakeLists.txt would never run",
    "allow": "an excuse names a rule, gives a reason after `because`, and excuses something",
}
RULES: dict[str, str] = {**{ban.rule: ban.reason for ban in BANS}, **OTHER_RULES}


class Finding(NamedTuple):
    file: str
    line: int
    rule: str
    message: str


# ---- Reading C++ -----------------------------------------------------------------------------------------------------
_TOKEN = re.compile(
    r"""(?P<comment>//(?:[^\\\n]|\\.)*|/\*.*?(?:\*/|\Z))
      |(?P<literal>(?<!\w)(?:u8|[uUL])?R"(?P<end>[^()\\\s]{0,16})\(.*?\)(?P=end)"
                  |"(?:[^"\\\n]|\\.)*"
                  |(?<!\w)(?:u8|[uUL])?'(?:[^'\\\n]|\\.)+')""", re.S | re.X)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def strip_comments(text: str) -> str:
    """The code with comments blanked; every line and column stays where it was."""
    return _TOKEN.sub(lambda m: _blank(m[0]) if m["comment"] else m[0], text)


def strip_literals(text: str) -> str:
    """The code with comments and the insides of string and character literals blanked."""
    return _TOKEN.sub(lambda m: _blank(m[0]), text)


_DECLARATION = re.compile(r"(?:\bconstexpr\s+)?\b(?:static|inline)\b|^(?=[A-Za-z_])", re.M)
_NO_VARIABLE = re.compile(
    r"(?:inline\s+)?(?:using|namespace|struct|class|enum|union|template|concept|requires|typedef|friend|extern|"
    r"static_assert|__extension__)\b|.*\b(?:constexpr|operator)\b", re.S)
_INTEGRAL = re.compile(r"(?:\w+\s+)?const\s+(?:std::)?(?:u?int\d+_t|size_t|unsigned|int|bool|char)\s+\w+\s*[={]\s*-?\d")


def static_variables(code: str) -> Iterator[int]:
    """Offsets of variables that live outside every object and are not constexpr: local, class and namespace scope.

    A declaration starts at `static` or `inline`, or at column 0 (namespaces are not indented here). It is a function
    if, template arguments aside, a parenthesis comes before the first `;`, `{` or `=`. Integral constants may stay.
    """
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: _blank(m[0]), code, flags=re.M)
    head_end = 0
    for start in _DECLARATION.finditer(code):
        if start.start() < head_end:
            continue  # `static inline` is one declaration
        text, found = code[start.start():start.start() + 1000], 1
        while found:
            text, found = re.subn(r"<[^<>;{}]*>", lambda m: _blank(m[0]), text)
        head = re.match(r"[^;({=]*", text)[0]
        head_end = start.start() + max(len(head), 1)
        is_function = text[len(head):].startswith("(") and not re.match(r"\(\s*\d", text[len(head):])
        if not (is_function or _NO_VARIABLE.match(head) or _INTEGRAL.match(text) or len(head.split()) < 2):
            yield start.start()


_ALLOW = re.compile(r"//\s*tidy:\s*allow\b(?:\(([\w-]*)\))?\s*(?:because\s+(\S.*))?")


class Excuses:
    """The `tidy: allow` comments of one file."""

    def __init__(self, file: str, lines: list[str]) -> None:
        self.problems: list[Finding] = []
        self._covers: dict[tuple[int, str], int] = {}  # (excused line, rule) -> line of the comment
        self._written: dict[int, str] = {}
        self._file = file
        for number, line in enumerate(lines, 1):
            if not (match := _ALLOW.search(line)):
                continue
            rule, reason = match[1], match[2]
            if rule not in RULES:
                self._complain(number, f"no rule is called '{rule or ''}'; see --list-rules")
            elif not reason:
                self._complain(number, "say why: // tidy: allow(rule) because <reason>")
            else:
                self._written[number] = rule
                covered = number
                while covered <= len(lines) and lines[covered - 1].lstrip().startswith("//"):
                    covered += 1  # a comment of its own excuses the first line of code below it
                self._covers[covered, rule] = self._covers[number, rule] = number

    def _complain(self, line: int, message: str) -> None:
        self.problems.append(Finding(self._file, line, "allow", message))

    def filter(self, findings: Iterable[Finding]) -> list[Finding]:
        kept, used = list(self.problems), set()
        for finding in findings:
            comment = self._covers.get((finding.line, finding.rule))
            used.add(comment)
            if comment is None:
                kept.append(finding)
        kept += [Finding(self._file, number, "allow", f"excuses nothing: no '{rule}' here; remove it")
                 for number, rule in self._written.items() if number not in used]
        return kept


# ---- The checks ------------------------------------------------------------------------------------------------------
def room_of(path: str) -> str:
    return "/".join(path.split("/")[:2])


def _line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def check_layers(file: str, text: str) -> Iterator[Finding]:
    room = room_of(file)
    if room not in MAY_INCLUDE:
        yield Finding(file, 1, "layers", f"'{room}' is no room; the table is at the top of tools/tidy.py")
        return
    code = strip_comments(text)
    for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', code, re.M):
        quote, target, line = match[1], match[2], _line_of(code, match.start())
        if target.endswith(VERSION_HEADER):
            if room not in MAY_INCLUDE_VERSION:
                yield Finding(file, line, "layers", f"only {' and '.join(MAY_INCLUDE_VERSION)} include this header")
        elif target.startswith(("core/", "sim/")):
            if room_of(target) != room and room_of(target) not in MAY_INCLUDE[room]:
                allowed = ", ".join(MAY_INCLUDE[room]) or "nothing"
                yield Finding(file, line, "layers",
                              f"{room} may not include {room_of(target)}; besides itself: {allowed}")
        elif quote == '"':
            yield Finding(file, line, "layers",
                          f'write "{target}" from the root ("core/…", "sim/…"), or in <> if it is a library\'s')


def check_bans(file: str, text: str) -> Iterator[Finding]:
    room, code = room_of(file), strip_literals(text)
    for ban in BANS:
        if ban.applies_to(room):
            for line in sorted({_line_of(code, match.start()) for match in ban.pattern.finditer(code)}):
                yield Finding(file, line, ban.rule, f"{ban.reason}; use {ban.instead}")
    for line in sorted({_line_of(code, offset) for offset in static_variables(code)}):
        yield Finding(file, line, "static", "a variable that every run shares; make it constexpr or a member")


def check_form(file: str, text: str) -> Iterator[Finding]:
    wanted = 2 if file.endswith(".hpp") else 1  # a .cpp has its header's comment to lean on
    leading = [line.strip() for line in text.lstrip().splitlines()[:wanted]]
    if len(leading) < wanted or not all(line.startswith("//") for line in leading):
        yield Finding(file, 1, "header-comment",
                      f"open with at least {wanted} // lines: what this is, why so, what it must not know")
    if file.endswith(".hpp") and not re.search(r"^#pragma once$", text, re.M):
        yield Finding(file, 1, "pragma-once", "a header needs #pragma once")


def check_lines(file: str, text: str) -> Iterator[Finding]:
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.search(r"\b(?:FIXME|XXX|HACK)\b", line):
            yield Finding(file, number, "leftover", f"finish what '{match[0]}' marks, or write it as an issue")
        if len(line) > 120:
            yield Finding(file, number, "line-length", f"{len(line)} columns; 120 at most")


def check_scenarios(root: Path) -> Iterator[Finding]:
    folder = root / "scenarios"
    readme = folder / "README.md"
    listed = readme.read_text(encoding="utf-8") if readme.exists() else ""
    for path in sorted(folder.rglob("*.json")):
        name = path.relative_to(root).as_posix()
        try:
            json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:  # JSON and UTF-8 errors alike
            yield Finding(name, getattr(error, "lineno", 1), "scenario-json", str(error))
        if path.parent == folder and not re.search(rf"(?<![\w-]){re.escape(path.stem)}(?![\w-])", listed):
            yield Finding(name, 1, "scenario-listed", "say in scenarios/README.md what it is for")


def check_tests(root: Path) -> Iterator[Finding]:
    cmake = root / "CMakeLists.txt"
    text = re.sub(r"#.*", "", cmake.read_text(encoding="utf-8")) if cmake.exists() else ""
    registered = set(re.findall(r"\bkraftsim_tests\(\s*([\w/-]+)", text))
    for path in sorted((root / "tests").rglob("*_test.cpp")):
        folder = path.parent.relative_to(root / "tests").as_posix()
        if folder not in registered:
            yield Finding(path.relative_to(root).as_posix(), 1, "test-registered",
                          f"add kraftsim_tests({folder} …) to CMakeLists.txt")


ROOM_CHECKS: tuple[Callable[[str, str], Iterator[Finding]], ...] = (check_layers, check_bans, check_form, check_lines)


def check_tree(root: Path) -> list[Finding]:
    findings: list[Finding] = []
    for top in ("core", "sim", "tests", "bench", "python"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix not in (".hpp", ".cpp") or not path.is_file():
                continue
            name, text = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
            checks = ROOM_CHECKS if top in ("core", "sim") else (check_lines,)
            found = [finding for check in checks for finding in check(name, text)]
            findings += Excuses(name, text.splitlines()).filter(found)
    return sorted([*findings, *check_scenarios(root), *check_tests(root)])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent, help="the tree to check")
    parser.add_argument("--list-rules", action="store_true", help="print every rule with its reason")
    args = parser.parse_args(arguments)
    if args.list_rules:
        for rule, reason in RULES.items():
            print(f"{rule:17} {reason}")
            for room, why in next((ban.exceptions for ban in BANS if ban.rule == rule), {}).items():
                print(f"{'':17}   except {room}: {why}")
        return 0
    findings = check_tree(args.root)
    for finding in findings:
        print(f"{finding.file}:{finding.line}: {finding.rule}: {finding.message}")
    if findings:
        print(f"tidy: {len(findings)} to fix", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
