"""Lead teams are formed, and fall out."""

from __future__ import annotations

from django.db.models import Q

from bangfu.accounts.audit import note
from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.campaigns import acts
from bangfu.campaigns.actions.setting_up import PERMISSION
from bangfu.campaigns.forming import Leader, Place, form
from bangfu.campaigns.homes import homes_of
from bangfu.campaigns.models import Companion, Team, VisitCampaign
from bangfu.campaigns.problems import ALREADY_FORMED, BAD_ENTRY, NO_HOMES, NO_LEADERS, TEAM_GONE, UNKNOWN_CAMPAIGN, UNKNOWN_TEAM
from bangfu.command.files import RANKS
from bangfu.command.models import Appointment, Attachment, Helper, Officer
from bangfu.command.models.chain import AREA_ROLES
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text, quoted, why_no_text

WHY = Text("原因", "reason")


def the_campaign(actor: Actor, key: str) -> VisitCampaign:
    """A campaign of visits by its key. Raises BF-2801."""
    found: VisitCampaign | None = (
        VisitCampaign.objects.visible_to(actor).select_related("campaign").filter(campaign__key=key).first()
    )
    if found is None:
        raise UNKNOWN_CAMPAIGN(campaign=quoted(key))
    return found


def form_teams(actor: Actor, key: str) -> list[Team]:
    """Form the teams of a campaign from who serves on its first day: leaders of its ranks shared out over the townships by the work that waits there, companions from
    those who are appointed in their villages and from the helpers.

    Raises BF-2801, BF-2805 where nobody can lead, BF-2807 without a household, BF-2809 where there are teams already, BF-1001 without `campaign.manage`.
    """
    actor.require(PERMISSION)
    with acting(actor):
        campaign = the_campaign(actor, key)
        first = campaign.campaign.valid.lower
        standing = campaign.teams.serving().count()
        if standing:
            raise ALREADY_FORMED(teams=standing)
        plays = profile_of(campaign.path).plays
        townships = list(Area.objects.under(campaign.path).on(first).level(plays.township).values_list("path", flat=True))
        homes = homes_of(campaign, campaign.path, first)
        if not len(homes.keys):
            raise NO_HOMES(area=campaign.path)
        minutes = dict.fromkeys(townships, 0.0)
        for path, kind in zip(homes.paths, homes.kinds, strict=True):
            above = next((t for t in townships if path.startswith(t)), None)
            if above is not None:
                minutes[above] += campaign.minutes[kind]
        leaders = _leaders(campaign, townships)
        if not leaders:
            raise NO_LEADERS(area=campaign.path, rank=", ".join(str(RANKS[r]) for r in campaign.ranks))
        leading = {leader.key for leader in leaders}
        cadres = [c for c in _cadres(campaign) if c[0] not in leading]
        formed = form(leaders, [Place(p, m) for p, m in minutes.items()], cadres, campaign.parties)
        last = max(campaign.teams.values_list("number", flat=True), default=0)
        teams = Team.objects.bulk_create(
            Team(
                campaign=campaign, number=last + n, leader_id=one.leader, path=one.place, parties=len(one.parties), places=[one.place],
            )
            for n, one in enumerate(formed, 1)
        )  # fmt: skip
        Companion.objects.bulk_create(
            Companion(team=team, officer_id=officer, party=party, path=team.path)
            for team, one in zip(teams, formed, strict=True)
            for party, some in enumerate(one.parties, 1)
            for officer in some
        )
        note(actor, acts.TEAMS, subject=key, path=campaign.path, detail={"teams": len(teams)})
    return teams


def team_out(actor: Actor, key: str, number: int, why: str) -> Team:
    """A team falls out from today on; what it had not visited waits for the next plan.

    Raises BF-2801, BF-2803, BF-2804 where it is out already, BF-2802 without a reason, BF-1001 without `campaign.manage`.
    """
    actor.require(PERMISSION)
    if (wanted := why_no_text(why, 200)) is not None:
        raise BAD_ENTRY(column=WHY, value=quoted(why), wanted=wanted)
    with acting(actor):
        campaign = the_campaign(actor, key)
        team: Team | None = Team.objects.visible_to(actor).filter(campaign=campaign, number=number).select_for_update().first()
        if team is None or not actor.covers(team.path):
            raise UNKNOWN_TEAM(team=number)
        if team.gone_on is not None:
            raise TEAM_GONE(team=number, day=team.gone_on)
        team.gone_on, team.gone_why = clock.today(), why
        team.save(update_fields=["gone_on", "gone_why"])
        note(actor, acts.TEAM_OUT, subject=f"{key} {number}", path=team.path, reason=why)
    return team


def _leaders(campaign: VisitCampaign, townships: list[str]) -> list[Leader]:
    """Who can lead, in the order of their numbers: those of its ranks who serve on the first day, with where they serve and what they or their unit are attached to."""
    day = campaign.campaign.valid.lower
    attached: dict[tuple[str, int], set[str]] = {}
    for path, officer, unit in Attachment.objects.under(campaign.path).on(day).values_list("area__path", "officer", "unit"):
        above = next((t for t in townships if path.startswith(t)), None)
        if above is not None:
            attached.setdefault(("officer", officer) if officer else ("unit", unit), set()).add(above)
    found = []
    rows = Officer.objects.under(campaign.path).on(day).filter(rank__in=campaign.ranks).order_by("number")
    for one in rows.select_related("station", "unit"):
        # Who serves a unit of the county sits in the county seat, which lies in one of the townships: they are no more of it than of any other.
        at = next((t for t in townships if one.station.path.startswith(t)), "") if one.unit.level != "county" else ""
        near = attached.get(("officer", one.pk), set()) | attached.get(("unit", one.unit_id), set())
        found.append(Leader(one.pk, at, tuple(sorted(near))))
    return found


def _cadres(campaign: VisitCampaign) -> list[tuple[int, str]]:
    """Who can go along, place by place: those who are appointed in a village or a hamlet, and helpers stationed there; each once, where they serve lowest."""
    day = campaign.campaign.valid.lower
    appointed = Appointment.objects.under(campaign.path).on(day).filter(role__in=AREA_ROLES).values_list("officer", "area__path")
    helping = Helper.objects.under(campaign.path).on(day).filter(Q(officer__valid__contains=day)).values_list("officer", "path")
    found: dict[int, str] = {}
    for officer, path in [*appointed, *helping]:
        if len(path) > len(found.get(officer, "")):
            found[officer] = path
    return sorted(found.items(), key=lambda one: (one[1], one[0]))
