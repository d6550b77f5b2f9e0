"""Call purposes of what lets people in and up: lifts, locks, doors, gates, intercoms."""

from gerance.demo.corpus_purpose import CallPurpose, Incident

ACCESS_PURPOSES: tuple[CallPurpose, ...] = (
    CallPurpose(
        label="Ascenseur  / Ascenseur en panne",
        trade="ascenseur",
        weight=52,
        private=False,
        urgent=False,
        monitored=True,
        incidents=(
            Incident(
                "L'ascenseur est bloqué au rez-de-chaussée, portes ouvertes.",
                "Corps étranger",
                "Corps étranger retiré du seuil de porte, ascenseur en service.",
            ),
            Incident(
                "Ascenseur en panne depuis ce matin, personne à mobilité réduite au 6e étage.",
                "Serrure palière HS",
                "Serrure palière réglée au 2e étage, appareil remis en service.",
            ),
            Incident(
                "L'ascenseur ne répond plus aux appels paliers.",
                "Défaut de commande",
                "Boîte à boutons palière remplacée, appels essayés à tous les niveaux.",
            ),
            Incident(
                "L'ascenseur pair s'arrête entre deux étages puis redescend seul.",
                "Variateur en défaut",
                "Variateur réinitialisé, dix courses d'essai sans défaut.",
            ),
            Incident(
                "Voyant hors service allumé, cabine arrêtée au 3e étage.",
                "Défaut opérateur de porte",
                "Contact de porte cabine remplacé, essais sur tous les niveaux.",
            ),
        ),
        comments=(
            "Technicien de secteur prévenu, délai contractuel de quatre heures.",
            "Demande le numéro d'appareil affiché dans la cabine.",
            "Appareil déjà dépanné cette semaine, chef de secteur informé.",
        ),
        messages=(
            "Affichette hors service posée par le gardien.",
            "Un occupant à mobilité réduite attend la remise en service, dossier prioritaire.",
        ),
    ),
    CallPurpose(
        label="Ascenseur  / Personne bloquée",
        trade="ascenseur",
        weight=12,
        private=False,
        urgent=True,
        monitored=True,
        immediate=True,
        incidents=(
            Incident(
                "Une personne est bloquée dans l'ascenseur entre le 2e et le 3e étage.",
                "Défaut de chaîne de sécurité",
                "Personne libérée sans blessure, appareil remis en service après contrôle.",
            ),
            Incident(
                "Deux enfants bloqués dans la cabine, appel reçu par la téléalarme.",
                "Surcharge",
                "Enfants libérés et remis à leurs parents, ascenseur en service.",
            ),
            Incident(
                "Personne bloquée dans l'ascenseur, elle se sent mal.",
                "Coupure de courant",
                "Personne libérée et confiée aux secours, appareil contrôlé puis remis en service.",
            ),
        ),
        comments=(
            "Technicien le plus proche détourné, arrivée sous 45 minutes.",
            "Rappelle la cabine pour rassurer la personne.",
        ),
        messages=(
            "Contact gardé avec la cabine, calme rétabli.",
            "Les pompiers ont été prévenus par un voisin.",
        ),
    ),
    CallPurpose(
        label="Ascenseur  / Porte palière défectueuse",
        trade="ascenseur",
        weight=14,
        private=False,
        urgent=False,
        incidents=(
            Incident(
                "La porte palière du 4e étage ne se referme pas complètement.",
                "Galet usé",
                "Galets de porte remplacés, fermeture réglée.",
            ),
            Incident(
                "Porte d'ascenseur forcée au sous-sol, vantail tordu.",
                "Vandalisme",
                "Vantail redressé et serrure contrôlée.",
            ),
            Incident(
                "La vitre de la porte palière du rez-de-chaussée est brisée.",
                "Bris de vitre",
                "Oculus remplacé, porte conforme.",
            ),
        ),
        comments=(
            "Mise à l'arrêt conseillée en attendant le passage.",
            "Pièce à commander si le vantail est voilé.",
        ),
        messages=("Dépôt de plainte demandé au gestionnaire pour l'assurance.",),
    ),
    CallPurpose(
        label="Serrurerie  / Porte d'immeuble bloquée",
        trade="serrurerie",
        weight=26,
        private=False,
        urgent=True,
        incidents=(
            Incident(
                "La porte d'entrée de l'immeuble ne ferme plus, le hall est squatté.",
                "Gâche électrique HS",
                "Gâche remplacée et réglée, porte sécurisée.",
            ),
            Incident(
                "Impossible d'ouvrir la porte du hall, la serrure tourne dans le vide.",
                "Cylindre cassé",
                "Cylindre remplacé sur organigramme, clés remises à la loge.",
            ),
            Incident(
                "La ventouse de la porte du hall ne tient plus.",
                "Ventouse HS",
                "Ventouse remplacée, fermeture contrôlée.",
            ),
            Incident(
                "La porte du local vélos est forcée.",
                "Effraction",
                "Serrure du local vélos remplacée, porte redressée.",
            ),
        ),
        comments=(
            "Se déplace avec une serrure provisoire.",
            "Demande s'il existe un organigramme de clés.",
        ),
        messages=(
            "Porte maintenue fermée par le gardien avec une chaîne.",
            "Les nouvelles clés seront remises aux occupants contre signature.",
        ),
    ),
    CallPurpose(
        label="Serrurerie  / Porte de logement bloquée",
        trade="serrurerie",
        weight=15,
        private=True,
        urgent=True,
        immediate=True,
        incidents=(
            Incident(
                "Clé cassée dans la serrure, l'occupant est devant sa porte.",
                "Clé cassée",
                "Ouverture fine sans dégât, extraction de la clé cassée.",
            ),
            Incident(
                "La porte palière du logement a été forcée dans la nuit.",
                "Effraction",
                "Serrure trois points remplacée, clés remises à l'occupant.",
            ),
            Incident(
                "La porte a claqué, une casserole est sur le feu.",
                "Porte claquée",
                "Ouverture sans dégât, feu éteint, serrure contrôlée.",
            ),
        ),
        comments=(
            "Demande une pièce d'identité à l'occupant avant ouverture.",
            "Arrivée estimée dans l'heure.",
        ),
        messages=("L'occupant est averti que l'ouverture de porte reste à sa charge.",),
    ),
    CallPurpose(
        label="Serrurerie  / Ferme-porte défectueux",
        trade="serrurerie",
        weight=12,
        private=False,
        urgent=False,
        incidents=(
            Incident(
                "La porte du hall claque très fort, gêne pour le premier étage.",
                "Réglage",
                "Vitesse de fermeture réglée, plus de claquement.",
            ),
            Incident(
                "Le ferme-porte du sas fuit et la porte ne se referme plus.",
                "Ferme-porte hors d'usage",
                "Ferme-porte du sas remplacé et réglé.",
            ),
            Incident(
                "La porte coupe-feu du parking reste ouverte.",
                "Bras cassé",
                "Bras et platine remplacés, porte coupe-feu conforme.",
            ),
        ),
        comments=("Réglage ou remplacement à voir sur place.", "Pièce standard en stock."),
        messages=("Le conseil syndical demande un modèle silencieux.",),
    ),
    CallPurpose(
        label="Porte de garage  / Porte bloquée",
        trade="fermeture",
        weight=34,
        private=False,
        urgent=True,
        monitored=True,
        incidents=(
            Incident(
                "La porte du parking est bloquée fermée, aucun véhicule ne peut sortir.",
                "Moteur HS",
                "Moteur remplacé, fins de course réglées.",
            ),
            Incident(
                "La porte de garage reste ouverte, risque d'intrusion.",
                "Ressort cassé",
                "Ressorts et câbles remplacés, équilibrage refait.",
            ),
            Incident(
                "Un véhicule a accroché la porte du parking, tablier tordu.",
                "Choc de véhicule",
                "Tablier redressé et galets remplacés, essais concluants.",
            ),
            Incident(
                "La porte basculante s'arrête à mi-hauteur puis remonte.",
                "Cellule déréglée",
                "Cellules réalignées, porte en service.",
            ),
        ),
        comments=(
            "Débrayage manuel expliqué au gardien en attendant.",
            "Technicien disponible, pièces courantes dans le véhicule.",
        ),
        messages=(
            "Le gardien guide les occupants en attendant le technicien.",
            "Le gestionnaire est prévenu, gardiennage non demandé.",
        ),
    ),
    CallPurpose(
        label="Portail  / Portail bloqué",
        trade="fermeture",
        weight=16,
        private=False,
        urgent=False,
        incidents=(
            Incident(
                "Le portail coulissant ne s'ouvre plus avec les télécommandes.",
                "Récepteur radio HS",
                "Récepteur radio remplacé, télécommandes reprogrammées.",
            ),
            Incident(
                "Le portillon piéton ne se referme plus.",
                "Charnière affaissée",
                "Portillon redressé et ferme-porte réglé.",
            ),
            Incident(
                "Le portail s'ouvre tout seul pendant la nuit.",
                "Carte de commande HS",
                "Carte de commande remplacée, temporisation réglée.",
            ),
        ),
        comments=(
            "Contrôle de la commande et des cellules à faire.",
            "Contrat d'entretien semestriel, passage prévu cette semaine.",
        ),
        messages=("Accès pompiers assuré par l'entrée de service.",),
    ),
    CallPurpose(
        label="Interphonie  / Interphone HS",
        trade="interphonie",
        weight=24,
        private=True,
        urgent=False,
        incidents=(
            Incident(
                "L'interphone ne sonne plus dans l'appartement.",
                "Combiné HS",
                "Combiné remplacé, sonnerie et ouverture essayées.",
            ),
            Incident(
                "On n'entend plus le visiteur à l'interphone.",
                "Alimentation HS",
                "Alimentation de la platine remplacée, son rétabli.",
            ),
            Incident(
                "Le bouton d'ouverture du combiné ne déclenche plus la porte.",
                "Fil coupé",
                "Câblage repris dans la gaine palière, ouverture essayée.",
            ),
        ),
        comments=("Demande si toute la colonne est en panne.", "Combiné compatible en stock."),
        messages=("Infirmière à domicile chaque matin, accès à assurer.",),
    ),
    CallPurpose(
        label="Interphonie  / Digicode ou badge HS",
        trade="interphonie",
        weight=20,
        private=False,
        urgent=False,
        incidents=(
            Incident(
                "Les badges ne fonctionnent plus à l'entrée du bâtiment.",
                "Centrale figée",
                "Centrale redémarrée, badges relus correctement.",
            ),
            Incident(
                "Le clavier du digicode est arraché.",
                "Vandalisme",
                "Clavier remplacé, code communiqué au gestionnaire.",
            ),
            Incident(
                "Le digicode accepte l'ancien code mais plus le nouveau.",
                "Programmation",
                "Ancien code effacé, nouveau code essayé.",
            ),
        ),
        comments=(
            "Contrôle à distance de la centrale, déplacement à confirmer.",
            "Platine de prêt disponible.",
        ),
        messages=("Accès de secours ouvert aux occupants par le gardien.",),
    ),
)
