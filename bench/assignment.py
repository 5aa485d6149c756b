"""What an assignment costs: 1,000 proposals, 300 reviewers, three reviews each, a tenth of all pairs with a conflict.

    .venv/bin/python bench/assignment.py [seed]

needs no server. It ends with 1 where a pair with a conflict came about, a place stayed empty, or a load is more than one from even.
"""

import random
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from proposals.actions.matching import Places, by_reviewer, match

PROPOSALS, REVIEWERS, REVIEWS, COUNTRIES = 1_000, 300, 3, 40


def main(seed: int) -> int:
    luck = random.Random(seed)
    pairs = [(p, r) for p in range(PROPOSALS) for r in range(REVIEWERS)]
    bound = {pair for pair in pairs if luck.random() < 0.1}
    places = Places(
        wanted=dict.fromkeys(range(PROPOSALS), REVIEWS),
        room=dict.fromkeys(range(REVIEWERS), 15),
        fits={pair: luck.choice([0, 0, 0, 30, 60, 100]) for pair in pairs if pair not in bound},
        country={r: f"country {luck.randrange(COUNTRIES)}" for r in range(REVIEWERS)},
    )
    print(f"{PROPOSALS:,} proposals, {REVIEWERS} reviewers, {len(places.fits):,} allowed pairs …", flush=True)
    start = time.monotonic()
    chosen = match(places, seed=seed)
    seconds = time.monotonic() - start
    loads = by_reviewer(chosen).values()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    wrong = len(chosen & bound)
    print(
        f"{len(chosen):,} pairs in {seconds:.1f} s, {memory} MB; loads {min(loads)} to {max(loads)}; conflicts {wrong}"
    )
    return int(wrong > 0 or len(chosen) < PROPOSALS * REVIEWS or max(loads) - min(loads) > 1)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
