"""`bangfu form …`: the forms of the county, those that are shipped, and whether one of one's own converts and fits the register."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from django_typer.management import command, initialize
from rich.console import Console
from rich.table import Table

from bangfu.accounts.audit import note
from bangfu.fieldwork import acts
from bangfu.fieldwork.actions import add_file, discard, publish, retire, upload
from bangfu.fieldwork.actions.publishing import lacking
from bangfu.fieldwork.catalogue import ground, shipped, shipped_sheets, title_of, used_facts, workbook_of
from bangfu.fieldwork.mapping import complaints, unused
from bangfu.fieldwork.models import FormVersion
from bangfu.fieldwork.models.forms import VERSION_STATES
from bangfu.fieldwork.problems import UNKNOWN_FORM
from bangfu.fieldwork.shipped import recipes
from bangfu.fieldwork.tables import as_zip
from bangfu.fieldwork.xform import XForm
from bangfu.fieldwork.xlsform import Converted, converted
from bangfu.foundation.acting import acting
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.schema import OnTheSchema
from bangfu.foundation.terminal import wrong_usage

Named = Annotated[str, typer.Argument(help="the id of a form (see `list`)")]
Versioned = Annotated[str, typer.Argument(help="one of its versions; the newest where none is named")]
UNKNOWN = Text("没有随附的表单「{name}」；有 {known}。", "No form “{name}” is shipped; there are {known}.")


class Command(OnTheSchema, BangfuCommand):
    help = "Forms: upload, publish and list them; those that are shipped; whether one of your own fits the register."

    @initialize()
    def init(self) -> None:
        """Forms."""

    @command()
    def shipped(self, as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False) -> None:
        """The forms that are shipped, with how many questions each has and how many of them tell the register."""
        found = [(key, title_of(key), shipped(key)) for key in recipes()]
        if as_json:
            print(json.dumps({"forms": [_document(one, ()) for _, _, one in found]}, ensure_ascii=False))
            return
        table = _table(
            Text("表单", "form"),
            Text("名称", "title"),
            Text("版本", "version"),
            Text("题目", "questions"),
            Text("填写登记", "facts"),
        )
        for key, title, one in found:
            facts = sum(bool(q.fact) for q in one.form.questions)
            table.add_row(key, str(title), one.form.version, str(len(one.form.questions)), str(facts))
        Console().print(table)

    @command()
    def data(self, name: Named, file: Annotated[Path, typer.Argument(help="a .zip file to write")]) -> None:
        """The submissions of a form as tables (CSV, one for the form and one for each repeat) in a ZIP file; personal values masked."""
        version = FormVersion.objects.filter(form__key=name).exclude(state="draft").order_by("-pk").first()
        if version is None:
            raise UNKNOWN_FORM(form=name[:60])
        actor = the_county().operator()
        with acting(actor):
            note(actor, acts.SUBMISSION_READ, subject=version.form.key[:60])
            file.write_bytes(as_zip(actor, version))
        print(file)

    @command(name="list")
    def list_(self, as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False) -> None:
        """The forms of the county with their versions: drafts, the one that is published, those that were."""
        rows = [
            {
                "form": v.form.key, "title": v.form.title, "version": v.version, "state": v.state, "questions": v.questions,
                "facts": len(v.facts), "published_on": v.published_on.isoformat() if v.published_on else None, "lacking": lacking(v),
            }
            for v in FormVersion.objects.select_related("form").order_by("form__key", "pk")
        ]  # fmt: skip
        if as_json:
            print(json.dumps({"versions": rows}, ensure_ascii=False))
            return
        table = _table(
            Text("表单", "form"),
            Text("版本", "version"),
            Text("状态", "state"),
            Text("题目", "questions"),
            Text("发布日期", "published on"),
            Text("缺附件", "files that lack"),
        )
        for r in rows:
            state = str(VERSION_STATES[str(r["state"])])
            files = ", ".join(r["lacking"])  # type: ignore[arg-type]
            table.add_row(
                str(r["form"]), str(r["version"]) or "–", state, str(r["questions"]), str(r["published_on"] or ""), files
            )
        Console().print(table)

    @command()
    def upload(
        self,
        path: Annotated[Path, typer.Argument(help="an XLSForm workbook (.xlsx) or an XForm (.xml)", exists=True, dir_okay=False)],
        files: Annotated[
            list[Path] | None,
            typer.Option("--with", help="a file that the form names, once for each", exists=True, dir_okay=False),
        ] = None,
        now: Annotated[bool, typer.Option("--publish", help="publish it as well")] = False,
    ) -> None:
        """Take a form in as a draft; the same draft again takes its place."""
        actor = the_county().operator()
        version = upload(actor, path.name, path.read_bytes())
        for file in files or []:
            add_file(actor, version.pk, file.name, file.read_bytes())
        if now:
            publish(actor, version.pk)
        told = Text("表单 {f} 版本 {v}：{s}", "form {f}, version {v}: {s}")
        Console().print(
            str(
                told.format(
                    f=version.form.key, v=version.version or "–", s=_version(version.form.key, version.version).state_title
                )
            )
        )

    @command()
    def publish(self, form: Named, version: Versioned = "") -> None:
        """Give a draft, or a version that was retired, to phones; the one that was published is retired."""
        publish(the_county().operator(), _version(form, version).pk)

    @command()
    def retire(self, form: Named) -> None:
        """Take the published version of a form back."""
        found = FormVersion.objects.published().filter(form__key=form).first()
        if found is None:
            raise UNKNOWN_FORM(form=form)
        retire(the_county().operator(), found.pk)

    @command()
    def discard(self, form: Named, version: Versioned = "") -> None:
        """Throw a draft away."""
        discard(the_county().operator(), _version(form, version).pk)

    @command(name="check")
    def check_(
        self,
        path: Annotated[Path, typer.Argument(help="an XLSForm workbook (.xlsx) or an XForm (.xml)", exists=True, dir_okay=False)],
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Convert a form and hold it against the register; nothing is kept."""
        one = converted(path.name, path.read_bytes())
        wrong = complaints(one.form, ground())
        if as_json:
            document = _document(one, tuple(q.path for q in unused(one.form, used_facts())))
            print(json.dumps(document | {"problems": [p.as_json() for p in wrong]}, ensure_ascii=False))
        else:
            out = Console()
            out.print(str(_summary(one.form)))
            for problem in wrong:
                out.print(str(problem), style="red", markup=False)
            for warning in one.warnings:
                out.print(str(Text("转换提醒：{w}", "warning: {w}").format(w=warning)), style="yellow", markup=False)
            for question in unused(one.form, used_facts()):
                told = Text("没有人用的题：{q}（{l}）", "nobody uses: {q} ({l})").format(q=question.path, l=question.shown())
                out.print(str(told), markup=False)
        if wrong:
            raise typer.Exit(1)

    @command()
    def write(
        self,
        name: Annotated[str, typer.Argument(help="a form that is shipped (see `shipped`)")],
        path: Annotated[Path, typer.Argument(help="where to: .xlsx for a workbook, .xml for an XForm", dir_okay=False)],
    ) -> None:
        """Write a shipped form as a workbook, to be changed in Excel, or as an XForm."""
        if name not in recipes():
            wrong_usage(UNKNOWN.format(name=name, known=", ".join(recipes())))
        path.write_bytes(shipped(name).xml if path.suffix == ".xml" else workbook_of(shipped_sheets(name)))


def _table(*titles: Text) -> Table:
    table = Table()
    for title in titles:
        table.add_column(str(title), overflow="fold")
    return table


def _version(form: str, version: str) -> FormVersion:
    """A version of a form; without a name the newest."""
    rows = FormVersion.objects.filter(form__key=form)
    found = (rows.filter(version=version) if version else rows).order_by("-pk").first()
    if found is None:
        raise UNKNOWN_FORM(form=f"{form} {version}".strip())
    return found


def _document(one: Converted, nobody: tuple[str, ...]) -> dict[str, Any]:
    form = one.form
    return {
        "id": form.id, "version": form.version, "title": form.title, "languages": list(form.languages),
        "questions": [{"path": q.path, "type": q.type, "fact": q.fact} for q in form.questions],
        "repeats": dict(form.repeats), "media": dict(form.media), "warnings": list(one.warnings), "unused": list(nobody),
    }  # fmt: skip


def _summary(form: XForm) -> Text:
    return Text(
        "表单 {i}，版本 {v}：{n} 题，其中 {f} 题填写登记",
        "form {i}, version {v}: {n} question(s), of which {f} tell the register",
    ).format(i=form.id, v=form.version or "–", n=len(form.questions), f=sum(bool(q.fact) for q in form.questions))
