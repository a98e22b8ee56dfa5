// SPDX-License-Identifier: GPL-3.0-or-later
import CharText

/// Charges many short texts to a network at once, in fp32.
///
/// A text's figures are the same bits whatever texts stand beside it, on any number of threads, and at every CPU level.
/// Only a text of more than `TextPiece.longest` characters is cut, always at the same places.
public final class LineScorer: Sendable {
  /// What a character costs, in nats, that the network has no id for: as much as one of a probability of 2⁻²⁰.
  ///
  /// Kept free from the other characters' share it would make each of them dearer by a millionth of a bit; that is left
  /// away.
  public static let unknownNats = 20 / Score.bitsPerNat

  let network: Network
  let beginning: Int?
  private let workers: Workers
  private let chunks: ChunkPool

  /// Rows and steps that one thread works on at a time, where there are so many.
  private static let fewestRows = 8
  private static let mostRows = 32
  private static let steps = 16

  /// A scorer with `network`, which must be an fp32 one.
  ///
  /// It is used by one thread at a time.
  /// - Parameter beginning: the id that is read before a text's first character, a newline's; nil for none.
  public init(_ network: Network, beginning: Int?, workers: Workers) {
    self.network = network
    self.beginning = beginning
    self.workers = workers
    chunks = ChunkPool { [configuration = network.configuration] in
      Chunk(configuration, rows: Self.mostRows, capacity: Self.steps)
    }
  }

  /// Charges every character of each text.
  public func scores(of texts: [[UInt16]]) -> [Score] {
    let cut = texts.map(TextPiece.pieces)
    let scores = scores(of: cut.flatMap { $0 })
    var next = 0
    return cut.map { pieces in
      defer { next += pieces.count }
      return scores[next..<next + pieces.count].reduce(Score(nats: 0, count: 0), +)
    }
  }

  /// Charges the characters of each piece but those of its context.
  public func scores(of pieces: [TextPiece]) -> [Score] {
    let rows = pieces.map { PreparedPiece($0, beginning: beginning) }
    var nats = [Double](repeating: 0, count: pieces.count)
    nats.withUnsafeMutableBufferPointer { nats in
      // Each piece is one row and so one thread's.
      nonisolated(unsafe) let nats = nats
      run(rows) { piece, _, loss, _ in nats[piece] += loss }
    }
    return zip(rows, nats).map { row, nats in row.score(chargedNats: nats) }
  }

  /// What the network expected at each character of each piece but those of its context.
  ///
  /// - Parameter alternatives: how many of the likeliest symbols to keep at each.
  public func predictions(of pieces: [TextPiece], alternatives: Int = 0) -> [Predictions] {
    let rows = pieces.map { PreparedPiece($0, beginning: beginning, predictsEnd: alternatives > 0) }
    let symbolCount = network.configuration.symbolCount
    var results = pieces.map {
      Predictions($0, alternativeCount: min(alternatives, symbolCount))
    }
    results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let results = results
      run(rows) { piece, place, loss, logits in
        rows[piece].note(place, loss: loss, logits: logits, symbolCount: symbolCount, in: &results[piece])
      }
    }
    for (index, row) in rows.enumerated() {
      results[index].score = row.score(chargedNats: results[index].score.nats)
    }
    return results
  }

  /// What the network expected at each character of each text.
  ///
  /// - Parameter alternatives: how many of the likeliest symbols to keep at each.
  public func predictions(ofTexts texts: [[UInt16]], alternatives: Int = 0) -> [Predictions] {
    let cut = texts.map(TextPiece.pieces)
    let found = predictions(of: cut.flatMap { $0 }, alternatives: alternatives)
    var next = 0
    return cut.map { pieces in
      defer { next += pieces.count }
      var whole = found[next]
      for piece in found[next + 1..<next + pieces.count] { whole.append(piece) }
      return whole
    }
  }

  /// How many characters before a part of a long text have to be known.
  public static let longTextContext = TextPiece.runIn

  /// What the network expected at each character of a part of a long text.
  ///
  /// - Parameters:
  ///   - ids: the part, and before it the `longTextContext` characters before, or all there are.
  ///   - contextCount: how many of `ids` are before the part; none where the text begins.
  ///   - alternatives: how many of the likeliest symbols to keep at each.
  public func predictions(of ids: [UInt16], contextCount: Int, alternatives: Int = 0) -> Predictions {
    let pieces = TextPiece.segments(ids, contextCount: contextCount)
    var whole = Predictions(
      TextPiece([]), alternativeCount: min(alternatives, network.configuration.symbolCount))
    for piece in predictions(of: pieces, alternatives: alternatives) { whole.append(piece) }
    return whole
  }

  /// Takes a piece, a place among its ids that can be read, that one's loss and the logits that predicted it.
  private typealias Visitor = @Sendable (Int, Int, Double, UnsafePointer<Float>) -> Void

  /// Visits every id that is charged, those of a piece in order and on one thread.
  private func run(_ pieces: [PreparedPiece], visit: @escaping Visitor) {
    chargeBeginnings(pieces, visit: visit)
    let order = pieces.indices.filter { pieces[$0].row != nil }
      .sorted { (pieces[$0].rowCount, $1) > (pieces[$1].rowCount, $0) }
    // Enough groups for all threads, each a whole number of the products' tiles; who fills no second one stays alone.
    let threads = order.count > Self.fewestRows ? workers.count : 1
    let share = (order.count + 4 * threads - 1) / (4 * threads)
    let groupRows = min(Self.mostRows, max(Self.fewestRows, (share + 7) / 8 * 8))
    let groups = stride(from: 0, to: order.count, by: groupRows).map { first in
      order[first..<min(first + groupRows, order.count)]
    }
    let unclaimed = UnclaimedIndices(groups.indices)
    let runner = RowRunner(network: network)
    workers.forEach(min(threads, groups.count)) { [chunks] _ in
      chunks.lend { chunk in
        // The longest first, each by whoever is free.
        while let group = unclaimed.takeFirst() {
          let members = groups[group]
          chunk.use(rows: members.count)
          chunk.resetState()
          let rows = members.compactMap { pieces[$0].row }
          runner.run(rows, chunk: chunk) { row, step, loss, logits in
            let piece = members[members.startIndex + row]
            visit(piece, step + pieces[piece].firstTarget, loss, logits)
          }
        }
      }
    }
  }

  /// Where nothing is read before a text's first character, it is charged to the decoder's bias alone.
  private func chargeBeginnings(_ pieces: [PreparedPiece], visit: Visitor) {
    guard pieces.contains(where: \.chargesFirstAlone) else { return }
    let (kernels, symbolCount) = (network.kernels, network.configuration.symbolCount)
    chunks.lend { chunk in
      chunk.use(rows: 1)
      chunk.resetState()
      network.decodeState(of: chunk)
      for (index, piece) in pieces.enumerated() where piece.chargesFirstAlone {
        let loss = kernels.crossEntropy(
          chunk.logits.pointer, count: symbolCount, target: Int(piece.readable[0]))
        visit(index, 0, loss, chunk.logits.pointer)
      }
    }
  }
}

extension Score {
  /// What two texts cost together.
  public static func + (left: Score, right: Score) -> Score {
    Score(nats: left.nats + right.nats, count: left.count + right.count)
  }
}
