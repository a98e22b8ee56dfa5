// SPDX-License-Identifier: GPL-3.0-or-later

/// What one row of a chunk reads and what it is charged for.
struct ScoringRow {
  /// Read first.
  let first: UInt16
  /// Each is predicted, and all but the last are read.
  let targets: ArraySlice<UInt16>
  /// How many of `targets` are not charged.
  let contextCount: Int

  var count: Int { targets.count }

  @inline(__always)
  func target(_ step: Int) -> UInt16 { targets[targets.startIndex + step] }

  @inline(__always)
  func input(_ step: Int) -> UInt16 { step == 0 ? first : target(step - 1) }
}

/// Reads rows of different lengths side by side and gives the losses of their characters.
///
/// Each row computes what it would compute alone, to the bit.
struct RowRunner: Sendable {
  let network: Network

  /// Steps that are run at least, though a row ends before: shorter passes would not fill the products' tiles.
  private static let fewestSteps = 4

  /// Takes a row, a step of it, the loss in nats of that step's target, and the logits [V] that predicted it.
  typealias Visitor = (_ row: Int, _ step: Int, _ loss: Double, _ logits: UnsafePointer<Float>) -> Void

  /// Goes on from the chunk's state with `rows`, the longest first, and leaves out each as soon as it has ended.
  ///
  /// Of a lone row the state afterwards is that after all but its last target.
  func run(_ rows: [ScoringRow], chunk: Chunk, visit: Visitor) {
    precondition(rows.count <= chunk.mostRows, "more rows than there is room for")
    let symbolCount = network.configuration.symbolCount
    chunk.use(rows: chunk.mostRows)
    let room = chunk.mostRows * chunk.capacity
    var inputs = [UInt16](repeating: 0, count: room)
    var targets = inputs
    var losses = [Double](repeating: 0, count: room)
    var active = rows.count
    var done = 0
    func leaveOutEnded() {
      while active > 0 && rows[active - 1].count <= done { active -= 1 }
    }

    leaveOutEnded()
    while active > 0 {
      chunk.use(rows: active)
      // Up to where the next row ends, so that little is computed for nobody.
      let steps = min(
        chunk.capacity, rows[0].count - done, max(Self.fewestSteps, rows[active - 1].count - done))
      for (row, text) in rows[..<active].enumerated() {
        let here = min(steps, text.count - done)
        for step in 0..<here {
          inputs[step * active + row] = text.input(done + step)
          targets[step * active + row] = text.target(done + step)
        }
        for step in here..<steps {
          inputs[step * active + row] = 0
          targets[step * active + row] = 0
        }
      }
      network.forward(inputs, steps: steps, chunk: chunk)
      network.decode(steps: 0..<steps, chunk: chunk)
      network.crossEntropy(targets, rows: steps * active, scale: 0, chunk: chunk, losses: &losses)
      for (row, text) in rows[..<active].enumerated() {
        for step in 0..<min(steps, text.count - done) where done + step >= text.contextCount {
          let place = step * active + row
          visit(row, done + step, losses[place], chunk.logits.pointer + place * symbolCount)
        }
      }
      network.carryState(after: steps, chunk: chunk)
      done += steps
      leaveOutEnded()
    }
  }
}
