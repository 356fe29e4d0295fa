"""Into which classes problems are put: the taxonomy of complaints and the register of service issues (S000-083 to 087)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ganzhi.catalogue.model.parts import Day, Model, Name, Text

Cue = Annotated[str, Field(min_length=1, max_length=40)]


class ProblemCategory(Model):
    """The lowest class of a complaint. items: what the sources name as belonging to it.

    cues: words customers use for it; recognition starts from them where nothing was learnt. catch_all: takes what no
    other class takes. A class that ended keeps its old complaints; now: the class that took its place.
    """

    name: Text
    items: tuple[Text, ...] = ()
    cues: tuple[Cue, ...] = ()
    catch_all: bool = False
    valid_from: Day | None = None
    valid_to: Day | None = None
    now: Name | None = None


class ProblemDomain(Model):
    """A class of complaints with the classes it is split into, without overlap and without a gap (S000-105)."""

    name: Text
    categories: Annotated[dict[Name, ProblemCategory], Field(min_length=1)]
    owner: Text | None = None
    source: Text | None = None


class IssueClass(Model):
    """A class of issues. catch_all: for what fits no other (其它问题)."""

    name: Text
    catch_all: bool = False


class ServiceIssue(Model):
    """An issue of service in the seven columns of the source: number, issue, class, example, root cause, document,
    strategic theme (S000-087)."""

    number: Annotated[int, Field(ge=1)]
    issue: Text
    issue_class: Name
    example: Text | None = None
    root_cause: Text | None = None
    document: Text | None = None
    theme: Text | None = None


class IssueRegister(Model):
    """Issues that were found, each in one class."""

    name: Text
    classes: Annotated[dict[Name, IssueClass], Field(min_length=1)]
    issues: tuple[ServiceIssue, ...] = ()
    source: Text | None = None
