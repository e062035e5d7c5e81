"""A demo signs with a test of its own, and says what it is."""

import shutil
import stat
from pathlib import Path

from trailers.demo import sign
from trailers.editor.credentials import SELF_MADE
from trailers.signing import signer
from trailers.spec import read_season


def test_a_demo_season_names_a_signer_of_its_own_that_is_called_a_test(tiny_season: Path, tmp_path: Path) -> None:
    folder = tmp_path / "season"
    shutil.copytree(tiny_season.parent, folder)
    sign(folder)
    season = read_season(folder / "season.toml")
    hand, key = signer(season), season.delivery.key
    assert hand
    assert key
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    from cryptography import x509

    own, authority = x509.load_pem_x509_certificates(hand.certificates)
    assert own.issuer == authority.subject
    assert SELF_MADE in own.subject.rfc4514_string()
    assert "signing/" not in tiny_season.read_text(), "the drawn season itself is the same bytes each time"
