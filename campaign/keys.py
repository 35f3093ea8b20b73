"""One root secret, a key per purpose. The secret comes from the environment, else from the state folder."""

from __future__ import annotations

import hmac
import os
import re
import secrets
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from campaign.errors import CampaignError

SECRET_BYTES = 32
NUMBER = b"\x01"  # stands before each sealed value, so that a second root secret can be added without guessing


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """`index` can never change: an erased person's keyed hash cannot be made again."""

    links: bytes
    fields: bytes
    index: bytes
    organizer: bytes
    evidence: bytes

    def email_hash(self, email: str) -> bytes:
        """The keyed hash under which an address is known when the address itself is gone (16 bytes)."""
        return hmac.digest(self.index, email.encode(), "sha256")[:16]

    def place_hash(self, street: str, zip_code: str) -> bytes:
        """The keyed hash (16 bytes) under which it is known what was found for a street address, however it is written:
        without case, accents, signs, double spaces, and the last four of nine digits.
        """
        bare = unicodedata.normalize("NFKD", f"{street} {zip_code[:5]}".casefold())
        letters = "".join(sign for sign in bare if not unicodedata.combining(sign))
        return self.proof("place", " ".join(re.sub(r"[^\w#/]+", " ", letters).split()))[:16]

    def proof(self, *parts: str) -> bytes:
        """A keyed hash (32 bytes) of what somebody saw or used: a short text cannot be guessed from it."""
        whole = b"".join(len(raw := part.encode()).to_bytes(4, "big") + raw for part in parts)
        return hmac.digest(self.evidence, whole, "sha256")

    def seal(self, text: str, where: bytes) -> bytes:
        """Encrypt a field. `where` names table, column and row, so that a value cannot be moved to another row."""
        nonce = secrets.token_bytes(12)
        return NUMBER + nonce + AESGCM(self.fields).encrypt(nonce, text.encode(), where)

    def unseal(self, sealed: bytes, where: bytes) -> str:
        try:
            return AESGCM(self.fields).decrypt(sealed[1:13], sealed[13:], where).decode()
        except InvalidTag:
            raise CampaignError(
                "a stored field cannot be read with this secret",
                do="CAMPAIGN_SECRET, or the file `key` in the state folder, is not the one it was kept with.",
            ) from None


def derive(root: bytes) -> Keys:
    def key(purpose: str) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"campaign/1/" + purpose.encode()).derive(root)

    return Keys(
        links=key("links"),
        fields=key("fields"),
        index=key("email-index"),
        organizer=key("organizer"),
        evidence=key("evidence"),
    )


def load(home: Path) -> Keys:
    """Keys from CAMPAIGN_SECRET (64 hex digits), else from `home/key`, which is made once with mode 600."""
    given = os.environ.get("CAMPAIGN_SECRET", "")
    if given:
        try:
            root = bytes.fromhex(given)
        except ValueError:
            root = b""
        if len(root) != SECRET_BYTES:
            raise CampaignError(
                "CAMPAIGN_SECRET is not 64 hexadecimal digits", do="Make one with: openssl rand -hex 32"
            )
        return derive(root)
    path = home / "key"
    if not path.exists():
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = home / f".key-{os.getpid()}-{secrets.token_hex(4)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # atomic: of two processes that start together, the first one's key stays
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return derive(bytes.fromhex(path.read_text().strip()))
