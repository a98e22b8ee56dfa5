// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CharLSTM
import CharText
import CommandSupport
import Training

extension TextUnit: ExpressibleByArgument {}
extension Objective: ExpressibleByArgument {}
extension OptimizerKind: ExpressibleByArgument {}
extension Recipe: ExpressibleByArgument {}
extension Schedule: ExpressibleByArgument {}

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
enum PrecisionChoice: String, ExpressibleByArgument, CaseIterable {
  case auto
  case fp32
  case bf16

  /// nil where the machine is to decide.
  var precision: Precision? { Precision(rawValue: rawValue) }
}

/// A time such as `30s`, `1.5h`, in seconds.
struct TimeSpan: ExpressibleByArgument {
  let seconds: Double

  init?(argument: String) {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    guard let unit = argument.last.flatMap({ units[$0] }), let count = Double(argument.dropLast()),
      count.isFinite, count > 0
    else { return nil }
    seconds = count * unit
  }
}

/// What `--checkpoint-every` takes: a time, or a number of updates.
struct CheckpointSpacing: ExpressibleByArgument {
  let interval: CheckpointInterval

  init?(argument: String) {
    if let updates = Int(argument) {
      guard OptionRange.checkpointUpdates.contains(updates) else { return nil }
      interval = .updates(updates)
    } else {
      guard let span = TimeSpan(argument: argument), OptionRange.checkpointSeconds.contains(span.seconds)
      else { return nil }
      interval = .seconds(span.seconds)
    }
  }
}

/// What `--size` takes: shorthands for `--layers`.
enum NetworkSize: String, ExpressibleByArgument, CaseIterable {
  case small
  case medium
  case large

  var layerSizes: [Int] {
    switch self {
    case .small: [128, 128]
    case .medium: [256, 256]
    case .large: [512, 512]
    }
  }
}
