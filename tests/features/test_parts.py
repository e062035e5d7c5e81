"""What repeats at the beginning of a season's episodes is titles or a recap, text that runs to the end is credits; nothing else
is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pandas as pd

from trailers.features.parts import parts
from trailers.features.shots import Shot
from trailers.features.span import Span

RATE = Fraction(24)


@dataclass(frozen=True)
class Take:
    """One shot of a made episode: what it shows, for how many frames, and what is said and written over it."""

    shows: str
    frames: int = 60
    text: float = 0.0
    talk: float = 0.0
    brightness: float = 0.5


TITLES = tuple(Take(f"title {n}", frames, text) for n, (frames, text) in enumerate(((30, 0.0), (22, 0.7), (41, 0.0), (55, 0.9))))
CREDITS = tuple(Take(f"credits {n}", 100, text=0.8, brightness=0.05) for n in range(3))
LOGO = Take("the maker's sign", 48, text=0.9, brightness=0.6)


def story(name: str, count: int = 30) -> tuple[Take, ...]:
    """Shots that are seen once, some of them spoken."""
    return tuple(Take(f"{name} {n}", 40 + 7 * n % 50, talk=0.9 if n % 3 else 0.0) for n in range(count))


def told(*episodes: Sequence[Take], rates: Sequence[Fraction] = ()) -> list[list[str]]:
    """The parts of each episode's shots."""
    shots, vectors, rows = [], [], []
    for number, takes in enumerate(episodes, start=1):
        start = 0
        for n, take in enumerate(takes):
            id = f"e{number:02d}"
            shots.append(Shot(f"{id}/{n:04d}", id, Span(start, start + take.frames)))
            start += take.frames
            shown = sum((picture(part) for part in take.shows.split(" + ")), np.zeros(128))
            seen = shown + 0.05 * np.linalg.norm(shown) * picture(f"{id} {n}") / np.linalg.norm(picture(f"{id} {n}"))
            vectors.append(seen / np.linalg.norm(seen))
            rows.append(("#806040 #405060 #a0a0a0", take.brightness, take.text, take.talk, take.talk))
    index = pd.Index([shot.id for shot in shots], name="shot")
    signals = pd.DataFrame(rows, columns=["palette", "brightness", "text", "talk", "speech"], index=index)
    at = {f"e{n:02d}": rates[n - 1] if rates else RATE for n in range(1, len(episodes) + 1)}
    table = parts(shots, np.array(vectors, np.float32).reshape(-1, 128), signals, at)
    return [table["part"][[shot.id for shot in shots if shot.episode == episode]].tolist() for episode in at]


def picture(name: str) -> np.ndarray:
    return np.random.default_rng(list(name.encode())).normal(size=128)


def piece(take: Take, frames: int = 24) -> Take:
    return replace(take, frames=frames, talk=0.0)


def test_titles_are_the_run_of_shots_that_opens_several_episodes() -> None:
    first, second = told((*story("one", 3), *TITLES, *story("more")), (*TITLES, *story("two")))
    assert first == [""] * 3 + ["titles"] * 4 + [""] * 30
    assert second == ["titles"] * 4 + [""] * 30


def test_a_missed_cut_does_not_hide_the_titles() -> None:
    joined = Take("title 1 + title 2", TITLES[1].frames + TITLES[2].frames)
    for takes in ((TITLES[0], joined, TITLES[3]), (Take("title 0 + title 1", 52), *TITLES[2:])):
        first, second = told((*TITLES, *story("one")), (*takes, *story("two")))
        assert first == ["titles"] * 4 + [""] * 30
        assert second == ["titles"] * 3 + [""] * 30


def test_titles_are_known_at_another_rate_and_with_cuts_a_frame_off() -> None:
    slower = tuple(replace(take, frames=round(take.frames * 25 / 24) + n % 2) for n, take in enumerate(TITLES))
    first, second = told((*TITLES, *story("one")), (*slower, *story("two")), rates=(RATE, Fraction(25)))
    assert first[:5] == second[:5] == ["titles"] * 4 + [""]


def test_titles_are_known_though_they_were_coded_otherwise() -> None:
    """As measured on a film coded twice: vectors of the same shots 0.98, 0.95, 0.83 and 0.93 alike."""
    coded = [
        replace(take, shows=" + ".join([take.shows] * times + [f"noise {take.shows}"]))
        for take, times in zip(TITLES, (5, 3, 2, 3), strict=True)
    ]
    _, second = told((*TITLES, *story("one")), (*coded, *story("two")))
    assert second == ["titles"] * 4 + [""] * 30


def test_a_setup_that_comes_back_is_no_title() -> None:
    kitchen = Take("kitchen", 60)
    assert told((kitchen, *story("one")), (replace(kitchen, frames=90), *story("two"))) == [[""] * 31] * 2
    assert told((kitchen, *story("one")), (kitchen, *story("two"))) == [[""] * 31] * 2  # even as long: one shot is no run


def test_the_same_card_alone_is_titles_where_it_is_written_on() -> None:
    card = Take("card", 96, text=0.9)
    assert told((card, *story("one")), (card, *story("two")))[1][:2] == ["titles", ""]


def test_the_same_scene_late_in_two_episodes_is_no_title() -> None:
    assert told((*story("one"), *TITLES, *story("more", 5)), (*story("two"), *TITLES, *story("rest", 5))) == [[""] * 39] * 2


def test_an_episode_that_is_there_twice_is_not_all_titles() -> None:
    whole = story("one", 120)
    assert told(whole, whole) == [[""] * 120] * 2


def test_a_recap_is_pieces_of_several_places_of_earlier_episodes() -> None:
    one, two = story("one"), story("two")
    recap = (piece(one[4]), piece(one[17]), piece(two[9]), piece(two[22]))
    first, second, third = told(one, two, (*recap, *story("three")))
    assert first == second == [""] * 30
    assert third == ["recap"] * 4 + [""] * 30


def test_a_recap_stands_before_or_after_titles_and_may_hold_a_card() -> None:
    one, two = story("one"), story("two")
    recap = (Take("previously", 40, text=0.9), piece(one[4]), piece(one[17]), Take("a card", 20), piece(one[25]))
    _, second = told((*TITLES, *one), (*recap, *TITLES, *two))
    assert second == [""] + ["recap"] * 4 + ["titles"] * 4 + [""] * 30
    _, second = told((*TITLES, *one), (*TITLES, *recap[1:], *two))
    assert second == ["titles"] * 4 + ["recap"] * 4 + [""] * 30


def test_a_flashback_in_the_middle_is_no_recap() -> None:
    one = story("one")
    flashback = (piece(one[4]), piece(one[17]), piece(one[22]))
    assert told(one, (*story("two"), *flashback, *story("rest"))) == [[""] * 30, [""] * 63]


def test_one_scene_that_is_shown_again_is_no_recap() -> None:
    one = story("one")
    assert told(one, (*one[4:8], *story("two"))) == [[""] * 30, [""] * 34]


def test_an_episode_repeats_none_that_comes_after_it() -> None:
    later = story("later")
    assert told((piece(later[4]), piece(later[17]), piece(later[22]), *story("one")), later)[0] == [""] * 33


def test_credits_are_text_without_speech_at_the_end_of_a_single_episode() -> None:
    assert told((*story("one"), *CREDITS)) == [[""] * 30 + ["credits"] * 3]


def test_credits_differ_from_episode_to_episode_and_end_in_black_and_a_logo() -> None:
    other = tuple(replace(take, shows=f"other {take.shows}") for take in CREDITS)
    black = Take("black", 20, brightness=0.0)
    assert told((*story("one"), *CREDITS, black, LOGO), (*story("two"), *other, black, LOGO)) == [[""] * 30 + ["credits"] * 5] * 2


def test_bright_cards_at_the_end_are_credits_where_they_come_back() -> None:
    card = Take("made by", 80, text=0.8)
    assert told((*story("one"), card), (*story("two"), card)) == [[""] * 30 + ["credits"]] * 2
    assert told((*story("one"), card)) == [[""] * 31]


def test_a_scene_after_long_credits_is_none() -> None:
    long = tuple(replace(take, frames=600) for take in CREDITS)
    assert told((*story("one"), *long, *story("stinger", 2))) == [[""] * 30 + ["credits"] * 3 + [""] * 2]


def test_a_sign_in_the_story_is_no_credits() -> None:
    sign = Take("a shop's sign", 72, text=0.9)
    early = replace(CREDITS[0], frames=900)
    assert told((*story("one"), sign, *story("more", 4))) == [[""] * 35]
    assert told((*story("one"), sign)) == [[""] * 31]
    assert told((early, *story("one"))) == [[""] * 31]


def test_speech_over_text_is_a_scene() -> None:
    assert told((*story("one"), *(replace(take, talk=0.8) for take in CREDITS))) == [[""] * 33]


def test_a_season_with_everything() -> None:
    one, two, three = story("one"), story("two"), story("three")
    recap = (piece(one[4]), piece(two[17]), piece(two[22]))
    first, second, third = told((*TITLES, *one, *CREDITS), (*TITLES, *two, *CREDITS), (*recap, *TITLES, *three, *CREDITS))
    assert first == second == ["titles"] * 4 + [""] * 30 + ["credits"] * 3
    assert third == ["recap"] * 3 + first


def test_nothing_is_found_where_nothing_is() -> None:
    assert told(story("one"), story("two"), story("three")) == [[""] * 30] * 3
    assert told() == []
