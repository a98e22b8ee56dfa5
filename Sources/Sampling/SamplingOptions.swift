// SPDX-License-Identifier: GPL-3.0-or-later

/// How freely the next symbol is chosen, and what is kept from being chosen.
///
/// The options apply in the order in which they stand here: the logits are changed first, then the probabilities that
/// come of them are cut, so that `topP` is a part of what would truly be drawn from.
public struct SamplingOptions: Equatable, Sendable {
  /// Makes symbols of the last `repetitionWindow` less likely.
  ///
  /// A logit above 0 is divided by this, one below multiplied; 1 changes nothing, less than 1 makes them likelier.
  /// Keskar et al., "CTRL", 2019, section 4.1.
  public var repetitionPenalty = 1.0
  /// How many symbols back `repetitionPenalty` looks, over the seed too.
  public var repetitionWindow = 64
  /// Ids that are never chosen.
  public var excluded: Set<Int> = []
  /// Divides the logits before the softmax; 0 takes the likeliest symbol, whatever the options after this one say.
  public var temperature: Double
  /// Keeps so many of the likeliest symbols; nil keeps all.
  public var topK: Int?
  /// Keeps the fewest likeliest symbols that have this part of the probability that is left; nil keeps all.
  ///
  /// Holtzman et al., "The curious case of neural text degeneration", 2020.
  public var topP: Double?
  /// Keeps symbols at least this part as likely as the likeliest; nil keeps all.
  ///
  /// Nguyen et al., "Min-p sampling", 2024.
  public var minP: Double?

  /// The temperature alone.
  public init(temperature: Double = 1) {
    self.temperature = temperature
  }

  /// Whether symbols are kept by their rank or probability.
  var cutsProbabilities: Bool { topK != nil || topP != nil || minP != nil }
}
