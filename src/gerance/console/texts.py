"""The texts of the pages, in French and English."""

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
        "Console des super-utilisateurs : propositions des partenaires et webhooks.",
        "Console for super users: partner proposals and webhooks.",
    ),
    "wrong": (
        "L'identifiant ou le mot de passe est incorrect.",
        "The login or password is incorrect.",
    ),
    "code": ("Code à usage unique", "One-time code"),
    "code required": (
        "Saisissez aussi le code de votre application, ou un code de secours.",
        "Also enter the code from your app, or a recovery code.",
    ),
    "code wrong": (
        "Le code est incorrect, expiré ou déjà utilisé.",
        "The code is incorrect, expired or already used.",
    ),
    "throttled": (
        "Trop de tentatives de connexion. Réessayez dans quelques minutes.",
        "Too many login attempts. Try again in a few minutes.",
    ),
    "ended": (
        "Votre session a expiré. Reconnectez-vous pour continuer.",
        "Your session has expired. Log in again to continue.",
    ),
    "nothing done": (
        "Votre session a expiré et rien n'a été enregistré. Reconnectez-vous, puis recommencez.",
        "Your session has expired and nothing was saved. Log in again and retry.",
    ),
    "logged out": ("Vous êtes déconnecté.", "You are logged out."),
    "account": ("Mon compte", "My account"),
    "change password": ("Modifier le mot de passe", "Change password"),
    "password help": (
        "Au moins 10 caractères, par exemple plusieurs mots sans rapport entre eux.",
        "At least 10 characters, for example several unrelated words.",
    ),
    "current password": ("Mot de passe actuel", "Current password"),
    "new password": ("Nouveau mot de passe", "New password"),
    "new password again": ("Confirmer le nouveau mot de passe", "Confirm new password"),
    "password changed": (
        "Votre mot de passe a été modifié. Vos autres sessions ont été fermées.",
        "Your password has been changed. Your other sessions have been closed.",
    ),
    "passwords differ": (
        "Les deux nouveaux mots de passe ne correspondent pas. Rien n'a été modifié.",
        "The two new passwords do not match. Nothing was changed.",
    ),
    "current wrong": (
        "Le mot de passe actuel est incorrect. Rien n'a été modifié.",
        "The current password is incorrect. Nothing was changed.",
    ),
    "password weak": (
        "Ce mot de passe est trop court (moins de {} caractères) ou trop facile à deviner.",
        "This password is too short (under {} characters) or too easy to guess.",
    ),
    "sessions": ("Sessions", "Sessions"),
    "sessions help": (
        "Déconnecte tous vos appareils, y compris celui-ci.",
        "Logs you out on all devices, including this one.",
    ),
    "end sessions": ("Fermer toutes mes sessions", "Close all my sessions"),
    "not here": (
        "Votre compte n'a pas accès à la console",
        "Your account has no access to the console",
    ),
    "super users": (
        "Cette console est réservée aux super-utilisateurs. Vous êtes connecté avec {} ({}).",
        "This console is for super users. You are logged in as {} ({}).",
    ),
    "use instead": ("À utiliser à la place", "Use instead"),
    "use software": (
        "Le logiciel que votre société a connecté à Gérance : il affiche {}.",
        "The software that your company has connected to Gérance. It shows {}.",
    ),
    "use api": (
        "L'API des incidents, avec le même identifiant et le même mot de passe.",
        "The incident API, with the same login and password.",
    ),
    "api pages": ("Ouvrir la documentation de l'API", "Open the API documentation"),
    "no reach": (
        "Votre compte n'est rattaché à aucune entité. Contactez l'administrateur de votre société.",
        "Your account is not linked to any entity. Contact the administrator of your company.",
    ),
    "need console": (
        "Besoin d'accéder à la console ? Demandez à un super-utilisateur, puis reconnectez-vous.",
        "Need access to the console? Ask a super user, then log in again.",
    ),
    "superUser": ("super-utilisateur", "super user"),
    "callCenterUser": ("utilisateur de centre d'appels", "call centre user"),
    "clientAccountManager": ("gestionnaire de compte client", "client account manager"),
    "executive": ("responsable d'agence", "agency executive"),
    "patrimonyManager": ("gestionnaire d'immeubles", "building manager"),
    "patrimonyUser": ("occupant d'immeuble", "building occupant"),
    "reach callCenterUser": (
        "les tickets suivis par votre centre d'appels",
        "the tickets of your call centre",
    ),
    "reach clientAccountManager": (
        "les tickets, les agences et les utilisateurs de votre société",
        "the tickets, agencies and users of your company",
    ),
    "reach executive": ("les tickets de vos agences", "the tickets of your agencies"),
    "reach patrimonyManager": ("les tickets de vos immeubles", "the tickets of your buildings"),
    "reach patrimonyUser": ("les tickets de votre immeuble", "the tickets of your building"),
    # Errors
    "error 400": ("Requête incorrecte", "Bad request"),
    "error 403": ("Accès refusé", "Access denied"),
    "error 404": ("Page introuvable", "Page not found"),
    "error 405": ("Action impossible", "Action not possible"),
    "error 409": ("Aucune modification", "Nothing was changed"),
    "error 429": ("Trop de requêtes", "Too many requests"),
    "error 500": ("Erreur interne", "Internal error"),
    "error 503": ("Service momentanément indisponible", "Service unavailable"),
    "back to start": ("Retour à l'accueil", "Back to the home page"),
    "other site": (
        "Ce formulaire n'a pas été envoyé depuis la console. Rien n'a été modifié.",
        "This form was not sent from the console. Nothing was changed.",
    ),
    "form wrong": ("Ce formulaire est invalide.", "This form is invalid."),
    # Webhooks
    "deliveries": ("Webhooks", "Webhooks"),
    "deliveries help": (
        "Les destinations qui reçoivent les événements et l'état de leurs envois.",
        "The endpoints that receive events, and the state of their deliveries.",
    ),
    "nobody told": (
        "Aucune destination pour le moment.",
        "There are no endpoints yet.",
    ),
    "endpoint": ("Destination", "Endpoint"),
    "api rentals": ("API de gestion locative", "rental API"),
    "api incidents": ("API des incidents", "incident API"),
    "api partners": ("API des partenaires", "partner API"),
    "owner": ("Propriétaire", "Owner"),
    "address": ("Adresse", "Address"),
    "state": ("État", "State"),
    "active": ("active", "active"),
    "paused": ("en pause", "paused"),
    "off": ("désactivée", "off"),
    "by operator": ("par un opérateur", "by an operator"),
    "by gone": ("réponse 410 de la destination", "the endpoint answered 410"),
    "by failing": ("en échec pendant cinq jours", "failing for five days"),
    "failing since": ("en échec depuis le {}", "failing since {}"),
    "waiting": ("En attente", "Pending"),
    "failing": ("À réessayer", "Retrying"),
    "dead": ("Abandonnés", "Dead"),
    "actions": ("Actions", "Actions"),
    "pause": ("Mettre en pause", "Pause"),
    "resume": ("Reprendre", "Resume"),
    "switch off": ("Désactiver", "Disable"),
    "confirm off": ("Désactiver cette destination ?", "Disable this endpoint?"),
    "confirm off help": (
        "Elle ne recevra plus d'événements. Ceux qui surviennent avant une reprise sont perdus.",
        "It receives no more events. Events before you resume it are not delivered.",
    ),
    "cancel off": ("Annuler", "Cancel"),
    "replay failed": ("Renvoyer les échecs", "Replay failed deliveries"),
    "replay since": ("Tout renvoyer depuis le", "Replay all events since"),
    "replay": ("Renvoyer", "Replay"),
    "replay event": ("Renvoyer l'événement {}", "Replay event {}"),
    "zone": ("Fuseau horaire : {}.", "Time zone: {}."),
    "replayed": (
        "Renvoi en cours. Nombre d'événements : {}.",
        "Replay started. Number of events: {}.",
    ),
    "state changed": ("Cette destination est maintenant {}.", "This endpoint is now {}."),
    "never told": (
        "Cet événement n'a jamais été envoyé à cette destination.",
        "This event was never sent to this endpoint.",
    ),
    "moment wrong": (
        "Date de début : saisissez une date et une heure, par exemple 2026-11-22T08:00.",
        "Start: enter a date and a time, such as 2026-11-22T08:00.",
    ),
    "too many": (
        "Trop d'événements depuis cette date. Choisissez une date plus récente.",
        "Too many events since then. Choose a later time.",
    ),
    "state wrong": ("Cet état n'existe pas.", "There is no such state."),
    "no address": ("Cette destination n'existe pas.", "There is no such endpoint."),
    "back to deliveries": ("Tous les webhooks", "All webhooks"),
    "calls": ("Derniers envois", "Latest deliveries"),
    "no call": ("Aucun envoi pour le moment.", "No deliveries yet."),
    "at": ("Date", "Time"),
    "event": ("Événement", "Event"),
    "outcome": ("Résultat", "Outcome"),
    "took": ("Durée", "Duration"),
    "delivered": ("livré", "delivered"),
    "failed": ("échec", "failed"),
    "given up": ("abandonné", "dead"),
    "attempt": ("tentative {}", "attempt {}"),
    "next attempt": ("prochaine tentative : {}", "next attempt: {}"),
    "sent": ("Requête", "Request"),
    "answered": ("Réponse", "Response"),
    "show call": ("Détail de l'envoi {}", "Details of delivery {}"),
    "older": ("Envois plus anciens", "Older deliveries"),
    "newest": ("Derniers envois", "Latest deliveries"),
}  # fmt: skip


def translate(name: str, lang: Language, *values: object) -> str:
    """The text of this name with its values. A name without a text is returned as it is."""
    french, english = WORDS.get(name, (name, name))
    return (typeset(french) if lang == "fr" else english).format(*values)


def rejection(
    kind: type[BadRequest] | type[Forbidden] | type[NotFound], name: str, *values: object
) -> BadRequest | Forbidden | NotFound:
    """A rejection with a text of the console, in both languages."""
    return kind(translate(name, "en", *values), french=translate(name, "fr", *values))
