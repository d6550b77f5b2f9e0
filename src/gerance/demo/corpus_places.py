"""Cities with their postal codes, streets and names of residences."""

from typing import NamedTuple


class City(NamedTuple):
    """A city: its postal codes, its region, and the zone (1 to 5) of its telephone numbers."""

    name: str
    zip_codes: tuple[str, ...]
    region: str
    zone: int


_IDF = "Île-de-France"
_HDF = "Hauts-de-France"
_ARA = "Auvergne-Rhône-Alpes"
_PACA = "Provence-Alpes-Côte d'Azur"
_OCC = "Occitanie"
_PDL = "Pays de la Loire"
_NAQ = "Nouvelle-Aquitaine"
_GES = "Grand Est"

CITIES: dict[str, City] = {
    city.name: city
    for city in (
        City("Paris", ("75008", "75009", "75011", "75012", "75015", "75017", "75020"), _IDF, 1),
        City("Montreuil", ("93100",), _IDF, 1),
        City("Vincennes", ("94300",), _IDF, 1),
        City("Boulogne-Billancourt", ("92100",), _IDF, 1),
        City("Clichy", ("92110",), _IDF, 1),
        City("Levallois-Perret", ("92300",), _IDF, 1),
        City("Saint-Denis", ("93200", "93210"), _IDF, 1),
        City("Créteil", ("94000",), _IDF, 1),
        City("Versailles", ("78000",), _IDF, 1),
        City("Saint-Germain-en-Laye", ("78100",), _IDF, 1),
        City("Lille", ("59000", "59800"), _HDF, 3),
        City("Roubaix", ("59100",), _HDF, 3),
        City("Tourcoing", ("59200",), _HDF, 3),
        City("Lyon", ("69002", "69003", "69006", "69007", "69008"), _ARA, 4),
        City("Villeurbanne", ("69100",), _ARA, 4),
        City("Vénissieux", ("69200",), _ARA, 4),
        City("Grenoble", ("38000", "38100"), _ARA, 4),
        City("Échirolles", ("38130",), _ARA, 4),
        City("Marseille", ("13004", "13006", "13008", "13009", "13012"), _PACA, 4),
        City("Aix-en-Provence", ("13090", "13100"), _PACA, 4),
        City("Nice", ("06000", "06100", "06200"), _PACA, 4),
        City("Antibes", ("06600",), _PACA, 4),
        City("Montpellier", ("34000", "34070", "34080"), _OCC, 4),
        City("Nîmes", ("30000", "30900"), _OCC, 4),
        City("Toulouse", ("31000", "31100", "31200", "31400"), _OCC, 5),
        City("Blagnac", ("31700",), _OCC, 5),
        City("Nantes", ("44000", "44100", "44200", "44300"), _PDL, 2),
        City("Saint-Herblain", ("44800",), _PDL, 2),
        City("Rennes", ("35000", "35200", "35700"), "Bretagne", 2),
        City("Cesson-Sévigné", ("35510",), "Bretagne", 2),
        City("Bordeaux", ("33000", "33100", "33200", "33800"), _NAQ, 5),
        City("Mérignac", ("33700",), _NAQ, 5),
        City("Pessac", ("33600",), _NAQ, 5),
        City("Strasbourg", ("67000", "67100", "67200"), _GES, 3),
        City("Schiltigheim", ("67300",), _GES, 3),
    )
}

STREETS = (
    "rue des Batignolles", "rue de l'Église", "avenue Jean-Jaurès", "boulevard Victor-Hugo",
    "rue de la République", "rue Pasteur", "avenue du Général-Leclerc", "rue Émile-Zola",
    "place de la Fontaine", "rue des Écoles", "allée des Tilleuls", "rue du Moulin",
    "impasse des Lilas", "quai de la Marne", "rue Anatole-France", "chemin des Vignes",
    "rue Gambetta", "avenue de la Gare", "rue Molière", "rue des Frères-Lumière",
    "boulevard de la Liberté", "rue Saint-Exupéry", "rue du Château", "rue Hélène-Boucher",
    "square des Érables", "rue Georges-Brassens", "rue du Faubourg", "rue de Bretagne",
    "avenue des Marronniers", "rue Marcel-Pagnol", "rue de l'Abbé-Grégoire", "cours Lafayette",
    "rue de la Fraternité", "rue Ampère", "rue Diderot", "allée Claude-Monet", "rue du Port",
    "rue Louise-Michel", "rue des Acacias", "boulevard Carnot", "rue du Maréchal-Foch",
    "rue Colette", "avenue de Verdun", "rue des Cordeliers", "rue de la Paix", "rue Rabelais",
    "rue Simone-Veil", "passage du Génie", "rue du Général-de-Gaulle", "rue Notre-Dame",
)  # fmt: skip
RESIDENCES = (
    "Résidence Les Érables", "Résidence Le Clos Fleuri", "Les Terrasses du Parc",
    "Résidence Belle-Étoile", "Le Hameau des Peupliers", "Résidence Jules-Verne",
    "Les Jardins d'Aliénor", "Résidence du Lac", "Le Panoramic", "Tour Émeraude",
    "Les Hauts de l'Europe", "Résidence Saint-Michel", "Le Domaine des Cèdres",
    "Résidence Bel Air", "Les Balcons du Fleuve", "Villa Médicis", "Résidence Montaigne",
    "Le Carré des Arts", "Les Allées Vertes", "Résidence La Pléiade", "Le Clos Saint-André",
    "Résidence Voltaire", "Les Rives de Seine", "Résidence du Théâtre", "Le Patio",
    "Résidence Mermoz", "Les Néréides", "Résidence La Forêt", "Square Carpeaux",
    "Les Mimosas", "Résidence Bellevue", "Le Grand Large", "Résidence Les Muriers",
    "Les Cottages", "Résidence Athéna", "Le Méridien", "Résidence Les Glycines",
    "Le Parc Monceau", "Résidence Beaurivage", "Les Cigognes",
)  # fmt: skip
