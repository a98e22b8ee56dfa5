// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText

/// Chooses the next symbol from logits.
public struct Sampler: Sendable {
  /// Divides the logits before the softmax; 0 takes the likeliest symbol.
  public let temperature: Double
  /// Ids that are never chosen.
  public let excluded: Set<Int>
  private let kernels: Kernels

  /// A sampler; `temperature` is 0 or more.
  public init(temperature: Double, excluded: Set<Int> = [], kernels: Kernels) {
    precondition(temperature >= 0, "a temperature of \(temperature)")
    self.temperature = temperature
    self.excluded = excluded
    self.kernels = kernels
  }

  /// A sampler of a charset's symbols, which never chooses the unknown one.
  public init(temperature: Double, charset: Charset, kernels: Kernels) {
    self.init(
      temperature: temperature, excluded: charset.unknownID.map { [$0] } ?? [], kernels: kernels)
  }

  /// An id below `logits.count`, drawn from softmax(logits / temperature) without the excluded ids.
  ///
  /// - Parameters:
  ///   - logits: [V]; used up as scratch memory.
  ///   - random: gives one number unless the temperature is 0.
  public func draw(_ logits: UnsafeMutableBufferPointer<Float>, using random: inout PhiloxGenerator) -> Int {
    for id in excluded { logits[id] = -.infinity }
    guard temperature > 0, let first = logits.baseAddress else { return likeliest(logits) }
    kernels.softmax(first, count: logits.count, temperature: temperature, into: first)
    var left = random.uniform()
    var last = 0
    for (id, probability) in logits.enumerated() where probability > 0 {
      left -= Double(probability)
      if left < 0 { return id }
      last = id
    }
    // Rounding may leave the sum a hair below one.
    return last
  }

  private func likeliest(_ logits: UnsafeMutableBufferPointer<Float>) -> Int {
    logits.indices.reduce(0) { logits[$1] > logits[$0] ? $1 : $0 }
  }
}
