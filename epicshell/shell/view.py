"""Lines, and the part of them that is looked at: moving, sideways too, and searching. It knows no terminal."""

from collections.abc import Iterable, Iterator
from itertools import islice

from epicshell.text import display, fold, is_plain, prefix, quote, width

Fragments = list[tuple[str, str]]  #: (style, text); the styles are those of `colours.Colours`
STEP = 1000  #: lines that are pulled or searched at a time, so that keys are answered in between
AHEAD = 10_000  #: lines that are pulled while nobody presses a key, so that there is an end to tell
_TAB = 8


class View:
    """A window on lines that are pulled as they are needed.

    pinned: so many first lines stay on top. top: the first line in view, of those below the pinned ones; left: the
    first column. `size` must be told before anything is shown. job: what takes long, done in steps (`step`).
    """

    def __init__(self, lines: Iterable[str], *, pinned: int = 0) -> None:
        self._source = iter(lines)
        self.header = [_tidy(line) for line in islice(self._source, pinned)]
        self._lines: list[str] = []
        self.whole = False
        self.top = self.left = 0
        self.columns = self.height = 1
        self.wanted = self.pattern = ""
        self.found: int | None = None
        self.message = ""
        self.marks: dict[int, tuple[int, int]] = {}
        self.job: Iterator[None] | None = None

    def __len__(self) -> int:
        """The lines pulled so far, without the pinned ones."""
        return len(self._lines)

    def size(self, columns: int, height: int) -> None:
        """The room there is, pinned lines included."""
        self.columns, self.height = max(1, columns), max(1, height - len(self.header))
        self._settle()

    def replace(self, lines: Iterable[str]) -> None:
        """Other lines, at the same place; those that differ are marked where they do."""
        before, self._lines, self.whole = self._lines, [_tidy(line) for line in lines], True
        self.marks = dict(changes(before, self._lines)) if before else {}
        self._settle()

    def move(self, lines: int) -> None:
        self.top += lines
        self._settle()

    def page(self, share: float) -> None:
        """Down by so many screens, one line of which stays in view; up if negative."""
        self.move(round(share * max(1, self.height - 1)))

    def begin(self) -> None:
        self.top = 0

    def end(self) -> None:
        """The last lines; of a stream, once it has been pulled."""
        self.job = self._to_end()

    def sideways(self, quarters: int) -> None:
        """By quarters of the screen to the right, or back; not beyond the widest line in view."""
        columns = quarters * max(1, self.columns // 4)
        widest = max(map(width, [*self.header, *self.visible]), default=0)
        self.left = max(0, min(self.left + columns, widest - self.columns))

    def search(self, pattern: str, *, backwards: bool = False) -> None:
        """Look for a text, accents and case ignored, from what is in view."""
        self.wanted, self.pattern, self.found = pattern, fold(pattern), None
        self.again(backwards=backwards)

    def again(self, *, backwards: bool = False) -> None:
        """Look for the next place, or the one before."""
        if not self.pattern:
            self.message = "Search with /TEXT."
            return
        inside = self.found is not None and self.top <= self.found < self.top + self.height
        start = self.top if not backwards else self.top + self.height - 1
        if inside and self.found is not None:
            start = self.found + (-1 if backwards else 1)
        self.job = self._look(start, backwards=backwards)

    def step(self) -> bool:
        """Do some of the work that takes long, or pull some lines ahead; whether anything was done."""
        if self.job is None:
            ahead = not self.whole and len(self) < AHEAD
            self._pull(len(self) + STEP if ahead else 0)
            return ahead
        if next(self.job, self) is self:
            self.job = None
        return True

    @property
    def visible(self) -> list[str]:
        """The lines in view, as wide as they are."""
        return self._lines[self.top : self.top + self.height]

    def rows(self) -> list[Fragments]:
        """What is to be seen: the pinned lines and those in view, cut to the columns."""
        header = [self._cut(line, [(0, len(line), "header")]) for line in self.header]
        body = [self._cut(line, self._spans(self.top + row, line)) for row, line in enumerate(self.visible)]
        return [*header, *body, *([[]] * (self.height - len(body)))]

    @property
    def place(self) -> str:
        """`lines 1–28 of 53 · 52%`."""
        last = self.top + len(self.visible)
        if not len(self):
            return "nothing"
        of = f"{len(self)}" if self.whole else f"{len(self)}+"
        share = f" · {100 * last // len(self)}%" if self.whole else ""
        return f"lines {min(self.top + 1, last)}–{last} of {of}{share}"

    def _pull(self, count: int) -> None:
        """Have at least so many lines, if there are as many."""
        missing = count - len(self._lines)
        if self.whole or missing <= 0:
            return
        self._lines += map(_tidy, islice(self._source, missing))
        self.whole = len(self._lines) < count

    def _settle(self) -> None:
        self._pull(self.top + self.height + 1)
        self.top = max(0, min(self.top, len(self) - self.height))

    def _to_end(self) -> Iterator[None]:
        while not self.whole:
            self._pull(len(self) + STEP)
            yield
        self.top = len(self)
        self._settle()

    def _look(self, start: int, *, backwards: bool) -> Iterator[None]:
        number = start
        while number >= 0:
            if number >= len(self):
                self._pull(number + 1)
                if number >= len(self) and not backwards:
                    break
            if number < len(self) and self.pattern in fold(self._lines[number]):
                self._show(number)
                return
            number += -1 if backwards else 1
            if number % STEP == 0:
                yield
        self.message = f"{quote(self.wanted)} is not found {'above' if backwards else 'below'}."

    def _show(self, number: int) -> None:
        """Bring a line with the pattern into view, and the place in it."""
        self.found, self.message = number, ""
        if not self.top <= number < self.top + self.height:
            self.top = max(0, number - self.height // 3)
            self._settle()
        line = self._lines[number]
        start, end = next(places(line, self.pattern), (0, 0))
        before, after = width(line[:start]), width(line[:end])
        if not self.left <= before <= after <= self.left + self.columns:
            self.left = max(0, min(before, after - self.columns // 2)) if after > self.columns else 0

    def _spans(self, number: int, line: str) -> list[tuple[int, int, str]]:
        """What is marked in a line: (start, end, style)."""
        spans = [(start, end, "match") for start, end in places(line, self.pattern)] if self.pattern else []
        if not spans and number in self.marks:
            spans = [(*self.marks[number], "changed")]
        return spans

    def _cut(self, line: str, spans: list[tuple[int, int, str]]) -> Fragments:
        spaces, first, last = window(line, self.left, self.columns)
        fragments: Fragments = [("", " " * spaces)] if spaces else []
        place = first
        for start, end, style in spans:
            start, end = max(place, start), min(last, end)
            if start < end:
                fragments += [("", line[place:start]), (style, line[start:end])]
                place = end
        return [(style, text) for style, text in [*fragments, ("", line[place:last])] if text]


def window(line: str, left: int, columns: int) -> tuple[int, int, int]:
    """What is seen of a line: spaces for the half of a wide character, then its characters from, to."""
    if is_plain(line):
        return 0, min(left, len(line)), min(left + columns, len(line))
    first = len(prefix(line, left)) if left else 0
    hidden = left - width(line[:first])
    spaces = 0
    if hidden and first < len(line):
        from wcwidth import iter_graphemes

        cluster = next(iter_graphemes(line[first:]))
        spaces = max(0, min(columns, width(cluster) - hidden))
        first += len(cluster)
    return spaces, first, first + len(prefix(line[first:], columns - spaces))


def places(line: str, pattern: str) -> Iterator[tuple[int, int]]:
    """Where a folded pattern occurs in a line: (start, end) in its characters."""
    if line.isascii():
        text, origin = line.lower(), range(len(line) + 1)
    else:
        folded = [fold(character) for character in line]
        text = "".join(folded)
        origin = [number for number, piece in enumerate(folded) for _ in piece] + [len(line)]  # type: ignore[assignment]
    found = text.find(pattern)
    while found >= 0 and pattern:
        end = found + len(pattern)
        yield origin[found], origin[end - 1] + 1
        found = text.find(pattern, end)


def changes(before: list[str], now: list[str]) -> Iterator[tuple[int, tuple[int, int]]]:
    """(line, what is new in it) for the lines that are not as they were; of very many lines, none."""
    if len(before) + len(now) > STEP:
        return
    from difflib import SequenceMatcher

    for how, first, last, start, end in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        same = how == "replace" and last - first == end - start
        for number in range(start, end) if how != "equal" else ():
            yield number, difference(before[first + number - start] if same else "", now[number])


def difference(old: str, new: str) -> tuple[int, int]:
    """The part of `new` that is not as it was: without what both begin and end with."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return start, len(new) - end


def _tidy(line: str) -> str:
    return display(line.expandtabs(_TAB))
