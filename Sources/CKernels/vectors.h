// SPDX-License-Identifier: GPL-3.0-or-later
//
// One name for "some floats": V, of LANES elements. With LANES 1 it is a plain float, which the portable level uses;
// every other level uses sixteen and lets the compiler split them over the registers it has.

#ifndef CK_VECTORS_H
#define CK_VECTORS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#pragma clang fp contract(off)

#define INLINE static inline __attribute__((always_inline))

#if LANES == 1

typedef float V;
typedef int32_t VI;
typedef uint32_t VU;
#define FMA(a, b, c) __builtin_fmaf(a, b, c)
#define SQRT(a) __builtin_sqrtf(a)
#define SELECT(mask, a, b) ((mask) ? (a) : (b))
INLINE V splat(float x) { return x; }
INLINE VI bits_of(V x) { VI i; memcpy(&i, &x, 4); return i; }
INLINE V from_bits(VI i) { V x; memcpy(&x, &i, 4); return x; }
INLINE V load(const float *p) { return *p; }
INLINE void store(float *p, V x) { *p = x; }

#else

typedef float V __attribute__((vector_size(4 * LANES)));
typedef int32_t VI __attribute__((vector_size(4 * LANES)));
typedef uint32_t VU __attribute__((vector_size(4 * LANES)));
typedef float V_unaligned __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
#define FMA(a, b, c) __builtin_elementwise_fma(a, b, c)
#define SQRT(a) __builtin_elementwise_sqrt(a)
#define SELECT(mask, a, b) ((V)(((VI)(a) & (mask)) | ((VI)(b) & ~(mask))))
INLINE V splat(float x) { return x - (V){}; }
INLINE VI bits_of(V x) { return (VI)x; }
INLINE V from_bits(VI i) { return (V)i; }
INLINE V load(const float *p) { return *(const V_unaligned *)p; }
INLINE void store(float *p, V x) { *(V_unaligned *)p = x; }

/// Turns sixteen rows into sixteen columns: four rounds of interleaving each row with the one eight further on.
INLINE void transpose(V row[16]) {
#pragma clang loop unroll(full)
    for (int round = 0; round < 4; round++) {
        V mixed[16];
#pragma clang loop unroll(full)
        for (int i = 0; i < 8; i++) {
            mixed[2 * i] = __builtin_shufflevector(row[i], row[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22,
                                                   7, 23);
            mixed[2 * i + 1] = __builtin_shufflevector(row[i], row[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13,
                                                       29, 14, 30, 15, 31);
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < 16; i++) row[i] = mixed[i];
    }
}

#endif

/// The first `n` of LANES elements at p, zeros behind them.
INLINE V load_some(const float *p, size_t n) {
    if (n >= LANES) return load(p);
    float some[LANES] = {0};
    for (size_t j = 0; j < n; j++) some[j] = p[j];
    return load(some);
}

INLINE void store_some(float *p, V x, size_t n) {
    if (n >= LANES) {
        store(p, x);
    } else {
        float some[LANES];
        store(some, x);
        for (size_t j = 0; j < n; j++) p[j] = some[j];
    }
}

/// e^x to about 1 unit in the last place; 0 below -86.6, held at e^88 above; NaN stays NaN.
/// x = n ln 2 + r with |r| <= ln 2 / 2, a polynomial in r (coefficients and split ln 2 from Cephes' expf), and n put
/// into the exponent. Rounding to n by a magic number, since a rounding instruction is not everywhere.
INLINE V exp_of(V x) {
    const V magic = splat(0x1.8p23f);
    V limited = SELECT(x > splat(88.0f), splat(88.0f), x);
    V t = FMA(limited, splat(1.44269504f), magic);
    V n = t - magic;
    V r = FMA(n, splat(-0.693359375f), limited);
    r = FMA(n, splat(2.12194440e-4f), r);
    V p = splat(1.9875691500e-4f);
    p = FMA(p, r, splat(1.3981999507e-3f));
    p = FMA(p, r, splat(8.3334519073e-3f));
    p = FMA(p, r, splat(4.1665795894e-2f));
    p = FMA(p, r, splat(1.6666665459e-1f));
    p = FMA(p, r, splat(5.0000001201e-1f));
    V y = FMA(p, r * r, r) + splat(1.0f);
    VU exponent = ((VU)bits_of(t) - (VU)bits_of(magic)) << 23;
    V scaled = from_bits((VI)((VU)bits_of(y) + exponent));
    scaled = SELECT(x < splat(-86.6f), splat(0.0f), scaled);
    return SELECT(x == x, scaled, x);
}

/// 1 / (1 + e^-x), absolute error below 1e-7.
INLINE V sigmoid_of(V x) { return splat(1.0f) / (splat(1.0f) + exp_of(-x)); }

/// tanh x = 1 - 2 / (1 + e^2x), absolute error below 2e-7.
INLINE V tanh_of(V x) { return splat(1.0f) - splat(2.0f) / (splat(1.0f) + exp_of(x + x)); }

#endif
