"""`bangfu sample …`: samples are drawn, drawn again by anybody, and told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from django_typer.management import command, initialize
from rich.console import Console
from rich.table import Table

from bangfu.foundation import files
from bangfu.foundation.acting import acting
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.schema import OnTheSchema
from bangfu.supervision.actions import NewSample, Plan, draw_sample
from bangfu.supervision.actions.drawing import the_sample
from bangfu.supervision.frames import read_frame
from bangfu.supervision.models import Sample, Sampled
from bangfu.supervision.models.samples import HOME_KINDS, SPARE
from bangfu.supervision.problems import BAD_FRAME
from bangfu.supervision.results import Results, results
from bangfu.supervision.sampling import Design, draw
from bangfu.supervision.settings import raw

DRAWN = Text("样本「{key}」抽中 {n} 户；抽样框 {digest}。", "The sample “{key}” has {n} household(s); frame {digest}.")
SAME = Text("重抽一致：{n} 户相同。", "Drawn again: the same {n} household(s).")
OTHER_FRAME = Text("抽样框与留存的不是同一个（{digest}）", "it is not the frame that was kept ({digest})")
DIFFERENT = Text("重抽不一致：多 {more} 户，少 {less} 户。", "Drawn again it differs: {more} more, {less} fewer.")
NO_LINES = Text("每行须是 key|stratum|cluster|size", "each line is key|stratum|cluster|size")


class Command(OnTheSchema, BangfuCommand):
    help = "Samples of supervision: draw one, draw it again, see what it says."

    @initialize()
    def init(self) -> None:
        """Samples of supervision."""

    @command(name="draw")
    def draw_(
        self,
        key: Annotated[str, typer.Argument(help="its key: small letters, digits, hyphens")],
        seed: Annotated[str, typer.Option("--seed", help="numbers that nobody could choose")],
        seed_source: Annotated[str, typer.Option("--seed-source", help="where they come from")],
        title: Annotated[str, typer.Option("--title", help="what it is called; its key by default")] = "",
        area: Annotated[str, typer.Option("--area", help="path of the area; the county by default")] = "",
        campaign: Annotated[str, typer.Option("--campaign", help="only households that this campaign visited")] = "",
        kinds: Annotated[str, typer.Option("--kinds", help="kinds of households, commas between")] = ",".join(HOME_KINDS),
        strata: Annotated[str, typer.Option("--strata", help="township, village, kind or blank")] = "township",
        limit: Annotated[float, typer.Option("--limit", help="tolerated rate of bad households")] = raw()["plan"]["limit"],
        good: Annotated[float, typer.Option("--good", help="rate at which a stratum is good; 0: none may be bad")] = raw()[
            "plan"
        ]["good"],
        confidence: Annotated[float, typer.Option("--confidence")] = raw()["plan"]["confidence"],
        villages: Annotated[int, typer.Option("--villages", help="draw so many villages by size instead")] = 0,
        per: Annotated[int, typer.Option("--per", help="households of each village")] = 10,
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Draw a sample from the register of today."""
        county = the_county()
        plan = None if villages else Plan(limit, good or None, confidence, raw()["plan"]["producer_risk"])
        design = Design(clusters=villages, per_cluster=per, reserves=5) if villages else None
        some = tuple(k.strip() for k in kinds.split(",") if k.strip())
        made = draw_sample(
            county.operator(),
            NewSample(key, title or key, area or county.path, seed, seed_source, some, campaign=campaign, strata=strata, plan=plan, design=design),
        )  # fmt: skip
        with acting(county.operator()):
            numbers = _numbers(made)
        if as_json:
            print(json.dumps({"key": made.key, "frame": made.frame_digest, "units": made.frame_units, "drawn": numbers}))
        else:
            Console().print(str(DRAWN.format(key=made.key, n=len(numbers), digest=made.frame_digest)))

    @command()
    def redraw(
        self,
        key: Annotated[str, typer.Argument(help="its key")],
        frame: Annotated[
            Path | None,
            typer.Option("--frame", help="the frame as it was handed out; the one kept by default", exists=True, dir_okay=False),
        ] = None,
    ) -> None:
        """Draw a sample again from frame, design and seed, and hold it against what was kept (exit 1 where it differs)."""
        actor = the_county().operator()
        with acting(actor):
            sample = the_sample(actor, key)
            kept = set(
                Sampled.objects.filter(sample=sample, stands_for=None).exclude(state=SPARE).values_list("household", flat=True)
            )
        try:
            given = read_frame(frame.read_bytes() if frame is not None else files.read(sample.frame))
        except ValueError as wrong:
            raise BAD_FRAME(why=NO_LINES) from wrong
        if given.digest() != sample.frame_digest:
            raise BAD_FRAME(why=OTHER_FRAME.format(digest=sample.frame_digest))
        again = set(draw(given, Design.from_json(sample.design), sample.seed).keys.tolist())
        if again != kept:
            Console(stderr=True).print(str(DIFFERENT.format(more=len(again - kept), less=len(kept - again))))
            raise typer.Exit(1)
        Console().print(str(SAME.format(n=len(again))))

    @command()
    def status(
        self,
        key: Annotated[str, typer.Argument(help="its key")],
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """How far a sample is, its decisions and rates."""
        actor = the_county().operator()
        with acting(actor):
            said = results(actor, the_sample(actor, key))
        if as_json:
            print(json.dumps(_as_json(said), ensure_ascii=False))
            return
        table = Table("stratum", "examined", "drawn", "bad", "decision")
        for x in said.strata:
            table.add_row(
                x.stratum, str(x.examined), str(x.drawn), str(x.bad), x.judgement.decision.value if x.judgement else "–"
            )
        Console().print(table)
        for y in said.yardsticks:
            Console().print(f"{y.title}: {y.rate.estimate} [{y.rate.low}, {y.rate.high}] {y.judgement.decision.value}")


def _numbers(sample: Sample) -> list[str]:
    rows = Sampled.objects.filter(sample=sample).exclude(state=SPARE)
    return list(rows.order_by("stratum", "place").values_list("household__number", flat=True))


def _as_json(said: Results) -> dict[str, object]:
    return {
        "strata": [
            {
                "stratum": x.stratum, "drawn": x.drawn, "examined": x.examined, "waiting": x.waiting, "unfound": x.unfound, "bad": x.bad, "low": x.rate.low, "high": x.rate.high,
                "decision": x.judgement.decision.value if x.judgement is not None else None,
            }
            for x in said.strata
        ],
        "rates": [
            {
                "key": y.key, "bad": y.rate.bad, "seen": y.rate.seen, "estimate": y.rate.estimate, "low": y.rate.low, "high": y.rate.high, "limit": y.limit,
                "decision": y.judgement.decision.value,
            }
            for y in said.yardsticks
        ],
        "facts": [
            {"key": f.key, "differing": f.differing.estimate, "alpha": f.agreement.alpha.value, "question": f.agreement.verdict.value} for f in said.facts
        ],
        "unruled": said.unruled,
    }  # fmt: skip
