// SPDX-License-Identifier: GPL-3.0-or-later

/// Labels in one column, each as near to what it names as the others let it.
enum PlotLabels {
  struct Label: Equatable {
    var text: String
    /// The height of what it names.
    var named: Double
    var style: String
    /// Its own height.
    var place: Double

    init(text: String, named: Double, style: String) {
      (self.text, self.named, self.style, place) = (text, named, style, named)
    }
  }

  /// Less would let two lines of text touch.
  static let spacing = 15.0

  /// Moves labels apart, in groups that stay centred on what they name, and into the range.
  static func spread(_ labels: [Label], within range: ClosedRange<Double>) -> [Label] {
    struct Group {
      var labels: [Label]
      var centre: Double
      var height: Double { Double(labels.count) * PlotLabels.spacing }
    }
    var groups: [Group] = []
    for label in labels.sorted(by: { $0.place < $1.place }) {
      groups.append(Group(labels: [label], centre: label.place))
      while groups.count > 1 {
        let (upper, lower) = (groups[groups.count - 2], groups[groups.count - 1])
        if lower.centre - upper.centre >= (lower.height + upper.height) / 2 { break }
        let count = Double(upper.labels.count + lower.labels.count)
        groups.removeLast(2)
        let members = upper.labels + lower.labels
        groups.append(
          Group(labels: members, centre: members.reduce(0) { $0 + $1.place } / count))
      }
    }
    return groups.flatMap { group in
      let half = (group.height - spacing) / 2
      let centre = max(range.lowerBound + half, min(range.upperBound - half, group.centre))
      return group.labels.enumerated().map { index, label in
        var label = label
        label.place = centre - half + Double(index) * spacing
        return label
      }
    }
  }
}

/// Keeps curves in their frame.
enum PlotClipping {
  /// The part of a line that is not above `top`; where it enters, it begins at the edge.
  static func below(_ points: [(x: Double, y: Double)], top: Double) -> [(x: Double, y: Double)] {
    var kept: [(x: Double, y: Double)] = []
    for (index, point) in points.enumerated() {
      if point.y < top {
        // What leaves the frame again is drawn along its edge.
        if !kept.isEmpty { kept.append((point.x, top)) }
        continue
      }
      if kept.isEmpty, index > 0 {
        let before = points[index - 1]
        let part = (top - before.y) / (point.y - before.y)
        kept.append((before.x + part * (point.x - before.x), top))
      }
      kept.append(point)
    }
    return kept
  }
}
