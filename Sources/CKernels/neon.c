// SPDX-License-Identifier: GPL-3.0-or-later
// arm64: 32 registers of four floats through the portable vector types; fused multiply-add is in the baseline.

#if defined(__aarch64__)
#define LANES 16
#define TILE_ROWS 6
#define TILE_GROUPS 1
#define ROW_GROUPS 4
#include "elementwise.h"
#include "products.h"

const ck_kernels ck_neon = {
    .name = "neon",
    FP32_PRODUCTS,
    ELEMENTWISE_KERNELS,
};
#endif
