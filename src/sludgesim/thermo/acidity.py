"""pH of liquors as they stand: no solid falls, nothing is vented."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sludgesim.thermo.aqueous import MOST_SALT, AqueousSystem, load_aqueous
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream
from sludgesim.thermo.thermochemistry import per_data, using


def standing_pH(streams: Stream) -> Array:
    """pH of the liquors in streams, at their temperature.

    pH = -log10 a(H+), molal; speciation settled, solids left alone and none let fall

    Parameters
    ----------
    streams : n cases

    Returns
    -------
    (n,), nan where there is no liquor (water with dissolved species) or no answer

    Range: 15 to 200 degC, ionic strength to `MOST_SALT`.  Source: `AqueousSystem.equilibrate`.
    """
    found = np.full(streams.n, np.nan)
    wet = (streams.phase("aq").moles > 0).any(axis=1) & (streams["H2O(l)"] > 0)
    rows = np.flatnonzero(wet & np.isfinite(streams.moles).all(axis=1))
    if rows.size:
        liquor = streams.phase("aq", "l")
        some = replace(liquor, moles=liquor.moles[rows], T=liquor.T[rows], P=liquor.P[rows])
        with using(streams.data):
            settled = _clear().equilibrate_stream(some)
            pH, strength = settled.pH, settled.ionic_strength
        good = settled.converged & (strength <= MOST_SALT)
        found[rows[good]] = pH[good]
    return found


@per_data
def _clear() -> AqueousSystem:
    """The aqueous system without solids."""
    return load_aqueous(without=load_aqueous().all_solids)
