"""A folder for an editor: what is in it, from which masters, and that another player shows the same film."""

import json
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import opentimelineio as otio
import pytest
from numpy.typing import NDArray

from trailers import errands
from trailers.editor.timeline import Timeline, from_json
from trailers.errors import RequestError
from trailers.features.timecode import frame_of
from trailers.handover import FORMATS, Handed
from trailers.results import Run
from trailers.review.acts import Veto
from trailers.review.decisions import append
from trailers.run import engine
from trailers.spec import read_season
from trailers.stages import open_work


def handed(season: Path, *trailers: str, formats: tuple[str, ...] = (), masters: Path | None = None) -> list[Handed]:
    asked = read_season(season)
    with engine("local", progress=False) as mapped:
        return list(errands.handed_over(asked, trailers, formats, masters, open_work(asked, mapped)))


def pictures(video: Path) -> NDArray[np.float32]:
    with av.open(str(video)) as file:
        shown = [frame.reformat(160, 90, "gray").to_ndarray() for frame in file.decode(video=0)]
    return np.array(shown, np.float32)


@pytest.fixture(scope="session")
def general(ran: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an editor gets of the general trailer of the tiny season."""
    folder = tmp_path_factory.mktemp("handed") / "season"
    shutil.copytree(ran.season.folder, folder)
    (made,) = handed(folder / "season.toml", "general")
    return made.folder


def test_the_folder_holds_cut_media_captions_and_what_was_not_used(general: Path) -> None:
    names = {path.name for path in general.iterdir()}
    endings = (".otio", ".otioz", ".edl", ".xml", ".fcpxml", ".mlt", ".json", ".shots.csv", ".reference.mp4")
    assert names >= {f"general{ending}" for ending in endings}
    assert names >= {f"general.unused{ending}" for ending in (".otio", ".edl", ".xml", ".fcpxml", ".mlt")}
    told = json.loads((general / "handover.json").read_text(encoding="utf-8"))
    assert {item["file"] for item in told["files"]} <= names
    assert [note for note in told["notes"] if note.startswith("no time code")], "the drawn episodes carry none"
    cut = cut_of(general)
    cards = {path.name for path in (general / "media").glob("card-*.mp4")}
    assert len(cards) == len(cut.cards)
    stems = {path.stem for path in (general / "stems").glob("*.wav")}
    assert {"mix", "natural"} <= stems, "the levels, which no format carries"
    if cut.music:
        assert (general / "media" / cut.music.name).is_file()


def cut_of(folder: Path) -> Timeline:
    return from_json((folder / f"{folder.name}.json").read_text(encoding="utf-8"))


def test_cards_and_music_are_media_that_lie_beside_the_cut(general: Path) -> None:
    found = otio.adapters.read_from_file(str(general / "general.otio"))
    for clip in found.find_clips():
        assert isinstance(clip.media_reference, otio.schema.ExternalReference)
        assert (general / clip.media_reference.target_url).exists(), clip.name
    for clip in (clip for clip in found.tracks[0].find_clips() if clip.name.startswith("CARD")):
        with av.open(str(general / clip.media_reference.target_url)) as film:
            assert sum(1 for _ in film.decode(video=0)) >= clip.source_range.duration.value


@pytest.mark.skipif(shutil.which("melt") is None, reason="melt, MLT's player, is not on this machine")
def test_melt_shows_our_film_at_every_cut(general: Path, tmp_path: Path) -> None:
    made, asked = tmp_path / "melt.mp4", ["melt", "general.mlt", "-silent", "-consumer"]
    told = [f"avformat:{made}", "vcodec=libx264", "preset=ultrafast", "crf=14", "an=1", "real_time=-1"]
    subprocess.run([*asked, *told], cwd=general, check=True, capture_output=True, timeout=240)
    theirs, ours, cut = pictures(made), pictures(general / "general.reference.mp4"), cut_of(general)
    assert len(theirs) == len(ours) == cut.frames
    mixed = {frame for clip in cut.clips for frame in range(clip.into.start, clip.into.start + clip.mixed)}
    lettered = {frame for each in cut.overlays for frame in range(each.into.start, each.into.stop)}
    off = np.abs(theirs - ours).mean(axis=(1, 2))
    plain = [frame for frame in range(cut.frames) if frame not in mixed | lettered]
    assert len(plain) > cut.frames / 2
    assert off[plain].max() < 4, f"of 255, at frame {plain[int(off[plain].argmax())]}"
    # A frame off would show: neighbours differ more than what is shown at once.
    at = [cut for cut in cut.cuts if {cut - 1, cut} <= set(plain) and np.abs(ours[cut] - ours[cut - 1]).mean() > 8]
    assert at
    for frame in at:
        assert np.abs(theirs[frame] - ours[frame - 1]).mean() > 2 * off[frame]


def test_what_was_not_used_is_best_first_and_nothing_of_it_is_used_or_kept_back(general: Path, ran: Run) -> None:
    found = otio.adapters.read_from_file(str(general / "general.unused.otio"))
    clips = list(found.tracks[0].find_clips())
    scores = [clip.metadata["trailers"]["score"] for clip in clips]
    assert scores == sorted(scores, reverse=True)
    assert len(clips) > 3
    assert not {clip.name for clip in clips} & {clip.shot for clip in cut_of(general).clips}
    for clip in clips:
        start, stop = clip.metadata["trailers"]["span"]
        episode = ran.footage.episodes[clip.metadata["trailers"]["episode"]]
        assert stop <= Fraction(str(ran.season.trailer.spoiler_after)) * episode.frames, "nothing that would spoil"
        assert start < stop


def test_a_vetoed_shot_is_not_offered(done: Path, ran: Run) -> None:
    (before,) = handed(done, "general", formats=("otio",))
    first = next(iter(otio.adapters.read_from_file(str(before.folder / "general.unused.otio")).find_clips())).name
    append(read_season(done).decisions, Veto(first, "season"), "Ana")
    (after,) = handed(done, "general", formats=("otio",))
    offered = {clip.name for clip in otio.adapters.read_from_file(str(after.folder / "general.unused.otio")).find_clips()}
    assert first not in offered
    assert {path.name for path in after.folder.iterdir() if path.suffix in (".edl", ".xml")} == set(), "only what was asked for"


def masters_of(ran: Run, folder: Path) -> Path:
    """The season's episodes as a camera's house would name them, with time code from ten o'clock on."""
    folder.mkdir()
    listed = []
    for number, (id, episode) in enumerate(ran.footage.episodes.items(), 1):
        name = f"A00{number}C001_261130.mov"
        with av.open(str(episode.path)) as given, av.open(str(folder / name), "w", format="mov") as made:
            streams = {
                stream.index: made.add_stream_from_template(stream) for stream in (*given.streams.video, *given.streams.audio)
            }
            made.streams.video[0].metadata["timecode"] = "10:00:00:00"
            made.streams.video[0].metadata["reel_name"] = f"A00{number}C001"
            for packet in given.demux(*(given.streams[index] for index in streams)):
                if packet.dts is not None:
                    packet.stream = streams[packet.stream.index]
                    made.mux(packet)
        listed.append(f'[{id}]\nfile = "{name}"\n')
    (folder / "masters.toml").write_text("\n".join(listed), encoding="utf-8")
    return folder


def test_masters_give_their_names_reels_and_time_codes(done: Path, ran: Run, tmp_path: Path) -> None:
    (made,) = handed(done, "general", formats=("edl", "fcp7", "otio"), masters=masters_of(ran, tmp_path / "masters"))
    cut = cut_of(made.folder)
    rate = cut.rate
    lines = [
        line.split() for line in (made.folder / "general.edl").read_text(encoding="ascii").splitlines() if line[:3].isdigit()
    ]
    shown = [line for line in lines if line[1] != "CARD" and line[-2] != line[-1] and "V" in line[2]]
    begins = frame_of("10:00:00:00", rate)
    assert [frame_of(line[-4], rate) for line in shown] == [begins + clip.span.start for clip in cut.clips]
    assert all(line[1].startswith("A00") for line in shown)
    found = otio.adapters.read_from_file(str(made.folder / "general.otio"))
    names = {clip.media_reference.name for clip in found.tracks[0].find_clips() if not clip.name.startswith("CARD")}
    assert names <= {f"A00{number}C001_261130.mov" for number in range(1, 9)}
    assert f"file://localhost{tmp_path}/masters/A00" in (made.folder / "general.xml").read_text(encoding="utf-8")
    assert not [note for note in made.notes if note.startswith("no time code")]


def test_an_episode_without_a_master_is_left_out_of_what_was_not_used_and_refused_in_the_cut(
    done: Path, ran: Run, tmp_path: Path
) -> None:
    masters = masters_of(ran, tmp_path / "masters")
    cuts = {plan.name: {clip.episode for clip in plan.timeline.clips} for plan in ran.plans}
    name, shown = min(cuts.items(), key=lambda item: len(item[1]))
    other = next((id for id in ran.footage.episodes if id not in shown), "")
    listed = masters / "masters.toml"
    full = listed.read_text(encoding="utf-8")
    if other:
        listed.write_text(full.replace(f"[{other}]", "[gone]"), encoding="utf-8")
        (made,) = handed(done, name, formats=("otio",), masters=masters)
        assert any(note.startswith(f"what was not used leaves {other} out: masters: one file of {other}") for note in made.notes)
        found = otio.adapters.read_from_file(str(made.folder / f"{name}.unused.otio"))
        assert other not in {clip.metadata["trailers"]["episode"] for clip in found.find_clips()}
    listed.write_text(full.replace(f"[{min(shown)}]", "[gone]"), encoding="utf-8")
    with pytest.raises(RequestError, match=f"one file of {min(shown)} was asked for"):
        handed(done, name, formats=("otio",), masters=masters)


def test_what_there_is_none_of_is_said_before_anything_is_made(done: Path) -> None:
    with pytest.raises(RequestError, match="no trailer 'genral'; there are general"):
        handed(done, "genral")
    with pytest.raises(RequestError, match=f"no format 'aaf' for editing programs; there are {', '.join(FORMATS)}"):
        handed(done, "general", formats=("aaf",))
    assert not (read_season(done).out / "handover").exists()


def test_a_second_handover_takes_the_place_of_the_first(done: Path) -> None:
    (first,) = handed(done, "general", formats=("edl",))
    (first.folder / "left.txt").write_text("of an editor", encoding="utf-8")
    text = (first.folder / "general.edl").read_bytes()
    (second,) = handed(done, "general", formats=("edl",))
    assert second.folder == first.folder
    assert not (second.folder / "left.txt").exists()
    assert (second.folder / "general.edl").read_bytes() == text


def test_the_command_says_where_and_what_is_lost(done: Path) -> None:
    from click.testing import CliRunner

    from trailers.cli import cli

    told = CliRunner().invoke(cli, ["handover", str(done), "general", "--to", "edl, mlt", "--engine", "local", "--json"])
    assert told.exit_code == 0, told.output
    (made,) = json.loads(told.stdout)
    assert made["folder"].endswith("out/handover/general")
    assert any(note.startswith("edl does not hold") for note in made["notes"])
    assert {path.suffix for path in Path(made["folder"]).glob("general.*")} >= {".edl", ".mlt"}
    assert not (Path(made["folder"]) / "general.otio").exists()
