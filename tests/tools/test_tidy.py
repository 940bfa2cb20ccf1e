"""tools/tidy.py: for every rule a tree where it fires and one where it is silent."""
from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

TIDY = Path(__file__).resolve().parents[2] / "tools" / "tidy.py"
spec = importlib.util.spec_from_file_location("tidy", TIDY)
tidy = importlib.util.module_from_spec(spec)
sys.modules["tidy"] = tidy
spec.loader.exec_module(tidy)

HEADER = "// What it is.\n// Why it is so.\n"


def found(root: Path, files: dict[str, str]) -> list[tidy.Finding]:
    """Writes the files (C++ ones below a proper header comment, if they have none) and checks the tree."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tidy.check_tree(root)


def rules(root: Path, files: dict[str, str]) -> list[str]:
    return [finding.rule for finding in found(root, files)]


def cpp(code: str, room: str = "core/raft") -> dict[str, str]:
    return {f"{room}/x.cpp": HEADER + code + "\n"}


def named(room: str, code: str) -> object:
    return pytest.param(room, code, id=f"{room}: {code.strip()[:60]}")


# rule -> (room, code) that must be reported, once
FIRES: dict[str, list[tuple[str, str]]] = {
    "unordered": [("core/raft", "std::unordered_map<int, int> f();"), ("sim/cli", "#include <unordered_set>"),
                  ("sim/report", "absl::flat_hash_map<int, int> f();")],
    "std-distribution": [("sim/world", "int f() { return std::uniform_int_distribution<int>(1, 6)(g); }"),
                         ("sim/world", "boost::random::normal_distribution<> f();")],
    "std-shuffle": [("sim/check", "void f() { std::shuffle(a, b, g); }"),
                    ("sim/check", "void f() { std::ranges::sample(a, b, 3, g); }"),
                    ("sim/check", "void f() { std::random_shuffle(a, b); }")],
    "random-device": [("sim/cli", "auto f() { return std::random_device{}(); }")],
    "std-engine": [("sim/engine", "std::mt19937_64 f();"), ("sim/engine", "std::default_random_engine f();")],
    "c-rand": [("core/raft", "int f() { return rand() % 6; }"), ("sim/world", "int f() { return std::rand(); }"),
               ("sim/world", "void f() { srand(7); }")],
    "std-hash": [("core/base", "auto f() { return std::hash<int>{}(3); }")],
    "wall-clock": [("core/node", "auto f() { return std::chrono::steady_clock::now(); }"),
                   ("sim/measure", "auto f() { return time(nullptr); }"),
                   ("sim/report", "auto f() { return std::chrono::system_clock::now(); }"),
                   ("sim/world", "void f() { clock_gettime(1, &t); }"),
                   ("core/base", "auto f() { return __DATE__; }")],
    "getenv": [("sim/scenario", 'auto f() { return std::getenv("HOME"); }')],
    "threads": [("core/node", "std::mutex f();"), ("sim/engine", "void f() { std::thread t(g); }"),
                ("sim/report", "auto f() { return std::async(g); }")],
    "thread-local": [("sim/cli", "  thread_local int depth;")],
    "pointer-cast": [("core/records", "auto f(char* p) { return reinterpret_cast<int*>(p); }"),
                     ("sim/world", "std::uintptr_t f();")],
    "pointer-key": [("sim/cluster", "std::map<const Node*, int> f();"), ("sim/cluster", "std::set<Node *> f();"),
                    ("sim/cluster", "boost::container::flat_map<std::shared_ptr<Node>, int> f();")],
    "floating-point": [("core/raft", "bool f(double x);"), ("sim/world", "float f();"),
                       ("sim/zookeeper", "std::chrono::duration<double> f();")],
    "switch-default": [("core/raft", "int f(R r) { switch (r) { default: return 1; } }")],
    "static": [
        ("core/raft", "int f() { static int calls = 0; return ++calls; }"),
        ("core/raft", "static std::map<int, int> cache;"),
        ("core/raft", "static std::function<int(int)> hook;"),
        ("core/raft", "static Thing thing(3);"),
        ("core/raft", "static const std::string kName = \"x\";"),
        ("core/raft", "static const char* kName = \"x\";"),
        ("core/raft", "inline int counter = 0;"),
        ("core/raft", "static inline int counter = 0;"),
        ("core/raft", "int counter;"),
        ("core/raft", "std::atomic<int> counter{0};"),
        ("core/raft", "struct S {\n  static int count;\n};"),
        ("sim/cli", "std::map<\n  int, int> cache;"),
    ],
    "layers": [
        ("core/base", '#include "core/records/varint.hpp"'),
        ("core/raft", '#include "core/metadata/image.hpp"'),
        ("core/node", '#include "sim/engine/queue.hpp"'),
        ("sim/engine", '#include "core/raft/replica.hpp"'),
        ("sim/world", '#include "core/records/batch.hpp"'),
        ("sim/cluster", '#include "core/metadata/image.hpp"'),
        ("sim/zookeeper", '#include "core/raft/replica.hpp"'),
        ("sim/zookeeper", '#include "core/metadata/image.hpp"'),
        ("sim/zookeeper", '#include "core/node/controller.hpp"'),
        ("sim/zookeeper", '#include <sim/kraft/host.hpp>'),
        ("sim/kraft", '#include "sim/zookeeper/session.hpp"'),
        ("sim/measure", '#include "sim/scenario/run.hpp"'),
        ("core/raft", '#include "../metadata/image.hpp"'),
        ("core/raft", '#include "log.hpp"'),
        ("sim/report", '#include "kraftsim_version.hpp"'),
        ("core/attic", "int f();"),
    ],
    "header-comment": [],  # the rest need trees of their own, below
    "pragma-once": [],
    "leftover": [("core/raft", "int f();  // FIXME later"), ("sim/cli", "int f();  // a HACK")],
    "line-length": [("core/raft", "// " + 118 * "x")],
    "scenario-json": [],
    "scenario-listed": [],
    "test-registered": [],
    "allow": [
        ("core/raft", "int f();  // tidy: allow(static) because nothing here needs it"),
        ("core/raft", "int f();  // tidy: allow(no-such-rule) because I say so"),
        ("core/raft", "int f();  // tidy: allow because I say so"),
    ],
}

SILENT: dict[str, list[tuple[str, str]]] = {
    "unordered": [("core/raft", "std::map<int, int> f();"), ("core/raft", "int f();  // not std::unordered_map"),
                  ("core/raft", 'auto f() { return "std::unordered_map"; }')],
    "std-distribution": [("sim/world", "Ns f() { return link.latency_distribution.draw(rng); }")],
    "std-shuffle": [("sim/world", "void f() { shuffle(items, rng); sample(items); }")],
    "random-device": [("sim/world", "/* random_device */ int f();")],
    "std-engine": [("sim/engine", "Engine f(kraftsim_sim_engine e);")],
    "c-rand": [("core/raft", "int f() { return rng.rand() + operand(3); }")],
    "std-hash": [("core/base", "auto f() { return digest.hash(3); }")],
    "wall-clock": [("core/node", "Time time() const;"),
                   ("sim/cli", "auto f() { return std::chrono::steady_clock::now(); }"),
                   ("sim/scenario", "auto f() { return std::chrono::steady_clock::now(); }")],
    "getenv": [("sim/cli", 'auto f() { return std::getenv("KRAFTSIM_JOBS"); }')],
    "threads": [("sim/scenario", "void f() { std::thread t(g); }"), ("sim/cli", "std::mutex f();"),
                ("sim/world", "int thread(int x);")],
    "thread-local": [("core/raft", "int f();  // no thread_local")],
    "pointer-cast": [("core/records", "auto f(int x) { return std::bit_cast<unsigned>(static_cast<int>(x)); }")],
    "pointer-key": [("sim/cluster", "std::map<int, Node*> f();"),
                    ("sim/cluster", "std::set<std::pair<int, int>> f(N* n);")],
    "floating-point": [("sim/measure", "double f();"), ("sim/report", "float f();"), ("core/raft", "int doubled();")],
    "switch-default": [("core/raft", "struct S { S() = default; };"),
                       ("sim/cli", "int f(int x) { switch (x) { default: return 1; } }")],
    "static": [
        ("core/raft", "int f() { static constexpr int kLimit = 3; return kLimit; }"),
        ("core/raft", "constexpr static std::array<int, 2> kTable{1, 2};"),
        ("core/raft", "inline constexpr int kLimit = 3;"),
        ("core/raft", "static const int kLimit = 3;"),
        ("core/raft", "static const std::int64_t kLimit{-3};"),
        ("core/raft", "static int f(int x = {});"),
        ("core/raft", "static std::map<int, int> f(std::function<int(int)> g) { return {}; }"),
        ("core/raft", "struct S {\n  static S make();\n};"),
        ("core/raft", "struct S {\n  static auto operator<(const S& a, S b) -> bool { return a.x < b.x; }\n};"),
        ("core/raft", "inline bool operator==(const S& a, const S& b) { return a.x == b.x; }"),
        ("core/raft", "inline std::string line(const S& s) {\n  int x = 3;\n  return {};\n}"),
        ("core/raft", "inline namespace v1 {\nint f();\n}"),
        ("core/raft", "template <class T>\nT f(T x) {\n  return x;\n}"),
        ("core/raft", "using Id = int;\nstruct S;\nenum class E { a, b };\nconstexpr int kLimit = 3;"),
        ("core/raft", "std::vector<\n  int>\nf(int x) {\n  return {};\n}"),
        ("core/raft", "S::S(int x) : x_{x} {}\nstatic_assert(sizeof(int) == 4);"),
        ("core/raft", "#define BOTH(a) \\\nint a = 0; \\\nint b"),
    ],
    "layers": [
        ("core/node", '#include <vector>\n#include "core/raft/replica.hpp"\n#include "core/node/x.hpp"'),
        ("sim/zookeeper", '#include "core/base/time.hpp"\n#include "sim/cluster/port.hpp"'),
        ("sim/zookeeper", '// #include "core/raft/replica.hpp"'),
        ("sim/kraft", '#include "core/node/controller.hpp"\n#include "sim/cluster/port.hpp"'),
        ("sim/check", '#include "sim/kraft/host.hpp"\n#include "sim/zookeeper/session.hpp"'),
        ("sim/cli", '#include "sim/report/text.hpp"\n#include "kraftsim_version.hpp"'),
        ("tests/core/base", '#include "sim/zookeeper/session.hpp"'),
    ],
    "header-comment": [], "pragma-once": [],
    "leftover": [("core/raft", "int f();  // mktemp XXXXXX, hacking")],
    "line-length": [("core/raft", "// " + 117 * "x")],
    "scenario-json": [], "scenario-listed": [], "test-registered": [],
    "allow": [
        ("core/raft", "int calls = 0;  // tidy: allow(static) because it belongs to the process"),
        ("core/raft", "// tidy: allow(static) because it belongs to the process,\n// not to any run.\nint calls = 0;"),
    ],
}


@pytest.mark.parametrize(("rule", "room", "code"),
                         [(rule, room, code) for rule, cases in FIRES.items() for room, code in cases])
def test_fires(tmp_path: Path, rule: str, room: str, code: str) -> None:
    assert rules(tmp_path, cpp(code, room)) == [rule]


@pytest.mark.parametrize(("room", "code"), [named(room, code) for cases in SILENT.values() for room, code in cases])
def test_is_silent(tmp_path: Path, room: str, code: str) -> None:
    assert found(tmp_path, cpp(code, room)) == []


def test_every_rule_has_both_kinds_of_test() -> None:
    own_tree = {"header-comment", "pragma-once", "scenario-json", "scenario-listed", "test-registered"}
    assert set(FIRES) == set(SILENT) == set(tidy.RULES)
    assert {rule for rule in FIRES if not FIRES[rule]} == {rule for rule in SILENT if not SILENT[rule]} == own_tree


@pytest.mark.parametrize("text", ["", "int x();\n", "// One line.\nint x();\n", "/* a\n b */\n",
                                  "#include <map>\n// Late.\n// Late.\n"])
def test_header_comment_fires(tmp_path: Path, text: str) -> None:
    assert "header-comment" in rules(tmp_path, {"core/raft/x.hpp": text})
    short = not text.startswith("// One line.")  # enough for a .cpp
    assert ("header-comment" in rules(tmp_path / "cpp", {"core/raft/y.cpp": text})) == short


def test_header_comment_is_silent_after_blank_lines(tmp_path: Path) -> None:
    assert rules(tmp_path, {"core/raft/x.cpp": "\n\n// What.\n//\n// Why.\nint x();\n"}) == []


def test_pragma_once(tmp_path: Path) -> None:
    assert rules(tmp_path, {"sim/world/x.hpp": HEADER + "int x();\n"}) == ["pragma-once"]
    assert rules(tmp_path, {"sim/world/x.hpp": HEADER + "#pragma once\nint x();\n"}) == []
    assert rules(tmp_path, {"sim/world/x.cpp": HEADER + "int x();\n"}) == []


def test_scenarios(tmp_path: Path) -> None:
    unlisted = {"scenarios/split_vote.json": "{}", "scenarios/README.md": "- `split_vote_r5`"}
    assert rules(tmp_path, unlisted) == ["scenario-listed"]
    assert rules(tmp_path, {"scenarios/README.md": "- `split_vote.json`: two candidates"}) == []
    broken = found(tmp_path, {"scenarios/schema/scenario.schema.json": '{\n  "a": 1,\n}'})
    assert [(f.file, f.line, f.rule) for f in broken] == [("scenarios/schema/scenario.schema.json", 3, "scenario-json")]
    assert rules(tmp_path, {"scenarios/schema/scenario.schema.json": "{}"}) == []


def test_test_registered(tmp_path: Path) -> None:
    assert rules(tmp_path, {"tests/core/raft/vote_test.cpp": "", "tests/support/x.cpp": ""}) == ["test-registered"]
    others = "# kraftsim_tests(core/raft)\nkraftsim_tests(core)\n"
    assert rules(tmp_path, {"CMakeLists.txt": others}) == ["test-registered"]
    assert rules(tmp_path, {"CMakeLists.txt": "kraftsim_tests(core/raft LABELS unit)\n"}) == []


def test_an_excuse_without_a_reason_excuses_nothing(tmp_path: Path) -> None:
    assert rules(tmp_path, cpp("int calls = 0;  // tidy: allow(static)")) == ["allow", "static"]
    assert rules(tmp_path, cpp("int calls = 0;  // tidy: allow(static) because")) == ["allow", "static"]


def test_an_excuse_covers_one_line_and_one_rule(tmp_path: Path) -> None:
    code = "int calls = 0;  // tidy: allow(static) because it belongs to the process\nint more = 0;"
    assert [(f.line, f.rule) for f in found(tmp_path, cpp(code))] == [(4, "static")]
    code = "double calls = 0;  // tidy: allow(static) because it belongs to the process"
    assert rules(tmp_path, cpp(code)) == ["floating-point"]


def test_stripping_keeps_lines_and_ignores_separators() -> None:
    code = "int a = 1'000'000; // rand()\nauto b = R\"x(rand()\n)x\"; char c = '\"'; int d; /* e\n */ int f;"
    stripped = tidy.strip_literals(code)
    assert len(stripped) == len(code) and stripped.count("\n") == code.count("\n")
    assert "rand" not in stripped and "1'000'000" in stripped and "int d;" in stripped and "int f;" in stripped
    assert "rand()\n)" in tidy.strip_comments(code)


def reachable(room: str) -> set[str]:
    direct = set(tidy.MAY_INCLUDE[room])
    return direct.union(*(reachable(other) for other in direct))


def test_the_table_goes_one_way() -> None:
    order = list(tidy.MAY_INCLUDE)
    for room, allowed in tidy.MAY_INCLUDE.items():
        assert all(order.index(other) < order.index(room) for other in allowed)


def test_the_two_coordinators_share_no_code() -> None:
    """Not even through a third room: a comparison with KRaft's own code in both arms would be worth nothing."""
    assert not reachable("sim/zookeeper") & {"core/raft", "core/metadata", "core/node", "sim/kraft"}
    assert not reachable("sim/kraft") & {"sim/zookeeper"}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(TIDY), *arguments], capture_output=True, text=True, check=False)


def test_command_line(tmp_path: Path) -> None:
    found(tmp_path, {"core/raft/b.cpp": HEADER + "int f() { return rand(); }\n",
                     "core/raft/a.cpp": HEADER + "int b = 0;\n"})
    done = run("--root", str(tmp_path))
    assert done.returncode == 1
    assert [line.split(": ")[:2] for line in done.stdout.splitlines()] == [["core/raft/a.cpp:3", "static"],
                                                                           ["core/raft/b.cpp:3", "c-rand"]]
    (tmp_path / "core/raft/a.cpp").unlink()
    (tmp_path / "core/raft/b.cpp").unlink()
    assert run("--root", str(tmp_path)).returncode == 0


def test_list_rules() -> None:
    done = run("--list-rules")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines() if line[0] != " "] == list(tidy.RULES)
