"""Companies, divisions, and the places where their buildings are."""

from typing import NamedTuple


class Town(NamedTuple):
    """A town: how its postal codes begin or what they are, where it is, its telephone prefix."""

    name: str
    province: str
    postal_codes: tuple[str, ...]
    latitude: float
    longitude: float
    phone: str


class Division(NamedTuple):
    """A division; `rents`: its rents by those of the city of Québec, or of Nantes in France."""

    company_no: int
    division_no: int
    company_name: str
    name: str
    towns: tuple[Town, ...]
    rents: float = 1.0

    @property
    def place(self) -> tuple[int, int]:
        return self.company_no, self.division_no

    @property
    def country(self) -> str:
        return "FR" if self.towns[0].phone.startswith("0") else "CA"

    @property
    def currency(self) -> str:
        return "EUR" if self.country == "FR" else "CAD"


_QUEBEC = Town("Québec", "Québec", ("G1R", "G1K", "G1S", "G1V"), 46.8139, -71.2080, "418 555")
_LEVIS = Town("Lévis", "Québec", ("G6V", "G6W"), 46.8033, -71.1779, "418 555")
_MONTREAL = Town("Montréal", "Québec", ("H2X", "H2J", "H3A"), 45.5089, -73.5617, "514 555")
_LONGUEUIL = Town("Longueuil", "Québec", ("J4H", "J4K"), 45.5312, -73.5181, "450 555")
_GATINEAU = Town("Gatineau", "Québec", ("J8X", "J8T"), 45.4765, -75.7013, "819 555")
_LYON = Town("Lyon", "Rhône", ("69003", "69006", "69007"), 45.7578, 4.8320, "04 65 71")
_VILLEURBANNE = Town("Villeurbanne", "Rhône", ("69100",), 45.7719, 4.8902, "04 65 71")
_NANTES = Town("Nantes", "Loire-Atlantique", ("44000", "44200"), 47.2184, -1.5536, "02 61 91")

DIVISIONS = (
    Division(1, 1, "Immeubles Laurier inc.", "Québec", (_QUEBEC,)),
    Division(1, 2, "Immeubles Laurier inc.", "Montréal", (_MONTREAL, _LONGUEUIL), 1.25),
    Division(3, 1, "Gestion des Pins inc.", "Québec et Rive-Sud", (_QUEBEC, _LEVIS)),
    Division(3, 2, "Gestion des Pins inc.", "Outaouais", (_GATINEAU,), 1.1),
    Division(4, 1, "Groupe Chevreau", "Lévis", (_LEVIS,)),
    Division(4, 2, "Groupe Chevreau", "Lyon", (_LYON, _VILLEURBANNE), 1.2),
    Division(4, 3, "Groupe Chevreau", "Nantes", (_NANTES,)),
)
QUEBEC_STREETS = (
    ("rue des Érables", "ERABLES"), ("rue des Chênes", "CHENES"), ("chemin Sainte-Foy", "STEFOY"),
    ("boul. René-Lévesque", "RENELEV"), ("rue Saint-Jean", "STJEAN"), ("avenue Cartier", "CARTIER"),
    ("3e Avenue", "3EAVE"), ("rue de la Couronne", "COURONNE"), ("rue Saint-Vallier", "STVALLIER"),
    ("boul. Charest", "CHAREST"), ("avenue Myrand", "MYRAND"), ("rue des Bouleaux", "BOULEAUX"),
    ("chemin des Quatre-Bourgeois", "4BOURG"), ("rue Notre-Dame", "NDAME"),
    ("avenue du Parc", "DUPARC"), ("rue Sherbrooke", "SHERBROOK"), ("rue Fabre", "FABRE"),
    ("rue Papineau", "PAPINEAU"), ("boul. Alexandre-Taché", "TACHE"), ("rue Eddy", "EDDY"),
    ("côte du Passage", "PASSAGE"), ("rue Wolfe", "WOLFE"), ("rue du Fleuve", "FLEUVE"),
)  # fmt: skip
FRENCH_STREETS = (
    ("rue de la République", "REPUB"), ("cours Lafayette", "LAFAYETTE"), ("rue Garibaldi", "GARIB"),
    ("avenue Jean-Jaurès", "JAURES"), ("rue Paul-Bert", "PBERT"), ("quai de la Fosse", "FOSSE"),
    ("rue de Strasbourg", "STRASB"), ("boulevard Gabriel-Guist'hau", "GUISTHAU"),
    ("rue des Hauts-Pavés", "HPAVES"), ("rue Vendôme", "VENDOME"), ("rue Moncey", "MONCEY"),
    ("rue du Calvaire", "CALVAIRE"), ("rue des Acacias", "ACACIAS"), ("rue Crillon", "CRILLON"),
)  # fmt: skip
QUEBEC_BUILDINGS = (
    "Le Saint-Laurent", "Les Érables", "Le Frontenac", "Domaine Belvédère", "Le Montcalm",
    "Les Jardins de Sillery", "Habitations du Fleuve", "Le Samuel-Holland", "Place Cartier",
    "Manoir des Plaines", "Le Champlain", "Les Terrasses de Lévis", "Le Saint-Roch", "La Citadelle",
    "Carré d'Youville", "Les Appartements Marquette", "Le Vieux-Limoilou", "Le Papineau",
    "Les Cours du Plateau", "Le Rosemont", "Tour Alexandre", "Habitations Wright", "Le Mirador",
    "Villa des Pins", "Le Faubourg", "L'Étoile du Nord", "Le Grand Duc", "Place du Moulin",
)  # fmt: skip
FRENCH_BUILDINGS = (
    "Résidence Bellecour", "Les Terrasses de la Saône", "Le Clos des Brotteaux", "Le Part-Dieu",
    "Résidence Lafayette", "Les Allées Montchat", "Le Gratte-Ciel", "Résidence de l'Erdre",
    "Les Jardins de Procé", "Le Clos Saint-Félix", "Résidence Graslin", "L'Île Feydeau",
    "Le Carré Doulon", "Les Balcons de Zola",
)  # fmt: skip
