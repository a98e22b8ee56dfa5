// SPDX-License-Identifier: GPL-3.0-or-later
//
// Operands of bf16 products: elements rounded to bfloat16 (nearest, ties to even), two neighbours along k in one 32-bit
// word, the lower k in the lower half; an odd k ends in a pair with zero. The including file says in PAIR_ROUND to what
// multiple of pairs a packed panel is filled up with zeros.

#include <immintrin.h>

#include "CKernels.h"
#include "vectors.h"

/// Sixteen columns of a pair of rows as sixteen words.
INLINE __m512i pairs_of(__m512 lower, __m512 upper) {
    __m512i low = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(lower));
    __m512i high = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(upper));
    return _mm512_or_si512(low, _mm512_slli_epi32(high, 16));
}

/// Up to 32 elements of a row, zeros behind them, as sixteen pairs.
INLINE __m512i pairs_of_row(size_t count, const float *a) {
    __m512 low = _mm512_maskz_loadu_ps(mask_of(count), a);
    __m512 high = count > 16 ? _mm512_maskz_loadu_ps(mask_of(count - 16), a + 16) : _mm512_setzero_ps();
    return (__m512i)_mm512_cvtne2ps_pbh(high, low);
}

/// Pairs that a packed panel of k rows holds.
INLINE size_t pair_count(size_t k) { return (k + 2 * PAIR_ROUND - 1) / (2 * PAIR_ROUND) * PAIR_ROUND; }

static size_t packed_size(size_t k, size_t n) { return ck_panel_count(n) * 32 * pair_count(k) * sizeof(uint32_t); }

/// Sixteen columns from column j on, of up to eight pairs of rows from pair p on, below row `end`; columns past `some`
/// become zeros.
INLINE void pack_square(size_t end, size_t p, size_t some, const float *from, size_t row_stride, size_t column_stride,
                        size_t j, uint32_t *out) {
    V row[16];
    size_t rows = end - 2 * p < 16 ? end - 2 * p : 16;
    if (row_stride == 1) {
        for (size_t l = 0; l < 16; l++) {
            __mmask16 mask = l < some ? mask_of(rows) : 0;
            row[l] = _mm512_maskz_loadu_ps(mask, from + 2 * p + (j + l) * column_stride);
        }
        transpose(row);
    } else {
        for (size_t q = 0; q < 16; q++) {
            __mmask16 mask = q < rows ? mask_of(some) : 0;
            row[q] = _mm512_maskz_loadu_ps(mask, from + (2 * p + q) * row_stride + j);
        }
    }
    for (size_t q = 0; 2 * q < rows; q++)
        _mm512_storeu_si512(out + (p + q) * 32 + j, pairs_of(row[2 * q], row[2 * q + 1]));
}

/// One of the two strides is 1.
static void pack(size_t k, size_t n, const float *b, size_t row_stride, size_t column_stride, void *packed,
                 ck_range rows, ck_range panels) {
    size_t pairs = pair_count(k), filled = (rows.end + 1) / 2;
    for (size_t panel = panels.first; panel < panels.end; panel++) {
        uint32_t *out = (uint32_t *)packed + panel * pairs * 32;
        const float *from = b + panel * 32 * column_stride;
        size_t columns = n - panel * 32 < 32 ? n - panel * 32 : 32;
        for (size_t j = 0; j < 32; j += 16) {
            size_t some = j < columns ? columns - j : 0;
            for (size_t p = rows.first / 2; p < filled; p += 8)
                pack_square(rows.end, p, some, from, row_stride, column_stride, j, out);
        }
        if (rows.end == k) memset(out + filled * 32, 0, (pairs - filled) * 32 * sizeof(uint32_t));
    }
}

/// Where the cutting of a product's parts into bands has got to.
typedef struct {
    const ck_rows *part, *end;
    size_t row, lda;
    const float *bias;
    size_t ldstart, ldc;
    bool is_begun;  ///< C holds the start already
} band_cursor;

/// The cutting of a product's parts into bands whose starts are rows one after the other: chosen ones, and ones with a
/// bias on top, are put into C.
INLINE band_cursor first_band(size_t n, const ck_rows *parts, size_t count, size_t lda, size_t ldstart,
                              const float *bias, size_t ldc) {
    const bool is_begun = count > 0 && parts->start && (parts->ids || bias);
    for (const ck_rows *part = parts; is_begun && part < parts + count; part++) {
        for (size_t r = 0; r < part->m; r++) {
            const float *row = part->start + (part->ids ? part->ids[r] : r) * ldstart;
            FOR_LANES(j, n) {
                V start = load_some(row + j, some);
                store_some(part->c + r * ldc + j, bias ? start + load_some(bias + j, some) : start, some);
            }
        }
    }
    // A bias alone is one row for all.
    const bool is_bias = count > 0 && !parts->start;
    return (band_cursor){parts, parts + count, 0, lda, bias, is_begun ? ldc : is_bias ? 0 : ldstart, ldc, is_begun};
}

/// The next bands, at most `most` and of at most `height` rows each, of one part each; 0 where there are no more rows.
INLINE size_t next_bands(band_cursor *at, size_t height, size_t most, ck_rows *bands) {
    size_t count = 0;
    while (count < most && at->part < at->end) {
        const ck_rows *part = at->part;
        size_t row = at->row, left = part->m - row, rows = left < height ? left : height;
        if (rows == 0) {
            at->part++;
            at->row = 0;
            continue;
        }
        float *c = part->c + row * at->ldc;
        const float *start = at->is_begun ? c : part->start ? part->start + row * at->ldstart : at->bias;
        bands[count++] = (ck_rows){.m = rows, .a = part->a + row * at->lda, .start = start, .c = c};
        at->row += rows;
    }
    return count;
}
