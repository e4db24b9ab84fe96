"""Samples: the same on any machine, with the chances that they say."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.foundation.problems import Problem
from bangfu.supervision.sampling import (
    EQUAL,
    EQUAL_CHANCE,
    NEYMAN,
    SPAN,
    SYSTEMATIC,
    Design,
    Frame,
    Sample,
    by_size,
    draw,
    share_out,
)


def frame(n: int = 60) -> Frame:
    """Households 0 … n − 1 in two townships and villages of ten."""
    keys = range(n)
    return Frame(keys, ["east" if k < n // 3 else "west" for k in keys], [f"v{k // 10}" for k in keys], [1 + k % 5 for k in keys])


def sha(line: str) -> int:
    return int(hashlib.sha256(line.encode()).hexdigest(), 16)


def test_a_sample_is_redrawn_by_hand() -> None:
    sample = draw(frame(), Design(units=12, reserves=2), "lottery 2020-04-27")
    by_hand, spare = [], []
    for stratum, keys, n in (("east", range(20), 4), ("west", range(20, 60), 8)):
        ranked = sorted(keys, key=lambda k, s=stratum: sha(f"lottery 2020-04-27|{s}|{k}"))  # type: ignore[misc]
        by_hand += ranked[:n]
        spare += ranked[n : n + 2]
    assert sample.keys.tolist() == by_hand
    assert sample.reserve_keys.tolist() == spare
    assert np.allclose(sample.weights, 5)


def test_a_sample_stays_what_it_was_in_an_earlier_release() -> None:
    sample = draw(frame(), Design(clusters=3, per_cluster=2, reserves=1), "7")
    assert frame().digest() == "93fce30bad70d9c2a78b8133290c049edec30cf84956fd981058c32b610d1dbb"
    assert sample.keys.tolist() == [11, 13, 32, 35, 52, 51]
    assert sample.reserve_keys.tolist() == [12, 38, 56]


def test_the_digest_is_that_of_the_lines_in_order_of_key() -> None:
    a = Frame([7, 3], ["s", "t"], ["c", "d"], [2, 1])
    assert a.digest() == hashlib.sha256(b"3|t|d|1\n7|s|c|2\n").hexdigest()
    assert a.digest() == Frame([3, 7], ["t", "s"], ["d", "c"], [1, 2]).digest()
    assert a.digest() != Frame([3, 7], ["t", "s"], ["d", "c"], [1, 3]).digest()


@given(
    st.permutations(range(30)),
    st.sampled_from([Design(units=9), Design(clusters=2, per_cluster=3), Design(units=7, order=SYSTEMATIC)]),
)
def test_the_order_of_the_frame_changes_nothing(order: list[int], design: Design) -> None:
    whole = frame(30)
    shuffled = Frame(whole.keys[order], whole.strata[order], whole.clusters[order], whole.sizes[order])
    one, other = draw(whole, design, "s"), draw(shuffled, design, "s")
    assert one.keys.tolist() == other.keys.tolist()
    assert one.frame_digest == other.frame_digest


def test_the_design_is_kept_as_json() -> None:
    design = Design(units=5, allocation=NEYMAN, deviations={"east": 0.5, "west": 2.0})
    assert Design.from_json(design.as_json()) == design
    with pytest.raises(Problem, match="BF-2902"):
        Design.from_json({"unit": 5})


def test_allocations() -> None:
    assert shares(Design(units=12)) == {"east": 4, "west": 8}
    assert shares(Design(units=12, allocation=EQUAL)) == {"east": 6, "west": 6}
    # 20 × 4 against 40 × 1: two to one.
    assert shares(Design(units=12, allocation=NEYMAN, deviations={"east": 4, "west": 1})) == {"east": 8, "west": 4}
    # What the smaller stratum does not have goes to the other.
    assert shares(Design(units=50, allocation=EQUAL)) == {"east": 20, "west": 30}


def shares(design: Design) -> dict[str, int]:
    return dict(Counter(draw(frame(), design, "s").strata.tolist()))


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), min_size=1, max_size=6), st.data())
def test_what_is_shared_out_is_all_given_within_bounds(strata: list[tuple[int, int]], data: st.DataObject) -> None:
    most = [n for _, n in strata]
    total = data.draw(st.integers(len(most), sum(most)))
    given_ = share_out(total, [Fraction(w) for w, _ in strata], most, [1] * len(most))
    assert sum(given_) == total
    assert all(1 <= g <= m for g, m in zip(given_, most, strict=True))


def test_the_chances_of_clusters_by_size_are_what_happens() -> None:
    sizes, m, steps = [5, 1, 40, 9, 3, 12, 2], 3, 50_000
    # Over all starts, evenly spaced, each cluster is drawn as often as its chance says.
    seen: Counter[int] = Counter()
    said: dict[int, Fraction] = {}
    for i in range(steps):
        drawn = by_size(sizes, m, i * SPAN // steps)
        assert len(drawn) == m == len({c for c, _ in drawn})
        seen.update(c for c, _ in drawn)
        said.update(drawn)
    assert said[2] == 1  # 40 of 72 is more than a third
    assert sum(said.values()) == m
    assert said[5] == Fraction(2 * 12, 32)
    assert all(abs(seen[c] / steps - float(chance)) < 1e-4 for c, chance in said.items())


def test_certainty_is_looked_for_again_in_what_is_left() -> None:
    # 100 of 130 is certain; then 20 of 30 for two draws is certain too.
    assert by_size([100, 20, 6, 4], 3, 0) == [(0, 1), (1, 1), (2, Fraction(6, 10))]
    assert by_size([100, 20, 6, 4], 3, SPAN - 1) == [(0, 1), (1, 1), (3, Fraction(4, 10))]
    assert [c for c, _ in by_size([3, 3], 2, 5)] == [0, 1]


@pytest.mark.parametrize("design", [Design(clusters=3, per_cluster=4), Design(clusters=3, per_cluster=4, chance=EQUAL_CHANCE)])
def test_weights_count_the_frame_on_average(design: Design) -> None:
    # Horvitz and Thompson's estimate of the number of units is unbiased: over many seeds it comes to the frame.
    counts = [draw(frame(), design, str(seed)).weights.sum() for seed in range(300)]
    assert abs(np.mean(counts) - 60) < 4 * np.std(counts) / np.sqrt(len(counts)) + 1e-9


def test_every_unit_is_drawn_as_often_as_its_chance_says() -> None:
    seen: Counter[int] = Counter()
    for seed in range(600):
        seen.update(draw(frame(), Design(units=15), str(seed)).keys.tolist())
    # 150 expected of each; four standard deviations of a binomial count and a little for sixty of them.
    assert all(abs(seen[k] - 150) < 4.5 * (600 * 0.25 * 0.75) ** 0.5 for k in range(60))


def test_a_sample_of_clusters() -> None:
    sample = draw(frame(), Design(clusters=3, per_cluster=4, reserves=2), "s")
    assert Counter(sample.clusters.tolist()).most_common()[0][1] == 4
    assert len(sample.keys) == 12
    assert np.allclose(sample.inclusion, sample.stage1 * 0.4)
    one = int(sample.keys[0])
    spare = sample.reserves_for(one)
    assert len(spare) == 2
    assert all(k // 10 == one // 10 for k in spare)
    assert not set(sample.reserve_keys.tolist()) & set(sample.keys.tolist())
    with pytest.raises(KeyError):
        sample.reserves_for(999)


def test_a_cluster_smaller_than_asked_is_taken_whole() -> None:
    small = Frame(range(7), clusters=["a"] * 5 + ["b"] * 2)
    sample = draw(small, Design(clusters=2, per_cluster=4), "s")
    assert Counter(sample.clusters.tolist()) == {"a": 4, "b": 2}
    # Both were certain, so that the units are the units of chance, in strata of their own.
    strata, units = sample.units_of_chance()
    assert set(strata.tolist()) == {"|a", "|b"}
    assert len(set(units.tolist())) == 6


def test_the_units_of_chance_are_clusters_unless_certain() -> None:
    sample = draw(Frame(range(40), clusters=[f"v{k // 10}" for k in range(40)]), Design(clusters=2, per_cluster=3), "s")
    strata, clusters = sample.units_of_chance()
    assert set(strata.tolist()) == {""}
    assert len(set(clusters.tolist())) == 2
    single = draw(frame(), Design(units=6), "s")
    assert len(set(single.units_of_chance()[1].tolist())) == 6


def test_a_systematic_sample_goes_through_the_list_in_even_steps() -> None:
    sample = draw(Frame(range(100)), Design(units=10, order=SYSTEMATIC, reserves=3), "s")
    assert set(np.diff(sample.keys).tolist()) == {10}
    assert sample.keys[0] == sha("s||start") * 100 // (10 * SPAN)
    assert len(set(sample.reserve_keys.tolist()) - set(sample.keys.tolist())) == 3


def test_all_of_a_frame() -> None:
    sample = draw(frame(), Design(units=60, reserves=5), "s")
    assert sorted(sample.keys.tolist()) == list(range(60))
    assert (sample.inclusion == 1).all()
    assert not len(sample.reserve_keys)


@pytest.mark.parametrize(
    ("design", "seed"),
    [
        (Design(), "s"), (Design(units=5, clusters=2, per_cluster=1), "s"), (Design(clusters=2), "s"), (Design(units=5, per_cluster=2), "s"), (Design(units=0), "s"),
        (Design(units=61), "s"), (Design(units=1), "s"), (Design(clusters=7, per_cluster=1), "s"), (Design(units=5, allocation="size"), "s"),
        (Design(units=5, allocation=NEYMAN, deviations={"east": 1}), "s"), (Design(units=5, allocation=NEYMAN, deviations={"east": 1, "west": -1}), "s"),
        (Design(units=5, chance="even"), "s"), (Design(units=5, order="any"), "s"), (Design(units=5, reserves=-1), "s"), (Design(units=5), " "), (Design(units=5), "a\nb"),
    ],
)  # fmt: skip
def test_a_design_that_cannot_be_drawn_says_which_field(design: Design, seed: str) -> None:
    with pytest.raises(Problem, match="BF-2902") as told:
        draw(frame(), design, seed)
    assert told.value.values["field"]


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"keys": []}, "没有单元"), ({"keys": [1, 2, 1]}, "编号重复：1"), ({"keys": [1, 2], "sizes": [1, 0]}, "小于 1：2"),
        ({"keys": [1], "strata": ["a|b"]}, "标签"), ({"keys": [1], "clusters": ["a\n"]}, "标签"),
    ],
)  # fmt: skip
def test_a_frame_that_will_not_do_says_why(columns: dict[str, Any], says: str) -> None:
    with pytest.raises(Problem, match="BF-2901") as told:
        Frame(**columns)
    assert says in told.value.cause.zh


def test_columns_of_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one entry per key"):
        Frame([1, 2], ["a"])


def test_the_seed_and_the_frame_decide() -> None:
    one = draw(frame(), Design(units=12), "1")
    assert one.keys.tolist() != draw(frame(), Design(units=12), "2").keys.tolist()
    # More units of the same seed are the same units and some more: the order drawn is one.
    more: Sample = draw(frame(), replace(Design(units=12), units=24), "1")
    assert set(one.keys.tolist()) < set(more.keys.tolist())
