"""Every shared corpus reads with no option, counts as its README says, and is written as it was.

The tables below are those of the READMEs in ../shared/corpora, made there by other scripts than
ours. The folder may be named by TAGGER_CORPORA. Where CI=true these tests may not be skipped.
"""

import re
from collections import Counter

import pytest

from tagger.corpus.files import CorpusFile, open_corpus_file
from tagger.corpus.writing import rewrite_sentence
from tagger.schemes import spans_from_tags
from tests.conftest import CORPORA

pytestmark = pytest.mark.corpora


# sentences, words, multiword tokens, empty nodes, UPOS tags, XPOS tags
TREEBANKS = """
    ud-english-ewt/en_ewt-ud-train.conllu               12544 204577 2614 37 17 49
    ud-english-ewt/en_ewt-ud-dev.conllu                  2001  25147  359  4 17 49
    ud-english-ewt/en_ewt-ud-test.conllu                 2077  25094  354  2 17 48
    ud-french-rhapsodie/fr_rhapsodie-ud-train.conllu     1288  19144  253  0 15  0
    ud-french-rhapsodie/fr_rhapsodie-ud-dev.conllu       1081  12907  151  0 15  0
    ud-french-rhapsodie/fr_rhapsodie-ud-test.conllu       840  12191  139  0 15  0
    ud-greek-gud/el_gud-ud-train.conllu                  1071  14860    0  0 16  0
    ud-greek-gud/el_gud-ud-test.conllu                    736  10633    0  0 17  0
    ud-italian-twittiro/it_twittiro-ud-train.conllu      1138  23631  976  0 16 37
    ud-italian-twittiro/it_twittiro-ud-dev.conllu         144   2995  137  0 16 38
    ud-italian-twittiro/it_twittiro-ud-test.conllu        142   2976  100  0 16 36
"""

# sentences, tokens, entities by label
ENTITY_CORPORA = """
    uner-english-ewt/en_ewt-ud-train.iob2           12543 204579 LOC 2712 ORG 1436 PER 2874
    uner-english-ewt/en_ewt-ud-dev.iob2              2001  25149 LOC 399 ORG 224 PER 343
    uner-english-ewt/en_ewt-ud-test.iob2             2077  25097 LOC 317 ORG 322 PER 449
    uner-chinese-gsdsimp/zh_gsdsimp-ud-train.iob2    3997  98616 LOC 2858 ORG 1112 PER 2148
    uner-chinese-gsdsimp/zh_gsdsimp-ud-dev.iob2       500  12663 LOC 375 ORG 133 PER 245
    uner-chinese-gsdsimp/zh_gsdsimp-ud-test.iob2      500  12012 LOC 429 ORG 129 PER 205
    uner-danish-ddt/da_ddt-ud-train.iob2             4383  80378 LOC 882 ORG 909 PER 1237
    uner-danish-ddt/da_ddt-ud-dev.iob2                564  10332 LOC 107 ORG 106 PER 166
    uner-danish-ddt/da_ddt-ud-test.iob2               565  10023 LOC 90 ORG 172 PER 185
    uner-portuguese-bosque/pt_bosque-ud-train.iob2   7018 171776 LOC 2425 ORG 2762 PER 2914
    uner-portuguese-bosque/pt_bosque-ud-dev.iob2     1172  28447 LOC 414 ORG 417 PER 570
    uner-portuguese-bosque/pt_bosque-ud-test.iob2    1167  27604 LOC 317 ORG 456 PER 442
    broad-twitter-corpus/a.conll                     1000  16612 LOC 119 ORG 173 PER 229
    broad-twitter-corpus/b.conll                     2000  30825 LOC 229 ORG 516 PER 865
    broad-twitter-corpus/e.conll                      200   3981 LOC 144 ORG 122 PER 59
    broad-twitter-corpus/f.conll                     2000  35427 LOC 636 ORG 1090 PER 2650
    broad-twitter-corpus/g.conll                     2138  34062 LOC 1385 ORG 1498 PER 1802
    broad-twitter-corpus/h.conll                     2001  29480 LOC 309 ORG 736 PER 2323
    wikigold/wikigold.conll.txt          1696 39007 LOC 1014 MISC 712 ORG 898 PER 934
    wikigold/wikigold.split.train.txt    1273 30002 LOC 742 MISC 562 ORG 650 PER 733
    wikigold/wikigold.split.dev.txt       111  2531 LOC 88 MISC 33 ORG 119 PER 68
    wikigold/wikigold.split.test.txt      312  6474 LOC 184 MISC 117 ORG 129 PER 133
    wnut17/wnut17train.conll    3394 62730 corporation 221 creative-work 140 group 264 location 548 person 660 product 142
    wnut17/emerging.dev.conll   1009 15733 corporation 34 creative-work 105 group 39 location 74 person 470 product 114
    wnut17/emerging.test.annotated  1287 23394 corporation 66 creative-work 142 group 165 location 150 person 429 product 127
"""  # noqa: E501
CORPUS_ENDINGS = {".conllu", ".iob2", ".conll", ".annotated", ".txt"}


def rows_of(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()]


def ids_of(table: str) -> list[str]:
    return [row[0].rpartition("/")[2] for row in rows_of(table)]


def open_shared(name: str) -> CorpusFile:
    return open_corpus_file(CORPORA / name)


@pytest.mark.parametrize("row", rows_of(TREEBANKS), ids=ids_of(TREEBANKS))
def test_a_treebank_has_the_counts_of_its_readme_and_is_written_as_it_was(row: list[str]) -> None:
    name, *expected = row
    corpus = open_shared(name)
    assert corpus.dialect.layout.kind == "conllu"
    num_sentences = num_words = num_ranges = num_empty = 0
    tags: dict[str, set[str]] = {"upos": set(), "xpos": set()}
    written = []
    is_range = re.compile(r"\d+-\d+\t").match
    is_empty_node = re.compile(r"\d+\.\d+\t").match
    for sentence in corpus.with_empty():
        written.append(rewrite_sentence(sentence, sentence.columns))
        num_sentences += bool(sentence.forms)
        num_words += len(sentence)
        assert sentence.source is not None
        num_ranges += sum(map(bool, map(is_range, sentence.source.lines)))
        num_empty += sum(map(bool, map(is_empty_node, sentence.source.lines)))
        for column, found in tags.items():
            found.update(sentence.columns.get(column, ()))
    num_tags = [len(found - {"_"}) for found in tags.values()]
    counts = [num_sentences, num_words, num_ranges, num_empty, *num_tags]
    assert counts == list(map(int, expected))
    assert "".join(written).encode() == (CORPORA / name).read_bytes()


@pytest.mark.parametrize("row", rows_of(ENTITY_CORPORA), ids=ids_of(ENTITY_CORPORA))
def test_an_entity_corpus_has_the_counts_of_its_readme_and_is_written_as_it_was(
    row: list[str],
) -> None:
    name, num_sentences, num_tokens, *by_label = row
    corpus = open_shared(name)
    assert corpus.dialect.layout.columns.keys() == {"form", "ner"}
    found_sentences = found_tokens = 0
    entities: Counter[str] = Counter()
    written = []
    for sentence in corpus.with_empty():
        written.append(rewrite_sentence(sentence, sentence.columns))
        found_sentences += bool(sentence.forms)
        found_tokens += len(sentence)
        if sentence.forms:
            entities.update(span.label for span in spans_from_tags(sentence.columns["ner"]))
    assert (found_sentences, found_tokens) == (int(num_sentences), int(num_tokens))
    expected = dict(zip(by_label[::2], map(int, by_label[1::2]), strict=True))
    assert entities == expected
    assert "".join(written).encode() == (CORPORA / name).read_bytes()


def test_every_corpus_file_that_is_there_is_in_a_table() -> None:
    there = {
        str(path.relative_to(CORPORA))
        for path in CORPORA.glob("*/*")
        if path.suffix in CORPUS_ENDINGS and not path.name.startswith("LICENSE")
    }
    assert there == {row[0] for row in rows_of(TREEBANKS) + rows_of(ENTITY_CORPORA)}
