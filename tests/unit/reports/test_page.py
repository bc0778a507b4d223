"""The page: self-contained, escaped, complete."""

import html
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from sludgesim.reports import digest
from sludgesim.reports.page import page


class Reader(HTMLParser):
    """Collects tags, attributes and visible text."""

    def __init__(self, document):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], []
        self.feed(document)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def document(result):
    return page(result)


def test_nothing_is_fetched_from_elsewhere(document):
    reader = Reader(document)
    assert not {"link", "img", "iframe", "object", "embed", "base"} & set(reader.tags)
    for name, value in reader.attributes:
        assert name not in ("src", "srcset", "action")
        if name == "href":
            assert value.startswith("#")
    style = document[document.index("<style>") : document.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style


def test_anchors_lead_somewhere(document):
    attributes = Reader(document).attributes
    ids = {value for name, value in attributes if name == "id"}
    assert {value[1:] for name, value in attributes if name == "href"} <= ids


def test_kpis_parameters_and_sources_are_all_there(document, result):
    text = " ".join(Reader(document).text)
    for row in digest.kpi_rows(result):
        assert row.name in text
    for path in digest.parameters(result)["path"]:
        assert path in text
    for key in digest.sources(result)["source"]:
        assert key in text


def test_assumptions_come_before_the_figures(document, result):
    """Each assumed parameter by unit and name, routes of equal value together; each species."""
    first_page = document[: document.index('id="flows"')]
    for path in digest.assumed(result)["path"]:
        section, _, name = path.partition(".")
        shared = section in (*result.routes, "species")
        assert html.escape(name if shared else path) in first_page


def test_figures_are_well_formed_and_each_route_has_its_flows(document, result):
    drawn = re.findall(r"<svg.*?</svg>", document, flags=re.DOTALL)
    for svg in drawn:
        ElementTree.fromstring(svg)
    for route in result.routes:
        for what in ("mass", "Fe", "Nd", "B", "C"):
            assert f'data-route="{route}" data-what="{what}"' in document


def test_imbalance_is_printed_under_each_flow_chart_and_is_round_off(document, result):
    charts = document.split('class="chart"')[1:]
    assert len(charts) == 5 * len(result.routes)
    for chart in charts:
        stated = re.search(r"imbalance (?:0 kg|\S+ kg \(relative (\S+?)\))", chart)
        assert stated or "does not occur" in chart
        if stated and stated[1]:
            assert float(stated[1]) < 1e-9


def test_what_a_user_wrote_is_shown_not_run(hostile):
    document = page(hostile)
    assert "<script>alert" not in document
    assert "&lt;script&gt;alert" in document
    assert "\x1b" not in document


def test_one_route_makes_a_page_without_a_comparison(single):
    document = page(single)
    assert "(baseline)" not in document
    assert 'class="bars"' not in document
    assert 'id="bars"' not in document and "#bars" not in document
    assert "carbothermal" in document


def test_equal_results_give_equal_pages(document, result):
    assert page(result) == document
