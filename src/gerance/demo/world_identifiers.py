"""What the demo's records are known by: uids, SIRET numbers, telephone numbers."""

from collections.abc import Iterator
from uuid import UUID, uuid5

_NAMESPACE = UUID("0b7a1f5e-6f0c-5c39-9d0f-2c1f5d1f7a55")

# The uids of the published reference: its example bodies work on the demo as they are printed.
REFERENCE_PATRIMONY = "74aa4bf3-8fde-4985-b16e-e3ba2788868f"
REFERENCE_OPERATORS = (
    "f281d579-084e-95a1-8abb-582f2dcc2ed5",
    "98bfb3a8-ae4a-7486-1ee3-96131d994801",
    "d7b82473-8fcc-739c-4e2e-7665d942f387",
)
REFERENCE_PROVIDER_CONTACT = "7943797a-93c4-73f9-48f8-6baea5e94d13"
REFERENCE_AGENCIES = (
    "17d706c1-7844-00f5-a4a4-f1afa1975184",
    "5ced7e8e-3baa-1cb1-575d-b0e98cf21d5c",
)


def uid_of(seed: int, kind: str, key: object) -> str:
    """The uid of one record of a world: the same for the same seed, kind and key."""
    return str(uuid5(_NAMESPACE, f"{seed}/{kind}/{key}"))


def _with_luhn_digit(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return f"{digits}{-total % 10}"


def siret_of(seed: int, key: object) -> str:
    """A SIRET of 14 digits whose SIREN (first 9) and whole both pass Luhn's check."""
    number = UUID(uid_of(seed, "siret", key)).int
    siren = _with_luhn_digit(f"{8}{number % 10_000_000:07d}")
    return _with_luhn_digit(f"{siren}{1 + number // 10_000_000 % 3:04d}")


class PhoneBook:
    """Hands out telephone numbers of the ranges that ARCEP keeps free for fiction."""

    _PREFIXES = ("063998", "019900", "026191", "035301", "046571", "053649")

    def __init__(self, first: int = 0) -> None:
        """Books that begin at different numbers (0 to 9,999) have none in common for a while."""
        self._streams = [self._numbers(prefix, first) for prefix in self._PREFIXES]

    @staticmethod
    def _numbers(prefix: str, first: int) -> Iterator[str]:
        # 7919 is prime to 10,000: the numbers look unordered and none comes twice.
        for index in range(first, 10_000):
            yield f"{prefix}{index * 7919 % 10_000:04d}"

    def mobile(self) -> str:
        return next(self._streams[0])

    def landline(self, zone: int) -> str:
        """A number of the zone: 1 Paris, 2 north-west, 3 north-east, 4 south-east, 5 south-west."""
        return next(self._streams[zone])
