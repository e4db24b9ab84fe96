"""The register's tables in the lake: keys, codes, dates and amounts; no name, number, address or telephone."""

from bangfu.lake.tables import PERSON, declare
from bangfu.register import models

declare(models.Household, subject_column="id", without=("address", "bank", "natural_village"))
declare(models.Membership)
declare(models.Relocation, without=("difficulty",))
for _model in (
    models.Kind,
    models.Registration,
    models.Land,
    models.House,
    models.Water,
    models.Living,
    models.Means,
    models.Monitoring,
):
    declare(_model)
declare(models.IncomeSheet)
declare(models.IncomeItem, without=("source",))
declare(models.IncomeAgreement, without=("agreed_by", "actor"))
declare(models.Person, subject=PERSON, subject_column="id", without=("number", "name", "given", "pinyin", "initials"))
for _fact in (models.Residence, models.Schooling, models.Condition, models.Insurance, models.Work):
    declare(_fact, subject=PERSON, without=("school", "employer", "region"))
