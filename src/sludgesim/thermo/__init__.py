"""Thermochemistry: species data, phases and systems, streams and their enthalpy."""

from sludgesim.thermo.elements import atomic_weights, elements, rare_earths, symbols
from sludgesim.thermo.heating import temperature_at
from sludgesim.thermo.species import database, species_table
from sludgesim.thermo.stream import Stream, merge, solidified, stream
from sludgesim.thermo.system import Equilibrium, System, load_system, system_names
from sludgesim.thermo.thermochemistry import Species, Thermochemistry, packaged, using

__all__ = [
    "Equilibrium",
    "Species",
    "Stream",
    "System",
    "Thermochemistry",
    "atomic_weights",
    "database",
    "elements",
    "load_system",
    "merge",
    "packaged",
    "rare_earths",
    "solidified",
    "species_table",
    "stream",
    "symbols",
    "system_names",
    "temperature_at",
    "using",
]
