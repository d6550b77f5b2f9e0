"""What can be wrong with a file of returns or a line of it, in English and in French: whoever reads
a report has no other way to say which of both it understands."""

from typing import NamedTuple

_WORDS: dict[str, tuple[str, str]] = {
    "name": (
        "The name of the file is not {}.",
        "Le nom du fichier n'est pas {}.",
    ),
    "month": (
        "The name of the file is not {}: {} is no month.",
        "Le nom du fichier n'est pas {} : {} n'est pas un mois.",
    ),
    "not_billed": ("Nothing was billed for {}.", "Rien n'a été facturé pour {}."),
    "bytes": ("The file has more than {} bytes.", "Le fichier a plus de {} octets."),
    "lines": ("The file has more than {} lines.", "Le fichier a plus de {} lignes."),
    "empty": ("The file is empty.", "Le fichier est vide."),
    "encoding": (
        "The file is not UTF-8 or Windows-1252 text: save it as CSV UTF-8.",
        "Le fichier n'est pas un texte UTF-8 ou Windows-1252 : enregistrez-le en CSV UTF-8.",
    ),
    "cut_off": (
        "The last line has no line end, so the file may be cut off: send it whole.",
        "La dernière ligne n'a pas de fin de ligne, le fichier peut être tronqué : renvoyez-le.",
    ),
    "long_line": (
        "The line has more than {} characters.",
        "La ligne a plus de {} caractères.",
    ),
    "quotes": (
        "The quotes are not closed, or stand inside a cell.",
        "Les guillemets ne sont pas fermés, ou sont au milieu d'une cellule.",
    ),
    "cells": (
        "Expected client_id;status;reason, got {} cells.",
        "client_id;status;reason attendu, {} cellules reçues.",
    ),
    "no_client": ("client_id: is missing.", "client_id : absent."),
    "status": (
        "status: expected paid or unpaid, got {}.",
        "status : paid ou unpaid attendu, {} reçu.",
    ),
    "long_reason": (
        "reason: has more than {} characters.",
        "reason : plus de {} caractères.",
    ),
    "characters": (
        "The line has characters that no text has.",
        "La ligne a des caractères qu'aucun texte n'a.",
    ),
    "twice": (
        "client_id: stands in line {} already.",
        "client_id : déjà à la ligne {}.",
    ),
    "not_on_bill": (
        "client_id: {} is not on the bill of {}.",
        "client_id : {} n'est pas sur la facture de {}.",
    ),
    "more": ("There are {} more.", "Il y en a {} de plus."),
}


class LineProblem(NamedTuple):
    """A line that cannot be taken, and why; line 0 is the file as a whole. `code`: a name of what
    is wrong; `values`: what its words speak of."""

    number: int
    code: str
    values: tuple[object, ...] = ()


def explanation(problem: LineProblem) -> tuple[str, str]:
    """Why, in English and in French."""
    english, french = _WORDS[problem.code]
    return english.format(*problem.values), french.format(*problem.values)
