// SPDX-License-Identifier: GPL-3.0-or-later
// AVX2 and FMA: 16 registers of eight floats; a tile of 6 rows by 16 columns holds its sums in twelve of them. Fewer
// than sixteen floats are loaded under a mask; storing so is slow on some.

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define LANES 16
#define HAS_MASKED_LOADS
#define TILE_ROWS 6
#define TILE_GROUPS 1
#define ROW_GROUPS 4
#include "elementwise.h"
#include "products.h"

const ck_kernels ck_avx2 = {
    .name = "avx2",
    FP32_PRODUCTS,
    ELEMENTWISE_KERNELS,
};
#pragma clang attribute pop
#endif
