// SPDX-License-Identifier: GPL-3.0-or-later
//
// The inner loops of chartools: what an LSTM needs, once per instruction set, chosen once at start.
//
// All matrices are row-major, of 32-bit floats unless a function says otherwise; `ld…` is the distance in elements
// between two rows. Sizes may be any number from 0 up: nothing has to be a multiple of anything. No pointer may
// alias another of the same call unless it says so. No function allocates, locks or keeps state.
//
// Every fp32 result that text depends on is defined to the bit: products are chains of fused multiply-adds over
// ascending k, sums run over sixteen interleaved partial sums joined in one fixed tree, and exp, tanh and log are our
// own. So each level gives the same bits, and the portable one, which is plain loops, is the oracle of the others.

#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Rows of a product's left operand A [m, k], what their product is added to, and where it goes.
typedef struct ck_rows {
    size_t m;
    const float *a;
    const float *start;   ///< rows [., n], which may be C itself; NULL, in all parts alike, for zeros
    const uint16_t *ids;  ///< which row of the start each of the m begins with; NULL for row i with row i
    float *c;
} ck_rows;

/// A right operand B [k, n] of a product with a left one that is transposed, and where the product C [m, n] goes.
typedef struct ck_transposed_product {
    size_t n;
    const float *b;
    size_t ldb;
    float *c;
    size_t ldc;
} ck_transposed_product;

/// `first ..< end`.
typedef struct ck_range {
    size_t first, end;
} ck_range;

/// Products of one precision: a left operand in fp32, a right operand packed by the same set, fp32 sums.
typedef struct ck_products {
    /// Bytes that a packed right operand of `k` x `n` takes; allocate them 64-byte aligned.
    size_t (*packed_size)(size_t k, size_t n);

    /// Packs B [k, n], element (p, j) at `b[p * row_stride + j * column_stride]`, one of the strides being 1.
    /// Fills only some rows of some panels of ck_panel_count(n), so that it can be done part by part; rows are told in
    /// multiples of 32, but for the end of the last ones, which is k.
    void (*pack)(size_t k, size_t n, const float *b, size_t row_stride, size_t column_stride, void *packed,
                 ck_range rows, ck_range panels);

    /// C [m, n] = start + bias + A [m, k] B [k, n] for each of `count` parts: element (i, j) begins with
    /// `start[i * ldstart + j] + bias[j]`, or `ids[i]` in place of i; bias [n] may be NULL. B is read for all of them
    /// together.
    void (*multiply)(size_t n, size_t k, const ck_rows *parts, size_t count, size_t lda, const void *packed,
                     size_t ldstart, const float *bias, size_t ldc);

    /// C = Aᵀ B for A [k, m] and each of `count` B, weight gradients, and sums [m] of A's columns over ascending rows, a
    /// bias gradient; added to what C and `sums` hold where `accumulate`.
    /// `scratch` holds the sum of ck_scratch_size(n) bytes, 64-byte aligned.
    void (*multiply_transposed)(size_t m, size_t k, const float *a, size_t lda, const ck_transposed_product *products,
                                size_t count, float *sums, bool accumulate, void *scratch);

    /// Multiplies and adds in registers alone, `repeats` times a tile's worth, and returns the floating-point
    /// operations done: timed, the most that any product could reach. `*sink` depends on all of them.
    double (*peak)(size_t repeats, float *sink);
} ck_products;

/// What an Adam update needs beside its arrays. Kingma and Ba 2015, with decoupled weight decay (Loshchilov 2019).
typedef struct ck_adam_options {
    float rate;            ///< learning rate, the first moment's bias correction in it
    float beta1, beta2;    ///< decay of the first and second moment; with beta1 = 0 the first is not touched
    float left1, left2;    ///< 1 - beta1 and 1 - beta2, which fp32 could not tell from the betas
    float epsilon;         ///< added to the root of the second moment
    float correction2;     ///< 1 / (1 - beta2^t), multiplies the second moment
    float weight_decay;    ///< fraction of a weight taken off at this update
    float gradient_scale;  ///< multiplies every gradient first: the clipping factor
} ck_adam_options;

/// One instruction set's functions.
typedef struct ck_kernels {
    const char *name;            ///< "portable", "avx2", "avx512", "bf16", "amx", "neon"
    ck_products fp32;
    /// fp32 products whose right operand's elements all have lower halves of zeros, as those of a model stored in bf16
    /// have: packed in half the memory, the same bits.
    ck_products halves;
    const ck_products *bf16;     ///< NULL where the CPU does not multiply bf16

    /// table[ids[r], :] += in[r, :], rows in ascending order.
    void (*scatter_add)(size_t rows, size_t n, const float *in, size_t ldin, const uint16_t *ids, float *table,
                        size_t ldtable);

    /// One step of the LSTM cell. gates [rows, 4n] holds the pre-activations i, f, g, o and is left holding the
    /// activated gates; cell_before [rows, n] -> cell, hidden [rows, n], all three with `ld`. `cell` may be
    /// `cell_before`.
    ///   c = σ(f) c + σ(i) tanh(g),  h = σ(o) tanh(c)        (Hochreiter and Schmidhuber 1997, Gers 2000)
    /// Where gates are `coupled`, the input gate is 1 - σ(f) (Greff and others 2017, CIFG), and gates [rows, 3n] are
    /// f, g, o.
    void (*cell_forward)(bool coupled, size_t rows, size_t n, float *gates, size_t ldgates, const float *cell_before,
                         float *cell, float *hidden, size_t ld);
    /// Its gradient. gates [rows, 4n or 3n] holds the activated gates and is left holding the gradients of the
    /// pre-activations; d_hidden [rows, n] is the gradient of h; d_cell [rows, n] that of c, left as that of c before.
    void (*cell_backward)(bool coupled, size_t rows, size_t n, float *gates, size_t ldgates, const float *cell_before,
                          const float *cell, const float *d_hidden, float *d_cell, size_t ld);

    /// losses[r] = -log softmax(logits[r, :])[targets[r]] in nats. Where `scale` is not 0, logits [rows, n] is left
    /// holding scale * (softmax - one-hot), the gradient of scale * the sum of the losses; else it is left as it was.
    void (*cross_entropy)(size_t rows, size_t n, float *logits, const uint16_t *targets, float scale, double *losses);
    /// probabilities [n] = softmax(logits [n] * inverse_temperature); they may be the same array.
    void (*softmax)(size_t n, const float *logits, float inverse_temperature, float *probabilities);

    /// x [n] += y [n] for each of `count` y, the first first.
    void (*add)(size_t n, const float *const *y, size_t count, float *x);
    /// The sum of squares of x [n], in double.
    double (*sum_of_squares)(size_t n, const float *x);
    /// One update of parameters [n] from gradients [n] with moments m (may be NULL where beta1 = 0) and v [n].
    void (*adam)(size_t n, float *parameters, const float *gradients, float *m, float *v,
                 const ck_adam_options *options);
    /// v = decay v + left g², left being 1 - decay; parameters -= rate g / sqrt(v + epsilon): TensorFlow.js's RMSProp.
    void (*rmsprop)(size_t n, float *parameters, const float *gradients, float *v, float rate, float decay,
                    float left, float epsilon, float gradient_scale);

    /// averages [n] += left (values [n] - averages), one multiply-add: a step of an exponential moving average.
    void (*average)(size_t n, const float *values, float left, float *averages);

    /// Inverted dropout: out [n] = in * mask, mask 0 or 1 / (1 - probability). The mask of element j depends on
    /// `key`, `stream` and j only. A dropped element is -0, and no other is. `in` and `out` may be the same.
    void (*dropout)(size_t n, const float *in, float *out, float probability, uint64_t key, uint64_t stream);

    /// gradient [n] *= the mask of what `dropout` put out.
    void (*dropout_backward)(size_t n, const float *dropped, float probability, float *gradient);
} ck_kernels;

/// Number of panels of 32 columns that `n` columns are packed into.
static inline size_t ck_panel_count(size_t n) { return (n + 31) / 32; }

/// Bytes of scratch that `multiply_transposed` wants for a right operand of `n` columns.
static inline size_t ck_scratch_size(size_t n) { return ck_panel_count(n) * 32 * 256 * sizeof(float); }

/// The kernels of that name, or NULL where this machine or this build has none; NULL asks for the best there is.
const ck_kernels *ck_kernels_named(const char *name);

/// How many times as fast as fp32 bf16 trains with `kernels` on this machine, about; 0 where it has no bf16 products.
double ck_bf16_speed(const ck_kernels *kernels);

/// The names this build knows, best first, NULL past the last. Some may not run on this machine.
const char *ck_level_name(size_t index);

/// Tells the processor that this thread is waiting for another.
void ck_relax(void);

/// Lets another thread have the processor.
void ck_yield(void);

/// Makes the calling thread flush denormal numbers to zero, in and out.
void ck_flush_denormals(void);

/// One block of Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
void ck_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/// Natural logarithm of a positive, finite, normal x; the same bits everywhere. Relative error below 1e-14.
double ck_log(double x);

#endif
