"""The benches of screening measure what they say, and the other ways of writing the rules come to the same results."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bangfu.screening.bench import bench
from bangfu.screening.nation_bench import bench_nation, exponent


@settings(max_examples=50, deadline=None)
@given(power=st.floats(0.5, 2), factor=st.floats(1e-6, 1e-2))
def test_the_exponent_is_the_power_of_the_growth(power: float, factor: float) -> None:
    sizes = [1e7, 3e7, 1e8]
    assert exponent(sizes, [factor * size**power for size in sizes]) == pytest.approx(power)


def test_plain_python_comes_to_the_same_results() -> None:
    detail = bench(0.02)["detail"]
    assert detail["plain_python"] > 0
    assert "households, extrapolated to" in detail["plain_python_of"]


@pytest.mark.full
def test_pandas_comes_to_the_same_results() -> None:
    pytest.importorskip("pandas", reason="pandas is not installed: pip install 'bangfu[spark]'")
    assert bench(0.02)["detail"]["pandas"] > 0


@pytest.mark.full
def test_a_small_nation_is_judged_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bangfu.screening.nation_bench._room", lambda: tmp_path)
    monkeypatch.setattr("bangfu.screening.nation_bench.COUNTIES_A_FILE", 1)
    measured = bench_nation(1.0, (500_000, 1_000_000, 1_500_000))
    assert measured["detail"]["persons"] >= 1_500_000
    assert len(measured["detail"]["sizes"]) == 3
    assert measured["peak_mb"] < 4096
    assert list(tmp_path.iterdir()) == []
