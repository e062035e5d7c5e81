"""Content credentials (C2PA): what is stated of a file, signed, in it or beside it, and read back."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from trailers.errors import MediaError, RequestError
from trailers.store import Plain, write, write_text

if TYPE_CHECKING:
    from c2pa import Context
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

KINDS: Mapping[str, str] = {".mp4": "video/mp4", ".wav": "audio/wav"}
CUT = "trailers.cut"  # the label of our own assertion
# IPTC's word for a whole of several recorded things, drawn or filmed; nothing in it was generated.
COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/composite"
SELF_MADE = "trailers' own test"  # the organisation in a test certificate
_STRANGE = "signingCredential.untrusted"
_CURVES: Mapping[str, tuple[bytes, str]] = {
    "secp256r1": (b"es256", "P-256"),
    "secp384r1": (b"es384", "P-384"),
    "secp521r1": (b"es512", "P-521"),
}


@dataclass(frozen=True)
class Signer:
    """Who vouches: certificates in PEM, the signer's own first, the private key in PEM, and the algorithm's name."""

    certificates: bytes
    key: bytes = field(repr=False)
    algorithm: bytes


@dataclass(frozen=True)
class Known:
    """A signer as others may know it: the certificate, in PEM, of whoever vouches for it, and its own certificate's number."""

    authority: bytes
    number: str


@dataclass(frozen=True)
class Source:
    """A file that pictures or sounds come from: its id, its name, its kind ("video/mp4") and its sha256."""

    id: str
    file: str
    kind: str
    sha256: str


@dataclass(frozen=True)
class Action:
    """Something that was done, by C2PA's name ("c2pa.placed"), in words: of which source, and from when to when it is seen or
    heard, in seconds of the file."""

    name: str
    words: str
    source: str = ""
    into: tuple[Fraction, Fraction] | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Statement:
    """What is said of a file: its title, what it was made from, what was done, by which program, and facts of our own."""

    title: str
    program: tuple[str, str]
    sources: tuple[Source, ...]
    actions: tuple[Action, ...]
    facts: Mapping[str, Plain]


@dataclass(frozen=True)
class Found:
    """A credential as it was read: `state` is "trusted" (by an authority that was given), "valid" (the bytes are those that were
    signed; who signed is only their word) or "invalid", with the `problems` as C2PA names them. `number` is the signer's
    certificate's."""

    state: Literal["trusted", "valid", "invalid"]
    problems: tuple[str, ...]
    organisation: str
    name: str
    number: str
    title: str
    sources: Mapping[str, str]
    facts: Mapping[str, Any]


def signer(key: Path, certificate: Path) -> Signer:
    """A signer from PEM files: a private key without password, and its certificate followed by those that vouch for it.

    A RequestError where one cannot be read, they do not belong together or C2PA has no algorithm for the key.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    try:
        private = serialization.load_pem_private_key(key.read_bytes(), None)
    except (OSError, ValueError, TypeError) as reason:
        raise RequestError(f"{key.name}: a private key in PEM without a password was asked for: {reason}") from None
    try:
        held = certificate.read_bytes()
        chain = x509.load_pem_x509_certificates(held)
    except (OSError, ValueError) as reason:
        raise RequestError(f"{certificate.name}: certificates in PEM, the signer's own first, were asked for: {reason}") from None
    if private.public_key() != chain[0].public_key():
        raise RequestError(f"{certificate.name}: its first certificate is of another key than {key.name}")
    if isinstance(private, ec.EllipticCurvePrivateKey) and private.curve.name in _CURVES:
        algorithm = _CURVES[private.curve.name][0]
    elif isinstance(private, rsa.RSAPrivateKey) and private.key_size >= 2048:
        algorithm = b"ps256"
    elif isinstance(private, ed25519.Ed25519PrivateKey):
        algorithm = b"ed25519"
    else:
        curves = ", ".join(name for _, name in _CURVES.values())
        raise RequestError(f"{key.name}: credentials are signed with {curves}, Ed25519, or RSA of 2048 bits and more")
    form = serialization.PrivateFormat.PKCS8
    return Signer(held, private.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()), algorithm)


def known(certificate: Path) -> Known:
    """Who signs with a certificate, from its PEM file: no key is needed to know it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    try:
        chain = x509.load_pem_x509_certificates(certificate.read_bytes())
    except (OSError, ValueError) as reason:
        raise RequestError(f"{certificate.name}: certificates in PEM, the signer's own first, were asked for: {reason}") from None
    return Known(chain[-1].public_bytes(serialization.Encoding.PEM), str(chain[0].serial_number))


def signed(file: Path, statement: Statement, by: Signer, to: Path) -> Path:
    """A copy of a file with its credential in it: pictures and sound are the same bytes, the index stays in front of them.

    A signature and its name are drawn by chance, so two signings of one file are never the same bytes.
    """
    _made(file, statement, by, to, embed=True)
    return to


def sidecar(file: Path, statement: Statement, by: Signer, to: Path) -> Path:
    """The credential of a file by itself, which stays as it is."""
    unused = to.with_name(f"{to.name}.copy")
    try:
        to.write_bytes(_made(file, statement, by, unused, embed=False))
    finally:
        unused.unlink(missing_ok=True)
    return to


def _made(file: Path, statement: Statement, by: Signer, to: Path, embed: bool) -> bytes:
    import c2pa

    kind = _kind(file)
    info = c2pa.C2paSignerInfo(alg=by.algorithm, sign_cert=by.certificates, private_key=by.key, ta_url=None)
    try:
        with c2pa.Signer.from_info(info) as hand, c2pa.Builder(_manifest(statement, kind), _context()) as builder:
            if not embed:
                builder.set_no_embed()
            with file.open("rb") as source, to.open("w+b") as target:
                return bytes(builder.sign(hand, kind, source, target))
    except c2pa.C2paError as reason:
        raise MediaError(f"{file.name}: it could not be signed: {reason}") from None


def read(file: Path, beside: Path | None = None, anchors: bytes = b"") -> Found | None:
    """The credential in a file, or that in the file `beside` it; None where there is none. Certificates in PEM that are trusted
    are `anchors`. Nothing is fetched from anywhere. A MediaError for a file that cannot be read."""
    import c2pa

    kind, held = _kind(file), beside.read_bytes() if beside else None
    try:
        with file.open("rb") as stream, c2pa.Reader(kind, stream, held, _context(anchors)) as reader:
            return _found(json.loads(reader.json()))
    except c2pa.C2paError as reason:
        if "ManifestNotFound" in str(reason):
            return None
        return Found("invalid", (str(reason),), "", "", "", "", {}, {})
    except OSError as reason:
        raise MediaError(f"{file.name} cannot be read: {reason.strerror}") from None


def _found(store: Mapping[str, Any]) -> Found:
    manifest = store.get("manifests", {}).get(store.get("active_manifest", ""), {})
    told = manifest.get("signature_info", {})
    problems = tuple(item["code"] for item in store.get("validation_status", []) if item["code"] != _STRANGE)
    state = {"Trusted": "trusted", "Valid": "valid"}.get(store.get("validation_state", ""), "invalid")
    facts: object = next((item["data"] for item in manifest.get("assertions", []) if item["label"] == CUT), {})
    sources = {
        item.get("title", ""): item.get("instance_id", "").removeprefix("sha256:") for item in manifest.get("ingredients", [])
    }
    return Found(
        state=state if not problems else "invalid",  # type: ignore[arg-type]
        problems=problems,
        organisation=told.get("issuer", "") or "",
        name=told.get("common_name", "") or "",
        number=str(told.get("cert_serial_number", "")),
        title=manifest.get("title", "") or "",
        sources=sources,
        facts=facts if isinstance(facts, dict) else {},
    )


def _kind(file: Path) -> str:
    if file.suffix.lower() not in KINDS:
        raise RequestError(f"{file.name}: credentials are for {', '.join(KINDS)}")
    return KINDS[file.suffix.lower()]


def _context(anchors: bytes = b"") -> "Context":
    import c2pa

    settings: dict[str, Any] = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}
    if anchors:
        settings["trust"] = {"trust_anchors": anchors.decode(), "trust_config": "1.3.6.1.5.5.7.3.4\n1.3.6.1.5.5.7.3.36\n"}
    return c2pa.Context(c2pa.Settings.from_dict(settings))


def _manifest(statement: Statement, kind: str) -> str:
    """The statement as C2PA's builder takes it."""
    name, version = statement.program
    agent = {"name": name, "version": version}
    ingredients = [
        {
            "title": source.file,
            "format": source.kind,
            "relationship": "componentOf",
            "instance_id": f"sha256:{source.sha256}",
            "label": source.id,
        }
        for source in statement.sources
    ]
    actions = [_action(action, agent) for action in statement.actions]
    return json.dumps(
        {
            "claim_generator_info": [agent],
            "title": statement.title,
            "format": kind,
            "ingredients": ingredients,
            "assertions": [
                {"label": "c2pa.actions.v2", "data": {"actions": actions, "allActionsIncluded": True}},
                {"label": CUT, "data": statement.facts, "kind": "Json"},
            ],
        },
        ensure_ascii=False,
    )


def _action(action: Action, agent: Mapping[str, str]) -> Mapping[str, object]:
    found: dict[str, object] = {"action": action.name, "softwareAgent": agent, "description": action.words}
    if action.name == "c2pa.created":
        found["digitalSourceType"] = COMPOSITE
    facts: dict[str, object] = dict(action.facts)
    if action.source:
        facts["ingredientIds"] = [action.source]
    if facts:
        found["parameters"] = facts
    if action.into:
        start, end = (f"{float(second):.6f}".rstrip("0").rstrip(".") for second in action.into)
        time = {"type": "npt", "start": start, "end": end}
        found["changes"] = [{"region": [{"type": "temporal", "time": time}], "description": action.words}]
    return found


def self_made(folder: Path) -> tuple[Path, Path]:
    """Makes key.pem, readable by its owner alone, and certificate.pem in a folder: a test, by an authority that nobody knows.

    The key of that authority is thrown away. A verifier says "valid", and that it does not know who signed.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    authority, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    top = _certificate("Nobody's authority, for tests", authority.public_key(), authority, authority=True)
    leaf = _certificate("A test, not to be trusted", own.public_key(), authority, authority=False)
    chain = b"".join(each.public_bytes(serialization.Encoding.PEM) for each in (leaf, top))
    form, bare = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key = write(folder / "key.pem", partial(_kept, secret=own.private_bytes(serialization.Encoding.PEM, form, bare)))
    return key, write_text(folder / "certificate.pem", chain.decode())


def _kept(path: Path, secret: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secret)


def _certificate(
    name: str, public: "EllipticCurvePublicKey", issuer: "EllipticCurvePrivateKey", authority: bool
) -> "x509.Certificate":
    """A certificate as C2PA's profile wants it (C2PA 2.2, 14.5.1): an authority's, or one that signs and nothing else."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    def called(common: str) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, SELF_MADE),
                x509.NameAttribute(NameOID.COMMON_NAME, common),
            ]
        )

    now = datetime.now(UTC)
    usage = x509.KeyUsage(not authority, False, False, False, False, authority, authority, False, False)
    made = (
        x509.CertificateBuilder()
        .subject_name(called(name))
        .issuer_name(called("Nobody's authority, for tests"))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False)
    )
    if not authority:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return made.sign(issuer, hashes.SHA256())
