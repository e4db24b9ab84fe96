"""Where rows say that they are: the answers of `bangfu.areas.resolving` as an import needs them, groups that are new, and the
questions that only a person can answer. A place that is unknown or fits several is asked, never guessed."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from bangfu.areas import naming
from bangfu.areas.profile import Profile
from bangfu.areas.resolving import Found, Resolver
from bangfu.foundation.csv_files import read_csv
from bangfu.foundation.say import Text
from bangfu.register import masks
from bangfu.register.fields import fields
from bangfu.register.importing.planning import Place
from bangfu.register.problems import BAD_ANSWER, NO_ANSWERS

PROBLEMS = {"unknown": "BF-1215", "ambiguous": "BF-1216", "contradiction": "BF-1225"}
Asked = tuple[str, str, str, str]  # township, village, code, group as rows write them; the group only where the village is known
COLUMNS = ("township", "village", "village_code", "group")
ANSWER = "code"
VILLAGE = fields()["village"]


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group that the files name below a known village and that the area tree does not have yet."""

    village_path: str
    name: str


@dataclass(frozen=True, slots=True)
class Question:
    """A place that nobody but a person can tell: what rows write, how many they are, why, and what may be meant."""

    asked: Asked
    problem: str
    rows: int
    candidates: tuple[str, ...] = field(default=())


class PlaceBook:
    """The villages and groups of a day, and what rows call them."""

    def __init__(self, lookup: pa.Table, profile: Profile, scope: str, answers: Mapping[Asked, str] | None = None) -> None:
        """`lookup` is `Area.objects.lookup_table(day, profile)`; rows outside `scope` are refused. `answers` are the paths that people
        have given for places which cannot be told: they never overrule what can be."""
        self.group_level = profile.plays.group or profile.plays.village
        self.resolver = Resolver(lookup, profile)
        self.profile, self.scope = profile, scope
        self.answers = dict(answers or {})
        villages = [row for row in lookup.to_pylist() if row["path"] == row["village_path"]]
        self.names = {v["path"]: (v["code"] or v["path"], f"{v['township_name'] or ''} {v['name']}".strip()) for v in villages}
        self.new_groups: dict[tuple[str, str], NewGroup] = {}
        self.questions: dict[Asked, tuple[str, tuple[str, ...]]] = {}

    def asked(self, township: str | None, village: str | None, code: str | None, group: str | None) -> tuple[Asked, Found]:
        """What has to be asked of a row's place, if anything, and what the area tree says of it."""
        found = self.resolver.one(code.removesuffix(".0") if code else None, township, village, group)
        told = (township or "", village or "", (code or "").removesuffix(".0"), group or "" if found.village else "")
        return told, found

    def asked_of(self, con: duckdb.DuckDBPyConnection) -> list[Question]:
        """What has to be asked of the rows of `given`, those that most rows wait for first."""
        counts: Counter[Asked] = Counter()
        for *place, n in (
            con.execute('SELECT township, village, village_code, "group", count(*) FROM given GROUP BY ALL').fetchall()
            if self.questions
            else ()
        ):
            counts[self.asked(*place)[0]] += n
        asked = [Question(told, problem, counts[told], found) for told, (problem, found) in self.questions.items()]
        return sorted(asked, key=lambda q: (-q.rows, q.asked))

    def resolve(self, township: str | None, village: str | None, code: str | None, group: str | None) -> Place:
        """The place of a row, or the number of the problem: BF-1215 unknown, BF-1216 ambiguous, BF-1225 code and names disagree,
        BF-1217 outside the scope. A group that is not there yet is noted in `new_groups`; the village stands for it until it is."""
        told, found = self.asked(township, village, code, group)
        if (found.status in PROBLEMS or found.village is None) and told in self.answers:
            found = self.resolver.within(self.answers[told], group)
        if found.status in PROBLEMS or found.village is None:
            problem = PROBLEMS.get(found.status, "BF-1215")
            # Somebody's number in a cell of a place is a column gone astray: it is refused, and repeated nowhere.
            if any(told) and all(masks.in_report(VILLAGE, text) == text for text in told):
                here = tuple(p for p in found.candidates or self.resolver.near(township, village) if p.startswith(self.scope))
                self.questions[told] = (problem, here)
            return Place(None, None, problem)
        if not found.village["path"].startswith(self.scope):
            return Place(None, None, "BF-1217")
        if found.status == "group_unknown" and group is not None:
            key = (found.village["path"], naming.stem(group, self.group_level, self.profile))
            self.new_groups.setdefault(key, NewGroup(found.village["path"], naming.plain(group)))
        area = found.area or found.village
        return Place(area["path"], area["area_id"])


def write_questions(path: Path, questions: Sequence[Question], names: Mapping[str, tuple[str, str]]) -> Path:
    """Write the questions as a table to be answered: the code of the village goes into the last column. `names` gives the code and the
    name of each candidate's path. Readable by its owner only."""
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([*COLUMNS, "rows", "problem", "candidates", ANSWER])
        for q in questions:
            meant = "; ".join(" ".join(names[p]) for p in q.candidates if p in names)
            writer.writerow([*q.asked, q.rows, q.problem, meant, ""])
    return path


def read_answers(path: Path, codes: Mapping[str, str], scope: str) -> dict[Asked, str]:
    """The answered questions of a table: what rows write -> the path that is meant. `codes` are the codes (and paths) of areas.

    Lines without an answer stay open. Raises BF-1009 for a file that is no table, BF-1248 where its columns are not these, BF-1247 for
    an answer that is no village of the scope.
    """
    heading, rows = read_csv(path)
    lacking = [c for c in (*COLUMNS, ANSWER) if c not in heading]
    if lacking:
        raise NO_ANSWERS(file=path.name, missing=", ".join(lacking))
    answers = {}
    for number, row in rows:
        given = row[ANSWER].removesuffix(".0")
        if not given:
            continue
        meant = codes.get(given)
        if meant is None or not meant.startswith(scope):
            why = (
                Text("没有这个代码", "there is no such code")
                if meant is None
                else Text("不在您的管辖范围内", "it lies outside your area")
            )
            raise BAD_ANSWER(file=path.name, row=number, value=given, why=why)
        answers[row["township"], row["village"], row["village_code"].removesuffix(".0"), row["group"]] = meant
    return answers
