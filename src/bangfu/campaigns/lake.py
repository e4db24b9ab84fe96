"""Campaigns of visits in the lake: keys, codes and days; no reasons, no names."""

from bangfu.campaigns import models
from bangfu.lake.tables import WHOLE, declare

for _model, _without in (
    (models.VisitCampaign, ("actor", "leaflets", "source")),
    (models.VisitRule, ("actor", "source")),
    (models.Team, ("gone_why", "number")),
    (models.Companion, ()),
    (models.VisitPlan, ("actor", "why", "figures")),
    (models.Planned, ("why",)),
):
    declare(_model, subject=WHOLE, subject_column="id", without=_without, has_history=True)
