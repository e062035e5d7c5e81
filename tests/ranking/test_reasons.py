"""Reasons: what the history says of a shot in figures, of segments alone, and on what evidence."""

import json
from dataclasses import replace

import pandas as pd

from tests.ranking.checkerboard import board
from trailers.ranking.examples import evidence, to_score
from trailers.ranking.history import CATALOGUE, TITLES, History
from trailers.ranking.model import margins, score, train
from trailers.ranking.proof.measures import spearman
from trailers.ranking.reasons import speaks
from trailers.ranking.scoring.prior import prior
from trailers.ranking.segments import find_segments

KINDS = ("fire", "water")


def known(smallest: int = 20) -> list[list[str]]:
    facts = evidence(board().history, board().planted, board().index, smallest)
    return [json.loads(text) for text in speaks(to_score(facts), facts)]


def test_figures_are_those_of_the_segments_sittings() -> None:
    facts = evidence(board().history, board().planted, board().index, 20)
    examples = to_score(facts)
    row = int(((examples.rows["segment"] == "fire") & (examples.rows["place"] == 5)).to_numpy().argmax())
    own = facts.seen[(facts.seen["segment"] == "fire") & (facts.seen["shot"] == 5)]
    said = known()[row]
    assert said[0].startswith(f"{own['reached'].sum():.0f} sittings came to it: {own['back'].sum():.0f} wound back")
    assert f"{own['watched'].sum() / own['reached'].sum():.0%} of it was watched" in said[1]


def test_of_too_few_viewers_nothing_is_said() -> None:
    assert all("too few viewers" in lines[0] for lines in known(smallest=10_000))
    assert not any("too few viewers" in lines[0] for lines in known(smallest=1))


def test_a_single_viewer_is_not_spoken_of_however_often_he_came() -> None:
    plays = board().history.plays
    one = plays[plays["viewer"] == plays["viewer"].iloc[0]]
    often = [one.assign(started_at=one["started_at"] + pd.Timedelta(days=400 * n)) for n in range(60)]
    history = replace(board().history, plays=pd.concat(often, ignore_index=True))
    facts = evidence(history, board().planted, board().index, smallest=2)
    assert facts.seen["reached"].max() >= 60
    spoken = [json.loads(text)[0] for text in speaks(to_score(facts), facts)]
    assert not [line for line in spoken if "sittings came to it:" in line]


def test_no_viewer_is_named() -> None:
    names = set(board().history.plays["viewer"].astype(str))
    words = {word for lines in known(1) for line in lines for word in line.replace(":", " ").split()}
    assert not names & words


def by_titles() -> History:
    """No moment is known: fans of fire watched films about fire, the others about water."""
    rows = []
    for viewer, segment in board().planted.membership.itertuples(index=False):
        rows += [(viewer, f"{segment} {n}", "", 1.0, pd.NaT) for n in range(3)]
        rows.append((viewer, "news", "", 1.0, pd.NaT))
    titles = pd.DataFrame(rows, columns=list(TITLES)).sort_values(["viewer", "title"], ignore_index=True)
    films = [(f"{word} {n}", "", word) for word in ("fire", "water") for n in range(3)]
    catalogue = pd.DataFrame([*films, ("news", "", "talk")], columns=list(CATALOGUE)).sort_values("title", ignore_index=True)
    nothing = board().history.plays.iloc[:0]
    return replace(board().history, plays=nothing, titles=titles, catalogue=catalogue)


def test_titles_alone_rank_and_say_so() -> None:
    facts = evidence(by_titles(), board().planted, board().index)
    ranker = train(facts)
    assert ranker.source == "titles"
    assert ranker.text == ""
    assert train(facts) == ranker
    examples = to_score(facts)
    margin, fire = pd.Series(margins(ranker, examples)), board().fire(examples.rows["shot"])
    for segment, liked in (("fire", fire), ("water", ~fire)):
        own = (examples.rows["segment"] == segment).to_numpy()
        assert margin[own & liked].mean() > margin[own & ~liked].mean()
    table = score(ranker, facts)
    assert "no moments are known of them" in table["speaks"].iloc[-1]
    assert "like the titles that they choose" in " ".join(table["why"])


def lone(titles: dict[str, str]) -> History:
    """A single viewer's export: titles with their genres, all watched, no moments."""
    rows = [("NetflixViewingHistory", name, "", 1.0, pd.NaT) for name in sorted(titles)]
    catalogue = pd.DataFrame([(name, titles[name], "") for name in sorted(titles)], columns=list(CATALOGUE))
    nothing = board().history.plays.iloc[:0]
    return replace(board().history, plays=nothing, titles=pd.DataFrame(rows, columns=list(TITLES)), catalogue=catalogue)


def ranked(history: History) -> pd.Series:
    """The score of every shot for everybody."""
    nobody = find_segments(history, board().index)
    assert nobody.segments == ()
    facts = evidence(history, nobody, board().index)
    table = score(train(facts), facts)
    assert "no moments are known of them" in table["speaks"].iloc[0]
    return table.set_index("shot")["score"]


def test_one_viewers_titles_rank_by_what_they_have_in_common() -> None:
    fire, water = (ranked(lone({f"Film {n}": kind for n in range(6)} | {"Else 1": "talk", "Else 2": "talk"})) for kind in KINDS)
    burns = board().fire(fire.index.to_series())
    assert fire[burns].mean() > fire[~burns].mean()
    assert water[burns].mean() < water[~burns].mean()


def test_titles_that_say_nothing_leave_the_order_to_film_grammar() -> None:
    found = ranked(lone({"Aaaa": "", "Bbbb": ""}))
    assert found.nunique() > 1
    assert spearman(found.to_numpy(), prior(board().index).reindex(found.index).to_numpy()) > 0.99
