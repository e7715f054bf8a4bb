"""Copies of an audit file to be sent: without the customers in it, or locked with a passphrase (formats.md §9).

A copy without people charges and reconciles exactly as the original does: whoever gets it can perform it again. Ids
keep their order, since ties in time are broken by them (pricing.md §1), and numbers the digits that tell their market.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.tables import MESSAGE_COLUMNS
from auditor.project.store import SCHEMA
from auditor.project.store import SEALED
from auditor.project.store import Store

# Calling codes have at most four digits (`core/markets.py`), so these are all that a market needs.
_USER = """case when regexp_full_match("user", '[0-9]{5,}') then left("user", 4)
     when regexp_matches("user", '^[A-Z]{2}[.]') then left("user", 3) else 'u' end
     || lpad((dense_rank() over (order by "user"))::varchar, 10, '0')"""
_RANKS = {
    "user": _USER,
    "message_id": "'m' || lpad((dense_rank() over (order by message_id))::varchar, 12, '0')",
    "conversation_id": "'c' || lpad((dense_rank() over (order by conversation_id))::varchar, 12, '0')",
    "group_id": "'g' || lpad((dense_rank() over (order by group_id))::varchar, 12, '0')",
}
# scrypt as its authors advise for files; a block is what is encrypted and proved at a time.
_COST = 2**15
_BLOCK = 1 << 20
_SALT, _NONCE, _TAG = 16, 7, 16


def copy_without_people(source: Store, path: Path) -> None:
    """Write a copy in which nobody can be told: users and message ids are ranks, attached files are left out.

    Template names, business numbers, invoices and journal go along as they are. Raises `AuditorError` where a file is
    there already.
    """
    if path.exists():
        raise AuditorError("audit_exists", Place(str(path)))
    try:
        _transfer(source, path)
        target = Store(path)
        try:
            with target.transaction():
                target.seal_again()
                target.write("share", source.journal()[-1].who, {"digest": source.digest})
        finally:
            target.close()
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _transfer(source: Store, path: Path) -> None:
    run = source.connection.execute
    (home,) = run("select current_database()").fetchall()[0]
    run(f"attach '{_quoted(str(path))}' as shared")
    try:
        run("use shared")
        run(SCHEMA)
        run(f'use "{home}"')
        run("insert into shared.about from about")
        run(
            "insert into shared.file select number, sha256, name, kind, "
            "case when kind = 'attachment' then null else content end, facts from file"
        )
        for column, rank in _RANKS.items():
            run(
                f'create or replace temp table rank_{column} as select distinct "{column}" as old, {rank} as new '  # noqa: S608 - own names
                f'from (select distinct "{column}" from message where "{column}" is not null)'
            )
        fields = ", ".join(f"rank_{name}.new" if name in _RANKS else f'message."{name}"' for name in MESSAGE_COLUMNS)
        joins = " ".join(f'left join rank_{name} on message."{name}" = rank_{name}.old' for name in _RANKS)
        run(f"insert into shared.message select file, {fields} from message {joins} order by message.rowid")  # noqa: S608
        run("insert into shared.journal from journal")
        for column in _RANKS:
            run(f"drop table rank_{column}")
    finally:
        run(f'use "{home}"')
        run("detach shared")


def _quoted(text: str) -> str:
    return text.replace("'", "''")


# With a passphrase ------------------------------------------------------------------------------------------------


def lock_with_passphrase(plain: Path, target: Path, passphrase: str) -> None:
    """Write an encrypted copy of a closed audit file: AES-256-GCM by blocks, the key by scrypt.

    Each block is proved with its place, and the last one is marked: none can be changed, moved or cut off unnoticed.
    """
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    cipher = AESGCM(_key(passphrase, salt))
    with plain.open("rb") as source, target.open("wb") as out:
        out.write(SEALED + salt + nonce)
        for number, is_last, block in _blocks(source, _BLOCK):
            out.write(cipher.encrypt(_nonce_of(nonce, number, is_last=is_last), block, SEALED))


def unlock_with_passphrase(locked: Path, target: Path, passphrase: str) -> None:
    """Write the audit file that an encrypted copy holds. Raises `AuditorError`: `not_an_audit`, `passphrase_wrong`."""
    place = Place(locked.name)
    with locked.open("rb") as source:
        if source.read(len(SEALED)) != SEALED:
            raise AuditorError("not_an_audit", place)
        salt, nonce = source.read(_SALT), source.read(_NONCE)
        cipher = AESGCM(_key(passphrase, salt))
        try:
            with target.open("wb") as out:
                for number, is_last, block in _blocks(source, _BLOCK + _TAG):
                    out.write(cipher.decrypt(_nonce_of(nonce, number, is_last=is_last), block, SEALED))
        except (InvalidTag, ValueError) as error:
            raise AuditorError("passphrase_wrong", place) from error


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(passphrase.encode())


def _nonce_of(nonce: bytes, number: int, *, is_last: bool) -> bytes:
    return nonce + number.to_bytes(4, "big") + bytes([is_last])


def _blocks(source: BinaryIO, size: int) -> Iterator[tuple[int, bool, bytes]]:
    """Give the blocks of a file with their place, and whether each is the last one."""
    number, block = 0, source.read(size)
    while True:
        following = source.read(size)
        yield number, not following, block
        if not following:
            return
        number, block = number + 1, following
