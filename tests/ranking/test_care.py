"""Care: sensitive traits are no inputs, whatever their column is called, and a viewer can be taken out of a history."""

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ranking.checkerboard import board
from trailers import season
from trailers.errors import RequestError
from trailers.ranking.audience import care


@pytest.mark.parametrize(
    "column",
    [
        *("gender", "Gender", "viewer_gender", "userGender2", "SEX", "age", "age_group", "ageBand", "Age Range", "dateOfBirth"),
        *("date_of_birth", "DOB", "ethnicity", "RaceEthnicity", "religion", "HEALTH_status", "householdIncome", "income.band"),
        *(
            "sexual_orientation",
            "marital status",
            "political-views",
            "disabilityFlag",
            "nationality",
            "Geschlecht",
            "género",
            "Incomes",
        ),
    ],
)
def test_a_sensitive_trait_is_no_input_however_it_is_spelled(column: str) -> None:
    with pytest.raises(RequestError, match="sensitive trait"):
        care.check(["device", column])


@pytest.mark.parametrize(
    "column",
    ["device", "profile", "language", "page", "image", "message", "engagement_2", "stage", "essex", "percentage", "coverage"],
)
def test_words_that_only_contain_one_are_free(column: str) -> None:
    care.check([column])


@given(st.sampled_from(sorted(care.DENIED)), st.sampled_from(["{}", "viewer_{}", "{}Group", "the {} 2", "X.{}", "{}-band"]))
def test_every_word_of_the_list_is_found_in_a_name(word: str, pattern: str) -> None:
    with pytest.raises(RequestError):
        care.check([pattern.format(word)])


def test_a_viewer_taken_out_is_in_no_table_of_the_history() -> None:
    whole = board().history
    titles = pd.DataFrame({"viewer": ["v00001", "v00002"], "title": "t", "episode": "", "liking": 1.0, "watched_at": pd.NaT})
    left = care.without(replace(whole, titles=titles), ["v00001"])
    assert set(whole.plays["viewer"]) - set(left.plays["viewer"]) == {"v00001"}
    assert list(left.titles["viewer"]) == ["v00002"]
    assert "v00001" not in repr(left.plays["viewer"].unique())


def test_the_floor_is_the_seasons_own_default() -> None:
    assert season.SMALLEST == care.SMALLEST == 50
