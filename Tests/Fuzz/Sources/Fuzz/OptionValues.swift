// SPDX-License-Identifier: GPL-3.0-or-later
import CharText
import CommandSupport

@testable import charmodel
@testable import charsample
@testable import charscore
@testable import chartrain

/// One option's value: the first byte says of which type, the rest is what was typed.
///
/// What is taken must be what the type promises; to refuse is always right.
func readOptionValue(_ bytes: UnsafeRawBufferPointer) {
  guard let kind = bytes.first else { return }
  let typed = String(decoding: bytes.dropFirst(), as: UTF8.self)
  switch kind % 13 {
  case 0:
    guard let layers = LayerSizes(argument: typed) else { return }
    precondition(!layers.sizes.isEmpty && layers.sizes.allSatisfy { $0 > 0 })
  case 1:
    guard let span = TimeSpan(argument: typed) else { return }
    precondition(span.seconds > 0)
  case 2:
    switch CheckpointSpacing(argument: typed)?.interval {
    case .updates(let count): precondition(count > 0)
    case .seconds(let seconds): precondition(seconds > 0 && seconds.isFinite)
    case nil: break
    }
  case 3:
    guard let text = EscapedText(argument: typed) else { return }
    precondition(!text.utf8.isEmpty)
    precondition((try? Escapes.decode(Escapes.encode(text.utf8), source: "input")) == text.utf8)
  case 4:
    guard let length = Length(argument: typed) else { return }
    precondition(length.count ?? 0 >= 0)
  case 5:
    guard let choice = ModelChoice(argument: typed) else { return }
    precondition(!choice.model.isEmpty && choice.weight > 0 && choice.weight.isFinite)
  case 6:
    cutFields(typed)
  case 7:
    guard let delimiter = Delimiter(argument: typed) else { return }
    precondition(typed == "\\t" || Array(typed.utf8) == [delimiter.byte])
    _ = delimiter.defaultValueDescription
  case 8:
    guard let weights = Weights(argument: typed) else { return }
    precondition(weights.values.contains { $0 > 0 } && weights.values.allSatisfy { $0 >= 0 && $0.isFinite })
  case 9:
    guard let temperatures = Temperatures(argument: typed) else { return }
    precondition(temperatures.values.allSatisfy { (0...100).contains($0) })
    precondition(Temperatures(argument: temperatures.defaultValueDescription) == temperatures)
  case 10:
    for size in [
      NetworkSize(argument: typed)?.layerSizes ?? [1], PrecisionChoice(argument: typed) == nil ? [1] : [2],
    ] {
      precondition(size[0] > 0)
    }
  case 11:
    // As it is typed in a seed, and what a terminal would be shown of it in a message.
    _ = try? Escapes.decode(Array(bytes.dropFirst()), source: "input", line: 1)
    let shown = escapingControls(typed)
    precondition(shown.unicodeScalars.allSatisfy { isHarmless($0) })
  default:
    // In pieces as in whole.
    var escaper = ControlEscaper()
    let cut = min(bytes.count - 1, Int(kind) / 13)
    let shown =
      escaper.escape(bytes.dropFirst().prefix(cut)) + escaper.escape(bytes.dropFirst().dropFirst(cut))
    var whole = ControlEscaper()
    precondition(shown + escaper.finish() == whole.escape(bytes.dropFirst()) + whole.finish())
  }
}

/// Whether a terminal prints it, or moves on to the next line or tab stop.
func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x09, 0x0A: true
  case 0..<0x20, 0x7F..<0xA0: false
  default: true
  }
}

/// What stands before a line break are fields, what comes after it the record they are cut from.
private func cutFields(_ typed: String) {
  let parts = typed.split(separator: "\n", maxSplits: 1)
  guard let first = parts.first, let fields = FieldRange(argument: String(first)) else { return }
  precondition(fields.first > 0 && fields.last ?? .max >= fields.first)
  let record = Array(parts.dropFirst().joined().utf8)
  var whole = FieldCutter(fields, delimiter: 0x2C)
  let cut = record[whole.cut(record)]
  var bitwise = FieldCutter(fields, delimiter: 0x2C)
  precondition(cut.elementsEqual(record.flatMap { byte in [byte][bitwise.cut([byte])] }))
}
