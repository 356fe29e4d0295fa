"""The operator's organisation: cities, counties, halls, partner shops, kiosks, the hotline's teams and agents.

Names are invented. Everything is numbered from 0 in arrays ordered by place, so that a place's children
are a slice. Sizes follow the scale; below 1/20 of a province places no longer shrink in proportion, or a
city would have no hall.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from ganzhi.province.streams import Floats, Ints, stream

CUSTOMERS: Final = 10_000_000
CITIES: Final[tuple[tuple[str, str, str, float], ...]] = (
    ("LJ", "临江", "Linjiang", 0.205), ("NW", "宁湾", "Ningwan", 0.155), ("WX", "温溪", "Wenxi", 0.140),
    ("SL", "绍陵", "Shaoling", 0.085), ("JH", "嘉禾", "Jiahe", 0.078), ("TY", "台屿", "Taiyu", 0.075),
    ("JY", "金原", "Jinyuan", 0.070), ("HA", "湖安", "Hu'an", 0.045), ("QS", "衢山", "Qushan", 0.036),
    ("LG", "丽谷", "Ligu", 0.034), ("ZG", "舟港", "Zhougang", 0.028), ("YZ", "云州", "Yunzhou", 0.026),
    ("PY", "平野", "Pingye", 0.023),
)  # fmt: skip
"""Code, Chinese and English name, share of the customers. The first is the provincial capital; it stands where
the source's incident of 1 March 2012 happened."""

_SYLLABLES = "东西南北上下江湖海山溪桥城港云龙平安泰和兴永长新"
TEAM_SIZE: Final = 20
SKILLS: Final = ("general", "billing", "broadband", "data", "complaint", "vip")
"""What agents are trained for; the last two are small."""
SKILL_SHARE: Final = (0.42, 0.24, 0.10, 0.12, 0.06, 0.06)


@dataclass(frozen=True, slots=True)
class Size:
    """How many of everything there are."""

    customers: int
    counties: int
    halls: int
    shops: int
    kiosks: int
    agents: int

    @classmethod
    def of(cls, scale: float) -> Size:
        """Of a province of this scale; 1 is ten million customers. Not more counties than halls, so that no city is
        without one."""
        places = len(CITIES)
        halls = max(2 * places, round(500 * scale))
        return cls(
            customers=max(places * 40, round(CUSTOMERS * scale)),
            counties=max(2 * places, min(120, halls, round(120 * scale**0.5))),
            halls=halls,
            shops=max(3 * places, round(3000 * scale)),
            kiosks=max(2 * places, round(1500 * scale)),
            agents=max(2 * TEAM_SIZE, round(2000 * scale)),
        )


@dataclass(frozen=True, slots=True)
class Organisation:
    """All places and posts. `*_city`, `*_county` give the position of the place above.

    clerks: counter clerks of each hall, its managers not counted.
    """

    size: Size
    city_codes: tuple[str, ...]
    county_codes: tuple[str, ...]
    county_names: tuple[tuple[str, str], ...]
    county_city: Ints
    hall_codes: tuple[str, ...]
    hall_names: tuple[tuple[str, str], ...]
    hall_county: Ints
    clerks: Ints
    shop_county: Ints
    kiosk_hall: Ints
    agent_codes: tuple[str, ...]
    agent_team: Ints
    agent_skill: Ints
    team_codes: tuple[str, ...]

    def hall_city(self) -> Ints:
        """The city of each hall."""
        return self.county_city[self.hall_county]

    def halls_of(self, city: int) -> Ints:
        """Positions of a city's halls."""
        return np.flatnonzero(self.hall_city() == city)

    def counties_of(self, city: int) -> Ints:
        """Positions of a city's counties."""
        return np.flatnonzero(self.county_city == city)

    def agents_of(self, skill: int) -> Ints:
        """Positions of the agents trained for a skill."""
        return np.flatnonzero(self.agent_skill == skill)

    def clerk_code(self, hall: int, position: int) -> str:
        """The staff account of a hall's clerk."""
        return f"{self.hall_codes[hall]}-S{position + 1:02d}"

    def units(self) -> Iterator[tuple[str, str, str, str, str]]:
        """Code, Chinese name, English name, level, code above: every unit below the province, parents first."""
        for code, zh, en, _ in CITIES:
            yield code, zh, en, "city", "all"
        for position, (code, (zh, en)) in enumerate(zip(self.county_codes, self.county_names, strict=True)):
            yield code, zh, en, "county", self.city_codes[self.county_city[position]]
        for position, (code, (zh, en)) in enumerate(zip(self.hall_codes, self.hall_names, strict=True)):
            yield code, zh, en, "hall", self.county_codes[self.hall_county[position]]
        yield "HL", "客户服务热线", "Customer hotline", "centre", "all"
        for number, code in enumerate(self.team_codes, start=1):
            yield code, f"热线第 {number} 班组", f"Hotline team {number}", "team", "HL"


def _named(rng: np.random.Generator, n: int) -> list[str]:
    pairs = [a + b for a in _SYLLABLES for b in _SYLLABLES if a != b]
    order = rng.permutation(len(pairs))
    return [pairs[k] for k in order[:n]]


def _share_out(total: int, weights: Floats, least: int) -> Ints:
    """`total` shared by largest remainder, at least `least` each."""
    exact = weights / weights.sum() * (total - least * len(weights))
    parts = np.floor(exact).astype(np.int64)
    missing = total - least * len(weights) - int(parts.sum())
    parts[np.argsort(exact - parts)[::-1][:missing]] += 1
    return parts + least


def build_organisation(scale: float, seed: int) -> Organisation:
    """The organisation of a province of this scale; the same seed gives the same places."""
    rng = stream(seed, "organisation")
    size = Size.of(scale)
    shares = np.array([share for *_, share in CITIES])
    codes = tuple(code for code, *_ in CITIES)
    counties = _share_out(size.counties, shares, 2)
    county_city = np.repeat(np.arange(len(CITIES)), counties)
    number_in_city = np.concatenate([np.arange(n) for n in counties])
    county_names = _named(rng, size.counties)
    weights = shares[county_city] * rng.uniform(0.6, 1.4, size.counties)
    halls = _share_out(size.halls, weights, size.halls // size.counties if size.halls <= size.counties * 2 else 1)
    hall_county = np.repeat(np.arange(size.counties), halls)
    hall_in_county = np.concatenate([np.arange(n) for n in halls])
    county_codes = tuple(f"{codes[c]}-{n + 1:02d}" for c, n in zip(county_city, number_in_city, strict=True))
    teams = -(-size.agents // TEAM_SIZE)
    return Organisation(
        size=size,
        city_codes=codes,
        county_codes=county_codes,
        county_names=tuple(
            (f"{name}{'区' if n < 2 else '县'}", f"{CITIES[c][2]} county {n + 1}")
            for name, c, n in zip(county_names, county_city, number_in_city, strict=True)
        ),
        county_city=county_city,
        hall_codes=tuple(f"{county_codes[c]}-H{n + 1:02d}" for c, n in zip(hall_county, hall_in_county, strict=True)),
        hall_names=tuple(
            (f"{county_names[c]}第 {n + 1} 营业厅", f"Hall {county_codes[c]}-{n + 1}")
            for c, n in zip(hall_county, hall_in_county, strict=True)
        ),
        hall_county=hall_county,
        clerks=rng.integers(4, 11, size.halls),
        shop_county=np.sort(rng.choice(size.counties, size.shops, p=weights / weights.sum())),
        kiosk_hall=np.sort(
            np.concatenate([np.arange(size.halls), rng.integers(0, size.halls, size.kiosks)])[: size.kiosks]
        ),
        agent_codes=tuple(f"HL{n + 1:05d}" for n in range(size.agents)),
        agent_team=np.arange(size.agents) // TEAM_SIZE,
        agent_skill=_skills(size.agents),
        team_codes=tuple(f"HL-T{n + 1:02d}" for n in range(teams)),
    )


def _skills(agents: int) -> Ints:
    """Every agent's skill: shares as declared, at least three agents each, dealt round the teams."""
    counts = _share_out(agents, np.array(SKILL_SHARE), 3)
    return np.random.Generator(np.random.PCG64(1)).permutation(np.repeat(np.arange(len(SKILLS)), counts))
