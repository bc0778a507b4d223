"""The Sankey's geometry: nothing overlaps, widths tell amounts, nothing is hidden silently."""

from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sludgesim.reports.figures import sankey
from sludgesim.reports.sankey import layout


def streams(*flows):
    """(from, to, kg) as a stream table; names are numbered."""
    return pd.DataFrame(
        {
            "name": [f"s{i}" for i in range(len(flows))],
            "from": [f[0] for f in flows],
            "to": [f[1] for f in flows],
            "role": "intermediate",
            "mass_kg": [float(f[2]) for f in flows],
        }
    )


LINE = [
    ("supply", "dryer", 1000),
    ("dryer", "atmosphere", 300),
    ("dryer", "smelter", 700),
    ("supply", "smelter", 250),
    ("smelter", "product", 600),
    ("smelter", "landfill", 350),
]


def test_widths_are_proportional_to_amounts():
    flows = {f.name: f for f in layout(streams(*LINE), "mass_kg").flows}
    assert flows["s0"].width / flows["s3"].width == pytest.approx(4.0)
    assert flows["s4"].width / flows["s5"].width == pytest.approx(600 / 350)


def test_flows_run_from_left_to_right():
    for flow in layout(streams(*LINE), "mass_kg").flows:
        assert not flow.recycle
        assert flow.source.layer < flow.target.layer


def test_a_recycle_is_told_from_the_forward_flows():
    table = streams(*LINE, ("smelter", "dryer", 50))
    flows = {f.name: f for f in layout(table, "mass_kg").flows}
    assert [name for name, flow in flows.items() if flow.recycle] == ["s6"]


def test_totals_count_only_what_crosses_the_border():
    table = streams(*LINE, ("smelter", "dryer", 50))
    diagram = layout(table, "mass_kg")
    assert diagram.total_in == pytest.approx(1250.0)
    assert diagram.total_out == pytest.approx(1250.0)


def test_small_flows_are_left_out_and_summed():
    table = streams(*LINE, ("smelter", "atmosphere", 0.5), ("supply", "smelter", 0.25))
    diagram = layout(table, "mass_kg")
    assert diagram.hidden == 2
    assert diagram.hidden_sum == pytest.approx(0.75)
    assert len(diagram.flows) == len(LINE)


def test_nothing_flowing_gives_no_diagram():
    table = streams(*LINE)
    table["mass_kg"] = 0.0
    assert layout(table, "mass_kg") is None


def test_labels_in_a_figure_are_escaped():
    table = streams(*LINE)
    table["name"] = "<b>&"
    assert "<b>" not in sankey(layout(table, "mass_kg"), "<b>")


unit = st.sampled_from([f"u{i}" for i in range(6)])
amount = st.floats(1.0, 1e4)
inner = st.lists(st.tuples(unit, unit, amount).filter(lambda f: f[0] != f[1]), max_size=14)
inlets = st.lists(st.tuples(st.just("supply"), unit, amount), min_size=1, max_size=5)
outlets = st.lists(
    st.tuples(unit, st.sampled_from(["product", "landfill", "atmosphere"]), amount), max_size=5
)


@settings(max_examples=100, deadline=None)
@given(inlets, inner, outlets)
def test_boxes_never_overlap_and_ribbons_dock_on_them(into, between, out):
    diagram = layout(streams(*into, *between, *out), "mass_kg")
    columns = {}
    for node in diagram.nodes:
        columns.setdefault(node.layer, []).append(node)
        assert node.y >= 0
        assert node.y + node.height <= diagram.height + 1e-6
    for nodes in columns.values():
        nodes.sort(key=lambda node: node.y)
        for above, below in pairwise(nodes):
            # Two lines of text stand above each box.
            assert above.y + above.height + 30 <= below.y + 1e-6
    for flow in diagram.flows:
        if flow.recycle:
            assert flow.source.y - 1e-6 <= flow.y0
            assert flow.target.y - 1e-6 <= flow.y1
        for piece in flow.pieces:
            assert piece.target.layer == piece.source.layer + 1
            assert piece.source.y - 1e-6 <= piece.y0
            assert piece.y0 + flow.width <= piece.source.y + piece.source.height + 1e-6
            assert piece.target.y - 1e-6 <= piece.y1
            assert piece.y1 + flow.width <= piece.target.y + piece.target.height + 1e-6
