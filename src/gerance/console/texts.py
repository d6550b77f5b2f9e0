"""What the pages say, in French and English."""

from collections.abc import Mapping

from gerance.console.texts_proposals import PROPOSALS
from gerance.kernel.errors import BadRequest, Forbidden, Language, NotFound
from gerance.partners.wording import typeset

WORDS: Mapping[str, tuple[str, str]] = {
    **PROPOSALS,
    "console": ("Gérance", "Gérance"),
    "error in title": ("Erreur : {}", "Error: {}"),
    "skip": ("Aller au contenu", "Skip to content"),
    "menu": ("Menu principal", "Main menu"),
    # Access
    "log in": ("Se connecter", "Log in"),
    "log out": ("Se déconnecter", "Log out"),
    "login": ("Identifiant", "Login"),
    "password": ("Mot de passe", "Password"),
    "log in help": (
        "La console des super-utilisateurs : propositions des partenaires et webhooks.",
        "The console of super users: proposals of partners, and webhooks.",
    ),
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
    "throttled": (
        "Trop d'essais de connexion. Réessayez dans quelques minutes.",
        "Too many attempts to log in. Try again in a few minutes.",
    ),
    "ended": (
        "Votre session est terminée. Reconnectez-vous pour continuer.",
        "Your session has ended. Log in again to continue.",
    ),
    "nothing done": (
        "Votre session est terminée : rien n'a été fait. Reconnectez-vous, puis recommencez.",
        "Your session has ended: nothing was done. Log in again and repeat what you did.",
    ),
    "logged out": ("Vous êtes déconnecté.", "You are logged out."),
    "account": ("Mon compte", "My account"),
    "change password": ("Changer le mot de passe", "Change the password"),
    "password help": (
        "Au moins 10 caractères, par exemple plusieurs mots sans rapport entre eux.",
        "At least 10 characters, for example several words that do not belong together.",
    ),
    "current password": ("Mot de passe actuel", "Current password"),
    "new password": ("Nouveau mot de passe", "New password"),
    "new password again": ("Nouveau mot de passe, à nouveau", "New password, again"),
    "password changed": (
        "Mot de passe changé. Vos autres sessions ont pris fin.",
        "The password is changed. Your other sessions have ended.",
    ),
    "passwords differ": (
        "Les deux nouveaux mots de passe sont différents : rien n'a été changé.",
        "The two new passwords differ: nothing was changed.",
    ),
    "current wrong": (
        "Le mot de passe actuel est incorrect : rien n'a été changé.",
        "The current password is wrong: nothing was changed.",
    ),
    "password weak": (
        "Ce mot de passe est trop court (moins de {} caractères) ou facile à deviner.",
        "This password is too short (under {} characters) or easy to guess.",
    ),
    "sessions": ("Sessions", "Sessions"),
    "sessions help": (
        "Sur tous les appareils, celui-ci compris.",
        "On all devices, this one included.",
    ),
    "end sessions": ("Mettre fin à toutes mes sessions", "End all my sessions"),
    "not here": ("Rien à faire ici pour votre compte", "Nothing to do here for your account"),
    "super users": (
        "Cette console est réservée aux super-utilisateurs. Vous êtes connecté avec {} ({}).",
        "This console is for super users. You are logged in as {} ({}).",
    ),
    "use instead": ("Ce que vous pouvez utiliser", "What you can use instead"),
    "use software": (
        "Le logiciel que votre société relie à Gérance : il vous montre {}.",
        "The software that your company connects to Gérance: it shows you {}.",
    ),
    "use api": (
        "L'API des incidents, avec le même identifiant et le même mot de passe.",
        "The incident API, with the same login and password.",
    ),
    "api pages": ("Ouvrir les pages de l'API", "Open the API pages"),
    "no reach": (
        "Votre compte n'est rattaché à rien. L'administrateur de votre société peut le rattacher.",
        "Your account is not linked to anything. Your company's administrator can link it.",
    ),
    "need console": (
        "Il vous faut la console ? Demandez-la à un super-utilisateur, puis reconnectez-vous.",
        "Do you need the console? Ask a super user for access, then log in again.",
    ),
    "superUser": ("super-utilisateur", "super user"),
    "callCenterUser": ("utilisateur d'un centre d'appels", "user of a call centre"),
    "clientAccountManager": ("gestionnaire de compte client", "client account manager"),
    "executive": ("responsable d'agence", "executive of an agency"),
    "patrimonyManager": ("gestionnaire d'immeubles", "manager of buildings"),
    "patrimonyUser": ("occupant d'un immeuble", "occupant of a building"),
    "reach callCenterUser": (
        "les tickets que suit votre centre d'appels",
        "the tickets that your call centre follows",
    ),
    "reach clientAccountManager": (
        "les tickets, les agences et les utilisateurs de votre société",
        "the tickets, agencies and users of your company",
    ),
    "reach executive": ("les tickets de vos agences", "the tickets of your agencies"),
    "reach patrimonyManager": ("les tickets de vos immeubles", "the tickets of your buildings"),
    "reach patrimonyUser": ("les tickets de votre immeuble", "the tickets of your building"),
    # Errors
    "error 400": ("Demande incorrecte", "Bad request"),
    "error 403": ("Accès refusé", "Access denied"),
    "error 404": ("Page introuvable", "Page not found"),
    "error 405": ("Demande impossible", "Not possible here"),
    "error 409": ("Rien n'a été fait", "Nothing was done"),
    "error 429": ("Trop de demandes", "Too many requests"),
    "error 500": ("Erreur interne", "Internal error"),
    "error 503": ("Momentanément indisponible", "Not available at the moment"),
    "back to start": ("Revenir à l'accueil", "Back to the start"),
    "other site": (
        "Ce formulaire n'a pas été envoyé depuis cette console : rien n'a été fait.",
        "This form was not sent from this console: nothing was done.",
    ),
    "form wrong": ("Ce formulaire est illisible.", "This form cannot be read."),
    # Webhooks
    "deliveries": ("Webhooks", "Webhooks"),
    "deliveries help": (
        "Les destinations qui reçoivent les événements, et l'état de leurs envois.",
        "The endpoints that receive events, and how their deliveries fare.",
    ),
    "nobody told": (
        "Aucune destination n'est encore inscrite.",
        "There are no endpoints yet.",
    ),
    "endpoint": ("Destination", "Endpoint"),
    "api rentals": ("API de gestion locative", "rentals API"),
    "api incidents": ("API des incidents", "incident API"),
    "api partners": ("API des partenaires", "partner API"),
    "owner": ("Propriétaire", "Owner"),
    "address": ("Adresse", "Address"),
    "state": ("État", "State"),
    "active": ("active", "active"),
    "paused": ("en pause", "paused"),
    "off": ("désactivée", "off"),
    "by operator": ("par un opérateur", "by an operator"),
    "by gone": ("la destination a répondu 410", "the endpoint answered 410"),
    "by failing": ("en échec depuis cinq jours", "it failed for five days"),
    "failing since": ("en échec depuis le {}", "failing since {}"),
    "waiting": ("En attente", "Pending"),
    "failing": ("À réessayer", "Retrying"),
    "dead": ("Abandonnés", "Dead"),
    "actions": ("Actions", "Actions"),
    "pause": ("Mettre en pause", "Pause"),
    "resume": ("Reprendre", "Resume"),
    "switch off": ("Désactiver", "Switch off"),
    "confirm off": ("Désactiver cette destination ?", "Switch this endpoint off?"),
    "confirm off help": (
        "Elle ne recevra plus aucun événement jusqu'à ce que vous choisissiez « Reprendre ».",
        "It receives no more events until you choose “Resume”.",
    ),
    "cancel off": ("Ne pas désactiver", "Do not switch off"),
    "replay failed": ("Renvoyer les échecs", "Replay failed deliveries"),
    "replay since": ("Tout renvoyer depuis le", "Replay everything since"),
    "replay": ("Renvoyer", "Replay"),
    "replay event": ("Renvoyer l'événement {}", "Replay event {}"),
    "zone": ("Fuseau horaire : {}.", "Time zone: {}."),
    "replayed": ("Événements à renvoyer : {}.", "Events to be replayed: {}."),
    "state changed": ("Cette destination est maintenant {}.", "This endpoint is now {}."),
    "never told": (
        "Cet événement n'a jamais été envoyé à cette destination.",
        "This event was never delivered to this endpoint.",
    ),
    "moment wrong": (
        "Date de début : indiquez une date et une heure, comme 2026-11-22T08:00.",
        "Start: enter a date and a time like 2026-11-22T08:00.",
    ),
    "too many": (
        "Trop d'événements depuis cette date : choisissez-en une plus récente.",
        "Too many events since then: choose a later time.",
    ),
    "state wrong": ("Cet état n'existe pas.", "There is no such state."),
    "no address": ("Cette destination n'existe pas.", "There is no such endpoint."),
    "back to deliveries": ("Tous les webhooks", "All webhooks"),
    "calls": ("Derniers envois", "Latest deliveries"),
    "no call": ("Aucun envoi pour l'instant.", "No deliveries yet."),
    "at": ("Date", "Time"),
    "event": ("Événement", "Event"),
    "outcome": ("Résultat", "Outcome"),
    "took": ("Durée", "Duration"),
    "delivered": ("livré", "delivered"),
    "failed": ("échec", "failed"),
    "given up": ("abandonné", "dead"),
    "attempt": ("essai {}", "attempt {}"),
    "next attempt": ("prochain essai : {}", "next attempt: {}"),
    "sent": ("Envoyé", "Sent"),
    "answered": ("Réponse", "Answer"),
    "show call": ("Contenu de l'envoi {}", "Content of delivery {}"),
    "older": ("Envois plus anciens", "Older deliveries"),
    "newest": ("Revenir aux derniers", "Back to the latest"),
}  # fmt: skip


def said(name: str, lang: Language, *values: object) -> str:
    """A text in a language, with its values; a name that is not known stands for itself."""
    french, english = WORDS.get(name, (name, name))
    return (typeset(french) if lang == "fr" else english).format(*values)


def rejection(
    kind: type[BadRequest] | type[Forbidden] | type[NotFound], name: str, *values: object
) -> BadRequest | Forbidden | NotFound:
    """A rejection with a text of the console, in both languages."""
    return kind(said(name, "en", *values), french=said(name, "fr", *values))
