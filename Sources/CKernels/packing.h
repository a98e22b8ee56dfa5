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
        size_t done = 0;
        if (column_stride == 1 && columns == 32) {
            for (; done < k; done++) memcpy(out + done * 32, from + done * row_stride, 32 * sizeof(float));
        }
#if LANES > 1
        if (row_stride == 1 && columns == 32) {
            for (; done + 16 <= k; done += 16) {
                for (size_t j = 0; j < 32; j += 16) {
                    V square[16];
                    for (size_t l = 0; l < 16; l++) square[l] = load(from + done + (j + l) * column_stride);
                    transpose(square);
                    for (size_t l = 0; l < 16; l++) store(out + (done + l) * 32 + j, square[l]);
                }
            }
        }
#endif
        for (size_t p = done; p < k; p++)
            for (size_t j = 0; j < 32; j++)
                out[p * 32 + j] = j < columns ? from[p * row_stride + j * column_stride] : 0.0f;
    }
}
