"""Call purposes of heating, hot water and air."""

from gerance.demo.corpus_purpose import CallPurpose, Incident

HEAT_PURPOSES: tuple[CallPurpose, ...] = (
    CallPurpose(
        label="Chauffage  / Chauffage HS",
        trade="chauffage",
        weight=48,
        private=True,
        urgent=True,
        season="winter",
        incidents=(
            Incident(
                "Plus de chauffage depuis hier soir, 14 degrés dans le salon.",
                "Manque de pression",
                "Remise en pression de l'installation, purge et redémarrage.",
            ),
            Incident(
                "La chaudière est en défaut et ne redémarre pas, code erreur affiché.",
                "Électrode d'allumage usée",
                "Électrode d'allumage remplacée, chaudière en fonctionnement.",
            ),
            Incident(
                "Chauffage coupé, présence d'un nourrisson dans le logement.",
                "Carte électronique HS",
                "Carte électronique remplacée, essais concluants en chauffage et eau chaude.",
            ),
            Incident(
                "Aucun radiateur ne chauffe alors que la chaudière est allumée.",
                "Circulateur HS",
                "Circulateur remplacé, tous les radiateurs chauffent.",
            ),
            Incident(
                "La chaudière se met en sécurité plusieurs fois par jour.",
                "Surchauffe",
                "Échangeur nettoyé et sonde remplacée, plus de mise en sécurité.",
            ),
        ),
        comments=(
            "Demande le code erreur affiché sur la chaudière.",
            "Technicien d'astreinte prévenu, pièces courantes dans le véhicule.",
            "Contrat d'entretien actif, déplacement compris.",
        ),
        messages=(
            "Chauffage d'appoint prêté par le gardien.",
            "Personne fragile dans le logement, dossier prioritaire.",
        ),
    ),
    CallPurpose(
        label="Chauffage  / Panne chaufferie collective",
        trade="chauffage",
        weight=22,
        private=False,
        urgent=True,
        season="winter",
        monitored=True,
        incidents=(
            Incident(
                "Plus de chauffage dans l'ensemble de la résidence.",
                "Brûleur en sécurité",
                "Brûleur réarmé et gicleur remplacé, température de départ normale.",
            ),
            Incident(
                "Chaufferie à l'arrêt, plusieurs appels des occupants depuis ce matin.",
                "Manque d'eau",
                "Appoint en eau et dégazage, chaufferie en service.",
            ),
            Incident(
                "Radiateurs froids dans tout le bâtiment B.",
                "Pompe de circulation HS",
                "Pompe du bâtiment B remplacée, chauffage rétabli.",
            ),
            Incident(
                "Forte odeur de fioul et bruit anormal au local chaufferie.",
                "Brûleur encrassé",
                "Brûleur nettoyé et joint de pompe remplacé, plus d'odeur.",
            ),
        ),
        comments=(
            "Exploitant avec obligation de résultat, technicien en route.",
            "Demande qui détient la clé de la chaufferie.",
        ),
        messages=(
            "Affichage posé dans les halls pour informer les occupants.",
            "Le conseil syndical demande un point chaque jour jusqu'au rétablissement.",
        ),
    ),
    CallPurpose(
        label="Chauffage  / Radiateur froid",
        trade="chauffage",
        weight=26,
        private=True,
        urgent=False,
        season="winter",
        incidents=(
            Incident(
                "Le radiateur de la chambre reste froid alors que les autres chauffent.",
                "Tête thermostatique bloquée",
                "Tête thermostatique remplacée, radiateur chaud.",
            ),
            Incident(
                "Radiateur chaud en bas et froid en haut dans le séjour.",
                "Air dans le circuit",
                "Purge du radiateur, chauffe normale.",
            ),
            Incident(
                "Les radiateurs du dernier étage ne chauffent presque pas.",
                "Défaut d'équilibrage",
                "Équilibrage de la colonne, températures relevées correctes.",
            ),
        ),
        comments=(
            "Purge et équilibrage à prévoir, demande accès au logement.",
            "Regroupe cette visite avec deux autres logements de la résidence.",
        ),
        messages=("L'occupant a déjà purgé le radiateur sans résultat.",),
    ),
    CallPurpose(
        label="Chauffage  / Fuite sur radiateur",
        trade="chauffage",
        weight=14,
        private=True,
        urgent=True,
        season="winter",
        incidents=(
            Incident(
                "Le radiateur de l'entrée fuit au niveau du robinet.",
                "Robinet de radiateur fuyard",
                "Robinet de radiateur remplacé après vidange partielle de la colonne.",
            ),
            Incident(
                "Fuite au pied du radiateur, eau noire sur le parquet.",
                "Corrosion",
                "Radiateur isolé puis remplacé à l'identique.",
            ),
            Incident(
                "Le purgeur ne se referme plus, l'eau gicle.",
                "Purgeur cassé",
                "Purgeur remplacé, appoint en eau fait en chaufferie.",
            ),
        ),
        comments=(
            "Demande de fermer le té de réglage et de mettre un récipient.",
            "Vidange de colonne peut-être nécessaire, prévenir les occupants.",
        ),
        messages=("Fuite contenue par un récipient, vidé toutes les deux heures.",),
    ),
    CallPurpose(
        label="Eau chaude  / Plus d'eau chaude",
        trade="chauffage",
        weight=44,
        private=True,
        urgent=True,
        incidents=(
            Incident(
                "Plus d'eau chaude depuis ce matin dans l'appartement.",
                "Groupe de sécurité bloqué",
                "Groupe de sécurité remplacé, eau chaude rétablie.",
            ),
            Incident(
                "Le ballon d'eau chaude ne chauffe plus.",
                "Résistance HS",
                "Résistance et thermostat remplacés, eau chaude disponible sous trois heures.",
            ),
            Incident(
                "L'eau chaude ne dure que deux minutes sous la douche.",
                "Entartrage",
                "Détartrage de l'échangeur, température d'eau correcte.",
            ),
            Incident(
                "Le chauffe-eau disjoncte à chaque mise en route.",
                "Résistance en court-circuit",
                "Résistance remplacée et contrôle électrique fait, plus de disjonction.",
            ),
        ),
        comments=(
            "Demande s'il s'agit d'un ballon électrique ou d'une chaudière.",
            "Passage possible en fin de journée, résistance en stock.",
        ),
        messages=(
            "Famille avec deux jeunes enfants, demande un passage rapide.",
            "Les voisins du même palier ont de l'eau chaude.",
        ),
    ),
    CallPurpose(
        label="Eau chaude  / Eau tiède dans l'immeuble",
        trade="chauffage",
        weight=14,
        private=False,
        urgent=False,
        monitored=True,
        incidents=(
            Incident(
                "Eau tiède dans tout l'immeuble, plusieurs occupants se plaignent.",
                "Échangeur entartré",
                "Échangeur nettoyé, production d'eau chaude rétablie.",
            ),
            Incident(
                "Il faut laisser couler dix minutes avant d'avoir de l'eau chaude.",
                "Pompe de bouclage HS",
                "Pompe de bouclage remplacée, 55 degrés relevés en bout de réseau.",
            ),
            Incident(
                "Température d'eau chaude trop basse au bâtiment A.",
                "Mitigeur collectif déréglé",
                "Mitigeur collectif réglé, température conforme.",
            ),
        ),
        comments=(
            "Contrôle du bouclage et de la température de départ à faire.",
            "Exploitant déjà sur place pour l'entretien mensuel.",
        ),
        messages=("Relevé de température demandé à trois occupants de la colonne.",),
    ),
    CallPurpose(
        label="Ventilation  / VMC à l'arrêt",
        trade="ventilation",
        weight=12,
        private=False,
        urgent=False,
        monitored=True,
        incidents=(
            Incident(
                "La VMC ne fonctionne plus dans la cage d'escalier C, condensation aux fenêtres.",
                "Courroie cassée",
                "Courroie du caisson remplacée, débits contrôlés à trois bouches.",
            ),
            Incident(
                "Plus d'aspiration dans les salles de bains de la colonne.",
                "Moteur de caisson HS",
                "Moteur de VMC remplacé, extraction rétablie.",
            ),
            Incident(
                "Alarme VMC gaz, les chaudières de la colonne sont en sécurité.",
                "Disjoncteur déclenché",
                "Disjoncteur réarmé, alarme et chaudières vérifiées.",
            ),
        ),
        comments=(
            "Accès à la terrasse nécessaire, demande la clé du lanterneau.",
            "Courroie et moteur en stock pour ce caisson.",
        ),
        messages=("Clé du lanterneau à retirer à la loge.",),
    ),
    CallPurpose(
        label="Ventilation  / VMC bruyante",
        trade="ventilation",
        weight=10,
        private=True,
        urgent=False,
        incidents=(
            Incident(
                "Sifflement continu de la bouche de ventilation de la cuisine.",
                "Bouche encrassée",
                "Bouche nettoyée et réglée, plus de sifflement.",
            ),
            Incident(
                "La VMC vibre la nuit, bruit dans la chambre du dernier étage.",
                "Roulement de moteur usé",
                "Roulements du moteur remplacés en terrasse.",
            ),
            Incident(
                "Bruit de claquement dans le conduit de ventilation.",
                "Clapet bloqué",
                "Clapet coupe-feu libéré, bruit disparu.",
            ),
        ),
        comments=(
            "Mesure acoustique à prévoir depuis le logement.",
            "Fera le tour des bouches de la colonne.",
        ),
        messages=("L'occupant a enregistré le bruit et peut l'envoyer.",),
    ),
    CallPurpose(
        label="Climatisation  / Climatisation HS",
        trade="ventilation",
        weight=9,
        private=True,
        urgent=False,
        season="summer",
        incidents=(
            Incident(
                "La climatisation du cabinet médical souffle de l'air chaud.",
                "Manque de fluide",
                "Fuite réparée et charge de fluide complétée, 19 degrés au soufflage.",
            ),
            Incident(
                "Le groupe extérieur ne démarre plus, 31 degrés dans les bureaux.",
                "Ventilateur HS",
                "Ventilateur du groupe extérieur remplacé.",
            ),
            Incident(
                "De l'eau coule du split dans l'accueil.",
                "Condensats bouchés",
                "Évacuation des condensats débouchée.",
            ),
        ),
        comments=(
            "Frigoriste habilité disponible demain.",
            "Demande la référence du groupe extérieur.",
        ),
        messages=("Local commercial, intervention possible avant l'ouverture.",),
    ),
)
