"""`run --paper` with more instruments than it streams by itself.

`python -m benchmarks.at_rest_run FILE run --paper ...` is the product's own process in every other
respect: behind the universe and its index, contracts of the day's list are streamed until there are
500 instruments. Their tokens are written into FILE as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ninefifteen.adapters.zerodha.feed import ZerodhaFeed
from ninefifteen.cli import main

INSTRUMENTS = 500


def run(told: Path) -> None:
    """Run the command line with that one addition."""
    watch = ZerodhaFeed.watch_universe

    def watch_more(feed: ZerodhaFeed, *indices: str) -> None:
        watch(feed, *indices)
        feed._stream(feed._contracts.rows[: INSTRUMENTS - len(feed._wanted)])  # noqa: SLF001 - the addition
        told.write_text(json.dumps(sorted(feed._wanted)), encoding="utf-8")  # noqa: SLF001

    ZerodhaFeed.watch_universe = watch_more  # type: ignore[method-assign,assignment]
    main()


if __name__ == "__main__":
    file = Path(sys.argv.pop(1))
    run(file)
