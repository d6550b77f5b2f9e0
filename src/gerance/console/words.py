"""What the pages say, in French and English."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("Gérance", "Gérance"),
    "log in": ("Se connecter", "Log in"),
    "log out": ("Se déconnecter", "Log out"),
    "login": ("Identifiant", "Login"),
    "password": ("Mot de passe", "Password"),
    "wrong": (
        "L'identifiant ou le mot de passe est incorrect.",
        "The login or the password is wrong.",
    ),
    "proposals": ("Propositions des partenaires", "Proposals of partners"),
    "none": ("Rien n'est proposé.", "Nothing is proposed."),
    "partner": ("Partenaire", "Partner"),
    "client": ("Client", "Client"),
    "asked": ("Demande", "Asked"),
    "offer": ("Offrir le service", "Offer the service"),
    "terminate": ("Résilier", "Terminate"),
    "months": ("mois", "months"),
    "for good": ("sans limite", "for good"),
    "last day": ("dernier jour", "last day"),
    "end of month": ("fin du mois, sans autre date", "end of the month, without another day"),
    "why": ("Motif", "Why"),
    "from": ("Origine", "From"),
    "since": ("Depuis", "Since"),
    "problems": ("À vérifier", "To be checked"),
    "approve": ("Approuver", "Approve"),
    "reject": ("Refuser", "Reject"),
    "paste": ("Lire un message", "Read a message"),
    "paste help": (
        "Collez le message entier, avec ses lignes De et Objet. Vous répondez de son origine.",
        "Paste the whole message, with its From and Subject lines. You vouch for where it is from.",
    ),
    "read": ("Lire", "Read"),
    "approved": ("Proposition {} approuvée.", "Proposal {} is approved."),
    "rejected": (
        "Proposition {} refusée : rien ne change.",
        "Proposal {} is rejected: nothing changes.",
    ),
    "proposed": ("Proposition {} à décider.", "Proposal {} is to be decided."),
    "super users": (
        "Ces pages sont réservées aux super-utilisateurs.",
        "These pages are for super users.",
    ),
    "other site": (
        "Cette demande ne vient pas de ces pages.",
        "This request does not come from these pages.",
    ),
    "mail": ("courriel", "mail"),
    "billing": ("facturation", "billing"),
}  # fmt: skip


def language(accept_language: str | None) -> str:
    """`fr` or `en`, whichever the browser names first; French by default."""
    for part in (accept_language or "").lower().split(","):
        name = part.partition(";")[0].strip()[:2]
        if name in ("fr", "en"):
            return name
    return "fr"


def said(name: str, lang: str, *values: object) -> str:
    """A text in a language, with its values; a name that is not known stands for itself."""
    french, english = WORDS.get(name, (name, name))
    return (french if lang == "fr" else english).format(*values)
