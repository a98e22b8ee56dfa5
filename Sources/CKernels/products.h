// SPDX-License-Identifier: GPL-3.0-or-later
//
// fp32 products from one register tile. The including file says how large a tile its registers hold: TILE_ROWS rows by
// TILE_GROUPS groups of sixteen columns, at most three; and how many groups are dealt with at a time where there is one
// row, ROW_GROUPS, of which more rows have a half or a quarter.
//
// A tile keeps its sums in registers and walks down k: for each k it loads one row of the packed panel and multiplies
// it by one element of each of its rows of A. Every sum is one chain of fused multiply-adds over ascending k, so
// neither the tile's size nor blocking over k (the sum goes through memory as it is) changes a bit of the result.

#include "packing.h"
#include "transposed.h"

enum { ROW_BLOCK = 16 * TILE_ROWS, DEPTH_BLOCK = 256, UNPACKED_BLOCK = 128 };

/// Sixteen elements of row p of a panel: those of its first group or its second.
INLINE V elements(form form, const char *panel, size_t p, size_t second) {
    const char *row = panel + p * row_size(form);
    if (form == WHOLE) return load((const float *)row + second * 16);
    VU pairs = (VU)bits_of(load((const float *)row));
    return from_bits((VI)(second ? pairs & 0xFFFF0000u : pairs << 16));
}

/// Where the columns from a group on begin in a packed operand, about: the two groups of a panel take turns row by row.
INLINE const char *columns_from(form form, const void *packed, size_t k, size_t group) {
    return (const char *)packed + group * k * (row_size(form) / 2);
}

/// How much further each of `tiles` tiles asks ahead with each k, so that together they ask for as many columns as they
/// have: evenly, as a third-level cache gives only so much at a time, and no faster than it does.
INLINE size_t pace_of(form form, size_t groups, size_t tiles) {
    const size_t even = groups * row_size(form) / 2 / (tiles > 0 ? tiles : 1), most = groups * row_size(WHOLE) / 4;
    return even < most ? even : most;
}

/// A column of up to eight rows of A, seen from where an instruction can name all of its elements: two addresses, and
/// distances in bytes that it can add once, twice or four times.
typedef struct {
    const char *first, *sixth;
    size_t once, thrice;  ///< from a row to the next, and to the one three further
} left_column;

/// Goes on to the column `count` further. A compiler that knew what both addresses have to do with each other, or with
/// those before, would keep one for each row, or go from row to row by an addition an element.
INLINE void go_on(left_column *at, size_t count) {
    at->first += count * sizeof(float);
    at->sixth += count * sizeof(float);
    __asm__("" : "+r"(at->first), "+r"(at->sixth));
}

INLINE left_column first_column(const size_t rows, const float *a, size_t lda) {
    const char *first = (const char *)a;
    const size_t once = lda * sizeof(float);
    left_column at = {first, rows > 5 ? first + 5 * once : first, once, 3 * once};
    __asm__("" : "+r"(at.once), "+r"(at.thrice));
    go_on(&at, 0);
    return at;
}

/// The element of row r of the column `q` further.
INLINE const float *element(const left_column *at, size_t r, size_t q) {
    const char *row = r >= 5 ? at->sixth + (r - 5) * at->once : at->first + (r == 3 ? at->thrice : r * at->once);
    return (const float *)row + q;
}

/// Two strips [rows, TILE_ROWS] that are being filled with 2 TILE_ROWS columns of rows of A, and the columns' sums. Two
/// at a time, so that a cache line of A, which is a long way from the next row's, is fetched once.
typedef struct {
    const float *a;   ///< the first row that is not in the strips yet
    size_t lda;
    size_t rows;      ///< how many are not
    size_t columns;   ///< how many columns there are; zeros fill the strips behind the last
    size_t share;     ///< how many rows a tile takes over at a time
    float *strip;     ///< where the first of them goes to; the second strip is DEPTH_BLOCK rows further
    float *sums;
} filling;

/// Takes over some rows, and asks for those that begin `ahead` rows further.
INLINE void fill(filling *filling, size_t rows, size_t ahead) {
    if (rows == 0) return;
    const size_t lda = filling->lda;
    const float *from = filling->a, *asked = from + ahead * lda;
    float *to = filling->strip, *second = to + DEPTH_BLOCK * TILE_ROWS;
    float sum[2 * TILE_ROWS];
    memcpy(sum, filling->sums, sizeof sum);
    for (size_t p = 0; p < rows; p++, from += lda, asked += lda) {
        __builtin_prefetch(asked);
        memcpy(to + p * TILE_ROWS, from, TILE_ROWS * sizeof(float));
        memcpy(second + p * TILE_ROWS, from + TILE_ROWS, TILE_ROWS * sizeof(float));
        for (size_t j = 0; j < 2 * TILE_ROWS; j++) sum[j] += from[j];
    }
    memcpy(filling->sums, sum, sizeof sum);
    filling->a = from;
    filling->strip += rows * TILE_ROWS;
    filling->rows -= rows;
}

/// Takes over all rows that are left.
INLINE void fill_rest(filling *filling) {
    if (filling->columns == 2 * TILE_ROWS) {
        fill(filling, filling->rows, 0);
        return;
    }
    for (size_t p = 0; p < filling->rows; p++) {
        const float *from = filling->a + p * filling->lda;
        for (size_t j = 0; j < 2 * TILE_ROWS; j++) {
            float element = j < filling->columns ? from[j] : 0.0f;
            filling->strip[(j / TILE_ROWS * DEPTH_BLOCK + p) * TILE_ROWS + j % TILE_ROWS] = element;
            if (j < filling->columns) filling->sums[j] += element;
        }
    }
}

/// What sums begin with: rows that are `ld` apart, one after the other or chosen by ids, and a bias row on top; either
/// may be NULL.
typedef struct {
    const float *rows;
    size_t ld;
    const uint16_t *ids;
    const float *bias;
} beginning;

INLINE beginning beginning_of(const ck_rows *rows, size_t ldstart, const float *bias) {
    return (beginning){rows->start, ldstart, rows->ids, bias};
}

/// The same seen from row `row` and column `column`.
INLINE beginning beginning_at(beginning start, size_t row, size_t column) {
    if (start.rows) start.rows += (start.ids ? 0 : row * start.ld) + column;
    if (start.ids) start.ids += row;
    if (start.bias) start.bias += column;
    return start;
}

/// Group g of a row of which n elements are left.
INLINE V load_columns(const bool whole, const float *row, size_t g, size_t n) {
    return whole ? load(row + 16 * g) : load_some(row + 16 * g, n - 16 * g);
}

/// Begins the sums of a tile [rows, groups] whose columns begin with the start's, of which n are left. Only
/// `valid_rows` rows of the start are there; of a `whole` tile all rows and columns.
INLINE void begin(const size_t rows, const size_t groups, const bool whole, size_t valid_rows, size_t n,
                  const beginning *start, V sum[][8]) {
    V bias[8];
#pragma clang loop unroll(full)
    for (size_t g = 0; g < groups; g++) bias[g] = start->bias ? load_columns(whole, start->bias, g, n) : splat(0.0f);
    if (!start->rows) {
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
            for (size_t g = 0; g < groups; g++) sum[r][g] = bias[g];
        return;
    }
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        const float *row = start->rows + (start->ids ? start->ids[r] : r) * start->ld;
#pragma clang loop unroll(full)
        for (size_t g = 0; g < groups; g++)
            sum[r][g] = whole || r < valid_rows ? load_columns(whole, row, g, n) : splat(0.0f);
    }
    if (!start->bias) return;
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (size_t g = 0; g < groups; g++) sum[r][g] += bias[g];
}

/// What a tile is for.
typedef enum {
    SHORT,  ///< fewer rows than TILE_ROWS
    TALL,   ///< TILE_ROWS rows
    STRIP,  ///< TILE_ROWS rows of A turned over, a strip [k, TILE_ROWS]
} kind;

/// Adds to the sums of a tile [rows, groups] a column of A times row p of the operand's columns. It is column p of the
/// strip `a`, or else the one `q` further than `at`.
INLINE void multiply_add(const form form, const kind kind, const size_t rows, const size_t groups, V sum[][8],
                         const float *a, const left_column *at, size_t q, const char *const b[8], size_t group,
                         size_t p) {
    V row[8];
#pragma clang loop unroll(full)
    for (size_t g = 0; g < groups; g++) row[g] = elements(form, b[g], p, (group + g) % 2);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        V left = splat(kind == STRIP ? a[p * TILE_ROWS + r] : *element(at, r, q));
#pragma clang loop unroll(full)
        for (size_t g = 0; g < groups; g++) sum[r][g] = FMA(left, row[g], sum[r][g]);
    }
    // What the next p reads is not to be loaded before: the sums leave no registers for it.
    __asm__ volatile("" ::: "memory");
}

/// C tile [rows, 16 groups] from rows of A that are `lda` apart, or a strip, and the columns of the packed operand that
/// begin at group `group`, on top of `start`. Only `valid_rows` rows and columns below n are touched in C and the
/// start.
///
/// Memory comes while there is something to multiply. With each k a tall tile asks for `pace` bytes of the packed
/// operand, from `ahead` on: what the second-level cache does not hold then comes from the third. With each
/// TILE_ROWS-th part of k that one and a strip's ask for a row of the next tile of C, `next`, and a strip's takes over
/// some rows of the next strips.
INLINE void tile(const form form, const kind kind, const size_t rows, const size_t groups, size_t valid_rows, size_t n,
                 size_t k, const float *a, size_t lda, const void *packed, size_t group, const char *ahead, size_t pace,
                 filling *strips, const float *next, const beginning *start, float *c, size_t ldc) {
    V sum[TILE_ROWS > 8 ? TILE_ROWS : 8][8];
    const char *b[8];
    // Without conditions on single vectors where all of the tile is there: they would take sums through memory.
    const bool whole = valid_rows >= rows && (group + groups) * 16 <= n;
    c += group * 16;
    n -= group * 16;
#pragma clang loop unroll(full)
    for (size_t g = 0; g < groups; g++) b[g] = panel_of(form, packed, k, (group + g) / 2);
    const beginning from = beginning_at(*start, 0, group * 16);
    if (whole)
        begin(rows, groups, true, valid_rows, n, &from, sum);
    else
        begin(rows, groups, false, valid_rows, n, &from, sum);
    left_column at = first_column(rows, a, lda);
    // Four steps of k ask by one address and two distances, as rows are told in a column.
    size_t thrice = 3 * pace;
    __asm__("" : "+r"(thrice));
    const size_t parts = kind == SHORT ? 1 : TILE_ROWS, together = 4;
    size_t p = 0;
    for (size_t part = 0; part < parts; part++) {
        if (kind != SHORT) prefetch_tile(next + part * ldc, ldc, 1, groups);
        if (kind == STRIP) fill(strips, strips->share < strips->rows ? strips->share : strips->rows, 2 * strips->share);
        for (const size_t end = (part + 1) * (k / together) / parts * together; p < end; p += together) {
#pragma clang loop unroll(full)
            for (size_t q = 0; q < together; q++) {
                if (kind == TALL) __builtin_prefetch(ahead + (q < 3 ? q * pace : thrice), 0, 2);
                multiply_add(form, kind, rows, groups, sum, a, &at, q, b, group, p + q);
            }
            if (kind == TALL) {
                ahead += together * pace;
                __asm__("" : "+r"(ahead));
            }
            if (kind != STRIP) go_on(&at, together);
        }
    }
    for (; p < k; p++) {
        multiply_add(form, kind, rows, groups, sum, a, &at, 0, b, group, p);
        if (kind != STRIP) go_on(&at, 1);
    }
    if (whole) {
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
            for (size_t g = 0; g < groups; g++) store(c + r * ldc + 16 * g, sum[r][g]);
    } else {
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
            for (size_t g = 0; g < groups; g++)
                if (r < valid_rows) store_some(c + r * ldc + 16 * g, sum[r][g], n - 16 * g);
    }
}

/// A tall tile of floats. Each width is a function of its own, for its inner loop wants all registers there are.
typedef void tall_tile(size_t n, size_t k, const float *a, size_t lda, const void *packed, size_t group,
                       const char *ahead, size_t pace, const float *next, const beginning *start, float *c, size_t ldc);
#define TALL_TILE(name, groups)                                                                                      \
    static __attribute__((noinline)) void name(size_t n, size_t k, const float *a, size_t lda, const void *packed,   \
                                               size_t group, const char *ahead, size_t pace, const float *next,      \
                                               const beginning *start, float *c, size_t ldc) {                       \
        tile(WHOLE, TALL, TILE_ROWS, groups, TILE_ROWS, n, k, a, lda, packed, group, ahead, pace, NULL, next, start, \
             c, ldc);                                                                                                \
    }
TALL_TILE(tall_tile_1, 1)
#if TILE_GROUPS > 1
TALL_TILE(tall_tile_2, 2)
TALL_TILE(tall_tile_3, 3)
static tall_tile *const tall_tiles[] = {tall_tile_1, tall_tile_2, tall_tile_3};
#else
static tall_tile *const tall_tiles[] = {tall_tile_1};
#endif
#undef TALL_TILE

/// A tile from a strip.
typedef void strip_tile(size_t valid_rows, size_t n, size_t k, const float *strip, const void *packed, size_t group,
                        filling *strips, const float *next, const float *start, float *c, size_t ldc);
#define STRIP_TILE(name, groups)                                                                                     \
    static __attribute__((noinline)) void name(size_t valid_rows, size_t n, size_t k, const float *strip,            \
                                               const void *packed, size_t group, filling *strips, const float *next, \
                                               const float *start, float *c, size_t ldc) {                           \
        const beginning rows = {.rows = start, .ld = ldc};                                                           \
        tile(WHOLE, STRIP, TILE_ROWS, groups, valid_rows, n, k, strip, 0, packed, group, NULL, 0, strips, next,      \
             &rows, c, ldc);                                                                                         \
    }
STRIP_TILE(strip_tile_1, 1)
#if TILE_GROUPS > 1
STRIP_TILE(strip_tile_2, 2)
STRIP_TILE(strip_tile_3, 3)
static strip_tile *const strip_tiles[] = {strip_tile_1, strip_tile_2, strip_tile_3};
#else
static strip_tile *const strip_tiles[] = {strip_tile_1};
#endif
#undef STRIP_TILE

/// How wide the next tile is where so many groups are left: as wide as possible, but leaving no single group behind.
INLINE size_t tile_width(size_t left) {
    if (left >= 3 && left % 3 != 1) return TILE_GROUPS;
    return left >= 2 && TILE_GROUPS > 1 ? 2 : 1;
}

/// Columns of `rows` rows of C, those of groups `group` ..< `end`, `groups` groups at a time and then fewer.
INLINE void strip(const form form, const size_t rows, const size_t groups, size_t group, size_t end, size_t n, size_t k,
                  const float *a, size_t lda, const void *packed, const beginning *start, float *c, size_t ldc) {
#define SHORT_TILE(wide) \
    tile(form, SHORT, rows, wide, rows, n, k, a, lda, packed, group, NULL, 0, NULL, NULL, start, c, ldc)
    for (; group + groups <= end; group += groups) SHORT_TILE(groups);
    if (groups > 4 && group + 4 <= end) {
        SHORT_TILE(4);
        group += 4;
    }
    if (groups > 2 && group + 2 <= end) {
        SHORT_TILE(2);
        group += 2;
    }
    for (; group < end; group++) SHORT_TILE(1);
#undef SHORT_TILE
}

/// Fewer rows than a tile has: more columns at once instead, so that the chains of additions still overlap.
INLINE void few_rows(const form form, size_t m, size_t group, size_t end, size_t n, size_t k, const float *a,
                     size_t lda, const void *packed, const beginning *start, float *c, size_t ldc) {
#define FEW(rows, groups) strip(form, rows, groups, group, end, n, k, a, lda, packed, start, c, ldc)
    switch (m) {
    case 1: FEW(1, ROW_GROUPS); break;
    case 2: FEW(2, ROW_GROUPS / 2); break;
    case 3: FEW(3, ROW_GROUPS / 2); break;
    case 4: FEW(4, ROW_GROUPS / 4); break;
    case 5: FEW(5, ROW_GROUPS / 4); break;
#if TILE_ROWS > 6
    case 6: FEW(6, ROW_GROUPS / 4); break;
    case 7: FEW(7, ROW_GROUPS / 4); break;
#endif
    default: break;
    }
#undef FEW
}

/// How many of a part's rows from row `block` on are in whole tiles of that block.
INLINE size_t rows_in_tiles(const ck_rows *rows, size_t block) {
    size_t left = rows->m > block ? rows->m - block : 0;
    return left < ROW_BLOCK ? left - left % TILE_ROWS : ROW_BLOCK;
}

/// How many rows behind a part's tiles, in rows `first` ..< `end`, go along with these, for the columns are in a cache
/// then: those that do not fill another tile, unless they are so few that more columns at once are faster.
INLINE size_t rows_along(const ck_rows *rows, size_t first, size_t end) {
    const size_t rest = end > first ? rows->m - end : 0;
    return rest >= 4 && rest < TILE_ROWS ? rest : 0;
}

/// Rows depth ..< depth + deep of the columns of `groups` groups from group `group` on of an operand of halves, made an
/// operand of floats.
INLINE void unpack(size_t k, const void *packed, size_t group, size_t groups, size_t depth, size_t deep,
                   float *floats) {
    for (size_t g = 0; g < groups; g++) {
        const char *from = panel_of(HALVES, packed, k, (group + g) / 2) + depth * row_size(HALVES);
        float *to = (float *)panel_of(WHOLE, floats, deep, g / 2) + g % 2 * 16;
        for (size_t p = 0; p < deep; p++) store(to + p * 32, elements(HALVES, from, p, (group + g) % 2));
    }
}

/// All columns of those rows of a block of all parts that fill tiles, and of what goes along with them. An operand of
/// halves is made one of floats, some rows of a tile's columns at a time, for all tiles over them: a first-level cache
/// holds them, and unpacking, which takes what a tile does, is done once.
INLINE void multiply_tall(const form form, size_t n, size_t k, const ck_rows *parts, size_t count, size_t block,
                          size_t lda, const void *packed, size_t ldstart, const float *bias, size_t ldc) {
    float floats[2 * 32 * UNPACKED_BLOCK] __attribute__((aligned(64)));
    size_t all = (n + 15) / 16, tiles = 0;
    for (size_t part = 0; part < count; part++) tiles += rows_in_tiles(parts + part, block) / TILE_ROWS;
    for (size_t group = 0, width; group < all; group += width) {
        width = tile_width(all - group);
        // The tiles over these columns ask for the next ones; over the last columns for the first ones, as what follows
        // is likely a product with the same operand.
        const char *ahead = columns_from(form, packed, k, group + width < all ? group + width : 0);
        const size_t pace = pace_of(form, width, tiles);
        // The operand that the tile reads, where its columns begin in it, and what columns that one begins with.
        const void *operand = form == WHOLE ? packed : floats;
        const size_t first = form == WHOLE ? group : 0, column = (group - first) * 16;
        size_t depth = 0, deep;
        do {
            deep = form == WHOLE || k - depth < UNPACKED_BLOCK ? k - depth : UNPACKED_BLOCK;
            if (form == HALVES) unpack(k, packed, group, width, depth, deep, floats);
            for (const ck_rows *rows = parts; rows < parts + count; rows++) {
                const size_t end = block + rows_in_tiles(rows, block), along = rows_along(rows, block, end);
                for (size_t r = block; r < end + along; r += TILE_ROWS) {
                    const float *a = rows->a + r * lda + depth;
                    float *to = rows->c + r * ldc + column;
                    const beginning start = depth > 0 ? (beginning){.rows = to, .ld = ldc}
                                                      : beginning_at(beginning_of(rows, ldstart, bias), r, column);
                    if (r == end) {
                        few_rows(WHOLE, along, first, first + width, n - column, deep, a, lda, operand, &start, to, ldc);
                        continue;
                    }
                    // The tile that follows: the rows below, or the block's first ones of the next columns.
                    const float *following = r + TILE_ROWS < end ? to + TILE_ROWS * ldc
                                                                 : rows->c + block * ldc + column + width * 16;
                    tall_tiles[width - 1](n - column, deep, a, lda, operand, first, ahead, pace,
                                          following + first * 16, &start, to, ldc);
                    ahead += deep * pace;
                }
            }
            depth += deep;
        } while (depth < k);
    }
}

INLINE void multiply_form(const form form, size_t n, size_t k, const ck_rows *parts, size_t count, size_t lda,
                          const void *packed, size_t ldstart, const float *bias, size_t ldc) {
    size_t most = 0;
    for (size_t part = 0; part < count; part++) most = parts[part].m > most ? parts[part].m : most;
    for (size_t block = 0; block + TILE_ROWS <= most; block += ROW_BLOCK)
        multiply_tall(form, n, k, parts, count, block, lda, packed, ldstart, bias, ldc);
    for (const ck_rows *rows = parts; rows < parts + count; rows++) {
        size_t done = rows->m - rows->m % TILE_ROWS;
        done += rows_along(rows, 0, done);
        const beginning start = beginning_at(beginning_of(rows, ldstart, bias), done, 0);
        few_rows(form, rows->m - done, 0, (n + 15) / 16, n, k, rows->a + done * lda, lda, packed, &start,
                 rows->c + done * ldc, ldc);
    }
}

/// Columns first ..< first + 2 TILE_ROWS of `rows` rows of A [rows, m], none of which is in the strips yet.
INLINE filling filling_of(size_t first, size_t rows, size_t m, const float *a, size_t lda, size_t share, float *strips,
                          float *sums) {
    const size_t columns = m - first < 2 * TILE_ROWS ? m - first : 2 * TILE_ROWS;
    return (filling){a + first, lda, rows, columns, columns == 2 * TILE_ROWS ? share : 0, strips, sums + first};
}

/// How many tiles there are side by side in some results.
INLINE size_t tiles_across(const ck_transposed_product *products, size_t count) {
    size_t tiles = 0;
    for (const ck_transposed_product *to = products; to < products + count; to++)
        tiles += ((to->n + 15) / 16 + TILE_GROUPS - 1) / TILE_GROUPS;
    return tiles;
}

static void multiply_transposed(size_t m, size_t k, const float *a, size_t lda, const ck_transposed_product *products,
                                size_t count, float *sums, bool accumulate, void *scratch) {
    enum { STRIP_SIZE = DEPTH_BLOCK * TILE_ROWS, PAIR = 2 * TILE_ROWS };
    float strips[2][2 * STRIP_SIZE] __attribute__((aligned(64)));
    const ck_transposed_product *end = products + count;
    // While the tiles over two strips are multiplied, the next two are filled: in each tile so many times some rows.
    const size_t portions = TILE_ROWS * 2 * tiles_across(products, count);
    if (!accumulate) begin_with_zeros(m, k, products, count, sums);
    for (size_t depth = 0; depth < k; depth += DEPTH_BLOCK) {
        const size_t deep = k - depth < DEPTH_BLOCK ? k - depth : DEPTH_BLOCK;
        const size_t share = deep / (portions + 1) + 1;
        const float *rows = a + depth * lda;
        pack_operands(deep, depth, products, count, scratch);
        filling filling = filling_of(0, deep, m, rows, lda, share, strips[0], sums);
        for (size_t i = 0; i < m; i += TILE_ROWS) {
            const size_t valid = m - i < TILE_ROWS ? m - i : TILE_ROWS;
            if (i % PAIR == 0) {
                fill_rest(&filling);
                if (i + PAIR < m)
                    filling = filling_of(i + PAIR, deep, m, rows, lda, share, strips[(i / PAIR + 1) % 2], sums);
            }
            const float *strip = strips[i / PAIR % 2] + i % PAIR / TILE_ROWS * STRIP_SIZE;
            char *packed = scratch;
            for (const ck_transposed_product *to = products; to < end; packed += packed_size(deep, to->n), to++) {
                const size_t all = (to->n + 15) / 16;
                float *c = to->c + i * to->ldc;
                // What follows on the last columns: the next result, or the first one's next rows.
                const float *following =
                    to + 1 < end ? to[1].c + i * to[1].ldc : products->c + (i + TILE_ROWS) * products->ldc;
                for (size_t group = 0, width; group < all; group += width) {
                    width = tile_width(all - group);
                    const float *next = group + width < all ? c + (group + width) * 16 : following;
                    strip_tiles[width - 1](valid, to->n, deep, strip, packed, group, &filling, next,
                                           accumulate || depth > 0 ? c : NULL, c, to->ldc);
                }
            }
        }
    }
}

static double peak(size_t repeats, float *sink) {
    V sum[TILE_ROWS * TILE_GROUPS];
    const V left = splat(*sink), right = splat(0.5f);
#pragma clang loop unroll(full)
    for (size_t i = 0; i < TILE_ROWS * TILE_GROUPS; i++) sum[i] = splat((float)i);
    for (size_t repeat = 0; repeat < repeats; repeat++)
#pragma clang loop unroll(full)
        for (size_t i = 0; i < TILE_ROWS * TILE_GROUPS; i++) sum[i] = FMA(sum[i], right, left);
    float lanes[LANES];
#pragma clang loop unroll(full)
    for (size_t i = 0; i < TILE_ROWS * TILE_GROUPS; i++) {
        store(lanes, sum[i]);
        *sink += lanes[0];
    }
    return 2.0 * LANES * TILE_ROWS * TILE_GROUPS * (double)repeats;
}
