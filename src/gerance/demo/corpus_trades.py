"""The trades: who works in them off the books of a company, and how their work falls short."""

from typing import NamedTuple

from gerance.demo.corpus_purpose import Trade


class TradeTexts(NamedTuple):
    """Texts of one trade: closing reports of unfinished work, log trials, lone craftsmen."""

    independents: tuple[str, ...]
    partial_reports: tuple[str, ...]
    postponed_reports: tuple[str, ...]
    impossible_reports: tuple[str, ...]
    trials: tuple[tuple[str, str], ...]


TRADES: dict[Trade, TradeTexts] = {
    "plomberie": TradeTexts(
        independents=("Ferreira Plomberie", "SOS Fuite Morel"),
        partial_reports=(
            "Réparation provisoire, pièce à remplacer.",
            "Eau coupée sur l'équipement, remplacement à prévoir sur devis.",
        ),
        postponed_reports=(
            "Pièce commandée, retour du technicien la semaine prochaine.",
            "Coupure d'eau à planifier avec les occupants.",
        ),
        impossible_reports=("Canalisation inaccessible sans travaux, devis transmis.",),
        trials=(("EAU-01", "Recherche du robinet d'arrêt guidée par téléphone"),),
    ),
    "assainissement": TradeTexts(
        independents=("Débouchage Express Pinto", "Vidange du Centre"),
        partial_reports=("Écoulement rétabli, passage caméra à prévoir.",),
        postponed_reports=("Camion indisponible, curage reporté à après-demain.",),
        impossible_reports=("Canalisation effondrée, travaux à voter.",),
        trials=(("EVA-01", "Contrôle des évacuations voisines avec l'occupant"),),
    ),
    "chauffage": TradeTexts(
        independents=("Chauffage Lemoine", "Ateliers du Brûleur"),
        partial_reports=(
            "Remise en marche manuelle, régulation à remplacer.",
            "Fonctionnement provisoire rétabli, pièce en commande.",
        ),
        postponed_reports=(
            "Pièce commandée, délai de cinq jours.",
            "Fournisseur en rupture, nouvelle date à fixer.",
        ),
        impossible_reports=("Matériel hors d'âge, pièces introuvables, remplacement à prévoir.",),
        trials=(
            ("CHF-01", "Réarmement de la chaudière guidé par téléphone"),
            ("CHF-02", "Lecture de la pression du circuit avec l'occupant"),
        ),
    ),
    "ventilation": TradeTexts(
        independents=("Air Pur Services", "Ventil'Ouest"),
        partial_reports=("Remise en service à vitesse réduite.",),
        postponed_reports=("Pièce commandée, repose prévue dans huit jours.",),
        impossible_reports=("Matériel inaccessible, étude d'un bureau technique demandée.",),
        trials=(("VMC-01", "Contrôle du disjoncteur guidé par téléphone"),),
    ),
    "ascenseur": TradeTexts(
        independents=("Levage et Ascenseurs Roux", "Ascenseurs du Val"),
        partial_reports=("Appareil remis en service en vitesse lente, variateur à remplacer.",),
        postponed_reports=("Pièce en fabrication, appareil à l'arrêt jusqu'à livraison.",),
        impossible_reports=("Appareil condamné par le contrôle technique, modernisation à voter.",),
        trials=(("ASC-01", "Appel de la cabine par la téléalarme"),),
    ),
    "serrurerie": TradeTexts(
        independents=("Serrurerie du Marché", "Clés Minute Haddad"),
        partial_reports=("Fermeture provisoire posée, pièce définitive en commande.",),
        postponed_reports=("Pièce sur mesure commandée, délai de dix jours.",),
        impossible_reports=("Huisserie descellée, remplacement complet de la porte à voter.",),
        trials=(("SER-01", "Essai d'ouverture avec le double des clés de la loge"),),
    ),
    "fermeture": TradeTexts(
        independents=("Portes et Portails Nunes", "Automat'Ouest"),
        partial_reports=("Utilisable en débrayé, pièce à remplacer.",),
        postponed_reports=("Pièces sur mesure commandées, laissé débrayé.",),
        impossible_reports=("Irréparable, devis de remplacement transmis.",),
        trials=(("POR-01", "Débrayage manuel guidé par téléphone"),),
    ),
    "interphonie": TradeTexts(
        independents=("Contact Sécurité Blin",),
        partial_reports=("Fonctionnement partiel rétabli, platine à reprendre.",),
        postponed_reports=("Platine en commande, code provisoire en place.",),
        impossible_reports=("Matériel arrêté par le fabricant, remplacement à voter.",),
        trials=(("INT-01", "Redémarrage à distance de la centrale"),),
    ),
    "électricité": TradeTexts(
        independents=("Élec Dépann Simon", "Lumière et Courant"),
        partial_reports=("Partie en défaut isolée, le reste est alimenté.",),
        postponed_reports=("Recherche de défaut à poursuivre en journée avec coupure annoncée.",),
        impossible_reports=("Installation à refaire, devis transmis au gestionnaire.",),
        trials=(("ELE-01", "Réarmement du disjoncteur guidé par téléphone"),),
    ),
    "toiture": TradeTexts(
        independents=("Couverture Le Goff", "Zinguerie Martel"),
        partial_reports=("Mise hors d'eau provisoire, réfection par temps sec.",),
        postponed_reports=("Vent trop fort, intervention reportée.",),
        impossible_reports=("Toiture en fin de vie, réfection complète à voter.",),
        trials=(("TOI-01", "Contrôle visuel par le gardien depuis la trappe"),),
    ),
    "nuisibles": TradeTexts(
        independents=("Stop Nuisibles Perrin",),
        partial_reports=("Premier traitement fait, second passage nécessaire.",),
        postponed_reports=("Lieux non préparés, nouveau passage à fixer.",),
        impossible_reports=("Accès refusé par un occupant, traitement sans effet.",),
        trials=(("NUI-01", "Identification de l'animal sur photo"),),
    ),
    "nettoyage": TradeTexts(
        independents=("Net et Clair",),
        partial_reports=("Une partie est faite, le reste à reprendre.",),
        postponed_reports=("Matériel indisponible, passage reporté à la semaine prochaine.",),
        impossible_reports=("Prestation hors contrat, devis transmis au gestionnaire.",),
        trials=(("NET-01", "Contrôle du passage avec le gardien"),),
    ),
    "espaces verts": TradeTexts(
        independents=("Élagage Besnard",),
        partial_reports=("Danger écarté, évacuation à terminer.",),
        postponed_reports=("Période de nidification, taille reportée.",),
        impossible_reports=("Domaine public, signalement fait à la mairie.",),
        trials=(("VER-01", "Mise en sécurité de la zone par le gardien"),),
    ),
}
