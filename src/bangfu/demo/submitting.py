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
from bangfu.fieldwork.actions.packets import codes_under
from bangfu.fieldwork.actions.partners import trust
from bangfu.fieldwork.actions.receiving import Incoming, receive
from bangfu.fieldwork.actions.unpacking import read_packet
from bangfu.fieldwork.lists import versions_of
from bangfu.fieldwork.models import FormVersion, Submission
from bangfu.fieldwork.models.packets import BELOW
from bangfu.fieldwork.packing import SUBMISSIONS, Contents, Sent, pack
from bangfu.fieldwork.sealing import Keys, seal
from bangfu.fieldwork.station import own_card
from bangfu.foundation import clock
from bangfu.foundation.county import County
from bangfu.register.models import Household, Kind, Membership
from bangfu.screening.pack import Pack

VISITED, MOST = 12, 16  # households of each worker: at the home; in all, the others wholly away or reached by telephone
BEGAN = LAST - timedelta(13)
STATION = "村小学站点"
Form = tuple[str, str]  # id and version
REGISTERED: Form = ("visit_registered", "2020-03-11")
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
    if Submission.objects.exists() or not {"visit_registered", "visit_ordinary"} <= versions.keys():
        return
    numbers = [n for s in read_stories(read_setting(), {v.code for v in read_villages()}) for n in s.numbers]
    stories = frozenset(Household.objects.filter(number__in=numbers).values_list("pk", flat=True))
    play = Play(county, pack, np.random.default_rng([seed, 7]), stories, [FIRST])
    village: tuple[Assignment, list[tuple[Household, Form]]] | None = None
    troubled = False
    for username in ("village", "township", "helper"):
        held = Assignment.objects.on(clock.today()).filter(user__username=username).select_related("user").first()
        if held is None:
            continue
        homes = [(home, (key, versions[key])) for home, key in _homes(play, held)]
        rows = [_visit(play, held, home, n, form) for n, (home, form) in enumerate(homes)]
        if not troubled and len(homes) > 4:
            rows, troubled = rows + _troubles(play, held, homes), True
        receive(play.operator, rows, "demo")
        if username == "village" and len(homes) > 7:
            village = held, homes
    if village is not None:
        _packet(play, *village)
    apply_waiting()


def _packet(play: Play, held: Assignment, homes: Sequence[tuple[Household, Form]]) -> None:
    """A school of the village works without a network: its station is a partner, and one packet of it has come, with what a teacher asked at three homes."""
    keys = Keys(play.dice.bytes(32), play.dice.bytes(32))
    card = keys.card(STATION)
    made = trust(play.operator, card, path=held.path, side=BELOW, fingerprint=card.fingerprint)
    day = LAST - timedelta(3)
    rows = []
    for home, form in sorted(homes, key=lambda one: one[0].number)[-3:]:
        answers: dict[str, dict[str, object]] = {
            "visit": {"day": day, "mode": "home", "away": "no", "answered": "head"},
            "proof": {"record": WORDS[2]},
        }
        one = _incoming(play, held, home, form, day, answers)
        rows.append(Sent(one.xml, "冯老师", "", held.path, "站点平板", one.received_at or clock.now(), keys=False))
    content = pack(Contents(SUBMISSIONS, made.path, codes_under(made.path), rows=rows))
    read_packet(play.operator, seal(content, keys, own_card(made.path), 1, clock.moment(LAST)))


def _homes(play: Play, held: Assignment) -> list[tuple[Household, str]]:
    """Households of a worker's duty or place with the form of their kind, the registered ones first; those of the stories are left out: their tale is told
    elsewhere."""
    rows = Household.objects.visible_to(held.actor()).farming().exclude(pk__in=play.stories)
    watched = Kind.objects.filter(kind__in=("registered", "monitored"), path__startswith=held.path, valid__upper_inf=True).values(
        "household"
    )
    members = Membership.objects.filter(sort="farming").on(clock.today())
    there = rows.filter(pk__in=members.values("household")).order_by("number")
    first = [(h, "visit_registered") for h in there.filter(pk__in=watched)[:MOST]]
    return first + [(h, "visit_ordinary") for h in there.exclude(pk__in=watched)[: MOST - len(first)]]


def _visit(play: Play, held: Assignment, home: Household, n: int, form: Form) -> Incoming:
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
    return _incoming(play, held, home, form, day, {"visit": visit, "proof": proof}, files)


def _troubles(play: Play, held: Assignment, homes: Sequence[tuple[Household, Form]]) -> list[Incoming]:
    """Two phones with one list that tell otherwise, of three households; one household's number mistyped; a day to come; a photograph that has not come."""
    found = []
    at_home = {"mode": "home", "away": "no", "answered": "head"}
    for n, (home, _) in enumerate(homes[:3]):
        for litres, day in ((60 + 5 * n, LAST - timedelta(2)), (90 + 5 * n, LAST - timedelta(1))):
            found.append(
                _incoming(
                    play, held, home, REGISTERED, day, {"visit": {"day": day, **at_home}, "house": {"water_litres": litres}}
                )
            )
    wrong, form = homes[3]
    day = LAST - timedelta(1)
    found.append(_incoming(play, held, wrong, form, day, {"visit": {"day": day, **at_home}}, number=wrong.number[:-2]))
    later = clock.today() + timedelta(30)
    found.append(_incoming(play, held, wrong, form, day, {"visit": {"day": later, **at_home}}))
    found.append(
        _incoming(play, held, homes[4][0], homes[4][1], day, {"visit": {"day": day, **at_home}, "proof": {"photo": "lost.jpg"}})
    )
    return found


def _incoming(
    play: Play, held: Assignment, home: Household, form: Form, day: date, answers: Mapping[str, Mapping[str, object]],
    files: Mapping[str, bytes] | None = None, *, number: str = "",
) -> Incoming:  # fmt: skip
    own = UUID(bytes=play.dice.bytes(16), version=4)
    groups = "".join(
        f"<{group}>{''.join(f'<{name}>{escape(str(value))}</{name}>' for name, value in told.items())}</{group}>"
        for group, told in answers.items()
    )
    xml = (
        f'<data id="{form[0]}" version="{form[1]}"><household>{number or home.number}</household><base>{versions_of([home.pk]).get(home.pk, 0)}</base>'
        f"{groups}<meta><instanceID>uuid:{own}</instanceID></meta></data>"
    )
    at = clock.moment(day) + timedelta(hours=float(play.dice.uniform(0, 7)))
    return Incoming(xml.encode(), held.user.name, held.path, user=held.user_id, received_at=at, files=files or {})


def _photo(play: Play, n: int) -> bytes:
    """A photograph that says that it is one of the demo's."""
    out = io.BytesIO()
    Image.open(io.BytesIO(play.photo(f"走访照片（演示）{n % 3 + 1}"))).convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()
