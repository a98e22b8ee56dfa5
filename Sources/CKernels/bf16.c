// SPDX-License-Identifier: GPL-3.0-or-later
//
// AVX-512-BF16 products: vdpbf16ps multiplies pairs along k (pairs.h) and sums in fp32. The left operand is converted a
// block at a time on its way in, so callers see fp32 only.

#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16"))), apply_to = function)
#define LANES 16
#define HAS_MASKS
#define PAIR_ROUND 1
#include "pairs.h"
#include "transposed.h"

enum { TILE_ROWS = 8, BANDS = 8, PAIR_BLOCK = 256 };

/// C tile [8, 32] = start + pairs a [pairs, 8 or so] times panel b [pairs, 32]; rows and columns past the valid ones
/// are neither read nor written in C and the start. With each eighth of the pairs a row of the next tile of C, `next`,
/// is asked for.
INLINE void tile(const size_t groups, size_t valid_rows, size_t valid_columns, size_t pairs, const uint32_t *a,
                 size_t row_stride, size_t pair_stride, const uint32_t *b, const float *next, const float *start,
                 size_t ldstart, float *c, size_t ldc) {
    __m512 sum[TILE_ROWS][2];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < TILE_ROWS; r++)
#pragma clang loop unroll(full)
        for (size_t g = 0; g < groups; g++) sum[r][g] = _mm512_setzero_ps();
    // Not a mask of zeros in place of this condition: a masked load from where no memory is costs a hundred cycles.
    if (start)
#pragma clang loop unroll(full)
        for (size_t r = 0; r < TILE_ROWS; r++)
#pragma clang loop unroll(full)
            for (size_t g = 0; g < groups; g++) {
                __mmask16 mask = r < valid_rows ? mask_of(valid_columns - 16 * g) : 0;
                sum[r][g] = _mm512_maskz_loadu_ps(mask, start + r * ldstart + 16 * g);
            }
    for (size_t part = 0, p = 0; part < TILE_ROWS; part++) {
        prefetch_tile(next + part * ldc, ldc, 1, groups);
        const size_t end = (part + 1) * pairs / TILE_ROWS;
        for (; p < end; p++) {
            __m512bh row[2];
#pragma clang loop unroll(full)
            for (size_t g = 0; g < groups; g++) row[g] = (__m512bh)_mm512_loadu_si512(b + p * 32 + 16 * g);
#pragma clang loop unroll(full)
            for (size_t r = 0; r < TILE_ROWS; r++) {
                __m512bh left = (__m512bh)_mm512_set1_epi32((int)a[r * row_stride + p * pair_stride]);
#pragma clang loop unroll(full)
                for (size_t g = 0; g < groups; g++) sum[r][g] = _mm512_dpbf16_ps(sum[r][g], left, row[g]);
            }
        }
    }
#pragma clang loop unroll(full)
    for (size_t r = 0; r < TILE_ROWS; r++)
#pragma clang loop unroll(full)
        for (size_t g = 0; g < groups; g++) {
            __mmask16 mask = r < valid_rows ? mask_of(valid_columns - 16 * g) : 0;
            _mm512_mask_storeu_ps(c + r * ldc + 16 * g, mask, sum[r][g]);
        }
}

/// Up to 32 columns of up to eight rows.
INLINE void narrow_or_wide_tile(size_t valid_rows, size_t valid_columns, size_t pairs, const uint32_t *a,
                                size_t row_stride, size_t pair_stride, const uint32_t *b, const float *next,
                                const float *start, size_t ldstart, float *c, size_t ldc) {
    if (valid_columns > 16)
        tile(2, valid_rows, valid_columns, pairs, a, row_stride, pair_stride, b, next, start, ldstart, c, ldc);
    else
        tile(1, valid_rows, valid_columns, pairs, a, row_stride, pair_stride, b, next, start, ldstart, c, ldc);
}

/// One row of A, `count` elements from a, as pairs.
INLINE void convert_row(size_t count, const float *a, uint32_t *out) {
    for (size_t j = 0; j < count; j += 32) _mm512_storeu_si512(out + j / 2, pairs_of_row(count - j, a + j));
}

/// C = start + A B for some bands of up to eight rows.
INLINE void multiply_bands(size_t n, size_t k, ck_rows *bands, size_t count, size_t lda, const void *packed,
                           size_t ldstart, size_t ldc) {
    uint32_t left[BANDS * TILE_ROWS * PAIR_BLOCK] __attribute__((aligned(64)));
    size_t pairs = (k + 1) / 2;
    // An empty product is still its start: the loop runs once.
    for (size_t depth = 0; depth == 0 || depth < pairs; depth += PAIR_BLOCK) {
        size_t deep = pairs - depth < PAIR_BLOCK ? pairs - depth : PAIR_BLOCK;
        size_t elements = k - 2 * depth < 2 * deep ? k - 2 * depth : 2 * deep;
        for (size_t i = 0; i < count; i++) {
            for (size_t r = 0; r < bands[i].m; r++)
                convert_row(elements, bands[i].a + r * lda + 2 * depth, left + (i * TILE_ROWS + r) * PAIR_BLOCK);
            if (depth > 0) bands[i].start = bands[i].c;
        }
        if (depth > 0) ldstart = ldc;
        // Panel outside, rows inside: a panel then comes from the second-level cache once for all bands.
        for (size_t j = 0; j < n; j += 32) {
            const uint32_t *b = (const uint32_t *)packed + (j / 32) * pairs * 32 + depth * 32;
            for (size_t i = 0; i < count; i++) {
                const float *start = bands[i].start;
                const float *next = i + 1 < count ? bands[i + 1].c + j : bands[0].c + j + 32;
                narrow_or_wide_tile(bands[i].m, n - j, deep, left + i * TILE_ROWS * PAIR_BLOCK, PAIR_BLOCK, 1, b, next,
                                    start ? start + j : NULL, ldstart, bands[i].c + j, ldc);
            }
        }
    }
}

static void multiply(size_t n, size_t k, const ck_rows *parts, size_t count, size_t lda, const void *packed,
                     size_t ldstart, const float *bias, size_t ldc) {
    ck_rows bands[BANDS];
    band_cursor at = first_band(n, parts, count, lda, ldstart, bias, ldc);
    for (size_t some; (some = next_bands(&at, TILE_ROWS, BANDS, bands)) > 0;)
        multiply_bands(n, k, bands, some, lda, packed, at.ldstart, ldc);
}

/// Columns i ..< i + 16 of `rows` rows of A as pairs, sixteen columns behind each other, and added to their sums.
INLINE void pair_columns(size_t rows, size_t i, size_t m, const float *a, size_t lda, uint32_t *pairs, float *sums) {
    __mmask16 mask = mask_of(m - i);
    __m512 sum = _mm512_maskz_loadu_ps(mask, sums + i);
    for (size_t p = 0; 2 * p < rows; p++) {
        const float *from = a + 2 * p * lda + i;
        __builtin_prefetch(from + 16);
        __builtin_prefetch(from + lda + 16);
        __m512 one = _mm512_maskz_loadu_ps(mask, from);
        __m512 other = _mm512_maskz_loadu_ps(2 * p + 1 < rows ? mask : 0, from + lda);
        sum = sum + one + other;
        _mm512_store_si512(pairs + p * 16, pairs_of(one, other));
    }
    _mm512_mask_storeu_ps(sums + i, mask, sum);
}

static void multiply_transposed(size_t m, size_t k, const float *a, size_t lda, const ck_transposed_product *products,
                                size_t count, float *sums, bool accumulate, void *scratch) {
    uint32_t left[PAIR_BLOCK / 2 * 16] __attribute__((aligned(64)));
    const ck_transposed_product *end = products + count;
    if (!accumulate) begin_with_zeros(m, k, products, count, sums);
    for (size_t depth = 0; depth < k; depth += PAIR_BLOCK) {
        size_t deep = k - depth < PAIR_BLOCK ? k - depth : PAIR_BLOCK;
        size_t pairs = (deep + 1) / 2;
        pack_operands(deep, depth, products, count, scratch);
        for (size_t i = 0; i < m; i += 16) {
            pair_columns(deep, i, m, a + depth * lda, lda, left, sums);
            char *packed = scratch;
            for (const ck_transposed_product *to = products; to < end; packed += packed_size(deep, to->n), to++) {
                for (size_t r = 0; r < 16 && i + r < m; r += TILE_ROWS) {
                    for (size_t j = 0; j < to->n; j += 32) {
                        float *c = to->c + (i + r) * to->ldc + j;
                        narrow_or_wide_tile(m - i - r, to->n - j, pairs, left + r, 1, 16,
                                            (uint32_t *)packed + j * pairs, c + 32,
                                            accumulate || depth > 0 ? c : NULL, to->ldc, c, to->ldc);
                    }
                }
            }
        }
    }
}

static double peak(size_t repeats, float *sink) {
    __m512 sum[16];
    const __m512bh left = (__m512bh)_mm512_set1_epi32(0x3f003f00), right = (__m512bh)_mm512_set1_ps(*sink);
#pragma clang loop unroll(full)
    for (size_t i = 0; i < 16; i++) sum[i] = _mm512_set1_ps((float)i);
    for (size_t repeat = 0; repeat < repeats; repeat++)
#pragma clang loop unroll(full)
        for (size_t i = 0; i < 16; i++) {
            sum[i] = _mm512_dpbf16_ps(sum[i], left, right);
            // Equal sums would be computed once: keep the compiler from seeing that they are.
            __asm__("" : "+v"(sum[i]));
        }
#pragma clang loop unroll(full)
    for (size_t i = 0; i < 16; i++) *sink += _mm512_cvtss_f32(sum[i]);
    return 2.0 * 32 * 16 * (double)repeats;
}

const ck_products ck_bf16_products = {packed_size, pack, multiply, multiply_transposed, peak};
#pragma clang attribute pop
#endif
