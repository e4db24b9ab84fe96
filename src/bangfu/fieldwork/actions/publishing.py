"""Forms are uploaded as drafts, published, and retired. What is published is what phones are given."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.db.models import Q

from bangfu.accounts.audit import note
from bangfu.fieldwork import acts
from bangfu.fieldwork.catalogue import ground, shipped, shipped_sheets, title_of, workbook_of
from bangfu.fieldwork.mapping import complaints
from bangfu.fieldwork.models import Form, FormFile, FormVersion
from bangfu.fieldwork.models.forms import DRAFT, PUBLISHED, RETIRED
from bangfu.fieldwork.packing import SentForm
from bangfu.fieldwork.problems import (
    BAD_FORM_FILE,
    FILES_LACK,
    NO_VERSION,
    SAME_VERSION,
    UNKNOWN_VERSION,
    VERSION_STATE,
)
from bangfu.fieldwork.shipped import recipes
from bangfu.fieldwork.xlsform import Converted, converted
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.files import keep
from bangfu.foundation.say import Text

PERMISSION = "form.manage"
FILE_BYTES = 10_000_000
SORTS = {
    "image": (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"RIFF"),
    "audio": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"OggS", b"RIFF"),
}  # what such a file begins with
# Lists that the county gives each worker by what they may see: no file of them is uploaded.
OWN_LISTS = ("households.csv", "members.csv", "villages.csv", "groups.csv")


def upload(actor: Actor, name: str, content: bytes) -> FormVersion:
    """Take a workbook or an XForm as a new draft; the same draft again takes its place. Nothing is given to phones by it.

    Raises BF-2601 to BF-2604, BF-2606 without a version where the form has others, BF-2607 where this version was published already, BF-1001 without `form.manage`.
    """
    actor.require(PERMISSION)
    one = converted(name, content)
    with acting(actor):
        version = _write(actor, one, name, b"" if one.xml == content else content)
        note(actor, acts.FORM_UPLOAD, subject=one.form.id[:60], path=actor.scope, detail={"version": one.form.version[:60]})
    return version


def _write(actor: Actor, one: Converted, name: str, source: bytes, *, title: Text | None = None) -> FormVersion:
    key, version = one.form.id, one.form.version
    form, _ = Form.objects.get_or_create(
        key=key,
        defaults={
            "path": actor.scope,
            "title": (title.zh if title else one.form.title or key)[:200],
            "shipped": title is not None,
        },
    )
    held = form.versions.select_for_update().filter(version=version).first()
    if not version and form.versions.exclude(version="").exists():
        raise NO_VERSION(form=key)
    if held is not None and held.state != DRAFT:
        if held.md5 == hashlib.md5(one.xml, usedforsecurity=False).hexdigest():
            return held
        raise SAME_VERSION(form=key, version=version or "–")
    if held is not None:
        held.delete()
    made = FormVersion.objects.create(
        path=actor.scope,
        form=form, version=version, xml=keep(one.xml), source=keep(source) if source else "", source_name=name[:120],
        md5=hashlib.md5(one.xml, usedforsecurity=False).hexdigest(), warnings=list(one.warnings),
        facts={q.path: q.fact for q in one.form.questions if q.fact}, questions=len(one.form.questions), actor=actor.name[:60],
    )  # fmt: skip
    if one.itemsets:
        _file(made, "itemsets.csv", one.itemsets.encode())
    return made


def add_file(actor: Actor, key: int, name: str, content: bytes) -> FormFile:
    """Add a file that a draft refers to. Raises BF-2608 for a version that is not there, BF-2609 for one that is no draft, BF-2610 for a file that the form does not
    name, is too large or is not what its name says, BF-1001 without `form.manage`."""
    actor.require(PERMISSION)
    with acting(actor):
        version = _held(key, (DRAFT,), Text("加附件", "to add a file"))
        sort = version.read.media.get(name)
        if sort is None or name in OWN_LISTS:
            raise BAD_FORM_FILE(file=name[:60], why=Text("表单没有提到这个文件", "the form does not name it"))
        if len(content) > FILE_BYTES:
            raise BAD_FORM_FILE(file=name[:60], why=Text("太大", "it is too large"))
        if not content or (sort in SORTS and not content.startswith(SORTS[sort])):
            raise BAD_FORM_FILE(file=name[:60], why=Text("内容与名称不符", "its content is not what its name says"))
        version.files.filter(name=name).delete()
        made = _file(version, name, content)
        note(actor, acts.FORM_FILE, subject=version.form.key[:60], path=actor.scope)
    return made


def _file(version: FormVersion, name: str, content: bytes) -> FormFile:
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return FormFile.objects.create(version=version, name=name, file=keep(content), md5=md5, size=len(content))


def lacking(version: FormVersion) -> list[str]:
    """The files that a version refers to and that nobody has uploaded."""
    there = set(version.files.values_list("name", flat=True))
    return [name for name in version.read.media if name not in there and name not in OWN_LISTS]


def publish(actor: Actor, key: int) -> FormVersion:
    """Give a draft, or a version that was retired, to phones; the version that was published before is retired.

    Raises BF-2605 with the first question that cannot tell its fact, BF-2608, BF-2609, BF-2611 where files lack, BF-1001 without `form.manage`.
    """
    actor.require(PERMISSION)
    with acting(actor):
        version = _held(key, (DRAFT, RETIRED), Text("发布", "to publish"))
        for problem in complaints(version.read, ground()):
            raise problem
        if files := lacking(version):
            raise FILES_LACK(form=version.form.key, files=", ".join(files))
        _publish(actor, version)
    return version


def _publish(actor: Actor, version: FormVersion) -> None:
    FormVersion.objects.filter(form=version.form_id, state=PUBLISHED).update(state=RETIRED)
    version.state, version.published_on = PUBLISHED, clock.today()
    version.save(update_fields=["state", "published_on"])
    Form.objects.filter(pk=version.form_id).update(title=_title(version))
    note(actor, acts.FORM_PUBLISH, subject=version.form.key[:60], path=actor.scope, detail={"version": version.version[:60]})


def _title(version: FormVersion) -> str:
    """What a form is called while a version of it is published: as that version says. A shipped one has both languages in its heading; the register of forms has the first."""
    said = version.read.title or version.form.key
    if version.form.key in recipes() and said == (both := title_of(version.form.key)).zh + " " + both.en:
        return both.zh
    return said[:200]


def retire(actor: Actor, key: int) -> FormVersion:
    """Take a published version back: phones no longer get it; what was filled in with it is still taken. Raises BF-2608, BF-2609, BF-1001 without `form.manage`."""
    actor.require(PERMISSION)
    with acting(actor):
        version = _held(key, (PUBLISHED,), Text("停用", "to retire"))
        version.state = RETIRED
        version.save(update_fields=["state"])
        note(actor, acts.FORM_RETIRE, subject=version.form.key[:60], path=actor.scope, detail={"version": version.version[:60]})
    return version


def discard(actor: Actor, key: int) -> None:
    """Throw a draft away, and its form where it has no other version. Raises BF-2608, BF-2609, BF-1001 without `form.manage`."""
    actor.require(PERMISSION)
    with acting(actor):
        version = _held(key, (DRAFT,), Text("删除", "to throw away"))
        form = version.form
        version.delete()
        if not form.versions.exists():
            form.delete()
        note(actor, acts.FORM_RETIRE, subject=form.key[:60], path=actor.scope, detail={"version": version.version[:60]})


def ship(actor: Actor, keys: Iterable[str] = ()) -> list[FormVersion]:
    """Publish the shipped forms, all or some; those of the same content stay as they are. Raises KeyError for a form that is not shipped, BF-1001 without `form.manage`."""
    actor.require(PERMISSION)
    made = []
    with acting(actor):
        for key in keys or recipes():
            one = shipped(key)
            md5 = hashlib.md5(one.xml, usedforsecurity=False).hexdigest()
            if FormVersion.objects.filter(Q(form__key=key), md5=md5).exists():
                continue
            version = _write(actor, one, f"{key}.xlsx", workbook_of(shipped_sheets(key)), title=title_of(key))
            _publish(actor, version)
            made.append(version)
    return made


def publish_received(actor: Actor, sent: SentForm) -> bool:
    """Publish a form that a station above has given, byte for byte; False where it is the one that is published already.

    Raises what `upload` and `publish` raise: a form that cannot be read here, a version that is here with other content, a question that cannot tell its fact, a file that lacks.
    """
    actor.require(PERMISSION)
    one = converted(f"{sent.key}.xml"[:80], sent.xml)
    if one.form.id != sent.key or one.form.version != sent.version:
        raise BAD_FORM_FILE(file=sent.key[:60], why=Text("内容与标识不符", "its content is of another form or version"))
    with acting(actor):
        held = FormVersion.objects.published().filter(form__key=sent.key, version=sent.version).first()
        if held is not None and held.content == sent.xml:
            return False
        title = Text(sent.title, sent.title) if sent.shipped else None
        version = _write(actor, one, sent.source_name or f"{sent.key}.xml"[:120], sent.source, title=title)
        there = set(version.files.values_list("name", flat=True))
        for name, content in sent.files:
            if name not in there:
                _file(version, name, content)
        for problem in complaints(version.read, ground()):
            raise problem
        if files := lacking(version):
            raise FILES_LACK(form=version.form.key, files=", ".join(files))
        if version.state != PUBLISHED:
            _publish(actor, version)
    return True


def _held(key: int, states: Iterable[str], doing: Text) -> FormVersion:
    found = FormVersion.objects.select_related("form").filter(pk=key).select_for_update(of=("self",)).first()
    if found is None:
        raise UNKNOWN_VERSION(version=key)
    if found.state not in set(states):
        raise VERSION_STATE(form=found.form.key, version=found.version or "–", state=found.state_title, doing=doing)
    return found
