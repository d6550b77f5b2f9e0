"""Countries by their names in French and English, and by their ISO 3166 codes."""

import gettext
from functools import cache

import pycountry

from gerance.kernel.fold import words

# Names that people write and the lists do not have.
_ALSO = {
    "russia": "RU", "russie": "RU", "south korea": "KR", "north korea": "KP", "coree du sud": "KR",
    "coree du nord": "KP", "great britain": "GB", "grande bretagne": "GB", "uk": "GB",
    "england": "GB", "angleterre": "GB", "scotland": "GB", "ecosse": "GB", "wales": "GB",
    "pays de galles": "GB", "irlande du nord": "GB", "northern ireland": "GB",
    "holland": "NL", "hollande": "NL", "vatican": "VA", "ivory coast": "CI", "turkey": "TR",
    "czech republic": "CZ", "republique tcheque": "CZ", "united states of america": "US",
    "etats unis d amerique": "US", "rdc": "CD", "congo kinshasa": "CD", "congo brazzaville": "CG",
    "ile maurice": "MU", "birmanie": "MM", "cap vert": "CV", "macedoine": "MK",
    # French territories.
    "france metropolitaine": "FR", "metropolitan france": "FR", "la reunion": "RE",
    "ile de la reunion": "RE", "la guadeloupe": "GP", "la martinique": "MQ", "guyane": "GF",
    "la guyane": "GF", "saint martin": "MF", "st martin": "MF", "saint barthelemy": "BL",
    "st barthelemy": "BL", "saint barth": "BL", "st barth": "BL", "polynesie": "PF", "tahiti": "PF",
    "st pierre et miquelon": "PM",
}  # fmt: skip


def country_code(text: str) -> str | None:
    """The alpha-2 code, None when no country is called that."""
    return _codes_by_name().get(" ".join(words(text)))


@cache
def _french() -> gettext.NullTranslations:
    return gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["fr"])


@cache
def _codes_by_name() -> dict[str, str]:
    """Folded names and codes; what two countries could be called is left out."""
    french = _french()
    exact: dict[str, str] = {}
    short: dict[str, set[str]] = {}
    for each in pycountry.countries:
        names = [getattr(each, part, None) for part in ("name", "common_name", "official_name")]
        names_of_country = [name for name in names if name]
        for name in (
            each.alpha_2,
            each.alpha_3,
            *names_of_country,
            *map(french.gettext, names_of_country),
        ):
            exact[" ".join(words(name))] = each.alpha_2
            first, comma, rest = name.partition(", ")
            if comma:
                exact[" ".join(words(f"{rest} {first}"))] = each.alpha_2
                short.setdefault(" ".join(words(first)), set()).add(each.alpha_2)
    unambiguous = {name: codes.pop() for name, codes in short.items() if len(codes) == 1}
    return unambiguous | exact | _ALSO
