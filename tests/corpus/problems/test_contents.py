"""Tokens, empty tags, comments and lengths of sentences that can be read."""

from tagger.corpus.conllu import LAYOUT as CONLLU
from tagger.corpus.files import parse_text
from tagger.corpus.problems.contents import LONGEST_SENTENCE, LONGEST_WORD, ContentChecks
from tagger.sentence import Layout

TABS = Layout("columns", {"form": 0, "ner": 1}, "\t", comments=False, width=2)
UNER = Layout("columns", {"form": 1, "ner": 2}, "\t", comments=True, width=3, ids=0)
PAIRS = Layout("pairs", {"form": 0, "xpos": 1}, "/", comments=False, width=2)


def findings(text: str, layout: Layout = TABS) -> list[str]:
    checks = ContentChecks("x")
    sentences = parse_text(text, "x", layout)
    return [str(f).removeprefix("x:") for sentence in sentences for f in checks.check(sentence)]


def places(text: str, layout: Layout = TABS) -> list[str]:
    return [": ".join(line.split(": ", 2)[:2]) for line in findings(text, layout)]


def conllu(*rows: str, text: str | None = None) -> str:
    """A sentence of CoNLL-U: rows are `ID FORM` or `ID FORM MISC`."""
    lines = [] if text is None else [f"# text = {text}"]
    for row in rows:
        number, form, misc = [*row.split(" "), "_"][:3]
        lines.append(f"{number}\t{form}" + "\t_" * 7 + f"\t{misc}")
    return "\n".join(lines) + "\n\n"


def uner(*forms: str, text: str) -> str:
    rows = [f"{i}\t{form}\tO\n" for i, form in enumerate(forms, 1)]
    return f"# text = {text}\n{''.join(rows)}\n"


def test_nothing_is_found_in_clean_sentences() -> None:
    assert findings("Ada\tB-PER\nran\tO\n\nnaïve\tO\n") == []
    assert findings(conllu("1 Ada SpaceAfter=No", "2 ran", text="Adaran"), CONLLU) == []


def test_a_token_that_is_none_is_found_in_its_field() -> None:
    assert findings("Ada\tO\n\tO\n \tO\nto day\tO\n") == [
        "2:1: empty-token: expected a token, found an empty field (write it, or remove the row)",
        "3:1: blank-token: expected a token, found ' ' (remove the row)",
        "4:1: blank-in-token: expected a token without blanks, found 'to day' "
        "(remove it, or make two rows)",
    ]
    assert places("# c\n1\tAda\tO\n2\t\tO\n", UNER) == ["3:2: empty-token"]


def test_a_token_of_conllu_may_hold_a_blank() -> None:
    assert findings("1\t3 500" + "\t_" * 8 + "\n\n", CONLLU) == []
    assert places("1\t " + "\t_" * 8 + "\n\n", CONLLU) == ["1:2: blank-token"]


def test_unseen_characters_in_tokens_are_found_there_alone() -> None:
    assert findings("Ada\tB-\u200b\n\nO\u200bslo\tO\na\u00a0b\tO\n") == [
        "3:1: invisible-character: expected a token that can be seen, found U+200B in "
        "'O\\u200bslo' (tagger preprocess --fix does it)",
        "4:1: no-break-space: expected a token without blanks, found U+00A0 in "
        "'a\\xa0b' (make it two tokens)",
    ]


def test_the_tokens_of_a_line_of_pairs_are_its_fields() -> None:
    assert places("Ada/N ran/V\nto/P O\u200bslo/N\n", PAIRS) == ["2:2: invisible-character"]


def test_words_and_sentences_may_be_long_but_not_too_long() -> None:
    just = "w" * LONGEST_WORD
    assert findings(f"{just}\tO\n" * LONGEST_SENTENCE) == []
    assert findings(f"a\tO\n\n{just}w\tO\n") == [
        "3:1: long-word: expected at most 200 characters, found 201 (see whether it is one)"
    ]
    assert findings("a\tO\n\n" + "a\tO\n" * (LONGEST_SENTENCE + 1)) == [
        "3:1: long-sentence: expected at most 200 tokens, found 201 "
        "(tagger preprocess --max-length)"
    ]


def test_a_field_of_tags_is_not_empty_and_has_no_blank() -> None:
    assert findings("Ada\tO\nran\t\nto\tB- X\n_\t_\n") == [
        "2:2: empty-tag: expected a ner tag, found an empty field (write the tag, or _ for none)",
        "3:2: blank-in-tag: expected a ner tag, found 'B- X' (remove the blank)",
    ]
    assert places("1\tAda\t\n", UNER) == ["1:3: empty-tag"]
    assert places("1\tAda\t_\tNOUN\tN \t_\t_\t_\t_\t_\n", CONLLU) == ["1:5: blank-in-tag"]


def test_a_comment_without_tokens_is_an_empty_sentence() -> None:
    text = "\n# one\n# two\n\n1\tAda\tO\n\n# three\n"
    expected = "empty-sentence: expected tokens below the comment, found none (remove them)"
    assert findings(text, UNER) == [f"2:1: {expected}", f"7:1: {expected}"]
    assert findings("\ufeff# one\n\n", CONLLU) == [f"1:1: {expected}"]


def test_document_marks_and_blank_lines_are_no_empty_sentences() -> None:
    assert findings("-DOCSTART- O\n\nAda\tO\n\n\n\n", TABS) == []
    assert findings("#begin document (a); part 000\n\n1\ta\tO\n\n#end document\n", UNER) == []
    assert findings("\n \n", TABS) == []


def test_a_sent_id_comes_once() -> None:
    text = "# sent_id = a\n1\tw\tO\n\n# sent_id = b\n1\tw\tO\n\n# n\n# sent_id =  a \n1\tw\tO\n"
    expected = (
        "duplicate-sent-id: expected another sent_id than 'a', found in line 1 too "
        "(give each sentence its own)"
    )
    assert findings(text, UNER) == [f"8:1: {expected}"]
    assert findings(text.replace("\n", "\r\n"), UNER) == [f"8:1: {expected}"]
    assert findings("\ufeff" + text, UNER) == [f"8:1: {expected}"]
    assert findings(text.replace("  a ", " ab"), UNER) == []


def test_a_sent_id_may_come_again_in_another_file() -> None:
    text = "# sent_id = a\n1\tw\tO\n"
    assert findings(text, UNER) == findings(text, UNER) == []


def test_the_text_is_that_of_the_tokens_and_their_blanks() -> None:
    rows = ("1 It", "2 rained SpaceAfter=No", "3 .")
    assert findings(conllu(*rows, text="It rained."), CONLLU) == []
    assert findings("# sent_id = 1\n" + conllu(*rows, text="It rained ."), CONLLU) == [
        "2:1: text-mismatch: expected the tokens' 'It rained.' at character 10, "
        "found 'It rained .' (correct the wrong one)"
    ]
    assert findings(conllu(*rows, text="It rains."), CONLLU) == [
        "1:1: text-mismatch: expected the tokens' 'It rained.' at character 8, "
        "found 'It rains.' (correct the wrong one)"
    ]
    assert places(conllu(*rows, text="It rained"), CONLLU) == ["1:1: text-mismatch"]
    assert places(conllu(*rows, text="It rained. So"), CONLLU) == ["1:1: text-mismatch"]


def test_blanks_at_the_edges_and_double_ones_do_not_matter() -> None:
    rows = ("1 It", "2 rained SpaceAfter=No", "3 . SpaceAfter=No")
    for text in ("It  rained.", "It\u00a0rained. ", " It rained."):
        assert findings(conllu(*rows, text=text), CONLLU) == [], text


def test_a_range_stands_in_the_text_and_its_words_do_not() -> None:
    rows = ("1-2 don't SpaceAfter=No", "1 do", "2 not", "2.1 ever", "3 !")
    assert findings(conllu(*rows, text="don't!"), CONLLU) == []
    assert places(conllu(*rows, text="do not!"), CONLLU) == ["1:1: text-mismatch"]
    assert places(conllu(*rows, text="don't !"), CONLLU) == ["1:1: text-mismatch"]


def test_no_text_is_no_mismatch() -> None:
    assert findings(conllu("1 It", "2 rained"), CONLLU) == []
    assert findings("# text_en = It\n" + conllu("1 Es"), CONLLU) == []
    assert findings("# note: # text = It\n" + conllu("1 Es"), CONLLU) == []


def test_crlf_and_a_byte_order_mark_are_not_of_the_text() -> None:
    text = conllu("1 It", "2 rained", text="It rained")
    assert findings("\ufeff" + text.replace("\n", "\r\n"), CONLLU) == []
    assert places("\ufeff" + text.replace("It\t", "At\t"), CONLLU) == ["1:1: text-mismatch"]


def test_blanks_of_the_text_do_not_count_in_column_files() -> None:
    assert findings(uner("It", "rained", ".", text="It rained."), UNER) == []
    assert findings(uner("It", "rained", ".", text="It rainy."), UNER) == [
        "1:1: text-mismatch: expected the tokens' 'Itrained.' at character 7, "
        "found 'Itrainy.' (correct the wrong one)"
    ]


def test_words_that_look_like_comments_are_words_where_there_are_none() -> None:
    assert findings("# text = It/N", Layout("columns", {"form": 0}, " ", comments=False)) == []
    assert places("#\tO\n# text = It\tO\n") == ["2:1: blank-in-token"]


def test_a_comment_among_pairs_stands_alone() -> None:
    layout = Layout("pairs", {"form": 0, "xpos": 1}, "/", comments=True, width=2)
    assert findings("# text = Bo\nAda/N ran/V\n", layout) == []
