"""The residents' estimate: a stratified mean with finite population correction.

The strata are the cells: shown estates and groups of folded ones. Source: Cochran, Sampling
Techniques (stratified estimator, fpc; collapsed strata, 5A.12); Lumley's R package `survey`
(`svyciprop`) for the logit interval. Scores and standard errors are in points, variances in
points².
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rating.scoring.answers.tallies import Moments
from rating.scoring.arithmetic import HUNDRED, ONE, UNITS_PER_POINT, ZERO, add_up, exact, points
from rating.scoring.quantiles import t_quantile
from rating.scoring.rules import IntervalMethod


@dataclass(frozen=True, slots=True)
class Stratum:
    """N, n ≥ 1, ȳ in points and SS = Σy² − (Σy)²/n in points² of a shown estate or a group."""

    households: int
    count: int
    mean: Decimal
    squares: Decimal

    @classmethod
    @exact
    def of(cls, households: int, counted: Moments) -> "Stratum":
        """A stratum with nothing rounded; there must be an evaluation."""
        n = counted.count
        scaled = n * counted.total_squares - counted.total**2
        return cls(households, n, points(counted.total) / n, Decimal(scaled) / (n * UNITS_PER_POINT**2))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean, its variance and df; `census` says that every household answered in the
    cells it covers.
    """

    mean: Decimal
    variance: Decimal
    degrees: int
    census: bool

    @property
    @exact
    def standard_error(self) -> Decimal:
        """SE in points."""
        return self.variance.sqrt()


@dataclass(frozen=True, slots=True)
class Bounds:
    """The two ends of an interval, in points."""

    lower: Decimal
    upper: Decimal

    @property
    @exact
    def half_width(self) -> Decimal:
        """Half the distance between the ends."""
        return (self.upper - self.lower) / 2


@exact
def pool_variance(strata: Sequence[Stratum]) -> tuple[Decimal, int]:
    """s² = Σ SS_e / df (0 if df = 0), and df = Σ n_e − L."""
    degrees = sum(s.count for s in strata) - len(strata)
    squares = add_up(s.squares for s in strata)
    return (squares / degrees if degrees else ZERO), degrees


@exact
def smoothed_variance(stratum: Stratum, pooled: Decimal, prior: int) -> Decimal:
    """s̃_e² = (SS_e + k s²) / (n_e − 1 + k), which is s² for n_e = 1, also with k = 0."""
    degrees = stratum.count - 1
    if degrees == 0:
        return pooled
    return (stratum.squares + prior * pooled) / (degrees + prior)


@exact
def weighted_variance(stratum: Stratum, pooled: Decimal, prior: int) -> Decimal:
    """N_e² v_e = N_e (N_e − n_e) s̃_e² / n_e, never below 0: n_e > N_e occurs only where flagged evaluations are
    counted to try a listing.
    """
    silent = max(0, stratum.households - stratum.count)
    spread = smoothed_variance(stratum, pooled, prior)
    return stratum.households * silent * spread / stratum.count


@exact
def estimate_mean(strata: Sequence[Stratum], pooled: Decimal, degrees: int, prior: int) -> Estimate:
    """Ŷ = Σ P_e ȳ_e and V = Σ P_e² v_e over the strata, of which there must be one."""
    households = sum(s.households for s in strata)
    variances = (weighted_variance(s, pooled, prior) for s in strata)
    return Estimate(
        mean=add_up(s.households * s.mean for s in strata) / households,
        variance=add_up(variances) / households**2,
        degrees=degrees,
        # n_e ≤ N_e in every stratum, so equal sums mean equality in each.
        census=sum(s.count for s in strata) == households,
    )


@exact
def estimate_alone(stratum: Stratum, prior: int) -> Estimate:
    """An estate's own estimate: the same for that estate alone."""
    pooled, degrees = pool_variance([stratum])
    return estimate_mean([stratum], pooled, degrees, prior)


@exact
def interval(estimate: Estimate, method: IntervalMethod, probability: Decimal) -> Bounds | None:
    """Both bounds of the mean, each at `probability` (0.975 by default).

    With no variance: the mean itself if everybody answered, else None, because
    identical answers from some say nothing about how much the others would differ.
    """
    if estimate.variance == 0:
        return Bounds(estimate.mean, estimate.mean) if estimate.census else None
    reach = t_quantile(estimate.degrees, probability) * estimate.standard_error
    if method is IntervalMethod.LINEAR:
        return Bounds(estimate.mean - reach, estimate.mean + reach)
    return _logit_interval(estimate.mean, reach)


def _logit_interval(mean: Decimal, reach: Decimal) -> Bounds | None:
    share = mean / HUNDRED
    if not 0 < share < 1:
        # Marks that vary have a mean inside the scale; only a forged file gets here.
        return None
    centre = (share / (1 - share)).ln()
    h = reach / (HUNDRED * share * (1 - share))
    return Bounds(HUNDRED * _expit(centre - h), HUNDRED * _expit(centre + h))


def _expit(value: Decimal) -> Decimal:
    return ONE / (ONE + (-value).exp())


@exact
def weighted_mean(
    parts: Iterable[tuple[int, Decimal]],
) -> tuple[int, Decimal] | None:
    """(ΣN, Σ N·mean / ΣN) of parts (N, Σ N·mean), or None if no household is covered."""
    rows = list(parts)
    households = sum(n for n, _ in rows)
    if households == 0:
        return None
    return households, add_up(total for _, total in rows) / households
