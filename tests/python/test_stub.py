"""_core.pyi names exactly what the compiled module has, and everything in it is documented."""
from __future__ import annotations

import ast
from pathlib import Path

import kraftsim
from kraftsim import _core

STUB = ast.parse((Path(kraftsim.__file__).parent / "_core.pyi").read_text())


def declared(body: list[ast.stmt]) -> set[str]:
    names = {node.name for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    return names | {node.target.id for node in body if isinstance(node, ast.AnnAssign)}


def present(scope: object) -> set[str]:
    return {name for name in vars(scope) if not name.startswith("_")}


def public(names: set[str]) -> set[str]:
    return {name for name in names if not name.startswith("_")}


def test_module():
    assert public(declared(STUB.body)) == present(_core)


def test_classes():
    for node in STUB.body:
        if isinstance(node, ast.ClassDef):
            assert public(declared(node.body)) == present(getattr(_core, node.name)), node.name
            assert getattr(_core, node.name).__doc__


def test_everything_exported_is_documented():
    for name in kraftsim.__all__:
        assert name == "MISSING" or getattr(kraftsim, name).__doc__, name
