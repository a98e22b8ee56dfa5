// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import Testing

@testable import Training

@Suite struct TrainingLogTests {
  private let report = EpochReport(
    step: 12, epoch: 2, epochs: 3, seconds: 1.25, trainNats: 2.5, heldOutNats: 0.1 + 0.2,
    charactersPerSecond: 1234.4, learningRate: 0.01)
  private let columns = [
    "step", "epoch", "seconds", "train_nats", "heldout_nats", "heldout_bits", "chars_per_second",
    "learning_rate",
  ]

  @Test func aRowHasTheColumnsOfTheHeader() {
    let log = TrainingLog(.tsv)
    #expect(log.row(report) == "12\t2\t1.250\t2.500000\t0.300000\t0.432809\t1234\t0.01\n")
    let header = log.header(kernels: .best, precision: .fp32, threads: 2).split(separator: "\n")
    #expect(header.count == 2)
    #expect(header[0].hasPrefix("# isa="))
    #expect(header[1].split(separator: "\t").map(String.init) == columns)
  }

  @Test func aLineOfJSONHasTheSameColumnsAndAllDigits() {
    let log = TrainingLog(.jsonl)
    let line =
      #"{"step":12,"epoch":2,"seconds":1.25,"train_nats":2.5,"heldout_nats":0.30000000000000004,"#
      + #""heldout_bits":0.4328085122666891,"chars_per_second":1234.4,"learning_rate":0.01}"#
    #expect(log.row(report) == line + "\n")
    let header = log.header(kernels: .best, precision: .fp32, threads: 2)
    #expect(header == #"{"isa":""# + Kernels.best.name + #"","precision":"fp32","threads":2}"# + "\n")
  }

  @Test func withNothingHeldOutTheColumnsSaySo() {
    var report = report
    report.heldOutNats = nil
    report.trainNats = .nan
    #expect(TrainingLog(.tsv).row(report).split(separator: "\t")[3...5] == ["nan", "nan", "nan"])
    let line = TrainingLog(.jsonl).row(report)
    #expect(line.contains(#""train_nats":null,"heldout_nats":null,"heldout_bits":null,"#))
  }

  @Test(arguments: [
    (1.0, 2, "1.00"), (0.005, 2, "0.01"), (-0.004, 2, "0.00"), (-1.5, 0, "-2"), (123_456.789, 1, "123456.8"),
    (0.000_000_4, 6, "0.000000"), (.nan, 3, "nan"), (9.999, 2, "10.00"),
  ])
  func fixedPointIsRounded(value: Double, decimals: Int, expected: String) {
    #expect(fixed(value, decimals) == expected)
  }
}
