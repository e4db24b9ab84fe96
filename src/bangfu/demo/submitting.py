"""The demo's submissions: what phones handed in in the last two weeks, with values that contradict each other and some that could not be applied."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID
from xml.sax.saxutils import escape

import numpy as np
from PIL import Image

from bangfu.accounts.models import Assignment
from bangfu.demo.play import FIRST, LAST, Play
from bangfu.demo.population import read_setting, read_villages
from bangfu.demo.population.stories import read as read_stories
from bangfu.fieldwork.actions.applying import apply_waiting
from bangfu.fieldwork.actions.receiving import Incoming, receive
from bangfu.fieldwork.lists import versions_of
from bangfu.fieldwork.models import FormVersion, Submission
from bangfu.foundation import clock
from bangfu.foundation.county import County
from bangfu.register.models import Household, Kind
from bangfu.screening.pack import Pack

VISITED, AWAY, BY_PHONE = 12, 2, 2  # households of each worker: visited, wholly away, reached by telephone
BEGAN = LAST - timedelta(13)
WORDS = (
    "讲解医保和教育资助政策，户主表示清楚。",
    "春耕种子已备好，辣椒苗下周移栽。",
    "孩子在县城上学，周末回家；网课已能跟上。",
    "老人慢病药按月领取，无其他困难。",
    "夫妻在浙江务工，四月初已返岗，老人在家。",
    "屋面漏雨处已翻盖，本次入户查看正常。",
)  # fmt: skip


def play_submissions(county: County, pack: Pack, *, seed: int) -> None:
    """Hand in what the demo's workers filled in, and apply it; nothing where there is any already, or where the forms are not published."""
    versions = dict(FormVersion.objects.published().values_list("form__key", "version"))
    if Submission.objects.exists() or "visit_registered" not in versions:
        return
    numbers = [n for s in read_stories(read_setting(), {v.code for v in read_villages()}) for n in s.numbers]
    stories = frozenset(Household.objects.filter(number__in=numbers).values_list("pk", flat=True))
    play = Play(county, pack, np.random.default_rng([seed, 7]), stories, [FIRST])
    for username in ("village", "helper", "township"):
        held = Assignment.objects.on(clock.today()).filter(user__username=username).select_related("user").first()
        if held is None:
            continue
        homes = _homes(play, held)
        rows = [_visit(play, held, home, n, versions["visit_registered"]) for n, home in enumerate(homes)]
        if username == "village" and len(homes) > 4:
            rows += _troubles(play, held, homes, versions["visit_registered"])
        receive(play.operator, rows, "demo")
    apply_waiting()


def _homes(play: Play, held: Assignment) -> list[Household]:
    """The registered households of a worker's duty or place, those of the stories left out: their tale is told elsewhere."""
    actor = held.actor()
    keys = Kind.objects.filter(kind__in=("registered", "monitored"), path__startswith=held.path, valid__upper_inf=True).values(
        "household"
    )
    rows = Household.objects.visible_to(actor).farming().filter(pk__in=keys).exclude(pk__in=play.stories)
    return list(rows.order_by("number")[: VISITED + AWAY + BY_PHONE])


def _visit(play: Play, held: Assignment, home: Household, n: int, version: str) -> Incoming:
    """The visit of one household: most at the home, the last ones by telephone or with nobody there."""
    day = BEGAN + timedelta(int(play.dice.integers(0, 14)))
    away, by_phone = n >= VISITED and n % 2 == 0, n >= VISITED and n % 2 == 1
    visit = {
        "day": day,
        "mode": "phone" if by_phone else "home",
        "leader": "yes" if n % 5 == 0 else "no",
        "away": "yes" if away else "no",
    }
    if away:
        visit |= {"contact": day - timedelta(6), "reached_by": "邻居代为联系（微信）"}
    else:
        visit |= {"answered": "head" if n % 3 else "member"}
    files = {"photo.jpg": _photo(play, n)} if n % 4 == 0 and not away else {}
    proof = {"record": WORDS[n % len(WORDS)], "photo": "photo.jpg" if files else "", "signature": ""}
    return _incoming(play, held, home, version, day, {"visit": visit, "proof": proof}, files)


def _troubles(play: Play, held: Assignment, homes: Sequence[Household], version: str) -> list[Incoming]:
    """Two phones with one list that tell otherwise, of three households; one household's number mistyped; a day to come; a photograph that has not come."""
    found = []
    at_home = {"mode": "home", "away": "no", "answered": "head"}
    for n, home in enumerate(homes[:3]):
        for litres, day in ((60 + 5 * n, LAST - timedelta(2)), (90 + 5 * n, LAST - timedelta(1))):
            found.append(
                _incoming(play, held, home, version, day, {"visit": {"day": day, **at_home}, "house": {"water_litres": litres}})
            )
    wrong = homes[3]
    day = LAST - timedelta(1)
    found.append(_incoming(play, held, wrong, version, day, {"visit": {"day": day, **at_home}}, number=wrong.number[:-2]))
    later = clock.today() + timedelta(30)
    found.append(_incoming(play, held, wrong, version, day, {"visit": {"day": later, **at_home}}))
    found.append(
        _incoming(play, held, homes[4], version, day, {"visit": {"day": day, **at_home}, "proof": {"photo": "lost.jpg"}})
    )
    return found


def _incoming(
    play: Play, held: Assignment, home: Household, version: str, day: date, answers: Mapping[str, Mapping[str, object]],
    files: Mapping[str, bytes] | None = None, *, number: str = "",
) -> Incoming:  # fmt: skip
    own = UUID(bytes=play.dice.bytes(16), version=4)
    groups = "".join(
        f"<{group}>{''.join(f'<{name}>{escape(str(value))}</{name}>' for name, value in told.items())}</{group}>"
        for group, told in answers.items()
    )
    xml = (
        f'<data id="visit_registered" version="{version}"><household>{number or home.number}</household><base>{versions_of([home.pk]).get(home.pk, 0)}</base>'
        f"{groups}<meta><instanceID>uuid:{own}</instanceID></meta></data>"
    )
    at = clock.moment(day) + timedelta(hours=float(play.dice.uniform(0, 7)))
    return Incoming(xml.encode(), held.user.name, held.path, user=held.user_id, received_at=at, files=files or {})


def _photo(play: Play, n: int) -> bytes:
    """A photograph that says that it is one of the demo's."""
    out = io.BytesIO()
    Image.open(io.BytesIO(play.photo(f"走访照片（演示）{n % 3 + 1}"))).convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()
