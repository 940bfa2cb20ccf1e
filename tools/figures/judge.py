"""Ours beside theirs: one Row per number, with the bound it is held to.

A full run uses as many seeds as the bounds were set for and holds the bounds as they stand. A run with fewer seeds
(`Judge(reduced=True)`, what `make test` does) adds to every bound the sampling error of our smaller sample, at 99.9 %:
for a mean 3.3 standard errors; for a quantile the distance to the order statistics that the binomial distribution
puts around it; for a share 3.3 of its standard errors; for a Kolmogorov-Smirnov distance 1.95 / sqrt(n). No bound is
widened for any other reason.
"""
from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

SIGMAS = 3.3        # 99.9 % of a normal distribution, both sides
KOLMOGOROV = 1.95   # 99.9 % of sqrt(n) times the one-sample distance


@dataclass(frozen=True)
class Row:
    figure: str
    what: str
    theirs: str
    ours: str
    off: str        # how far ours is from theirs, in the bound's terms
    bound: str      # empty: for information
    ok: bool


@dataclass
class Judge:
    reduced: bool = False
    rows: list[Row] = field(default_factory=list)

    def mean(self, figure: str, what: str, theirs: float, samples: np.ndarray, percent: float) -> None:
        ours = float(samples.mean())
        slack = SIGMAS * float(samples.std(ddof=1)) / np.sqrt(len(samples))
        self._relative(figure, what, theirs, ours, percent, slack)

    def quantile(self, figure: str, what: str, theirs: float, samples: np.ndarray, share: float,
                 percent: float) -> None:
        if len(samples) == 0:
            self.fact(figure, what, f"{theirs:.1f}", "no sample", f"{percent:g} %", ok=False)
            return
        ordered = np.sort(samples)
        ours = quantile(ordered, share)
        spread = SIGMAS * np.sqrt(len(ordered) * share * (1 - share))
        low, high = (ordered[int(np.clip(np.ceil(len(ordered) * share) - 1 + side * spread, 0, len(ordered) - 1))]
                     for side in (-1, 1))
        slack = ours - low if ours > theirs else high - ours
        self._relative(figure, what, theirs, ours, percent, float(slack))

    def share(self, figure: str, what: str, theirs: float, ours: np.ndarray, points: float) -> None:
        """Of true entries; `ours` is a boolean per run."""
        share = float(ours.mean()) if len(ours) else np.nan
        slack = SIGMAS * np.sqrt(max(share * (1 - share), 0.25 / max(len(ours), 1)) / max(len(ours), 1))
        off = 100 * (share - theirs)
        bound = points + (100 * slack if self.reduced else 0)
        self.fact(figure, what, f"{100 * theirs:.1f} %", f"{100 * share:.1f} %", f"{bound:.3g} points",
                  f"{off:+.1f} points", bool(abs(off) <= bound))

    def distance(self, figure: str, what: str, theirs: np.ndarray, ours: np.ndarray, bound: float) -> None:
        found = ks_distance(theirs, ours)
        bound += KOLMOGOROV / np.sqrt(len(ours)) if self.reduced else 0
        self.fact(figure, what, f"n = {len(theirs)}", f"n = {len(ours)}", f"KS {bound:.2f}", f"KS {found:.3f}",
                  bool(found <= bound))

    def fact(self, figure: str, what: str, theirs: str, ours: str, bound: str = "", off: str = "",
             ok: bool = True) -> None:
        self.rows.append(Row(figure, what, theirs, ours, off, bound, ok))

    def _relative(self, figure: str, what: str, theirs: float, ours: float, percent: float, slack: float) -> None:
        bound = percent + (100 * slack / theirs if self.reduced else 0)
        off = 100 * (ours / theirs - 1)
        self.fact(figure, what, f"{theirs:.1f}", f"{ours:.1f}", f"{bound:.3g} %", f"{off:+.1f} %", abs(off) <= bound)

    @property
    def missed(self) -> list[Row]:
        return [row for row in self.rows if not row.ok]

    def table(self, figure: str | None = None) -> str:
        rows = [row for row in self.rows if figure in (None, row.figure)]
        cells = [("", "theirs", "ours", "off by", "bound", "")]
        cells += [(row.what, row.theirs, row.ours, row.off, row.bound, verdict(row)) for row in rows]
        widths = [max(len(cell[column]) for cell in cells) for column in range(5)]
        return "\n".join(
            "  ".join([f"{cell[0]:{widths[0]}}", *(f"{cell[i]:>{widths[i]}}" for i in range(1, 5)), cell[5]]).rstrip()
            for cell in cells)


def verdict(row: Row) -> str:
    return ("ok" if row.ok else "MISSED") if row.bound else ""


def quantile(ordered: np.ndarray, share: float) -> float:
    """Nearest rank, as sim/measure/statistics.hpp takes it."""
    return float(ordered[max(int(np.ceil(len(ordered) * share)) - 1, 0)])


def ks_distance(a: np.ndarray, b: np.ndarray) -> float:
    """The largest distance between the two empirical distributions."""
    if len(a) == 0 or len(b) == 0:
        return np.nan
    points = np.concatenate([a, b])
    below_a = np.searchsorted(np.sort(a), points, side="right") / len(a)
    below_b = np.searchsorted(np.sort(b), points, side="right") / len(b)
    return float(np.abs(below_a - below_b).max())
