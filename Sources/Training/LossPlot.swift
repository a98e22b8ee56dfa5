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
  private static let (left, curveEnd, right) = (64.0, 560.0, 696.0)
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
    let late = history.training.filter { $0.fraction > 0.05 * (history.last?.fraction ?? 1) }
    let seen = (late + history.heldOut).map(\.nats)
    let (low, high) = (seen.min() ?? 0, seen.max() ?? 1)
    // A model that has learned more than an n-gram model is worth showing beside it.
    let near = baselines.map(\.nats).filter { $0 > low - 0.5 && $0 < high + 0.25 }
    let (bottom, top) = (min(low, near.min() ?? low), max(high, near.max() ?? high))
    let margin = max(0.06 * (top - bottom), 0.02)
    return max(0, bottom - margin)...top + margin
  }

  private func draw(
    _ svg: inout SVGWriter, top: Double, nats: ClosedRange<Double>, name: String, label: (Double) -> String,
    _ value: (LossHistory.Moment) -> Double
  ) {
    let bottom = top + Self.panelHeight
    let x = Self.horizontal(history, value)
    let y = PlotScale(nats, from: bottom, to: top)

    let ticks = y.ticks(atMost: 7)
    let decimals =
      ticks.map { PlotScale.short($0).split(separator: ".").dropFirst().first?.count ?? 0 }.max() ?? 0
    for tick in ticks {
      svg.line(Self.left, y[tick], Self.right, y[tick], style: "grid")
      svg.text(fixed(tick, decimals), Self.left - 8, y[tick] + 4, anchor: "end", style: "tick")
    }
    let bits = PlotScale(
      nats.lowerBound * Score.bitsPerNat...nats.upperBound * Score.bitsPerNat, from: bottom, to: top)
    for tick in bits.ticks(atMost: 7) {
      svg.line(Self.right, bits[tick], Self.right + 5, bits[tick], style: "axis")
      svg.text(PlotScale.short(tick), Self.right + 9, bits[tick] + 4, style: "tick")
    }
    for tick in x.ticks(atMost: 9) {
      svg.line(x[tick], bottom, x[tick], bottom + 5, style: "axis")
      svg.text(label(tick), x[tick], bottom + 19, anchor: "middle", style: "tick")
    }
    svg.line(Self.left, bottom, Self.right, bottom, style: "axis")
    svg.line(Self.right, top, Self.right, bottom, style: "axis")
    svg.text(name, (Self.left + Self.curveEnd) / 2, bottom + 38, anchor: "middle", style: "name")
    svg.text("nats per character", 18, (top + bottom) / 2, anchor: "middle", turned: true, style: "name")
    svg.text(
      "bits per character", Self.width - 10, (top + bottom) / 2, anchor: "middle", turned: true, style: "name"
    )

    var labels: [PlotLabels.Label] = []
    for row in baselines where nats.contains(row.nats) {
      svg.line(Self.left, y[row.nats], Self.curveEnd, y[row.nats], style: "baseline")
      labels.append(
        .init(text: "\(row.name) \(fixed(row.nats, 3))", place: y[row.nats], style: "baseline-label"))
    }
    for (moments, name, style) in [
      (history.training, "training", "training"), (history.heldOut, "held out", "held"),
    ] {
      var moments = moments
      if style == "training", let last = history.last, last != moments.last { moments.append(last) }
      guard let end = moments.last else { continue }
      if x.isLogarithmic { moments.removeAll { value($0) < x.values.lowerBound } }
      let points = PlotClipping.below(moments.map { (x[value($0)], y[$0.nats]) }, top: top)
      if points.count > 1 { svg.line(points, style: style) }
      if style == "held" && points.count <= 60 || points.count == 1 {
        for point in points { svg.dot(point.x, point.y, radius: 2.5, style: style + "-dot") }
      }
      labels.append(.init(text: "\(name) \(fixed(end.nats, 3))", place: y[end.nats], style: style + "-label"))
    }
    for label in PlotLabels.spread(labels, within: top...bottom) {
      svg.text(label.text, Self.curveEnd + 8, label.place + 4, style: label.style)
    }
  }

  /// Time or characters: by factors where the first moments would else all stand at the left edge.
  private static func horizontal(_ history: LossHistory, _ value: (LossHistory.Moment) -> Double) -> PlotScale
  {
    let values = (history.training + history.heldOut + (history.last.map { [$0] } ?? [])).map(value)
      .filter { $0 > 0 && $0.isFinite }
    let (low, high) = (values.min() ?? 1, values.max() ?? 1)
    if values.count >= 10, high > 50 * low {
      // The first hundredth of the run says little, and a thousandth of it nothing.
      return PlotScale(max(low, high / 500)...high, isLogarithmic: true, from: left, to: curveEnd)
    }
    return PlotScale(0...high, from: left, to: curveEnd)
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
    .baseline { stroke: #888; stroke-width: 1; stroke-dasharray: 1 4; }
    .baseline-label { font-size: 11px; fill: #666; }
    .training { stroke: #c77a1d; stroke-width: 1.25; }
    .training-dot { fill: #c77a1d; }
    .training-label { fill: #a86108; }
    .held { stroke: #1f5fa8; stroke-width: 2.25; }
    .held-dot { fill: #1f5fa8; }
    .held-label { fill: #1f5fa8; font-weight: 600; }
    @media screen and (prefers-color-scheme: dark) {
      text { fill: #ccc; } .paper { fill: #16181c; } .title { fill: #eee; } .name, .tick { fill: #aaa; }
      .grid { stroke: #2c3036; } .baseline-label { fill: #999; }
      .training { stroke: #e0a050; } .training-dot, .training-label { fill: #e0a050; }
      .held { stroke: #6aa9ee; } .held-dot, .held-label { fill: #6aa9ee; }
    }
    """
}
