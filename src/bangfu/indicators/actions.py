"""Every write of figures: compute them per village and keep them for the pages."""

from __future__ import annotations

from contextlib import closing
from datetime import date

from django.db import connection, transaction

from bangfu.areas.models import Area
from bangfu.areas.profile import profile
from bangfu.foundation import clock
from bangfu.foundation.county import the_county
from bangfu.indicators.engine import compute, open_lake
from bangfu.indicators.models import Figure
from bangfu.lake import store

ONE_AT_A_TIME = 1701  # the advisory lock of this memory


def refresh_figures(*, as_of: date | None = None) -> int:
    """Compute every figure per village at the lake's last version and replace what is kept. Returns the rows kept."""
    county = the_county()
    day = as_of or clock.today()
    sample = Area.objects.under(county.path).level(profile(county.country).plays.village).first()
    if sample is None:
        return 0
    manifest = store.read_manifest()
    with closing(open_lake(day)) as lake:
        computed = compute(lake, path_length=len(sample.path))
    rows = [
        Figure(key=c.indicator.key, path=path, as_of=day, value=value, lake_version=manifest.version)
        for c in computed.values()
        for path, value in c.parts.items()
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        Figure.objects.all().delete()
        Figure.objects.bulk_create(rows, batch_size=5_000)
    return len(rows)
