"""The colours of the page."""

import subprocess
import sys

import pytest

from tagger.output.page import DARK, LIGHT, OPACITY, PALETTE, colour_class, page_head

Colour = tuple[float, ...]


def luminance(colour: Colour) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [part / 255 for part in colour]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def laid_over(page: Colour, colour: Colour) -> Colour:
    return tuple(p + OPACITY * (c - p) for p, c in zip(page, colour, strict=True))


def test_contrast_is_what_the_guidelines_say() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("page", "text"), [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("colour", PALETTE)
def test_text_has_the_enhanced_contrast_in_spans_too(
    page: Colour, text: Colour, colour: Colour
) -> None:
    once = laid_over(page, colour)
    assert contrast(page, text) >= 7
    assert contrast(once, text) >= 7
    assert contrast(laid_over(once, colour), text) >= 4.5


def test_every_colour_is_in_the_page_and_no_name_for_one_is_left() -> None:
    head = page_head()
    assert ".c0 { --c: 230 159 0 }\n" in head
    assert head.count("{ --c:") == len(PALETTE)
    assert "rgb(var(--c) / 0.2)" in head
    assert "--page: 255 255 255; --text: 26 26 26" in head
    assert not {"LIGHT", "DARK", "OPACITY"} & set(head.replace("_", " ").split())


def test_a_label_has_the_same_colour_in_every_run() -> None:
    code = "from tagger.output.page import colour_class as c; print(c('PER'), c('é'), c('\\udc80'))"
    for seed in ("1", "2"):
        shown = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        )
        assert shown.stdout.split() == [colour_class(label) for label in ("PER", "é", "\udc80")]


def test_the_four_labels_of_conll_2003_have_four_colours() -> None:
    assert len({colour_class(label) for label in ("PER", "LOC", "ORG", "MISC")}) == 4


def test_labels_of_any_kind_have_a_colour_of_the_palette() -> None:
    classes = {colour_class(f"label-{i}") for i in range(200)}
    assert classes == {f"c{i}" for i in range(len(PALETTE))}
