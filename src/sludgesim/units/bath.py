"""The bath of a smelter: charge and carbon at equilibrium, but for what kinetics hold back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sludgesim.parameters import Section
from sludgesim.thermo.elements import atomic_weights, elements, formula_weight, rare_earths
from sludgesim.thermo.species import Array, R, database
from sludgesim.thermo.stream import Stream, merge, stream
from sludgesim.thermo.system import Equilibrium, load_system
from sludgesim.units.base import Failure, not_found
from sludgesim.units.carbon_source import GRAPHITE, CarbonSource

FEO = "FeO(slag)"
PASSES = 20
UNDER_PRESSURE = 1e8  # Pa
SATURATION = 0.2  # mol C per mol Fe in saturated iron, for a first guess
TOLERANCE = 2e-8  # of iron held back as FeO, and of the carbon whose ash is in the charge


@dataclass(frozen=True)
class Bath:
    """What lies in the bath and over it, at bath temperature, and the carbon it took.

    material : carbon source charged; fumes : its volatiles and steam; left : of all carbon, what
    stays beside the melt as graphite, mol
    """

    contents: Stream
    material: Stream
    fumes: Stream
    left: Array
    failures: tuple[Failure, ...]


def melt_down(charge: Stream, electrode: Array, source: CarbonSource, p: Section) -> Bath:
    """Bring a charge with carbon and the ash of that carbon to equilibrium.

    Part of the boron, and of the silicon that comes as oxide, stays in the slag: a share
    1 - exp(-k t) takes part, k = k_ref exp(-E/R (1/T - 1/T_ref)), each with its own k. FeO up to
    `target_feo` stays unreduced.
    With `carbon: auto` the carbon is what leaves no graphite beside carbon-saturated iron.

    Parameters
    ----------
    charge : what is charged beside carbon, gases that go through the bath included
    electrode : (n,) mol carbon of electrodes
    source : carbon source
    p : parameters of the smelter

    Returns
    -------
    Bath

    Errors: failures for cases whose equilibrium, or whose FeO or ash, is not found.
    Range: 1150 to 1800 degC. Source: equilibrium of the system `smelting`.
    """
    T = p["temperature"]
    borate = _held_back_boron(charge, _boron_share(p))
    silica_share = 1 - _silicon_share(p)
    auto = np.isnan(p["carbon"])
    given = np.where(auto, 0.0, p["carbon"]) * 1000.0 / formula_weight({"C": 1.0})
    without_boron = merge([charge, borate.times(-1)])
    # Only iron of the ore is held back: that of the ash lies in the carbon itself.
    iron = charge.element("Fe")
    oxygen = free_oxygen(without_boron)
    limit = 0.999 * np.minimum(iron, oxygen)
    # First guesses: the stable oxides are the slag; what oxygen is left goes off as CO, and iron
    # that is reduced takes up its carbon.
    feo = np.clip(_feo_beside(p["target_feo"], _stable_oxides(without_boron)), 0.0, limit)
    before = (feo, feo)
    per_iron = 1.0 + SATURATION
    coke = oxygen + SATURATION * iron - per_iron * feo - electrode
    coke = np.where(auto, np.maximum(coke, 0.0), given)
    start = None  # each pass is close to the one before
    for attempt in range(PASSES):
        ash = source.ashes(coke)
        silica = _held_back_silicon([charge, ash], silica_share)
        held = merge([borate, silica])
        active = merge([without_boron, ash, silica.times(-1)])
        carbon = np.where(auto, _ample(active), given + electrode)
        whole = merge([active, stream({FEO: -feo, GRAPHITE: carbon})])
        eq = load_system("smelting").equilibrate_stream(whole.at(T=T, P=p["pressure"]), start=start)
        start = eq.potentials
        wanted = _unreduced_feo(eq, held, p["target_feo"], limit)
        # With ample carbon the graphite beside the melt is exactly what was charged too much. What
        # lies elsewhere is counted, not the difference, which is only as sure as the rounding.
        products = eq.stream().only(lambda s: s != GRAPHITE)
        taken_up = products.element("C") - active.element("C")
        taken_up = np.where(eq.converged, taken_up, 0.0)
        found = np.where(auto, np.maximum(taken_up - electrode, 0.0), given)
        # Carbon found as what is left of ample carbon is no surer than rounding.
        settled = np.abs(wanted - feo) <= TOLERANCE * np.maximum(iron, 1e-30)
        settled &= np.abs(found - coke) <= TOLERANCE * found + 1e-12 * carbon
        if (settled | ~eq.converged).all() or attempt == PASSES - 1:
            break
        after = np.clip(secant(feo, wanted, *before), 0.0, limit)
        before = (feo, wanted)
        after = np.where(settled, feo, after)
        ahead = np.maximum(found - per_iron * (after - feo), 0.0)
        coke = np.where(settled, coke, np.where(auto, ahead, given))
        feo = after
    contents = merge([eq.stream(), held, stream({FEO: feo})], T=T)
    # The ash that is in the bath, with the carbon found: its share is right to the tolerance.
    material = source.material(coke).changed({GRAPHITE: found - coke})
    left = np.maximum(found + electrode - taken_up, 0.0)
    contents = contents.changed({GRAPHITE: left - contents[GRAPHITE]})
    contents, slag_eq = _settle_slag(contents, eq)
    failures = (*_failures(eq, settled), *not_found(slag_eq))
    return Bath(contents, material, source.fumes(coke), left, failures)


def secant(guess: Array, found: Array, guess_before: Array, found_before: Array) -> Array:
    """Next guess of x = f(x) from the last two, each (n,), f's slope held between -4 and 0.9."""
    moved = guess - guess_before
    slope = np.where(moved != 0, (found - found_before) / np.where(moved != 0, moved, 1.0), 0.0)
    step: Array = (found - guess) / (1 - np.clip(slope, -4.0, 0.9))
    return guess + step


def slag_part(bath: Stream) -> Stream:
    """What of a bath is oxide, or floats with it: liquid slag, solid oxides, graphite."""
    return bath.phase("slag", "ss", "s")


def _settle_slag(bath: Stream, melt: Equilibrium) -> tuple[Stream, Equilibrium]:
    """The bath with its oxides at equilibrium among themselves, boron held back included.

    This tells how much of the slag is liquid. A surplus of 1e-12 of its oxygen, which then leaves
    as nothing, keeps rounding from making oxides of fixed valence infeasible.
    """
    oxides = slag_part(bath).only(lambda s: "O" in database()[s].composition)
    surplus = {"O2(g)": 0.5e-12 * oxides.element("O")}
    # Under pressure, or ferric slag from a vacuum would give off oxygen that is not there to leave.
    pressed = oxides.changed(surplus).at(P=UNDER_PRESSURE)
    system, known = load_system("slag"), melt.system.elements
    start = melt.potentials[:, [known.index(e) for e in system.elements]]
    eq = system.equilibrate_stream(pressed, start=start)
    return merge([bath, oxides.times(-1), eq.stream().without("g")]), eq


def _boron_share(p: Section) -> Array:
    """Share of the boron that takes part in the equilibrium in the time held."""
    exponent = p["boron_activation"] / R * (1 / p["temperature"] - 1 / p["boron_rate_temperature"])
    share = 1 - np.exp(-p["boron_rate"] * np.exp(-exponent) * p["hold"])
    return np.where(share > 1e-9, share, 0.0)


def _silicon_share(p: Section) -> Array:
    """Share of the charge's silica that takes part in the equilibrium in the time held."""
    exponent = (
        p["silicon_activation"] / R * (1 / p["temperature"] - 1 / p["silicon_rate_temperature"])
    )
    share = 1 - np.exp(-p["silicon_rate"] * np.exp(-exponent) * p["hold"])
    return np.where(share > 1e-9, share, 0.0)


def _held_back_silicon(parts: Iterable[Stream], share: Array) -> Stream:
    """Silica that kinetics keep in the slag; silicon that comes as metal is free to dissolve.

    Lime and magnesia stay with it, to orthosilicate at most: the silica that does take part would
    else meet all of them, and have next to no activity.
    """
    oxides = [s.only(lambda x: "O" in database()[x].composition) for s in parts]
    silica, lime, magnesia = (share * sum(s.element(e) for s in oxides) for e in ("Si", "Ca", "Mg"))
    bases = np.maximum(lime + magnesia, 1e-300)
    bound = np.minimum(1.0, 2 * silica / bases)
    amounts = {"SiO2(slag)": silica, "CaO(slag)": bound * lime, "MgO(slag)": bound * magnesia}
    return stream(amounts, n=len(share))


def _held_back_boron(charge: Stream, share: Array) -> Stream:
    """Boron that kinetics keep in the slag, as borate of the rare earths as far as they reach."""
    # Too little to solve for would stay in the alloy it came in, which does not exist in a bath.
    scarce = share * charge.element("B") < 1e-10 * charge.elements().sum(axis=1)
    share = np.where(scarce, 0.0, share)
    # A charge that was hardly roasted has not the oxygen for it.
    most = 0.999 * free_oxygen(charge) / 1.5
    boron = np.minimum((1 - share) * charge.element("B"), most)
    present = charge.holds()
    re = {e: charge.element(e) for e in rare_earths() if e in present}
    total = sum(re.values(), np.zeros(charge.n))
    # Just short of all rare earth, so that the rest of the charge never lacks the last atom.
    bound = np.minimum(boron, 0.999 * total)
    safe = np.where(total > 0, total, 1.0)
    amounts = {f"{e}BO3(slag)": bound * n / safe for e, n in re.items()}
    return stream({**amounts, "BO1.5(slag)": boron - bound}, T=charge.T, P=charge.P)


def _ample(active: Stream) -> Array:
    """Carbon that takes all oxygen as CO, saturates the iron and makes every carbide, mol."""
    return active.elements()[:, :-1].sum(axis=1) + active.element("B") + 1.0


def free_oxygen(charge: Stream) -> Array:
    """Oxygen of the charge beyond that of the oxides which carbon leaves alone, mol."""
    return np.maximum(charge.element("O") - _bound_oxygen(charge), 0.0)


def _bound_oxygen(charge: Stream) -> Array:
    """Oxygen of the oxides which carbon leaves alone, mol."""
    stable = np.array([e.slag for e in elements().values()])
    return charge.elements()[:, : len(stable)] @ stable


def _stable_oxides(charge: Stream) -> Array:
    """Mass of the oxides which carbon leaves alone, kg."""
    stable = np.array([e.slag > 0 for e in elements().values()])
    atoms = charge.elements()[:, : len(stable)] * stable
    return atoms @ atomic_weights()[: len(stable)] + _bound_oxygen(charge) * formula_weight(
        {"O": 1.0}
    )


def _feo_beside(target: Array, others: Array) -> Array:
    """FeO, mol, that makes the target share of a slag beside so much of other oxides, kg."""
    return target / (1 - target) * others / formula_weight({"Fe": 1.0, "O": 1.0})


def _unreduced_feo(eq: Equilibrium, held: Stream, target: Array, limit: Array) -> Array:
    """FeO (mol) to hold back so that all FeO in the slag makes the target share of its mass."""
    bath = merge([eq.stream(), held])
    weight = formula_weight({"Fe": 1.0, "O": 1.0})
    reduced = bath[FEO] + bath["FeO(s)"]
    others = slag_part(bath).only(lambda s: s != GRAPHITE).mass() - reduced * weight
    wanted = _feo_beside(target, others) - reduced
    found: Array = np.clip(np.where(eq.converged, wanted, 0.0), 0.0, limit)
    return found


def _failures(eq: Equilibrium, settled: NDArray[np.bool_]) -> tuple[Failure, ...]:
    late = eq.converged & ~settled
    if not late.any():
        return not_found(eq)
    return (*not_found(eq), Failure(late, "FeO held back in the slag, or the ash, did not settle"))
