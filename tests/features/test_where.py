"""Conditions: what they mean, how clearly they hold, the same in the store, and refused in one line where they mean nothing."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from trailers.errors import RequestError
from trailers.features.where import columns, degree, holds, parse, to_sql

TABLE = pd.DataFrame(
    {
        "faces": [0.0, 2.0, 3.0, np.nan],
        "speech": [0.5, 0.05, np.nan, 0.0],
        "heard": ["", "She LAUGHS", "it's raining", "laughs"],
        "fast action": [0.1, 0.9, 0.4, 0.6],
        "crossing": [True, False, False, True],
    }
)
MEANINGS = [
    ("faces >= 2", [1, 2]),
    ("faces >= 2 and speech < 0.1", [1]),
    ("faces >= 2 or speech < 0.1", [1, 2, 3]),
    ("not faces >= 2", [0]),
    ("not (faces >= 2 and speech < 0.1)", [0]),
    ("0 < faces <= 2", [1]),
    ("not 0 < faces <= 2", [0, 2]),
    ("2 <= faces", [1, 2]),
    ("faces != 2", [0, 2]),
    ("faces > -1", [0, 1, 2]),
    ('"laughs" in heard', [1, 3]),
    ('"laughs" not in heard', [0, 2]),
    ('"it\'s" in heard', [2]),
    ('heard == "LAUGHS"', [3]),
    ("heard", [1, 2, 3]),
    ("not heard", [0]),
    ("fast_action", [1, 3]),
    ("crossing and fast_action > 0.2", [3]),
]


@pytest.mark.parametrize(("text", "rows"), MEANINGS)
def test_a_condition_holds_where_it_says_and_never_for_the_unknown(text: str, rows: list[int]) -> None:
    assert np.flatnonzero(holds(parse(text, TABLE), TABLE)).tolist() == rows


def test_the_store_understands_the_same(tmp_path: Path) -> None:
    import lancedb
    import pyarrow as pa

    table = lancedb.connect(tmp_path).create_table("t", pa.Table.from_pandas(TABLE.assign(n=range(4))))
    stored = {str(name): str(name) for name in TABLE}
    for text, rows in MEANINGS:
        found = table.search().where(to_sql(parse(text, TABLE), stored)).select(["n"]).to_arrow()["n"].to_pylist()
        assert sorted(found) == rows, text


def test_how_clearly_it_holds_is_half_at_the_limit_and_nothing_for_the_unknown() -> None:
    table = pd.DataFrame({"speech": [0.0, 0.4, 0.5, 0.6, 1.0, np.nan], "music": [1.0] * 6})
    found = degree(parse("speech > 0.5", table), table)
    assert found.tolist() == pytest.approx([0, 0.119, 0.5, 0.881, 1, 0], abs=1e-3)
    both, either = (degree(parse(f"speech > 0.5 {word} music > 0.5", table), table) for word in ("and", "or"))
    assert both.tolist() == np.minimum(found, either).tolist()
    assert either.min() > 0.99


def test_it_says_which_columns_it_asks() -> None:
    assert list(columns(parse("faces > 1 and (speech < 0.1 or faces < 9)", TABLE))) == ["faces", "speech", "faces"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("face > 1", "did you mean faces"),
        ("zzz > 1", "there are crossing, fast_action, heard, speech, faces"),
        ("faces > 'a'", "faces in .* is compared as a number"),
        ("heard > 1", "heard in .* is compared as a text"),
        ("heard < 'b'", "compared as a text"),
        *(
            (text, "is no condition")
            for text in ("", "faces >", "1 < 2", "faces > 1e999", "faces.x > 1", "faces is 1", "faces > True")
        ),
        *(
            (text, "is no condition")
            for text in ("__import__('os').remove('x')", "import os", "[x for x in faces]", "faces + 1 > 2")
        ),
        ("(" * 300, "is no condition"),
        ("not " * 200 + "faces", "500 characters at most"),
    ],
)
def test_what_means_nothing_is_refused_in_one_line(text: str, says: str) -> None:
    with pytest.raises(RequestError, match=says) as caught:
        parse(text, TABLE)
    assert "\n" not in str(caught.value)
