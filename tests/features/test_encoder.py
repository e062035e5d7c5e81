"""Encoders: one contract that every one of them keeps, and what each does of its own."""

import json
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trailers.errors import RequestError
from trailers.features import bundled
from trailers.features import encoder as encoder_room
from trailers.features.encoder import Encoder, OpenClip, open_encoder

Photo = Callable[[str], np.ndarray]

TINY: dict[str, Any] = {
    "embed_dim": 24,
    "vision_cfg": {"image_size": 48, "layers": 2, "width": 64, "patch_size": 16},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2},
}


@pytest.fixture(scope="session")
def tiny_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint with random weights of a small model that open_clip then knows as `tiny-trailers`."""
    return make_tiny(tmp_path_factory.mktemp("tiny"), seed=1)


@pytest.fixture(scope="session")
def fp32(tiny_clip: Path) -> Encoder:
    return opened(tiny_clip, bf16=False)


@pytest.fixture(scope="session")
def bf16(tiny_clip: Path) -> Encoder:
    return opened(tiny_clip, bf16=True)


def opened(weights: Path, bf16: bool) -> Encoder:
    """The tiny model as on hardware that multiplies bf16, or does not; any can, if slowly."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoder_room, "_multiplies_bf16", lambda: bf16)
        return open_encoder("tiny-trailers", weights)


def make_tiny(folder: Path, seed: int) -> Path:
    from trailers.features.encoder import _torchvision

    _torchvision()
    import open_clip
    import torch

    (folder / "tiny-trailers.json").write_text(json.dumps(TINY))
    hub = TINY | {"text_cfg": {**TINY["text_cfg"], "hf_tokenizer_name": "nobody/nothing"}}
    (folder / "tiny-hub.json").write_text(json.dumps(hub))
    open_clip.add_model_config(folder)
    torch.manual_seed(seed)
    torch.save(open_clip.create_model("tiny-trailers").state_dict(), path := folder / f"tiny{seed}.pt")
    return path


def pictures(encoder: Encoder, n: int = 5) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, encoder.size, encoder.size, 3), np.uint8)


class EncoderContract:
    """What the rest of the house relies on, whatever the encoder."""

    @pytest.fixture
    def encoder(self) -> Encoder:
        raise NotImplementedError

    def test_rows_are_unit_float32(self, encoder: Encoder) -> None:
        for rows in (encoder.images(pictures(encoder)), encoder.texts(["a dog", "two people talk", ""])):
            assert rows.dtype == np.float32
            assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)

    def test_pictures_and_texts_share_their_dimensions(self, encoder: Encoder) -> None:
        assert encoder.images(pictures(encoder, 3)).shape == (3, encoder.dim)
        assert encoder.texts(["a", "b"]).shape == (2, encoder.dim)

    def test_nothing_gives_no_rows(self, encoder: Encoder) -> None:
        assert encoder.images(pictures(encoder, 0)).shape == (0, encoder.dim)
        assert encoder.texts([]).shape == (0, encoder.dim)

    def test_same_input_same_bytes(self, encoder: Encoder) -> None:
        assert encoder.images(pictures(encoder)).tobytes() == encoder.images(pictures(encoder)).tobytes()
        assert encoder.texts(["a dog"]).tobytes() == encoder.texts(["a dog"]).tobytes()

    def test_a_row_depends_on_its_own_item_alone(self, encoder: Encoder) -> None:
        shown, said = pictures(encoder), ["a dog", "two people talk at night", "rain", "a"]
        assert encoder.images(shown)[3].tobytes() == encoder.images(shown[3:4])[0].tobytes()
        assert encoder.texts(said)[1].tobytes() == encoder.texts(said[1:2])[0].tobytes()

    def test_different_items_differ(self, encoder: Encoder) -> None:
        for rows in (encoder.images(pictures(encoder, 2)), encoder.texts(["a dog", "a house"])):
            assert rows[0] @ rows[1] < 0.9999

    def test_it_has_a_name_without_blanks(self, encoder: Encoder) -> None:
        assert encoder.name
        assert " " not in encoder.name


class TestBundled(EncoderContract):
    @pytest.fixture
    def encoder(self, bundled_encoder: Encoder) -> Encoder:
        return bundled_encoder

    def test_it_says_what_it_cannot_see(self, encoder: Encoder) -> None:
        assert encoder.limits
        assert "\n" not in encoder.limits
        for word in ("people", "mood", "night", "weights"):
            assert word in encoder.limits

    def test_it_is_named_by_the_bytes_of_its_weights(self, encoder: Encoder) -> None:
        assert re.fullmatch(r"bundled\.1@[0-9a-f]{12}:224", encoder.name)

    def test_photographs_find_their_names(self, encoder: Encoder, photo: Photo) -> None:
        shown = encoder.images(np.stack([photo("chelsea"), photo("coffee"), photo("stereo_motorcycle"), photo("china.jpg")]))
        said = encoder.texts(["a cat", "a cup of coffee", "a motorcycle", "a temple"])
        assert (shown @ said.T).argmax(1).tolist() == [0, 1, 2, 3]
        assert (shown @ said.T).argmax(0).tolist() == [0, 1, 2, 3]

    def test_the_network_is_the_published_one(self, encoder: Encoder, photo: Photo) -> None:
        """The classes that EfficientNet-Lite0's own implementation gives these photographs, and how sure it is."""
        assert isinstance(encoder, bundled.Bundled)
        names = bundled.class_names()
        belief = {name: encoder._network.run(None, {"picture": photo(name)[None]})[0][0] for name in ("chelsea", "coffee")}
        assert names[belief["chelsea"].argmax()] == "Egyptian Mau"
        assert names[belief["coffee"].argmax()] == "espresso"
        assert belief["chelsea"].sum() == pytest.approx(1, abs=1e-5)
        assert belief["chelsea"].max() == pytest.approx(0.39574, abs=1e-3)

    def test_sentences_are_those_of_the_published_model(self) -> None:
        """Cosines that sentence-transformers gives for the same weights."""
        rows = bundled.Sentences().vectors(["a cat on the mat", "a kitten", "the stock market"])
        assert rows[0] @ rows[1] == pytest.approx(0.56783, abs=1e-4)
        assert rows[0] @ rows[2] == pytest.approx(0.06501, abs=1e-4)

    def test_what_is_made_once_is_kept(self, bundled_cache: Path, encoder: Encoder) -> None:
        encoder.images(pictures(encoder, 1))
        assert sorted(path.name for path in bundled_cache.iterdir()) == ["bundled.1.names", "bundled.1.onnx"]
        again = open_encoder(cache=bundled_cache)
        assert again.images(pictures(encoder)).tobytes() == encoder.images(pictures(encoder)).tobytes()

    def test_the_network_is_written_with_the_same_bytes(self, bundled_cache: Path) -> None:
        made = bundled.classifier().SerializeToString(deterministic=True)
        assert made == (bundled_cache / "bundled.1.onnx").read_bytes()

    def test_a_process_killed_while_writing_leaves_nothing_half_made(self, tmp_path: Path) -> None:
        def dies() -> bytes:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            bundled._kept(tmp_path, "x", dies)
        assert bundled._kept(tmp_path, "x", lambda: b"whole") == b"whole"
        assert bundled._kept(tmp_path, "x", dies) == b"whole"
        assert [path.name for path in tmp_path.iterdir()] == ["x"]

    def test_encoding_loads_neither_torch_nor_transformers(self, bundled_cache: Path) -> None:
        code = (
            "import sys, numpy as np; from pathlib import Path; from trailers.features.encoder import open_encoder;"
            "e = open_encoder(cache=Path(sys.argv[1])); e.images(np.zeros((1, 224, 224, 3), np.uint8)); e.texts(['a dog']);"
            "print([name for name in ('torch', 'transformers', 'torchvision', 'open_clip') if name in sys.modules])"
        )
        found = subprocess.run([sys.executable, "-c", code, str(bundled_cache)], capture_output=True, text=True, check=True)
        assert found.stdout.strip() == "[]"

    def test_weights_for_it_are_refused(self) -> None:
        with pytest.raises(RequestError, match="bundled encoder brings its weights"):
            open_encoder("bundled", weights="openai")

    def test_pictures_of_another_size_are_refused(self, encoder: Encoder) -> None:
        with pytest.raises(ValueError, match=r"pictures\.shape"):
            encoder.images(np.zeros((2, 100, 224, 3), np.uint8))


class TestOpenClipInBf16(EncoderContract):
    @pytest.fixture
    def encoder(self, bf16: Encoder) -> Encoder:
        return bf16

    def test_its_vectors_are_near_those_of_fp32_and_under_another_name(self, encoder: Encoder, fp32: Encoder) -> None:
        assert encoder.name == f"{fp32.name}+bf16"
        shown, said = pictures(encoder), ["a dog", "two people talk at night"]
        assert (encoder.images(shown) * fp32.images(shown)).sum(axis=1).min() > 0.999
        assert (encoder.texts(said) * fp32.texts(said)).sum(axis=1).min() > 0.999
        assert encoder.images(shown).tobytes() != fp32.images(shown).tobytes()

    @pytest.mark.parametrize(
        ("model", "takes"), [("ViT-B-32", True), ("coca_ViT-B-32", False), ("xlm-roberta-base-ViT-B-32", False)]
    )
    def test_models_with_parts_that_stay_in_fp32_stay_whole(self, model: str, takes: bool) -> None:
        import open_clip

        assert encoder_room._takes_bf16(open_clip.get_model_config(model)) is takes


class TestOpenClip(EncoderContract):
    @pytest.fixture
    def encoder(self, fp32: Encoder) -> Encoder:
        return fp32

    def test_it_is_named_by_model_and_weights(self, encoder: Encoder, tiny_clip: Path) -> None:
        other = open_encoder("tiny-trailers", make_tiny(tiny_clip.parent, seed=2))
        import hashlib

        digest = hashlib.sha256(tiny_clip.read_bytes()).hexdigest()
        assert encoder.name == f"tiny-trailers@{digest[:12]}:48"
        assert other.name.partition(":")[0] != encoder.name.partition(":")[0]

    def test_pictures_are_seen_as_open_clip_sees_them(self, encoder: Encoder) -> None:
        import open_clip
        import torch
        from PIL import Image

        assert isinstance(encoder, OpenClip)
        shown = pictures(encoder, 2)
        prepare = open_clip.transform.image_transform_v2(open_clip.transform.PreprocessCfg(size=48), is_train=False)
        with torch.inference_mode():
            theirs = encoder.model.encode_image(torch.stack([prepare(Image.fromarray(each)) for each in shown]), normalize=True)
        assert encoder.images(shown) == pytest.approx(theirs.numpy(), abs=1e-5)

    def test_safetensors_load_too(self, tiny_clip: Path) -> None:
        import torch
        from safetensors.torch import save_file

        state = {name: tensor.clone() for name, tensor in torch.load(tiny_clip, weights_only=True).items()}
        save_file(state, path := tiny_clip.with_suffix(".safetensors"))
        loaded, whole = (open_encoder("tiny-trailers", each) for each in (path, tiny_clip))
        assert loaded.texts(["a dog"]).tobytes() == whole.texts(["a dog"]).tobytes()

    def test_a_real_clip_declares_no_limits(self, encoder: Encoder) -> None:
        assert encoder.limits is None


def refused(name: str, weights: str | Path | None = None) -> str:
    with pytest.raises(RequestError) as caught:
        open_encoder(name, weights)
    text = str(caught.value)
    assert "\n" not in text
    return text


class TestRefusals:
    """A wrong request ends in one line that says what to do."""

    @pytest.mark.parametrize(("asked", "meant"), [("ViT-B32", "ViT-B-32"), ("vit-b-32", "ViT-B-32"), ("bundle", "bundled")])
    def test_an_unknown_name_suggests_close_ones(self, asked: str, meant: str) -> None:
        assert meant in refused(asked).partition("close to it:")[2].replace(",", " ").split()

    def test_random_weights_are_no_encoder(self) -> None:
        assert "without weights" in refused("ViT-B-32")

    def test_a_tag_that_is_not_here_names_the_command_that_fetches_it(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        text = refused("ViT-B-32", "laion2b_s34b_b79k")
        assert "ViT-B-32" in text
        assert "hf download laion/CLIP-ViT-B-32-laion2B-s34B-b79K" in text

    def test_a_tokenizer_that_is_not_here_is_not_fetched(self, tiny_clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        import socket

        def reached(*_: object) -> None:
            raise AssertionError("the network was asked")

        monkeypatch.setattr(socket, "getaddrinfo", reached)
        assert "hf download nobody/nothing" in refused("tiny-hub", tiny_clip)

    def test_a_tag_that_does_not_exist_suggests_tags(self) -> None:
        assert "laion2b_s34b_b79k" in refused("ViT-B-32", "laion2b_s34b")

    def test_a_tag_in_the_cache_is_loaded_with_its_own_settings(
        self, tiny_clip: Path, encoder_of_tag: Callable[[dict[str, object]], Encoder]
    ) -> None:
        plain = open_encoder("tiny-trailers", tiny_clip)
        tagged = encoder_of_tag({"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5), "quick_gelu": True})
        weights, _, precision = plain.name.partition(":48")
        assert tagged.name == f"{weights}:48+quickgelu+0.5,0.5,0.5,0.5,0.5,0.5{precision}"
        assert isinstance(tagged, OpenClip)
        assert tagged.mean.flatten().tolist() == [127.5] * 3
        assert "QuickGELU" in repr(tagged.model)

    @pytest.fixture
    def encoder_of_tag(
        self, tiny_clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[[dict[str, object]], Encoder]:
        from open_clip import pretrained

        def make(settings: dict[str, object]) -> Encoder:
            monkeypatch.setenv("HOME", str(tmp_path))
            (tmp_path / ".cache/clip").mkdir(parents=True)
            (tmp_path / ".cache/clip/tiny-weights.pt").write_bytes(tiny_clip.read_bytes())
            monkeypatch.setitem(
                pretrained._PRETRAINED, "tiny-trailers", {"mine": {"url": "https://example.org/tiny-weights.pt", **settings}}
            )
            return open_encoder("tiny-trailers", "mine")

        return make

    def test_weights_of_another_model_are_refused(self, tiny_clip: Path) -> None:
        text = refused("ViT-B-32", tiny_clip)
        assert tiny_clip.name in text
        assert "ViT-B-32" in text

    @pytest.mark.parametrize("content", [b"", b"no weights", pickle.dumps({}, 2), pickle.dumps([1, 2], 2)])
    @pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
    @pytest.mark.usefixtures("tiny_clip")
    def test_a_file_that_holds_no_weights_is_refused(self, tmp_path: Path, content: bytes, suffix: str) -> None:
        (path := tmp_path / f"broken{suffix}").write_bytes(content)
        assert path.name in refused("tiny-trailers", path)

    @pytest.mark.usefixtures("tiny_clip")
    def test_a_checkpoint_that_would_run_code_is_refused(self, tmp_path: Path) -> None:
        import torch

        class Evil:
            def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
                return Path.touch, (tmp_path / "ran",)  # type: ignore[return-value]

        torch.save({"state_dict": Evil()}, path := tmp_path / "evil.pt")
        refused("tiny-trailers", path)
        assert not (tmp_path / "ran").exists()


def test_torchvision_built_for_another_torch_is_mended_and_a_sound_one_left_alone() -> None:
    code = (
        "from trailers.features.encoder import _torchvision, _LIBRARIES; _torchvision(); first = len(_LIBRARIES); _torchvision();"
        "import torchvision.transforms, timm; assert len(_LIBRARIES) == first <= 1"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_bundled_encoder_leaves_nothing_in_a_home_and_asks_no_network(bundled_cache: Path, tmp_path: Path) -> None:
    code = (
        "import sys, socket, numpy as np; from pathlib import Path\n"
        "def refuse(*_): raise SystemExit('asked the network')\n"
        "socket.socket.connect = refuse\n"
        "from trailers.features.encoder import open_encoder\n"
        "encoder = open_encoder('bundled', None, Path(sys.argv[1]))\n"
        "encoder.images(np.zeros((1, encoder.size, encoder.size, 3), np.uint8)); encoder.texts(['a rabbit'])\n"
    )
    home = {**{name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))}, "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code, str(bundled_cache)], check=True, env=home)
    assert list(tmp_path.rglob("*")) == []
