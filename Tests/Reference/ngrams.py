#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the last tenth of a text costs under interpolated modified Kneser-Ney models fitted on the rest.

    ngrams.py FILE

Prints nats a character for 0 to 6 characters of context: what `chartrain` tells as baselines, by dictionaries of
strings in place of one sorted table. Takes about a minute and a gigabyte for a million characters. NGramBaselinesTests
has the figures of the text that `ngrams.py --made` makes.
"""
import math
import sys
from collections import Counter, defaultdict

DEPTH = 6
PADDING = "\uffff"


def discounts(tables):
    numbers = Counter(count for table in tables.values() for count in table.values())
    one, two, three, four = (numbers[count] for count in (1, 2, 3, 4))
    fallen_back = (0.5, 1.0, 1.5)
    if not one or not two or not three:
        return fallen_back
    share = one / (one + 2 * two)
    values = (1 - 2 * share * two / one, 2 - 3 * share * three / two, 3 - 4 * share * four / three)
    return values if all(0 < value <= most for most, value in enumerate(values, 1)) else fallen_back


def model(tables):
    taken = discounts(tables)
    totals = {context: sum(table.values()) for context, table in tables.items()}
    freed = {
        context: sum(taken[min(count, 3) - 1] for count in table.values()) / totals[context]
        for context, table in tables.items()
    }

    def probability(context, symbol, lower):
        if context not in tables:
            return lower
        count = tables[context].get(symbol, 0)
        discounted = count - taken[min(count, 3) - 1] if count else 0
        return discounted / totals[context] + freed[context] * lower

    return probability


def costs(training, held_out):
    kinds = len(set(training + held_out))
    beginning = PADDING * DEPTH + ("\n" if "\n" in training + held_out else "")
    training, held_out = beginning + training, beginning + held_out
    seen = range(len(beginning), len(training))
    charged = range(len(beginning), len(held_out))
    lower = {place: 1 / kinds for place in charged}
    for order in range(DEPTH + 1):
        counts = defaultdict(Counter)
        for place in seen:
            counts[training[place - order : place]][training[place]] += 1
        fitted = model(counts)
        yield -sum(
            math.log(fitted(held_out[p - order : p], held_out[p], lower[p])) for p in charged
        ) / len(charged)
        if order == DEPTH:
            return
        varieties = defaultdict(Counter)
        for gram in {training[place - order - 1 : place + 1] for place in seen}:
            varieties[gram[1:-1]][gram[-1]] += 1
        fitted = model(varieties)
        lower = {p: fitted(held_out[p - order : p], held_out[p], lower[p]) for p in charged}


def made():
    """A text of 3000 characters that every language can make."""
    state, text = 1, ""
    while len(text) < 3000:
        state = state * 16807 % 2147483647
        text += ("the ", "cat ", "sat ", "on ", "a ", "mat.\n", "dog ")[state // 7 % 7]
    return text[:3000]


if __name__ == "__main__":
    if sys.argv[1:] == ["--made"]:
        text = made()
    else:
        with open(sys.argv[1], encoding="utf-8", newline="") as file:
            text = file.read()
    split = len(text) - int(len(text) * 0.1)
    for order, nats in enumerate(costs(text[:split], text[split:])):
        print(f"{order}\t{nats:.9f}", flush=True)
