"""Content credentials: signed, in a file or beside it, read back; whatever is changed is found."""

import json
import stat
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from trailers.editor import credentials
from trailers.editor.credentials import Action, Signer, Source, Statement
from trailers.editor.render import marked
from trailers.errors import RequestError

STATEMENT = Statement(
    title="Night",
    program=("trailers", "0.1.0"),
    sources=(Source("e01", "e01.mp4", "video/mp4", "ab" * 32), Source("sound-cd", "bed.m4a", "audio/mp4", "cd" * 32)),
    actions=(
        Action("c2pa.created", "cut by a program"),
        Action("c2pa.placed", "clip 1", "e01", (Fraction(0), Fraction(3, 2)), {"frames": "100-136", "rate": "24"}),
        Action("c2pa.placed", "music", "sound-cd"),
    ),
    facts={"schema": "Cut.1", "by_people": [{"decision": 3, "what": "veto"}]},
)


@pytest.fixture(scope="module")
def hand(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return credentials.signer(*credentials.self_made(tmp_path_factory.mktemp("signing")))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of moving grey with a tone, an edit list for the delay of its encoders, time code, the index in front."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    options = {"movflags": "+faststart", "movie_timescale": "10008", "fflags": "+bitexact"}  # as `render.assemble` sets it
    with av.open(str(path), "w", format="mp4", options=options) as file:
        file.metadata["title"] = "Night"
        video, audio = file.add_stream("libx264", rate=24), file.add_stream("aac", rate=48000)
        video.width, video.height, video.pix_fmt = 128, 72, "yuv420p"
        video.metadata["timecode"] = "10:00:00:00"
        for n in range(48):
            picture = av.VideoFrame.from_ndarray(np.full((72, 128, 3), 4 * n, np.uint8), format="rgb24")
            file.mux(video.encode(picture))
        wave = np.sin(np.arange(96000) / 20).astype(np.float32)
        tone = av.AudioFrame.from_ndarray(np.stack([wave, wave]), format="fltp", layout="stereo")
        tone.rate = 48000
        for sounds in (tone, None):
            file.mux(audio.encode(sounds))
        file.mux(video.encode(None))
    return path


def packets(path: Path) -> list[tuple[object, ...]]:
    with av.open(str(path)) as file:
        return [(each.stream.index, each.pts, each.dts, each.duration, bytes(each)) for each in file.demux() if each.size]


def boxes(path: Path) -> list[str]:
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        found.append(data[at + 4 : at + 8].decode("latin-1"))
        at += int.from_bytes(data[at : at + 4], "big")
    return found


def edits(path: Path) -> list[bytes]:
    return [part[: int.from_bytes(part[4:8], "big") * 12 + 8] for part in path.read_bytes().split(b"elst")[1:]]


def test_a_signed_file_tells_what_it_was_made_from_and_what_was_done(film: Path, hand: Signer, tmp_path: Path) -> None:
    found = credentials.read(credentials.signed(film, STATEMENT, hand, tmp_path / "signed.mp4"))
    assert found
    assert (found.state, found.problems, found.title) == ("valid", (), "Night")
    assert found.sources == {"e01.mp4": "ab" * 32, "bed.m4a": "cd" * 32}
    assert found.facts == json.loads(json.dumps(STATEMENT.facts))
    assert found.organisation == credentials.SELF_MADE
    assert "not to be trusted" in found.name


def test_a_clip_says_which_frames_of_which_source_and_when_they_are_seen(film: Path, hand: Signer, tmp_path: Path) -> None:
    import c2pa

    path = credentials.signed(film, STATEMENT, hand, tmp_path / "signed.mp4")
    with c2pa.Reader(str(path)) as reader:
        manifest = reader.get_active_manifest()
    acts = next(each["data"] for each in manifest["assertions"] if each["label"] == "c2pa.actions.v2")
    created, clip, _ = acts["actions"]
    assert acts["allActionsIncluded"] is True
    assert created["digitalSourceType"] == credentials.COMPOSITE
    assert (clip["parameters"]["frames"], clip["parameters"]["rate"]) == ("100-136", "24")
    assert clip["parameters"]["ingredients"][0]["url"].endswith("ingredient.v3")
    assert clip["changes"][0]["region"][0]["time"] == {"type": "npt", "start": "0", "end": "1.5"}


def test_pictures_sound_and_their_times_are_the_same_and_the_index_stays_in_front(
    film: Path, hand: Signer, tmp_path: Path
) -> None:
    path = credentials.signed(film, STATEMENT, hand, tmp_path / "signed.mp4")
    assert packets(path) == packets(film)
    assert edits(path) == edits(film) != []
    assert boxes(path).index("moov") < boxes(path).index("mdat")


@pytest.mark.parametrize("where", [0.001, 0.2, 0.5, 0.999])
def test_a_changed_byte_is_found(film: Path, hand: Signer, tmp_path: Path, where: float) -> None:
    path = credentials.signed(film, STATEMENT, hand, tmp_path / "signed.mp4")
    data = bytearray(path.read_bytes())
    begin = data.index(b"moov") - 4
    data[begin + 8 + int(where * (len(data) - begin - 9))] ^= 1
    path.write_bytes(data)
    found = credentials.read(path)
    assert found
    assert found.state == "invalid"
    assert found.problems


def test_a_statement_cannot_be_changed_without_being_found(film: Path, hand: Signer, tmp_path: Path) -> None:
    path = credentials.signed(film, STATEMENT, hand, tmp_path / "signed.mp4")
    path.write_bytes(path.read_bytes().replace(b"cut by a program", b"cut by a painter"))
    found = credentials.read(path)
    assert found
    assert found.state == "invalid"


def test_a_credential_beside_a_file_leaves_it_as_it_is_and_holds_for_it_alone(film: Path, hand: Signer, tmp_path: Path) -> None:
    beside = credentials.sidecar(film, STATEMENT, hand, tmp_path / "film.mp4.c2pa")
    found, other = credentials.read(film, beside), tmp_path / "other.mp4"
    assert found
    assert found.state == "valid"
    assert credentials.read(film) is None, "nothing was put into it"
    other.write_bytes(film.read_bytes()[:-1] + b"\0")
    strange = credentials.read(other, beside)
    assert strange
    assert strange.state == "invalid"
    assert [path.name for path in tmp_path.iterdir() if path.suffix not in (".mp4", ".c2pa")] == []


def test_who_signed_is_trusted_by_those_who_trust_the_authority_alone(film: Path, tmp_path: Path) -> None:
    chains = [credentials.self_made(tmp_path / name) for name in ("ours", "stranger")]
    hand, known = credentials.signer(*chains[0]), [credentials.known(certificate) for _, certificate in chains]
    path = credentials.signed(film, STATEMENT, hand, tmp_path / "signed.mp4")
    found = [credentials.read(path, anchors=each) for each in (*(each.authority for each in known), b"")]
    assert [each.state for each in found if each] == ["trusted", "valid", "valid"]
    assert {each.number for each in found if each} == {known[0].number}


def test_a_test_key_is_its_owners_alone(tmp_path: Path) -> None:
    key, certificate = credentials.self_made(tmp_path / "signing")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert b"PRIVATE" not in certificate.read_bytes()
    assert "PRIVATE" not in repr(credentials.signer(key, certificate)), "a key is not printed by chance"


def test_a_key_of_another_certificate_and_files_that_are_none_are_refused_in_words(tmp_path: Path) -> None:
    key, certificate = credentials.self_made(tmp_path / "one")
    other, _ = credentials.self_made(tmp_path / "two")
    (tmp_path / "none.pem").write_text("nothing")
    for given, says in (
        ((other, certificate), "another key"),
        ((tmp_path / "none.pem", certificate), "a private key in PEM"),
        ((key, tmp_path / "none.pem"), "certificates in PEM"),
    ):
        with pytest.raises(RequestError, match=says):
            credentials.signer(*given)


def test_keys_of_other_kinds_sign_too(film: Path, tmp_path: Path) -> None:
    """A house's own chain, of RSA and of P-384."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    named = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Us"), x509.NameAttribute(NameOID.COMMON_NAME, "Cutting")])
    above = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Us"), x509.NameAttribute(NameOID.COMMON_NAME, "All")])
    for private in (rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())):
        top = ec.generate_private_key(ec.SECP256R1())
        made = (
            x509.CertificateBuilder().subject_name(named).issuer_name(above).public_key(private.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.now(UTC) - timedelta(days=1)).not_valid_after(datetime.now(UTC) + timedelta(days=1))
            .add_extension(x509.BasicConstraints(False, None), True)
            .add_extension(x509.KeyUsage(True, False, False, False, False, False, False, False, False), True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(top.public_key()), False)
            .sign(top, hashes.SHA256())
        )  # fmt: skip
        form, bare = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        (tmp_path / "key.pem").write_bytes(private.private_bytes(serialization.Encoding.PEM, form, bare))
        (tmp_path / "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
        hand = credentials.signer(tmp_path / "key.pem", tmp_path / "certificate.pem")
        found = credentials.read(credentials.signed(film, STATEMENT, hand, tmp_path / "signed.mp4"))
        assert found
        assert (found.state, found.organisation, found.name) == ("valid", "Us", "Cutting")


def test_words_of_any_kind_are_stated_as_they_are(film: Path, hand: Signer, tmp_path: Path) -> None:
    said = replace(STATEMENT, title='"Ночь" <b>\n', facts={"line": "夜\u202e'\"\\"})
    found = credentials.read(credentials.signed(film, said, hand, tmp_path / "signed.mp4"))
    assert found
    assert (found.title, found.facts) == (said.title, said.facts)


def test_a_marked_file_says_so_and_is_otherwise_the_same(film: Path, tmp_path: Path) -> None:
    path = marked(film, "DRAFT", tmp_path / "draft.mp4")
    assert packets(path) == packets(film)
    assert edits(path) == edits(film)
    assert [name for name in boxes(path) if name != "free"] == [name for name in boxes(film) if name != "free"]
    with av.open(str(path)) as file:
        assert (file.metadata["title"], file.metadata["comment"]) == ("DRAFT: Night", "DRAFT")
        assert file.streams.video[0].metadata["timecode"] == "10:00:00:00"
    assert marked(film, "DRAFT", tmp_path / "again.mp4").read_bytes() == path.read_bytes()
