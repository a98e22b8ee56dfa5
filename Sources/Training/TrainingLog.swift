// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import ModelFile

/// The log of a run: a row a report.
public struct TrainingLog: Sendable {
  /// How rows are written.
  public enum Format: String, CaseIterable, Sendable {
    /// TAB-separated values, the names of the columns in a line before the first row.
    case tsv
    /// JSON Lines: one object a row. Numbers come back as they were; one that there is not is `null`.
    case jsonl
  }

  /// How rows are written.
  public let format: Format

  /// A log in a format.
  public init(_ format: Format) {
    self.format = format
  }

  /// What a new log begins with: how the run is done and, in TSV, the names of the columns.
  public func header(kernels: Kernels, precision: Precision, threads: Int) -> String {
    switch format {
    case .tsv:
      return "# isa=\(kernels.name) precision=\(precision.rawValue) threads=\(threads)\n"
        + Column.allCases.map(\.rawValue).joined(separator: "\t") + "\n"
    case .jsonl:
      var json = JSONWriter()
      json.beginObject()
      json.member("isa", kernels.name)
      json.member("precision", precision.rawValue)
      json.member("threads", threads)
      json.endObject()
      json.endLine()
      return json.text
    }
  }

  /// A report's line.
  public func row(_ report: EpochReport) -> String {
    switch format {
    case .tsv:
      return Column.allCases.map { $0.value(report).inTSV }.joined(separator: "\t") + "\n"
    case .jsonl:
      var json = JSONWriter()
      json.beginObject()
      for column in Column.allCases {
        json.key(column.rawValue)
        column.value(report).write(to: &json)
      }
      json.endObject()
      json.endLine()
      return json.text
    }
  }
}

/// What a row tells, in its order.
private enum Column: String, CaseIterable {
  case step
  case epoch
  case seconds
  case trainNats = "train_nats"
  case heldOutNats = "heldout_nats"
  case heldOutBits = "heldout_bits"
  case charactersPerSecond = "chars_per_second"
  case learningRate = "learning_rate"

  func value(_ report: EpochReport) -> Value {
    switch self {
    case .step: .count(report.step)
    case .epoch: report.endsEpoch ? .count(report.epoch) : .number(report.passes ?? 0, decimals: 3)
    case .seconds: .number(report.seconds, decimals: 3)
    case .trainNats: .number(report.trainNats, decimals: 6)
    case .heldOutNats: .number(report.heldOutNats ?? .nan, decimals: 6)
    case .heldOutBits: .number(report.heldOutBits ?? .nan, decimals: 6)
    case .charactersPerSecond: .number(report.charactersPerSecond, decimals: 0)
    case .learningRate: .rate(report.learningRate)
    }
  }
}

private enum Value {
  case count(Int)
  case number(Double, decimals: Int)
  case rate(Double)

  var inTSV: String {
    switch self {
    case .count(let count): String(count)
    case .number(let number, let decimals): fixed(number, decimals)
    case .rate(let rate): String(Float(rate))
    }
  }

  func write(to json: inout JSONWriter) {
    switch self {
    case .count(let count): json.number(count)
    case .number(let number, _), .rate(let number): json.number(number)
    }
  }
}
