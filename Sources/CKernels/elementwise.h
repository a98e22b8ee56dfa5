// SPDX-License-Identifier: GPL-3.0-or-later
//
// Everything that is not a product: one body for all levels, over V. Included once by each level's file.

#include "CKernels.h"
#include "vectors.h"

/// Runs the block for j = 0, LANES, 2 LANES … below n, with `some` the elements left (LANES or more: a whole V).
#define FOR_LANES(j, n) for (size_t j = 0, some = (n); j < (n); j += LANES, some -= (some < LANES ? some : LANES))

static void gather(size_t rows, size_t n, const float *table, const uint16_t *ids, const float *bias, float *out) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = table + (size_t)ids[r] * n;
        FOR_LANES(j, n) store_some(out + r * n + j, load_some(row + j, some) + load_some(bias + j, some), some);
    }
}

static void scatter_add(size_t rows, size_t n, const float *in, const uint16_t *ids, float *table) {
    for (size_t r = 0; r < rows; r++) {
        float *row = table + (size_t)ids[r] * n;
        FOR_LANES(j, n) store_some(row + j, load_some(row + j, some) + load_some(in + r * n + j, some), some);
    }
}

static void fill_rows(size_t rows, size_t n, const float *bias, float *out) {
    for (size_t r = 0; r < rows; r++) memcpy(out + r * n, bias, n * sizeof(float));
}

static void column_sums(size_t rows, size_t n, const float *in, float *sums, bool accumulate) {
    FOR_LANES(j, n) {
        V sum = accumulate ? load_some(sums + j, some) : splat(0.0f);
        for (size_t r = 0; r < rows; r++) sum += load_some(in + r * n + j, some);
        store_some(sums + j, sum, some);
    }
}

static void cell_forward(size_t rows, size_t n, float *gates, const float *cell_before, float *cell, float *hidden) {
    for (size_t r = 0; r < rows; r++) {
        float *row = gates + r * 4 * n;
        FOR_LANES(j, n) {
            V i = sigmoid_of(load_some(row + j, some));
            V f = sigmoid_of(load_some(row + n + j, some));
            V g = tanh_of(load_some(row + 2 * n + j, some));
            V o = sigmoid_of(load_some(row + 3 * n + j, some));
            V c = FMA(f, load_some(cell_before + r * n + j, some), i * g);
            store_some(row + j, i, some);
            store_some(row + n + j, f, some);
            store_some(row + 2 * n + j, g, some);
            store_some(row + 3 * n + j, o, some);
            store_some(cell + r * n + j, c, some);
            store_some(hidden + r * n + j, o * tanh_of(c), some);
        }
    }
}

static void cell_backward(size_t rows, size_t n, float *gates, const float *cell_before, const float *cell,
                          const float *d_hidden, float *d_cell) {
    const V one = splat(1.0f);
    for (size_t r = 0; r < rows; r++) {
        float *row = gates + r * 4 * n;
        FOR_LANES(j, n) {
            V i = load_some(row + j, some), f = load_some(row + n + j, some);
            V g = load_some(row + 2 * n + j, some), o = load_some(row + 3 * n + j, some);
            V dh = load_some(d_hidden + r * n + j, some);
            V t = tanh_of(load_some(cell + r * n + j, some));
            V dc = FMA(dh * o, FMA(-t, t, one), load_some(d_cell + r * n + j, some));
            store_some(row + j, dc * g * (i * (one - i)), some);
            store_some(row + n + j, dc * load_some(cell_before + r * n + j, some) * (f * (one - f)), some);
            store_some(row + 2 * n + j, dc * i * FMA(-g, g, one), some);
            store_some(row + 3 * n + j, dh * t * (o * (one - o)), some);
            store_some(d_cell + r * n + j, dc * f, some);
        }
    }
}

/// Joins sixteen partial results in one fixed tree, whatever width they were made at.
#define JOIN16(part, op)                                                           \
    for (size_t width = 8; width > 0; width /= 2)                                  \
        for (size_t l = 0; l < width; l++) part[l] = op(part[l], part[l + width])

INLINE float larger(float a, float b) { return b > a || b != b ? b : a; }
INLINE float plus(float a, float b) { return a + b; }

/// The largest of x [n], n > 0; NaN where one is.
static float maximum_of(size_t n, const float *x) {
    float most = x[0];
    for (size_t j = 1; j < n; j++) most = larger(most, x[j]);
    return most;
}

/// out [n] = e^(scale * (x - most)); returns their sum.
static float exponentials(size_t n, const float *x, float most, float scale, float *out) {
    float part[16] __attribute__((aligned(64))) = {0};
    for (size_t j = 0; j < n; j += 16) {
        for (size_t l = 0; l < 16 && j + l < n; l += LANES) {
            size_t some = n - j - l;
            V e = exp_of((load_some(x + j + l, some) - splat(most)) * splat(scale));
            store_some(out + j + l, e, some);
            store_some(part + l, load_some(part + l, some) + e, some);
        }
    }
    JOIN16(part, plus);
    return part[0];
}

static void cross_entropy(size_t rows, size_t n, float *logits, const uint16_t *targets, float scale, double *losses) {
    float exponential[256];
    for (size_t r = 0; r < rows; r++) {
        float *row = logits + r * n;
        size_t target = targets[r];
        float most = maximum_of(n, row), chosen = row[target];
        float sum = 0;
        if (scale != 0) {
            sum = exponentials(n, row, most, 1.0f, row);
            float factor = scale / sum;
            FOR_LANES(j, n) store_some(row + j, load_some(row + j, some) * splat(factor), some);
            row[target] -= scale;
        } else {
            float part[16] = {0};
            for (size_t j = 0; j < n; j += 256) {
                size_t block = n - j < 256 ? n - j : 256;
                exponentials(block, row + j, most, 1.0f, exponential);
                for (size_t l = 0; l < block; l++) part[l % 16] += exponential[l];
            }
            JOIN16(part, plus);
            sum = part[0];
        }
        losses[r] = sum == sum && sum < __builtin_inff() ? ck_log(sum) + ((double)most - chosen) : __builtin_nan("");
    }
}

static void softmax(size_t n, const float *logits, float inverse_temperature, float *probabilities) {
    if (n == 0) return;
    float most = maximum_of(n, logits);
    float factor = 1.0f / exponentials(n, logits, most, inverse_temperature, probabilities);
    FOR_LANES(j, n) store_some(probabilities + j, load_some(probabilities + j, some) * splat(factor), some);
}

static void add(size_t n, const float *y, float *x) {
    FOR_LANES(j, n) store_some(x + j, load_some(x + j, some) + load_some(y + j, some), some);
}

static double sum_of_squares(size_t n, const float *x) {
    double total = 0;
    for (size_t start = 0; start < n; start += 4096) {
        size_t end = n - start < 4096 ? n : start + 4096;
        float part[16] __attribute__((aligned(64))) = {0};
        for (size_t j = start; j < end; j += 16) {
            for (size_t l = 0; l < 16 && j + l < end; l += LANES) {
                size_t some = end - j - l;
                V value = load_some(x + j + l, some);
                store_some(part + l, FMA(value, value, load_some(part + l, some)), some);
            }
        }
        JOIN16(part, plus);
        total += part[0];
    }
    return total;
}

static void adam(size_t n, float *parameters, const float *gradients, float *m, float *v,
                 const ck_adam_options *options) {
    const V rate = splat(options->rate), epsilon = splat(options->epsilon), scale = splat(options->gradient_scale);
    const V beta1 = splat(options->beta1), beta2 = splat(options->beta2), correction2 = splat(options->correction2);
    const V left1 = splat(1.0f - options->beta1), left2 = splat(1.0f - options->beta2);
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
                    float epsilon, float gradient_scale) {
    FOR_LANES(j, n) {
        V g = load_some(gradients + j, some) * splat(gradient_scale);
        V second = FMA(splat(decay), load_some(v + j, some), splat(1.0f - decay) * (g * g));
        store_some(v + j, second, some);
        store_some(parameters + j, load_some(parameters + j, some) - splat(rate) * g / SQRT(second + splat(epsilon)),
                   some);
    }
}

static void dropout(size_t n, const float *in, float *out, float probability, uint64_t key, uint64_t stream) {
    const float kept = 1.0f / (1.0f - probability);
    const uint32_t threshold = (uint32_t)(probability * 65536.0f + 0.5f);
    const uint32_t keys[2] = {(uint32_t)key, (uint32_t)(key >> 32)};
    for (size_t j = 0; j < n; j += 8) {
        uint32_t random[4];
        const uint32_t counter[4] = {(uint32_t)(j / 8), (uint32_t)((uint64_t)(j / 8) >> 32), (uint32_t)stream,
                                     (uint32_t)(stream >> 32)};
        ck_philox(counter, keys, random);
        for (size_t l = 0; l < 8 && j + l < n; l++) {
            uint32_t draw = (random[l / 2] >> (16 * (l % 2))) & 0xffff;
            out[j + l] = draw < threshold ? 0.0f : in[j + l] * kept;
        }
    }
}

/// The table of one level: products and bf16 products are named by the including file.
#define ELEMENTWISE_KERNELS                                                                                       \
    .gather = gather, .scatter_add = scatter_add, .fill_rows = fill_rows, .column_sums = column_sums,             \
    .cell_forward = cell_forward, .cell_backward = cell_backward, .cross_entropy = cross_entropy,                 \
    .softmax = softmax, .add = add, .sum_of_squares = sum_of_squares, .adam = adam, .rmsprop = rmsprop,           \
    .dropout = dropout
