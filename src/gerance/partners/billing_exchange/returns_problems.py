"""Problems of return files and their lines, in English and French: reports have both."""

from typing import NamedTuple

_WORDS: dict[str, tuple[str, str]] = {
    "name": (
        "The name of the file is not {}.",
        "Le nom du fichier n'est pas {}.",
    ),
    "month": (
        "The name of the file is not {}: {} is not a month.",
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
        "The last line has no line end, so the file may be incomplete. Send it again.",
        "La dernière ligne n'a pas de fin de ligne, le fichier peut être tronqué : renvoyez-le.",
    ),
    "long_line": (
        "The line has more than {} characters.",
        "La ligne a plus de {} caractères.",
    ),
    "quotes": (
        "The quotes are not closed, or are inside a cell.",
        "Les guillemets ne sont pas fermés, ou sont au milieu d'une cellule.",
    ),
    "cells": (
        "Expected client_id;status;reason, got {} cells.",
        "client_id;status;reason attendu, {} cellules reçues.",
    ),
    "no_client": ("client_id: missing.", "client_id : absent."),
    "status": (
        "status: expected paid or unpaid, got {}.",
        "status : paid ou unpaid attendu, {} reçu.",
    ),
    "long_reason": (
        "reason: has more than {} characters.",
        "reason : plus de {} caractères.",
    ),
    "characters": (
        "The line has control characters.",
        "La ligne contient des caractères de contrôle.",
    ),
    "twice": (
        "client_id: already in line {}.",
        "client_id : déjà à la ligne {}.",
    ),
    "not_on_bill": (
        "client_id: {} is not on the bill of {}.",
        "client_id : {} n'est pas sur la facture de {}.",
    ),
    "more": ("There are {} more.", "Il y en a {} de plus."),
}


class LineProblem(NamedTuple):
    """A rejected line; line 0 is the whole file. `code`: the name of the problem; `values`: the
    values in its text."""

    number: int
    code: str
    values: tuple[object, ...] = ()


def explanation(problem: LineProblem) -> tuple[str, str]:
    """The text in English and in French."""
    english, french = _WORDS[problem.code]
    return english.format(*problem.values), french.format(*problem.values)
