// SPDX-License-Identifier: GPL-3.0-or-later
//
// The packed layout of a right operand B [k, n]: panels of 32 columns, in each the k rows of 32 floats behind each
// other, zeros where a panel goes past column n. A product then reads its panel from beginning to end.

static size_t packed_size(size_t k, size_t n) { return ck_panel_count(n) * 32 * k * sizeof(float); }

static void pack(size_t k, size_t n, const float *b, size_t row_stride, size_t column_stride, void *packed,
                 size_t first_panel, size_t last_panel) {
    for (size_t panel = first_panel; panel < last_panel; panel++) {
        float *out = (float *)packed + panel * k * 32;
        const float *from = b + panel * 32 * column_stride;
        size_t columns = n - panel * 32 < 32 ? n - panel * 32 : 32;
        if (column_stride == 1 && columns == 32) {
            for (size_t p = 0; p < k; p++) memcpy(out + p * 32, from + p * row_stride, 32 * sizeof(float));
            continue;
        }
        // Eight rows at a time: where B is a transposed matrix a cache line then serves eight rows, not one.
        for (size_t p = 0; p < k; p += 8) {
            size_t rows = k - p < 8 ? k - p : 8;
            for (size_t j = 0; j < columns; j++)
                for (size_t q = 0; q < rows; q++)
                    out[(p + q) * 32 + j] = from[(p + q) * row_stride + j * column_stride];
            for (size_t j = columns; j < 32; j++)
                for (size_t q = 0; q < rows; q++) out[(p + q) * 32 + j] = 0.0f;
        }
    }
}
