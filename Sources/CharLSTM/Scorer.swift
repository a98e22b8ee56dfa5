// SPDX-License-Identifier: GPL-3.0-or-later
import CharText

/// What a text costs under a network.
public struct Score: Equatable, Sendable {
  /// The sum of -log p over the characters charged, in nats.
  public var nats: Double
  /// The number of characters charged.
  public var count: Int

  /// Nats of `count` characters together.
  public init(nats: Double, count: Int) {
    self.nats = nats
    self.count = count
  }

  /// Nats per character; NaN for no characters.
  public var natsPerCharacter: Double { count > 0 ? nats / Double(count) : .nan }
  /// Bits per character.
  public var bitsPerCharacter: Double { natsPerCharacter * Score.bitsPerNat }

  /// The binary logarithm of e.
  public static let bitsPerNat = 1.442_695_040_888_963_4
}

/// Charges texts to a network in fp32.
public struct Scorer: Sendable {
  private let network: Network
  private let workers: Workers
  private let beginning: Int?

  /// Steps scored at a time: bounds the memory whatever the text's length.
  private static let chunkSteps = 64
  /// The most rows scored together by one thread.
  private static let rowsPerTask = 16

  /// A scorer with `network`, which must be an fp32 one.
  ///
  /// - Parameter beginning: the id that is read before a text's first character, a newline's; nil for none.
  public init(_ network: Network, beginning: Int?, workers: Workers) {
    self.network = network
    self.beginning = beginning
    self.workers = workers
  }

  /// Charges every character of `ids[range]`, as one text with the state carried all along, or as several where
  /// `beginnings` says that others begin.
  ///
  /// A text of 2 · `segment` characters or more is cut into segments that are scored side by side; each one's state
  /// is first run in over the `runIn` characters before it, from zero. What an LSTM keeps longer than that is lost:
  /// see CONTRIBUTING for how little it is.
  public func score(
    _ ids: IDSequence, in range: Range<Int>, beginnings: TextBeginnings = .none, segment: Int = 4096,
    runIn: Int = 1024, mostSegments: Int = 64
  ) -> Score {
    precondition(runIn <= segment, "a run-in longer than a segment would begin before the text")
    guard !range.isEmpty else { return Score(nats: 0, count: 0) }
    let text = Text(ids: ids, range: range, beginning: beginning, beginnings: beginnings)
    // Where nothing is read before the first character, it is charged to the decoder's bias alone.
    let alone = beginning == nil ? lossWithoutInput(of: ids[range.lowerBound]) : 0
    let rest = beginning == nil ? range.dropFirst() : range
    guard !rest.isEmpty else { return Score(nats: alone, count: 1) }

    let segments = min(mostSegments, max(1, rest.count / segment))
    let length = (rest.count + segments - 1) / segments
    let starts = Array(stride(from: rest.lowerBound, to: rest.upperBound, by: length))
    let nats = nats(text, starts: starts, length: length, runIn: runIn)
    return Score(nats: alone + nats, count: range.count)
  }

  /// Charges about `count` characters of `ids[range]`, in pieces spread evenly over it, as an estimate of the whole.
  ///
  /// Each piece's state is run in over the `runIn` characters before it, from zero.
  ///
  /// - Parameters:
  ///   - range: more than 2 · `count` characters; of fewer all are charged.
  ///   - pieces: how many pieces; as many rows are scored side by side.
  public func scoreSample(
    _ ids: IDSequence, in range: Range<Int>, beginnings: TextBeginnings = .none, count: Int,
    pieces: Int = 32, runIn: Int = 128
  ) -> Score {
    let length = count / pieces
    let rest = beginning == nil ? range.dropFirst() : range
    guard length > 0, rest.count >= 2 * count else {
      return score(ids, in: range, beginnings: beginnings)
    }
    let text = Text(ids: ids, range: range, beginning: beginning, beginnings: beginnings)
    let starts = (0..<pieces).map { rest.lowerBound + (rest.count - length) * $0 / (pieces - 1) }
    let nats = nats(text, starts: starts, length: length, runIn: runIn)
    return Score(nats: nats, count: pieces * length)
  }

  /// Charges the character after each window of `length` characters, from the zero state.
  ///
  /// That is what training with the objective `last` minimises. Windows begin at `starts`; where a text begins inside
  /// one, the state is zero again, and where it begins behind one, there is nothing to charge.
  public func scoreWindows(
    _ ids: IDSequence, starts: [Int], length: Int, beginnings: TextBeginnings = .none
  ) -> Score {
    let perTask = 64
    let starts = starts.filter { !beginnings.begins(at: $0 + length, of: ids) }
    let nats = workers.map((starts.count + perTask - 1) / perTask) { task in
      let starts = Array(starts[task * perTask..<min((task + 1) * perTask, starts.count)])
      let rows = starts.count
      let chunk = Chunk(
        network.configuration, rows: rows, capacity: min(length, Self.chunkSteps), logitRows: rows)
      var inputs = [UInt16](repeating: 0, count: rows * chunk.capacity)
      for offset in stride(from: 0, to: length, by: chunk.capacity) {
        let steps = min(chunk.capacity, length - offset)
        for (row, start) in starts.enumerated() {
          for step in 0..<steps { inputs[step * rows + row] = UInt16(ids[start + offset + step]) }
        }
        let resets = starts.enumerated().flatMap { row, start in
          beginnings.places(in: start + offset..<start + offset + steps, of: ids).map {
            ($0 - start - offset) * rows + row
          }
        }
        network.forward(inputs, steps: steps, resets: StateResets(resets), chunk: chunk)
        network.carryState(after: steps, chunk: chunk)
      }
      var losses = [Double](repeating: 0, count: rows)
      network.decodeState(of: chunk)
      network.crossEntropy(
        starts.map { UInt16(ids[$0 + length]) }, rows: rows, scale: 0, chunk: chunk, losses: &losses)
      return losses.reduce(0, +)
    }
    return Score(nats: nats.reduce(0, +), count: starts.count)
  }

  /// What is read before each character of a part of a sequence that begins as a text does.
  private struct Text: Sendable {
    let ids: IDSequence
    let range: Range<Int>
    let beginning: Int?
    let beginnings: TextBeginnings

    var start: Int { range.lowerBound }
    var end: Int { range.upperBound }

    /// The first character that something is read before.
    var firstScored: Int { beginning == nil ? start + 1 : start }

    func input(at place: Int) -> UInt16 { UInt16(place > start ? ids[place - 1] : beginning ?? 0) }

    /// The places among `count` from `first` on where other texts begin than the one at the start.
    func laterBeginnings(from first: Int, count: Int) -> [Int] {
      if beginnings.isEmpty { return [] }
      let (low, high) = (max(first, start + 1), min(first + count, end))
      return low < high ? beginnings.places(in: low..<high, of: ids) : []
    }
  }

  /// The loss of a character of which nothing is known: the decoder's bias decides.
  private func lossWithoutInput(of id: Int) -> Double {
    let chunk = Chunk(network.configuration, rows: 1, capacity: 1)
    network.decodeState(of: chunk)
    return network.kernels.crossEntropy(
      chunk.logits.pointer, count: network.configuration.symbolCount, target: id)
  }

  /// The nats of the segments of `length` characters (the last one ends with the text) beginning at `starts`, as many
  /// of them side by side on each thread.
  private func nats(_ text: Text, starts: [Int], length: Int, runIn: Int) -> Double {
    let count = starts.count
    let threads = count > 1 ? workers.count : 1
    let rounds = (count + threads * Self.rowsPerTask - 1) / (threads * Self.rowsPerTask)
    let tasks = min(rounds * threads, count)
    let nats = workers.map(tasks) { task in
      let rows = count * task / tasks..<count * (task + 1) / tasks
      return scoreSegments(text, starts: Array(starts[rows]), length: length, runIn: runIn)
    }
    return nats.joined().reduce(0, +)
  }

  /// The nats of each of some segments, side by side.
  private func scoreSegments(_ text: Text, starts: [Int], length: Int, runIn: Int) -> [Double] {
    let rows = starts.count
    let end = text.end
    let chunk = Chunk(network.configuration, rows: rows, capacity: Self.chunkSteps)
    var inputs = [UInt16](repeating: 0, count: rows * Self.chunkSteps)
    var targets = inputs
    var losses = [Double](repeating: 0, count: rows * Self.chunkSteps)
    var nats = [Double](repeating: 0, count: rows)

    /// Reads `steps` characters from `offset` on in every segment.
    func run(from offset: Int, steps: Int) {
      for step in 0..<steps {
        for row in 0..<rows {
          inputs[step * rows + row] = text.input(
            at: min(max(starts[row] + offset + step, text.start), end - 1))
        }
      }
      var resets: [Int] = []
      var silent: [Int] = []
      for row in 0..<rows where !text.beginnings.isEmpty {
        let from = starts[row] + offset
        if let beginning {
          for place in text.laterBeginnings(from: from, count: steps) {
            inputs[(place - from) * rows + row] = UInt16(beginning)
            resets.append((place - from) * rows + row)
          }
        } else {
          // A text's first character has nothing read before it and is the first that is read.
          resets += text.laterBeginnings(from: from - 1, count: steps).map { ($0 + 1 - from) * rows + row }
          silent += text.laterBeginnings(from: from, count: steps).map { ($0 - from) * rows + row }
        }
      }
      network.forward(inputs, steps: steps, resets: StateResets(resets, silent: silent), chunk: chunk)
    }

    let beginsText = starts[0] == text.firstScored
    if rows > 1 || !beginsText {
      for offset in stride(from: -runIn, to: 0, by: Self.chunkSteps) {
        let steps = min(Self.chunkSteps, -offset)
        run(from: offset, steps: steps)
        network.carryState(after: steps, chunk: chunk)
      }
    }
    // The text's first segment has nothing before it; its row idled until here.
    if beginsText { chunk.resetState(row: 0) }

    for offset in stride(from: 0, to: length, by: Self.chunkSteps) {
      let steps = min(Self.chunkSteps, length - offset)
      run(from: offset, steps: steps)
      network.decode(steps: 0..<steps, chunk: chunk)
      for step in 0..<steps {
        for row in 0..<rows {
          targets[step * rows + row] = UInt16(text.ids[min(starts[row] + offset + step, end - 1)])
        }
      }
      network.crossEntropy(targets, rows: steps * rows, scale: 0, chunk: chunk, losses: &losses)
      network.carryState(after: steps, chunk: chunk)
      for step in 0..<steps {
        for row in 0..<rows where starts[row] + offset + step < end { nats[row] += losses[step * rows + row] }
      }
    }
    return nats
  }
}
