// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CommandSupport
import ModelFile

/// What `charmodel info --machine` says: what this machine can do for these programs.
struct MachineReport {
  /// Multiplications and additions a second of one thread and of all, in 10^9.
  private struct Peak {
    let precision: Precision
    let ofOneThread: Double
    let ofAllThreads: Double
  }

  private let level: String
  private let others: [String]
  private let processorCount: Int
  private let memorySize: Int?
  private let peaks: [Peak]

  /// Asks the machine, and measures for about two seconds.
  ///
  /// - Throws: `KernelsError` when `CHARTOOLS_ISA` names no level of this machine.
  init() throws {
    let kernels = try Kernels(environment: Terminal.processEnvironment)
    let processorCount = Machine.processorCount
    func peak(_ precision: Precision, _ threads: Int) -> Double? {
      kernels.measuredPeak(
        precision, workers: Workers(count: threads), clock: ProgressLine.monotonicSeconds
      ).map { $0 / 1e9 }
    }
    peaks = Precision.allCases.compactMap { precision in
      guard let one = peak(precision, 1), let all = peak(precision, Machine.threadCount()) else { return nil }
      return Peak(precision: precision, ofOneThread: one, ofAllThreads: all)
    }
    level = kernels.name
    others = Kernels.levels.filter { $0 != kernels.name }
    self.processorCount = processorCount
    memorySize = Machine.memorySize
  }

  /// Lines for people.
  var text: String {
    var table = Table()
    table.add("level", level + (others.isEmpty ? "" : " (there are also \(others.joined(separator: ", ")))"))
    table.add("processors", String(processorCount))
    if let memorySize { table.add("memory", "\(fixed(Double(memorySize) / 0x1p30, 1)) GiB") }
    for peak in peaks {
      let all = processorCount > 1 ? ", \(fixed(peak.ofAllThreads, 0)) with \(processorCount)" : ""
      table.add(peak.precision.rawValue, "\(fixed(peak.ofOneThread, 0)) GFLOP/s with one thread\(all)")
    }
    if !peaks.contains(where: { $0.precision == .bf16 }) { table.add("bf16", "not at this level") }
    return table.text
  }

  /// A line of JSON; speeds are in 10^9 operations a second.
  var json: [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("level", level)
    json.key("levels")
    json.beginArray()
    for name in Kernels.levels { json.string(name) }
    json.endArray()
    json.member("processors", processorCount)
    json.member("memory", memorySize)
    for peak in peaks {
      json.member("\(peak.precision.rawValue)_gflops_one_thread", peak.ofOneThread)
      json.member("\(peak.precision.rawValue)_gflops", peak.ofAllThreads)
    }
    json.endObject()
    json.endLine()
    return json.bytes
  }
}
