"""What the pages of tickets, problems and faults do alike with a form: carry it out, say what is wrong, show both states."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from ganzhi.base.errors import InputError
from ganzhi.complaints.desk.acts import DeskForm
from ganzhi.complaints.desk.story import told
from ganzhi.complaints.desk.views import DeskAsked
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Go, Html
from ganzhi.portal.pages.complaints.desk_words import LONGEST, asked_in
from ganzhi.portal.present import UNKNOWN, Words
from ganzhi.portal.refusal import After, refused
from ganzhi.portal.visit import Visit
from ganzhi.store.desk.acts import DeskAct, DeskChangedError


@dataclass(frozen=True, slots=True)
class Standing:
    """How something at the desk stands now. state_words: where its states are worded; department: None where it has none;
    names: of departments and others by code; crumbs: the way back."""

    name: str
    path: str
    state: str
    states: Collection[str]
    state_words: str
    department: str | None
    owner: str
    names: Mapping[str, str]
    crumbs: tuple[Crumb, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing that is acted upon. gone: code of the issue that says there is none of that id."""

    forms: tuple[DeskForm, ...]
    gone: str
    link: Callable[[str], str]
    act: Callable[[Visit, str, DeskAsked], object]
    show: Callable[[Visit, Words, After], Html]
    standing: Callable[[Visit, Words], Standing]

    def after(self, visit: Visit, words: Words) -> After:
        """What was done before the page was asked for, by its address."""
        done = visit.choice("done", tuple(form.act for form in self.forms))
        return After(done=None if done is None else words.t(f"desk.done.{done}"))

    def carry_out(self, visit: Visit, words: Words, form: Form) -> Html | Go:
        """Do what a form asks for; the page again with what is wrong, or both states when somebody was quicker."""
        given = visit.codes["id"]
        try:
            asked = asked_in(form, self.forms)
            self.act(visit, given, asked)
        except DeskChangedError as error:
            return _too_late(words, form, error, self.standing(visit, words))
        except InputError as error:
            if any(issue.code == self.gone and given.startswith(issue.subject) for issue in error.issues):
                raise
            return self.show(visit, words, refused(visit, form, error))
        return Go(url(self.link(given), {"done": asked.act}))


def _too_late(words: Words, form: Form, error: DeskChangedError, now: Standing) -> Html:
    """What was seen, what was wanted, and what stands there now."""
    seen = form.text("seen_state", 40)
    departments = None if now.department is None else [form.text("seen_department", 100), now.department]
    model = {
        "name": now.name,
        "states": [
            words.t(f"{now.state_words}.{each}") if each in now.states else UNKNOWN for each in (seen, now.state)
        ],
        "departments": departments,
        "owners": [form.text("seen_owner", 100), now.owner],
        "wanted": words.t(f"desk.act.{form.text('do', 40)}"),
        "written": form.text("reason", LONGEST),
        "since": [(each, act_detail(words, each, now.names)) for each in error.since],
        "path": now.path,
    }
    title = words.t("conflict.title")
    crumbs = (*now.crumbs, Crumb(now.name, now.path), Crumb(title))
    return Html("complaints/desk_conflict.html", title, Links(), model, crumbs, status=409)


def act_detail(words: Words, act: DeskAct, names: Mapping[str, str]) -> str:
    """What an act says besides its kind."""
    parts = []
    if department := told(act, "department"):
        parts.append(names.get(department, department))
    if owner := told(act, "owner"):
        parts.append(owner)
    if until := told(act, "until"):
        parts.append(until[:16].replace("T", " "))
    if mode := told(act, "mode"):
        parts.append(words.t(f"desk.mode.{mode}"))
    if found := told(act, "found"):
        parts.append(words.t(f"desk.found_state.{found}"))
    if party := told(act, "party"):
        parts.append(names.get(f"party:{party}", party))
    if via := told(act, "via"):
        parts.append(names.get(f"via:{via}", via))
    if outcome := told(act, "outcome"):
        parts.append(words.t(f"desk.outcome.{outcome}"))
    if kind := told(act, "kind"):
        parts.append(f"{words.t(f'desk.link.{kind}')} {told(act, 'ref')}")
    parts += [text for name in ("title", "element", "neighbours", "cause", "reason") if (text := told(act, name))]
    if told(act, "clean") == "yes":
        parts.append(words.t("desk.clean"))
    if act.undoes is not None:
        parts.insert(0, words.t("desk.undoes", n=act.undoes))
    return " · ".join(parts)
