"""How often the truth lies in the widened range, and how wide it is (formats.md §6), over every shape and regime.

`python -m tests.core.trials [TRIALS] [none|block|rows|random ...]` draws so many months of each regime and shape, loses
a block of one hour to one day of one number (its events, or its messages with all that became of them in a log whose
rows are messages), or 2 % of the events, or nothing, and prints a line for each.
"""

import sys
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from auditor.core.timeline import DAY
from auditor.core.timeline import HOUR
from tests.core.health.test_widening import audited
from tests.core.health.test_widening import total_of
from tests.core.health.test_widening import widening
from tests.core.traffic import MONTHS
from tests.core.traffic import SHAPES
from tests.core.traffic import month
from tests.core.traffic import without_block
from tests.core.traffic import without_rows
from tests.core.traffic import without_some

_SMALL = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Trial:
    """What was lost of a total, and the range that was given for it."""

    truth: Decimal
    loss: Decimal
    below: Decimal
    above: Decimal

    @property
    def covered(self) -> bool:
        """Tell whether the truth lies in the range."""
        return -self.below <= self.loss <= self.above

    @property
    def nearly(self) -> bool:
        """Tell whether it lies in the range, or outside by less than a thousandth of the total."""
        slack = self.truth * _SMALL
        return -self.below - slack <= self.loss <= self.above + slack


def trial(regime: str, shape: str, how: str, seed: int) -> Trial:
    """Draw a month and lose a part of it."""
    account, events = month(regime, SHAPES[shape], seed)
    rng = np.random.default_rng(seed + 1000)
    kept = events
    if how == "random":
        kept = without_some(events, 0.02, rng)
    elif how in ("block", "rows"):
        length = int(rng.uniform(1, 24) * HOUR)
        days = (account.last - account.first).days + 1
        start = int(events.at[0]) + 2 * DAY + int(rng.uniform(0, days * DAY - length))
        lose = without_block if how == "block" else without_rows
        kept = lose(events, int(rng.integers(SHAPES[shape].numbers)), start, length)
    found, truth = audited(kept, account, merged=how == "rows"), total_of(audited(events, account))
    return Trial(truth, truth - total_of(found), *widening(found))


def told(name: str, made: list[Trial]) -> str:
    """Say how trials came out."""
    widths = [float((one.below + one.above) / abs(one.loss)) for one in made if one.loss]
    whole = sum(abs(one.loss) for one in made)
    figures = [
        f"covered {np.mean([one.covered for one in made]):.1%}",
        f"to a thousandth {np.mean([one.nearly for one in made]):.1%}",
        f"widened {sum(bool(one.below or one.above) for one in made)} of {len(made)}",
    ]
    if whole:
        figures += [
            f"width / loss: middle {np.median(widths):.2f}, 9 in 10 under {np.quantile(widths, 0.9):.2f}",
            f"under 3: {np.mean(np.array(widths) < 3):.1%}",
            f"of all {float(sum(one.below + one.above for one in made) / whole):.2f}",
        ]
    return f"{name:<45} " + "; ".join(figures) + "\n"


def main(arguments: list[str]) -> None:
    """Make the trials and print a line for each regime and shape."""
    count = int(arguments[0]) if arguments else 20
    for how in arguments[1:] or ["none", "block", "rows", "random"]:
        every: list[Trial] = []
        for regime in MONTHS:
            for shape in SHAPES:
                made = [trial(regime, shape, how, seed) for seed in range(count)]
                every += made
                sys.stdout.write(told(f"{how} {regime} {shape}", made))
        sys.stdout.write(told(f"{how}: all", every))


if __name__ == "__main__":
    main(sys.argv[1:])
