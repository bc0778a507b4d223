"""pH and speciation of 30 liquors against PHREEQC, on the same constants and activity model.

The PHREEQC database is written here from the project's own Gibbs energies and interaction
coefficients at 25 degC; every master is an element of PHREEQC, so nothing else is shared.
"""

from __future__ import annotations

import numpy as np
import phreeqpython
import pytest

from sludgesim.thermo import rare_earths, stream
from sludgesim.thermo.aqueous import load_aqueous
from sludgesim.thermo.masters import in_masters, masters
from sludgesim.thermo.sit import LN10, sit
from sludgesim.thermo.species import database, species_set

WATER = 1 / 0.018015284
TOKEN = {
    "chloride": "Cl", "sulphate": "Sul", "nitrate": "Nit", "ammonia": "Amm", "oxalate": "Oxa",
    "carbonate": "Coo", "borate": "Bor", "sodium": "Na", "magnesium": "Mg", "calcium": "Ca",
    "aluminium": "Al", "manganese": "Mn", "iron": "Fed", "cobalt": "Co", "nickel": "Ni",
    "copper": "Cu", "Nd": "Nd", "Dy": "Dy",
}  # fmt: skip
FERRIC = "Fef"
LIQUORS = [
    {"H+": 0.1, "Cl-": 0.1},
    {"H+": 3.0, "Cl-": 3.0},
    {"Na+": 0.1, "OH-": 0.1},
    {"Na+": 2.0, "Cl-": 2.0, "H+": 1e-3, "NO3-": 1e-3},
    {"H+": 1.0, "SO4-2": 0.5},
    {"H+": 4.0, "SO4-2": 2.0},
    {"Na+": 1.0, "SO4-2": 0.75, "H+": 0.5},
    {"NH4+": 0.5, "Cl-": 0.5, "NH3": 0.3},
    {"H3BO3": 0.2, "Na+": 0.05, "OH-": 0.05},
    {"Na+": 0.3, "HCO3-": 0.1, "CO3-2": 0.1},
    {"H2C2O4": 0.2},
    {"H2C2O4": 0.1, "Na+": 0.1, "OH-": 0.1},
    {"Nd+3": 0.1, "Cl-": 0.3},
    {"Nd+3": 0.4, "Cl-": 1.7, "H+": 0.5},
    {"Nd+3": 0.2, "Dy+3": 0.05, "SO4-2": 0.4, "H+": 0.05},
    {"Nd+3": 0.2, "NO3-": 0.7, "H+": 0.1},
    {"Fe+3": 0.1, "Cl-": 0.8, "H+": 0.5},
    {"Fe+3": 0.5, "Cl-": 2.5, "H+": 1.0},
    {"Fe+3": 0.2, "SO4-2": 0.8, "H+": 1.0},
    {"Fe+2": 0.5, "SO4-2": 0.6, "H+": 0.2},
    {"Fe+2": 0.3, "Fe+3": 0.1, "Cl-": 1.3, "H+": 0.4},
    {"Al+3": 0.2, "Cl-": 0.6},
    {"Al+3": 0.05, "Na+": 0.3, "OH-": 0.3, "Cl-": 0.15},
    {"Co+2": 0.1, "Ni+2": 0.05, "Cu+2": 0.02, "SO4-2": 0.17},
    {"Ca+2": 0.3, "Mg+2": 0.2, "Cl-": 1.0, "HCO3-": 1e-3, "Na+": 1e-3},
    {"Fe+3": 0.05, "H2C2O4": 0.3, "Cl-": 0.25, "H+": 0.1},
    # with solids that fall
    {"Fe+3": 0.2, "Nd+3": 0.2, "Cl-": 1.2, "Na+": 0.55, "OH-": 0.55},
    {"Nd+3": 0.2, "H2C2O4": 0.35, "Cl-": 0.7, "H+": 0.1},
    {"Ca+2": 0.3, "SO4-2": 0.3, "Na+": 0.1, "Cl-": 0.1},
    {"Nd+3": 0.1, "Co+2": 0.02, "Cl-": 0.34, "Na+": 0.36, "OH-": 0.36},
]
SOLIDS = {
    26: ("Fe(OH)3(s)",), 27: ("Nd2(C2O4)3.10H2O(s)",), 28: ("CaSO4.2H2O(s)",),
    29: ("Nd(OH)3(s)", "Co(OH)2(s)"),
}  # fmt: skip

MIXTURES = [  # ions, and the members of the solid solution that falls
    ({"Nd+3": 0.2, "Dy+3": 0.1, "H2C2O4": 0.3, "Cl-": 1.0, "H+": 0.1},
     ("Nd2(C2O4)3.10H2O(s)", "Dy2(C2O4)3.10H2O(s)")),
    ({"Nd+3": 0.1, "Dy+3": 0.1, "Cl-": 0.6, "Na+": 0.3, "OH-": 0.3},
     ("Nd(OH)3(s)", "Dy(OH)3(s)")),
]  # fmt: skip


def parts(species: str) -> tuple[str, str, dict[str, float]]:
    """PHREEQC's formula of a species, its charge, and the masters it is made of."""
    amounts = dict(in_masters(species))
    ferric = amounts.pop("oxidant", 0.0)
    water, proton = amounts.pop("water", 0.0), amounts.pop("proton", 0.0)
    made: dict[str, float] = {}
    for m, n in amounts.items():
        if m == "iron" and ferric:
            assert ferric == n
            made[FERRIC] = n
        else:
            made[TOKEN[m]] = n
    text = "".join(f"{t}{n:g}" if n != 1 else t for t, n in made.items())
    for atom, n in (("O", water), ("H", 2 * water + proton)):
        text += f"{atom}{n:g}" if n not in (0, 1) else atom * int(n)
    z = round(-database()[species].composition.get("E", 0.0))
    return text, "" if z == 0 else f"{z:+d}" if abs(z) > 1 else "+-"[z < 0], {
        **made, "H2O": water, "H+": proton}  # fmt: skip


def log_k(species: str) -> tuple[float, str]:
    """log K of formation from PHREEQC's master species, and the left side of the reaction."""
    made = parts(species)[2]
    T = np.array([298.15])
    total = -species_set((species,)).gibbs_over_RT(T)[0, 0]
    left = []
    for token, n in made.items():
        if n == 0:
            continue
        own = {"H2O": "H2O(l)", "H+": "H+(aq)", FERRIC: "Fe+3(aq)"}.get(token)
        own = own or next(m.species for m in masters() if TOKEN.get(m.name) == token)
        total += n * species_set((own,)).gibbs_over_RT(T)[0, 0]
        name = "H2O" if token == "H2O" else "H+" if token == "H+" else "".join(parts(own)[:2])
        left.append((n, name))
    side = " + ".join(f"{n:g} {s}" for n, s in left).replace("+ -", "- ")
    return total / LN10, side


def possible(system, tokens: set[str]) -> list[str]:
    """Dissolved species of the system that these elements can form."""
    found = []
    for s in system.liquor[1:]:
        amounts = in_masters(s)
        if any(m not in ("water", "proton", "oxidant") and m not in TOKEN for m in amounts):
            continue
        if set(parts(s)[2]) - {"H2O", "H+"} <= tokens:
            found.append(s)
    return found


def database_text(system, solids: set[str]) -> str:
    tokens = {*TOKEN.values(), FERRIC}
    species = possible(system, tokens)
    masters_of = dict.fromkeys(tokens)
    for s in species:
        made = {t: n for t, n in parts(s)[2].items() if n}
        if list(made.values()) == [1.0] and next(iter(made)) in tokens:
            masters_of[next(iter(made))] = s
    lines = [
        "SOLUTION_MASTER_SPECIES",
        "H H+ -1 H 1.008",
        "H(0) H2 0 H",
        "H(1) H+ -1 0",
        "E e- 0 0 0",
        "O H2O 0 O 16.00",
        "O(0) O2 0 O",
        "O(-2) H2O 0 0",
    ]
    lines += [f"{t} {''.join(parts(s)[:2])} 0 1 1" for t, s in masters_of.items()]
    lines += ["SOLUTION_SPECIES", "H+ = H+", " log_k 0", "e- = e-", " log_k 0", "H2O = H2O",
              " log_k 0", "2 H+ + 2 e- = H2", " log_k -60", "2 H2O = O2 + 4 H+ + 4 e-",
              " log_k -180"]  # fmt: skip
    for s in masters_of.values():
        name = "".join(parts(s)[:2])
        lines += [f"{name} = {name}", " log_k 0"]
    for s in species:
        if s in masters_of.values() or s == "H+(aq)":
            continue
        k, left = log_k(s)
        lines += [f"{left} = {''.join(parts(s)[:2])}", f" log_k {k:.10f}"]
    lines.append("PHASES")
    for s in sorted(solids):
        k, left = log_k(s)
        text = parts(s)[0]
        lines += [phase(s), f"{text} = {left}", f" log_k {-k:.10f}"]
    for s in sorted({s for _, members in MIXTURES for s in members}):
        lines += [f"half_{phase(s)}", *half(s)]
    model = sit(tuple(species))
    lines += ["SIT", "-epsilon"]
    for i, a in enumerate(species):
        for j in range(i):
            if model.epsilon[i, j]:
                lines.append(f"{''.join(parts(a)[:2])} {''.join(parts(species[j])[:2])} "
                             f"{model.epsilon[i, j]}")  # fmt: skip
    return "\n".join([*lines, "END"])


def phase(solid: str) -> str:
    """PHREEQC's name of a solid."""
    return solid.split("(s)")[0].replace(".", "_")


def half(solid: str) -> list[str]:
    """A solid by the one rare earth of its formula unit, so that mole fractions count sites."""
    sites = max(n for e, n in database()[solid].composition.items() if e in rare_earths())
    k, left = log_k(solid)
    made = {t: n / sites for t, n in parts(solid)[2].items()}
    water, proton = made.pop("H2O"), made.pop("H+")
    atoms = {**made, "O": water, "H": 2 * water + proton}
    text = "".join(f"{t}{n:g}" for t, n in atoms.items() if n)
    terms = (term.split(" ", 1) for term in left.replace("- ", "+ -").split(" + "))
    side = " + ".join(f"{float(n) / sites:g} {name}" for n, name in terms)
    return [f"{text} = {side.replace('+ -', '- ')}", f" log_k {-k / sites:.10f}"]


@pytest.fixture(scope="module")
def witness():
    system = load_aqueous("leaching")
    engine = phreeqpython.PhreeqPython().ip
    text = database_text(system, {s for group in SOLIDS.values() for s in group})
    engine.load_database_string(text)
    return system, engine


def run(
    engine, totals: dict[str, float], solids, species: list[str], mixed=()
) -> tuple[float, np.ndarray]:
    names = ["".join(parts(s)[:2]) for s in species]
    lines = ["SOLUTION 1", " units mol/kgw", " temp 25", " pH 7 charge", " pe 4"]
    lines += [f" {t} {n:.12g}" for t, n in totals.items()]
    if solids:
        lines.append("EQUILIBRIUM_PHASES 1")
        lines += [f" {phase(s)} 0 0" for s in solids]
    if mixed:
        lines += ["SOLID_SOLUTIONS 1", "crystals", *(f" -comp half_{phase(s)} 0" for s in mixed)]
    lines += ["SELECTED_OUTPUT", " -reset false", " -high_precision true", " -pH true",
              f" -molalities {' '.join(names)}", "END"]  # fmt: skip
    engine.run_string("\n".join(lines))
    rows = engine.get_selected_output_array()
    last = dict(zip(rows[0], rows[-1], strict=True))
    return last["pH"], np.array([last[f"m_{n}(mol/kgw)"] for n in names])


@pytest.mark.parametrize("number", range(len(LIQUORS)))
def test_ph_and_speciation(witness, number):
    system, _ = witness
    ions = LIQUORS[number]
    charge = stream({"H2O(l)": WATER, **{f"{s}(aq)": n for s, n in ions.items()}})
    solids = SOLIDS.get(number, ())
    without = tuple(s for s in system.all_solids if s not in solids)
    assert_same(load_aqueous("leaching", without=without).equilibrate_stream(charge), witness, ions,
                solids)  # fmt: skip


@pytest.mark.parametrize(("ions", "members"), MIXTURES, ids=["oxalates", "hydroxides"])
def test_solid_solutions(witness, ions, members):
    system, _ = witness
    charge = stream({"H2O(l)": WATER, **{f"{s}(aq)": n for s, n in ions.items()}})
    without = tuple(s for s in system.all_solids if s not in members)
    found = load_aqueous("leaching", without=without).equilibrate_stream(charge)
    assert all((found[s] > 0).all() for s in members)
    assert_same(found, witness, ions, (), members)


def assert_same(found, witness, ions, solids, mixed=()):
    """pH, and every species above 0.1 % of the solutes, are those of PHREEQC."""
    system, engine = witness
    assert found.converged.all()
    totals: dict[str, float] = {}
    for ion, n in ions.items():
        for token, k in parts(f"{ion}(aq)")[2].items():
            if token not in ("H2O", "H+") and k:
                totals[token] = totals.get(token, 0.0) + k * n
    species = possible(system, set(totals))
    pH, molality = run(engine, totals, solids, species, mixed)
    assert found.pH[0] == pytest.approx(pH, abs=0.02)
    ours = np.array([found.molality(s)[0] for s in species])
    matters = molality > 1e-3 * sum(totals.values())
    assert ours[matters] == pytest.approx(molality[matters], rel=0.03)
