// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText

/// A text to be written.
public struct TextRequest: Sendable {
  /// What the finished text is known by.
  public let ticket: Int
  /// What it continues.
  public let seed: [UInt16]
  /// Which sequence of random numbers is its own.
  public let stream: UInt64
  /// Where in that sequence it begins.
  public let position: UInt64
  /// Which of the samplers chooses.
  public let sampler: Int

  /// A text that continues `seed`.
  public init(ticket: Int, seed: [UInt16], stream: UInt64, position: UInt64 = 0, sampler: Int = 0) {
    self.ticket = ticket
    self.seed = seed
    self.stream = stream
    self.position = position
    self.sampler = sampler
  }
}

/// How the texts of a batch are written.
struct TextRules: Sendable {
  let mixture: Mixture
  let samplers: [Sampler]
  let ends: TextEnds
  /// Whether each symbol's cost is wanted.
  let isScored: Bool
  let randomSeed: UInt64
}

/// Texts that one thread writes side by side, each at its own place: when one ends, the next takes its row.
///
/// Every row is computed as if it were alone, so a text does not depend on its neighbours.
final class TextRows: @unchecked Sendable {
  // Unchecked because a batch sees to it that one thread at a time has it.

  /// Rows computed together: enough to fill the products' tiles, few enough to stay in the cache.
  static let mostRows = 64

  private struct Row {
    let request: TextRequest
    var text = WrittenText()
    /// How many of the symbols before the text have been read: a newline, where there is one, and the seed.
    var readCount = 0
    var random: PhiloxGenerator
    var recent: RecentSymbols?
  }

  private let rules: TextRules
  private let state: MixtureState
  private let ranking: Ranking
  private let beginning: UInt16?
  private var rows: [Row] = []
  /// What waits for a row, the next one last.
  private var waiting: [TextRequest] = []
  private var inputs = [UInt16](repeating: 0, count: mostRows)
  private var scratch: [Float]
  private(set) var finished: [(ticket: Int, text: WrittenText)] = []

  init(_ rules: TextRules) {
    self.rules = rules
    state = MixtureState(rules.mixture, rows: Self.mostRows, capacity: 1)
    state.use(rows: 0)
    ranking = Ranking(symbolCount: rules.mixture.symbolCount)
    scratch = [Float](repeating: 0, count: rules.isScored ? rules.mixture.symbolCount : 0)
    beginning = rules.mixture.charset.newlineID.map { UInt16($0) }
  }

  /// Texts under way and waiting.
  var load: Int { rows.count + waiting.count }
  var waitingCount: Int { waiting.count }

  /// Takes a request; an urgent one gets the next row that is free.
  func take(_ request: TextRequest, isUrgent: Bool = false) {
    waiting.insert(request, at: isUrgent ? waiting.count : 0)
  }

  /// Gives back the request that would wait longest.
  func giveBack() -> TextRequest? { waiting.isEmpty ? nil : waiting.removeFirst() }

  func takeFinished() -> [(ticket: Int, text: WrittenText)] {
    defer { finished.removeAll(keepingCapacity: true) }
    return finished
  }

  /// Takes out what is sure to be part of a ticket's text; nil if that is not under way here.
  func takeText(of ticket: Int) -> [UInt16]? {
    rows.firstIndex { $0.request.ticket == ticket }.map { rows[$0].text.takeDecided(rules.ends) }
  }

  /// Goes so many steps, in each of which a row reads or writes a symbol, or several rows read many.
  ///
  /// - Parameter team: helps where there is one row.
  func advance(steps: Int, team: Team? = nil) {
    for _ in 0..<steps {
      while rows.count < Self.mostRows, let request = waiting.popLast() { start(request) }
      if rows.isEmpty { return }
      let unread = leastUnread()
      if unread > 0 {
        readOnly(min(unread, state.capacity))
      } else {
        writeOrRead(team)
      }
    }
  }

  private func start(_ request: TextRequest) {
    let sampler = rules.samplers[request.sampler]
    var row = Row(
      request: request,
      random: PhiloxGenerator(seed: rules.randomSeed, stream: request.stream, position: request.position),
      recent: sampler.recentSymbols(symbolCount: rules.mixture.symbolCount))
    row.recent?.append(request.seed)
    row.text.stopIfLongEnough(rules.ends)
    if row.text.stop != nil {
      finished.append((request.ticket, row.text))
      return
    }
    rows.append(row)
    state.use(rows: rows.count)
    state.reset(row: rows.count - 1)
  }

  /// Symbols before the text that every row has still to read.
  private func leastUnread() -> Int {
    var least = Int.max
    for index in rows.indices { least = min(least, unreadCount(index)) }
    return least
  }

  private func unreadCount(_ row: Int) -> Int {
    rows[row].request.seed.count + (beginning == nil ? 0 : 1) - rows[row].readCount
  }

  /// The next symbol before the text of a row that has one.
  private func readNext(_ row: Int) -> UInt16 {
    let place = rows[row].readCount
    rows[row].readCount += 1
    guard let beginning else { return rows[row].request.seed[place] }
    return place == 0 ? beginning : rows[row].request.seed[place - 1]
  }

  /// Every row reads; nothing is predicted.
  private func readOnly(_ steps: Int) {
    let count = steps * rows.count
    for step in 0..<steps {
      for row in rows.indices { inputs[step * rows.count + row] = readNext(row) }
    }
    precondition(count <= inputs.count, "more symbols than a chunk holds")
    state.read(inputs, steps: steps)
  }

  /// Each row reads on, or chooses a symbol, which may end its text.
  private func writeOrRead(_ team: Team?) {
    state.predict()
    for row in rows.indices.reversed() {
      if unreadCount(row) > 0 {
        inputs[row] = readNext(row)
        continue
      }
      let id = choose(row)
      if rows[row].text.stop == nil {
        inputs[row] = id
        rows[row].recent?.append(Int(id))
      } else {
        remove(row)
      }
    }
    state.use(rows: rows.count)
    if !rows.isEmpty { state.read(inputs, steps: 1, team: team) }
  }

  private func choose(_ row: Int) -> UInt16 {
    let logits = state.logits(ofRow: row)
    let sampler = rules.samplers[rows[row].request.sampler]
    guard rules.isScored, let first = logits.baseAddress else {
      let id = UInt16(
        sampler.draw(logits, recent: rows[row].recent, ranking: ranking, using: &rows[row].random))
      rows[row].text.append(id, loss: nil, ends: rules.ends)
      return id
    }
    // The filters use up what they draw from, and the cost is wanted without them.
    let id = scratch.withUnsafeMutableBufferPointer { scratch in
      _ = scratch.update(fromContentsOf: logits)
      return sampler.draw(scratch, recent: rows[row].recent, ranking: ranking, using: &rows[row].random)
    }
    let loss = rules.mixture.kernels.crossEntropy(first, count: logits.count, target: id)
    rows[row].text.append(UInt16(id), loss: loss, ends: rules.ends)
    return UInt16(id)
  }

  /// Takes a finished row out; the last one moves to its place.
  private func remove(_ row: Int) {
    let last = rows.count - 1
    finished.append((rows[row].request.ticket, rows[row].text))
    rows.swapAt(row, last)
    rows.removeLast()
    inputs[row] = inputs[last]
    state.copyState(ofRow: last, to: row)
  }
}
