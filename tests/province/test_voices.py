"""The voices of the province: ratings, surveys, the satisfaction model behind them, and who comes and goes."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest

from ganzhi.province.calendar import days_of
from ganzhi.province.feelings import Felt
from ganzhi.province.levers import Pull
from ganzhi.province.profiles import draw_moments
from ganzhi.province.scene import Contacts, Deals, Scene, World, contact_ids
from ganzhi.province.streams import stream
from ganzhi.province.voices import LOYALTY, VOICES
from ganzhi.province.voices import questions as q
from ganzhi.province.voices.loyalty import LEAVING
from ganzhi.province.voices.ratings import HABITS, ratings
from ganzhi.province.voices.structure import (
    EXPECTATION,
    IMAGE,
    LATENTS,
    MODEL,
    OVERALL_COUNTS,
    OVERALL_CUTS,
    QUALITY,
    SATISFACTION,
    VALUE,
    points,
)
from ganzhi.province.voices.surveys import LEAST, MONTHLY, answer, due_today
from tests.province.stage import FIRST, Kept, build_world, doubled, faults, near, play

DAY_S = 86_400
RUDE = 3
OFFER = 5
FEEDS = (
    "sms_ratings", "survey_frames", "survey_answers", "mystery_visits", "peak_end_moments", "customers",
    "subscriber_counts", "product_user_counts",
)  # fmt: skip


def contacts(scene: Scene) -> None:
    """Two thousand calls and a thousand hall visits a day, some customers hurt, some business on the web."""
    rng = scene.rng("test contacts")
    own, n = scene.own(), 3_000
    customer = rng.choice(own, n)
    where = np.repeat([0, 1], [2_000, 1_000])
    felt = np.where(rng.random(n) < 0.2, int(Felt.BILL_HIGH), -1)
    place = np.where(
        where == 0,
        rng.integers(0, len(scene.places.team_codes), n),
        rng.integers(0, len(scene.places.hall_codes), n),
    )
    post = np.where(where == 0, rng.integers(0, len(scene.places.agent_codes), n), rng.integers(0, 4, n))
    scene.note(
        Contacts(
            scene.numbers(n), customer, draw_moments(rng, scene.today, "hall", n), where, felt, np.full(n, -1),
            np.ones(n), rng.random(n) < 0.85, rng.exponential(np.where(where == 0, 40, 600)).astype(np.int64),
            post, place,
        )
    )  # fmt: skip
    m = 400
    at = draw_moments(rng, scene.today, "electronic", m)
    scene.note(
        Deals(
            scene.numbers(m, 1), rng.choice(own, m), at, rng.integers(1, 3, m), rng.integers(0, 5, m), np.full(m, -1),
            np.zeros(m, dtype=np.int64), at + 30, np.zeros(m, dtype=np.int64), np.full(m, -1), np.full(m, -1),
        )
    )  # fmt: skip
    hurt = rng.choice(own, 400)
    scene.felt(Felt.RESUME_LATE, hurt, draw_moments(rng, scene.today, "hall", 400), cause=1)


def pulls() -> tuple[Pull, ...]:
    first = (FIRST.toordinal() - 719_163) * DAY_S
    return (
        Pull("team.rude", RUDE, first, first + 10 * DAY_S, 1.5, frozenset({"HL-T01"})),
        Pull("competitor.offer", OFFER, first + DAY_S, first + 4 * DAY_S, 200.0, frozenset({"LJ"})),
    )


@pytest.fixture(scope="module")
def played() -> tuple[World, Kept]:
    world = build_world(days=5, pulls=pulls())
    return world, play(world, (), (contacts, *VOICES, *LOYALTY))


@pytest.mark.parametrize("feed", FEEDS)
def test_what_is_delivered_keeps_the_contract(played: tuple[World, Kept], feed: str) -> None:
    table = played[1].table(feed)
    assert faults(feed, table) == []
    assert len(table) > 0
    if feed != "customers":
        assert doubled(feed, table) == 0


def test_the_same_seed_gives_the_same_records(played: tuple[World, Kept]) -> None:
    again = play(build_world(days=2, pulls=pulls()), (), (contacts, *VOICES, *LOYALTY))
    for feed in FEEDS:
        table = again.table(feed)
        assert played[1].table(feed).slice(0, len(table)).select(table.column_names).equals(table)


def regress(targets: np.ndarray, causes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients without intercept, and their standard errors."""
    found = np.linalg.lstsq(causes, targets, rcond=None)[0]
    left = targets - causes @ found
    inverse = np.linalg.inv(causes.T @ causes)
    return found, np.sqrt(np.diag(inverse) * (left @ left) / (len(targets) - causes.shape[1]))


def latent_scores(n: int = 20_000) -> np.ndarray:
    return MODEL.latents(stream(3, "latents").standard_normal((n, 6)), np.zeros(n))


def test_the_paths_are_recovered_from_the_latents() -> None:
    scores, paths = latent_scores(), MODEL.paths()
    for effect in range(1, 6):
        causes = np.flatnonzero(paths[:, effect] != 0)
        found, error = regress(scores[:, effect], scores[:, causes])
        assert all(near(a, b, e) for a, b, e in zip(found, paths[causes, effect], error, strict=True)), LATENTS[effect]
    assert np.allclose(np.corrcoef(scores.T), MODEL.correlations(), atol=0.03)
    assert np.allclose(scores.std(axis=0), 1, atol=0.03)


def test_item_means_show_the_paths_weakened_as_the_loadings_say() -> None:
    scores, paths = latent_scores(), MODEL.paths()
    means = MODEL.items(stream(3, "items"), scores).mean(axis=2)
    means /= means.std(axis=0)
    seen = MODEL.correlations() * MODEL.reliability()
    np.fill_diagonal(seen, 1.0)
    for effect in range(1, 6):
        causes = np.flatnonzero(paths[:, effect] != 0)
        expected = np.linalg.solve(seen[np.ix_(causes, causes)], seen[causes, effect])
        found, error = regress(means[:, effect], means[:, causes])
        assert all(near(a, b, e) for a, b, e in zip(found, expected, error, strict=True)), LATENTS[effect]


def test_mood_lowers_quality_and_satisfaction_as_stated() -> None:
    own = stream(3, "mood").standard_normal((1_000, 6))
    shift = MODEL.latents(own, np.full(1_000, -1.0)) - MODEL.latents(own, np.zeros(1_000))
    quality = -MODEL.mood_quality
    through = MODEL.quality_satisfaction + MODEL.quality_value * MODEL.value_satisfaction
    assert np.allclose(shift[:, [IMAGE, EXPECTATION]], 0)
    assert np.allclose(shift[:, QUALITY], quality)
    assert np.allclose(shift[:, VALUE], MODEL.quality_value * quality)
    assert np.allclose(shift[:, SATISFACTION], through * quality - MODEL.mood_satisfaction)


def overall_scores(world: World, n: int = 8_000) -> np.ndarray:
    scene = Scene(world, days_of(FIRST, 1)[0], Kept())
    return answer(scene, stream(5, "answers"), np.arange(n))


def test_overall_satisfaction_is_spread_as_in_the_published_survey() -> None:
    scores = overall_scores(build_world())[:, 0]
    target = np.array(OVERALL_COUNTS) / sum(OVERALL_COUNTS)
    shares = np.bincount(scores, minlength=11)[1:] / len(scores)
    assert np.abs(shares - target).sum() / 2 < 0.02
    assert abs(scores.mean() - 8.68) < 0.1
    assert np.array_equal(points(OVERALL_CUTS, OVERALL_CUTS), np.arange(2, 11))


def test_answers_stand_where_a_good_operator_stands() -> None:
    scores = overall_scores(build_world())
    column = {each.code: at for at, each in reversed(list(enumerate(q.QUESTIONS)))}
    likely = scores[:, column["recommend"]]
    assert 10 < 100 * ((likely >= 9).mean() - (likely <= 6).mean()) < 45
    assert -1 < scores[:, column["overall"]].mean() - scores[:, column["expectation"]].mean() < 0.5
    satisfied = (scores >= 8).mean(axis=0)
    assert 0.55 < satisfied.min() < satisfied.max() < 0.95


def test_bad_experience_lowers_the_answer_about_it_most(played: tuple[World, Kept]) -> None:
    world, _ = played
    scene = Scene(world, days_of(FIRST, 5)[4], Kept())
    hurt = np.flatnonzero((world.population.mood < -0.3) & ~world.population.left)
    calm = np.flatnonzero((world.population.mood == 0) & ~world.population.left)
    means = [answer(scene, stream(6, "hurt"), who).mean(axis=0) for who in (hurt, calm)]
    lower = means[0] - means[1]
    codes = [each.code for each in q.QUESTIONS]
    resume = lower[codes.index("billing_resume_speed")]
    assert resume < lower[codes.index("billing_bill_clarity")] < 0
    assert resume < lower[codes.index("network_voice_clarity")] - 0.5


def column(table: Any, name: str) -> Any:
    return table.column(name).to_numpy(zero_copy_only=False)


def test_a_long_wait_and_an_open_matter_lower_the_rating() -> None:
    def lined_up(scene: Scene) -> None:
        n = 8_000
        customer = stream(1, "who").choice(scene.own(), n)
        wait, solved = np.repeat([5, 60, 300, 1_200], n // 4), np.arange(n) % 2 == 0
        zero = np.zeros(n, dtype=np.int64)
        scene.note(
            Contacts(
                np.arange(n), customer, np.full(n, scene.today.start + 40_000), zero, zero - 1, zero - 1, np.ones(n),
                solved, wait, zero, zero,
            )
        )  # fmt: skip

    table = replied(play(build_world(days=1), (), (lined_up, ratings)))
    place = {text: at for at, text in enumerate(contact_ids(np.arange(8_000)).to_pylist())}
    number = np.array([place[text] for text in column(table, "contact_id")])
    score = column(table, "score").astype(float)
    wait, solved = number // 2_000, number % 2 == 0
    means = [score[wait == k].mean() for k in range(4)]
    assert means == sorted(means, reverse=True)
    assert means[0] - means[3] > 0.4
    assert score[solved].mean() > score[~solved].mean() + 0.4


def replied(kept: Kept) -> Any:
    table = kept.table("sms_ratings")
    return table.filter(pc.equal(table.column("reply_state"), "replied"))


def test_a_rude_team_is_rated_lower_and_the_truth_names_why(played: tuple[World, Kept]) -> None:
    table = replied(played[1])
    calls = table.filter(pc.equal(table.column("channel"), "hotline"))
    score, rude = column(calls, "score").astype(float), column(calls, "team") == "HL-T01"
    error = score.std() * np.sqrt(1 / rude.sum() + 1 / (~rude).sum())
    assert score[~rude].mean() - score[rude].mean() > 3 * error
    truth = played[1].truth("ratings")
    blamed = set(column(truth, "rating_id")[column(truth, "cause") == RUDE])
    assert blamed == set(column(calls, "rating_id")[rude])


def test_about_a_quarter_of_those_asked_reply_and_most_are_satisfied(played: tuple[World, Kept]) -> None:
    table = played[1].table("sms_ratings")
    asked = np.isin(column(table, "channel"), ["hotline", "hall"]).sum() / (5 * 3_000)
    assert near(asked, HABITS.asked[0], np.sqrt(0.25 / 15_000))
    answered = replied(played[1])
    score = column(answered, "score").astype(int)
    assert near(len(score) / len(table), HABITS.replies, np.sqrt(0.2 / len(table)))
    polite = score[column(answered, "team") != "HL-T01"]
    assert 0.85 < (polite >= 4).mean() < 0.97
    unhappy = table.filter(pc.less_equal(table.column("score"), 2))
    called = pc.is_valid(unhappy.column("called_back_at")).to_numpy()
    assert 0.8 < called.mean() < 1
    assert 0.7 < pc.is_valid(unhappy.column("dissatisfaction_reason")).to_numpy().mean() < 1


def test_a_month_of_working_days_adds_up_to_the_months_interviews(played: tuple[World, Kept]) -> None:
    days = [FIRST.replace(month=3, day=1) + timedelta(days=n) for n in range(31)]
    assert sum(due_today(day, MONTHLY) for day in days) == MONTHLY
    assert all(due_today(day, MONTHLY) == 0 for day in days if day.weekday() >= 5 and day.day != 31)
    frames = played[1].table("survey_frames")
    monthly = frames.filter(pc.starts_with(frames.column("survey"), "CATI"))
    done = (column(monthly, "outcome") == "complete").sum()
    assert done == sum(due_today(FIRST + timedelta(days=n), LEAST) for n in range(5))


def test_hall_visitors_and_callers_are_asked_every_day_and_nobody_twice(played: tuple[World, Kept]) -> None:
    frames = played[1].table("survey_frames")
    for name in ("HALL", "HOTLINE"):
        part = frames.filter(pc.starts_with(frames.column("survey"), name))
        assert len(set(column(part, "drawn_at").astype("datetime64[D]"))) >= 5
    drawn = frames.filter(pc.not_equal(frames.column("survey_purpose"), "callback"))
    assert max(Counter(column(drawn, "customer_id")).values()) == 1


def test_only_the_completed_have_answers(played: tuple[World, Kept]) -> None:
    frames, answers = played[1].table("survey_frames"), played[1].table("survey_answers")
    done = {text[2:] for text in column(frames, "frame_id")[column(frames, "outcome") == "complete"]}
    assert {text[2:] for text in column(answers, "response_id")} == done
    touched = answers.filter(pc.is_valid(answers.column("touchpoint")))
    prefix = pc.replace_substring_regex(touched.column("touchpoint"), r"\..*", "")
    assert pc.all(pc.equal(prefix, touched.column("process"))).as_py()
    assert set(column(answers, "question")) == {each.code for each in q.QUESTIONS}


def test_product_surveys_draw_recent_users_evenly(played: tuple[World, Kept]) -> None:
    frames = played[1].table("survey_frames")
    part = frames.filter(pc.equal(frames.column("survey_purpose"), "product"))
    assert set(column(part, "product")) == {"home_broadband", "wlan", "mobile_reading", "mobile_payment"}
    cells = Counter(zip(column(part, "brand"), column(part, "network"), strict=True))
    assert cells["gotone", "3g"] > 0.6 * cells["easyown", "2g"]
    used = column(part, "last_used_at")
    known = ~np.isnat(used)
    recent = (column(part, "drawn_at")[known] - used[known]) <= np.timedelta64(92, "D")
    assert recent.mean() > 0.95


def test_the_last_step_closes_every_journey(played: tuple[World, Kept]) -> None:
    table = played[1].table("peak_end_moments")
    journey, last = column(table, "journey_id"), column(table, "last_step")
    assert last.sum() == len(set(journey))
    assert np.array_equal(last[:-1], journey[:-1] != journey[1:])
    assert 3.2 < column(table, "grade")[last].mean() < 4.4


def test_every_customer_has_one_version_on_the_first_day(played: tuple[World, Kept]) -> None:
    world, kept = played
    table = kept.table("customers")
    first = table.filter(pc.less(table.column("changed_at"), np.datetime64(FIRST, "s") + np.timedelta64(1, "D")))
    people = world.population
    later = (people.joined_day > 0).sum()
    assert len(first) == len(people) - later
    assert doubled("customers", first) == 0
    states = Counter(column(table, "state"))
    assert states["cancelled"] == len(kept.truth("churn"))


def test_customers_today_are_those_of_yesterday_and_the_joined_less_the_lost(played: tuple[World, Kept]) -> None:
    world, kept = played
    table = kept.table("subscriber_counts")
    cell = ["unit", "brand", "network", "customer_class"]
    days = sorted(set(column(table, "day")))
    before: dict[tuple[str, ...], int] = {}
    for number, day in enumerate(days):
        rows = table.filter(pc.equal(table.column("day"), day)).to_pylist()
        found = {tuple(row[name] for name in cell): row for row in rows}
        if number:
            for key, row in found.items():
                assert row["subscribers"] == before.get(key, 0) + row["new_subscribers"] - row["lost_subscribers"]
            assert all(before[key] == 0 for key in before.keys() - found.keys())
        before = {key: row["subscribers"] for key, row in found.items()}
    assert sum(before.values()) == (~world.population.left).sum()
    lost = sum(column(table, "lost_subscribers"))
    assert lost == len(kept.truth("churn"))


def test_a_quiet_base_loses_and_gains_the_stated_shares() -> None:
    world = build_world(days=30)
    kept = play(world, (), LOYALTY)
    table, n = kept.table("subscriber_counts"), len(world.population)
    lost, joined = sum(column(table, "lost_subscribers")), sum(column(table, "new_subscribers"))
    assert near(lost / n, LEAVING.monthly * 30 / 30.4, np.sqrt(LEAVING.monthly / n))
    assert near(joined / n, 0.019 * 30 / 30.4, np.sqrt(0.019 / n))


def test_bad_moods_make_customers_leave() -> None:
    world = build_world(days=20)

    def spoiled(scene: Scene) -> None:
        half = scene.own()
        half = half[half % 2 == 0]
        scene.felt(Felt.NOT_CREDITED, half, np.full(len(half), scene.today.start), cause=4)

    churn = play(world, (), (spoiled, *LOYALTY)).truth("churn")
    number = np.array([int(text[1:]) for text in column(churn, "customer_id")])
    assert (number % 2 == 0).sum() > 2 * (number % 2 == 1).sum()
    by_mood = column(churn, "why") == "mood"
    assert by_mood.any()
    assert set(column(churn, "cause")[by_mood]) == {4}
    assert set(number[by_mood] % 2) == {0}


def test_a_competitors_offer_takes_contested_customers_of_its_city(played: tuple[World, Kept]) -> None:
    world, kept = played
    churn = kept.truth("churn")
    lured = column(churn, "cause") == OFFER
    number = np.array([int(text[1:]) for text in column(churn, "customer_id")[lured]]) - 100_000_000
    people = world.population
    span = people.of_city(0)
    wanted = (people.network == 1) | (people.fee_fen >= LEAVING.contested_fee_fen)
    assert ((number >= span.start) & (number < span.stop)).all()
    assert wanted[number].all()
    size = wanted[span].sum() * 3
    assert near(len(number) / size, 200 / 10_000, np.sqrt(0.02 / size))


def test_the_model_is_told_in_full(played: tuple[World, Kept]) -> None:
    told = {(row["kind"], row["source"], row["target"]): row["value"] for row in played[1].truth("model").to_pylist()}
    assert told["path", "quality", "value"] == 0.68
    assert {target for kind, _, target in told if kind == "loading"} == {each.code for each in q.QUESTIONS}


def test_mystery_points_stay_within_the_full_points(played: tuple[World, Kept]) -> None:
    table = played[1].table("mystery_visits")
    share = column(table, "score").sum() / column(table, "max_score").sum()
    assert 0.8 < share < 0.97
    assert 0.6 < (column(table, "score") == column(table, "max_score")).mean() < 0.86
