"""Fractional extraction of two groups: flows from the separation factor, stages from the flows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sludgesim.thermo.species import Array


@dataclass(frozen=True)
class Cascade:
    """A counter-current cascade, amounts per mol of rare earths in the feed, each (n,).

    heavy : mol that leave with the organic phase; light : mol that leave as raffinate
    loaded : mol that the organic phase carries; scrubbed : mol that scrub acid sends back
    extraction_stages, scrub_stages : theoretical stages
    """

    heavy: Array
    light: Array
    loaded: Array
    scrubbed: Array
    extraction_stages: Array
    scrub_stages: Array


def cascade(
    feed: Array, heavy_purity: Array, light_purity: Array, factor: Array, reflux: Array
) -> Cascade:
    """Size a cascade with an aqueous feed and a constant separation factor.

    f_A' = (f_A - (1 - P_B)) / (P_A - (1 - P_B)), f_B' = 1 - f_A';
    S = reflux S_opt, W = S - f_A'; n = ln b / ln(beta E), m = ln a / ln(beta / E') - 1 with
    E = S / (S + f_B'), E' = S / W, purifications a and b;
    S_opt = E f_B' / (1 - E), E = 1/sqrt(beta) if f_B' > sqrt(beta) / (1 + sqrt(beta)), else
    E = E' f_A' / (E' - f_B'), E' = sqrt(beta)

    Parameters
    ----------
    feed : (n,) mole fraction f_A of the group that the organic phase prefers
    heavy_purity, light_purity : (n,) mole fractions P_A of the heavy, P_B of the light product
    factor : (n,) separation factor beta of the groups, above one
    reflux : (n,) organic flow over its optimum, at least one

    Returns
    -------
    Cascade; all zero heavies where the feed is as pure as the light product asks, and no light
    where it is as pure as the heavy product asks.

    Range: two groups, constant beta and flows, saponified extractant that loads completely.
    Source: theory of cascade extraction of Xu Guangxian, recalled. Against stages counted one by
    one in the tests (feeds of 5 to 30 % heavies, beta 5 and 30): extraction within 17 % and scrub
    within 0.3 stages at a reflux of 1.5, both closer with more reflux.
    """
    spill = 1 - light_purity
    heavy = np.clip((feed - spill) / (heavy_purity - spill), 0.0, 1.0)
    light = 1 - heavy
    two = (heavy > 0) & (light > 0)
    a, b = np.where(two, heavy, 0.5), np.where(two, light, 0.5)
    root = np.sqrt(factor)
    by_scrub = root * a / (root - b)
    ratio = np.where(b > root / (1 + root), 1 / root, by_scrub)
    loaded = np.maximum(ratio * b / (1 - ratio), a) * reflux
    scrubbed = loaded - a
    upgrade = np.log(heavy_purity / (1 - heavy_purity)) - np.log(
        np.where(two, feed / (1 - np.where(two, feed, 0.5)), 1.0)
    )
    clean = np.log(light_purity / (1 - light_purity)) + np.log(
        np.where(two, feed / (1 - np.where(two, feed, 0.5)), 1.0)
    )
    n = clean / np.log(factor * loaded / (loaded + b))
    m = upgrade / np.log(factor * np.maximum(scrubbed, 1e-9) / loaded) - 1
    return Cascade(
        heavy,
        light,
        np.where(two, loaded, heavy),
        np.where(two, scrubbed, 0.0),
        np.where(two, np.maximum(n, 0.0), 0.0),
        np.where(two, np.maximum(m, 0.0), 0.0),
    )
