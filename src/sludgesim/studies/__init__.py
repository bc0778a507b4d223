"""Studies: questions asked of a scenario by running it, once or many times."""

from sludgesim.studies.goal_seek import goal_seek
from sludgesim.studies.optimise import optimise
from sludgesim.studies.sensitivity import sensitivity
from sludgesim.studies.sweep import sweep
from sludgesim.studies.uncertainty import uncertainty
from sludgesim.studies.workers import Execution

__all__ = ["Execution", "goal_seek", "optimise", "sensitivity", "sweep", "uncertainty"]
