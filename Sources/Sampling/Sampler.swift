// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText

/// Chooses the next symbol from logits.
public struct Sampler: Sendable {
  /// How it chooses.
  public let options: SamplingOptions
  private let excluded: [Int]
  private let kernels: Kernels

  /// A sampler that chooses as `options` say.
  public init(_ options: SamplingOptions, kernels: Kernels) {
    precondition(options.temperature >= 0, "a temperature of \(options.temperature)")
    precondition(options.repetitionPenalty > 0, "a repetition penalty of \(options.repetitionPenalty)")
    precondition(options.topK.map { $0 > 0 } ?? true, "none of the symbols would be kept")
    self.options = options
    self.kernels = kernels
    excluded = options.excluded.sorted()
  }

  /// A sampler of a charset's symbols, which never chooses the unknown one.
  public init(_ options: SamplingOptions, charset: Charset, kernels: Kernels) {
    var options = options
    if let unknown = charset.unknownID { options.excluded.insert(unknown) }
    self.init(options, kernels: kernels)
  }

  /// A sampler that knows a temperature alone, 0 or more.
  public init(temperature: Double, excluded: Set<Int> = [], kernels: Kernels) {
    var options = SamplingOptions(temperature: temperature)
    options.excluded = excluded
    self.init(options, kernels: kernels)
  }

  /// A sampler of a charset's symbols at a temperature, which never chooses the unknown one.
  public init(temperature: Double, charset: Charset, kernels: Kernels) {
    self.init(SamplingOptions(temperature: temperature), charset: charset, kernels: kernels)
  }

  /// Divides the logits before the softmax; 0 takes the likeliest symbol.
  public var temperature: Double { options.temperature }

  /// What `RecentSymbols` this sampler wants to be told, if any.
  func recentSymbols(symbolCount: Int) -> RecentSymbols? {
    guard options.repetitionPenalty != 1, options.repetitionWindow > 0 else { return nil }
    return RecentSymbols(window: options.repetitionWindow, symbolCount: symbolCount)
  }

  /// An id below `logits.count`, drawn from what the options leave of softmax(logits / temperature).
  ///
  /// - Parameters:
  ///   - logits: [V]; used up as scratch memory.
  ///   - recent: the text so far, for the repetition penalty.
  ///   - ranking: scratch memory for options that keep symbols by rank; without it some is allocated where needed.
  ///   - random: gives one number unless the temperature is 0.
  public func draw(
    _ logits: UnsafeMutableBufferPointer<Float>, recent: RecentSymbols? = nil, ranking: Ranking? = nil,
    using random: inout PhiloxGenerator
  ) -> Int {
    recent?.penalize(logits, by: Float(options.repetitionPenalty))
    for id in excluded { logits[id] = -.infinity }
    guard options.temperature > 0, let first = logits.baseAddress else { return likeliest(logits) }
    kernels.softmax(first, count: logits.count, temperature: options.temperature, into: first)
    if options.cutsProbabilities {
      let ranking = ranking ?? Ranking(symbolCount: logits.count)
      return ranking.draw(UnsafeBufferPointer(logits), options, random.uniform())
    }
    var left = random.uniform()
    var last = 0
    for id in 0..<logits.count where first[id] > 0 {
      left -= Double(first[id])
      if left < 0 { return id }
      last = id
    }
    // Rounding may leave the sum a hair below one.
    return last
  }

  private func likeliest(_ logits: UnsafeMutableBufferPointer<Float>) -> Int {
    var likeliest = 0
    for id in 0..<logits.count where logits[id] > logits[likeliest] { likeliest = id }
    return likeliest
  }
}
