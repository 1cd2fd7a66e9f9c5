"""The audit of `tagger check`: small models trained on parts of a corpus doubt tags of the rest."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tagger.cli.console import note
from tagger.cli.corpora import read_noting
from tagger.cli.progress import follow
from tagger.corpus.files import open_corpus_file
from tagger.corpus.overruling import Asked
from tagger.corpus.problems.codes import Finding
from tagger.errors import UsageError
from tagger.schemes import is_span_column
from tagger.sentence import UNANNOTATED, Sentence, place_of
from tagger.training.audit import Doubt, doubts_in, ranked
from tagger.training.folds import FOLDS, folds_of

AUDITED = frozenset(["upos", "xpos", "chunk", "ner", "ner2", "ner3"])


def audit(files: Mapping[Path, Asked], percent: float) -> Iterator[Finding]:
    """The most doubtful tags of all files, the most doubtful first; what is said of each is given.

    So many percent of a column's tags are told, if so many are doubted.
    """
    corpora = [open_corpus_file(path, asked) for path, asked in files.items()]
    sentences = [sentence for corpus in corpora for sentence in read_noting(corpus)]
    counts: dict[str, Counter[str]] = {}
    for sentence in sentences:
        for name in sentence.columns.keys() & AUDITED:
            counts.setdefault(name, Counter()).update(sentence.columns[name])
    if not counts:
        known = ", ".join(sorted(AUDITED))
        raise UsageError(f"expected one of the columns {known} to audit, found none")
    spans = sorted(name for name, tags in counts.items() if is_span_column(tags))
    for names in (sorted(counts.keys() - set(spans)), spans):  # spans take longer to learn
        doubts = _doubts(sentences, names)
        for name in names:
            most = round(percent / 100 * (counts[name].total() - counts[name][UNANNOTATED]))
            for doubt in ranked([doubt for doubt in doubts if doubt.column == name])[:most]:
                yield _finding(doubt, sentences[doubt.sentence])


def _doubts(sentences: Sequence[Sentence], names: Sequence[str]) -> list[Doubt]:
    doubts: list[Doubt] = []
    for fold in folds_of(sentences, names) if names else ():
        num_tokens = sum(map(len, fold.held_out))
        what = f"{num_tokens:,} tokens that it does not see"
        note(f"{', '.join(names)}, {fold.number} of {FOLDS}: training a model to judge {what}")
        follow(fold.training)
        doubts += doubts_in(fold)
    return doubts


def _finding(doubt: Doubt, sentence: Sentence) -> Finding:
    form = sentence.forms[doubt.token]
    return Finding(
        *place_of(sentence, doubt.token, doubt.column),
        "doubtful-tag",
        f"expected {doubt.alternative} ({100 * doubt.probability:.1f} %) for {form!r}, "
        f"found {doubt.tag} ({100 * doubt.tag_probability:.1f} %)",
    )
