// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CommandSupport
import Training

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
enum NetworkSize: String, WordChoice {
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
