"""A text without accents and case, whose places lead back to the words as they were written."""

from typing import NamedTuple

from gerance.kernel.fold import fold

_APOSTROPHES = str.maketrans("\u2018\u2019\u02bc\u00b4", "''''")


class PlainText(NamedTuple):
    """`plain`: the folded text, with straight apostrophes; `places`: the place of each of its
    characters in `original`."""

    original: str
    plain: str
    places: list[int] | range

    def words(self, start: int, end: int) -> str:
        """The original words of a part of `plain`, on one line."""
        if start >= end:
            return ""
        first, last = self.places[start], self.places[end - 1]
        return " ".join(self.original[first : last + 1].split())

    def line(self, start: int, end: int) -> str:
        """The lines of `plain` that a part of it touches."""
        first = self.plain.rfind("\n", 0, start) + 1
        last = self.plain.find("\n", end)
        return self.plain[first : last if last >= 0 else len(self.plain)]


def plain_text(text: str) -> PlainText:
    """The text (composed, see `texts.visible`) and its folded form."""
    text_with_apostrophes = text.translate(_APOSTROPHES)
    if text_with_apostrophes.isascii():
        return PlainText(text, fold(text_with_apostrophes), range(len(text)))
    plain: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text_with_apostrophes):
        letters = fold(character)
        plain.append(letters)
        places += [place] * len(letters)
    return PlainText(text, "".join(plain), places)
