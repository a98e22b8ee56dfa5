// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CharLSTM
import CharText
import CommandSupport
import Training

extension TextUnit: ExpressibleByArgument {}
extension Objective: ExpressibleByArgument {}
extension OptimizerKind: ExpressibleByArgument {}
extension Recipe: ExpressibleByArgument {}
extension TrainingLog.Format: ExpressibleByArgument {}
extension Schedule: ExpressibleByArgument {}

/// What `--layers` takes: `128,64`.
struct LayerSizes: ExpressibleByArgument {
  let sizes: [Int]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard !parts.contains(nil), parts.allSatisfy({ $0! > 0 }) else { return nil }
    sizes = parts.compactMap { $0 }
  }
}

/// What `--precision` takes.
enum PrecisionChoice: String, ExpressibleByArgument, CaseIterable {
  case auto
  case fp32
  case bf16

  /// nil where the machine is to decide.
  var precision: Precision? { Precision(rawValue: rawValue) }
}

/// What `--separator` takes: text in which `\n`, `\t`, `\r`, `\\` and `\u{1F}` stand for what they do in a character set.
struct EscapedText: ExpressibleByArgument {
  let utf8: [UInt8]

  init?(argument: String) {
    var scalars = String.UnicodeScalarView()
    var rest = Substring(argument).unicodeScalars
    while let scalar = rest.popFirst() {
      if scalar != "\\" {
        scalars.append(scalar)
        continue
      }
      guard let escaped = Self.unescape(&rest) else { return nil }
      scalars.append(escaped)
    }
    if scalars.isEmpty { return nil }
    utf8 = Array(String(scalars).utf8)
  }

  /// The scalar that what follows a backslash stands for; nil if that is no escape.
  private static func unescape(_ rest: inout Substring.UnicodeScalarView) -> Unicode.Scalar? {
    switch rest.popFirst() {
    case "n": return "\n"
    case "t": return "\t"
    case "r": return "\r"
    case "\\": return "\\"
    case "u":
      guard rest.popFirst() == "{", let end = rest.firstIndex(of: "}") else { return nil }
      let digits = String(rest[..<end])
      rest = rest[rest.index(after: end)...]
      guard digits.allSatisfy(\.isHexDigit) else { return nil }
      return UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init)
    default: return nil
    }
  }
}
