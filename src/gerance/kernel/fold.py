"""One way to compare texts as people do: without accents and without case.

`fold` and `place_key` here and the SQL functions of the schema give the same answer for the same
text (a test holds them together), so that search keys made in Python match those made in the
database.
"""

import re
import unicodedata

_EXPANSIONS = str.maketrans(
    {
        "œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss",
        "ẞ": "ss", "ø": "o", "Ø": "o", "đ": "d", "Đ": "d", "ł": "l", "Ł": "l",
    }
)  # fmt: skip
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_MARKS = re.compile("[\u0300-\u036f]")
_SEPARATORS = str.maketrans(dict.fromkeys("-‐‒–—―−'‘’ʼ`.,/()_\t", " "))
_BLANKS = re.compile(" +")
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """`text` without accents, in compatibility form and lower case: `Œuvre Été` is `oeuvre ete`."""
    if text.isascii():
        return text.translate(_LOWER)
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return plain.translate(_EXPANSIONS).translate(_LOWER)


def words(text: str) -> list[str]:
    """The folded words of a text, in order: letters and digits, cut at everything else."""
    return _WORD.findall(fold(text))


def place_key(text: str) -> str:
    """The name of a place as people compare it: `St-Denis` and `SAINT DENIS` are `saint denis`.

    Folded, with blanks for hyphens, apostrophes and dots. The SQL function `place_key` of a folded
    text is the same.
    """
    name = _BLANKS.sub(" ", fold(text).translate(_SEPARATORS).strip(" "))
    return f" {name} ".replace(" st ", " saint ").replace(" ste ", " sainte ").strip(" ")
