"""The fuzzer of Kite's ticker works, finds what is planted, and finds nothing in a short run."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ninefifteen.adapters.zerodha.wire import Ticks, decode
from tests.adapters.zerodha.kite_frames import INFY, NIFTY, frame, full, index, ltp
from tests.fuzz import fuzz_kite


@settings(deadline=None, max_examples=300)
@given(data=st.binary(max_size=600))
def test_no_input_fails(data: bytes) -> None:
    fuzz_kite.one_input(data)


@pytest.mark.parametrize("cut", range(0, 240, 7))
def test_frames_and_updates_that_are_real_pass(cut: int) -> None:
    whole = frame(full(INFY, 1, 2, 3), ltp(INFY, 4), index(NIFTY, 5, -6))
    fuzz_kite.one_input(b"\x00" + whole[: len(whole) - cut])
    text = b'{"type":"order","data":{"order_id":"1","status":"OPEN"}}'
    fuzz_kite.one_input(b"\x01" + text[: len(text) - cut % 50])
    fuzz_kite.one_input(b'\x01{"type":"error","data":"secret-token"}')


def test_a_decoder_that_misreads_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: it reads the packets of one frame and gives them for another."""

    def misreads(data: bytes) -> Ticks:
        return decode(data[:6] + bytes((data[6] ^ 1,)) + data[7:])

    monkeypatch.setattr(fuzz_kite, "decode", misreads)
    with pytest.raises(AssertionError):
        fuzz_kite.look_at_frame(frame(ltp(INFY, 1)))


def test_a_decoder_that_hides_damage_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz_kite, "decode", lambda data: Ticks())
    with pytest.raises(AssertionError):
        fuzz_kite.look_at_frame(frame(ltp(INFY, 1)))


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed (pip install atheris)")
def test_a_short_run_guided_by_coverage_finds_nothing(tmp_path: Path, repository: Path) -> None:
    options = ["-runs=20000", "-seed=915", f"-artifact_prefix={tmp_path}/"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.fuzz_kite", *options],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_without_atheris_the_script_says_so() -> None:
    if find_spec("atheris") is not None:
        pytest.skip("atheris is installed here")
    assert fuzz_kite.main() == 0
