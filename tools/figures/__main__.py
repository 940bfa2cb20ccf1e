#!/usr/bin/python3
"""Reproduces the figures and holds them to their bounds; exit code 1 if a bound is missed.

    python3 tools/figures [figure ...] [--seeds N] [--jobs N] [--out DIR]

Without --seeds each figure takes as many as its bounds were set for; with fewer, the bounds are widened by the sampling
error of the smaller sample (judge.py says how). The program is build/release/sim/cli/kraftsim or KRAFTSIM_BIN.
"""
from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from figures import kafka_loopback, outcome_matrix, raft_paper_lan, raft_refloated, thesis_wan  # noqa: E402  found only after the line above
from figures.judge import Judge  # noqa: E402
from figures.simulate import ROOT, kraftsim  # noqa: E402

FIGURES = {figure.NAME: figure for figure in (thesis_wan, raft_paper_lan, raft_refloated, kafka_loopback,
                                              outcome_matrix)}


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools/figures", description=__doc__.splitlines()[0])
    parser.add_argument("figure", nargs="*", help=f"of {', '.join(FIGURES)}; all if none is named")
    parser.add_argument("--seeds", type=int, help="fewer than each figure's own number")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=ROOT / "build/figures", help="where the PNG files go")
    parser.add_argument("--extract", type=Path, metavar="FILE",
                        help="instead: make tests/figures/data/kafka_loopback.json anew from a file of measurements")
    args = parser.parse_args()
    if args.extract:
        kafka_loopback.write_extract(args.extract)
        return 0
    if unknown := set(args.figure) - set(FIGURES):
        parser.error(f"no figure is called {' or '.join(sorted(unknown))}")
    if not kraftsim().exists():
        raise SystemExit(f"figures: there is no {kraftsim()}; build it with: tools/build release kraftsim")
    missed = []
    for name in args.figure or FIGURES:
        figure = FIGURES[name]
        seeds = args.seeds or figure.SEEDS
        judge = Judge(reduced=seeds < figure.SEEDS)
        print(f"== {name}: {figure.__doc__.splitlines()[0]} {seeds} seeds, times in ms", flush=True)
        found = figure.run(judge, seeds, args.jobs)
        print(judge.table(), flush=True)
        if note := getattr(figure, "NOTE", None):
            print(note, flush=True)
        figure.plot(found, args.out / f"{name}.png")
        print(f"   {args.out / name}.png\n", flush=True)
        missed += judge.missed
    for row in missed:
        print(f"missed: {row.figure}: {row.what}: theirs {row.theirs}, ours {row.ours}, bound {row.bound}")
    print(f"figures: {'all bounds hold' if not missed else f'{len(missed)} bounds missed'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
