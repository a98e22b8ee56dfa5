// SPDX-License-Identifier: GPL-3.0-or-later
//
// Which level runs, and the few functions that are the same at all of them.

#include "CKernels.h"

#include <math.h>
#include <sched.h>
#include <string.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#pragma clang fp contract(off)

extern const ck_kernels ck_portable;
#if defined(__x86_64__)
extern const ck_kernels ck_avx2, ck_avx512, ck_bf16, ck_amx;
extern bool ck_has_amx(void);
static const char *const level_names[] = {"amx", "bf16", "avx512", "avx2", "portable", NULL};
#elif defined(__aarch64__)
extern const ck_kernels ck_neon;
static const char *const level_names[] = {"neon", "portable", NULL};
#else
static const char *const level_names[] = {"portable", NULL};
#endif

static bool runs_here(const char *name) {
#if defined(__x86_64__)
    if (strcmp(name, "avx2") == 0) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (strcmp(name, "avx512") == 0 || strcmp(name, "bf16") == 0 || strcmp(name, "amx") == 0)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
               (strcmp(name, "bf16") != 0 || __builtin_cpu_supports("avx512bf16")) &&
               (strcmp(name, "amx") != 0 || ck_has_amx());
#endif
    (void)name;
    return true;
}

static const ck_kernels *table_of(const char *name) {
#if defined(__x86_64__)
    if (strcmp(name, "avx2") == 0) return &ck_avx2;
    if (strcmp(name, "avx512") == 0) return &ck_avx512;
    if (strcmp(name, "bf16") == 0) return &ck_bf16;
    if (strcmp(name, "amx") == 0) return &ck_amx;
#elif defined(__aarch64__)
    if (strcmp(name, "neon") == 0) return &ck_neon;
#endif
    return &ck_portable;
}

const char *ck_level_name(size_t index) {
    size_t count = sizeof level_names / sizeof *level_names - 1;
    return index < count ? level_names[index] : NULL;
}

const ck_kernels *ck_kernels_named(const char *name) {
    for (const char *const *level = level_names; *level; level++)
        if ((name == NULL || strcmp(name, *level) == 0) && runs_here(*level)) return table_of(*level);
    return NULL;
}

double ck_bf16_speed(const ck_kernels *kernels) {
    if (!kernels->bf16) return 0;
#if defined(__x86_64__)
    if (kernels == &ck_amx) return 2.5;
    // Intel's cores multiply and add fp32 on two ports, bf16 pairs on one of half the width: half the speed.
    if (__builtin_cpu_is("intel")) return 0.5;
#endif
    return 1.7;
}

void ck_relax(void) {
#if defined(__x86_64__)
    _mm_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

void ck_yield(void) { sched_yield(); }

void ck_flush_denormals(void) {
#if defined(__x86_64__)
    _mm_setcsr(_mm_getcsr() | 0x8040);  // flush to zero, denormals are zero
#elif defined(__aarch64__)
    uint64_t control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    __asm__ volatile("msr fpcr, %0" : : "r"(control | (1u << 24)));
#endif
}

void ck_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
        uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)p1;
        c3 = (uint32_t)p0;
        c0 = n0;
        c2 = n2;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

double ck_log(double x) {
    uint64_t bits;
    memcpy(&bits, &x, 8);
    int64_t exponent = (int64_t)(bits >> 52) - 1023;
    bits = (bits & 0x000fffffffffffffu) | 0x3ff0000000000000u;
    double m;
    memcpy(&m, &bits, 8);
    if (m > 1.4142135623730951) m *= 0.5, exponent += 1;
    // log m = 2 atanh s with s = (m - 1) / (m + 1), |s| < 0.172: twelve terms of the series reach 1e-20.
    double s = (m - 1.0) / (m + 1.0), square = s * s, series = 0.0;
    for (int term = 23; term >= 1; term -= 2) series = fma(series, square, 1.0 / term);
    return fma((double)exponent, 0.69314718055994530942, 2.0 * s * series);
}
