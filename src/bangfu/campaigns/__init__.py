"""Campaigns of visits: every household once, by whom, on which day, in which order; what came of it."""
