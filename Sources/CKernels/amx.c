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
#define PAIR_ROUND 16
#include "pairs.h"
#include "transposed.h"

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

/// Rows of the left operand that are converted at a time, and how deep, in tiles of 32 along k.
enum { ROW_BLOCK = 64, DEPTH_BLOCK = 16, TILE_WORDS = 256 };

/// What LDTILECFG reads: palette 1 has eight tiles.
typedef struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} tile_shapes;

/// Tiles 0 to 3 hold sums, 4 (and 5, where there are more than 16 rows) the left operand, the others the right one.
INLINE void configure(size_t rows) {
    uint8_t top = (uint8_t)(rows < 16 ? rows : 16), bottom = (uint8_t)(rows - top);
    tile_shapes shapes = {.palette = 1};
    for (int tile = 0; tile < 8; tile++) {
        shapes.row_bytes[tile] = 64;
        shapes.rows[tile] = tile < 5 ? top : 16;
    }
    if (bottom > 0) shapes.rows[2] = shapes.rows[3] = shapes.rows[5] = bottom;
    _tile_loadconfig(&shapes);
}

/// Tile `tile` = the sixteen columns from `column` on of the start, from row `row` on.
#define BEGIN(tile, row, column)                                                                         \
    do {                                                                                                 \
        if (start)                                                                                       \
            _tile_loadd(tile, start + (row)*ldstart + (column), ldstart * sizeof(float));                \
        else                                                                                             \
            _tile_zero(tile);                                                                            \
    } while (0)
#define END(tile, row, column) _tile_stored(tile, c + (row)*ldc + (column), ldc * sizeof(float))
/// Tile `tile` = sixteen columns of sixteen pairs of rows of a packed panel.
#define RIGHT(tile, from) _tile_loadd(tile, from, 32 * sizeof(uint32_t))
#define LEFT(tile, from) _tile_loadd(tile, from, 64)

/// C [up to 32, 32] = start + `deep` tiles of A times as much of a panel. The second sixteen rows of A begin
/// `DEPTH_BLOCK` tiles after the first.
INLINE void two_by_two(size_t deep, const uint32_t *a, const uint32_t *b, const float *start, size_t ldstart, float *c,
                       size_t ldc) {
    BEGIN(0, 0, 0);
    BEGIN(1, 0, 16);
    BEGIN(2, 16, 0);
    BEGIN(3, 16, 16);
    for (size_t t = 0; t < deep; t++) {
        LEFT(4, a + t * TILE_WORDS);
        RIGHT(6, b + t * 2 * TILE_WORDS);
        _tile_dpbf16ps(0, 4, 6);
        RIGHT(7, b + t * 2 * TILE_WORDS + 16);
        _tile_dpbf16ps(1, 4, 7);
        LEFT(5, a + (DEPTH_BLOCK + t) * TILE_WORDS);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    END(0, 0, 0);
    END(1, 0, 16);
    END(2, 16, 0);
    END(3, 16, 16);
}

/// C [up to 16, 64] = start + A times two panels, the second `panel` words after the first.
INLINE void one_by_four(size_t deep, const uint32_t *a, const uint32_t *b, size_t panel, const float *start,
                        size_t ldstart, float *c, size_t ldc) {
    BEGIN(0, 0, 0);
    BEGIN(1, 0, 16);
    BEGIN(2, 0, 32);
    BEGIN(3, 0, 48);
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
    }
    END(0, 0, 0);
    END(1, 0, 16);
    END(2, 0, 32);
    END(3, 0, 48);
}

/// C [up to 16, 32] = start + A times a panel.
INLINE void one_by_two(size_t deep, const uint32_t *a, const uint32_t *b, const float *start, size_t ldstart, float *c,
                       size_t ldc) {
    BEGIN(0, 0, 0);
    BEGIN(1, 0, 16);
    for (size_t t = 0; t < deep; t++) {
        LEFT(4, a + t * TILE_WORDS);
        RIGHT(5, b + t * 2 * TILE_WORDS);
        _tile_dpbf16ps(0, 4, 5);
        RIGHT(6, b + t * 2 * TILE_WORDS + 16);
        _tile_dpbf16ps(1, 4, 6);
    }
    END(0, 0, 0);
    END(1, 0, 16);
}

/// C [rows, columns], at most 32 x 32.
INLINE void block(size_t rows, size_t columns, size_t deep, const uint32_t *a, const uint32_t *b, const float *start,
                  size_t ldstart, float *c, size_t ldc) {
    float edge[32 * 32] __attribute__((aligned(64)));
    float *into = c;
    size_t ldinto = ldc;
    if (columns < 32) {
        // Whole tiles are read and written: not past the ends of the rows of C and the start.
        for (size_t r = 0; start && r < rows; r++) memcpy(edge + r * 32, start + r * ldstart, columns * sizeof(float));
        into = edge;
        ldinto = 32;
        if (start) start = edge, ldstart = 32;
    }
    if (rows > 16)
        two_by_two(deep, a, b, start, ldstart, into, ldinto);
    else
        one_by_two(deep, a, b, start, ldstart, into, ldinto);
    if (columns < 32)
        for (size_t r = 0; r < rows; r++) memcpy(c + r * ldc, edge + r * 32, columns * sizeof(float));
}

/// All n columns of C [up to 32, n], from A's `deep` tiles and the part of the packed operand that begins at `b`, whose
/// panels are `panel` words apart.
INLINE void strip(size_t rows, size_t n, size_t deep, const uint32_t *a, const uint32_t *b, size_t panel,
                  const float *start, size_t ldstart, float *c, size_t ldc) {
    size_t j = 0;
    if (rows <= 16)
        for (; j + 64 <= n; j += 64, b += 2 * panel)
            one_by_four(deep, a, b, panel, start ? start + j : NULL, ldstart, c + j, ldc);
    for (; j < n; j += 32, b += panel)
        block(rows, n - j < 32 ? n - j : 32, deep, a, b, start ? start + j : NULL, ldstart, c + j, ldc);
}

static void multiply(size_t m, size_t n, size_t k, const float *a, size_t lda, const void *packed, const float *start,
                     size_t ldstart, float *c, size_t ldc) {
    uint32_t left[ROW_BLOCK / 16 * DEPTH_BLOCK * TILE_WORDS] __attribute__((aligned(64)));
    size_t panel = pair_count(k) * 32, all = pair_count(k) / 16, configured = 0;
    for (size_t first_row = 0; first_row < m; first_row += ROW_BLOCK) {
        size_t rows = m - first_row < ROW_BLOCK ? m - first_row : ROW_BLOCK;
        // An empty product is still its start: the loop runs once.
        for (size_t depth = 0; depth == 0 || depth < all; depth += DEPTH_BLOCK) {
            size_t deep = all - depth < DEPTH_BLOCK ? all - depth : DEPTH_BLOCK;
            for (size_t r = 0; r < rows; r++) {
                const float *from = a + (first_row + r) * lda + depth * 32;
                uint32_t *to = left + r / 16 * DEPTH_BLOCK * TILE_WORDS + r % 16 * 16;
                for (size_t t = 0; t < deep; t++)
                    _mm512_store_si512(to + t * TILE_WORDS, pairs_of_row(k - (depth + t) * 32, from + t * 32));
            }
            const float *begin = depth > 0 ? c : start;
            size_t ldbegin = depth > 0 ? ldc : ldstart;
            for (size_t r = 0; r < rows; r += 32) {
                size_t some = rows - r < 32 ? rows - r : 32;
                if (some != configured) configure(configured = some);
                strip(some, n, deep, left + r * DEPTH_BLOCK * 16, (const uint32_t *)packed + depth * 2 * TILE_WORDS,
                      panel, begin ? begin + (first_row + r) * ldbegin : NULL, ldbegin, c + (first_row + r) * ldc, ldc);
            }
        }
    }
    if (configured) _tile_release();
}

/// Columns i ..< i + 16 of `rows` rows of A, turned into rows of pairs, as tiles, and added to their sums; zeros past
/// column m and the last row.
INLINE void turn(size_t rows, size_t i, size_t m, const float *a, size_t lda, uint32_t *tiles, float *sums) {
    __mmask16 mask = i < m ? first(m - i) : 0;
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
            size_t some = m - i < 32 ? m - i : 32;
            if (some != configured) configure(configured = some);
            turn(rows, i, m, a + depth * lda, lda, left, sums);
            if (some > 16) turn(rows, i + 16, m, a + depth * lda, lda, left + DEPTH_BLOCK * TILE_WORDS, sums);
            char *packed = scratch;
            for (const ck_transposed_product *to = products; to < end; packed += packed_size(rows, to->n), to++) {
                float *c = to->c + i * to->ldc;
                strip(some, to->n, pair_count(rows) / 16, left, (uint32_t *)packed, pair_count(rows) * 32,
                      accumulate || depth > 0 ? c : NULL, to->ldc, c, to->ldc);
            }
        }
    }
    if (configured) _tile_release();
}

static double peak(size_t repeats, float *sink) {
    float sums[16] = {0};
    configure(32);  // which makes all tiles zeros
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
