"""Pages from the templates."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from sludgesim.reports import digest


def render(template: str, **values: object) -> str:
    """The text of a template; a name in it that has no value is an error."""
    environment = Environment(
        loader=PackageLoader("sludgesim.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": digest.number,
        "words": digest.words,
        "plain": digest.plain,
    }
    return environment.get_template(template).render(**values)
