"""What a screening found, as tables for the command line, in both languages."""

from __future__ import annotations

from rich.table import Table

from bangfu.screening.engine import ScreenResult
from bangfu.screening.found import SORTS, state_words, titled
from bangfu.screening.indices import Bounds, Index
from bangfu.screening.pack import Pack


def tables(pack: Pack, result: ScreenResult) -> list[Table]:
    """Guarantees by result, findings by state, indices with their indicators; only what the pack has."""
    head = f"{result.pack} · {result.as_of} · {result.households:,} 户 households · {result.seconds:.2f} s"
    made = []
    if result.counts:
        table = Table("", "达标 met", "未达标 unmet", "待核实 unknown", "不评定 not assessed", title=head)
        for name, counts in result.counts.items():
            title = pack.guarantees[name].title
            table.add_row(f"{title.zh} {title.en}", *(f"{counts[r]:,}" for r in ("met", "unmet", "unknown", "not_assessed")))
        made.append(table)
    if result.findings:
        table = Table("", "", "户 households", title=None if made else head)
        for sort in (sort for sort in SORTS if sort in result.findings):
            for name, states in result.findings[sort].items():
                title, words = titled(pack, sort)[name].title, state_words(pack, sort, name)
                for state, households in states.items():
                    table.add_row(f"{title.zh} {title.en}", f"{words[state].zh} {words[state].en}", f"{households:,}")
        made.append(table)
    made += [_index(pack, name, index) for name, index in result.indices.items()]
    return made


def _index(pack: Pack, name: str, index: Index) -> Table:
    score = pack.scores[name]
    table = Table(
        f"{score.title.zh} {score.title.en}",
        "至少 at least",
        "至多 at most",
        "贡献（至少贫困） contribution (certain)",
        title=f"{index.persons:,} 人，其中 {index.known_persons:,} 人各项已知 · {index.persons:,} persons, all known of {index.known_persons:,}",
    )
    for title, bounds in (
        ("H 发生率 headcount", index.headcount),
        ("A 强度 intensity", index.intensity),
        ("M0 = H × A", index.m0),
    ):
        table.add_row(title, *_shares(bounds), "")
    for part in score.parts:
        certain, possible = index.certain.indicators[part.name], index.possible.indicators[part.name]
        bounds = (certain.headcount, possible.headcount)
        table.add_row(f"{part.title.zh} {part.title.en}", *_shares(bounds), _share(certain.contribution))
    return table


def _shares(bounds: Bounds) -> tuple[str, str]:
    return _share(bounds[0]), _share(bounds[1])


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"
