// SPDX-License-Identifier: GPL-3.0-or-later
// AVX-512: 32 registers of sixteen floats; a tile of 8 rows by 48 columns holds its sums in 24 of them. Fewer than
// sixteen floats are loaded and stored under a mask.

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#define LANES 16
#define HAS_MASKS
#define TILE_ROWS 8
#define TILE_GROUPS 3
#define ROW_GROUPS 8
#include "elementwise.h"
#include "products.h"

const ck_kernels ck_avx512 = {
    .name = "avx512",
    FP32_PRODUCTS,
    ELEMENTWISE_KERNELS,
};

extern const ck_products ck_bf16_products, ck_amx_products;

/// The same with bf16 products beside them, for CPUs that have the dot product.
const ck_kernels ck_bf16 = {
    .name = "bf16",
    FP32_PRODUCTS,
    .bf16 = &ck_bf16_products,
    ELEMENTWISE_KERNELS,
};

/// The same with bf16 products of tiles, for CPUs that have a unit for them.
const ck_kernels ck_amx = {
    .name = "amx",
    FP32_PRODUCTS,
    .bf16 = &ck_amx_products,
    ELEMENTWISE_KERNELS,
};
#pragma clang attribute pop
#endif
