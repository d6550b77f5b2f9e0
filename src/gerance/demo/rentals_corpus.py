"""The words of the demonstration's rentals: people, housing types, services, works, accounts."""

from typing import NamedTuple

from gerance.kernel.fold import fold

FIRST_NAMES = (
    "Guy", "Josée", "Martin", "Ginette", "Stéphane", "Manon", "Réjean", "Chantal", "Mathieu",
    "Véronique", "Luc", "Nathalie", "Jean-François", "Marie-Ève", "Alexandre", "Geneviève",
    "Samuel", "Audrey", "Yvan", "Lucie", "Normand", "Sylvie", "Félix", "Amélie", "William",
    "Émilie", "Raphaël", "Océane", "Mamadou", "Fatima", "Nguyen", "Leïla", "Thierry", "Brigitte",
    "Carlos", "Jessica", "Kevin", "Noémie", "Olivier", "Zoé", "Gaétan", "Huguette", "Denis",
    "Solange",
)  # fmt: skip
LAST_NAMES = (
    "Tremblay", "Gagnon", "Roy", "Côté", "Bouchard", "Gauthier", "Morin", "Lavoie", "Fortin",
    "Gagné", "Ouellet", "Pelletier", "Bélanger", "Lévesque", "Bergeron", "Leblanc", "Paquette",
    "Girard", "Simard", "Boucher", "Caron", "Beaulieu", "Cloutier", "Dubé", "Poirier", "Fournier",
    "Lapointe", "Leclerc", "Poulin", "Thibault", "St-Pierre", "Nadeau", "Martel", "Desjardins",
    "Hébert", "Diallo", "Haddad", "Nguyen", "Garcia", "Traoré", "O'Neill", "Benali", "Michaud",
    "Proulx", "Théberge", "Lacroix", "Vachon", "Drolet", "Bédard", "Savard",
)  # fmt: skip
FIRMS = (
    "Café du Coin", "Clinique dentaire Sourire", "Dépanneur Chez Lise", "Boulangerie Au Bon Pain",
    "Coiffure Élégance", "Pharmacie Nadeau", "Notaires Fortin & Roy", "Librairie La Plume",
    "Nettoyeur Éclair", "Épicerie du Faubourg", "Cabinet Lavoie, comptables", "Fleurs & Fils",
)  # fmt: skip
MAIL = {
    name: fold(name).replace(" ", "").replace("'", "")
    for name in (*FIRST_NAMES, *LAST_NAMES, "cyr")
}
"""What e-mail addresses make of the names."""

QUEBEC_HOUSING = {"1½": 1.5, "2½": 2.5, "3½": 3.5, "4½": 4.5, "5½": 5.5, "6½": 6.5}
FRENCH_HOUSING = {"T1": 1.0, "T2": 2.0, "T3": 3.0, "T4": 4.0, "T5": 5.0}
HOUSING_TYPES = {
    **{code: f"Logement {code}" for code in QUEBEC_HOUSING},
    **{code: f"Appartement {code}" for code in FRENCH_HOUSING},
    "COM": "Local commercial",
}
QUEBEC_RENTS = {1.5: 695, 2.5: 815, 3.5: 985, 4.5: 1180, 5.5: 1425, 6.5: 1650}
FRENCH_RENTS = {1.0: 480, 2.0: 640, 3.0: 820, 4.0: 1010, 5.0: 1240}

APPLIANCES = ("Cuisinière, réfrigérateur", "Lave-vaisselle", "Laveuse, sécheuse", None, None)
HEATING = ("Électricité", "Eau chaude, gaz naturel", "Bi-énergie", "Chauffage urbain")
REASONS = (
    "Rénovation de la cuisine", "Réfection de la salle de bain", "Dégât d'eau", "Logement témoin",
    "Travaux d'électricité", "Réservé au concierge",
)  # fmt: skip
SERVICES = (
    ("CHAUF", "Chauffage", 65, False),
    ("ELEC", "Électricité", 48, False),
    ("INTERNET", "Accès Internet", 35, True),
    ("MENAGE", "Entretien ménager", 90, True),
    ("BUAND", "Buanderie", 20, True),
    ("ANIMAL", "Animal de compagnie", 25, False),
    ("RABAIS", "Rabais de location", -50, False),
)


class Job(NamedTuple):
    """Something that tenants call for: its trade, its subject, the report and the works."""

    trade: str
    subject: str
    report: str
    works: tuple[str, ...]


JOBS = (
    Job("Plomberie", "Fuite sous l'évier", "L'eau coule dans l'armoire de la cuisine.",
        ("Siphon remplacé", "Vérification de l'étanchéité")),
    Job("Plomberie", "Toilette bouchée", "La toilette déborde depuis ce matin.",
        ("Débouchage de la colonne",)),
    Job("Plomberie", "Plus d'eau chaude", "Il n'y a plus d'eau chaude depuis hier soir.",
        ("Élément du chauffe-eau remplacé", "Thermostat ajusté")),
    Job("Électricité", "Prise sans courant", "Deux prises du salon ne marchent plus.",
        ("Disjoncteur remplacé",)),
    Job("Électricité", "Lumière du corridor", "Le corridor du 2e étage est dans le noir.",
        ("Deux luminaires changés",)),
    Job("Chauffage", "Logement froid", "La plinthe de la chambre ne chauffe pas.",
        ("Thermostat remplacé", "Purge du réseau")),
    Job("Serrurerie", "Serrure brisée", "La clé tourne dans le vide.", ("Barillet remplacé",)),
    Job("Nuisibles", "Fourmis", "Il y a des fourmis dans la cuisine.",
        ("Traitement au gel", "Visite de contrôle")),
    Job("Vitrerie", "Vitre fissurée", "La fenêtre du salon est fissurée.", ("Vitre remplacée",)),
    Job("Ascenseur", "Ascenseur en panne", "L'ascenseur reste bloqué au rez-de-chaussée.",
        ("Carte de commande remplacée",)),
    Job("Toiture", "Infiltration au plafond", "Une tache s'agrandit au plafond.",
        ("Solin refait", "Plafond repeint")),
    Job("Déneigement", "Entrée enneigée", "L'entrée du stationnement n'est pas dégagée.",
        ("Déneigement et abrasif",)),
)  # fmt: skip
TRADES = tuple(dict.fromkeys(job.trade for job in JOBS))

ACCOUNTS = (
    ("1010", "Encaisse"), ("1200", "Loyers à recevoir"), ("2100", "Comptes fournisseurs"),
    ("2310", "Taxes à payer"), ("4000", "Revenus de loyers"), ("4100", "Stationnements"),
    ("4200", "Rangements"), ("5100", "Entretien et réparations"), ("5200", "Énergie"),
    ("5300", "Assurances"), ("5400", "Taxes foncières"), ("5500", "Déneigement"),
)  # fmt: skip
EXPENSES = tuple(number for number, _ in ACCOUNTS if number.startswith("5"))
