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

  /// Moves labels apart, in groups that are centred on what they name as far as the range lets them.
  static func spread(_ labels: [Label], within range: ClosedRange<Double>) -> [Label] {
    struct Group {
      let labels: [Label]
      /// The heights of the first and the last label.
      let first: Double
      let last: Double

      init(_ labels: [Label], _ range: ClosedRange<Double>) {
        self.labels = labels
        let half = Double(labels.count - 1) * PlotLabels.spacing / 2
        let centre = labels.reduce(0) { $0 + $1.named } / Double(labels.count)
        first = max(range.lowerBound + half, min(range.upperBound - half, centre)) - half
        last = first + 2 * half
      }
    }
    var groups: [Group] = []
    for label in labels.sorted(by: { $0.named < $1.named }) {
      var group = Group([label], range)
      while let upper = groups.last, group.first - upper.last < spacing {
        groups.removeLast()
        group = Group(upper.labels + group.labels, range)
      }
      groups.append(group)
    }
    return groups.flatMap { group in
      group.labels.enumerated().map { index, label in
        var label = label
        label.place = group.first + Double(index) * spacing
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
