"""The sentences operators, callers and providers leave in a journal, whatever the trade."""

PROVIDER_ANSWERS = (
    "Prestataire joint, il rappelle l'occupant pour fixer l'heure.",
    "Le prestataire prend la demande et envoie un technicien.",
    "Standard joint, demande transmise au technicien de secteur.",
    "Le prestataire confirme la bonne réception de la demande.",
)
PROVIDER_SILENCES = (
    "Pas de réponse, message laissé sur le répondeur.",
    "Ligne occupée à trois reprises.",
    "Sonne dans le vide, nouvel essai dans quinze minutes.",
    "Messagerie pleine, courriel envoyé en complément.",
)
ACCEPTANCES = (
    "Intervention acceptée.",
    "Accord donné, technicien affecté.",
    "Accepte et prévient l'occupant directement.",
    "Prise en charge dans le cadre du contrat.",
)
REFUSALS = (
    "Aucun technicien disponible aujourd'hui.",
    "Adresse hors du secteur d'intervention.",
    "Contrat résilié avec cette résidence.",
    "Refuse sans bon de commande signé.",
    "Prestation non comprise dans le contrat, demande un devis accepté.",
)
SCHEDULES = (
    "Rendez-vous confirmé avec l'occupant.",
    "Créneau convenu, le gardien ouvrira.",
    "Premier créneau disponible du prestataire.",
    "L'occupant sera présent sur toute la plage.",
)
REQUESTS_BY_MEDIUM = (
    "Demande d'intervention transmise avec les coordonnées de l'occupant.",
    "Demande envoyée avec les consignes d'accès.",
    "Demande passée en priorité.",
)
ASSIGNMENTS = (
    "Prestataire sous contrat pour cette résidence.",
    "Choix fait selon la fiche de consignes de l'agence.",
    "Prestataire d'astreinte de la semaine.",
)
PURPOSES_OF_ASSIGNMENT = (
    "Prestataire désigné par le contrat d'entretien",
    "Prestataire d'astreinte",
    "Demande du gestionnaire",
)
RECOURSES = (
    "Choix du contact par l'opérateur",
    "Premier prestataire indisponible",
    "Prestataire de secours de l'agence",
)
INSTRUCTIONS_TO_PROVIDER = (
    "Se présenter à la loge, clés remises contre signature.",
    "Appeler l'occupant une heure avant le passage.",
    "Envoyer des photos avant et après l'intervention.",
    "Ne pas dépasser 400 euros sans devis accepté.",
    "Code d'accès à demander au gardien.",
)
INSTRUCTIONS_TO_CALL_CENTRE = (
    "Prévenir le gardien avant toute intervention.",
    "Informer le gestionnaire de l'agence dès la fin de l'intervention.",
    "Déclencher l'astreinte uniquement en cas de danger.",
    "Rappeler l'occupant pour confirmer le rétablissement.",
)
CALLS_TO_CALLER = (
    "Passage du prestataire annoncé.",
    "Créneau confirmé au téléphone.",
    "Message laissé avec l'heure prévue.",
)
CALLS_UNANSWERED_BY_CALLER = (
    "Appelant non joint, message laissé.",
    "Pas de réponse, nouvel essai prévu.",
    "Numéro injoignable, pas de messagerie.",
)
CALLS_TO_CARETAKER = (
    "Gardien prévenu du passage, il ouvrira l'accès.",
    "Gardien joint, il vérifie sur place et rappelle.",
)
CALLS_AFTER_REPAIR = (
    "Confirme que tout est en ordre.",
    "Rétablissement confirmé au téléphone.",
    "Satisfait de l'intervention, dossier à clore.",
)
IMPATIENT_PURPOSES = (
    "Demande de suivi",
    "Relance",
    "Réclamation sur le délai",
    "Demande d'heure de passage",
)
IMPATIENT_COMMENTS = (
    "Demande quand le technicien passera.",
    "Relance, aucun passage constaté à ce jour.",
    "Mécontent du délai, souhaite un rappel du gestionnaire.",
    "Signale que la situation s'aggrave.",
    "Second appel de la journée pour le même problème.",
)
RESOLVED_CALL_COMMENTS = (
    "L'appelant annonce que tout est rentré dans l'ordre.",
    "Le voisin a fait réparer par son propre prestataire.",
)
REOPENINGS_OF_REPAIRS = (
    "Le problème est revenu après l'intervention.",
    "Réparation insuffisante selon l'appelant.",
    "Panne identique constatée par le gardien.",
    "Le gestionnaire demande une nouvelle visite.",
)
REOPENINGS_TO_FINISH = (
    "Pièce reçue, intervention à terminer.",
    "Date de reprise à fixer avec le prestataire.",
    "Le gestionnaire demande la fin des travaux.",
)
RETURN_CALL_COMMENTS = (
    "Le même problème est revenu.",
    "La réparation n'a pas tenu.",
)
CANCELLATIONS = (
    "Problème résolu avant le passage du prestataire.",
    "Dossier ouvert en double.",
    "Annulé à la demande du gestionnaire.",
    "Déjà traité par le gardien.",
)
ARCHIVINGS = (
    "Dossier sans suite, transmis au gestionnaire pour la prochaine assemblée.",
    "Archivé après transfert au contentieux.",
    "Travaux votés, suivi repris par l'agence.",
)
BEYOND_SCOPE_IN_DWELLINGS = (
    "Équipement privatif, l'occupant est invité à contacter son propriétaire.",
    "Entretien courant à la charge de l'occupant, explication donnée.",
    "Équipement sous garantie, coordonnées de l'installateur communiquées.",
)
BEYOND_SCOPE_IN_COMMON_PARTS = (
    "Travaux déjà commandés par l'agence, appelant informé.",
    "Suivi directement par le gestionnaire, demande transmise.",
    "Sans urgence pour l'astreinte, à voir par l'agence aux heures de bureau.",
)
UNSUCCESSFUL_RECALLS = (
    "Rappels sans réponse, courriel envoyé à l'appelant.",
    "Appelant injoignable malgré les rappels, dossier clos.",
    "Aucun retour malgré les messages laissés.",
)
RESULTS_OF_REPAIRS = ("Réparation effectuée", "Remise en service")
RESULTS_WITHOUT_REPORT = ("Contrôle effectué, aucun défaut constaté", "Traité par le gardien")
NIGHT_DESKS = ("Permanence de nuit", "Permanence du week-end", "Intérimaire du standard")
CALLER_COMMENTS = (
    "Joignable après 18 heures.",
    "Préfère être contacté par message.",
    "Appelle pour le compte de sa mère.",
    "Membre du conseil syndical.",
    "Ne pas rappeler avant 9 heures.",
)
CORRECTED_COMMENTS = (
    "Commentaire rectifié : l'occupant sera présent à partir de 14 heures.",
    "Correction : le message a été laissé au gardien et non à l'occupant.",
    "Précision : l'accès se fait par la cour.",
    "Rectification : le rendez-vous est donné par le prestataire lui-même.",
)
REQUEST_PRECISIONS = (
    "Précision de l'appelant : le problème a commencé hier.",
    "Précision de l'appelant : aucun danger pour les personnes.",
    "Précision : accès possible à toute heure.",
)
REPORT_PRECISIONS = (
    "Fiche d'intervention signée par l'occupant.",
    "Photos jointes au dossier.",
    "Rapport complet reçu par courriel.",
)
ANSWERS_TO_CALLER = (
    "Nous déclenchons une intervention auprès d'un prestataire spécialisé.",
    "Votre demande est transmise au gestionnaire de l'immeuble.",
)
REMARKS_ON_COMMON_PARTS = (
    "Plusieurs occupants ont appelé.",
    "Signalé aussi par le conseil syndical.",
    "Le gardien est au courant.",
    "Constaté ce jour.",
)
ALARM_ORIGINS = (
    "Alarme de télésurveillance.",
    "Défaut remonté par l'automate.",
    "Alarme technique, acquittement impossible à distance.",
)
