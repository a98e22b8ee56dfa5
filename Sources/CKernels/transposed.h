// SPDX-License-Identifier: GPL-3.0-or-later
//
// What products with a transposed left operand do alike in every precision, with the including file's `pack`.

/// What products that add to nothing begin with: their sums, and where there are no rows, their results.
INLINE void begin_with_zeros(size_t m, size_t k, const ck_transposed_product *products, size_t count, float *sums) {
    memset(sums, 0, m * sizeof(float));
    for (const ck_transposed_product *to = products; k == 0 && to < products + count; to++)
        for (size_t i = 0; i < m; i++) memset(to->c + i * to->ldc, 0, to->n * sizeof(float));
}

/// Packs `rows` rows of each right operand, from row `first_row` on, behind each other.
INLINE void pack_operands(size_t rows, size_t first_row, const ck_transposed_product *products, size_t count,
                          char *packed) {
    for (const ck_transposed_product *to = products; to < products + count; packed += packed_size(rows, to->n), to++)
        pack(rows, to->n, to->b + first_row * to->ldb, to->ldb, 1, packed, (ck_range){.end = rows},
             (ck_range){.end = ck_panel_count(to->n)});
}
