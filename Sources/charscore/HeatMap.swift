// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import CommandSupport

/// Shows how surprising each character is by the colour behind it.
///
/// Expected characters keep the terminal's own colours; others stand in black on a light ground, so that they can be
/// read whatever those are.
struct HeatMap {
  /// What texts are cut into.
  let unit: TextUnit

  /// Bits from which on a ground is used, and the ground: a number of the 256-colour palette.
  private static let scale: [(bits: Double, ground: Int)] = [
    (3, 230), (5, 222), (7, 215), (10, 209), (14, 203),
  ]
  /// Black, in the same palette.
  private static let ink = 16

  /// Puts colours behind the characters of a text.
  ///
  /// - Throws: `TextError`, but the text has been read before.
  func color(
    _ bytes: ArraySlice<UInt8>, _ characters: JudgedCharacters, escapes: Bool
  ) throws(TextError) -> [UInt8] {
    var shown: [UInt8] = []
    var ground: Int?
    func change(to next: Int?) {
      guard next != ground else { return }
      ground = next
      shown += Array((next.map { "\u{1B}[38;5;\(Self.ink);48;5;\($0)m" } ?? "\u{1B}[0m").utf8)
    }
    for (index, symbol) in try SymbolReader.symbols(of: Array(bytes), unit: unit, isLossy: true).enumerated()
    {
      change(to: Self.ground(characters.predictions.nats[index] * Score.bitsPerNat))
      if escapes {
        var escaper = ControlEscaper()
        shown += escaper.escape(symbol.utf8) + escaper.finish()
      } else {
        shown += symbol.utf8
      }
    }
    change(to: nil)
    return shown
  }

  private static func ground(_ bits: Double) -> Int? { scale.last { $0.bits <= bits }?.ground }
}
