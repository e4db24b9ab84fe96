"""`bangfu policy …`: write, check, test, read and compare policy packs. No database is needed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from django_typer.management import command, initialize

from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.say import Text
from bangfu.foundation.terminal import languages, said, tell
from bangfu.screening.aloud import Line, Reader
from bangfu.screening.comparing import HOW, KINDS, Difference, compare
from bangfu.screening.coverage import Coverage, coverage
from bangfu.screening.pack import Pack, load_pack
from bangfu.screening.pack.checking import check_pack
from bangfu.screening.problems import NO_SUCH_SITUATION
from bangfu.screening.situations import Failure, Situation, run_situations, situations_of
from bangfu.screening.writing import new_pack, schema_text

PackName = Annotated[str, typer.Argument(metavar="PACK", help="a pack's name or folder")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON document on stdout")]
RESULTS = {
    "met": Text("达标", "met"),
    "unmet": Text("未达标", "unmet"),
    "unknown": Text("待核实", "unknown"),
    "not_assessed": Text("不评定", "not assessed"),
}


class Command(BangfuCommand):
    help = "Policy packs: write, check, test, read and compare them."
    requires_system_checks = ()

    @initialize()
    def init(self) -> None:
        """Policy packs."""

    @command(name="check")
    def check_(self, pack: PackName, as_json: AsJson = False) -> None:
        """Tell every fault of a pack with file and line, and what looks forgotten. Exit code 1 for a fault, 0 for warnings alone."""
        found = check_pack(pack)
        if as_json:
            _document(found.as_json())
        else:
            for problem in (*found.faults, *found.warnings):
                tell(problem, sys.stdout)
            faults, warnings = len(found.faults), len(found.warnings)
            mark, version = "✗" if faults else "✓", f" {found.pack.version}" if found.pack else ""
            print(
                said(
                    Text(
                        f"{mark} {found.name}{version}：{faults} 处错误，{warnings} 处提醒",
                        f"{mark} {found.name}{version}: {_many(faults, 'fault')}, {_many(warnings, 'warning')}",
                    )
                )
            )
        if found.faults:
            sys.exit(1)

    @command(name="test")
    def test_(
        self,
        pack: PackName,
        name: Annotated[str, typer.Option("--name", help="only situations with this in their name")] = "",
        as_json: AsJson = False,
    ) -> None:
        """Judge the situations of a pack; tell what did not come out, and which results and reasons no situation meets."""
        chosen = load_pack(pack)
        listed = situations_of(chosen)
        if name:
            wanted = name.casefold()
            listed = [s for s in listed if wanted in s.name.zh.casefold() or wanted in s.name.en.casefold()]
            if not listed:
                raise NO_SUCH_SITUATION(pack=chosen.name, name=name)
        failures = run_situations(chosen, listed)
        covered = [] if name else coverage(chosen, listed)
        if as_json:
            _document(
                {
                    "pack": chosen.name,
                    "version": chosen.version,
                    "situations": len(listed),
                    "failures": [_failure(f) for f in failures],
                    "coverage": {c.guarantee: c.as_json() for c in covered},
                }
            )
        else:
            _tell_tested(chosen, listed, failures, covered)
        if failures:
            sys.exit(1)

    @command()
    def explain(
        self,
        pack: PackName,
        name: Annotated[
            str,
            typer.Argument(
                metavar="[NAME]",
                help="a guarantee, proposal, score, fact, parameter or way of visiting; without it all are listed",
            ),
        ] = "",
        as_json: AsJson = False,
    ) -> None:
        """Read something of a pack aloud: who is assessed, what meets it, what it rests on down to the fields, values with their source."""
        chosen = load_pack(pack)
        reader = Reader(chosen)
        lines = [reader.named(name)] if name else reader.contents()
        if as_json:
            _document({"pack": chosen.name, "version": chosen.version, "lines": [line.as_json() for line in lines]})
            return
        for at, lang in enumerate(languages()):
            if at:
                print()
            _outline(lines, lang)

    @command()
    def diff(
        self,
        a: Annotated[str, typer.Argument(metavar="A", help="a pack's name or folder")],
        b: Annotated[str, typer.Argument(metavar="B", help="the pack to hold against it")],
        as_json: AsJson = False,
    ) -> None:
        """Tell what two packs say differently, and which situations come out differently."""
        found = compare(load_pack(a), load_pack(b))
        if as_json:
            _document(found.as_json())
        else:
            _tell_difference(found)

    @command()
    def new(
        self,
        folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="where to; its name is the pack's")],
        as_json: AsJson = False,
    ) -> None:
        """Write a new pack with one guarantee and two situations, to be changed into what is wanted."""
        made = new_pack(folder)
        if as_json:
            _document({"pack": folder.name, "files": [path.as_posix() for path in made]})
            return
        for path in made:
            print(path.as_posix())
        print(said(Text(f"接着：bangfu policy check {folder}", f"Next: bangfu policy check {folder}")))

    @command()
    def schema(
        self,
        to: Annotated[Path | None, typer.Option("--to", help="a file to write it to; by default the standard output")] = None,
    ) -> None:
        """Give the JSON Schema of packs, for editors."""
        if to is None:
            sys.stdout.write(schema_text())
            return
        to.write_text(schema_text(), "utf-8")
        print(to.as_posix())


def _document(document: Any) -> None:
    print(json.dumps(document, ensure_ascii=False, default=str))


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _outline(lines: list[Line], lang: str) -> None:
    for line in lines:
        for said_line in line.outline(lang):
            print(said_line)


def _failure(failure: Failure) -> dict[str, Any]:
    name, place = failure.situation.name, failure.situation.place
    return {
        "name": {"zh": name.zh, "en": name.en},
        "file": place.file,
        "line": place.line,
        "subject": failure.subject,
        "wanted": failure.wanted,
        "found": failure.found,
    }


def _tell_tested(pack: Pack, listed: list[Situation], failures: list[Failure], covered: list[Coverage]) -> None:
    for f in failures:
        place, name = f.situation.place, f.situation.name
        print(
            said(
                Text(
                    f"✗ {place.file}:{place.line} {name.zh}：{f.subject} 应为 {f.wanted}，得出 {f.found}",
                    f"✗ {place.file}:{place.line} {name.en}: {f.subject} wanted {f.wanted}, found {f.found}",
                )
            )
        )
    for c in covered:
        if c.whole:
            continue
        title = pack.guarantees[c.guarantee].title
        left = [(RESULTS[r].zh, RESULTS[r].en) for r in c.results_left]
        left += [(code, code) for codes in c.reasons_left.values() for code in codes]
        zh, en = "、".join(one[0] for one in left), ", ".join(one[1] for one in left)
        print(
            said(
                Text(f"○ {title.zh}（{c.guarantee}）没有情形检验：{zh}", f"○ {title.en} ({c.guarantee}): no situation meets {en}")
            )
        )
    mark, wrong = "✗" if failures else "✓", len({id(f.situation) for f in failures})
    print(
        said(
            Text(
                f"{mark} {pack.name}：{len(listed)} 个情形，{wrong} 个没有得出应有的结果",
                f"{mark} {pack.name}: {_many(len(listed), 'situation')}, {wrong} did not come out",
            )
        )
    )


def _tell_difference(found: Difference) -> None:
    for c in found.changes:
        kind, how = KINDS[c.kind], HOW[c.how]
        what = f" {c.what}" if c.what else ""
        told = f"{c.before} → {c.after}" if c.before and c.after else c.before or c.after
        head = Text(f"{how.zh} {kind.zh} {c.name}{what}", f"{how.en} {kind.en} {c.name}{what}".replace("  ", " "))
        print(said(Text(head.zh + (f"：{told}" if told else ""), head.en + (f": {told}" if told else ""))))
    for t in found.turns:
        print(
            said(
                Text(
                    f"情形 {t.situation.zh}（{t.of}）：{t.guarantee} {t.before} → {t.after}",
                    f"situation {t.situation.en} ({t.of}): {t.guarantee} {t.before} → {t.after}",
                )
            )
        )
    for name, problem in found.not_judged:
        number, cause = problem.number, problem.cause
        print(
            said(
                Text(
                    f"情形 {name.zh} 不能用另一个包评定：{number} {cause.zh}",
                    f"situation {name.en} cannot be judged by the other pack: {number} {cause.en}",
                )
            )
        )
    print(
        said(
            Text(
                f"{found.before} → {found.after}：{len(found.changes)} 处不同，{len(found.turns)} 个情形结果不同",
                f"{found.before} → {found.after}: {_many(len(found.changes), 'difference')}, {_many(len(found.turns), 'situation')} judged otherwise",
            )
        )
    )
