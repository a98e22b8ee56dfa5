// SPDX-License-Identifier: GPL-3.0-or-later

/// Scratch memory in which symbols are taken out by falling probability, for one thread at a time.
///
/// What top-k, top-p and min-p keep is always a first part of that order, so the symbols go onto a heap and no more
/// of them are sorted than are kept.
public final class Ranking {
  /// A heap whose first element is the least.
  ///
  /// An element is the probability's bits turned round above, the id below: the likeliest comes first, and of equals
  /// the one with the least id.
  private let heap: UnsafeMutableBufferPointer<UInt64>

  /// Memory for logits of `symbolCount` symbols.
  public init(symbolCount: Int) {
    heap = .allocate(capacity: max(symbolCount, 1))
    heap.initialize(repeating: 0)
  }

  deinit {
    heap.deallocate()
  }

  /// The id that `uniform`, from 0 to 1, chooses of those that `options` keep.
  ///
  /// - Parameter probabilities: [V], adding up to about 1.
  func draw(
    _ probabilities: UnsafeBufferPointer<Float>, _ options: SamplingOptions, _ uniform: Double
  ) -> Int {
    let kept = keep(probabilities, options)
    // The kept ones stand at the end of the memory, the likeliest last.
    var left = uniform * kept.sum
    var id = 0
    for rank in 0..<kept.count {
      id = Self.id(heap[kept.end - 1 - rank])
      left -= Double(probabilities[id])
      if left < 0 { break }
    }
    return id
  }

  /// The ids that `options` keep, the likeliest first.
  func kept(_ probabilities: UnsafeBufferPointer<Float>, _ options: SamplingOptions) -> [Int] {
    let kept = keep(probabilities, options)
    return (0..<kept.count).map { Self.id(heap[kept.end - 1 - $0]) }
  }

  private struct Kept {
    /// Where those taken out end.
    var end: Int
    var count = 0
    /// Their probability together.
    var sum = 0.0
  }

  private func keep(_ probabilities: UnsafeBufferPointer<Float>, _ options: SamplingOptions) -> Kept {
    var total = 0.0
    var most: Float = 0
    for probability in probabilities {
      total += Double(probability)
      most = max(most, probability)
    }
    let least = options.minP.map { Float($0) * most } ?? 0
    let limit = min(options.topK ?? probabilities.count, probabilities.count)

    // What is sure to fall out need not be ranked: with top-p alone, the least that together lack half of what may
    // be lacking.
    var cutoff = options.topK != nil && options.topP != nil ? 0 : least
    if options.topK == nil, let topP = options.topP {
      cutoff = max(cutoff, Float(0.5 * (1 - topP) * total / Double(probabilities.count)))
    }
    var size = 0
    for id in 0..<probabilities.count where probabilities[id] >= cutoff && probabilities[id] > 0 {
      heap[size] = UInt64(~probabilities[id].bitPattern) << 32 | UInt64(id)
      size += 1
    }
    for parent in stride(from: size / 2 - 1, through: 0, by: -1) { siftDown(parent, size) }

    var kept = Kept(end: size)
    if options.topK != nil, let topP = options.topP {
      // Top-p is a part of what top-k has left.
      var sum = 0.0
      let all = min(limit, size)
      for _ in 0..<all { sum += takeOut(&size, probabilities) }
      while kept.count < all && kept.sum < topP * sum {
        let probability = probabilities[Self.id(heap[kept.end - 1 - kept.count])]
        if probability < least { break }
        kept.sum += Double(probability)
        kept.count += 1
      }
      return kept
    }
    let wanted = options.topP.map { $0 * total } ?? .infinity
    while size > 0 && kept.count < limit && kept.sum < wanted {
      kept.sum += takeOut(&size, probabilities)
      kept.count += 1
    }
    return kept
  }

  /// Moves the likeliest symbol behind the heap, which becomes one smaller; gives its probability.
  private func takeOut(_ size: inout Int, _ probabilities: UnsafeBufferPointer<Float>) -> Double {
    size -= 1
    let first = heap[0]
    heap[0] = heap[size]
    heap[size] = first
    siftDown(0, size)
    return Double(probabilities[Self.id(first)])
  }

  private func siftDown(_ start: Int, _ size: Int) {
    let moving = heap[start]
    var place = start
    while true {
      var child = 2 * place + 1
      if child >= size { break }
      if child + 1 < size && heap[child + 1] < heap[child] { child += 1 }
      if heap[child] >= moving { break }
      heap[place] = heap[child]
      place = child
    }
    heap[place] = moving
  }

  private static func id(_ element: UInt64) -> Int { Int(element & 0xFFFF_FFFF) }
}
