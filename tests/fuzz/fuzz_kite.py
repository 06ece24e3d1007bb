"""Coverage-guided fuzzing of what Kite's ticker may send.

`python -m tests.fuzz.fuzz_kite -max_total_time=60` needs atheris (`pip install atheris`); its options are
libFuzzer's. It ends with an error at the first input that makes a parser raise, misread a packet or
break its own account of the frame. The first byte of an input chooses: even is a binary frame, odd a
text frame.
"""

from __future__ import annotations

import sys
from importlib import import_module
from inspect import isfunction

from ninefifteen.adapters.zerodha import packets, texts, wire
from ninefifteen.adapters.zerodha.packets import LAYOUTS
from ninefifteen.adapters.zerodha.texts import OrderHint, Text, read_text
from ninefifteen.adapters.zerodha.wire import decode


def one_input(data: bytes) -> None:
    """Parse it, and look whether what came out can be true."""
    if data and data[0] % 2:
        look_at_text(data[1:])
    else:
        look_at_frame(data[1:])


def look_at_frame(frame: bytes) -> None:
    """Every tick stands in the frame behind its own length, in this order; the rest is damage."""
    ticks = decode(frame)
    rows = ticks.rows()
    assert len(rows) == len(ticks) == len(ticks.as_dicts())
    assert ticks.last.tolist() == [row.last for row in rows]
    heads = [
        LAYOUTS[length].length.to_bytes(2, "big") + row.token.to_bytes(4, "big") + row.last.to_bytes(4, "big")
        for row, length in zip(rows, ticks.lengths.tolist(), strict=True)
    ]
    at = 2
    for head, length in zip(heads, ticks.lengths.tolist(), strict=True):
        found = frame.find(head, at)
        assert found >= at
        at = found + 2 + length
        assert at <= len(frame)
    if len(frame) > 1:
        claimed = int.from_bytes(frame[:2], "big")
        assert len(ticks) + ticks.damaged in (claimed, claimed + 1)
        assert ticks.damaged or at == len(frame)


def look_at_text(data: bytes) -> None:
    """A text means something known, or nothing."""
    for words in (data, data.decode("utf-8", "replace")):
        text = read_text(words, ("secret-token",))
        assert text is None or isinstance(text, Text)
        if text is not None and isinstance(text.data, OrderHint):
            assert isinstance(text.data.order_id, str)
            assert text.type == "order"
        if text is not None and isinstance(text.data, str):
            assert "secret-token" not in text.data
            assert "\n" not in text.data


def main() -> int:
    """Fuzz until an input fails or the options say stop; 0 without atheris, which is said."""
    try:
        atheris = import_module("atheris")
    except ImportError:
        print("SKIPPED: atheris is not installed here (pip install atheris)", file=sys.stderr)
        return 0
    for owner in (packets, texts, wire, wire.Ticks):
        for function in filter(isfunction, vars(owner).values()):
            if function.__module__.startswith("ninefifteen."):
                atheris.instrument_func(function)
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
