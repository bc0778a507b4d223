"""The schema of scenario files says what the declarations say."""

from __future__ import annotations

import json

from sludgesim.parameters import Parameter
from sludgesim.routes import ROUTES
from sludgesim.scenario import flat, json_schema
from sludgesim.scenario.schema import assay_elements, tree


def leaves(node, prefix=""):
    for key, child in node.items():
        if isinstance(child, Parameter):
            yield prefix + key, child
        else:
            yield from leaves(child, f"{prefix}{key}.")


def test_tree_holds_every_parameter_once():
    found = dict(leaves(tree()))
    assert found.pop("feed.balance").words == assay_elements()
    unwritable = {p for p in flat() if p.startswith("feed.solids.")} - set(found)
    assert set(found) | unwritable == set(flat())
    assert {p.removeprefix("feed.solids.") for p in unwritable}.isdisjoint(assay_elements())


def test_every_unit_of_every_route_is_a_section():
    for route in ROUTES.values():
        assert list(tree()[route.name]) == list(route.units)


def test_json_schema_is_a_document_with_every_parameter():
    schema = json.loads(json.dumps(json_schema()))
    for path, parameter in leaves(tree()):
        node = schema
        for part in path.split("."):
            assert node["additionalProperties"] is False
            node = node["properties"][part]
        assert parameter.description in node["description"]
        if parameter.bounds is not None:
            number = next(c for c in node["anyOf"] if c.get("type") == "number")
            assert (number["minimum"], number["maximum"]) == parameter.bounds
