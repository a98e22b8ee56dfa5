// SPDX-License-Identifier: GPL-3.0-or-later
//
// One name for "some floats": V, of LANES elements. With LANES 1 it is a plain float, which the portable level uses;
// every other level uses sixteen and lets the compiler split them over the registers it has. How fewer are best loaded
// and stored, the including file may say: HAS_MASKS is AVX-512's way, HAS_MASKED_LOADS that of AVX2.

#ifndef CK_VECTORS_H
#define CK_VECTORS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#pragma clang fp contract(off)

#define INLINE static inline __attribute__((always_inline))

/// Asks for the memory of a tile [rows, 16 groups] that will be written soon; past the end of an array it does nothing.
INLINE void prefetch_tile(const float *c, size_t ldc, size_t rows, size_t groups) {
    for (size_t r = 0; r < rows; r++)
        for (size_t g = 0; g < groups; g++) __builtin_prefetch(c + r * ldc + 16 * g, 1);
}

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

/// The elements of a and b by turns: those of the lower halves, and those of the upper ones.
#define INTERLEAVE_LOW(a, b) \
    __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define INTERLEAVE_HIGH(a, b) \
    __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)

/// Turns sixteen rows into sixteen columns: four rounds of interleaving each row with the one eight further on.
INLINE void transpose(V row[16]) {
#pragma clang loop unroll(full)
    for (int round = 0; round < 4; round++) {
        V mixed[16];
#pragma clang loop unroll(full)
        for (int i = 0; i < 8; i++) {
            mixed[2 * i] = INTERLEAVE_LOW(row[i], row[i + 8]);
            mixed[2 * i + 1] = INTERLEAVE_HIGH(row[i], row[i + 8]);
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < 16; i++) row[i] = mixed[i];
    }
}

#endif

#ifdef HAS_MASKS

#include <immintrin.h>

/// The lowest `count` bits, of sixteen.
INLINE __mmask16 mask_of(size_t count) { return count >= 16 ? 0xffff : (__mmask16)((1u << count) - 1); }

INLINE V load_part(const float *p, size_t n) { return (V)_mm512_maskz_loadu_ps(mask_of(n), p); }
INLINE void store_part(float *p, V x, size_t n) { _mm512_mask_storeu_ps(p, mask_of(n), (__m512)x); }

#else

/// Copies n < 16 elements, by the bits of n: a call for so few would take longer.
INLINE void copy_part(float *to, const float *from, size_t n) {
#pragma clang loop unroll(full)
    for (size_t some = 8; some > 0; some /= 2) {
        if (!(n & some)) continue;
        memcpy(to, from, some * sizeof(float));
        to += some;
        from += some;
    }
}

INLINE void store_part(float *p, V x, size_t n) {
    float some[LANES];
    store(some, x);
    copy_part(p, some, n);
}

#ifdef HAS_MASKED_LOADS

#include <immintrin.h>

INLINE V load_part(const float *p, size_t n) {
    static const int32_t ones_and_zeros[32] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    const __m256i *mask = (const __m256i *)(ones_and_zeros + 16 - n);
    __m256 low = _mm256_maskload_ps(p, _mm256_loadu_si256(mask));
    __m256 high = _mm256_maskload_ps(p + 8, _mm256_loadu_si256(mask + 1));
    return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

#else

INLINE V load_part(const float *p, size_t n) {
    float some[LANES] = {0};
    copy_part(some, p, n);
    return load(some);
}

#endif
#endif

/// The first `n` of LANES elements at p, zeros behind them.
INLINE V load_some(const float *p, size_t n) { return n >= LANES ? load(p) : load_part(p, n); }

INLINE void store_some(float *p, V x, size_t n) {
    if (n >= LANES)
        store(p, x);
    else
        store_part(p, x, n);
}

/// Runs the block for j = 0, LANES, 2 LANES … below n, with `some` the elements left (LANES or more: a whole V).
#define FOR_LANES(j, n) for (size_t j = 0, some = (n); j < (n); j += LANES, some -= (some < LANES ? some : LANES))

/// e^x to about 1 unit in the last place; 0 below -86.6, held at e^87 above; NaN stays NaN.
/// x = n ln 2 + r with |r| <= ln 2 / 2, a polynomial in r (coefficients and split ln 2 from Cephes' expf), and n put
/// into the exponent. Rounding to n by a magic number, since a rounding instruction is not everywhere.
INLINE V exp_of(V x) {
    const V magic = splat(0x1.8p23f);
    V limited = SELECT(x > splat(87.0f), splat(87.0f), x);
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

/// tanh x, odd, absolute error below 3e-7 and relative too where x is small, never beyond 1: an odd polynomial of degree
/// 13 over an even one of degree 6 (the rational approximation of Eigen's), held still from where it reaches 1.
INLINE V tanh_of(V x) {
    const V limit = splat(8.1f);
    V held = SELECT(x > limit, limit, x);
    held = SELECT(held < -limit, -limit, held);
    V square = held * held;
    V p = splat(-2.76076847742355e-16f);
    p = FMA(p, square, splat(2.00018790482477e-13f));
    p = FMA(p, square, splat(-8.60467152213735e-11f));
    p = FMA(p, square, splat(5.12229709037114e-08f));
    p = FMA(p, square, splat(1.48572235717979e-05f));
    p = FMA(p, square, splat(6.37261928875436e-04f));
    p = FMA(p, square, splat(4.89352455891786e-03f));
    V q = splat(1.19825839466702e-06f);
    q = FMA(q, square, splat(1.18534705686654e-04f));
    q = FMA(q, square, splat(2.26843463243900e-03f));
    q = FMA(q, square, splat(4.89352518554385e-03f));
    return held * p / q;
}

/// σ(x) = 1 / (1 + e^-x) = (1 + tanh(x / 2)) / 2, absolute error below 1.5e-7, within 0...1.
INLINE V sigmoid_of(V x) { return FMA(tanh_of(x * splat(0.5f)), splat(0.5f), splat(0.5f)); }

#endif
