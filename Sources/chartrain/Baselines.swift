// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import CommandSupport
import Training

/// What the held-out text costs under models that need no training to speak of.
struct Baselines {
  private let text: TextSplit
  private let workers: Workers

  /// Texts that are no longer have their baselines measured without being asked.
  private static let cheap = 4_000_000
  /// Bytes of the training text that compressors get.
  private static let mostTrained = 16 << 20

  /// Baselines of a text; nil where none are wanted.
  ///
  /// - Parameter isWanted: what was asked for; nil where nobody said.
  init?(_ text: TextSplit, isWanted: Bool?, workers: Workers) {
    guard isWanted ?? (text.training.count + text.heldOut.count <= Self.cheap), !text.heldOut.isEmpty else {
      return nil
    }
    self.text = text
    self.workers = workers
  }

  /// Nats per character under n-gram models, by order; nil once interrupted.
  func nGrams() -> [Int: Double]? {
    NGramBaselines.costs(text, shouldStop: Signals.isInterrupted)
  }

  /// Nats per character under the compressors that this machine has.
  ///
  /// A compressor is charged for what the held-out text adds to the compressed training text.
  func compressors() -> [CostTable.Row] {
    let path = Terminal.processEnvironment("PATH")
    let programs = [("xz", "-9"), ("zstd", "-19")].compactMap { name, level in
      ChildProgram(finding: name, arguments: [level, "-c", "-q"], searchPath: path).map {
        (name: "\(name) \(level)", program: $0)
      }
    }
    if programs.isEmpty { return [] }
    let heldOut = text.heldOut.prefix(NGramBaselines.mostHeldOut)
    let training = bytes(text.trainingIDs, in: text.training, last: Self.mostTrained)
    let inputs = [training, training + bytes(text.heldOutIDs, in: heldOut)]
    let sizes = workers.map(2 * programs.count) { [programs] task in
      Self.size(of: inputs[task % 2], through: programs[task / 2].program)
    }
    return programs.indices.compactMap { index in
      guard let without = sizes[2 * index], let with = sizes[2 * index + 1], with > without else {
        return nil
      }
      let bits = 8 * Double(with - without) / Double(heldOut.count)
      return CostTable.Row(name: programs[index].name, nats: bits / Score.bitsPerNat)
    }
  }

  private static func size(of input: [UInt8], through program: ChildProgram) -> Int? {
    var size = 0
    let status = program.run(input, output: { size += $0.count }, shouldStop: Signals.isInterrupted)
    return status == 0 ? size : nil
  }

  /// A text as it was read, or the characters at its end that fit into so many bytes.
  private func bytes(_ ids: IDSequence, in range: Range<Int>, last limit: Int = .max) -> [UInt8] {
    let symbols = (0..<text.charset.count).map { text.charset.bytes(of: $0) }
    var (start, room) = (range.upperBound, limit)
    while start > range.lowerBound, symbols[ids[start - 1]].count <= room {
      start -= 1
      room -= symbols[ids[start]].count
    }
    return (start..<range.upperBound).flatMap { symbols[ids[$0]] }
  }
}
