// SPDX-License-Identifier: GPL-3.0-or-later
//
// The portable level: plain loops over plain floats, the definition that every other level is held against.
// Its packed operands have the layout of the others' (panels of 32 columns, zeros behind the last), so that packing
// is the same code for all.

#define LANES 1
#include "elementwise.h"
#include "packing.h"

/// Element (p, j) of a packed operand of k rows.
INLINE float element(form form, const void *packed, size_t k, size_t p, size_t j) {
    const char *row = panel_of(form, packed, k, j / 32) + p * row_size(form);
    if (form == WHOLE) return ((const float *)row)[j % 32];
    return from_bits((VI)((VU)((const uint16_t *)row)[j % 16 * 2 + j % 32 / 16] << 16));
}

INLINE void multiply_form(form form, size_t n, size_t k, const ck_rows *parts, size_t count, size_t lda,
                          const void *packed, size_t ldstart, const float *bias, size_t ldc) {
    for (const ck_rows *rows = parts; rows < parts + count; rows++) {
        for (size_t i = 0; i < rows->m; i++) {
            const float *start = rows->start ? rows->start + (rows->ids ? rows->ids[i] : i) * ldstart : NULL;
            for (size_t j = 0; j < n; j++) {
                float sum = start && bias ? start[j] + bias[j] : start ? start[j] : bias ? bias[j] : 0.0f;
                for (size_t p = 0; p < k; p++) sum = FMA(rows->a[i * lda + p], element(form, packed, k, p, j), sum);
                rows->c[i * ldc + j] = sum;
            }
        }
    }
}

static void multiply_transposed(size_t m, size_t k, const float *a, size_t lda, const ck_transposed_product *products,
                                size_t count, float *sums, bool accumulate, void *scratch) {
    (void)scratch;
    for (size_t i = 0; i < m; i++) {
        for (const ck_transposed_product *to = products; to < products + count; to++) {
            for (size_t j = 0; j < to->n; j++) {
                float sum = accumulate ? to->c[i * to->ldc + j] : 0.0f;
                for (size_t p = 0; p < k; p++) sum = FMA(a[p * lda + i], to->b[p * to->ldb + j], sum);
                to->c[i * to->ldc + j] = sum;
            }
        }
        float sum = accumulate ? sums[i] : 0.0f;
        for (size_t p = 0; p < k; p++) sum += a[p * lda + i];
        sums[i] = sum;
    }
}

static double peak(size_t repeats, float *sink) {
    float sum[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    const float left = *sink;
    for (size_t repeat = 0; repeat < repeats; repeat++)
        for (size_t i = 0; i < 8; i++) sum[i] = FMA(sum[i], 0.5f, left);
    for (size_t i = 0; i < 8; i++) *sink += sum[i];
    return 2.0 * 8 * (double)repeats;
}

const ck_kernels ck_portable = {
    .name = "portable",
    FP32_PRODUCTS,
    ELEMENTWISE_KERNELS,
};
