"""Which of many effects that were looked at together are there: the share of false ones among them is held."""

from collections.abc import Sequence


def discoveries(ps: Sequence[float], level: float = 0.95, anytime: bool = True) -> tuple[bool, ...]:
    """Whether each effect is there, with an expected share of at most 1 - level false ones among those that are said to be.

    `anytime`: p of `always` at this look. Each is the inverse of an e-value, so the steps of Benjamini and Hochberg (1995) over
    them are the e-BH procedure (Wang and Ramdas 2022), which holds however arms, segments and metrics hang together (they share a
    control) and whenever one stops; Johari et al. (2022) do the same with always-valid p. The least p of all looks so far would
    not do: it is no bet that could be paid out now. Otherwise p of one look: Benjamini and Yekutieli (2001), which holds under
    any dependence at the price of a logarithm.
    """
    from statsmodels.stats.multitest import multipletests

    if not len(ps):
        return ()
    return tuple(map(bool, multipletests(ps, alpha=1 - level, method="fdr_bh" if anytime else "fdr_by")[0]))
