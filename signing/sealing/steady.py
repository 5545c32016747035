"""Keeping the slowest seal near the median."""

import gc


def settle() -> None:
    """Tell the garbage collector that what the process holds now, it holds for good.

    To be called once by an entry point, when fonts, keys and sealers are open. Without it every
    full collection walks over all of them again: 90 ms on a seal that takes 4 (fonts and
    libraries are some half a million objects). It is the whole process's business, and so it is
    not done by anything below.
    """
    gc.collect()
    gc.freeze()
