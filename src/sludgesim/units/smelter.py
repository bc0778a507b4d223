"""Smelting with carbon: calcine becomes liquid iron, rare-earth oxide slag and furnace gas."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sludgesim.parameters import Section
from sludgesim.thermo.elements import elements, formula_weight, rare_earths
from sludgesim.thermo.species import Array, R, database
from sludgesim.thermo.stream import Stream, merge, solidified, stream
from sludgesim.thermo.system import Equilibrium, load_system
from sludgesim.units.base import Failure, Outcome, heat_needed, not_found

GRAPHITE = "C(s)"
FEO = "FeO(slag)"
PASSES = 12


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Bring the charge to equilibrium at bath temperature, but for what kinetics hold back.

    Part of the boron stays in the slag, beta = 1 - exp(-k t) of it takes part,
    k = k_ref exp(-E/R (1/T - 1/T_ref)); FeO up to `target_feo` stays unreduced.
    With `carbon: auto` the carbon is what leaves no graphite beside carbon-saturated iron.
    power = (H(melt) + H(gas) - H(charge)) / efficiency

    Parameters
    ----------
    inlets : calcine
    p : temperature, charge_temperature (K), hold (s), pressure (Pa), carbon (kg/kg dry sludge,
        nan = auto), target_feo (kg/kg slag), boron_rate (1/s), boron_rate_temperature (K),
        boron_activation (J/mol), electrode_use (kg/kg iron), efficiency

    Returns
    -------
    Outcome: melt (metal, slag, leftover graphite), furnace_gas; draws coke and electrodes; duties
    electricity, loss

    Errors: cases whose equilibrium is not found, or without carbon enough to melt any iron.
    Range: 1150 to 1800 degC. Source: equilibrium of the system `smelting`.
    """
    T, calcine = p["temperature"], inlets["calcine"]
    # A charge cannot be hotter than it left the roaster; what it cools down by is lost.
    cold = solidified(calcine, T=np.minimum(p["charge_temperature"], calcine.T))
    carbon_weight = formula_weight({"C": 1.0})
    electrode = p["electrode_use"] * calcine.element_mass("Fe") / carbon_weight
    borate = _held_back_boron(calcine, _boron_share(p))
    auto = np.isnan(p["carbon"])
    given = np.where(auto, 0.0, p["carbon"]) * 1000.0 / carbon_weight
    # Enough to take all oxygen as CO, to saturate the iron and to make every carbide.
    ample = calcine.elements()[:, :-1].sum(axis=1) + calcine.element("B") + 1.0
    carbon = np.where(auto, ample, given + electrode)

    feo = np.zeros(calcine.n)
    active = merge([calcine, borate.times(-1)])
    limit = 0.999 * np.minimum(calcine.element("Fe"), _free_oxygen(active))
    for attempt in range(PASSES):
        charge = merge([active, stream({FEO: -feo, GRAPHITE: carbon})])
        eq = load_system("smelting").equilibrate_stream(charge.at(T=T, P=p["pressure"]))
        wanted = _unreduced_feo(eq, borate, p["target_feo"], limit)
        settled = np.abs(wanted - feo) <= 1e-9 * np.maximum(calcine.element("Fe"), 1e-30)
        if (settled | ~eq.converged).all() or attempt == PASSES - 1:
            break
        feo = np.where(settled, feo, wanted)
    bath = merge([eq.stream(), borate, stream({FEO: feo})], T=T)
    # With ample carbon the graphite beside the melt is exactly what was charged too much.
    taken_up = carbon - bath[GRAPHITE]
    taken_up = np.where(np.abs(taken_up) > 1e-12 * carbon, taken_up, 0.0)
    coke = np.where(auto, np.maximum(taken_up - electrode, 0.0), given)
    left = np.maximum(coke + electrode - taken_up, 0.0)
    bath = bath.changed({GRAPHITE: left - bath[GRAPHITE]})
    bath, slag_eq = _settle_slag(bath)

    outlets = {"melt": bath.without("g"), "furnace_gas": bath.phase("g")}
    drawn = {"coke": stream({GRAPHITE: coke}), "electrodes": stream({GRAPHITE: electrode})}
    cooling = cold.enthalpy() - calcine.enthalpy()
    heat = heat_needed(outlets, inlets, drawn) - cooling
    power = np.maximum(heat, 0.0) / p["efficiency"]
    duties = {"electricity": power, "loss": heat + cooling - power}
    return Outcome(
        outlets,
        drawn,
        duties,
        (*_failures(eq, settled), *not_found(slag_eq)),
        _warnings(bath, coke + electrode),
    )


def _settle_slag(bath: Stream) -> tuple[Stream, Equilibrium]:
    """The bath with its oxides at equilibrium among themselves, boron held back included.

    This tells how much of the slag is liquid. A surplus of 1e-12 of its oxygen, which then leaves
    as nothing, keeps rounding from making oxides of fixed valence infeasible.
    """
    oxides = slag_part(bath).only(lambda s: "O" in database()[s].composition)
    surplus = {"O2(g)": 0.5e-12 * oxides.element("O")}
    eq = load_system("slag").equilibrate_stream(oxides.changed(surplus))
    return merge([bath, oxides.times(-1), eq.stream().without("g")]), eq


def slag_part(bath: Stream) -> Stream:
    """What of a bath is oxide, or floats with it: liquid slag, solid oxides, graphite."""
    return bath.phase("slag", "ss", "s")


def _boron_share(p: Section) -> Array:
    """Share of the boron that takes part in the equilibrium in the time held."""
    exponent = p["boron_activation"] / R * (1 / p["temperature"] - 1 / p["boron_rate_temperature"])
    share = 1 - np.exp(-p["boron_rate"] * np.exp(-exponent) * p["hold"])
    return np.where(share > 1e-9, share, 0.0)


def _held_back_boron(calcine: Stream, share: Array) -> Stream:
    """Boron that kinetics keep in the slag, as borate of the rare earths as far as they reach."""
    boron = (1 - share) * calcine.element("B")
    present = calcine.holds()
    re = {e: calcine.element(e) for e in rare_earths() if e in present}
    total = sum(re.values(), np.zeros(calcine.n))
    # Just short of all rare earth, so that the rest of the charge never lacks the last atom.
    bound = np.minimum(boron, 0.999 * total)
    safe = np.where(total > 0, total, 1.0)
    amounts = {f"{e}BO3(slag)": bound * n / safe for e, n in re.items()}
    return stream({**amounts, "BO1.5(slag)": boron - bound}, T=calcine.T, P=calcine.P)


def _free_oxygen(calcine: Stream) -> Array:
    """Oxygen of the charge beyond that of the oxides which carbon leaves alone, mol."""
    stable = np.array([e.slag for e in elements().values()])
    amounts = calcine.elements()[:, : len(stable)]
    return np.maximum(calcine.element("O") - amounts @ stable, 0.0)


def _unreduced_feo(eq: Equilibrium, borate: Stream, target: Array, limit: Array) -> Array:
    """FeO (mol) to hold back so that all FeO in the slag makes the target share of its mass."""
    bath = merge([eq.stream(), borate])
    weight = formula_weight({"Fe": 1.0, "O": 1.0})
    reduced = bath[FEO] + bath["FeO(s)"]
    others = slag_part(bath).only(lambda s: s != GRAPHITE).mass() - reduced * weight
    wanted = target / (1 - target) * others / weight - reduced
    held: Array = np.clip(np.where(eq.converged, wanted, 0.0), 0.0, limit)
    return held


def _failures(eq: Equilibrium, settled: NDArray[np.bool_]) -> tuple[Failure, ...]:
    late = eq.converged & ~settled
    if not late.any():
        return not_found(eq)
    return (*not_found(eq), Failure(late, "the FeO held back in the slag did not settle"))


def _warnings(bath: Stream, carbon: Array) -> tuple[str, ...]:
    left = np.nanmax(np.where(carbon > 0, bath[GRAPHITE] / np.where(carbon > 0, carbon, 1.0), 0.0))
    if left > 0.01:
        return (f"{100 * left:.0f} % of the carbon charged is left over and goes with the slag",)
    return ()
