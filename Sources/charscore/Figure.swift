// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

/// What is told of a text's score.
struct Figure {
  /// Nats instead of bits.
  var isInNats = false
  /// Of the whole text instead of each character.
  var isTotal = false

  /// Decimals shown.
  static let decimals = 4

  /// The figure; 0 for a text without characters, in which nothing can surprise.
  func value(_ score: Score) -> Double {
    let nats = isTotal ? score.nats : score.count > 0 ? score.natsPerCharacter : 0
    return nats * scale
  }

  /// A number of nats in the unit that is told.
  func inUnit(_ nats: Double) -> Double { nats * scale }

  private var scale: Double { isInNats ? 1 : Score.bitsPerNat }

  /// What it is called in JSON.
  var name: String { (isInNats ? "nats" : "bits") + (isTotal ? "" : "_per_character") }
}
