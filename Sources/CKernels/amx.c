// SPDX-License-Identifier: GPL-3.0-or-later
//
// AMX products: tiles of 16 rows by 64 bytes, multiplied by a unit of their own. One instruction multiplies 16 x 32
// elements by 32 x 16, in bf16 pairs along k (pairs.h), and adds to 16 x 16 sums in fp32. Callers see fp32 only.
//
// Which rows of a tile there are is part of the unit's configuration, which this file sets for up to 32 rows at a time;
// columns that are not there go through a small buffer, and k is filled up with zeros.

#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,amx-tile,amx-bf16"))), \
    apply_to = function)
#define LANES 16
#define HAS_MASKS
#define PAIR_ROUND 16
#include "pairs.h"
#include "transposed.h"

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

/// Bands of sixteen rows of the left operand that are converted at a time, and how deep, in tiles of 32 along k.
enum { BANDS = 4, DEPTH_BLOCK = 16, TILE_WORDS = 256 };

/// What LDTILECFG reads: palette 1 has eight tiles.
typedef struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} tile_shapes;

/// Tiles 0 to 3 hold sums, 4 (and 5, where there is a second band) the left operand, the others the right one.
INLINE void configure(size_t top, size_t bottom) {
    tile_shapes shapes = {.palette = 1};
    for (int tile = 0; tile < 8; tile++) {
        shapes.row_bytes[tile] = 64;
        shapes.rows[tile] = tile < 5 ? (uint8_t)top : 16;
    }
    if (bottom > 0) shapes.rows[2] = shapes.rows[3] = shapes.rows[5] = (uint8_t)bottom;
    _tile_loadconfig(&shapes);
}

/// Tile `tile` = sixteen columns of a band's start.
#define BEGIN(tile, band, column)                                                                        \
    do {                                                                                                 \
        if (bands[band].start)                                                                           \
            _tile_loadd(tile, bands[band].start + (column), ldstart * sizeof(float));                    \
        else                                                                                             \
            _tile_zero(tile);                                                                            \
    } while (0)
#define END(tile, band, column) _tile_stored(tile, bands[band].c + (column), ldc * sizeof(float))
/// Tile `tile` = sixteen columns of sixteen pairs of rows of a packed panel.
#define RIGHT(tile, from) _tile_loadd(tile, from, 32 * sizeof(uint32_t))
#define LEFT(tile, from) _tile_loadd(tile, from, 64)

/// Asks, at step t of `deep`, for so many rows of C that after the last step all are asked for: the sixteen of each of
/// `count` bands, `groups` times sixteen columns from column j on. They come while tiles are multiplied; a store
/// would wait for a line that has to be fetched first.
INLINE void ask(size_t t, size_t deep, const ck_rows *bands, size_t count, size_t j, size_t groups, size_t ldc) {
    const size_t first = t * 16 / deep, end = (t + 1) * 16 / deep;
    for (size_t i = 0; i < count; i++) prefetch_tile(bands[i].c + first * ldc + j, ldc, end - first, groups);
}

/// 32 columns of two bands: C = start + `deep` tiles of A times as much of a panel. The second band of A begins
/// `DEPTH_BLOCK` tiles after the first.
INLINE void two_by_two(size_t deep, const uint32_t *a, const uint32_t *b, const ck_rows *bands, size_t ldstart,
                       size_t j, size_t ldc) {
    BEGIN(0, 0, j);
    BEGIN(1, 0, j + 16);
    BEGIN(2, 1, j);
    BEGIN(3, 1, j + 16);
    for (size_t t = 0; t < deep; t++) {
        LEFT(4, a + t * TILE_WORDS);
        RIGHT(6, b + t * 2 * TILE_WORDS);
        _tile_dpbf16ps(0, 4, 6);
        RIGHT(7, b + t * 2 * TILE_WORDS + 16);
        _tile_dpbf16ps(1, 4, 7);
        LEFT(5, a + (DEPTH_BLOCK + t) * TILE_WORDS);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
        ask(t, deep, bands, 2, j + 32, 2, ldc);
    }
    END(0, 0, j);
    END(1, 0, j + 16);
    END(2, 1, j);
    END(3, 1, j + 16);
}

/// 64 columns of one band: C = start + A times two panels, the second `panel` words after the first.
INLINE void one_by_four(size_t deep, const uint32_t *a, const uint32_t *b, size_t panel, const ck_rows *bands,
                        size_t ldstart, size_t j, size_t ldc) {
    BEGIN(0, 0, j);
    BEGIN(1, 0, j + 16);
    BEGIN(2, 0, j + 32);
    BEGIN(3, 0, j + 48);
    for (size_t t = 0; t < deep; t++) {
        const uint32_t *right = b + t * 2 * TILE_WORDS;
        LEFT(4, a + t * TILE_WORDS);
        RIGHT(5, right);
        _tile_dpbf16ps(0, 4, 5);
        RIGHT(6, right + 16);
        _tile_dpbf16ps(1, 4, 6);
        RIGHT(7, right + panel);
        _tile_dpbf16ps(2, 4, 7);
        RIGHT(5, right + panel + 16);
        _tile_dpbf16ps(3, 4, 5);
        ask(t, deep, bands, 1, j + 64, 4, ldc);
    }
    END(0, 0, j);
    END(1, 0, j + 16);
    END(2, 0, j + 32);
    END(3, 0, j + 48);
}

/// 32 columns of one band: C = start + A times a panel.
INLINE void one_by_two(size_t deep, const uint32_t *a, const uint32_t *b, const ck_rows *bands, size_t ldstart,
                       size_t j, size_t ldc) {
    BEGIN(0, 0, j);
    BEGIN(1, 0, j + 16);
    for (size_t t = 0; t < deep; t++) {
        LEFT(4, a + t * TILE_WORDS);
        RIGHT(5, b + t * 2 * TILE_WORDS);
        _tile_dpbf16ps(0, 4, 5);
        RIGHT(6, b + t * 2 * TILE_WORDS + 16);
        _tile_dpbf16ps(1, 4, 6);
        ask(t, deep, bands, 1, j + 32, 2, ldc);
    }
    END(0, 0, j);
    END(1, 0, j + 16);
}

/// Copies up to 32 elements.
INLINE void copy_columns(size_t count, const float *from, float *to) {
    store_some(to, load_some(from, count), count);
    if (count > 16) store_some(to + 16, load_some(from + 16, count - 16), count - 16);
}

/// The last columns, fewer than 32 from column j on, of one or two bands.
INLINE void edge(size_t count, size_t columns, size_t deep, const uint32_t *a, const uint32_t *b,
                 const ck_rows *bands, size_t ldstart, size_t j, size_t ldc) {
    // Whole tiles are read and written: not past the ends of the rows of C and the start.
    float whole[2][16 * 32] __attribute__((aligned(64)));
    ck_rows inside[2];
    for (size_t i = 0; i < count; i++) {
        const float *start = bands[i].start;
        inside[i] = (ck_rows){.start = start ? whole[i] : NULL, .c = whole[i]};
        for (size_t r = 0; start && r < bands[i].m; r++)
            copy_columns(columns, start + r * ldstart + j, whole[i] + r * 32);
    }
    if (count > 1)
        two_by_two(deep, a, b, inside, 32, 0, 32);
    else
        one_by_two(deep, a, b, inside, 32, 0, 32);
    for (size_t i = 0; i < count; i++)
        for (size_t r = 0; r < bands[i].m; r++)
            copy_columns(columns, whole[i] + r * 32, bands[i].c + r * ldc + j);
}

/// All n columns of one or two bands, from A's `deep` tiles and the part of the packed operand that begins at `b`, whose
/// panels are `panel` words apart.
INLINE void strip(size_t count, size_t n, size_t deep, const uint32_t *a, const uint32_t *b, size_t panel,
                  const ck_rows *bands, size_t ldstart, size_t ldc) {
    size_t j = 0;
    if (count > 1) {
        for (; j + 32 <= n; j += 32, b += panel) two_by_two(deep, a, b, bands, ldstart, j, ldc);
    } else {
        for (; j + 64 <= n; j += 64, b += 2 * panel) one_by_four(deep, a, b, panel, bands, ldstart, j, ldc);
        for (; j + 32 <= n; j += 32, b += panel) one_by_two(deep, a, b, bands, ldstart, j, ldc);
    }
    if (j < n) edge(count, n - j, deep, a, b, bands, ldstart, j, ldc);
}

/// Sets the unit's configuration for one or two bands, unless it is as `configured` says.
INLINE void configure_bands(const ck_rows *bands, size_t count, size_t *configured) {
    size_t top = bands[0].m, bottom = count > 1 ? bands[1].m : 0;
    if (*configured == top + 32 * bottom) return;
    configure(top, bottom);
    *configured = top + 32 * bottom;
}

/// C = start + A B for some bands of up to sixteen rows.
INLINE void multiply_bands(size_t n, size_t k, ck_rows *bands, size_t count, size_t lda, const void *packed,
                           size_t ldstart, size_t ldc, size_t *configured) {
    uint32_t left[BANDS * DEPTH_BLOCK * TILE_WORDS] __attribute__((aligned(64)));
    size_t panel = pair_count(k) * 32, all = pair_count(k) / 16;
    // An empty product is still its start: the loop runs once.
    for (size_t depth = 0; depth == 0 || depth < all; depth += DEPTH_BLOCK) {
        size_t deep = all - depth < DEPTH_BLOCK ? all - depth : DEPTH_BLOCK;
        for (size_t i = 0; i < count; i++) {
            for (size_t r = 0; r < bands[i].m; r++) {
                const float *from = bands[i].a + r * lda + depth * 32;
                uint32_t *to = left + i * DEPTH_BLOCK * TILE_WORDS + r * 16;
                for (size_t t = 0; t < deep; t++)
                    _mm512_store_si512(to + t * TILE_WORDS, pairs_of_row(k - (depth + t) * 32, from + t * 32));
            }
            if (depth > 0) bands[i].start = bands[i].c;
        }
        if (depth > 0) ldstart = ldc;
        for (size_t i = 0; i < count; i += 2) {
            size_t some = count - i < 2 ? 1 : 2;
            configure_bands(bands + i, some, configured);
            strip(some, n, deep, left + i * DEPTH_BLOCK * TILE_WORDS,
                  (const uint32_t *)packed + depth * 2 * TILE_WORDS, panel, bands + i, ldstart, ldc);
        }
    }
}

static void multiply(size_t n, size_t k, const ck_rows *parts, size_t count, size_t lda, const void *packed,
                     size_t ldstart, const float *bias, size_t ldc) {
    ck_rows bands[BANDS];
    band_cursor at = first_band(n, parts, count, lda, ldstart, bias, ldc);
    size_t configured = 0;
    for (size_t some; (some = next_bands(&at, 16, BANDS, bands)) > 0;)
        multiply_bands(n, k, bands, some, lda, packed, at.ldstart, ldc, &configured);
    if (configured) _tile_release();
}

/// Columns i ..< i + 16 of `rows` rows of A, turned into rows of pairs, as tiles, and added to their sums; zeros past
/// column m and the last row.
INLINE void turn(size_t rows, size_t i, size_t m, const float *a, size_t lda, uint32_t *tiles, float *sums) {
    __mmask16 mask = i < m ? mask_of(m - i) : 0;
    __m512 sum = _mm512_maskz_loadu_ps(mask, sums + i);
    for (size_t row = 0; row < rows; row += 32) {
        V pair[16];
        for (size_t p = 0; p < 16; p++) {
            size_t lower = row + 2 * p;
            const float *from = a + lower * lda + i;
            __builtin_prefetch(from + 32);
            __builtin_prefetch(from + lda + 32);
            __m512 one = _mm512_maskz_loadu_ps(lower < rows ? mask : 0, from);
            __m512 other = _mm512_maskz_loadu_ps(lower + 1 < rows ? mask : 0, from + lda);
            sum = sum + one + other;
            pair[p] = (V)pairs_of(one, other);
        }
        transpose(pair);
        for (size_t p = 0; p < 16; p++) _mm512_store_ps((float *)tiles + row / 32 * TILE_WORDS + p * 16, pair[p]);
    }
    _mm512_mask_storeu_ps(sums + i, mask, sum);
}

static void multiply_transposed(size_t m, size_t k, const float *a, size_t lda, const ck_transposed_product *products,
                                size_t count, float *sums, bool accumulate, void *scratch) {
    enum { ROWS = 256 };
    uint32_t left[2 * DEPTH_BLOCK * TILE_WORDS] __attribute__((aligned(64)));
    const ck_transposed_product *end = products + count;
    size_t configured = 0;
    if (!accumulate) begin_with_zeros(m, k, products, count, sums);
    for (size_t depth = 0; depth < k; depth += ROWS) {
        size_t rows = k - depth < ROWS ? k - depth : ROWS;
        pack_operands(rows, depth, products, count, scratch);
        for (size_t i = 0; i < m; i += 32) {
            size_t some = m - i > 16 ? 2 : 1;
            ck_rows bands[2] = {{.m = m - i < 16 ? m - i : 16}, {.m = m - i < 32 ? m - i - 16 : 16}};
            configure_bands(bands, some, &configured);
            turn(rows, i, m, a + depth * lda, lda, left, sums);
            if (some > 1) turn(rows, i + 16, m, a + depth * lda, lda, left + DEPTH_BLOCK * TILE_WORDS, sums);
            char *packed = scratch;
            for (const ck_transposed_product *to = products; to < end; packed += packed_size(rows, to->n), to++) {
                for (size_t band = 0; band < some; band++) {
                    bands[band].c = to->c + (i + 16 * band) * to->ldc;
                    bands[band].start = accumulate || depth > 0 ? bands[band].c : NULL;
                }
                strip(some, to->n, pair_count(rows) / 16, left, (uint32_t *)packed, pair_count(rows) * 32, bands,
                      to->ldc, to->ldc);
            }
        }
    }
    if (configured) _tile_release();
}

static double peak(size_t repeats, float *sink) {
    float sums[16] = {0};
    configure(16, 16);  // which makes all tiles zeros
    for (size_t repeat = 0; repeat < repeats; repeat++) {
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, sums, 0);
    _tile_release();
    *sink += sums[0];
    return 2.0 * 4 * 16 * 16 * 32 * (double)repeats;
}

const ck_products ck_amx_products = {packed_size, pack, multiply, multiply_transposed, peak};
#pragma clang attribute pop

bool ck_has_amx(void);

/// Whether this CPU multiplies bf16 tiles and the system lets this process do so: Linux wants to be asked once.
bool ck_has_amx(void) {
#if defined(__linux__)
    enum { ARCH_REQ_XCOMP_PERM = 0x1023, TILE_DATA = 18 };
    return __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-bf16") &&
           __builtin_cpu_supports("avx512bf16") && syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, TILE_DATA) == 0;
#else
    return false;
#endif
}
#endif
