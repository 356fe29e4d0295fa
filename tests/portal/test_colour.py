"""Contrast of every text token on its grounds, and the distance of the four levels for every kind of eye."""

from __future__ import annotations

import math
import re
from importlib.resources import files
from itertools import combinations

import pytest

from ganzhi.portal.charts import palette

Rgb = tuple[float, float, float]
LEAST_CONTRAST = 4.5
LEAST_DISTANCE = 19.5

# Machado, Oliveira and Fernandes 2009, full severity, on linear light.
DEFICIENCIES: dict[str, tuple[tuple[float, float, float], ...]] = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def linear(colour: str) -> Rgb:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return red, green, blue


def luminance(colour: str) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def seen(colour: str, eye: str) -> Rgb:
    light = linear(colour)
    red, green, blue = (
        min(1.0, max(0.0, sum(k * v for k, v in zip(row, light, strict=True)))) for row in DEFICIENCIES[eye]
    )
    return red, green, blue


def lab(light: Rgb) -> Rgb:
    red, green, blue = light
    x = (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047
    y = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    z = (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883
    fx, fy, fz = (v ** (1 / 3) if v > (6 / 29) ** 3 else v / (3 * (6 / 29) ** 2) + 4 / 29 for v in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def delta_e_2000(one: Rgb, other: Rgb) -> float:
    """CIE 142-2001."""
    l1, a1, b1 = one
    l2, a2, b2 = other
    mean_c = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    g = 0.5 * (1 - math.sqrt(mean_c**7 / (mean_c**7 + 25**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)
    h1, h2 = math.degrees(math.atan2(b1, a1)) % 360, math.degrees(math.atan2(b2, a2)) % 360
    dh = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    big_h = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(dh) / 2)
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    total = h1 + h2
    mean_h = (
        total
        if c1 * c2 == 0
        else total / 2
        if abs(h1 - h2) <= 180
        else (total + 360) / 2
        if total < 360
        else (total - 360) / 2
    )
    t = (
        1
        - 0.17 * math.cos(math.radians(mean_h - 30))
        + 0.24 * math.cos(math.radians(2 * mean_h))
        + 0.32 * math.cos(math.radians(3 * mean_h + 6))
        - 0.20 * math.cos(math.radians(4 * mean_h - 63))
    )
    sl = 1 + 0.015 * (mean_l - 50) ** 2 / math.sqrt(20 + (mean_l - 50) ** 2)
    sc, sh = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    rc = 2 * math.sqrt(mean_c**7 / (mean_c**7 + 25**7))
    rt = -rc * math.sin(math.radians(60 * math.exp(-(((mean_h - 275) / 25) ** 2))))
    dl, dc = (l2 - l1) / sl, (c2 - c1) / sc
    return math.sqrt(dl**2 + dc**2 + (big_h / sh) ** 2 + rt * dc * big_h / sh)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (58.0, 24.0, 15.0), 19.4535),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_our_colour_distance_gives_the_published_values(one: Rgb, other: Rgb, expected: float) -> None:
    # Sharma, Wu, Dalal 2005, The CIEDE2000 color-difference formula, table 1 (pairs 1, 17, 20, 34).
    assert delta_e_2000(one, other) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("eye", DEFICIENCIES)
def test_levels_are_told_apart_by_every_eye(eye: str) -> None:
    colours = {look.level: lab(seen(look.solid, eye)) for look in palette.LEVELS}
    near = {pair: delta_e_2000(colours[pair[0]], colours[pair[1]]) for pair in combinations(colours, 2)}
    assert min(near.values()) >= LEAST_DISTANCE, near


def test_levels_fall_from_light_to_dark_as_they_rise() -> None:
    light = {look.level: luminance(look.solid) for look in palette.LEVELS}
    assert light["yellow"] > light["orange"] > light["red"]


TINTS = [look.tint for look in palette.LEVELS]
GROUNDS = [palette.CARD, palette.PAGE, palette.GROUND, *TINTS]


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", [palette.INK, palette.MUTED, palette.ACCENT])
def test_text_is_readable_on_every_ground_it_stands_on(text: str, ground: str) -> None:
    assert contrast(text, ground) >= LEAST_CONTRAST


@pytest.mark.parametrize("text", [palette.BETTER, palette.WORSE])
def test_changes_are_readable_on_a_card_and_on_the_page(text: str) -> None:
    assert contrast(text, palette.CARD) >= LEAST_CONTRAST
    assert contrast(text, palette.PAGE) >= LEAST_CONTRAST


@pytest.mark.parametrize("look", palette.LEVELS, ids=lambda look: look.level)
def test_badges_are_readable(look: palette.LevelLook) -> None:
    assert contrast(look.on_solid, look.solid) >= LEAST_CONTRAST


@pytest.mark.parametrize("look", palette.LEVELS, ids=lambda look: look.level)
def test_shapes_stand_out_from_the_card(look: palette.LevelLook) -> None:
    assert contrast(look.edge or look.solid, palette.CARD) >= 3


def style() -> str:
    return files("ganzhi.portal").joinpath("static", "portal.css").read_text(encoding="utf-8")


def test_the_style_sheet_has_the_same_tokens() -> None:
    root = style().split(":root{")[1].split("}")[0]
    tokens = dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{3,6})", root))
    for look in palette.LEVELS:
        assert (tokens[look.level], tokens[f"{look.level}-tint"]) == (look.solid, look.tint)
    pairs = {
        "ink": palette.INK,
        "muted": palette.MUTED,
        "accent": palette.ACCENT,
        "better": palette.BETTER,
        "worse": palette.WORSE,
    }
    assert {name: tokens[name] for name in pairs} == pairs


def test_heat_shades_keep_their_numbers_readable() -> None:
    shades = re.findall(r"\.heat \.s\d\{background:(#[0-9a-f]{6})\}", style())
    assert tuple(shades) == palette.HEAT, "the style sheet and the pictures have the same shades"
    assert all(contrast(palette.INK, shade) >= LEAST_CONTRAST for shade in shades)
    assert [luminance(s) for s in shades] == sorted((luminance(s) for s in shades), reverse=True)


def test_neighbouring_parts_of_a_whole_are_told_apart_from_the_white_between_them() -> None:
    assert [luminance(shade) for shade in palette.HEAT] == sorted(map(luminance, palette.HEAT), reverse=True)
    assert contrast(palette.HEAT[-1], palette.HEAT[0]) > 2


def test_charts_and_pictures_take_their_colours_from_the_palette() -> None:
    known = {value for value in vars(palette).values() if isinstance(value, str) and value.startswith("#")} | {"#fff"}
    folder = files("ganzhi.portal")
    modules = [
        file
        for path in (("charts",), ("charts", "flow"), ("drawings",))
        for file in folder.joinpath(*path).iterdir()
        if file.name.endswith(".py") and file.name != "palette.py"
    ]
    assert len(modules) > 15
    for module in modules:
        found = re.findall(r"\"(#[0-9a-fA-F]{3,8})\"", module.read_text(encoding="utf-8"))
        assert set(found) <= known, module.name


def test_alert_colours_appear_nowhere_but_in_alerts() -> None:
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", style())
    levels = {f"var(--{look.level}{end})" for look in palette.LEVELS for end in ("", "-tint")}
    for selector, body in rules:
        if any(token in body for token in levels):
            assert re.search(r"\.(bd|c)\.(blue|yellow|orange|red)", selector), selector
