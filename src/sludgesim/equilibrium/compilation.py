"""How the inner functions of kernels are compiled."""

from numba import njit

# Only the outermost function is cached on disk (its code holds theirs), so none can be stale.
# Multiply-add in one instruction is welcome; nan and inf keep their meaning.  Nobody calls these
# from Python, and without wrappers they compile in half the time.
compiled = njit(  # type: ignore[call-overload]  # numba's stubs lack the wrapper options
    error_model="numpy",
    fastmath={"contract"},
    no_cpython_wrapper=True,
    no_cfunc_wrapper=True,
)
