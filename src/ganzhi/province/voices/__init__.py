"""Voices and loyalty: ratings, surveys, mystery visits, moments of journeys, mood, churn and the customer register."""

from __future__ import annotations

from typing import Final

from ganzhi.province.scene import Phase
from ganzhi.province.voices.loyalty import model_truth, moods, moves
from ganzhi.province.voices.moments import told_journeys
from ganzhi.province.voices.mystery import mystery
from ganzhi.province.voices.ratings import ratings
from ganzhi.province.voices.register import counts, customers
from ganzhi.province.voices.surveys import surveys

VOICES: Final[tuple[Phase, ...]] = (model_truth, ratings, surveys, mystery, told_journeys)
"""Province phases after the complaints."""
LOYALTY: Final[tuple[Phase, ...]] = (moods, moves, customers, counts)
"""Province phases after them: every experience of the day must have been felt before."""
