"""The batched Gibbs-energy minimiser: arrays in, arrays out, no chemistry."""

from sludgesim.equilibrium.network import Network
from sludgesim.equilibrium.optimality import Optimality, check
from sludgesim.equilibrium.sensitivity import Response, respond
from sludgesim.equilibrium.solution import Solution, Status
from sludgesim.equilibrium.solve import kernels_cached, solve

__all__ = [
    "Network",
    "Optimality",
    "Response",
    "Solution",
    "Status",
    "check",
    "kernels_cached",
    "respond",
    "solve",
]
