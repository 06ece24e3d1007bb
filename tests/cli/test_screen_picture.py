"""The pictures in the documents: taken from the real screen, marked, and fetching nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.picture import local, main


def taken(folder: Path, *options: str) -> str:
    main([str(folder / "shot.svg"), *options])
    return (folder / "shot.svg").read_text(encoding="utf-8")


def words(svg: str) -> str:
    return re.sub(r"<[^>]+>", "", svg).replace("&#160;", " ")


def test_the_tool_takes_the_real_screen_of_a_synthetic_day(tmp_path: Path) -> None:
    svg = taken(tmp_path, "--seed", "10", "--time", "09:14:30", "--size", "100x30")
    assert "SYNTHETIC DAY (seed 10)" in words(svg)
    assert "Ranking" in words(svg)


@pytest.mark.parametrize("seed", ["7", "10"])
def test_the_tool_takes_the_summary_too(tmp_path: Path, seed: str) -> None:
    svg = taken(tmp_path, "--seed", seed, "--final", "--size", "100x30")
    assert f"SYNTHETIC DAY (seed {seed})" in words(svg)
    assert "flat at the end" in words(svg)


def test_every_committed_picture_is_marked_small_and_needs_nothing_from_elsewhere(repository: Path) -> None:
    pictures = sorted((repository / "docs" / "images").glob("*.svg"))
    assert pictures
    for path in pictures:
        svg = path.read_text(encoding="utf-8")
        assert "SYNTHETIC DAY" in words(svg), path.name
        assert "@font-face" not in svg, path.name
        assert re.findall(r"(?:url\(|href=)['\"]?(?!#)[^)'\"]+", svg) == [], path.name
        assert len(svg) < 300_000, path.name


def test_a_planted_remote_font_is_taken_out() -> None:
    planted = '<svg class="x"><style>@font-face { src: url("https://cdn.example/f.woff2"); }</style></svg>'
    assert "cdn.example" not in local(planted)
