"""Call centres, client accounts with their agencies, and provider companies."""

from typing import NamedTuple

from gerance.demo.corpus_purpose import Trade


class AgencyName(NamedTuple):
    """An agency: its name, its external name, and the cities it looks after, its own first."""

    name: str
    ext_name: str
    cities: tuple[str, ...]


class ClientAccountName(NamedTuple):
    """A property manager: name, mail domain, index of its call centre, holding or not."""

    name: str
    domain: str
    call_centre: int
    in_holding: bool
    agencies: tuple[AgencyName, ...]


class ProviderCompanyName(NamedTuple):
    """A provider company: what it is called, its mail domain and its trades."""

    name: str
    domain: str
    trades: tuple[Trade, ...]


CALL_CENTRES = (
    ("Allô Immeuble Assistance", "allo-immeuble.example"),
    ("Vigie Habitat", "vigie-habitat.example"),
)
HOLDING = ("Groupe Habitalis", "habitalis.example")
CLIENT_ACCOUNTS = (
    ClientAccountName(
        "Cabinet Saulnier & Associés",
        "saulnier.example",
        0,
        False,
        (
            AgencyName(
                "Saulnier Paris Batignolles", "PAR-1", ("Paris", "Clichy", "Levallois-Perret")
            ),
            AgencyName(
                "Saulnier Paris Est",
                "PAR-2",
                ("Paris", "Montreuil", "Vincennes", "Saint-Denis", "Créteil"),
            ),
            AgencyName(
                "Saulnier Versailles",
                "VER-1",
                ("Versailles", "Saint-Germain-en-Laye", "Boulogne-Billancourt"),
            ),
            AgencyName("Saulnier Lille Métropole", "LIL-1", ("Lille", "Roubaix", "Tourcoing")),
        ),
    ),
    ClientAccountName(
        "Habitalis Rhône-Alpes",
        "rhone-alpes.habitalis.example",
        0,
        True,
        (
            AgencyName("Habitalis Lyon Part-Dieu", "LYO-1", ("Lyon",)),
            AgencyName("Habitalis Villeurbanne", "LYO-2", ("Villeurbanne", "Vénissieux", "Lyon")),
            AgencyName("Habitalis Grenoble", "GRE-1", ("Grenoble", "Échirolles")),
        ),
    ),
    ClientAccountName(
        "Habitalis Méditerranée",
        "mediterranee.habitalis.example",
        0,
        True,
        (
            AgencyName("Habitalis Marseille", "MAR-1", ("Marseille", "Aix-en-Provence")),
            AgencyName("Habitalis Côte d'Azur", "NIC-1", ("Nice", "Antibes")),
            AgencyName("Habitalis Languedoc", "MTP-1", ("Montpellier", "Nîmes")),
        ),
    ),
    ClientAccountName(
        "Régie de l'Erdre",
        "regie-erdre.example",
        1,
        False,
        (
            AgencyName("Régie de l'Erdre Nantes", "NAN-1", ("Nantes", "Saint-Herblain")),
            AgencyName("Régie de l'Erdre Rennes", "REN-1", ("Rennes", "Cesson-Sévigné")),
        ),
    ),
    ClientAccountName(
        "Trois Fleuves Gestion",
        "trois-fleuves.example",
        1,
        False,
        (
            AgencyName("Trois Fleuves Bordeaux", "BOR-1", ("Bordeaux", "Mérignac", "Pessac")),
            AgencyName("Trois Fleuves Toulouse", "TLS-1", ("Toulouse", "Blagnac")),
            AgencyName("Trois Fleuves Strasbourg", "STR-1", ("Strasbourg", "Schiltigheim")),
        ),
    ),
)
PROVIDER_COMPANIES = (
    ProviderCompanyName(
        "Plomberie Marchetti", "marchetti.example", ("plomberie", "assainissement")
    ),
    ProviderCompanyName(
        "Hydro Dépannage 24", "hydro-depannage.example", ("plomberie", "assainissement")
    ),
    ProviderCompanyName("Thermi Confort", "thermi-confort.example", ("chauffage", "ventilation")),
    ProviderCompanyName("Chauffagiste Raymond & Fils", "raymond-fils.example", ("chauffage",)),
    ProviderCompanyName("Ascenseurs Delorme", "asc-delorme.example", ("ascenseur",)),
    ProviderCompanyName("Elévia Maintenance", "elevia.example", ("ascenseur",)),
    ProviderCompanyName("Serrurerie Lagarde", "lagarde.example", ("serrurerie", "fermeture")),
    ProviderCompanyName(
        "Automatismes Berthier", "berthier-auto.example", ("fermeture", "interphonie")
    ),
    ProviderCompanyName(
        "Électricité Vasseur", "elec-vasseur.example", ("électricité", "interphonie")
    ),
    ProviderCompanyName("Toitures Kermarrec", "toitures-kermarrec.example", ("toiture",)),
    ProviderCompanyName("Sanitaire Net", "sanitaire-net.example", ("nuisibles", "nettoyage")),
    ProviderCompanyName(
        "Les Jardins de Clément", "jardins-clement.example", ("espaces verts", "nettoyage")
    ),
)
# The provider companies (by index) each client account works with: together all trades.
PROVIDERS_OF_ACCOUNTS = (
    (3, 0, 2, 4, 6, 8, 9, 10, 11, 7),
    (1, 2, 5, 6, 8, 9, 10, 11),
    (0, 2, 3, 4, 6, 8, 9, 10, 11),
    (1, 2, 5, 6, 7, 8, 9, 10, 11),
    (0, 2, 4, 6, 8, 9, 10, 11),
)
