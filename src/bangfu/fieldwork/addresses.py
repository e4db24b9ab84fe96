"""Villages by the words of an address: as hotlines and inspections write places."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bangfu.areas import naming
from bangfu.areas.models import Area
from bangfu.areas.profile import Profile, profile_of
from bangfu.foundation.county import the_county

_ENDING = re.compile(r"[\s,，、。·]+")


@dataclass(frozen=True, slots=True)
class Villages:
    """The villages of the county with the words by which an address may name them and their township."""

    rows: Sequence[tuple[str, str, frozenset[str], frozenset[str]]]  # path, code, names of the village, names of the township
    today: Mapping[str, str]  # the name of each village on the day

    @classmethod
    def on(cls, day: date) -> Villages:
        """Those of a day."""
        county = the_county()
        profile = profile_of(county.path)
        table = Area.objects.under(county.path).lookup_table(day, profile)
        villages = [r for r in table.to_pylist() if r["level"] == profile.plays.village]
        return cls(
            [
                (
                    r["path"],
                    r["code"] or "",
                    _words(r["names"], profile.plays.village, profile),
                    _words(r["township_names"] or [], profile.plays.township, profile),
                )
                for r in villages
            ],
            {r["path"]: naming.plain(r["name"]) for r in villages},
        )

    def named(self, address: str) -> str | None:
        """The one village that an address names, with or without its township; None where none does, or several do."""
        said = _ENDING.sub("", naming.plain(address))
        if not said:
            return None
        coded = [path for path, code, _, _ in self.rows if code and code == said]
        if coded:
            return coded[0]
        hits = []
        for path, _, names, above in self.rows:
            # A township often has a village of its own name: what names the township does not name that village as well.
            township = max((t for t in above if t in said), key=len, default="")
            rest = said.replace(township, "\0", 1) if township else said
            long = max((len(n) for n in names if n in rest), default=0)
            hits.append((path, long, bool(township)))
        hits = [h for h in hits if h[1]]
        hits = [h for h in hits if h[2]] or hits
        longest = max((h[1] for h in hits), default=0)
        best = [h[0] for h in hits if h[1] == longest]
        # A name that a village bears today is meant before one that another bore once.
        best = [p for p in best if said.find(self.today[p]) >= 0] or best if len(best) > 1 else best
        return best[0] if len(best) == 1 else None


def _words(names: Sequence[str], level: str, profile: Profile) -> frozenset[str]:
    """The names as addresses write them: whole, and without their ending where two characters at least are left."""
    found = {naming.plain(n) for n in names}
    return frozenset(w for w in found | {naming.stem(n, level, profile) for n in found} if len(w) > 1)
