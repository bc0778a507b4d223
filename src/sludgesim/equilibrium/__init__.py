from sludgesim.equilibrium.network import Network
from sludgesim.equilibrium.optimality import Optimality, check
from sludgesim.equilibrium.solve import Solution, Status, solve
