"""First names, last names and jobs of the people of the demo."""

FIRST_NAMES_OF_WOMEN = (
    "Aïcha", "Agnès", "Amélie", "Anaïs", "Brigitte", "Camille", "Cécile", "Chloé", "Clémence",
    "Danièle", "Éléonore", "Élise", "Émilie", "Fatou", "Françoise", "Gaëlle", "Geneviève",
    "Hélène", "Inès", "Jocelyne", "Joëlle", "Léa", "Loïse", "Maëlys", "Margaux", "Mélanie",
    "Nadège", "Noémie", "Océane", "Pénélope", "Raphaëlle", "Salomé", "Solène", "Sylvie",
    "Thérèse", "Valérie", "Véronique", "Yasmine", "Zoé",
)  # fmt: skip
FIRST_NAMES_OF_MEN = (
    "Adrien", "Amadou", "André", "Anselme", "Aurélien", "Benoît", "Cédric", "Clément", "Damien",
    "Désiré", "Édouard", "Émile", "Étienne", "François", "Frédéric", "Gaël", "Gérard", "Grégoire",
    "Hervé", "Jérémy", "Jérôme", "Joël", "Karim", "Loïc", "Ludovic", "Maël", "Mathéo", "Mickaël",
    "Nicolas", "Noël", "Olivier", "Raphaël", "Rémi", "René", "Sébastien", "Stéphane", "Théo",
    "Tristan", "Yannick",
)  # fmt: skip
LAST_NAMES = (
    "Aubry", "Bénard", "Benali", "Besançon", "Boulanger", "Bréhier", "Carpentier", "Chauvière",
    "Cissé", "Collet", "Cordonnier", "Crépin", "Da Silva", "Delacroix", "Delaunay", "Diallo",
    "Dubœuf", "Dufrêne", "Dupré", "Étienne", "Fabre", "Faucheux", "Fèvre", "Fournier", "Gaillard",
    "Garcia", "Gérardin", "Giraud", "Guérin", "Guillou", "Haddad", "Hénault", "Hervé", "Huguenin",
    "Jacquet", "Joséphine", "Keïta", "Kermarrec", "Labbé", "Lacoste", "Lambert", "Le Bihan",
    "Le Goff", "Lefèvre", "Legendre", "Lemaître", "Lenoir", "Lévêque", "Mahé", "Marchand",
    "Martinez", "Mercier", "Meunier", "Moreau", "Müller", "N'Diaye", "Nguyen", "Noël", "Ollivier",
    "Pelletier", "Péron", "Perrier", "Petit", "Poirier", "Prévost", "Quéré", "Renault", "Rivière",
    "Rousseau", "Roux", "Saïdi", "Schmitt", "Séguin", "Tessier", "Thévenot", "Traoré", "Vallée",
    "Vasseur", "Weber", "Zimmermann",
)  # fmt: skip
JOBS_OF_OPERATORS = ("Téléopératrice", "Téléopérateur", "Chef d'équipe", "Régulateur de nuit")
