"""An independent reading of `design/strategy.md`, "On recorded data": the oracle of the parity tests.

It shares nothing with `src/ninefifteen` on purpose, so that agreement means something. It is written to be
read beside the rules (their ids D1, K1, C2 ... stand where they are implemented), not to be fast.
"""
