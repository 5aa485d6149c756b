"""Which reviewer judges which proposal: an optimisation that knows nothing of the portal.

Each proposal wants so many reviewers, each reviewer takes so many at most, forbidden pairs never come about. Among all
such choices the one is taken that leaves the fewest places empty, then has the loads as even as they can be, then
spreads the reviewers of a proposal over countries, then has the best-fitting pairs. The matrix is that of a network,
so the linear programme has whole numbers as its solution (docs/adr/0008).
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

EMPTY_PLACE = 100_000.0  # costs more than any unevenness
UNEVEN = 1_000.0  # for each review beyond an even share; more than any fit
SAME_COUNTRY = 60.0  # for a second reviewer of one country: as much as a fit of 60 points
STAYS = 200.0  # what an assignment that exists already is worth, so that re-balancing moves little
BEST_FIT = 100


@dataclass(frozen=True)
class Places:
    """What is to be filled. `fits` gives points from 0 to 100 for allowed pairs alone: a pair without points is forbidden.

    `room` is how many each reviewer still takes, `held` how many are fixed already (they count for the even share),
    `wanted` how many each proposal still wants; `present` are pairs that may move but rather stay.
    """

    wanted: Mapping[int, int]
    room: Mapping[int, int]
    fits: Mapping[tuple[int, int], int]
    country: Mapping[int, str] = field(default_factory=dict)
    held: Mapping[int, int] = field(default_factory=dict)
    present: frozenset[tuple[int, int]] = frozenset()


def match(places: Places, *, seed: int = 1) -> set[tuple[int, int]]:
    """Pairs (proposal, reviewer). The same input and seed give the same pairs."""
    pairs = sorted(pair for pair in places.fits if places.wanted.get(pair[0], 0) and places.room.get(pair[1], 0))
    if not pairs:
        return set()
    import highspy  # here, for it takes long to load and few pages need it
    import numpy as np

    rows, columns = _Rows(), _Columns()
    luck = random.Random(seed)  # noqa: S311 (for ties, not for secrets)
    for proposal, reviewer in pairs:
        country = places.country.get(reviewer, "")
        gain = places.fits[proposal, reviewer] + luck.random() / 10
        gain += STAYS if (proposal, reviewer) in places.present else 0
        entries = [(rows.of("proposal", proposal), 1), (rows.of("reviewer", reviewer), 1)]
        columns.add(-gain, 1, entries + ([(rows.of("country", proposal, country), 1)] if country else []))
    total = sum(places.wanted.values()) + sum(places.held.values())
    even = total // max(1, len(places.room))
    lower: dict[int, float] = {}
    upper: dict[int, float] = {}
    for key, row in list(rows.known.items()):
        match key:
            case ("proposal", proposal):
                lower[row] = upper[row] = places.wanted[proposal]
                columns.add(EMPTY_PLACE, places.wanted[proposal], [(row, 1)])
            case ("reviewer", reviewer):
                lower[row] = upper[row] = 0
                _add_steps(columns, row, places.room[reviewer], places.held.get(reviewer, 0), even)
            case ("country", proposal, _country):
                lower[row], upper[row] = -highspy.kHighsInf, 1
                columns.add(SAME_COUNTRY, places.wanted[proposal], [(row, -1)])
    bounds = [lower[row] for row in range(len(lower))], [upper[row] for row in range(len(upper))]
    solution = _solve(columns, *bounds, seed, np, highspy)
    return {pair for pair, chosen in zip(pairs, solution, strict=False) if chosen > 0.5}


def _add_steps(columns: "_Columns", row: int, room: int, held: int, even: int) -> None:
    """The load of a reviewer in steps that cost more and more: up to the even share nothing, then ever more."""
    free = min(room, max(0, even - held))
    if free:
        columns.add(0, free, [(row, -1)])
    for step in range(room - free):
        beyond = max(1, held + free + step + 1 - even)
        columns.add(UNEVEN * beyond, 1, [(row, -1)])


class _Rows:
    def __init__(self) -> None:
        self.known: dict[tuple, int] = {}

    def of(self, *key) -> int:
        return self.known.setdefault(key, len(self.known))


class _Columns:
    """A sparse matrix by columns, as the solver takes it."""

    def __init__(self) -> None:
        self.cost: list[float] = []
        self.upper: list[float] = []
        self.start: list[int] = []
        self.index: list[int] = []
        self.value: list[float] = []

    def add(self, cost: float, upper: float, entries: Iterable[tuple[int, float]]) -> None:
        self.cost.append(cost)
        self.upper.append(upper)
        self.start.append(len(self.index))
        for row, value in entries:
            self.index.append(row)
            self.value.append(value)


def _solve(columns: _Columns, lower: list[float], upper: list[float], seed: int, np, highspy) -> list[float]:
    problem = highspy.HighsLp()
    problem.num_col_, problem.num_row_ = len(columns.cost), len(lower)
    problem.col_cost_, problem.col_upper_ = np.array(columns.cost, float), np.array(columns.upper, float)
    problem.col_lower_ = np.zeros(len(columns.cost))
    problem.row_lower_, problem.row_upper_ = np.array(lower, float), np.array(upper, float)
    problem.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    problem.a_matrix_.start_ = np.array([*columns.start, len(columns.index)])
    problem.a_matrix_.index_ = np.array(columns.index)
    problem.a_matrix_.value_ = np.array(columns.value, float)
    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("threads", 1)  # several would choose among equals by chance
    solver.setOptionValue("random_seed", seed)
    solver.setOptionValue("solver", "simplex")  # a corner of the polytope, so whole numbers
    solver.passModel(problem)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError("The solver found no best assignment.")  # empty places are always allowed: a defect
    return list(solver.getSolution().col_value)


def fit(wanted: Iterable[str], offered: Iterable[str]) -> int:
    """Points for what a reviewer knows of what a proposal is about: the share of the proposal's words, 0 to 100."""
    wanted, offered = set(wanted), set(offered)
    return round(BEST_FIT * len(wanted & offered) / len(wanted)) if wanted else 0


def by_reviewer(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    for _proposal, reviewer in pairs:
        found[reviewer] += 1
    return dict(found)
