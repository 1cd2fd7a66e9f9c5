"""One use of a spoilt model folder: it is loaded and tags, or says what is wrong with it."""

from pathlib import Path

import numpy as np

from tagger.inference.decoder import Decoding
from tagger.inference.pipeline import Tagger
from tagger.inference.segmenter import LearnedSegmenter
from tagger.output.conllu import as_conllu
from tagger.output.style import Style
from tagger.sentence import Sentence
from tagger.text.segmenters import Cutting, cut_text

TEXT = "Ms. Adeyemi doesn't live in Leeds.\n\nHer invoice zyxwv (1984) is wrong!"
TOKENS = ("Peter", "Wanjala", "visits", "Gdansk", "zyxwvutsrqponmlkjihgfedcba" * 3, "!")
LENGTHY = TOKENS * 20


def use_tagger(folder: Path, probabilities: bool) -> None:
    """Loads it, tags raw text and tokens, and writes both; raises what comes, or AssertionError."""
    tagger = Tagger(folder, decoding=Decoding(probabilities=probabilities))
    names = [task.name for task in tagger.tasks]
    spans = frozenset(task.name for task in tagger.tasks if task.scheme is not None)
    style = Style(tuple(names), spans)
    given = [Sentence(TOKENS), Sentence(LENGTHY), Sentence(("I",))]
    tagged = list(tagger.tag_sentences(given))
    assert [sentence.forms for sentence in tagged] == [sentence.forms for sentence in given]
    cut = tagger.tag(TEXT)
    check_cut(cut)
    for sentence in (*tagged, *cut):
        for name in names:
            assert len(sentence.columns[name]) == len(sentence.forms) > 0
        lines = as_conllu(sentence, style).rstrip("\n").split("\n")
        words = [line for line in lines if line[:1] != "#" and "-" not in line.split("\t")[0]]
        assert len(words) == len(sentence.forms), "a line is broken"
        assert all(line.count("\t") == 9 for line in words), "a field is broken"


def use_segmenter(folder: Path, probabilities: bool) -> None:
    """Loads a segmenter and cuts text."""
    check_cut(cut_text(TEXT, LearnedSegmenter(folder), Cutting()))


def check_cut(sentences: list[Sentence]) -> None:
    """Raises AssertionError where these are not all of TEXT."""
    places = [place for s in sentences for place in dict.fromkeys(s.offsets or ())]
    covered = "".join(TEXT[start:end] for start, end in places)
    assert covered == "".join(TEXT.split()), "text is lost"


def use_language_model(folder: Path, probabilities: bool) -> None:
    """Loads it as `train --lm` does, reads a sentence, writes and scores text."""
    import torch

    from tagger.cli.training import language_reader
    from tagger.inference.language_folder import read_language_folder
    from tagger.training.batches import EncodedSentence
    from tagger.training.generation import Sampling
    from tagger.training.language_work import language_work

    reader = language_reader(folder)
    encoded = EncodedSentence(np.arange(len(TOKENS)), {})
    states = reader.states_of([encoded], TOKENS, reader.vectors(TOKENS))
    assert states.shape == (len(TOKENS), reader.state_size)
    assert bool(states.isfinite().all())
    files = read_language_folder(folder)
    model = language_work(files.description.kind.name).text_model(files, "lm", torch.device("cpu"))
    assert len(list(model.generate(TOKENS, Sampling(), 1, 5))) == 5
    (likelihood,) = model.score(iter([TOKENS]))
    assert likelihood.perplexity > 0
