// SPDX-License-Identifier: GPL-3.0-or-later
//
// The packed layout of a right operand B [k, n]: panels of 32 columns, in each the k rows of 32 elements behind each
// other, zeros where a panel goes past column n. A product then reads its panel from beginning to end.

/// What a packed operand's elements are.
typedef enum {
    WHOLE,   ///< floats
    HALVES,  ///< the upper halves of floats whose lower halves are zeros; a row of a panel is sixteen words, each with
             ///< column j in its lower half and column j + 16 in its upper one
} form;

INLINE size_t row_size(form form) { return 32 * (form == WHOLE ? sizeof(float) : sizeof(uint16_t)); }

/// Panel `panel` of a packed operand of k rows.
INLINE char *panel_of(form form, const void *packed, size_t k, size_t panel) {
    return (char *)packed + panel * k * row_size(form);
}

/// A row of a panel from its 32 elements.
INLINE void store_row(form form, char *row, const float elements[32]) {
    if (form == WHOLE) {
        memcpy(row, elements, 32 * sizeof(float));
    } else {
        uint32_t bits[32], words[16];
        memcpy(bits, elements, sizeof bits);
        for (size_t j = 0; j < 16; j++) words[j] = bits[j] >> 16 | (bits[j + 16] & 0xFFFF0000u);
        memcpy(row, words, sizeof words);
    }
}

#if LANES > 1
/// One group of sixteen columns of a row of a panel, the first of the two before the second.
INLINE void store_group(form form, char *row, V elements, bool second) {
    float *to = (float *)row;
    if (form == WHOLE) {
        store(to + (second ? 16 : 0), elements);
    } else {
        VU bits = (VU)bits_of(elements);
        store(to, from_bits((VI)(second ? (bits & 0xFFFF0000u) | (VU)bits_of(load(to)) : bits >> 16)));
    }
}
#endif

INLINE void pack_form(form form, size_t k, size_t n, const float *b, size_t row_stride, size_t column_stride,
                      void *packed, ck_range rows, ck_range panels) {
    if (column_stride == 1) {
        // All panels row by row, for memory comes sooner in the order in which it lies.
        const size_t whole = n / 32 < panels.end ? n / 32 : panels.end;
        for (size_t p = rows.first; p < rows.end; p++) {
            const float *row = b + p * row_stride;
            for (size_t panel = panels.first; panel < whole; panel++)
                store_row(form, panel_of(form, packed, k, panel) + p * row_size(form), row + panel * 32);
        }
        if (panels.first < whole) panels.first = whole;
    }
    for (size_t panel = panels.first; panel < panels.end; panel++) {
        char *out = panel_of(form, packed, k, panel);
        const float *from = b + panel * 32 * column_stride;
        size_t columns = n - panel * 32 < 32 ? n - panel * 32 : 32;
        size_t done = rows.first;
#if LANES > 1
        if (row_stride == 1 && columns == 32) {
            for (; done + 16 <= rows.end; done += 16) {
                for (size_t j = 0; j < 32; j += 16) {
                    V square[16];
                    for (size_t l = 0; l < 16; l++) square[l] = load(from + done + (j + l) * column_stride);
                    transpose(square);
                    for (size_t l = 0; l < 16; l++)
                        store_group(form, out + (done + l) * row_size(form), square[l], j > 0);
                }
            }
        }
#endif
        for (size_t p = done; p < rows.end; p++) {
            float row[32] = {0};
            for (size_t j = 0; j < columns; j++) row[j] = from[p * row_stride + j * column_stride];
            store_row(form, out + p * row_size(form), row);
        }
    }
}

static size_t packed_size(size_t k, size_t n) { return ck_panel_count(n) * k * row_size(WHOLE); }

static size_t packed_halves_size(size_t k, size_t n) { return ck_panel_count(n) * k * row_size(HALVES); }

static void pack(size_t k, size_t n, const float *b, size_t row_stride, size_t column_stride, void *packed,
                 ck_range rows, ck_range panels) {
    pack_form(WHOLE, k, n, b, row_stride, column_stride, packed, rows, panels);
}

static void pack_halves(size_t k, size_t n, const float *b, size_t row_stride, size_t column_stride, void *packed,
                        ck_range rows, ck_range panels) {
    pack_form(HALVES, k, n, b, row_stride, column_stride, packed, rows, panels);
}

/// The including file's product with an operand of this form.
INLINE void multiply_form(form form, size_t n, size_t k, const ck_rows *parts, size_t count, size_t lda,
                          const void *packed, size_t ldstart, const float *bias, size_t ldc);

static void multiply(size_t n, size_t k, const ck_rows *parts, size_t count, size_t lda, const void *packed,
                     size_t ldstart, const float *bias, size_t ldc) {
    multiply_form(WHOLE, n, k, parts, count, lda, packed, ldstart, bias, ldc);
}

static void multiply_halves(size_t n, size_t k, const ck_rows *parts, size_t count, size_t lda, const void *packed,
                            size_t ldstart, const float *bias, size_t ldc) {
    multiply_form(HALVES, n, k, parts, count, lda, packed, ldstart, bias, ldc);
}

/// A level's products, from what it includes.
#define FP32_PRODUCTS \
    .fp32 = {packed_size, pack, multiply, multiply_transposed, peak}, \
    .halves = {packed_halves_size, pack_halves, multiply_halves, multiply_transposed, peak}
