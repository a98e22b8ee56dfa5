// SPDX-License-Identifier: GPL-3.0-or-later
//
// Everything that is not a product: one body for all levels, over V. Included once by each level's file.

#include "CKernels.h"
#include "vectors.h"

static void scatter_add(size_t rows, size_t n, const float *in, size_t ldin, const uint16_t *ids, float *table,
                        size_t ldtable) {
    for (size_t r = 0; r < rows; r++, in += ldin) {
        float *row = table + ids[r] * ldtable;
        FOR_LANES(j, n) store_some(row + j, load_some(row + j, some) + load_some(in + j, some), some);
    }
}

/// Where gate f stands of a row of gates of n units, g and o behind it; coupled ones have no i before it.
INLINE float *forget_gate(const bool coupled, size_t n, float *gates) { return coupled ? gates : gates + n; }

/// Activated gates, n floats apart, and cell of the first `some` of LANES units of a row.
INLINE void activate_some(const bool coupled, const size_t some, size_t n, float *gates, const float *cell_before,
                          float *cell) {
    float *forget = forget_gate(coupled, n, gates);
    V f = sigmoid_of(load_some(forget, some));
    V i = coupled ? splat(1.0f) - f : sigmoid_of(load_some(gates, some));
    V g = tanh_of(load_some(forget + n, some));
    V o = sigmoid_of(load_some(forget + 2 * n, some));
    V c = FMA(f, load_some(cell_before, some), i * g);
    if (!coupled) store_some(gates, i, some);
    store_some(forget, f, some);
    store_some(forget + n, g, some);
    store_some(forget + 2 * n, o, some);
    store_some(cell, c, some);
}

/// What the cell shows: `output` is the activated gate o.
INLINE void show_some(const size_t some, const float *output, const float *cell, float *hidden) {
    store_some(hidden, load_some(output, some) * tanh_of(load_some(cell, some)), some);
}

INLINE void cells_forward(const bool coupled, size_t rows, size_t n, float *gates, size_t ldgates,
                          const float *cell_before, float *cell, float *hidden, size_t ld) {
    const size_t whole = n - n % LANES, rest = n % LANES;
    for (size_t r = 0; r < rows; r++, gates += ldgates, cell_before += ld, cell += ld, hidden += ld) {
        // Two passes, each over whole vectors without a condition: tanh c waits for all that is before it, and a
        // processor does not look far enough ahead to do the next units' gates meanwhile.
        for (size_t j = 0; j < whole; j += LANES)
            activate_some(coupled, LANES, n, gates + j, cell_before + j, cell + j);
        if (rest) activate_some(coupled, rest, n, gates + whole, cell_before + whole, cell + whole);
        const float *output = forget_gate(coupled, n, gates) + 2 * n;
        for (size_t j = 0; j < whole; j += LANES) show_some(LANES, output + j, cell + j, hidden + j);
        if (rest) show_some(rest, output + whole, cell + whole, hidden + whole);
    }
}

/// The gradients of the gates, in their place, and of the cell before of the first `some` of LANES units of a row.
INLINE void deactivate_some(const bool coupled, const size_t some, size_t n, float *gates, const float *cell_before,
                            const float *cell, const float *d_hidden, float *d_cell) {
    const V one = splat(1.0f);
    float *forget = forget_gate(coupled, n, gates);
    V f = load_some(forget, some), g = load_some(forget + n, some), o = load_some(forget + 2 * n, some);
    V i = coupled ? one - f : load_some(gates, some);
    V dh = load_some(d_hidden, some), before = load_some(cell_before, some);
    V t = tanh_of(load_some(cell, some));
    V dc = FMA(dh * o, FMA(-t, t, one), load_some(d_cell, some));
    if (!coupled) store_some(gates, dc * g * (i * (one - i)), some);
    store_some(forget, dc * (coupled ? before - g : before) * (f * (one - f)), some);
    store_some(forget + n, dc * i * FMA(-g, g, one), some);
    store_some(forget + 2 * n, dh * t * (o * (one - o)), some);
    store_some(d_cell, dc * f, some);
}

/// Asks for what the way back reads of LANES units of a row: its pieces are too short for the processor to foresee.
INLINE void ask_for_units(const bool coupled, size_t n, const float *gates, const float *cell_before, const float *cell,
                          const float *d_hidden) {
#pragma clang loop unroll(full)
    for (size_t gate = 0; gate < (coupled ? 3 : 4); gate++) __builtin_prefetch(gates + gate * n, 1);
    __builtin_prefetch(cell_before);
    __builtin_prefetch(cell);
    __builtin_prefetch(d_hidden);
}

INLINE void cells_backward(const bool coupled, size_t rows, size_t n, float *gates, size_t ldgates,
                           const float *cell_before, const float *cell, const float *d_hidden, float *d_cell,
                           size_t ld) {
    const size_t whole = n - n % LANES, rest = n % LANES;
    for (size_t r = 0; r < rows; r++, gates += ldgates, cell_before += ld, cell += ld, d_hidden += ld, d_cell += ld) {
        // The next row comes meanwhile.
        const size_t ahead = r + 1 < rows ? ld : 0, gates_ahead = r + 1 < rows ? ldgates : 0;
        for (size_t j = 0; j < whole; j += LANES) {
            ask_for_units(coupled, n, gates + gates_ahead + j, cell_before + ahead + j, cell + ahead + j,
                          d_hidden + ahead + j);
            deactivate_some(coupled, LANES, n, gates + j, cell_before + j, cell + j, d_hidden + j, d_cell + j);
        }
        if (rest)
            deactivate_some(coupled, rest, n, gates + whole, cell_before + whole, cell + whole, d_hidden + whole,
                            d_cell + whole);
    }
}

// Each kind of cell has loops of its own, with no condition in them.

static void cell_forward(bool coupled, size_t rows, size_t n, float *gates, size_t ldgates, const float *cell_before,
                         float *cell, float *hidden, size_t ld) {
    if (coupled)
        cells_forward(true, rows, n, gates, ldgates, cell_before, cell, hidden, ld);
    else
        cells_forward(false, rows, n, gates, ldgates, cell_before, cell, hidden, ld);
}

static void cell_backward(bool coupled, size_t rows, size_t n, float *gates, size_t ldgates, const float *cell_before,
                          const float *cell, const float *d_hidden, float *d_cell, size_t ld) {
    if (coupled)
        cells_backward(true, rows, n, gates, ldgates, cell_before, cell, d_hidden, d_cell, ld);
    else
        cells_backward(false, rows, n, gates, ldgates, cell_before, cell, d_hidden, d_cell, ld);
}

/// Joins sixteen partial results in one fixed tree, whatever width they were made at.
#define JOIN16(part, op)                                                           \
    for (size_t width = 8; width > 0; width /= 2)                                  \
        for (size_t l = 0; l < width; l++) part[l] = op(part[l], part[l + width])

INLINE float larger(float a, float b) { return b > a || b != b ? b : a; }
INLINE float plus(float a, float b) { return a + b; }
INLINE double plus_double(double a, double b) { return a + b; }

/// The largest of x [n], n > 0; NaN where one is.
static float maximum_of(size_t n, const float *x) {
    float most = x[0];
    size_t j = 0;
#if LANES == 16
    if (n >= 16) {
        V lanes = load(x);
        for (j = 16; j + 16 <= n; j += 16) {
            V next = load(x + j);
            lanes = SELECT((next > lanes) | (next != next), next, lanes);
        }
        float part[16] __attribute__((aligned(64)));
        store(part, lanes);
        JOIN16(part, larger);
        most = part[0];
    }
#endif
    for (; j < n; j++) most = larger(most, x[j]);
    return most;
}

/// out [n] = e^(scale * (x - most)), added up in sixteen interleaved sums, which begin at part [16].
static void exponentials(size_t n, const float *x, float most, float scale, float *out, float *part) {
    size_t j = 0;
#if LANES == 16
    V sum = load(part);
    for (; j + 16 <= n; j += 16) {
        V e = exp_of((load(x + j) - splat(most)) * splat(scale));
        store(out + j, e);
        sum += e;
    }
    store(part, sum);
#endif
    for (; j < n; j += 16) {
        for (size_t l = 0; l < 16 && j + l < n; l += LANES) {
            size_t some = n - j - l;
            V e = exp_of((load_some(x + j + l, some) - splat(most)) * splat(scale));
            store_some(out + j + l, e, some);
            for (size_t i = 0; i < LANES && i < some; i++) part[l + i] += out[j + l + i];
        }
    }
}

static void cross_entropy(size_t rows, size_t n, float *logits, const uint16_t *targets, float scale, double *losses) {
    float block[256];
    for (size_t r = 0; r < rows; r++) {
        float *row = logits + r * n;
        size_t target = targets[r];
        float most = maximum_of(n, row), chosen = row[target];
        float part[16] __attribute__((aligned(64))) = {0};
        if (scale != 0) {
            exponentials(n, row, most, 1.0f, row, part);
        } else {
            for (size_t j = 0; j < n; j += 256) exponentials(n - j < 256 ? n - j : 256, row + j, most, 1.0f, block, part);
        }
        JOIN16(part, plus);
        float sum = part[0];
        if (scale != 0) {
            V factor = splat(scale / sum);
            FOR_LANES(j, n) store_some(row + j, load_some(row + j, some) * factor, some);
            row[target] -= scale;
        }
        losses[r] = sum == sum && sum < __builtin_inff() ? ck_log(sum) + ((double)most - chosen) : __builtin_nan("");
    }
}

static void softmax(size_t n, const float *logits, float inverse_temperature, float *probabilities) {
    if (n == 0) return;
    float part[16] __attribute__((aligned(64))) = {0};
    exponentials(n, logits, maximum_of(n, logits), inverse_temperature, probabilities, part);
    JOIN16(part, plus);
    V factor = splat(1.0f / part[0]);
    FOR_LANES(j, n) store_some(probabilities + j, load_some(probabilities + j, some) * factor, some);
}

static void add(size_t n, const float *const *y, size_t count, float *x) {
    // Each y is asked for early: by itself the processor looks ahead within a page.
    FOR_LANES(j, n) {
        V sum = load_some(x + j, some);
        for (size_t i = 0; i < count; i++) {
            __builtin_prefetch(y[i] + j + 256);
            sum += load_some(y[i] + j, some);
        }
        store_some(x + j, sum, some);
    }
}

static double sum_of_squares(size_t n, const float *x) {
    // The square of a float is exact in double, so fused or not, the sums are the same.
    double part[16] = {0};
    size_t j = 0;
    for (; j + 16 <= n; j += 16)
        for (size_t l = 0; l < 16; l++) part[l] += (double)x[j + l] * x[j + l];
    for (size_t l = 0; j + l < n; l++) part[l] += (double)x[j + l] * x[j + l];
    JOIN16(part, plus_double);
    return part[0];
}

static void adam(size_t n, float *parameters, const float *gradients, float *m, float *v,
                 const ck_adam_options *options) {
    const V rate = splat(options->rate), epsilon = splat(options->epsilon), scale = splat(options->gradient_scale);
    const V beta1 = splat(options->beta1), beta2 = splat(options->beta2), correction2 = splat(options->correction2);
    const V left1 = splat(options->left1), left2 = splat(options->left2);
    const V keep = splat(1.0f - options->weight_decay);
    FOR_LANES(j, n) {
        V g = load_some(gradients + j, some) * scale;
        V second = FMA(beta2, load_some(v + j, some), left2 * (g * g));
        store_some(v + j, second, some);
        V first = g;
        if (m && options->beta1 > 0) {
            first = FMA(beta1, load_some(m + j, some), left1 * g);
            store_some(m + j, first, some);
        }
        V step = rate * first / (SQRT(second * correction2) + epsilon);
        store_some(parameters + j, FMA(load_some(parameters + j, some), keep, -step), some);
    }
}

static void rmsprop(size_t n, float *parameters, const float *gradients, float *v, float rate, float decay,
                    float left, float epsilon, float gradient_scale) {
    FOR_LANES(j, n) {
        V g = load_some(gradients + j, some) * splat(gradient_scale);
        V second = FMA(splat(decay), load_some(v + j, some), splat(left) * (g * g));
        store_some(v + j, second, some);
        store_some(parameters + j, load_some(parameters + j, some) - splat(rate) * g / SQRT(second + splat(epsilon)),
                   some);
    }
}

static void average(size_t n, const float *values, float left, float *averages) {
    FOR_LANES(j, n) {
        V mean = load_some(averages + j, some);
        store_some(averages + j, FMA(splat(left), load_some(values + j, some) - mean, mean), some);
    }
}

#if LANES == 16

typedef uint64_t VW __attribute__((vector_size(8 * LANES)));
typedef uint16_t halves __attribute__((vector_size(2 * LANES)));

/// `ck_philox` of sixteen counters that begin at `counter`, a multiple of sixteen: words 0 and 1 of each of them behind
/// each other in first, 2 and 3 in second.
INLINE void philox16(uint64_t counter, uint64_t stream, const uint32_t keys[2], VW *first, VW *second) {
    // Words are the lower halves of elements, as one instruction multiplies these; what is left in the upper ones takes
    // no part and is cleared at the end.
    const uint64_t word = 0xFFFFFFFF;
    VW c0 = (VW){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15} + (counter & word);
    VW c1 = (VW){} + (counter >> 32);
    VW c2 = (VW){} + (stream & word), c3 = (VW){} + (stream >> 32);
    uint32_t k0 = keys[0], k1 = keys[1];
    for (int round = 0; round < 10; round++) {
        VW p0 = (c0 & word) * 0xD2511F53u, p1 = (c2 & word) * 0xCD9E8D57u;
        c0 = p1 >> 32 ^ c1 ^ k0;
        c2 = p0 >> 32 ^ c3 ^ k1;
        c1 = p1;
        c3 = p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    *first = (c0 & word) | c1 << 32;
    *second = (c2 & word) | c3 << 32;
}

#endif

/// Element j is decided by half j % 8, the lower half of a word first, of the random block number j / 8.
static void dropout(size_t n, const float *in, float *out, float probability, uint64_t key, uint64_t stream) {
    // What is dropped is told by its sign: a kept -0, plus 0, is 0.
    const V kept = splat(1.0f / (1.0f - probability)), zero = splat(0.0f);
    const uint32_t threshold = (uint32_t)(probability * 65536.0f + 0.5f);
    const uint32_t keys[2] = {(uint32_t)key, (uint32_t)(key >> 32)};
#if LANES == 16
    for (size_t j = 0; j < n; j += 128) {
        VW first, second;
        philox16(j / 8, stream, keys, &first, &second);
        const VW blocks[2] = {INTERLEAVE_LOW(first, second), INTERLEAVE_HIGH(first, second)};
        halves draws[8];
        memcpy(draws, blocks, sizeof draws);
        for (size_t i = 0; i < 8 && j + 16 * i < n; i++) {
            size_t place = j + 16 * i, some = n - place;
            VI is_dropped = __builtin_convertvector(draws[i], VI) < (int32_t)threshold;
            store_some(out + place, SELECT(is_dropped, -zero, load_some(in + place, some) * kept + zero), some);
        }
    }
#else
    for (size_t j = 0; j < n; j += 8) {
        uint32_t random[4];
        const uint32_t counter[4] = {(uint32_t)(j / 8), (uint32_t)((uint64_t)(j / 8) >> 32), (uint32_t)stream,
                                     (uint32_t)(stream >> 32)};
        ck_philox(counter, keys, random);
        for (size_t l = 0; l < 8 && j + l < n; l++) {
            uint32_t draw = (random[l / 2] >> (16 * (l % 2))) & 0xffff;
            out[j + l] = draw < threshold ? -zero : in[j + l] * kept + zero;
        }
    }
#endif
}

static void dropout_backward(size_t n, const float *dropped, float probability, float *gradient) {
    const V kept = splat(1.0f / (1.0f - probability)), zero = splat(0.0f);
    FOR_LANES(j, n) {
        VI is_dropped = bits_of(load_some(dropped + j, some)) == bits_of(-zero);
        store_some(gradient + j, SELECT(is_dropped, zero, load_some(gradient + j, some) * kept), some);
    }
}

/// The table of one level: products and bf16 products are named by the including file.
#define ELEMENTWISE_KERNELS                                                                                       \
    .scatter_add = scatter_add, .cell_forward = cell_forward, .cell_backward = cell_backward,                     \
    .cross_entropy = cross_entropy, .softmax = softmax, .add = add, .sum_of_squares = sum_of_squares,             \
    .adam = adam, .rmsprop = rmsprop, .average = average, .dropout = dropout, .dropout_backward = dropout_backward
