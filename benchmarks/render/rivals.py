"""What others do with the same cut list: the afternoon MoviePy script, and one ffmpeg filter graph a variant."""

import sys
from collections.abc import Sequence
from pathlib import Path

OWN: tuple[str, ...] = ()  # the tool's own settings: x264's "medium" at 23
OURS = ("-preset", "superfast", "-crf", "20")  # as our pieces are encoded


def moviepy(film: Path, cuts: Sequence[tuple[float, float]], music: Path | None, path: Path, how: Sequence[str]) -> None:
    """The script that people write: subclips, joined, a bed under them, one encode; cuts in seconds."""
    from moviepy import AudioFileClip, CompositeAudioClip, VideoFileClip, afx, concatenate_videoclips

    source = VideoFileClip(str(film))
    clips = [source.subclipped(*cut) for cut in cuts]
    whole = concatenate_videoclips(clips)
    if music:
        bed = AudioFileClip(str(music)).with_effects([afx.AudioLoop(duration=whole.duration), afx.MultiplyVolume(0.4)])
        whole = whole.with_audio(CompositeAudioClip([whole.audio, bed.with_effects([afx.AudioFadeOut(1)])]))
    more = {"preset": how[1], "ffmpeg_params": list(how[2:])} if how else {}
    whole.write_videofile(str(path), codec="libx264", audio_codec="aac", threads=2, logger=None, **more)


def graph(
    ffmpeg: str, film: Path, cuts: Sequence[tuple[float, float]], music: Path | None, path: Path, how: Sequence[str]
) -> list[str]:
    """One command: an input a clip, sought and decoded from its key picture on, joined, mixed, brought to a level, encoded."""
    inputs = [part for start, stop in cuts for part in ("-ss", f"{start:.6f}", "-t", f"{stop - start:.6f}", "-i", str(film))]
    pairs = "".join(f"[{n}:v][{n}:a]" for n in range(len(cuts)))
    joined = f"{pairs}concat=n={len(cuts)}:v=1:a=1[v][s]"
    if music:
        inputs += ["-stream_loop", "-1", "-i", str(music)]
        joined += f";[{len(cuts)}:a]aformat=channel_layouts=stereo,volume=0.4[bed];[s][bed]amix=inputs=2:duration=first[s2]"
    joined += f";{'[s2]' if music else '[s]'}loudnorm=I=-16:TP=-1.5,aresample=48000[a]"
    coded = ["-c:v", "libx264", "-pix_fmt", "yuv420p", *how, "-c:a", "aac", "-movflags", "+faststart"]
    return [ffmpeg, "-v", "error", "-y", *inputs, "-filter_complex", joined, "-map", "[v]", "-map", "[a]", *coded, str(path)]


if __name__ == "__main__":  # started as one of the timed processes
    film, music, path, cuts, *how = sys.argv[1:]
    pairs = [tuple(map(float, cut.split("-"))) for cut in cuts.split(",")]
    moviepy(Path(film), pairs, Path(music) if music else None, Path(path), how)  # type: ignore[arg-type]
