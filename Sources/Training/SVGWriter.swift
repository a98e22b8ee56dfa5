// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

/// Puts a drawing in SVG together; lengths are in its own units, a CSS pixel each.
struct SVGWriter {
  /// The elements so far.
  private var elements = ""

  /// A line from point to point.
  mutating func line(_ points: [(x: Double, y: Double)], style: String) {
    let list = points.map { Self.number($0.x) + "," + Self.number($0.y) }.joined(separator: " ")
    add("polyline", ["class": style, "points": list])
  }

  /// A straight line.
  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, style: String) {
    line([(x1, y1), (x2, y2)], style: style)
  }

  /// A filled circle.
  mutating func dot(_ x: Double, _ y: Double, radius: Double, style: String) {
    add(
      "circle", ["class": style, "cx": Self.number(x), "cy": Self.number(y), "r": Self.number(radius)])
  }

  /// Text that begins, is centred, or ends at `x`, on the line `y`.
  mutating func text(
    _ text: String, _ x: Double, _ y: Double, anchor: String = "start", turned: Bool = false, style: String
  ) {
    var attributes = ["class": style, "text-anchor": anchor, "x": Self.number(x), "y": Self.number(y)]
    if turned { attributes["transform"] = "rotate(-90 \(Self.number(x)) \(Self.number(y)))" }
    add("text", attributes, Self.escaped(text))
  }

  /// A rectangle.
  mutating func rectangle(_ x: Double, _ y: Double, width: Double, height: Double, style: String) {
    add(
      "rect",
      [
        "class": style, "x": Self.number(x), "y": Self.number(y), "width": Self.number(width),
        "height": Self.number(height),
      ])
  }

  /// The whole file.
  func file(width: Double, height: Double, title: String, style: String) -> String {
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Self.number(width)) \(Self.number(height))" \
    width="\(Self.number(width))" height="\(Self.number(height))" role="img">
    <title>\(Self.escaped(title))</title>
    <style>
    \(style)
    </style>
    \(elements)</svg>

    """
  }

  private mutating func add(_ name: String, _ attributes: [String: String], _ content: String? = nil) {
    elements += "<\(name)"
    for (key, value) in attributes.sorted(by: { $0.key < $1.key }) { elements += " \(key)=\"\(value)\"" }
    elements += content.map { ">\($0)</\(name)>\n" } ?? "/>\n"
  }

  /// A tenth of a pixel is enough.
  private static func number(_ value: Double) -> String {
    let text = fixed(value, 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// Text as XML takes it: what XML has no way to write becomes U+FFFD.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "&": escaped += "&amp;"
      case "\"": escaped += "&quot;"
      case "\t", "\n", "\r": escaped += " "
      case "\0"..<" ", "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
