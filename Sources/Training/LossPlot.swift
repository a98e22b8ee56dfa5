// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

/// A drawing of a run: both losses against time and against characters.
public struct LossPlot: Sendable {
  /// What stands above it.
  public var title: String
  /// The losses.
  public var history: LossHistory
  /// Models to compare with; those too far above the curves to be drawn are left out.
  public var baselines: [CostTable.Row]

  /// A drawing of these losses.
  public init(title: String, history: LossHistory, baselines: [CostTable.Row] = []) {
    self.title = title
    self.history = history
    self.baselines = baselines
  }

  private static let width = 760.0
  private static let panelHeight = 240.0
  /// Where panels begin and where their curves and their frames end; labels stand between.
  private static let (left, curveEnd, right) = (64.0, 530.0, 696.0)
  private static let tops = [52.0, 360.0]
  private static let height = 654.0

  /// The drawing as a file in SVG that needs no other one.
  public func svg() -> String {
    var svg = SVGWriter()
    svg.rectangle(0, 0, width: Self.width, height: Self.height, style: "paper")
    svg.text(title, Self.left, 26, style: "title")
    let nats = nats
    let clock = Self.clock(history.last?.seconds ?? 0)
    draw(&svg, top: Self.tops[0], nats: nats, name: "training time, \(clock.unit)", label: PlotScale.short) {
      $0.seconds / clock.seconds
    }
    draw(&svg, top: Self.tops[1], nats: nats, name: "characters trained", label: PlotScale.label) {
      $0.characters
    }
    return svg.file(width: Self.width, height: Self.height, title: title, style: Self.style)
  }

  /// The unit that times are read best in.
  private static func clock(_ seconds: Double) -> (unit: String, seconds: Double) {
    if seconds < 180 { return ("seconds", 1) }
    return seconds < 3 * 3600 ? ("minutes", 60) : ("hours", 3600)
  }

  /// The losses that the drawing has room for.
  ///
  /// The first training losses are those of guessing and say little; they run out of the frame where they would press
  /// the rest together.
  private var nats: ClosedRange<Double> {
    let early = 0.05 * (history.last?.fraction ?? 1)
    let heldOut = history.heldOut.filter { $0.fraction > early || history.heldOut.count < 20 }
    let seen = (training.filter { $0.fraction > early } + heldOut).map(\.nats)
    let (low, high) = (seen.min() ?? 0, seen.max() ?? 1)
    // A model that has learned more than an n-gram model is worth showing beside it.
    let near = baselines.map(\.nats).filter { $0 > low - 0.5 && $0 < high + 0.25 }
    let (bottom, top) = (min(low, near.min() ?? low), max(high, near.max() ?? high))
    let margin = max(0.08 * (top - bottom), 0.02)
    return max(0, bottom - margin)...top + margin
  }

  private func draw(
    _ svg: inout SVGWriter, top: Double, nats: ClosedRange<Double>, name: String, label: (Double) -> String,
    _ value: (LossHistory.Moment) -> Double
  ) {
    let bottom = top + Self.panelHeight
    let x = horizontal(nats: nats, value)
    let y = PlotScale(nats, from: bottom, to: top)
    drawFrame(&svg, x, y, name: name, label: label)

    var labels: [PlotLabels.Label] = []
    var lowest = Double.infinity
    for row in baselines.sorted(by: { $0.nats < $1.nats }) where nats.contains(row.nats) {
      // Lines that cannot be told apart are one: the best model's.
      guard lowest - y[row.nats] > 6 else { continue }
      lowest = y[row.nats]
      svg.line(Self.left, lowest, Self.curveEnd, lowest, style: "baseline")
      labels.append(.init(text: "\(row.name) \(fixed(row.nats, 3))", named: lowest, style: "baseline"))
    }
    for (moments, name, style) in [(training, "training", "training"), (history.heldOut, "held out", "held")]
    {
      guard let end = moments.last else { continue }
      let shown = moments.filter { !x.isLogarithmic || value($0) >= x.values.lowerBound }
      let points = PlotClipping.below(shown.map { (x[value($0)], y[$0.nats]) }, top: top)
      if points.count > 1 { svg.line(points, style: style) }
      if points.count == 1 || style == "held" && points.count <= 60 {
        for point in points { svg.dot(point.x, point.y, radius: 2.5, style: style + "-dot") }
      }
      labels.append(.init(text: "\(name) \(fixed(end.nats, 3))", named: y[end.nats], style: style))
    }
    for label in PlotLabels.spread(labels, within: top + 6...bottom - 8) {
      let points = [(Self.curveEnd + 4, label.named), (Self.curveEnd + 18, label.place)]
      svg.line(points, style: "leader")
      svg.text(label.text, Self.curveEnd + 22, label.place + 4, style: label.style + "-label")
    }
  }

  /// The moments of the training loss with the last one, which need not be among those kept.
  private var training: [LossHistory.Moment] {
    let last = history.last.flatMap { $0 == history.training.last ? nil : $0 }
    return history.training + (last.map { [$0] } ?? [])
  }

  private func drawFrame(
    _ svg: inout SVGWriter, _ x: PlotScale, _ y: PlotScale, name: String, label: (Double) -> String
  ) {
    let (bottom, top) = y.places
    let bits = PlotScale(
      y.values.lowerBound * Score.bitsPerNat...y.values.upperBound * Score.bitsPerNat, from: bottom, to: top)
    for (tick, text) in PlotScale.labelled(y.ticks(atMost: 7)) {
      svg.line(Self.left, y[tick], Self.right, y[tick], style: "grid")
      svg.text(text, Self.left - 8, y[tick] + 4, anchor: "end", style: "tick")
    }
    for (tick, text) in PlotScale.labelled(bits.ticks(atMost: 7)) {
      svg.line(Self.right, bits[tick], Self.right + 5, bits[tick], style: "axis")
      svg.text(text, Self.right + 9, bits[tick] + 4, style: "tick")
    }
    for tick in x.ticks(atMost: 9) {
      svg.line(x[tick], bottom, x[tick], bottom + 5, style: "axis")
      svg.text(label(tick), x[tick], bottom + 19, anchor: "middle", style: "tick")
    }
    svg.line(Self.left, bottom, Self.right, bottom, style: "axis")
    svg.line(Self.right, top, Self.right, bottom, style: "axis")
    let middle = (top + bottom) / 2
    let name = x.isLogarithmic ? name + " (logarithmic)" : name
    svg.text(name, (Self.left + Self.curveEnd) / 2, bottom + 38, anchor: "middle", style: "name")
    svg.text("nats per character", 18, middle, anchor: "middle", turned: true, style: "name")
    svg.text(
      "bits per character", Self.width - 10, middle, anchor: "middle", turned: true, style: "name")
  }

  /// Time or characters: by factors, from where the curve comes into the frame, if that leaves a long way to go.
  private func horizontal(
    nats: ClosedRange<Double>, _ value: (LossHistory.Moment) -> Double
  ) -> PlotScale {
    let moments = (training + history.heldOut).filter { value($0) > 0 && value($0).isFinite }
    let high = moments.map(value).max() ?? 1
    let low = moments.filter { $0.nats <= nats.upperBound }.map(value).min() ?? high
    guard moments.count >= 10, high > 8 * low else {
      return PlotScale(0...high, from: Self.left, to: Self.curveEnd)
    }
    // A thousandth of the run is nothing that anybody looks for.
    return PlotScale(
      max(0.8 * low, high / 1000)...high, isLogarithmic: true, from: Self.left, to: Self.curveEnd)
  }

  /// Dark on white, light on dark where a screen asks for it, and dashes where a printer has no colour.
  private static let style = """
    text { font-family: system-ui, sans-serif; font-size: 12px; fill: #333; }
    .paper { fill: #fff; }
    .title { font-size: 15px; font-weight: 600; fill: #111; }
    .name { fill: #555; }
    .tick { font-size: 11px; fill: #555; }
    polyline { fill: none; stroke-linejoin: round; stroke-linecap: round; }
    .grid { stroke: #e4e4e4; stroke-width: 1; }
    .axis { stroke: #888; stroke-width: 1; }
    .baseline { stroke: #999; stroke-width: 1; stroke-dasharray: 2 3; }
    .leader { stroke: #bbb; stroke-width: 1; }
    .baseline-label { font-size: 11px; fill: #666; }
    .training { stroke: #c77a1d; stroke-width: 1.25; }
    .training-dot { fill: #c77a1d; }
    .training-label { fill: #a86108; }
    .held { stroke: #1f5fa8; stroke-width: 2.25; }
    .held-dot { fill: #1f5fa8; }
    .held-label { fill: #1f5fa8; font-weight: 600; }
    @media screen and (prefers-color-scheme: dark) {
      text { fill: #ccc; } .paper { fill: #16181c; } .title { fill: #eee; } .name, .tick { fill: #aaa; }
      .grid, .leader { stroke: #2c3036; } .baseline-label { fill: #999; }
      .training { stroke: #e0a050; } .training-dot, .training-label { fill: #e0a050; }
      .held { stroke: #6aa9ee; } .held-dot, .held-label { fill: #6aa9ee; }
    }
    """
}
