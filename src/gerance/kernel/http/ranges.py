"""Ranges: `range=first-last` in a query, `Content-Range: first-last/count` in the answer.

Both ends count from 0 and are included. What was asked beyond the end, or beyond the most that
one answer holds (`Accept-Range`), is left out rather than refused.
"""

import re
from typing import NamedTuple

from gerance.kernel.errors import reject

_RANGE = re.compile(r"(\d{1,15})-(\d{1,15})", re.ASCII)


class Range(NamedTuple):
    """Which elements of a collection are wanted: `limit` from `first` on; `most` may be asked."""

    first: int
    limit: int
    most: int

    @classmethod
    def parse(cls, text: str | None, *, default: int, most: int) -> "Range":
        """The range a query asks for; without one, the first `default` elements.

        Raises Rejection (400) when it is malformed or ends before it starts.
        """
        if text is None:
            return cls(0, min(default, most), most)
        match = _RANGE.fullmatch(text.strip())
        if match is None:
            raise reject("BadRequest", "range", text=repr(text[:40]))
        first, last = int(match[1]), int(match[2])
        if last < first:
            raise reject("BadRequest", "range_end", text=text[:40])
        return cls(first, min(last - first + 1, most), most)

    def expected(self, count: int) -> int:
        """How many elements the answer has in a collection of `count`."""
        return max(0, min(self.limit, count - self.first))

    def within(self, count: int) -> "Range":
        """The same range, asking for no more than a collection of `count` has."""
        return self._replace(limit=self.expected(count))

    def status(self, count: int) -> int:
        """200 when the answer is the whole collection, 206 when it is a part."""
        return 200 if self.expected(count) == count else 206

    def headers(self, count: int) -> dict[str, str]:
        """Content-Range and Accept-Range for a collection of `count` elements."""
        if count == 0:
            span = "0-0"
        else:
            span = f"{self.first}-{max(self.first, self.first + self.expected(count) - 1)}"
        return {"Content-Range": f"{span}/{count}", "Accept-Range": str(self.most)}
