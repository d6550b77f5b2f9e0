"""The header Server-Timing: the milliseconds that each stage of a read took."""

from time import perf_counter


class ServerTiming:
    def __init__(self) -> None:
        self._since = perf_counter()
        self._stages: list[str] = []

    def mark(self, stage: str) -> None:
        """A stage is complete."""
        now = perf_counter()
        self._stages.append(f"{stage};dur={(now - self._since) * 1000:.3f}")
        self._since = now

    @property
    def header(self) -> str:
        return ", ".join(self._stages)
