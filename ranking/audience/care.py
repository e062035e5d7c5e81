"""Care for the people in a history: which columns may not be used, how small a group may be shown, and how one leaves."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from trailers.errors import RequestError

if TYPE_CHECKING:
    import pandas as pd

    from trailers.ranking.history import History

SMALLEST = 50
"""No segment of fewer viewers is shown or learnt from, where a season does not say otherwise."""
DENIED = frozenset(
    {
        *("gender", "sex", "male", "female", "transgender", "pronoun", "pronouns", "sexe", "sexo", "geschlecht", "genero"),
        *("age", "ages", "birth", "birthday", "birthdate", "dob", "edad", "alter", "geburtsdatum"),
        *("race", "racial", "ethnic", "ethnicity", "ethnie", "nationality", "national", "citizenship", "skin", "caste", "tribe"),
        *("immigrant", "immigration", "migrant", "refugee", "nationalite", "herkunft", "minority", "indigenous"),
        *("religion", "religious", "faith", "belief", "confession", "denomination", "konfession"),
        *("health", "medical", "disease", "diagnosis", "disability", "disabled", "illness", "pregnant", "pregnancy", "bmi"),
        *("mental", "hiv", "medication", "gesundheit", "salud", "sante"),
        *("income", "salary", "wage", "wealth", "earnings", "credit", "debt", "bankruptcy", "poverty", "einkommen", "revenu"),
        *("orientation", "sexual", "sexuality", "lgbt", "lgbtq", "gay", "lesbian", "queer"),
        *("marital", "married", "divorced", "widowed", "children", "parental", "familienstand"),
        *("political", "politics", "vote", "voter", "ideology", "union", "unions"),
        *("genetic", "biometric", "dna", "fingerprint", "criminal", "conviction", "convictions", "arrest", "veteran"),
    }
)
"""Words that name a sensitive trait: the special categories of the GDPR (article 9), the grounds of the EU's charter of
fundamental rights (article 21), and what stands for them: income, family, birth. Matched on the words of a column's name."""


def check(columns: Iterable[str]) -> None:
    """RequestError for the first column whose name says that it holds a sensitive trait."""
    for column in columns:
        if found := sorted(words(column) & DENIED):
            raise RequestError(
                f"{column!r} names a sensitive trait ({', '.join(found)}): viewers are not grouped or scored by what they are, "
                "only by what they watch; use a column such as device, or leave it out and let segments be found"
            )


def words(name: str) -> set[str]:
    """The words of a column's name in small letters, without accents, of a plural the singular too: of date_of_birth, dateOfBirth
    and "Dates of Birth 2" date, of and birth."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    apart = re.sub(r"([a-z])([A-Z])", r"\1 \2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", plain))
    found = {word.lower() for word in re.findall(r"[^\W\d_]+", apart)}
    return found | {word.removesuffix("s") for word in found}


def without(history: History, viewers: Collection[str]) -> History:
    """The history as if these viewers had never been; the counts stay those of the file. Curves are nobody's plays and stay."""
    gone = set(viewers)
    return replace(history, plays=_left(history.plays, gone), titles=_left(history.titles, gone))


def _left(table: pd.DataFrame, gone: set[str]) -> pd.DataFrame:
    kept = table[~table["viewer"].isin(gone)].reset_index(drop=True)
    if hasattr(kept["viewer"], "cat"):  # a column of codes would keep the names of those who left
        kept["viewer"] = kept["viewer"].cat.remove_unused_categories()
    return kept
