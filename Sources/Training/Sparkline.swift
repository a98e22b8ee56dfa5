// SPDX-License-Identifier: GPL-3.0-or-later

extension LossHistory {
  private static let blocks = Array("▁▂▃▄▅▆▇█")

  /// The training loss over the run in one line of text, which grows as the run does.
  ///
  /// Each character stands for an equal part of the run, and is the higher the higher the loss is in it, between the
  /// lowest and the highest so far. What is still to come is dotted.
  ///
  /// - Parameter width: characters, one at least.
  public func sparkline(width: Int) -> String {
    var sums = [Double](repeating: 0, count: width)
    var counts = sums
    func add(_ moment: Moment) {
      let cell = min(max(Int(moment.fraction * Double(width)), 0), width - 1)
      sums[cell] += moment.nats
      counts[cell] += 1
    }
    training.forEach(add)
    if let last { add(last) }

    // A part that was too short to be noted is as high as the one before.
    var losses: [Double] = []
    for cell in 0..<((counts.lastIndex { $0 > 0 } ?? -1) + 1) {
      losses.append(counts[cell] > 0 ? sums[cell] / counts[cell] : losses.last ?? sums[cell])
    }
    let (low, high) = (losses.min() ?? 0, losses.max() ?? 0)
    let line = losses.map { loss in
      // A loss falls steeply at first; the root leaves height for what comes after.
      let height = high > low ? ((loss - low) / (high - low)).squareRoot() : 0
      return Self.blocks[Int((height * Double(Self.blocks.count - 1)).rounded())]
    }
    return String(line) + String(repeating: "·", count: width - line.count)
  }
}
