"""Call purposes of water: plumbing and drains."""

from gerance.demo.corpus_purpose import CallPurpose, Incident

WATER_PURPOSES: tuple[CallPurpose, ...] = (
    CallPurpose(
        label="Plomberie  / Fuite d'eau",
        trade="plomberie",
        weight=70,
        private=True,
        urgent=True,
        incidents=(
            Incident(
                "Fuite au niveau du plafond de la cuisine.",
                "Joint défectueux chez le voisin du dessus",
                "Joint d'évacuation remplacé dans le logement du dessus, plafond sec.",
            ),
            Incident(
                "Fuite sous l'évier, l'eau coule en continu malgré le robinet d'arrêt fermé.",
                "Robinet d'arrêt HS",
                "Robinet d'arrêt remplacé sous l'évier, eau rétablie dans le logement.",
            ),
            Incident(
                "Fuite importante sur l'arrivée d'eau des toilettes, le sol est inondé.",
                "Flexible percé",
                "Flexible des toilettes remplacé, essai en eau concluant.",
            ),
            Incident(
                "Fuite sur le flexible du ballon, un seau se remplit en une heure.",
                "Raccord desserré",
                "Flexible du ballon remplacé et raccord resserré, plus de fuite constatée.",
            ),
            Incident(
                "Le joint de la baignoire fuit, le voisin du dessous voit une auréole.",
                "Joint de baignoire défectueux",
                "Joint de baignoire refait, étanchéité contrôlée.",
            ),
        ),
        comments=(
            "Demande de couper l'eau au compteur en attendant le technicien.",
            "Technicien disponible avec recherche de fuite non destructive.",
            "Souhaite l'accès à la gaine technique du palier.",
        ),
        messages=(
            "L'occupant a coupé l'eau au compteur, fuite maîtrisée.",
            "Photos de la fuite reçues par courriel et transmises au prestataire.",
            "Le voisin du dessous a été prévenu, aucun dommage pour le moment.",
        ),
    ),
    CallPurpose(
        label="Plomberie  / Dégât des eaux",
        trade="plomberie",
        weight=38,
        private=True,
        urgent=True,
        incidents=(
            Incident(
                "Dégât des eaux en provenance de l'appartement du dessus, le plafond goutte.",
                "Fuite encastrée",
                "Alimentation réparée chez le voisin du dessus, rapport et photos envoyés.",
            ),
            Incident(
                "Auréole qui s'étend au plafond du salon depuis deux jours.",
                "Joint de receveur défectueux",
                "Joints de la douche du dessus refaits, séchage à prévoir avant embellissements.",
            ),
            Incident(
                "De l'eau ruisselle le long du mur de la salle de bains.",
                "Évacuation fissurée",
                "Évacuation reprise dans la gaine, mur à laisser sécher.",
            ),
            Incident(
                "Parquet gondolé dans l'entrée, fuite probable chez le voisin mitoyen.",
                "Fuite chez le voisin mitoyen",
                "Fuite localisée chez le voisin mitoyen, raccord réparé.",
            ),
        ),
        comments=(
            "Recherche de fuite à faire depuis le logement du dessus.",
            "Demande les coordonnées de l'occupant du dessus avant de se déplacer.",
        ),
        messages=(
            "Constat amiable remis aux deux occupants.",
            "Le gestionnaire demande le rapport de recherche de fuite pour l'assurance.",
            "L'occupant du dessus est absent jusqu'à demain matin.",
        ),
    ),
    CallPurpose(
        label="Plomberie  / Fuite parties communes",
        trade="plomberie",
        weight=30,
        private=False,
        urgent=True,
        incidents=(
            Incident(
                "Fuite dans le local poubelles, l'eau coule sous la porte.",
                "Robinet de puisage HS",
                "Robinet de puisage du local remplacé.",
            ),
            Incident(
                "Fuite sur la colonne d'eau froide au sous-sol, le couloir des caves est inondé.",
                "Colonne percée",
                "Manchon de réparation posé sur la colonne, eau rétablie dans l'immeuble.",
            ),
            Incident(
                "De l'eau s'écoule de la gaine technique sur le palier.",
                "Vanne de pied de colonne HS",
                "Vanne remplacée dans la gaine, contrôle fait à tous les étages.",
            ),
            Incident(
                "Fuite au plafond du parking, niveau -1, au-dessus des places de stationnement.",
                "Manchon desserré",
                "Tronçon de canalisation remplacé au plafond du parking.",
            ),
        ),
        comments=(
            "Demande le plan des vannes d'arrêt de l'immeuble.",
            "Coupure de la colonne à prévoir pendant l'intervention.",
        ),
        messages=(
            "Le gardien a fermé la vanne de pied de colonne.",
            "Affichage posé dans le hall pour prévenir de la coupure d'eau.",
        ),
    ),
    CallPurpose(
        label="Plomberie  / Coupure d'eau générale",
        trade="plomberie",
        weight=16,
        private=False,
        urgent=True,
        monitored=True,
        incidents=(
            Incident(
                "Plus d'eau dans tout l'immeuble depuis ce matin.",
                "Coupure du distributeur",
                "Coupure due au distributeur, eau revenue à la fin de ses travaux.",
            ),
            Incident(
                "Aucune pression au-delà du troisième étage.",
                "Réducteur de pression bloqué",
                "Réducteur de pression remplacé, pression normale à tous les étages.",
            ),
            Incident(
                "Le surpresseur est en défaut, les étages hauts n'ont plus d'eau.",
                "Surpresseur en défaut",
                "Surpresseur réarmé et pressostat remplacé, pression normale.",
            ),
        ),
        comments=(
            "Vérifie d'abord auprès du distributeur qu'aucun incident n'est en cours.",
            "Se déplace avec un pressostat de remplacement.",
        ),
        messages=("Plusieurs appels pour la même coupure, un seul dossier est suivi.",),
    ),
    CallPurpose(
        label="Plomberie  / Chasse d'eau défectueuse",
        trade="plomberie",
        weight=18,
        private=True,
        urgent=False,
        incidents=(
            Incident(
                "La chasse d'eau coule en permanence.",
                "Mécanisme usé",
                "Mécanisme de chasse remplacé, plus d'écoulement.",
            ),
            Incident(
                "La chasse d'eau ne se remplit plus.",
                "Robinet flotteur bloqué",
                "Robinet flotteur remplacé et réglé.",
            ),
            Incident(
                "Le bouton de la chasse d'eau est cassé, il reste enfoncé.",
                "Bouton cassé",
                "Plaque de commande remplacée, joint de cloche changé.",
            ),
        ),
        comments=("Passera avec un mécanisme complet.", "Demande la marque du bâti-support."),
        messages=("L'occupant signale une facture d'eau anormale.",),
    ),
    CallPurpose(
        label="Plomberie  / Robinetterie hors service",
        trade="plomberie",
        weight=20,
        private=True,
        urgent=False,
        incidents=(
            Incident(
                "Le mitigeur de la douche est bloqué sur l'eau froide.",
                "Cartouche usée",
                "Cartouche du mitigeur remplacée, débit et température contrôlés.",
            ),
            Incident(
                "Le robinet de la cuisine goutte sans arrêt.",
                "Joint usé",
                "Tête de robinet remplacée, plus de goutte.",
            ),
            Incident(
                "Le robinet du lavabo est descellé et tourne sur lui-même.",
                "Fixation desserrée",
                "Robinet refixé, joints neufs posés.",
            ),
        ),
        comments=(
            "Fera d'abord un devis si le mitigeur est à remplacer.",
            "Contrat robinetterie en place, entretien compris.",
        ),
        messages=("L'occupant est locataire, accord du propriétaire demandé pour le devis.",),
    ),
    CallPurpose(
        label="Assainissement  / Canalisation bouchée",
        trade="assainissement",
        weight=34,
        private=True,
        urgent=True,
        incidents=(
            Incident(
                "Les toilettes sont bouchées, impossible de les utiliser.",
                "Lingettes dans la canalisation",
                "Débouchage au furet, lingettes retirées, usage rappelé à l'occupant.",
            ),
            Incident(
                "L'évier de la cuisine n'évacue plus et l'eau remonte dans le bac.",
                "Bouchon de graisse",
                "Débouchage haute pression de l'évier, écoulement normal.",
            ),
            Incident(
                "La douche déborde, l'eau ne s'écoule plus.",
                "Tartre et cheveux",
                "Curage de l'évacuation de la douche, essai d'écoulement concluant.",
            ),
        ),
        comments=(
            "Se déplace avec furet électrique et pompe.",
            "Demande si les voisins de la même colonne sont touchés.",
        ),
        messages=("L'occupant n'a pas d'autres toilettes, dossier prioritaire.",),
    ),
    CallPurpose(
        label="Assainissement  / Refoulement eaux usées",
        trade="assainissement",
        weight=16,
        private=False,
        urgent=True,
        monitored=True,
        incidents=(
            Incident(
                "Refoulement d'eaux usées dans les caves, forte odeur.",
                "Collecteur obstrué",
                "Pompage et désinfection des caves, collecteur débouché.",
            ),
            Incident(
                "Les eaux usées remontent par le regard de la cour.",
                "Racines dans le collecteur",
                "Curage par camion hydrocureur, passage caméra satisfaisant.",
            ),
            Incident(
                "Odeurs d'égout dans le hall et bac de douche plein au rez-de-chaussée.",
                "Siphon de cour désamorcé",
                "Siphon curé et remis en eau, plus d'odeur.",
            ),
            Incident(
                "La pompe de relevage du parking est à l'arrêt, l'eau monte.",
                "Pompe de relevage HS",
                "Pompe de relevage remplacée, niveau redevenu normal.",
            ),
        ),
        comments=(
            "Camion hydrocureur nécessaire, demande l'accès à la cour.",
            "Équipe de deux personnes avec caméra d'inspection.",
        ),
        messages=("L'accès à la cour est libre pour le camion hydrocureur.",),
    ),
)
