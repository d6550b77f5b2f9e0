"""The French of the demo in one place: every call purpose, with what its trade adds.

The vocabulary itself is data, split by theme: purposes (`corpus_water`, `corpus_heat`,
`corpus_access`, `corpus_building`), trades, the sentences of journals, people, places, companies.
"""

from gerance.demo.corpus_access import ACCESS_PURPOSES
from gerance.demo.corpus_building import BUILDING_PURPOSES
from gerance.demo.corpus_heat import HEAT_PURPOSES
from gerance.demo.corpus_purpose import CallPurpose, Season
from gerance.demo.corpus_water import WATER_PURPOSES

PURPOSES: tuple[CallPurpose, ...] = (
    *WATER_PURPOSES,
    *HEAT_PURPOSES,
    *ACCESS_PURPOSES,
    *BUILDING_PURPOSES,
)

# How much more (or less) often a purpose is called for in each month, January first, without unit.
MONTHLY_FACTORS: dict[Season, tuple[float, ...]] = {
    "all": (1.0,) * 12,
    "winter": (2.2, 1.9, 1.3, 0.7, 0.3, 0.1, 0.05, 0.05, 0.3, 1.3, 1.9, 2.2),
    "summer": (0.05, 0.05, 0.1, 0.4, 1.2, 2.6, 3.2, 2.8, 1.3, 0.3, 0.05, 0.05),
    "storm": (1.4, 1.4, 1.2, 0.8, 0.8, 0.9, 0.7, 0.8, 0.9, 1.2, 1.5, 1.4),
}
