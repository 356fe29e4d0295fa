"""Years drawn at the level of counts are years of the same province: what the full simulation delivers on other days,
with other luck, has the means and the variances that counts are drawn with."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from benchmarks.years.counts import COUNTED, DRIVERS, STARTS, Intensity, Province, added_by, intensities, lived
from benchmarks.years.province import DAYS, Score, begun, ours, rivals, shown_in, units_of, worth_judging

SCALE = 0.002
FIRST, LEARNT = date(2012, 3, 5), 18
OTHER = [date(2012, 4, 9) + timedelta(days=n) for n in range(5)]
SERIES = (
    "calls",
    "recharge.payments",
    "halls.tickets",
    "data.enquiries",
    "complaints",
    "kiosks.failed",
    "bills.doubted",
)


def test_counts_are_drawn_with_the_means_and_variances_of_the_full_simulation() -> None:
    days = [FIRST + timedelta(days=n) for n in range(LEARNT)]
    life = lived(SCALE, 3, FIRST, LEARNT)
    of = intensities({(name, "all", ""): life[name, "all", ""] for name in SERIES}, days)
    province = Province(SCALE, FIRST, [of[name, "all", ""] for name in SERIES])
    means = province.means(OTHER)
    full = lived(SCALE, 4, OTHER[0], len(OTHER))
    seen = np.array([full[name, "all", ""] for name in SERIES])
    drawn = np.array([province.draw(means, np.random.default_rng(seed)) for seed in range(400)])
    assert np.abs(drawn.mean(axis=0) / means - 1).max() < 0.25
    spreads = []
    for row, name in enumerate(SERIES):
        phi, mean = province.series[row].dispersion, means[row]
        assert drawn[:, row].var(axis=0) / drawn[:, row].mean(axis=0) == pytest.approx(
            np.full(len(OTHER), phi), rel=0.45
        ), name
        week = seen[row].sum()
        # a week of other luck, and loads that three weeks of one life tell to some percent
        assert abs(week - mean.sum()) < 4 * np.sqrt(phi * mean.sum()) + 0.08 * mean.sum(), name
        spread = float(np.sum((seen[row] - mean * week / mean.sum()) ** 2 / mean) / (len(OTHER) - 1))
        spreads.append(spread / phi)
    assert 0.25 < np.mean(spreads) < 2.5


def test_lives_that_differ_by_an_incident_tell_what_it_adds_and_where() -> None:
    first, start = date(2012, 3, 5), date(2012, 3, 6)
    without = lived(SCALE, 5, first, 6, until=4)
    within = lived(SCALE, 5, first, 6, ("bulk-opening", start), until=4)
    added = added_by([within], [without], slice(1, 4), {})
    assert [key for key in added if key[0] == "conduct.openings" and key[1] == "all"]
    assert added["conduct.openings", "all", ""][0] > 20
    assert {key[0] for key in added} <= {"conduct.openings", "halls.long_waits", "halls.tickets", "ratings.low"}
    assert {name for name, _, _ in without} <= set(COUNTED)


def test_a_year_of_a_small_province_finds_its_incidents_as_the_table_says() -> None:
    """The proof of `benchmarks.years.province` in small: three series, one seed, known incidents."""
    flat = [20.0, *[0.0] * (len(DRIVERS) + STARTS)]
    by_hotline = [0.0, 60.0, *[0.0] * (len(DRIVERS) + STARTS - 1)]
    series = [
        Intensity("complaints", "all", "", "high", by_hotline, 1.2, {"port-spam": [70.0, 70.0]}),
        Intensity("kiosks.failed", "all", "", "high", flat, 1.5, {"kiosk-paper": [40.0, 40.0, 40.0]}),
        Intensity("data.tickets", "all", "", "low", by_hotline, 1.0, {"delivery-late": [-1.0, -1.0]}),
    ]
    small = worth_judging(Province(0.02, date(2012, 1, 2), series))
    base, rng = small.means(DAYS), np.random.default_rng(1)
    starts = begun(rng)
    counts = small.draw(small.with_incidents(base, DAYS, starts), rng).astype(float)
    shown, free = shown_in(series, base, starts)
    found = ours(series, counts, units_of(series))["ganzhi, orange or graver"]
    score = Score()
    score.take(found, shown, free, np.ones(3, dtype=bool))
    for name in ("port-spam", "kiosk-paper", "delivery-late"):
        assert (score.found[name], score.delays[name]) == ([True], [0]), name
    assert score.false <= 2
    assert "slow-drift" not in score.found  # it shows in none of these
    plain = rivals(series, counts)["last week + 50 %"]
    assert int((plain[:, 1:] & ~plain[:, :-1] & free[:, 1:]).sum()) > 10 * max(1, score.false)
