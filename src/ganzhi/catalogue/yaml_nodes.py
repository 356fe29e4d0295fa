"""YAML read safely: bytes to nodes that remember their file, line and column.

Assumes nothing about the content. Works on parser events, so that size, depth, aliases, tags,
duplicate keys and ambiguous scalars are refused before anything is composed. Only `true` and
`false` are booleans; whole numbers have at most 18 digits; everything else that YAML readers
disagree about has to be quoted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

import yaml
from yaml import events as ev

from ganzhi.base.errors import Issue, Location

LARGEST_FILE = 1024 * 1024
DEEPEST = 50

_INT = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_SUSPECT_STARTS = frozenset(["", *"0123456789+-.=~<_"])
_SUSPECT_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "inf", "nan"])
"""A plain text that neither begins nor reads like this is not looked at more closely."""
_AMBIGUOUS = re.compile(
    r"""
    y | n | yes | no | on | off | true | false | null | none | ~ | = | inf | nan  # words that mean other things
  | [-+]?[0-9][0-9_,]*(:[0-9_]+)+(\.[0-9_]*)?                                  # 12:30
  | [-+]?0[0-9_]+ | [-+]?0[xob][0-9a-f_]+                                      # 010, 0x10
  | [-+]?[0-9_]*\.?[0-9_]+e[-+]?[0-9]+                                         # 1e3
  | [-+]?[0-9]+(_[0-9]+)+(\.[0-9_]*)?                                          # 1_000
  | [-+]?\.(inf|nan) | [-+]inf
  | \+[0-9.]+ | -?\.[0-9]+ | -?[0-9]+\. | [-+]?[0-9]{19,} | -?0[0-9]+\.[0-9]+  # +5, .5, 5., too long
  | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt\ ].*)?                                  # dates
    """,
    re.VERBOSE | re.IGNORECASE,
)
_FULL_WIDTH_COLON = re.compile(r"""^\s*(-\s+)?["']?[A-Za-z0-9_.]+["']?\s*：""")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(slots=True)
class Scalar:
    """A text, number or boolean. quoted: written in quotes or as a block."""

    at: Location
    value: str | int | bool | Decimal
    quoted: bool = True


@dataclass(slots=True)
class Sequence:
    """A list."""

    at: Location
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """A mapping with text keys; every key knows where it stands."""

    at: Location
    fields: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Location] = field(default_factory=dict)


Node = Scalar | Sequence | Table


def read_yaml(data: bytes, file: str) -> tuple[Table | None, list[Issue]]:
    """The top-level mapping of a file (None when it has none that can be used) and what is wrong.

    An empty file, or one with comments only, is an empty mapping.
    """
    text, issues = _decode(data, file)
    if text is None:
        return None, issues
    reader = _Reader(file, text)
    try:
        reader.read(text)
    except yaml.YAMLError as error:
        issue = _syntax_issue(error, text, file)
        if all(
            (known.code, known.at and known.at.line) != (issue.code, issue.at and issue.at.line)
            for known in reader.issues
        ):
            reader.issues.append(issue)
    except _Stop:
        pass
    if reader.issues:
        return None, reader.issues
    root = reader.root
    if root is None:
        return Table(Location(file, 1, 1)), []
    if not isinstance(root, Table):
        return None, [_colon_or(Issue("CAT019", "", root.at), root)]
    return root, []


def looks_like_full_width_colon(node: Node) -> bool:
    """Whether a text that stands where a mapping is due was meant as `key: value`."""
    return isinstance(node, Scalar) and isinstance(node.value, str) and _has_full_width_colon(node.value)


def _has_full_width_colon(text: str) -> bool:
    return any(_FULL_WIDTH_COLON.match(line) for line in text.splitlines())


def _colon_or(issue: Issue, node: Node) -> Issue:
    return Issue("CAT007", issue.subject, issue.at) if looks_like_full_width_colon(node) else issue


class _Stop(Exception):  # noqa: N818 - not an error, the end of a reading that has its issues already
    pass


def _decode(data: bytes, file: str) -> tuple[str | None, list[Issue]]:
    """The text of a file, when it is small enough, UTF-8 without byte-order mark, and printable."""
    if len(data) > LARGEST_FILE:
        return None, [Issue("CAT001", "", Location(file), {"limit": f"{LARGEST_FILE // 1024} KiB"})]
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return None, [Issue("CAT009", "", Location(file, 1, 1))]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        return None, [Issue("CAT012", "", Location(file, line, column), {"byte": f"0x{data[error.start]:02X}"})]
    bad = _CONTROL.search(text)
    if bad is not None:
        return None, [Issue("CAT010", "", _location(file, text, bad.start()), {"character": f"U+{ord(bad[0]):04X}"})]
    return text, []


def _location(file: str, text: str, offset: int) -> Location:
    return Location(file, text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def _syntax_issue(error: yaml.YAMLError, text: str, file: str) -> Issue:
    """The parser's complaint, told apart by its usual reason."""
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", "") or "")
    at = Location(file, mark.line + 1, mark.column + 1) if mark is not None else Location(file)
    lines = text.splitlines()
    for number in range(at.line, max(0, at.line - 3), -1):
        line = lines[number - 1] if number <= len(lines) else ""
        if _FULL_WIDTH_COLON.match(line):
            return Issue("CAT007", "", Location(file, number, line.index("：") + 1))
        if re.match(r"\s*\t", line):
            return Issue("CAT008", "", Location(file, number, line.index("\t") + 1))
    if "alias" in problem or "anchor" in problem:
        return Issue("CAT003", "", at)
    if "tag" in problem or "directive" in problem:
        return Issue("CAT004", "", at, {"tag": "!"})
    return Issue("CAT013", "", at, {"problem": problem[:120] or "–"})


_location_of = tuple.__new__
"""Makes a `Location` without the frame of its own constructor."""


class _Open:
    """A collection whose end has not come yet. items: of a list; key: the key that waits for its value."""

    __slots__ = ("fields", "items", "key", "keys", "node", "skip")

    def __init__(self, node: Sequence | Table) -> None:
        self.node = node
        self.items: list[Node] | None = node.items if isinstance(node, Sequence) else None
        self.fields: dict[str, Node] = node.fields if isinstance(node, Table) else {}
        self.keys: dict[str, Location] = node.keys if isinstance(node, Table) else {}
        self.key: str | None = None
        self.skip = False


class _Reader:
    """Builds nodes from parser events with an explicit stack; collects issues."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.escapes = "\\" in text  # other control characters have been refused in the text itself
        self.issues: list[Issue] = []
        self.root: Node | None = None
        self.documents = 0
        self.stack: list[_Open] = []

    def read(self, text: str) -> None:
        """Take all events; raises _Stop when going on makes no sense, YAMLError for bad syntax."""
        take = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text).get_event
        while True:
            event = take()
            kind = type(event)  # one comparison per event: a catalogue has some hundred thousand
            if kind is ev.ScalarEvent:
                self._scalar(event)
            elif kind is ev.MappingStartEvent or kind is ev.SequenceStartEvent:
                self._open(event)
            elif kind is ev.MappingEndEvent or kind is ev.SequenceEndEvent:
                self._attach(self.stack.pop().node)
            elif kind is ev.AliasEvent:
                self._refuse("CAT003", event)
                self._attach(Scalar(self._at(event), ""))
            elif kind is ev.DocumentStartEvent:
                self._document(event)
            elif kind is ev.StreamEndEvent:
                return

    def _at(self, event: ev.Event) -> Location:
        mark = event.start_mark
        assert mark is not None
        return Location(self.file, mark.line + 1, mark.column + 1)

    @staticmethod
    def _lines(event: ev.Event) -> int:
        assert event.start_mark is not None
        assert event.end_mark is not None
        return int(event.end_mark.line - event.start_mark.line) + 1

    def _refuse(self, code: str, event: ev.Event, **params: str) -> None:
        self.issues.append(Issue(code, "", self._at(event), params))

    def _document(self, event: ev.DocumentStartEvent) -> None:
        self.documents += 1
        if event.version or event.tags:
            self._refuse("CAT004", event, tag="%")
        if self.documents > 1:
            self._refuse("CAT011", event)
            raise _Stop

    def _open(self, event: ev.MappingStartEvent | ev.SequenceStartEvent) -> None:
        if len(self.stack) >= DEEPEST:
            self._refuse("CAT002", event, limit=str(DEEPEST))
            raise _Stop
        if event.anchor or event.tag:
            self._check_properties(event)
        kind = Table if type(event) is ev.MappingStartEvent else Sequence
        self.stack.append(_Open(kind(self._at(event))))

    def _check_properties(self, event: ev.ScalarEvent | ev.MappingStartEvent | ev.SequenceStartEvent) -> None:
        if event.anchor:
            self._refuse("CAT003", event)
        if event.tag:
            self._refuse("CAT004", event, tag=str(event.tag)[:40])

    def _scalar(self, event: ev.ScalarEvent) -> None:
        """A key or a value; written out flat because most of the time of reading is spent here."""
        if event.anchor or event.tag:
            self._check_properties(event)
        mark, value, quoted = event.start_mark, event.value, bool(event.style)
        at = _location_of(Location, (self.file, mark.line + 1, mark.column + 1))  # type: ignore[union-attr]
        top = self.stack[-1] if self.stack else None
        as_key = top is not None and top.items is None and top.key is None
        typed: str | int | bool | Decimal = value
        if quoted:
            if self.escapes and (control := _CONTROL.search(value)) is not None:
                self._refuse("CAT010", event, character=f"U+{ord(control[0]):04X}")
        elif value[:1] in _SUSPECT_STARTS or "：" in value or (len(value) < 6 and value.lower() in _SUSPECT_WORDS):
            typed = self._suspect(event, value, as_key)
        if top is None:
            self.root = Scalar(at, typed, quoted)
        elif top.items is not None:
            top.items.append(Scalar(at, typed, quoted))
        elif top.key is None:
            self._key(top, value, at)
        else:
            if not top.skip:
                top.fields[top.key] = Scalar(at, typed, quoted)
            top.key, top.skip = None, False

    def _suspect(self, event: ev.ScalarEvent, value: str, as_key: bool) -> str | int | bool | Decimal:
        """The value of a plain text that may be a number, a boolean, or something to be refused."""
        if "：" in value and self._lines(event) > 1 and _has_full_width_colon(value.replace(" ", "\n")):
            self._refuse("CAT007", event)
        if value[:1] not in _SUSPECT_STARTS and value.lower() not in _SUSPECT_WORDS:
            return value
        if value not in ("true", "false"):
            self._check_plain(event, value)
        return value if as_key else _typed(value)

    def _check_plain(self, event: ev.ScalarEvent, value: str) -> None:
        if value == "<<":
            self._refuse("CAT003", event)
        elif value == "":
            self._refuse("CAT015", event)
        elif _AMBIGUOUS.fullmatch(value) or _too_long(value):
            self._refuse("CAT006", event, value=value[:40])

    def _attach(self, node: Node) -> None:
        """Put a finished node where it belongs: root, list item or value."""
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        if top.items is not None:
            top.items.append(node)
        elif top.key is None:  # a collection or an alias as a key
            if not isinstance(node, Scalar):
                self.issues.append(Issue("CAT014", "", node.at))
                raise _Stop
            self._key(top, str(node.value), node.at)
        else:
            if not top.skip:
                top.fields[top.key] = node
            top.key, top.skip = None, False

    def _key(self, top: _Open, key: str, at: Location) -> None:
        top.key = key
        first = top.keys.setdefault(key, at)
        if first is not at:
            params = {"key": key[:60], "first": str(first.line), "second": str(at.line)}
            self.issues.append(Issue("CAT005", key[:60], at, params))
            top.skip = True


def _typed(text: str) -> str | int | bool | Decimal:
    """A plain scalar's value; ambiguous ones have been refused before."""
    if text in ("true", "false"):
        return text == "true"
    if _INT.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text


def _too_long(text: str) -> bool:
    """Whether a plain decimal has more digits than every reader keeps."""
    return _DECIMAL.fullmatch(text) is not None and len(text.strip("-").replace(".", "").lstrip("0")) > 15
