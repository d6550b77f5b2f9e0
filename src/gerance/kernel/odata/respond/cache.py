"""Answers kept as bytes for whoever asks the same again, as long as nothing has changed."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

_SHARE = 4
_MOST_COLLECTED = 4


@dataclass(frozen=True)
class Answer:
    """An answer: its ETag, its headers, its body in parts. `size`: of the body; `beside`: what
    else is kept of it takes so many bytes."""

    tag: str
    headers: dict[str, str]
    body: tuple[bytes, ...]
    size: int
    beside: int = 0


class AnswerCache:
    """At most `capacity` bytes of answers, those asked for last. One answer, the last, a question:
    its key says who may see what, its tag which versions of the sets it was read from."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._size = 0
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._collected = 0

    def get(self, key: Hashable, tag: str) -> Answer | None:
        """The answer of this tag."""
        answer = self._answers.get(key)
        if answer is None or answer.tag != tag:
            return None
        self._answers.move_to_end(key)
        return answer

    def put(self, key: Hashable, answer: Answer) -> None:
        """Keep an answer; the ones not asked for the longest make room for it."""
        if answer.size > self.largest:
            return
        if (old := self._answers.pop(key, None)) is not None:
            self._size -= old.size + old.beside
        self._answers[key] = answer
        self._size += answer.size + answer.beside
        while self._size > self._capacity:
            _, gone = self._answers.popitem(last=False)
            self._size -= gone.size + gone.beside

    @property
    def largest(self) -> int:
        """Bytes of the largest answer that is kept."""
        return self._capacity // _SHARE

    def collect(self) -> "BodyCollector | None":
        """Collects the parts of an answer while it is sent; None when enough others do."""
        if self._collected >= _MOST_COLLECTED or not self._capacity:
            return None
        self._collected += 1
        return BodyCollector(self)

    def collected(self) -> None:
        self._collected -= 1


class BodyCollector:
    """The parts of an answer under way; it lets go of them when they become too many."""

    def __init__(self, kept: AnswerCache) -> None:
        self._kept = kept
        self.parts: list[bytes] | None = []
        self.size = 0

    def add(self, part: bytes) -> None:
        self.size += len(part)
        if self.parts is not None:
            self.parts.append(part)
            if self.size > self._kept.largest:
                self.parts = None

    def close(self) -> None:
        self._kept.collected()
