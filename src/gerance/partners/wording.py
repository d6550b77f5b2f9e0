"""What refusals say, in French and in English.

A refusal is raised with its code and its English message; partners, and operators in the console,
read it in the language that they ask for. The texts of parameters are put together by `parameters`.
"""

import re
from functools import cache
from typing import Literal

from gerance.kernel.accept import accepted_values
from gerance.kernel.errors import Refused

Language = Literal["fr", "en"]

_FRENCH = {
    "Unauthorized": 'Jeton absent, inconnu ou expiré : envoyez Authorization: Token token="…".',
    "TooManyAttempts": "Trop d'essais refusés : réessayez après le nombre de secondes indiqué par"
    " Retry-After.",
    "LogInsBusy": "Trop de mots de passe attendent leur vérification : réessayez.",
    "RateLimited": "Trop de requêtes par seconde : attendez le délai de Retry-After.",
    "TooManyLongAnswers": "Trop de longues réponses en cours : lisez-en une jusqu'au bout.",
    "TooManyConcurrentRequests": "Trop de vos requêtes sont en cours à la fois : envoyez-en moins.",
    "Busy": "Trop de requêtes sont en cours sur le serveur : renvoyez la requête.",
    "PlainHttpRefused": "Seul HTTPS est accepté : cet appel est arrivé en clair.",
    "PayloadTooLarge": "Le corps de l'appel est trop long.",
    "TooManyParameters": "Trop de paramètres.",
    "UnsupportedMediaType": "Le corps doit être du JSON, un formulaire ou du multipart, non"
    " compressé.",
    "BadBody": "Le corps ne peut être lu comme son Content-Type l'annonce, en UTF-8.",
    "AlreadyCustomer": "client_id : ce client a déjà le service ; utilisez /v1/customers.",
    "NotYetCustomer": "client_id : le service n'est pas encore activé pour ce client.",
    "UnknownCustomer": "client_id : ce client est inconnu.",
    "ContractTerminated": "client_id : le contrat de ce client est terminé.",
    "CampaignFixed": "campaign_code : le service a été activé par une autre campagne.",
    "CampaignEnded": "campaign_code : cette campagne est terminée.",
    "OfferedForGood": "months : le service est déjà offert définitivement.",
    "OfferedTooFar": "months : rien n'est offert au-delà de décembre 2199.",
    "EndBeforeStart": "end_of_contract_date : le service a commencé après cette date.",
    "UnknownBillingFile": "name : il n'y a pas de fichier de ce nom.",
    "BadIdempotencyKey": "Idempotency-Key : 255 caractères au plus.",
    "IdempotencyKeyReused": "Idempotency-Key : un autre appel sur ce client l'a déjà utilisée.",
    "InternalError": "Une erreur s'est produite ici : donnez-nous le X-Request-Id de la réponse.",
    "UnknownProposal": "Il n'y a pas de proposition de ce numéro.",
    "ProposalDecided": "Cette proposition a déjà été approuvée ou refusée.",
    "ClientDiffers": "Ce message concerne peut-être un autre client : comparez, puis confirmez"
    " qu'il s'agit bien du client enregistré.",
    "ClientChanged": "Ce client a changé depuis l'affichage de la page : rien n'a été fait."
    " Vérifiez à nouveau.",
    "ProposalUnclear": "Cette proposition n'est pas claire : indiquez le nombre de mois offerts,"
    " ou le dernier jour du contrat.",
    "MailUnreadable": "Ce message ne peut être lu ; il lui faut, entre autres, une ligne De avec"
    " une seule adresse et une ligne Objet.",
    "MailNotSigned": "Rien ne prouve que l'expéditeur a envoyé ce message : aucune signature DKIM"
    " valable, ou une enveloppe d'un autre domaine.",
    "MailNotARequest": "L'objet ne dit pas ce qui est demandé, par quel partenaire et pour quel"
    " client. Attendu : [Résiliation][partenaire] Client nom - client_id, ou"
    " [Offre][partenaire] Client nom - client_id.",
    "MailSenderUnknown": "Cet expéditeur n'est pas connu pour le partenaire que l'objet nomme.",
    "MailTooMany": "Trop de propositions de ce partenaire attendent une décision.",
    "TooSlow": "L'appel a pris trop de temps ; il a été abandonné.",
    "DatabaseUnavailable": "La base de données ne répond pas.",
    "DatabaseRestarting": "La base de données s'arrête ou démarre ; renvoyez l'appel.",
    "DatabaseReadOnly": "La base de données n'accepte pas d'écriture pour l'instant ; les lectures"
    " fonctionnent.",
    "DatabaseOutOfMemory": "La base de données manque de mémoire ; réessayez plus tard.",
    "DiskFull": "Le disque de la base de données est plein ; prévenez l'exploitant.",
    "DatabaseBusy": "La base de données n'accepte plus de connexions ; renvoyez l'appel.",
    "LockTimeout": "Une autre transaction a occupé ces données trop longtemps ; renvoyez l'appel.",
    "CommandsBusy": "Des appels antérieurs attendent encore la base de données ; renvoyez l'appel.",
    "CommitUnknown": "La connexion à la base a été perdue pendant l'enregistrement, qui a"
    " peut-être eu lieu ; renvoyez le même appel avec la même Idempotency-Key.",
    "ServerStopping": "Le serveur s'est arrêté avant de pouvoir répondre ; renvoyez l'appel.",
    "Conflict": "Ce client est en train d'être modifié ; renvoyez l'appel.",
}


_BLANK_BEFORE = re.compile(r" (?=[:»])|(?<=«) ")
_THIN_BLANK_BEFORE = re.compile(r" (?=[;?!])")


@cache
def typeset(text: str) -> str:
    """A French text with the blanks that no line may break at: before `:`, `;`, `?`, `!` and inside
    `« »`."""
    return _THIN_BLANK_BEFORE.sub("\u202f", _BLANK_BEFORE.sub("\u00a0", text))


def worded(refused: Refused, language: Language) -> Refused:
    """The refusal in a language; as it is where it has its words already."""
    message = _FRENCH.get(refused.code) if language == "fr" else None
    if message is None:
        return refused
    return Refused(refused.code, message, status=refused.status, headers=refused.headers)


def language_of(accept_language: str) -> Language:
    """French unless English is preferred to it (RFC 9110, 12.5.4)."""
    qualities: dict[str, float] = {}
    for value in accepted_values(accept_language):
        qualities.setdefault(value.name.partition("-")[0], value.quality)
    return "en" if qualities.get("en", 0.0) > qualities.get("fr", 0.0) else "fr"
