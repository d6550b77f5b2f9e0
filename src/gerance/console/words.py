"""What the pages say, in French and English."""

from collections.abc import Mapping

from gerance.partners.wording import Language

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
    "code": ("Code à usage unique", "One-time code"),
    "code required": (
        "Saisissez aussi le code de votre application, ou un code de secours.",
        "Enter the code of your app too, or a recovery code.",
    ),
    "code wrong": (
        "Le code est incorrect, trop ancien ou déjà utilisé.",
        "The code is wrong, too old or was used before.",
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
        "Ce formulaire n'a pas été envoyé depuis cette console : rien n'a été fait.",
        "This form was not sent from this console: nothing was done.",
    ),
    "months wrong": (
        "Nombre de mois : de 1 à {} attendu.",
        "Number of months: expected 1 to {}.",
    ),
    "day wrong": (
        "Dernier jour : une date comme 2026-11-30 attendue.",
        "Last day: expected a date like 2026-11-30.",
    ),
    "form wrong": ("Ce formulaire ne peut être lu.", "This form cannot be read."),
    "unsigned": (
        "Sans signature : rien ne prouve l'expéditeur.",
        "Not signed: nothing proves the sender.",
    ),
    "message": ("Message", "Message"),
    "deliveries": ("Notifications", "Deliveries"),
    "nobody told": ("Personne n'est encore averti de rien.", "Nobody is told of anything yet."),
    "owner": ("Propriétaire", "Owner"),
    "address": ("Adresse", "Address"),
    "state": ("État", "State"),
    "active": ("active", "active"),
    "paused": ("en pause", "paused"),
    "off": ("coupée", "off"),
    "by operator": ("par un opérateur", "by an operator"),
    "by gone": ("l'adresse a répondu 410", "the address answered 410"),
    "by failing": ("en échec depuis cinq jours", "it failed for five days"),
    "failing since": ("en échec depuis", "failing since"),
    "waiting": ("En attente", "Waiting"),
    "failing": ("En échec", "Failing"),
    "dead": ("Abandonnées", "Given up"),
    "pause": ("Mettre en pause", "Pause"),
    "resume": ("Reprendre", "Resume"),
    "switch off": ("Couper", "Switch off"),
    "replay failed": ("Renvoyer ce qui a échoué", "Tell again what failed"),
    "replay since": ("Tout renvoyer depuis", "Tell all again since"),
    "replay": ("Renvoyer", "Tell again"),
    "replayed": ("{} à renvoyer.", "{} to be told again."),
    "never told": (
        "Cette adresse n'a jamais été avertie de cet événement.",
        "This address was never told of that event.",
    ),
    "moment wrong": (
        "Depuis quand : un moment comme 2026-11-22T08:00 attendu.",
        "Since when: expected a moment like 2026-11-22T08:00.",
    ),
    "too many": (
        "Trop d'événements depuis ce moment : choisissez-en un plus récent.",
        "Too many events since that moment: choose a later one.",
    ),
    "state wrong": ("Cet état n'existe pas.", "There is no such state."),
    "no address": ("Il n'y a pas de telle adresse.", "There is no such address."),
    "calls": ("Appels", "Calls"),
    "no call": ("Aucun appel n'a été fait.", "No call was made."),
    "at": ("Moment", "At"),
    "event": ("Événement", "Event"),
    "outcome": ("Résultat", "Outcome"),
    "took": ("Durée", "Took"),
    "delivered": ("livré", "delivered"),
    "failed": ("échec", "failed"),
    "given up": ("abandonné", "given up"),
    "attempt": ("essai {}", "attempt {}"),
    "next attempt": ("prochain essai : {}", "next attempt: {}"),
    "sent": ("Envoyé", "Sent"),
    "answered": ("Répondu", "Answered"),
    "older": ("Plus anciens", "Older"),
    "mail": ("courriel", "mail"),
    "billing": ("facturation", "billing"),
}  # fmt: skip


def said(name: str, lang: Language, *values: object) -> str:
    """A text in a language, with its values; a name that is not known stands for itself."""
    french, english = WORDS.get(name, (name, name))
    return (french if lang == "fr" else english).format(*values)
