"""What all pictures share: size, colours that print and that the colour-blind can tell apart, and a PNG without a date,
so that the same numbers make the same file."""
from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  the backend is chosen first
import numpy as np  # noqa: E402

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")  # Okabe and Ito


def panels(count: int, title: str):
    figure, axes = plt.subplots(1, count, figsize=(4.8 * count, 3.8), sharey=True, squeeze=False)
    figure.suptitle(title)
    for axis in axes[0]:
        axis.grid(alpha=0.25)
        axis.set_ylim(0, 1.01)
        axis.spines[["top", "right"]].set_visible(False)
    return figure, axes[0]


def ecdf(axis, samples: np.ndarray, **style) -> None:
    ordered = np.sort(samples)
    axis.step(ordered, np.arange(1, len(ordered) + 1) / len(ordered), where="post", linewidth=1.6, **style)


def save(figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    figure.savefig(path, dpi=100, metadata={"Software": None})
    plt.close(figure)
