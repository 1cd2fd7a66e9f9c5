"""What `tagger train --teacher` was asked for, before any of it is done."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from tagger.cli.corpora import text_record
from tagger.corpus.lines import sha256_of
from tagger.errors import UsageError
from tagger.inference.folder import DESCRIPTION
from tagger.inference.models import find_model
from tagger.inference.records import CorpusRecord, TeacherRecord
from tagger.streaming.kinds import STDIN
from tagger.training.distillation.labels import Asked
from tagger.training.distillation.teachers import record_of
from tagger.training.settings import Settings
from tagger.training.transformer_folder import read_transformer


def lessons_from(
    teachers: Sequence[Path] | None,
    asked: Mapping[str, Any],
    *,
    segmenter: str,
    dev: Sequence[Path],
    beside: Mapping[str, object],
) -> "Lessons | None":
    """What the options ask for; None where no teacher is named.

    `asked` are the values of --text, --text-tokens, --keep-out and --labels by their names,
    `beside` those of options that do not go together with a teacher. Raises UsageError where one
    of the former is given without a teacher, or one of the latter with one; and where labels are to
    be kept of a text that has no checksum: those of another would be taken for them.
    """
    if not teachers:
        for option, value in asked.items():
            if value is not None and value != []:
                raise UsageError(f"{option}: expected --teacher beside it, found none")
        return None
    for option, value in beside.items():
        if value is not None:
            raise UsageError(f"--teacher: not together with {option} (a student is to be fast)")
    texts, kept_out, folder = (asked[name] for name in ("--text", "--keep-out", "--labels"))
    if folder is not None and any(str(path) == STDIN for path in texts or ()):
        raise UsageError(
            "--labels: expected texts that can be known again, found standard input (a file can)"
        )
    return Lessons(
        teachers=tuple(teachers),
        texts=tuple(texts or ()),
        segmenter=segmenter,
        kept_out=(*dev, *(kept_out or ())),
        folder=folder,
    )


class Lessons(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to teach from which texts, and where what they say is kept (None: until the end)."""

    teachers: tuple[Path, ...]
    texts: tuple[Path, ...]
    segmenter: str
    kept_out: tuple[Path, ...]
    folder: Path | None

    @property
    def given(self) -> Path | None:
        """The file of labels that teaches, where it is no model that does."""
        files = [path for path in self.teachers if path.is_file()]
        if files and len(self.teachers) > 1:
            raise UsageError(f"--teacher {files[0]}: a file of labels teaches alone")
        if files and self.texts:
            raise UsageError(f"--text: {files[0]} has the text already")
        return files[0] if files else None

    def asked(self, settings: Settings, gold: Sequence[CorpusRecord]) -> Asked:
        """The same by names and checksums; raises UsageError where something is missing.

        An encoder's checksum is one of all that the teacher which it becomes depends on, among that
        the gold corpora.
        """
        given = self.given
        if given is None and not self.texts:
            raise UsageError("--teacher: expected --text FILE beside it, found none")
        if given is not None:
            teachers = [TeacherRecord(name=given.name, sha256=sha256_of(given))]
        else:
            teachers = [
                _encoder_record(path, settings, gold)
                if is_encoder(path)
                else record_of(find_model(str(path)))
                for path in self.teachers
            ]
        return Asked(
            teachers=tuple(teachers),
            texts=tuple(text_record(path) for path in self.texts),
            segmenter=self.segmenter,
            kept_out=tuple(sha256_of(path) for path in self.kept_out),
            most_tokens=settings.distillation.tokens,
            top=settings.distillation.top,
        )


def is_encoder(path: Path) -> bool:
    """Whether it looks like the folder of a Hugging Face encoder, and of no model of ours."""
    return (path / "config.json").is_file() and not (path / DESCRIPTION).is_file()


def _encoder_record(path: Path, settings: Settings, gold: Sequence[CorpusRecord]) -> TeacherRecord:
    depends_on = (
        read_transformer(path).record,
        settings.transformer,
        settings.seed,
        tuple(gold),
    )
    digest = sha256(msgspec.json.encode(depends_on)).hexdigest()
    return TeacherRecord(name=path.resolve().name, sha256=digest)
