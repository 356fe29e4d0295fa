"""Flows of any feed: who follows whom, variants, deviations from the declared order; XES and OCEL in and out."""
