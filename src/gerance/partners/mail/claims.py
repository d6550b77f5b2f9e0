"""Claims of a message about its client: names, numbers and contact data.

Text that is not recognised completely is never guessed: it becomes `unclear`, for an operator.
"""

import re
from collections.abc import Iterable

from gerance.kernel.fold import fold
from gerance.partners.mail.labels import Kind, LabelledLine, read_label
from gerance.partners.proposals.comparison import ClientClaims

MOST_OF_A_KIND = 5
MOST_CHARACTERS = 200

_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])")
_PHONE = re.compile(r"(?<![\w+])(?:(?:\+|00)33[ .]?(?:\(0\))?|0)[ .-]?[1-9](?:[ .-]?\d\d){4}(?!\d)")
_SIRET = re.compile(r"(?<!\w)\d{3}[  ]?\d{3}[  ]?\d{3}[  ]?\d{5}(?!\w)")
_ZIP_AND_CITY = re.compile(r"(?<!\w)\d{5},?\s+(?!\d)\w[\w'’-]*(?:\s+[A-ZÀ-Þ][\w'’-]*)*")
_ONLY_ZIP_AND_CITY = re.compile(r"\s*\d{5}\s+\S.*")
_NAME = r"[A-ZÀ-Þ][\w'’.-]*(?:\s+(?:(?:de|du|la|le|et|van|von)\s+)*[A-ZÀ-Þ][\w'’.-]*)*"
_INTRODUCED = re.compile(
    r"(?<!\w)(?:M\.|(?i:MM|Mrs?|Ms|Miss|Mmes?|Mlle|Monsieur|Madame|Mademoiselle)\.?"
    r"|(?i:cliente?|customer|soci[ée]t[ée]|entreprise|company))\s+(?P<name>" + _NAME + ")"
)
_SOMEBODY = re.compile(
    r"(?<!\w)(?:M\.|(?:Mrs?|Ms|Miss|Mme|Mlle|Monsieur|Madame|Mademoiselle)\.?)\s+[^\W\d_]",
    re.IGNORECASE,
)
_CLIENT_NUMBER = re.compile(
    r"(?<!\w)(?:client|customer)e?(?:\s*(?:n°|no|numero|number|id|ref|reference|code)\.?)?[\s:#]*"
    r"(?P<number>(?=[\w-]*\d[\w-]*\d[\w-]*\d)[\w-]{4,})"
)
_NAME_AND_NUMBER = re.compile(r"(?P<name>\D+?)\s*[-–—,(]+\s*(?P<number>(?=\S*\d)\w{4,})\s*\)?")
_GREETING = re.compile(
    r"(?:bonjour|bonsoir|chere?|hello|hi|dear)(?:\s+[^\W\d_][\w'.-]*){0,4}\s*(?:[,!:]|$)"
)
_FAREWELL = re.compile(
    r"\s*(?:bien )?(?:cordialement|amicalement|respectueusement|sincerement|a vous|salutations"
    r"|best regards|kind regards|regards|sincerely|yours\b.*|cdt|cdlt)[\s,.!]*"
)
_PLAUSIBLE: dict[Kind, re.Pattern[str]] = {
    "name": re.compile(r"(?:[A-ZÀ-Þ]\S*|et|de|du|la|le)(?:\s+(?:[A-ZÀ-Þ]\S*|et|de|du|la|le)){0,5}"),
    "number": re.compile(r"(?=\S*\d)\S{3,}"),
    "phone": re.compile(r"[+\d][\d\s().+/-]{7,}"),
    "address": re.compile(r"\d.*|[A-ZÀ-Þ][\w'’ -]*"),
    "siret": re.compile(r"[\d\s]{9,}"),
}


class _ClaimsCollector:
    """Collects distinct claims in order."""

    def __init__(self) -> None:
        self.values: dict[str, dict[str, None]] = {
            field: {} for field in ClientClaims.__struct_fields__
        }
        self.first = self.last = ""

    def add(self, field: str, value: str) -> None:
        self.values[field][value.strip()[:MOST_CHARACTERS]] = None

    def unclear(self, line: str) -> None:
        self.add("unclear", line)

    def claims(self) -> ClientClaims:
        if self.first or self.last:
            self.add("name", f"{self.first} {self.last}")
        # A claim beyond the limit must not look like agreement.
        for field, values in self.values.items():
            if len(values) > MOST_OF_A_KIND and field != "unclear":
                self.unclear(list(values)[MOST_OF_A_KIND])
        return ClientClaims(
            **{f: tuple(values)[:MOST_OF_A_KIND] for f, values in self.values.items()}
        )


def read_claims(client_name: str | None, sender: str, lines: Iterable[str]) -> ClientClaims:
    """The claims in the subject (`client_name`) and in the lines of the sender.

    Lines after a farewell describe the sender, and so do addresses of the sender's own domain.
    """
    collector = _ClaimsCollector()
    if client_name:
        collector.add("name", client_name)
    own_domain = "@" + sender.rpartition("@")[2].lower()
    street = label = None
    for line in lines:
        plain = fold(line)
        if _FAREWELL.fullmatch(plain):
            break
        emails = _EMAIL.findall(plain)
        for email in emails:
            if not email.endswith(own_domain):
                collector.add("email", email)
        if street is not None and _ONLY_ZIP_AND_CITY.fullmatch(plain):
            collector.values["address"].pop(street[:MOST_CHARACTERS], None)
            collector.add("address", f"{street}, {line.strip()}")
            street = None
            continue
        street, label_line = None, read_label(line)
        if label is not None:
            if label_line is None:
                label_line, line = LabelledLine(label[0], line.strip("*_`| ")), f"{label[1]} {line}"
            else:
                collector.unclear(label[1])
            label = None
        if label_line is None:
            _read_sentence(collector, line)
        elif not label_line.value:
            label = (label_line.kind, line)
        elif label_line.kind == "email" and emails:
            collector.values["email"].update(dict.fromkeys(emails))
        elif _understand(collector, label_line, line) and label_line.kind == "address":
            street = label_line.value
    if label is not None:
        collector.unclear(label[1])
    return collector.claims()


def _understand(collector: _ClaimsCollector, label_line: LabelledLine, line: str) -> bool:
    """Add the value of a label, as `unclear` when it does not look valid."""
    kind, value = label_line
    is_sure = re.search("[:=：]", line) is not None
    if kind is None or kind == "email":
        collector.unclear(line)
        return False
    digits = sum(map(str.isdigit, value))
    if kind in ("name", "first", "last") and digits >= 3:
        both = _NAME_AND_NUMBER.fullmatch(value)
        if both is not None:
            collector.add("name", both["name"])
            collector.add("number", both["number"])
        elif kind == "name" and _PLAUSIBLE["number"].fullmatch(value):
            collector.add("number", value)
        else:
            collector.unclear(line)
        return True
    expected = _PLAUSIBLE["name" if kind in ("first", "last") else kind]
    if not is_sure and not expected.fullmatch(value):
        collector.unclear(line)
        return False
    if kind in ("first", "last") and not getattr(collector, kind):
        setattr(collector, kind, value)
    else:
        collector.add("name" if kind in ("first", "last") else kind, value)
    return True


def _read_sentence(collector: _ClaimsCollector, line: str) -> None:
    """Add the claims of a sentence without a label, like `Merci de résilier Mme Dupont.`"""
    text = line
    if _GREETING.match(fold(line)):
        text = re.split("[,!:]", line, maxsplit=1)[1] if re.search("[,!:]", line) else ""
    plain = fold(text)
    for match in _CLIENT_NUMBER.finditer(plain):
        collector.add("number", match["number"])
    for phone in _PHONE.findall(text):
        collector.add("phone", phone)
    for siret in _SIRET.findall(text):
        collector.add("siret", siret)
    for place in _ZIP_AND_CITY.findall(text):
        collector.add("address", place)
    names = [each["name"].rstrip(".,") for each in _INTRODUCED.finditer(text)]
    for name in names:
        collector.add("name", name)
    if not names and _SOMEBODY.search(text):
        collector.unclear(line)
