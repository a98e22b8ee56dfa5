// SPDX-License-Identifier: GPL-3.0-or-later
import CharText

/// Charges one text part by part as it arrives, the state being carried all along.
public final class TextStream {
  private let network: Network
  private let beginning: Int?
  private let runner: RowRunner
  private let chunk: Chunk
  private var last: UInt16?

  /// Steps that are run at a time.
  private static let steps = 64

  /// At the beginning of a text.
  ///
  /// - Parameter beginning: the id that is read before the first character; nil for none.
  public init(_ network: Network, beginning: Int?) {
    self.network = network
    self.beginning = beginning
    runner = RowRunner(network: network)
    chunk = Chunk(network.configuration, rows: 1, capacity: Self.steps)
    begin()
  }

  /// Goes to the beginning of another text.
  public func begin() {
    chunk.resetState()
    last = beginning.map { UInt16($0) }
  }

  /// What the network expected at each of the next characters.
  ///
  /// - Parameters:
  ///   - ids: `Charset.noID` is a character that the network does not know.
  ///   - alternatives: how many of the likeliest symbols to keep at each.
  public func predictions(of ids: [UInt16], alternatives: Int = 0) -> Predictions {
    let symbolCount = network.configuration.symbolCount
    let piece = PreparedPiece(TextPiece(ids), beginning: last.map { Int($0) })
    var result = Predictions(TextPiece(ids), alternativeCount: min(alternatives, symbolCount))
    if piece.chargesFirstAlone {
      network.decodeState(of: chunk)
      let loss = network.kernels.crossEntropy(
        chunk.logits.pointer, count: symbolCount, target: Int(piece.readable[0]))
      piece.note(0, loss: loss, logits: chunk.logits.pointer, symbolCount: symbolCount, in: &result)
    }
    if let row = piece.row {
      runner.run([row], chunk: chunk) { _, step, loss, logits in
        piece.note(
          step + piece.firstTarget, loss: loss, logits: logits, symbolCount: symbolCount, in: &result)
      }
    }
    last = piece.readable.last ?? last
    result.score = piece.score(chargedNats: result.score.nats)
    return result
  }
}
