"""The second, invented county: Alder District of an invented English-speaking country.

It has three levels of areas, its own identity numbers, names and money, and comes out of the same generator as the demo
county. Whatever works for one county only does not work here.
"""

from __future__ import annotations

from pathlib import Path

from bangfu.demo.population import Population, generate, read_setting, read_villages
from bangfu.demo.workbooks import write_workbook
from bangfu.register.identity import Scheme

HERE = Path(__file__).resolve().parent
AREAS = HERE / "areas.csv"
PROFILE = HERE / "profile.yaml"
COUNTRY = "xa"
XA23 = Scheme(
    name="xa23",
    length=12,
    weights=(2, 3, 5, 7, 9, 11, 13, 4, 6, 8, 10),
    modulus=23,
    checks="ABCDEFGHJKLMNPQRSTUVWXY",
    birth=(0, 8),
    sex=10,
)


def population(*, scale: float = 1.0, seed: int = 2020) -> Population:
    """The people of the second county: 2,000 households at scale 1."""
    setting = read_setting(HERE / "setting.yaml")
    return generate(read_villages(AREAS), setting["facts"], scale=scale, seed=seed, setting=setting)


def write(folder: Path | str, *, scale: float = 1.0, seed: int = 2020) -> Path:
    """Write the county's one workbook into a folder (made where it is missing). Returns its path."""
    return write_people(population(scale=scale, seed=seed), folder)


def write_people(people: Population, folder: Path | str) -> Path:
    """Write people of the county as its one workbook into a folder (made where it is missing). Returns its path."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return write_workbook(people, folder / f"{people.setting['county']['name']} households.xlsx")
