// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import FileSupport

/// A text with what it costs.
struct JudgedText {
  /// The input it is from.
  let source: String
  /// Which one it is there, from 1.
  let number: Int
  /// What to print.
  let text: Content
  /// Under each model, in the order they were given.
  let scores: [Score]
  /// What was found at each character, where that was asked for and the text is held in memory.
  var characters: JudgedCharacters?

  enum Content {
    case bytes([UInt8])
    case spooled(SpooledBytes)
  }
}

/// The characters that were charged of a text.
struct JudgedCharacters {
  /// Their ids, `Charset.noID` for those that have none; the last may be a newline that ends the record.
  var ids: [UInt16]
  /// With what it costs to write unknown characters in their nats.
  var predictions: Predictions
  /// The bytes that were scored.
  var range: Range<Int>
  /// How many of the text's characters were charged before these.
  var firstColumn = 0
}
