// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CharLSTM
import CharText
import CommandSupport
import Training

extension TextUnit: WordChoice {}
extension CellKind: WordChoice {}
extension Objective: WordChoice {}
extension OptimizerKind: WordChoice {}
extension Recipe: WordChoice {}
extension TrainingLog.Format: WordChoice {}
extension Schedule: WordChoice {}

/// What `--layers` takes: `128,64`.
struct LayerSizes: ExpressibleByArgument {
  let sizes: [Int]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard !parts.contains(nil), parts.allSatisfy({ $0! > 0 }) else { return nil }
    sizes = parts.compactMap { $0 }
  }
}

/// What `--precision` takes.
enum PrecisionChoice: String, WordChoice {
  case auto
  case fp32
  case bf16

  /// nil where the machine is to decide.
  var precision: Precision? { Precision(rawValue: rawValue) }
}

/// What `--separator` takes: text with the escapes of `Escapes`.
struct EscapedText: ExpressibleByArgument {
  let utf8: [UInt8]

  init?(argument: String) {
    guard let text = try? Escapes.decode(Array(argument.utf8), source: "--separator"), !text.isEmpty else {
      return nil
    }
    utf8 = text
  }
}
