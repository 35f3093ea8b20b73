"""One root key, from the environment or the home, and the keys derived from it, one for each purpose.

Whether the key fits the database is decided in `store/root_key.py`, which every entry point asks.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from campaign import private_file
from campaign.errors import CampaignError

VARIABLE = "CAMPAIGN_SECRET"
FILE = "key"  # in the home
SECRET_BYTES = 32
FINGERPRINT_BYTES = 16
RESTORE = (
    f"Restore the file `{FILE}` in the home from a backup, or set {VARIABLE} to the key of this database. With "
    "another key, people who unsubscribed or were erased would be emailed again. No key was created."
)
NUMBER = b"\x01"  # the first byte of each sealed value, so that a second root key can be added later


class KeyRefused(CampaignError):
    """The root key is missing, damaged, or not the one that this database was written with."""


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """`index` can never change: an erased person's keyed hash cannot be made again.

    `fingerprint` identifies the root key and reveals nothing about it or the other keys.
    """

    links: bytes
    fields: bytes
    index: bytes
    organizer: bytes
    evidence: bytes
    fingerprint: bytes

    def email_hash(self, email: str) -> bytes:
        """The keyed hash (16 bytes) that stands for an email address after the address is erased."""
        return hmac.digest(self.index, email.encode(), "sha256")[:16]

    def place_hash(self, street: str, zip_code: str) -> bytes:
        """The keyed hash (16 bytes) of a street address, whatever its case, accents, punctuation, spaces and ZIP+4."""
        bare = unicodedata.normalize("NFKD", f"{street} {zip_code[:5]}".casefold())
        letters = "".join(sign for sign in bare if not unicodedata.combining(sign))
        return self.proof("place", " ".join(re.sub(r"[^\w#/]+", " ", letters).split()))[:16]

    def proof(self, *parts: str) -> bytes:
        """A keyed hash (32 bytes) of what a supporter saw or used. Even short text cannot be guessed from it."""
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
                "a stored field cannot be read with this key",
                do="CAMPAIGN_SECRET, or the file `key` in the home, is not the key it was written with.",
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
        fingerprint=key("fingerprint")[:FINGERPRINT_BYTES],
    )


def source(home: Path, environ: Mapping[str, str] = os.environ) -> str:
    """Where the root key is read from: CAMPAIGN_SECRET if it is set, otherwise the path of the file `home/key`."""
    return VARIABLE if environ.get(VARIABLE) else str(home / FILE)


def existing(home: Path, environ: Mapping[str, str] = os.environ) -> Keys:
    """Keys from CAMPAIGN_SECRET (64 hex digits), otherwise from the file `home/key`. Creates nothing.

    Raises KeyRefused if both are missing, or if the key cannot be read.
    """
    if (found := _read(home, environ)) is None:
        raise KeyRefused("the root key is missing", where=str(home / FILE), do=RESTORE)
    return found


def _read(home: Path, environ: Mapping[str, str]) -> Keys | None:
    """None if there is no key."""
    if given := environ.get(VARIABLE, ""):
        return derive(_root(given, VARIABLE, "Set it to the 64 digits of your key. A new key: openssl rand -hex 32"))
    path = home / FILE
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        text = ""
    except OSError as error:
        do = "Allow this user to read the file."
        raise KeyRefused(f"the root key cannot be read: {error.strerror}", where=str(path), do=do) from None
    return derive(_root(text, str(path), RESTORE))


def load(home: Path, environ: Mapping[str, str] = os.environ) -> Keys:
    """The existing keys, or those of a new file `home/key` with mode 600.

    Only for a database that holds nothing made with another key: `store.root_key` decides that.
    """
    if (found := _read(home, environ)) is not None:
        return found
    with suppress(FileExistsError), private_file.writing(home / FILE, replace=False) as file:  # the first one stays
        file.write(secrets.token_hex(SECRET_BYTES))
    return existing(home, environ)


def _root(text: str, where: str, do: str) -> bytes:
    try:
        root = bytes.fromhex(text)
    except ValueError:
        root = b""
    if len(root) != SECRET_BYTES:
        raise KeyRefused("the root key is not 64 hexadecimal digits", where=where, do=do)
    return root
