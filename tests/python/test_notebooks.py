"""Every notebook still says what its committed outputs say: runs are deterministic, so text must be equal. Images are
not compared. KRAFTSIM_REWRITE=1 writes the outputs anew; read the difference before committing it.
"""
from __future__ import annotations

import os
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


def texts(cell: nbformat.NotebookNode) -> list[str]:
    """What a code cell printed and returned; pieces of one stream are joined, as their number is chance."""
    out: dict[int | str, str] = {}
    for number, output in enumerate(cell.get("outputs", [])):
        if output.output_type == "stream":
            out[output.name] = out.get(output.name, "") + output.text
        elif not any(kind.startswith("image/") for kind in output.data):
            out[number] = output.data["text/plain"]
    return list(out.values())


@pytest.mark.filterwarnings("ignore")  # of the Jupyter libraries, about each other
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook(path: Path):
    committed = nbformat.read(path, as_version=4)
    executed = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(executed, timeout=900, record_timing=False,
                            resources={"metadata": {"path": path.parent}}).execute()
    if os.environ.get("KRAFTSIM_REWRITE"):
        executed.metadata = committed.metadata  # not the versions of this machine
        nbformat.write(executed, path)
        return
    for number, (ours, theirs) in enumerate(zip(executed.cells, committed.cells, strict=True)):
        if ours.cell_type == "code":
            assert texts(ours) == texts(theirs), f"cell {number} of {path.name} says something else now"


def test_there_is_a_notebook():
    assert NOTEBOOKS
