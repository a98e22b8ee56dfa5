// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@testable import Training

/// A run as it usually goes: the loss falls fast, then slowly.
private func history(_ count: Int, heldOut: [Int] = [], seconds: Double = 60) -> LossHistory {
  var history = LossHistory()
  for index in 1...max(count, 1) where count > 0 {
    let part = Double(index) / Double(count)
    let nats = 1.4 + 2.7 / (1 + 60 * part) + 0.02 * Double(index % 7) / 7
    history.add(.init(fraction: part, seconds: seconds * part, characters: 4e6 * part, nats: nats))
    if heldOut.contains(index) { history.addHeldOut(nats: nats + 0.05 * part) }
  }
  return history
}

private let rows = CostTable.rows(nGrams: [
  0: 3.347, 2: 2.038, 3: 1.719, 4: 1.561, 5: 1.523, 6: 1.517,
])

private func svg(_ history: LossHistory, _ baselines: [CostTable.Row] = []) -> String {
  LossPlot(title: "A <run> & \"its\" losses", history: history, baselines: baselines).svg()
}

/// The points of all lines of a style.
private func lines(_ svg: String, style: String) -> [[[Double]]] {
  svg.components(separatedBy: "\n").filter { $0.hasPrefix("<polyline class=\"\(style)\" ") }.map { line in
    line.components(separatedBy: "points=\"")[1].components(separatedBy: "\"")[0]
      .split(separator: " ").map { $0.split(separator: ",").compactMap { Double($0) } }
  }
}

/// Writes a drawing where a person can look at it, if the environment names a folder.
private func keep(_ svg: String, _ name: String) throws {
  guard let folder = ProcessInfo.processInfo.environment["CHARTOOLS_PLOTS"] else { return }
  try Data(svg.utf8).write(to: URL(fileURLWithPath: folder + "/\(name).svg"))
}

@Suite struct LossPlotTests {
  @Test(arguments: [
    ("none", history(0), []), ("one", history(1, heldOut: [1]), rows),
    ("two", history(2, heldOut: [1, 2]), []),
    ("no-held-out", history(500), rows),
    ("many", history(1000, heldOut: Array(stride(from: 50, through: 1000, by: 50))), rows),
    ("thousand", history(1000, heldOut: Array(1...1000), seconds: 7200), rows),
    ("few", history(6, heldOut: [2, 4, 6], seconds: 40_000), rows),
  ])
  func everythingStaysOnThePaper(name: String, history: LossHistory, baselines: [CostTable.Row]) throws {
    let drawing = svg(history, baselines)
    try keep(drawing, name)
    #expect(!drawing.contains("nan") && !drawing.contains("inf"))
    for style in ["training", "held", "grid", "axis", "baseline", "leader"] {
      for point in lines(drawing, style: style).joined() {
        #expect((60...705).contains(point[0]) && (50...610).contains(point[1]), "\(style)")
      }
    }
  }

  @Test func bothLossesAreDrawnInBothPanelsAndNamedAtTheirEnds() {
    let drawing = svg(history(1000, heldOut: Array(stride(from: 100, through: 1000, by: 100))), rows)
    for style in ["training", "held"] { #expect(lines(drawing, style: style).count == 2) }
    #expect(drawing.components(separatedBy: ">training 1.4").count == 3)
    #expect(drawing.components(separatedBy: ">held out 1.5").count == 3)
    #expect(drawing.contains("order-3 n-gram 1.719"))
    // Far above everything the run has to show.
    #expect(!drawing.contains("order-0"))
    #expect(drawing.components(separatedBy: "<circle").count == 21)
    #expect(drawing.contains("<title>A &lt;run&gt; &amp; &quot;its&quot; losses</title>"))
  }

  @Test func ofOneMomentThereIsADot() {
    let drawing = svg(history(1, heldOut: [1]))
    #expect(lines(drawing, style: "held") == [])
    #expect(drawing.components(separatedBy: "class=\"held-dot\"").count == 3)
    #expect(drawing.components(separatedBy: "class=\"training-dot\"").count == 3)
  }

  @Test func withNothingHeldOutThereIsOneCurve() {
    let drawing = svg(history(50))
    #expect(lines(drawing, style: "held") == [])
    #expect(lines(drawing, style: "training").count == 2)
    #expect(!drawing.contains("held out"))
  }

  @Test func theFileNeedsNoOther() {
    let drawing = svg(history(50, heldOut: [50]), rows)
    // The name of the format is the only address in it.
    #expect(drawing.components(separatedBy: "://").count == 2)
    #expect(!drawing.contains("href") && !drawing.contains("url("))
  }
}

@Suite struct PlotScaleTests {
  @Test(arguments: [
    (0.0, 1.0, 7, [0, 0.2, 0.4, 0.6, 0.8, 1]), (1.4, 2.13, 7, [1.4, 1.6, 1.8, 2]),
    (0, 60, 4, [0, 20, 40, 60]),
    (0, 4e6, 9, [0, 5e5, 1e6, 1.5e6, 2e6, 2.5e6, 3e6, 3.5e6, 4e6]),
    (1.4432, 1.4438, 3, [1.4435]),
    (-3, 3, 4, [-2, 0, 2]),
  ])
  func ticksAreRound(low: Double, high: Double, count: Int, expected: [Double]) {
    #expect(PlotScale(low...high, from: 0, to: 1).ticks(atMost: count) == expected)
  }

  @Test(arguments: [
    (1.0, 100.0, 9, [1.0, 2, 5, 10, 20, 50, 100]), (0.03, 3000, 6, [0.1, 1, 10, 100, 1000]),
    (3, 4, 9, []), (1e-3, 1e9, 7, [1e-2, 1, 1e2, 1e4, 1e6, 1e8]),
  ])
  func logarithmicTicksAreRound(low: Double, high: Double, count: Int, expected: [Double]) {
    let scale = PlotScale(low...high, isLogarithmic: true, from: 0, to: 1)
    #expect(scale.ticks(atMost: count) == expected)
  }

  @Test func placesFollowTheValues() {
    let line = PlotScale(1...3, from: 100, to: 0)
    #expect([1, 2, 3, 4].map { line[$0] } == [100, 50, 0, -50])
    let factors = PlotScale(1...100, isLogarithmic: true, from: 0, to: 10)
    #expect([1, 10, 100].map { (factors[$0] * 1e9).rounded() / 1e9 } == [0, 5, 10])
  }

  @Test(arguments: [
    (0.0, "0"), (0.2, "0.2"), (15, "15"), (1000, "1K"), (2.5e6, "2.5M"), (1e9, "1G"), (0.05, "0.05"),
  ])
  func numbersAreWrittenShort(value: Double, expected: String) {
    #expect(PlotScale.label(value) == expected)
  }
}

@Suite struct PlotLabelsTests {
  private func places(_ named: [Double]) -> [Double] {
    PlotLabels.spread(named.map { .init(text: "", named: $0, style: "") }, within: 0...200).map(\.place)
  }

  @Test func labelsStandWhereTheyBelongOrAsNearAsTheyCan() {
    #expect(places([]) == [])
    #expect(places([50, 100]) == [50, 100])
    #expect(places([100, 50]) == [50, 100])
    #expect(places([50, 52]) == [43.5, 58.5])
    #expect(places([0, 1, 200]) == [0, 15, 200])
    #expect(places([199, 200]) == [185, 200])
    // Two that move apart meet a third.
    #expect(places([50, 50, 62]) == [39, 54, 69])
  }

  @Test func noTwoLabelsTouch() {
    let many = places((0..<12).map { Double($0 * $0 % 37) * 4 })
    for (upper, lower) in zip(many, many.dropFirst()) { #expect(lower - upper >= PlotLabels.spacing - 1e-9) }
    #expect(many.allSatisfy { (0...200).contains($0) })
  }

  @Test func aCurveBeginsWhereItComesIntoTheFrame() {
    func below(_ points: [(Double, Double)]) -> [[Double]] {
      PlotClipping.below(points.map { (x: $0.0, y: $0.1) }, top: 10).map { [$0.x, $0.y] }
    }
    #expect(below([(0, 0), (10, 20), (20, 30)]) == [[5, 10], [10, 20], [20, 30]])
    #expect(below([(0, 20), (10, 0), (20, 20)]) == [[0, 20], [10, 10], [20, 20]])
    #expect(below([(0, 0), (10, 5)]) == [])
  }
}
