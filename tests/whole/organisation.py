"""The sample under an organisation of three levels, with names that are found wherever they leak."""

from __future__ import annotations

from ganzhi.access.rights import ROLES, RoleName, Viewer

ORGANISATION = """
units:
  all: {name: {zh: 全省合计, en: Whole province}}
  QAA: {name: {zh: 青岚市, en: Qinglan}, level: city, parent: all}
  QBB: {name: {zh: 墨溪市, en: Moxi}, level: city, parent: all}
  QAA-K1: {name: {zh: 柳烟县, en: Liuyan}, level: county, parent: QAA}
  QAA-K2: {name: {zh: 枫桦县, en: Fenghua}, level: county, parent: QAA}
  QBB-K1: {name: {zh: 砚泉县, en: Yanquan}, level: county, parent: QBB}
  QBB-K2: {name: {zh: 蓼汀县, en: Liaoting}, level: county, parent: QBB}
mappings:
  anonymous_bank:
    columns:
      unit:
        expr: >-
          case when "vru+line" = 'AA0101' then 'QAA-K1' when "vru+line" = 'AA0102' then 'QAA-K2'
          when "vru+line" = 'AA0103' then 'QBB-K1' else 'QBB-K2' end
"""

NAMES = {
    "QAA": ("青岚市", "Qinglan"),
    "QBB": ("墨溪市", "Moxi"),
    "QAA-K1": ("柳烟县", "Liuyan"),
    "QAA-K2": ("枫桦县", "Fenghua"),
    "QBB-K1": ("砚泉县", "Yanquan"),
    "QBB-K2": ("蓼汀县", "Liaoting"),
}
"""Names of units, none of which is a word of any page."""


def viewer(role: RoleName, *units: str) -> Viewer:
    """Somebody of a role who sees some units."""
    return Viewer(f"{role}.{'.'.join(units) or 'all'}".lower(), role, role, units, ROLES[role].rights)


VIEWERS: tuple[Viewer, ...] = (
    viewer("leader"),
    viewer("analyst", "QAA"),
    viewer("analyst", "QAA-K1", "QBB-K2"),
    viewer("manager", "QAA-K2"),
    viewer("handler", "QBB"),
    viewer("owner"),
    viewer("administrator"),
)


def forbidden(who: Viewer) -> tuple[str, ...]:
    """Codes and names of the units that do not exist for a viewer."""
    if not who.units:
        return ()
    out = [code for code in NAMES if not any(code == top or code.startswith(f"{top}-") for top in who.units)]
    return (*(word for code in out for word in (code, *NAMES[code])), "全省合计", "Whole province")
