"""Support managers and operations staff: roles of their own, with the page they begin at and the depth they see."""

from __future__ import annotations

import pytest

from ganzhi.access.rights import ROLES, AccessError, RoleName, Viewer
from ganzhi.base.messages import LANGS, say
from ganzhi.catalogue.load import load_catalogue
from ganzhi.portal.gate.demo import demo_roles
from ganzhi.portal.pages import PAGES
from ganzhi.report.support.due import SUPPORT_READERS
from tests.access.conftest import Office

BOTH: tuple[RoleName, ...] = ("support", "operations")


@pytest.mark.requirement("S000-143")
def test_the_user_table_has_support_managers_and_operations_staff(office: Office) -> None:
    for role in BOTH:
        account = office.add(f"{role}-one", role)
        assert office.access.accounts.find(account.login).role == role
        for lang in LANGS:
            assert say(lang, f"access.role.{role}")
            assert say(lang, f"portal.accounts.role_about.{role}")
    catalogue = load_catalogue("telecom", None)
    assert {each.role for each in demo_roles(catalogue)} == set(ROLES)
    paths = {page.path: page for page in PAGES}
    for role, begins in zip(BOTH, ("/blueprints/panorama", "/traces"), strict=True):
        landing = paths[ROLES[role].landing]
        assert landing.path == begins
        assert landing.needs is None or landing.needs in ROLES[role].rights
    support, staff = (Viewer(role, role, role, (), ROLES[role].rights) for role in BOTH)
    staff.require("list")
    with pytest.raises(AccessError):
        support.require("list")  # figures and findings, no customers (S002-113)
    assert "support" in SUPPORT_READERS
    steps = catalogue.publications["performance"]
    assert all("operations" in getattr(steps, grade).roles for grade in ("blue", "yellow", "orange", "red"))
    for viewer in (support, staff):
        viewer.require("act")
        for right in ("accounts", "audit", "import", "unmask"):
            assert not viewer.may(right)  # type: ignore[arg-type]
