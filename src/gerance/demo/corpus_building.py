"""Call purposes of the building itself: electricity, roof, pests, cleaning, grounds."""

from gerance.demo.corpus_purpose import CallPurpose, Incident

BUILDING_PURPOSES: tuple[CallPurpose, ...] = (
    CallPurpose(
        label="Électricité  / Panne parties communes",
        trade="électricité",
        weight=28,
        private=False,
        urgent=True,
        monitored=True,
        incidents=(
            Incident(
                "Plus d'éclairage dans la cage d'escalier, tous les étages sont dans le noir.",
                "Télérupteur HS",
                "Télérupteur remplacé, éclairage rétabli à tous les étages.",
            ),
            Incident(
                "Le disjoncteur des services généraux saute à chaque réarmement.",
                "Défaut d'isolement",
                "Défaut isolé sur un luminaire du sous-sol, courant rétabli.",
            ),
            Incident(
                "Odeur de brûlé près du tableau électrique du hall.",
                "Connexion desserrée",
                "Connexion resserrée au tableau, traces d'échauffement reprises.",
            ),
            Incident(
                "Coupure de courant dans les parties communes, ascenseur à l'arrêt.",
                "Disjoncteur HS",
                "Disjoncteur différentiel remplacé, ascenseur de nouveau alimenté.",
            ),
        ),
        comments=(
            "Demande de ne plus réarmer avant son passage.",
            "Électricien habilité disponible, apporte un éclairage provisoire.",
        ),
        messages=(
            "Le distributeur d'électricité confirme que le réseau public est normal.",
            "Éclairage provisoire posé par le gardien.",
        ),
    ),
    CallPurpose(
        label="Électricité  / Panne électrique logement",
        trade="électricité",
        weight=22,
        private=True,
        urgent=True,
        incidents=(
            Incident(
                "Plus de courant dans l'appartement, le disjoncteur ne tient pas.",
                "Appareil de l'occupant en défaut",
                "Défaut dû à un appareil de l'occupant, installation conforme.",
            ),
            Incident(
                "Une prise a fait des étincelles dans la cuisine.",
                "Prise brûlée",
                "Prise remplacée et circuit contrôlé.",
            ),
            Incident(
                "Plus de lumière dans la moitié du logement.",
                "Différentiel HS",
                "Interrupteur différentiel remplacé, courant rétabli.",
            ),
        ),
        comments=(
            "Demande de débrancher tous les appareils et de réarmer.",
            "Passage possible dans les deux heures.",
        ),
        messages=("L'occupant utilise un appareil respiratoire, dossier prioritaire.",),
    ),
    CallPurpose(
        label="Électricité  / Éclairage de parking HS",
        trade="électricité",
        weight=16,
        private=False,
        urgent=False,
        incidents=(
            Incident(
                "La moitié des luminaires du parking sont éteints au niveau -2.",
                "Luminaires HS",
                "Six luminaires remplacés, niveau d'éclairage correct.",
            ),
            Incident(
                "Les blocs de secours du parking clignotent.",
                "Batteries usées",
                "Batteries des blocs de secours remplacées, essai d'autonomie fait.",
            ),
            Incident(
                "La minuterie de l'escalier s'éteint au bout de dix secondes.",
                "Minuterie déréglée",
                "Minuterie remplacée et réglée à trois minutes.",
            ),
            Incident(
                "L'éclairage extérieur reste allumé en plein jour.",
                "Horloge déréglée",
                "Horloge crépusculaire remplacée.",
            ),
        ),
        comments=(
            "Nacelle non nécessaire, passage groupé en fin de semaine.",
            "Demande la référence du matériel en place.",
        ),
        messages=("Le gestionnaire valide le remplacement sans devis sous 400 euros.",),
    ),
    CallPurpose(
        label="Toiture  / Infiltration",
        trade="toiture",
        weight=24,
        private=True,
        urgent=False,
        season="storm",
        incidents=(
            Incident(
                "Infiltration au plafond de la chambre au dernier étage à chaque pluie.",
                "Étanchéité percée",
                "Relevé d'étanchéité repris, essai en eau sans infiltration.",
            ),
            Incident(
                "De l'eau goutte du velux pendant l'orage.",
                "Solin décollé",
                "Solin du velux refait, essai en eau sans infiltration.",
            ),
            Incident(
                "Tache d'humidité sous la terrasse, elle s'agrandit.",
                "Descente engorgée",
                "Descente d'eaux pluviales de la terrasse débouchée, joint refait.",
            ),
        ),
        comments=(
            "Bâchage possible dès que le vent tombe.",
            "Demande un accès par la trappe du dernier palier.",
        ),
        messages=(
            "Une bassine est en place, l'occupant surveille.",
            "L'assureur de l'immeuble a ouvert un sinistre.",
        ),
    ),
    CallPurpose(
        label="Toiture  / Tuiles et gouttières",
        trade="toiture",
        weight=12,
        private=False,
        urgent=True,
        season="storm",
        incidents=(
            Incident(
                "Des tuiles menacent de tomber sur le trottoir après la tempête.",
                "Tempête",
                "Tuiles remplacées et faîtage contrôlé, trottoir rendu.",
            ),
            Incident(
                "La gouttière de la façade sur rue est décrochée.",
                "Crochets rouillés",
                "Gouttière refixée, colliers remplacés.",
            ),
            Incident(
                "Une plaque de zinc est soulevée par le vent.",
                "Zinguerie soulevée",
                "Zinguerie reclouée et soudée, balisage retiré.",
            ),
        ),
        comments=(
            "Périmètre de sécurité demandé au pied de la façade.",
            "Cordiste disponible demain matin.",
        ),
        messages=("Trottoir balisé par le gardien, mairie prévenue.",),
    ),
    CallPurpose(
        label="Nuisibles  / Cafards et punaises",
        trade="nuisibles",
        weight=18,
        private=True,
        urgent=False,
        incidents=(
            Incident(
                "Cafards dans la cuisine depuis plusieurs semaines.",
                "Blattes germaniques",
                "Gel appliqué deux fois, absence d'insectes vivants.",
            ),
            Incident(
                "Punaises de lit dans la chambre, piqûres chaque nuit.",
                "Punaises de lit",
                "Traitement à la vapeur et housses posées, plus de piqûres signalées.",
            ),
            Incident(
                "Invasion de blattes dans la gaine du vide-ordures.",
                "Blattes",
                "Gaine du vide-ordures traitée, contrôle fait à quinze jours.",
            ),
        ),
        comments=("Deux passages à quinze jours d'intervalle.", "Envoie la fiche de préparation."),
        messages=("Fiche de préparation envoyée à l'occupant.",),
    ),
    CallPurpose(
        label="Nuisibles  / Rongeurs",
        trade="nuisibles",
        weight=16,
        private=False,
        urgent=False,
        incidents=(
            Incident(
                "Rats dans le local poubelles, sacs éventrés chaque matin.",
                "Rats",
                "Appâts posés au local, second contrôle sans consommation.",
            ),
            Incident(
                "Souris dans les caves, excréments sur les étagères.",
                "Souris",
                "Caves traitées, trou en pied de mur rebouché.",
            ),
            Incident(
                "Terriers visibles dans le jardin près de l'aire de jeux.",
                "Rats",
                "Terriers traités et refermés, aire de jeux rendue.",
            ),
        ),
        comments=(
            "Pose d'appâts sécurisés dans la semaine.",
            "Demande la fermeture des trappes du local.",
        ),
        messages=("Affichage de prévention posé pour les propriétaires d'animaux.",),
    ),
    CallPurpose(
        label="Nuisibles  / Nid de guêpes",
        trade="nuisibles",
        weight=12,
        private=False,
        urgent=False,
        season="summer",
        incidents=(
            Incident(
                "Nid de frelons sous l'avancée du toit, près des balcons.",
                "Frelons asiatiques",
                "Nid de frelons détruit par perche, zone sûre.",
            ),
            Incident(
                "Nid de guêpes dans le coffret de l'interphone.",
                "Guêpes",
                "Coffret de l'interphone nettoyé après traitement.",
            ),
            Incident(
                "Guêpes dans le local vélos, un enfant a été piqué.",
                "Guêpes",
                "Nid du local vélos traité et retiré.",
            ),
        ),
        comments=(
            "Passage à la tombée du jour.",
            "Demande de garder la zone libre jusqu'au passage.",
        ),
        messages=("Accès condamné jusqu'au passage.",),
    ),
    CallPurpose(
        label="Nettoyage  / Prestation non effectuée",
        trade="nettoyage",
        weight=18,
        private=False,
        urgent=False,
        incidents=(
            Incident(
                "Le ménage de l'escalier n'a pas été fait depuis une semaine.",
                "Agent absent",
                "Rattrapage de l'escalier fait, contrôlé par le chef d'équipe.",
            ),
            Incident(
                "Les poubelles n'ont pas été sorties hier soir.",
                "Oubli",
                "Conteneurs sortis et local lavé.",
            ),
            Incident(
                "Le hall est très sale, traces de boue et papiers au sol.",
                "Agent absent",
                "Nettoyage complet du hall et des paliers.",
            ),
        ),
        comments=(
            "Remplaçant envoyé dès demain matin.",
            "Agent en arrêt, passage de rattrapage prévu.",
        ),
        messages=("Photos du hall jointes par le conseil syndical.",),
    ),
    CallPurpose(
        label="Nettoyage  / Encombrants et souillures",
        trade="nettoyage",
        weight=14,
        private=False,
        urgent=False,
        incidents=(
            Incident(
                "Un canapé et des gravats ont été abandonnés dans la cour.",
                "Dépôt sauvage",
                "Encombrants enlevés et déposés en déchetterie.",
            ),
            Incident(
                "Souillures dans l'ascenseur et l'escalier après une fête.",
                "Souillures",
                "Ascenseur et escalier nettoyés et désinfectés.",
            ),
            Incident(
                "Tags injurieux sur la façade et la porte du parking.",
                "Vandalisme",
                "Tags effacés, traitement anti-graffiti appliqué.",
            ),
        ),
        comments=(
            "Équipe disponible cette semaine avec le matériel.",
            "Demande des photos avant de se déplacer.",
        ),
        messages=("Photos transmises au gestionnaire, refacturation à étudier.",),
    ),
    CallPurpose(
        label="Espaces verts  / Arbre dangereux",
        trade="espaces verts",
        weight=9,
        private=False,
        urgent=False,
        season="storm",
        incidents=(
            Incident(
                "Une grosse branche menace de tomber sur les voitures.",
                "Branche cassée",
                "Branche déposée et évacuée.",
            ),
            Incident(
                "Un arbre est couché en travers de l'allée piétonne.",
                "Arbre tombé",
                "Arbre débité et évacué, allée dégagée.",
            ),
            Incident(
                "La haie déborde sur le trottoir, plainte de la mairie.",
                "Défaut d'entretien",
                "Haie taillée, déchets verts évacués.",
            ),
        ),
        comments=(
            "Équipe disponible cette semaine.",
            "Demande un accès pour le broyeur de branches.",
        ),
        messages=("Zone balisée par le gardien.",),
    ),
)
