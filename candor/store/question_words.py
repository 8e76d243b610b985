"""Words of questions: those of each data set in a file, so that a question need not wait for all texts to be read."""

from __future__ import annotations

import contextlib
import hashlib
import io
import secrets
import time
import zipfile
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from candor.questions.index import AskedWords, Postings
from candor.store.models import DAY_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from candor.scoring.redaction import DataSubject
    from candor.store.models import Dataset, Retention

ENDING = ".words"
PART = ".part"
FUNCTION = "worker.findings.keep_words"


class QuestionWords:
    """A folder of files, one for each data set at most, an ErasureTarget.

    A file's name says of which state of the data set it is, so that one of another state is never read. It names
    nobody; as it holds what people wrote, an erasure deletes the files of all data sets of the person's network.
    """

    def __init__(self, data_dir: Path, retention: Retention) -> None:
        self._folder = data_dir / "questions"
        self._life_s = retention.datasets_days * DAY_S

    def get(self, dataset: Dataset, version: object) -> AskedWords | None:
        """Return the words of a data set in that state; None where they are not kept, or not as they were written."""
        path = self._path(dataset, version)
        try:
            with np.load(path, allow_pickle=False) as file:
                found = {name: file[name] for name in file.files}
                terms = bytes(found.pop("terms")).decode().split("\n")
                length = found.pop("length")
                return AskedWords(Postings({term: at for at, term in enumerate(terms)}, **found), length)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile):
            path.unlink(missing_ok=True)
            return None

    def has(self, dataset: Dataset, version: object) -> bool:
        """Tell whether the words of a data set in that state are kept."""
        return self._path(dataset, version).is_file()

    def put(self, dataset: Dataset, version: object, words: AskedWords) -> None:
        """Keep the words of a data set in that state, in place of those of any other. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path, postings, body = self._path(dataset, version), words.postings, io.BytesIO()
        terms = np.frombuffer("\n".join(postings.number).encode(), np.uint8)
        np.savez(body, terms=terms, start=postings.start, ask=postings.ask, count=postings.count, length=words.length)
        part = path.with_suffix(f".{secrets.token_hex(8)}{PART}")
        try:
            part.touch(mode=0o600)
            part.write_bytes(body.getbuffer())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        for other in self._folder.glob(f"{_of_dataset(dataset)}-*{ENDING}"):
            if other != path:
                other.unlink(missing_ok=True)

    def delete(self, dataset: Dataset, version: object = None) -> None:
        """Delete what is kept of a data set, or only that of one state of it."""
        which = "*" if version is None else _digest(repr(version)) + "*"
        for path in self._folder.glob(f"{_of_dataset(dataset)}-{which}"):
            path.unlink(missing_ok=True)

    def kept_of(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield nothing: words without whoever wrote them."""
        del subject, owner
        yield from ()

    def erase(self, subject: DataSubject, owner: str | None) -> Mapping[str, int]:
        """Delete the words of every data set of the network, whoever's: they are found anew, without the person."""
        del owner
        for path in self._folder.glob(f"{_digest(subject.network)}-*"):
            path.unlink(missing_ok=True)
        return {}

    def drop(self) -> None:
        """Delete all: somebody was erased on another machine, from which data sets is not known here."""
        for path in self._folder.glob("*"):
            path.unlink(missing_ok=True)

    def delete_expired(self) -> None:
        """Delete files whose time is over, and what a broken write left a day ago."""
        for path in self._folder.glob("*"):
            limit_s = DAY_S if path.name.endswith(PART) else self._life_s
            with contextlib.suppress(FileNotFoundError):  # other launchers delete them too
                if time.time() - path.stat().st_mtime > limit_s:
                    path.unlink()

    def _path(self, dataset: Dataset, version: object) -> Path:
        return self._folder / f"{_of_dataset(dataset)}-{_digest(repr(version))}{ENDING}"


def job_id(dataset: Dataset) -> str:
    """Return the id under which the words of a data set are asked for."""
    return f"words_{_digest(dataset.owner, dataset.id)}"


def _of_dataset(dataset: Dataset) -> str:
    return f"{_digest(dataset.network)}-{_digest(dataset.owner, dataset.id)}"


def _digest(*parts: str) -> str:
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:24]
