"""The page: well-formed, complete in itself, and with nothing of the text lost or let loose."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings

from tagger.output.html import HTML, as_html, begin_html
from tagger.output.style import Style
from tagger.sentence import Sentence
from tests.output.samples import (
    ADA,
    IN_A_FILE,
    NER,
    NER_IN_A_FILE,
    STYLE,
    SURE_ADA,
    TWO,
    of_words,
    sentences,
)

VOID = {"meta"}


class Page(HTMLParser):
    """Reads a page strictly: text without labels, labels, tooltips of tokens."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""
        self.labels: list[str] = []
        self.tooltips: list[str | None] = []
        self.tags: set[str] = set()
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "span":
            self.tooltips.append(dict(attrs)["title"])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "small" in self.open:
            self.labels.append(data.strip())
        elif "p" in self.open:
            self.text += data


def test_a_sentence_is_a_paragraph_with_its_spans_marked() -> None:
    assert as_html(ADA, NER) == (
        '<p dir="auto"><mark class="c3"><span title="ner: B-PER">Ada</span> '
        '<span title="ner: I-PER">Lovelace</span><small title="ner"> PER</small></mark> '
        '<span title="ner: O">wrote</span><span title="ner: O">.</span></p>\n'
    )


def test_a_tooltip_has_all_tags_and_probabilities() -> None:
    assert Page(as_html(SURE_ADA, STYLE)).tooltips[0] == "upos: PROPN 0.9877\nner: B-PER 0.9000"
    assert '<small title="ner 0.7321"> PER</small>' in as_html(SURE_ADA, STYLE)


def test_a_page_is_whole_and_needs_nothing_from_outside() -> None:
    text = HTML.header(IN_A_FILE) + HTML.begin(IN_A_FILE, "a") + as_html(ADA, STYLE) + HTML.footer()
    page = Page(text)
    assert text.startswith('<!doctype html>\n<html>\n<head>\n<meta charset="utf-8">\n')
    assert {"title", "style", "body", "h2", "p", "mark"} <= page.tags
    assert not {"script", "link", "img", "iframe"} & page.tags
    assert not re.search(r"https?:|url\(|@import|src=", text)


def test_a_page_fits_a_phone_and_a_dark_room() -> None:
    head = HTML.header(STYLE)
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in head
    assert "@media (prefers-color-scheme: dark)" in head


def test_each_of_several_inputs_has_a_heading() -> None:
    assert begin_html(IN_A_FILE, "<a> & b.txt") == '<h2 dir="auto">&lt;a&gt; &amp; b.txt</h2>\n'
    assert begin_html(STYLE, "a") == ""
    assert as_html(ADA, NER_IN_A_FILE) == as_html(ADA, NER)


@pytest.mark.parametrize("bad", ["<script>", "a&amp;b", '"', "'", "</p>"])
def test_what_means_something_in_a_page_is_escaped_everywhere(bad: str) -> None:
    sentence = Sentence((bad,), {bad: (f"B-{bad}",)})
    page = Page(as_html(sentence, Style((bad,), frozenset({bad}))))
    assert page.text == bad
    assert page.labels == [bad]
    assert page.tooltips == [f"{bad}: B-{bad}"]
    assert page.tags == {"p", "mark", "span", "small"}


def test_control_characters_and_surrogates_are_replaced_and_white_space_is_not() -> None:
    page = Page(as_html(of_words("\x00\x01\x08\x1b\udc80", ner="O"), NER))
    assert page.text == "\ufffd" * 5
    sentence = Sentence(("a",), {"ner": ("O",)}, ((2, 3),), "\t\na\r\n é", 0)
    assert Page(as_html(sentence, NER)).text == "\t\na\r\n é"


def test_spans_that_cross_are_cut() -> None:
    page = Page(as_html(of_words("a b c", ner="B-PER I-PER O", chunk="O B-NP I-NP"), TWO))
    assert page.text == "a b c"
    assert page.labels == ["NP", "PER", "+NP"]


@given(sentence=sentences())
@settings(deadline=None)
def test_the_text_of_a_page_is_the_text(sentence: Sentence) -> None:
    html = as_html(sentence, TWO)
    assert html.encode()
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", html)
    page = Page(html)
    expected = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", "\ufffd", sentence.text or "")
    assert page.text == expected
    assert len(page.tooltips) == len(sentence)


def test_a_sentence_without_columns_is_its_text() -> None:
    page = Page(as_html(Sentence(("It", "rained")), Style((), frozenset())))
    assert page.text.strip() == "It rained"
